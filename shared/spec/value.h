#ifndef BF_SPEC_VALUE_H
#define BF_SPEC_VALUE_H

#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"
#include "yaml/value.h"

/**
 * What interpolation adds to values (yaml/value.h): run-time references, and the chains that led
 * to a value.
 */

/** ${param:NAME} ${step:STEP.WHAT} ${report:STEP.REPORT.PATH} ${execution:WHAT} */
enum bf_reference_kind { BF_REF_PARAM, BF_REF_STEP, BF_REF_REPORT, BF_REF_EXECUTION };

/**
 * A link of the chain that leads from an interpolation to the text its value came from. The
 * first link is the node that the interpolation read; the last one holds the text.
 */
struct bf_link {
    const struct bf_link *next;
    struct bf_loc loc; /* where that node's text is written */
    struct bf_sv path; /* its dotted path, "variables.images.xgboost" */
};

struct bf_reference {
    enum bf_reference_kind kind;
    struct bf_sv argument;       /* behind the colon, quotes taken off, keys from the file put in */
    struct bf_loc loc;           /* of the "${" at the place where the reference ends up */
    const struct bf_link *chain; /* NULL: the reference is written there */
};

/** One piece of a joined text: a reference, or literal text (never empty) when ref is NULL. */
struct bf_part {
    const struct bf_reference *ref;
    struct bf_sv text;
};

/** The value, or one in it, could not be computed. */
bool bf_value_holds_error(const struct bf_value *value);

/** Add the chain of ${value} to ${diag} as notes, "the value comes from 'variables.image'". */
void bf_value_note_chain(struct bf_diags *diags, struct bf_diag *diag,
                         const struct bf_value *value);

#endif /* BF_SPEC_VALUE_H */

#ifndef BF_SPEC_VALUE_H
#define BF_SPEC_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * A configuration value after merging and interpolation: what the field table
 * looks at. Interpolation (spec/document.h) makes these; nothing changes them
 * afterwards. Run-time references are opaque here: their argument is text.
 *
 * Values are shared: what ${variables.map} reads is the same items as in the
 * variable. A tree may be walked as if it were one (its expanded size is bounded,
 * see document.h), but pointers do not tell places apart; loc does.
 */
enum bf_value_kind {
    BF_VALUE_NULL,
    BF_VALUE_BOOL,
    BF_VALUE_INT,
    BF_VALUE_FLOAT,
    BF_VALUE_STRING,
    BF_VALUE_REFERENCE, /* the whole value is one run-time reference */
    BF_VALUE_JOINED,    /* text with run-time references in it */
    BF_VALUE_LIST,
    BF_VALUE_MAP,
    /*
     * The value could not be computed and a diagnostic has said so. Whoever meets it treats the
     * field as written and correct, and says nothing more.
     */
    BF_VALUE_ERROR,
};

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

struct bf_value;

struct bf_pair {
    struct bf_sv key;
    struct bf_loc key_loc; /* in the layer that gave the value; of merged maps: in the lowest one */
    const struct bf_value *value;
};

struct bf_value {
    enum bf_value_kind kind;
    uint32_t size; /* values in this tree, itself included, shared ones as often as they are met */
    /*
     * Where the value is written: the first character of its text. Where all of the text is one
     * interpolation: its "${" in the place where it is used (the chain leads to the text it came
     * from). Of a map or list in block style this is the first key or dash; messages about a whole
     * map or list point at key_loc of the pair that holds it.
     */
    struct bf_loc loc;
    const struct bf_link *chain; /* NULL: written where it stands */
    struct bf_sv text;           /* STRING; numbers as written; "true"/"false"; NULL: "null" */
    int64_t integer;             /* INT */
    double number;               /* INT and FLOAT */
    size_t count;                /* items, pairs or parts */
    union {
        const struct bf_value *const *items; /* LIST */
        const struct bf_pair *pairs;         /* MAP */
        const struct bf_part *parts; /* REFERENCE: exactly one; JOINED: two or more, or one */
    };
    bool boolean;
    bool wide; /* an INT beyond int64: only text counts */
};

/** The value of ${key}, or NULL: no such key, or ${map} is NULL or no map. */
const struct bf_value *bf_value_get(const struct bf_value *map, struct bf_sv key);

/** The pair of ${key}, or NULL: for the place of the key. */
const struct bf_pair *bf_value_pair(const struct bf_value *map, struct bf_sv key);

/** The value, or one in it, could not be computed. */
bool bf_value_holds_error(const struct bf_value *value);

/** "a string", "a list", "null", "a run-time reference": for messages. NULL is "nothing". */
const char *bf_value_kind_name(const struct bf_value *value);

/** Add the chain of ${value} to ${diag} as notes, "the value comes from 'variables.image'". */
void bf_value_note_chain(struct bf_diags *diags, struct bf_diag *diag,
                         const struct bf_value *value);

#endif /* BF_SPEC_VALUE_H */

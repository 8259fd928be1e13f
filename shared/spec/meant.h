#ifndef BF_SPEC_MEANT_H
#define BF_SPEC_MEANT_H

#include <stdbool.h>

#include "spec/spec.h"

struct bf_field;

/**
 * Inside shared/spec: what a key that is no field was probably meant to be. The key is reported
 * once, with that field as the hint; what would only follow from it (the field is missing, nobody
 * declares the parameter) is not.
 */

/**
 * The field of ${fields} whose name is nearest to ${key}, or differs from it in two neighbours that
 * have changed places or in capitals, - and _; or that is called so in the API or by other tools.
 * NULL: none.
 */
const struct bf_field *bf_field_meant(const struct bf_field *fields, struct bf_sv key,
                                      enum bf_step_kind kind);

/**
 * The field of ${fields} that holds the field ${key}, or the one that ${key} means: *inner. NULL:
 * none.
 */
const struct bf_field *bf_field_around(const struct bf_field *fields, struct bf_sv key,
                                       enum bf_step_kind kind, const struct bf_field **inner);

/** Whether one of the first unknown keys of ${map} (NULL, or no map: false) means field ${name}, or
 *  is one inside of it. */
bool bf_field_is_misspelt(const struct bf_field *fields, const struct bf_value *map,
                          const char *name, enum bf_step_kind kind);

/** The field of a pipeline file that ${key} means and is not; NULL: it is one, or means none. */
const char *bf_top_meant(struct bf_sv key);

/** Whether ${key} is no field of a schedule or trigger, and means their "parameters". */
bool bf_run_time_meant(struct bf_sv key);

/** Whether ${key} is a field of a pipeline file that may not differ between environments. */
bool bf_top_is_base_only(struct bf_sv key);

/** The hint where ${value} stands and a map of names belongs: for a list. (hints.c) */
void bf_hint_named(struct bf_diags *diags, struct bf_diag *diag, const struct bf_value *value);

#endif /* BF_SPEC_MEANT_H */

#ifndef BF_SPEC_VALUE_PRINT_H
#define BF_SPEC_VALUE_PRINT_H

#include "base/buf.h"
#include "spec/value.h"

/**
 * Values as text. Run-time references print as the expressions of a pipeline definition that they
 * stand for, {"Get": "Parameters.x"}; a step's path, which depends on the type of the step, as it
 * is written: {"Get": "Steps.train.model"}.
 */

/** bf_number_text() of a number, but a whole FLOAT keeps a ".0" that tells it from an INT. */
struct bf_sv bf_value_number(struct bf_arena *arena, const struct bf_value *value);

/** Indented JSON, ending in a line end. ".inf" and ".nan", which JSON lacks, become strings. */
void bf_value_print_json(struct bf_buf *out, const struct bf_value *value);

/** JSON without blanks: what a digest is taken of, and the text of a dataset's format. */
void bf_value_print_compact(struct bf_buf *out, const struct bf_value *value);

/**
 * YAML in block style that loads to the same value: references print as they are written,
 * "${param:x}", and a literal "${" as "\${".
 */
void bf_value_print_yaml(struct bf_buf *out, const struct bf_value *value);

/** "${report:\"evaluate.metrics.rows[0]\"}": a reference as it may be written. */
void bf_reference_print(struct bf_buf *out, const struct bf_reference *ref);

#endif /* BF_SPEC_VALUE_PRINT_H */

#ifndef BF_SPEC_RUNTIME_TEXT_H
#define BF_SPEC_RUNTIME_TEXT_H

#include "expression/expression.h"
#include "spec/check.h"

/** Inside shared/spec: what reading run-time text and trying it have in common (runtime_text.c). */

/** schedule.expression: ${error} of the text of ${argument}, at its column there. */
void bf_expression_error(struct bf_check *check, const struct bf_argument *argument,
                         const struct bf_expr_error *error);

/** schedule.parameter_type where ${text}, the value of ${argument}, cannot be its parameter's. */
void bf_check_argument_type(struct bf_check *check, const struct bf_argument *argument,
                            struct bf_sv text);

/** The argument of that name, or NULL. */
const struct bf_argument *bf_argument_find(const struct bf_arguments *arguments, struct bf_sv name);

#endif /* BF_SPEC_RUNTIME_TEXT_H */

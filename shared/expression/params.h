#ifndef BF_EXPRESSION_PARAMS_H
#define BF_EXPRESSION_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"
#include "expression/expression.h"
#include "json/json.h"

/**
 * All parameters of one run together: each may read others by ${param:NAME}, so they are computed
 * in the order of need. Used by the run itself, the preview and the check, so that they agree.
 */
struct bf_param_text {
    struct bf_sv name;
    struct bf_sv text;  /* run-time text */
    struct bf_sv value; /* out */
};

enum { BF_PARAMS_MAX = 200 }; /* SageMaker takes no more */

struct bf_params_error {
    struct bf_sv name; /* the parameter it is about */
    bool cycle;        /* it needs itself; error.message names the chain "a -> b -> a" */
    struct bf_expr_error error;
};

/**
 * Fill in every .value. ${context} is as for bf_expr_eval; its member "param" (made when it is not
 * there) holds the defaults of the pipeline's parameters and receives the computed values. A
 * parameter that is computed hides its default. false: *error says which and why; a cycle comes as
 * BF_EXPR_UNKNOWN_VARIABLE.
 */
BF_NODISCARD bool bf_params_eval(struct bf_arena *arena, struct bf_param_text *params, size_t count,
                                 bf_json *context, struct bf_params_error *error);

/** The same with the calendar at hand, see bf_expr_eval_on(). */
BF_NODISCARD bool bf_params_eval_on(struct bf_arena *arena, struct bf_param_text *params,
                                    size_t count, bf_json *context,
                                    const struct bf_calendar *calendar,
                                    struct bf_params_error *error);

/**
 * The look-ups that the run needs, each key once, of every parameter. A look-up argument may read
 * other parameters; those are evaluated for it when they need no look-up themselves.
 */
struct bf_lookups bf_params_lookups(struct bf_arena *arena, const struct bf_param_text *params,
                                    size_t count, const bf_json *context);

#endif /* BF_EXPRESSION_PARAMS_H */

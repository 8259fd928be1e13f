#ifndef BF_EXPRESSION_EVAL_H
#define BF_EXPRESSION_EVAL_H

#include "expression/dates.h"
#include "expression/tree.h"
#include "time/calendar.h"
#include "time/zone.h"

/* One evaluation: the context, what was read out of it so far, and the bound on its work. */

struct bf_known_zone {
    struct bf_known_zone *next;
    const struct bf_zone *zone;
};

struct bf_eval {
    struct bf_arena *arena;
    const bf_json *context;
    struct bf_expr_error *error;
    size_t at;     /* where the error is, as a byte offset */
    size_t budget; /* bytes that all values on the way may still take */
    struct bf_known_zone *zones;
    bool has_calendar;
    struct bf_calendar calendar;
};

enum { BF_EVAL_BUDGET = 1 << 20 };

/** The value of a list of pieces. */
enum bf_expr_kind bf_eval_list(struct bf_eval *ev, const struct bf_expr_node *node,
                               struct bf_sv *out);

/** The value of an argument, checked for its role. */
enum bf_expr_kind bf_eval_arg(struct bf_eval *ev, const struct bf_expr_node *call, size_t index,
                              struct bf_sv *out);

/** The date resolvers. ${args} are the evaluated arguments of the call. */
enum bf_expr_kind bf_eval_dates(struct bf_eval *ev, const struct bf_expr_node *call,
                                enum bf_resolver_id id, const struct bf_sv *args,
                                struct bf_sv *out);

/** The key of a look-up's answer. */
struct bf_sv bf_lookup_key(struct bf_arena *arena, struct bf_sv resolver, const struct bf_sv *args,
                           size_t count);

/** Read the calendar of the context, if there is one. */
enum bf_expr_kind bf_eval_calendar(struct bf_eval *ev);

#endif /* BF_EXPRESSION_EVAL_H */

#include "expression/params.h"

#include "base/buf.h"

enum state { FRESH, OPEN, DONE };

struct item {
    const struct bf_expr *expr; /* NULL: its text does not parse */
    struct bf_expr_error error; /* of the parse */
    struct bf_expr_uses uses;
    enum state state;
};

struct plan {
    struct bf_arena *arena;
    const struct bf_param_text *params;
    size_t count;
    struct item *items;
    size_t *order; /* indexes, those needed by others first */
    size_t ordered;
    size_t *chain; /* those that are open, for the message about a cycle */
    size_t open;
};

static size_t index_of(const struct plan *plan, struct bf_sv name)
{
    size_t i = 0;

    while (i < plan->count && !bf_sv_eq(plan->params[i].name, name)) {
        i++;
    }
    return i;
}

static void tell_cycle(struct plan *plan, size_t index, struct bf_params_error *error)
{
    struct bf_buf chain = bf_buf_new(plan->arena, 512);
    size_t from = 0;

    while (plan->chain[from] != index) {
        from++;
    }
    for (; from < plan->open; from++) {
        bf_buf_printf(&chain, BF_SV_FMT " -> ", BF_SV_ARG(plan->params[plan->chain[from]].name));
    }
    *error = (struct bf_params_error){.name = plan->params[index].name, .cycle = true};
    error->error.kind = BF_EXPR_UNKNOWN_VARIABLE;
    error->error.column = 1;
    error->error.message =
        bf_sv_printf(plan->arena, "parameters that need each other: " BF_SV_FMT BF_SV_FMT,
                     BF_SV_ARG(bf_buf_sv(&chain)), BF_SV_ARG(plan->params[index].name));
}

/* NOLINTNEXTLINE(misc-no-recursion): at most BF_PARAMS_MAX deep */
static bool visit(struct plan *plan, size_t index, struct bf_params_error *error)
{
    struct item *item = &plan->items[index];

    if (item->state == OPEN) {
        tell_cycle(plan, index, error);
        return false;
    }
    if (item->state == DONE) {
        return true;
    }
    item->state = OPEN;
    plan->chain[plan->open++] = index;
    for (size_t i = 0; i < item->uses.count; i++) {
        size_t needed = index_of(plan, item->uses.items[i].name);
        if (needed < plan->count && !visit(plan, needed, error)) {
            return false;
        }
    }
    plan->open--;
    item->state = DONE;
    plan->order[plan->ordered++] = index;
    return true;
}

static bool make_plan(struct bf_arena *arena, const struct bf_param_text *params, size_t count,
                      struct plan *plan, struct bf_params_error *error)
{
    *plan = (struct plan){
        .arena = arena,
        .params = params,
        .count = count,
        .items = BF_NEW_N(arena, struct item, count + 1),
        .order = BF_NEW_N(arena, size_t, count + 1),
        .chain = BF_NEW_N(arena, size_t, count + 1),
    };
    if (count > BF_PARAMS_MAX) {
        error->error.column = 1;
        error->error.kind = BF_EXPR_TOO_LONG;
        error->error.message =
            bf_sv_printf(arena, "%zu parameters; SageMaker takes at most %d", count, BF_PARAMS_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct item *item = &plan->items[i];
        if (bf_expr_parse(arena, params[i].text, &item->expr, &item->error) == BF_EXPR_OK) {
            item->uses = bf_expr_params(arena, item->expr);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!visit(plan, i, error)) {
            return false;
        }
    }
    return true;
}

static bf_json *params_of(bf_json *context)
{
    bf_json *found = bf_json_get(context, "param");

    if (bf_json_kind(found) == BF_JSON_OBJECT) {
        return found;
    }
    bf_json_remove(context, "param");
    return bf_json_add_object(context, "param");
}

bool bf_params_eval(struct bf_arena *arena, struct bf_param_text *params, size_t count,
                    bf_json *context, struct bf_params_error *error)
{
    return bf_params_eval_on(arena, params, count, context, NULL, error);
}

bool bf_params_eval_on(struct bf_arena *arena, struct bf_param_text *params, size_t count,
                       bf_json *context, const struct bf_calendar *calendar,
                       struct bf_params_error *error)
{
    struct plan plan;

    *error = (struct bf_params_error){0};
    if (!make_plan(arena, params, count, &plan, error)) {
        return false;
    }
    bf_json *values = params_of(context);
    for (size_t i = 0; i < count; i++) {
        struct bf_param_text *param = &params[plan.order[i]];
        const struct item *item = &plan.items[plan.order[i]];
        error->name = param->name;
        error->error = item->error;
        if (item->expr == NULL || bf_expr_eval_on(arena, item->expr, context, calendar,
                                                  &param->value, &error->error) != BF_EXPR_OK) {
            return false;
        }
        const char *name = bf_sv_z(arena, param->name);
        bf_json_remove(values, name);
        (void)bf_json_add_str(values, name, param->value);
    }
    return true;
}

static void add_lookups(struct bf_arena *arena, struct bf_lookups more, struct bf_lookup **all,
                        size_t *count, size_t *cap)
{
    for (size_t i = 0; i < more.count; i++) {
        size_t at = 0;
        while (at < *count && !bf_sv_eq((*all)[at].key, more.items[i].key)) {
            at++;
        }
        if (at == *count) {
            *all = bf_arena_grow(arena, *all, *count, cap, sizeof(**all));
            (*all)[(*count)++] = more.items[i];
        }
    }
}

struct bf_lookups bf_params_lookups(struct bf_arena *arena, const struct bf_param_text *params,
                                    size_t count, const bf_json *context)
{
    bf_json *holder = bf_json_new_object(arena);
    bf_json *scratch = bf_json_add_copy(holder, "context", context);
    bf_json *values = params_of(scratch);
    struct bf_params_error error = {0};
    struct bf_lookup *all = NULL;
    size_t found = 0;
    size_t cap = 0;
    struct plan plan;

    if (!make_plan(arena, params, count, &plan, &error)) {
        return (struct bf_lookups){0};
    }
    for (size_t i = 0; i < count; i++) {
        const struct bf_param_text *param = &params[plan.order[i]];
        const struct bf_expr *expr = plan.items[plan.order[i]].expr;
        const char *name = bf_sv_z(arena, param->name);
        struct bf_sv value;
        bf_json_remove(values, name); /* a value that is not known yet is not its default */
        if (expr == NULL) {
            continue;
        }
        add_lookups(arena, bf_expr_lookups(arena, expr, scratch), &all, &found, &cap);
        if (bf_expr_eval(arena, expr, scratch, &value, &error.error) == BF_EXPR_OK) {
            (void)bf_json_add_str(values, name, value);
        }
    }
    return (struct bf_lookups){all, found};
}

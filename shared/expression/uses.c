/* What an expression needs from outside: names it reads and look-ups it makes. */
#include "expression/eval.h"
#include "expression/expression.h"
#include "expression/tree.h"

struct walk {
    struct bf_arena *arena;
    const struct bf_expr *expr;
    bool params; /* else variables */
    struct bf_expr_use *uses;
    size_t count, cap;
};

static void add_use(struct walk *w, const struct bf_expr_node *node, struct bf_sv name)
{
    w->uses = bf_arena_grow(w->arena, w->uses, w->count, &w->cap, sizeof(*w->uses));
    w->uses[w->count++] =
        (struct bf_expr_use){.name = name, .column = bf_expr_column(w->expr->text, node->at)};
}

/* NOLINTNEXTLINE(misc-no-recursion): the parser allows BF_EXPR_DEPTH_MAX levels */
static void walk_uses(struct walk *w, const struct bf_expr_node *node)
{
    for (; node != NULL; node = node->next) {
        struct bf_sv name;
        if (node->kind == BF_NODE_VARIABLE && !w->params) {
            add_use(w, node, node->text);
        }
        if (node->kind != BF_NODE_CALL) {
            continue;
        }
        if (w->params && bf_sv_is(node->text, "param") && node->arg_count == 1 &&
            bf_arg_literal(&node->args[0], &name)) {
            add_use(w, node, name);
        }
        for (size_t i = 0; i < node->arg_count; i++) {
            walk_uses(w, node->args[i].first);
        }
    }
}

struct bf_expr_uses bf_expr_params(struct bf_arena *arena, const struct bf_expr *expr)
{
    struct walk w = {.arena = arena, .expr = expr, .params = true};

    walk_uses(&w, expr->first);
    return (struct bf_expr_uses){w.uses, w.count};
}

struct bf_expr_uses bf_expr_variables(struct bf_arena *arena, const struct bf_expr *expr)
{
    struct walk w = {.arena = arena, .expr = expr};

    walk_uses(&w, expr->first);
    return (struct bf_expr_uses){w.uses, w.count};
}

struct collect {
    struct bf_eval ev;
    struct bf_lookup *lookups;
    size_t count, cap;
};

static bool is_known(const struct collect *c, struct bf_sv key)
{
    for (size_t i = 0; i < c->count; i++) {
        if (bf_sv_eq(c->lookups[i].key, key)) {
            return true;
        }
    }
    return false;
}

static void add_lookup(struct collect *c, const struct bf_expr_node *call,
                       const struct bf_resolver *resolver)
{
    struct bf_sv args[2] = {{0}, resolver->status};

    if (call->arg_count < resolver->min || call->arg_count > resolver->max) {
        return;
    }
    for (size_t i = 0; i < call->arg_count; i++) {
        if (bf_eval_arg(&c->ev, call, i, &args[i]) != BF_EXPR_OK) {
            return;
        }
    }
    struct bf_lookup lookup = {
        .key = bf_lookup_key(c->ev.arena, resolver->name, args, call->arg_count),
        .kind = resolver->lookup,
        .subject = args[0],
        .qualifier = args[1],
    };
    if (!is_known(c, lookup.key)) {
        c->lookups = bf_arena_grow(c->ev.arena, c->lookups, c->count, &c->cap, sizeof(lookup));
        c->lookups[c->count++] = lookup;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): the parser allows BF_EXPR_DEPTH_MAX levels */
static void walk_lookups(struct collect *c, const struct bf_expr_node *node)
{
    for (; node != NULL; node = node->next) {
        if (node->kind != BF_NODE_CALL) {
            continue;
        }
        const struct bf_resolver *resolver = bf_resolver_find(node->text);
        if (resolver != NULL && resolver->id == BF_RESOLVE_LOOKUP) {
            add_lookup(c, node, resolver);
            continue;
        }
        for (size_t i = 0; i < node->arg_count; i++) {
            walk_lookups(c, node->args[i].first);
        }
    }
}

struct bf_lookups bf_expr_lookups(struct bf_arena *arena, const struct bf_expr *expr,
                                  const bf_json *context)
{
    struct bf_expr_error error = {0};
    struct collect c = {
        .ev = {.arena = arena, .context = context, .error = &error, .budget = BF_EVAL_BUDGET}};

    walk_lookups(&c, expr->first);
    return (struct bf_lookups){c.lookups, c.count};
}

/* NOLINTNEXTLINE(misc-no-recursion): the parser allows BF_EXPR_DEPTH_MAX levels */
static bool has_lookup(const struct bf_expr_node *node)
{
    bool found = false;

    for (; node != NULL && !found; node = node->next) {
        if (node->kind != BF_NODE_CALL) {
            continue;
        }
        const struct bf_resolver *resolver = bf_resolver_find(node->text);
        found = resolver != NULL && resolver->id == BF_RESOLVE_LOOKUP;
        for (size_t i = 0; i < node->arg_count && !found; i++) {
            found = has_lookup(node->args[i].first);
        }
    }
    return found;
}

bool bf_expr_has_lookup(const struct bf_expr *expr)
{
    return has_lookup(expr->first);
}

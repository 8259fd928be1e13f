/* The table of resolvers, and what can be known about an expression without a context. */
#include "base/utf8.h"
#include "expression/dates.h"
#include "expression/ere.h"
#include "expression/tree.h"

static const struct bf_resolver resolvers[] = {
    {.name = {"add", 3},
     .id = BF_RESOLVE_ADD,
     .min = 2,
     .max = 2,
     .roles = {BF_ROLE_INTEGER, BF_ROLE_INTEGER},
     .usage = "add:A,B"},
    {.name = {"date", 4},
     .id = BF_RESOLVE_DATE,
     .min = 1,
     .max = 2,
     .roles = {BF_ROLE_FORMAT, BF_ROLE_SHIFT},
     .usage = "date:FORMAT[,SHIFT]"},
    {.name = {"date.in", 7},
     .id = BF_RESOLVE_DATE_IN,
     .min = 2,
     .max = 3,
     .roles = {BF_ROLE_ZONE, BF_ROLE_FORMAT, BF_ROLE_SHIFT},
     .usage = "date.in:ZONE,FORMAT[,SHIFT]"},
    {.name = {"date.of", 7},
     .id = BF_RESOLVE_DATE_OF,
     .min = 2,
     .max = 4,
     .roles = {BF_ROLE_BASE, BF_ROLE_FORMAT, BF_ROLE_SHIFT, BF_ROLE_ZONE},
     .usage = "date.of:BASE,FORMAT[,SHIFT[,ZONE]]"},
    {.name = {"dates", 5},
     .id = BF_RESOLVE_DATES,
     .min = 4,
     .max = 5,
     .roles = {BF_ROLE_FORMAT, BF_ROLE_SHIFT, BF_ROLE_SHIFT, BF_ROLE_STEP, BF_ROLE_ANY},
     .usage = "dates:FORMAT,FROM,TO,STEP[,SEP]"},
    {.name = {"default", 7}, .id = BF_RESOLVE_DEFAULT, .min = 1, .usage = "default:A,B,..."},
    {.name = {"diff", 4},
     .id = BF_RESOLVE_DIFF,
     .min = 3,
     .max = 3,
     .roles = {BF_ROLE_UNIT, BF_ROLE_BASE, BF_ROLE_BASE},
     .usage = "diff:UNIT,A,B"},
    {.name = {"eq", 2}, .id = BF_RESOLVE_EQ, .min = 2, .max = 2, .usage = "eq:A,B"},
    {.name = {"extract", 7},
     .id = BF_RESOLVE_EXTRACT,
     .min = 2,
     .max = 2,
     .roles = {BF_ROLE_ANY, BF_ROLE_ERE},
     .usage = "extract:TEXT,ERE"},
    {.name = {"if", 2},
     .id = BF_RESOLVE_IF,
     .min = 3,
     .max = 3,
     .roles = {BF_ROLE_BOOLEAN},
     .usage = "if:COND,A,B"},
    {.name = {"in", 2}, .id = BF_RESOLVE_IN, .min = 2, .usage = "in:X,A,..."},
    {.name = {"lower", 5}, .id = BF_RESOLVE_LOWER, .min = 1, .max = 1, .usage = "lower:S"},
    {.name = {"model.latest", 12},
     .id = BF_RESOLVE_LOOKUP,
     .min = 1,
     .max = 2,
     .lookup = BF_LOOKUP_MODEL,
     .status = {"Approved", 8},
     .usage = "model.latest:GROUP[,STATUS]"},
    {.name = {"mul", 3},
     .id = BF_RESOLVE_MUL,
     .min = 2,
     .max = 2,
     .roles = {BF_ROLE_INTEGER, BF_ROLE_INTEGER},
     .usage = "mul:A,B"},
    {.name = {"param", 5},
     .id = BF_RESOLVE_PARAM,
     .min = 1,
     .max = 1,
     .roles = {BF_ROLE_PARAM},
     .usage = "param:NAME"},
    {.name = {"pipeline.last", 13},
     .id = BF_RESOLVE_LOOKUP,
     .min = 1,
     .max = 2,
     .lookup = BF_LOOKUP_PIPELINE,
     .status = {"Succeeded", 9},
     .usage = "pipeline.last:NAME[,STATUS]"},
    {.name = {"replace", 7},
     .id = BF_RESOLVE_REPLACE,
     .min = 3,
     .max = 3,
     .usage = "replace:S,FROM,TO"},
    {.name = {"s3.latest", 9},
     .id = BF_RESOLVE_LOOKUP,
     .min = 1,
     .max = 2,
     .roles = {BF_ROLE_ANY, BF_ROLE_ERE},
     .lookup = BF_LOOKUP_S3,
     .usage = "s3.latest:URI[,ERE]"},
    {.name = {"ssm", 3},
     .id = BF_RESOLVE_LOOKUP,
     .min = 1,
     .max = 1,
     .lookup = BF_LOOKUP_SSM,
     .usage = "ssm:NAME"},
    {.name = {"sub", 3},
     .id = BF_RESOLVE_SUB,
     .min = 2,
     .max = 2,
     .roles = {BF_ROLE_INTEGER, BF_ROLE_INTEGER},
     .usage = "sub:A,B"},
};

const struct bf_resolver *bf_resolver_find(struct bf_sv name)
{
    for (size_t i = 0; i < BF_COUNTOF(resolvers); i++) {
        if (bf_sv_eq(name, resolvers[i].name)) {
            return &resolvers[i];
        }
    }
    return NULL;
}

struct bf_sv bf_resolver_nearest(struct bf_sv name)
{
    struct bf_sv names[BF_COUNTOF(resolvers)];

    for (size_t i = 0; i < BF_COUNTOF(resolvers); i++) {
        names[i] = resolvers[i].name;
    }
    return bf_nearest(name, names, BF_COUNTOF(names));
}

enum bf_role bf_resolver_role(const struct bf_resolver *resolver, size_t arg)
{
    return arg < BF_COUNTOF(resolver->roles) ? resolver->roles[arg] : BF_ROLE_ANY;
}

static enum bf_expr_kind check_zone(struct bf_arena *arena, struct bf_sv name,
                                    struct bf_expr_error *error)
{
    if (bf_zone_exists(name)) {
        return BF_EXPR_OK;
    }
    (void)bf_expr_fail(arena, error, BF_EXPR_UNKNOWN_ZONE,
                       "unknown time zone '" BF_SV_FMT
                       "'; allowed are the names of the IANA "
                       "database (%s)",
                       BF_SV_ARG(bf_sv_slice(name, 0, 64)), bf_tzdb_version());
    struct bf_sv near = bf_zone_nearest(name);
    if (near.len != 0) {
        bf_expr_hint(arena, error, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(near));
    }
    return BF_EXPR_UNKNOWN_ZONE;
}

static enum bf_expr_kind check_integer(struct bf_arena *arena, struct bf_sv text,
                                       struct bf_expr_error *error)
{
    int64_t value = 0;
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    bool digits = at < text.len;

    for (; at < text.len; at++) {
        digits = digits && text.ptr[at] >= '0' && text.ptr[at] <= '9';
    }
    if (!digits) {
        return bf_expr_fail(arena, error, BF_EXPR_NOT_INTEGER, "'" BF_SV_FMT "' is no whole number",
                            BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    if (!bf_sv_i64(text, INT64_MIN, INT64_MAX, &value)) {
        return bf_expr_fail(arena, error, BF_EXPR_OUT_OF_RANGE,
                            "'" BF_SV_FMT "' does not fit into 64 bits",
                            BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    return BF_EXPR_OK;
}

static enum bf_expr_kind check_ere(struct bf_arena *arena, struct bf_sv text,
                                   struct bf_expr_error *error)
{
    const struct bf_ere *ere = NULL;
    struct bf_err err;

    if (bf_ere_compile(arena, text, &ere, &err) != BF_OK) {
        return bf_expr_fail(arena, error, BF_EXPR_SYNTAX, "%s", err.msg);
    }
    return BF_EXPR_OK;
}

enum bf_expr_kind bf_role_check(struct bf_arena *arena, enum bf_role role, struct bf_sv text,
                                struct bf_expr_error *error, size_t *offset)
{
    struct bf_date_env env = {arena, bf_zone_utc(), NULL, error};
    struct bf_date_step step;
    int64_t instant = 0;

    *offset = 0;
    switch (role) {
    case BF_ROLE_FORMAT:
        return bf_format_check(arena, text, error, offset);
    case BF_ROLE_SHIFT:
        return bf_shift_check(arena, text, error, offset);
    case BF_ROLE_STEP:
        return bf_date_step_parse(arena, text, &step, error, offset);
    case BF_ROLE_ZONE:
        return check_zone(arena, text, error);
    case BF_ROLE_BASE:
        return bf_base_instant(&env, text, &instant);
    case BF_ROLE_UNIT:
        return bf_diff_unit_check(arena, text, error);
    case BF_ROLE_ERE:
        return check_ere(arena, text, error);
    case BF_ROLE_INTEGER:
        return check_integer(arena, text, error);
    case BF_ROLE_BOOLEAN:
        if (bf_sv_is(text, "true") || bf_sv_is(text, "false")) {
            return BF_EXPR_OK;
        }
        return bf_expr_fail(arena, error, BF_EXPR_NOT_BOOLEAN,
                            "the condition is '" BF_SV_FMT "'; it must be true or false",
                            BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    case BF_ROLE_PARAM:
    case BF_ROLE_ANY:
    default:
        return BF_EXPR_OK;
    }
}

struct checker {
    struct bf_arena *arena;
    bool strict;
    struct bf_expr_error *error;
    size_t at; /* of the mistake */
};

/* In an evaluation a mistake of value in a branch that is not taken does no harm. */
static bool is_name(enum bf_role role)
{
    return role == BF_ROLE_FORMAT || role == BF_ROLE_SHIFT || role == BF_ROLE_STEP ||
           role == BF_ROLE_ZONE || role == BF_ROLE_UNIT;
}

static enum bf_expr_kind check_variable(struct checker *c, const struct bf_expr_node *node)
{
    static const struct bf_sv known[] = {
        {"schedule.time", 13},
        {"schedule.timezone", 17},
        {"schedule.name", 13},
        {"run.kind", 8},
        {"run.attempt", 11},
        {"run.index", 9},
        {"run.pipeline", 12},
        {"run.environment", 15},
        {"last.success.time", 17},
        {"last.success.interval_end", 25},
        {"last.success.execution", 22},
        {"last.success.interval_start", 27},
    };

    if (!c->strict || bf_sv_starts(node->text, BF_SV("trigger."))) {
        return BF_EXPR_OK;
    }
    for (size_t i = 0; i < BF_COUNTOF(known); i++) {
        if (bf_sv_eq(node->text, known[i])) {
            return BF_EXPR_OK;
        }
    }
    c->at = node->at;
    (void)bf_expr_fail(c->arena, c->error, BF_EXPR_UNKNOWN_VARIABLE,
                       "there is no variable '" BF_SV_FMT
                       "'; known are schedule.time, .timezone, "
                       ".name; run.kind, .attempt, .index, .pipeline, .environment; "
                       "last.success.time, .interval_start, .interval_end, .execution; trigger.*",
                       BF_SV_ARG(bf_sv_slice(node->text, 0, 64)));
    struct bf_sv near = bf_nearest(node->text, known, BF_COUNTOF(known));
    if (near.len != 0) {
        bf_expr_hint(c->arena, c->error, "did you mean '${" BF_SV_FMT "}'?", BF_SV_ARG(near));
    } else if (bf_sv_starts(node->text, BF_SV("param"))) {
        bf_expr_hint(c->arena, c->error, "another parameter is read with '${param:NAME}'");
    }
    return BF_EXPR_UNKNOWN_VARIABLE;
}

static enum bf_expr_kind check_call_head(struct checker *c, const struct bf_expr_node *node,
                                         const struct bf_resolver *resolver,
                                         const struct bf_expr_node *lookup)
{
    c->at = node->at;
    if (resolver == NULL) {
        (void)bf_expr_fail(c->arena, c->error, BF_EXPR_UNKNOWN_RESOLVER,
                           "there is no resolver '" BF_SV_FMT "'",
                           BF_SV_ARG(bf_sv_slice(node->text, 0, 64)));
        struct bf_sv near = bf_resolver_nearest(node->text);
        if (near.len != 0) {
            bf_expr_hint(c->arena, c->error, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(near));
        }
        return BF_EXPR_UNKNOWN_RESOLVER;
    }
    if (node->arg_count < resolver->min ||
        (resolver->max != 0 && node->arg_count > resolver->max)) {
        return bf_expr_fail(c->arena, c->error, BF_EXPR_ARITY,
                            "%zu arguments for '" BF_SV_FMT "'; it is written ${%s}",
                            node->arg_count, BF_SV_ARG(node->text), resolver->usage);
    }
    if (lookup != NULL && resolver->id == BF_RESOLVE_LOOKUP) {
        c->at = lookup->at;
        return bf_expr_fail(c->arena, c->error, BF_EXPR_LOOKUP_FAILED,
                            "the look-up '" BF_SV_FMT "' stands in an argument of '" BF_SV_FMT
                            "'; look-ups "
                            "are made all at once, before anything is evaluated",
                            BF_SV_ARG(node->text), BF_SV_ARG(lookup->text));
    }
    return BF_EXPR_OK;
}

/* NOLINTBEGIN(misc-no-recursion): the parser allows BF_EXPR_DEPTH_MAX levels */
static enum bf_expr_kind check_list(struct checker *c, const struct bf_expr_node *node,
                                    const struct bf_expr_node *lookup);

static enum bf_expr_kind check_arg(struct checker *c, const struct bf_arg *arg, enum bf_role role,
                                   const struct bf_expr_node *lookup)
{
    struct bf_sv text = {0};
    size_t offset = 0;

    if (!bf_arg_literal(arg, &text)) {
        if (c->strict && role == BF_ROLE_PARAM) {
            c->at = arg->at;
            return bf_expr_fail(c->arena, c->error, BF_EXPR_SYNTAX,
                                "the name of a parameter is written out, so that the order in "
                                "which parameters need each other is known");
        }
        return check_list(c, arg->first, lookup);
    }
    if (!c->strict && !is_name(role)) {
        return BF_EXPR_OK;
    }
    enum bf_expr_kind kind = bf_role_check(c->arena, role, text, c->error, &offset);
    c->at = arg->at + (arg->exact ? offset : 0);
    return kind;
}

static enum bf_expr_kind check_call(struct checker *c, const struct bf_expr_node *node,
                                    const struct bf_expr_node *lookup)
{
    const struct bf_resolver *resolver = bf_resolver_find(node->text);
    enum bf_expr_kind kind = check_call_head(c, node, resolver, lookup);
    bool opens = lookup == NULL && resolver != NULL && resolver->id == BF_RESOLVE_LOOKUP;
    const struct bf_expr_node *inner = opens ? node : lookup;

    for (size_t i = 0; kind == BF_EXPR_OK && i < node->arg_count; i++) {
        kind = check_arg(c, &node->args[i], bf_resolver_role(resolver, i), inner);
    }
    return kind;
}

static enum bf_expr_kind check_list(struct checker *c, const struct bf_expr_node *node,
                                    const struct bf_expr_node *lookup)
{
    enum bf_expr_kind kind = BF_EXPR_OK;

    for (; kind == BF_EXPR_OK && node != NULL; node = node->next) {
        if (node->kind == BF_NODE_VARIABLE) {
            kind = check_variable(c, node);
        } else if (node->kind == BF_NODE_CALL) {
            kind = check_call(c, node, lookup);
        }
    }
    return kind;
}
/* NOLINTEND(misc-no-recursion) */

enum bf_expr_kind bf_check_nodes(struct bf_arena *arena, const struct bf_expr *expr, bool strict,
                                 struct bf_expr_error *error, size_t *at)
{
    struct checker c = {.arena = arena, .strict = strict, .error = error};
    enum bf_expr_kind kind = check_list(&c, expr->first, NULL);

    *at = c.at;
    return kind;
}

enum bf_expr_kind bf_expr_check(struct bf_arena *arena, const struct bf_expr *expr,
                                struct bf_expr_error *error)
{
    size_t at = 0;
    enum bf_expr_kind kind = bf_check_nodes(arena, expr, true, error, &at);

    error->column = bf_expr_column(expr->text, at);
    return kind;
}

#include "expression/eval.h"

#include <inttypes.h>

#include "base/utf8.h"
#include "expression/ere.h"

static enum bf_expr_kind at_node(struct bf_eval *ev, size_t at, enum bf_expr_kind kind)
{
    ev->at = at;
    return kind;
}

/* Values on the way are bounded too: a text of nested calls could double its size each time. */
static enum bf_expr_kind charge(struct bf_eval *ev, size_t at, size_t bytes)
{
    if (bytes > BF_EXPR_INTERMEDIATE_MAX || bytes > ev->budget) {
        return at_node(ev, at,
                       bf_expr_fail(ev->arena, ev->error, BF_EXPR_TOO_LONG,
                                    "a value on the way is longer than %d bytes, or all of them "
                                    "are than %d",
                                    BF_EXPR_INTERMEDIATE_MAX, BF_EVAL_BUDGET));
    }
    ev->budget -= bytes;
    return BF_EXPR_OK;
}

static bool is_root(struct bf_sv path)
{
    static const char *const roots[] = {"schedule", "run", "last", "trigger"};
    struct bf_sv root = bf_sv_slice(path, 0, bf_sv_find(path, '.'));

    for (size_t i = 0; i < BF_COUNTOF(roots); i++) {
        if (bf_sv_is(root, roots[i])) {
            return true;
        }
    }
    return false;
}

static enum bf_expr_kind scalar(struct bf_eval *ev, const bf_json *found, struct bf_sv path,
                                struct bf_sv *out)
{
    switch (bf_json_kind(found)) {
    case BF_JSON_STRING:
    case BF_JSON_NUMBER:
    case BF_JSON_BOOL:
        *out = bf_json_text(found);
        return BF_EXPR_OK;
    case BF_JSON_ARRAY:
    case BF_JSON_OBJECT:
        (void)bf_expr_fail(ev->arena, ev->error, BF_EXPR_NOT_SCALAR,
                           "'" BF_SV_FMT "' is %s; only a text, number or boolean is a value",
                           BF_SV_ARG(bf_sv_slice(path, 0, 128)), bf_json_kind_name(found));
        bf_expr_hint(ev->arena, ev->error, "name a member of it: ${" BF_SV_FMT ".%s}",
                     BF_SV_ARG(bf_sv_slice(path, 0, 128)),
                     bf_json_kind(found) == BF_JSON_ARRAY ? "0" : "name");
        return BF_EXPR_NOT_SCALAR;
    case BF_JSON_NONE:
    case BF_JSON_NULL:
    default:
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_UNKNOWN_VARIABLE,
                            "'" BF_SV_FMT "' has no value in this run",
                            BF_SV_ARG(bf_sv_slice(path, 0, 128)));
    }
}

static enum bf_expr_kind eval_variable(struct bf_eval *ev, const struct bf_expr_node *node,
                                       struct bf_sv *out)
{
    struct bf_sv path = node->text;

    if (is_root(path)) {
        return at_node(ev, node->at, scalar(ev, bf_json_path(ev->context, path), path, out));
    }
    (void)bf_expr_fail(ev->arena, ev->error, BF_EXPR_UNKNOWN_VARIABLE,
                       "there is no variable '" BF_SV_FMT
                       "' at run time; the roots are schedule, "
                       "run, last and trigger",
                       BF_SV_ARG(bf_sv_slice(path, 0, 128)));
    if (bf_sv_starts(path, BF_SV("param"))) {
        bf_expr_hint(ev->arena, ev->error, "another parameter is read with '${param:NAME}'");
    } else {
        bf_expr_hint(ev->arena, ev->error,
                     "a value of the file belongs into the parameter's default, which is "
                     "interpolated; or write it out here");
    }
    return at_node(ev, node->at, BF_EXPR_UNKNOWN_VARIABLE);
}

struct bf_sv bf_lookup_key(struct bf_arena *arena, struct bf_sv resolver, const struct bf_sv *args,
                           size_t count)
{
    struct bf_buf key = bf_buf_new(arena, (size_t)2 * BF_EXPR_INTERMEDIATE_MAX + 64);

    bf_buf_add(&key, resolver);
    for (size_t i = 0; i < count; i++) {
        bf_buf_addc(&key, i == 0 ? ':' : ',');
        bf_buf_add(&key, args[i]);
    }
    return bf_buf_sv(&key);
}

static enum bf_expr_kind eval_lookup(struct bf_eval *ev, const struct bf_expr_node *call,
                                     const struct bf_sv *args, struct bf_sv *out)
{
    struct bf_sv key = bf_lookup_key(ev->arena, call->text, args, call->arg_count);
    bf_json *answer = bf_json_get_sv(bf_json_get(ev->context, "lookups"), key);
    struct bf_sv why = bf_json_str(answer, "error");

    switch (bf_json_kind(answer)) {
    case BF_JSON_STRING:
    case BF_JSON_NUMBER:
    case BF_JSON_BOOL:
        *out = bf_json_text(answer);
        return BF_EXPR_OK;
    default:
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_LOOKUP_FAILED,
                            "the look-up '" BF_SV_FMT "' has no answer" BF_SV_FMT BF_SV_FMT,
                            BF_SV_ARG(bf_sv_slice(key, 0, 200)),
                            BF_SV_ARG(bf_sv_of(why.len ? ": " : "")),
                            BF_SV_ARG(bf_sv_slice(why, 0, 300)));
    }
}

static enum bf_expr_kind arithmetic(struct bf_eval *ev, enum bf_resolver_id id,
                                    const struct bf_sv *args, struct bf_sv *out)
{
    int64_t a = 0;
    int64_t b = 0;
    int64_t result = 0;
    bool overflow = !bf_sv_i64(args[0], INT64_MIN, INT64_MAX, &a) ||
                    !bf_sv_i64(args[1], INT64_MIN, INT64_MAX, &b);

    if (id == BF_RESOLVE_ADD) {
        overflow = overflow || __builtin_add_overflow(a, b, &result);
    } else if (id == BF_RESOLVE_SUB) {
        overflow = overflow || __builtin_sub_overflow(a, b, &result);
    } else {
        overflow = overflow || __builtin_mul_overflow(a, b, &result);
    }
    if (overflow) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_OUT_OF_RANGE,
                            "the result does not fit into 64 bits");
    }
    *out = bf_sv_printf(ev->arena, "%" PRId64, result);
    return BF_EXPR_OK;
}

static enum bf_expr_kind extract(struct bf_eval *ev, const struct bf_sv *args, struct bf_sv *out)
{
    const struct bf_ere *ere = NULL;
    struct bf_err err;

    if (bf_ere_compile(ev->arena, args[1], &ere, &err) != BF_OK) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_SYNTAX, "%s", err.msg);
    }
    if (!bf_ere_find(ere, ev->arena, args[0], out)) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_NO_MATCH,
                            "'" BF_SV_FMT "' does not match '" BF_SV_FMT "'",
                            BF_SV_ARG(bf_sv_slice(args[0], 0, 200)),
                            BF_SV_ARG(bf_sv_slice(args[1], 0, 200)));
    }
    return BF_EXPR_OK;
}

static struct bf_sv lower(struct bf_arena *arena, struct bf_sv text)
{
    char *copy = bf_arena_alloc(arena, text.len + 1, 1);

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        copy[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (struct bf_sv){copy, text.len};
}

static enum bf_expr_kind replace(struct bf_eval *ev, const struct bf_expr_node *call,
                                 const struct bf_sv *args, struct bf_sv *out)
{
    struct bf_buf made = bf_buf_new(ev->arena, BF_EXPR_INTERMEDIATE_MAX);
    struct bf_sv rest = args[0];

    if (args[1].len == 0) {
        *out = args[0];
        return BF_EXPR_OK;
    }
    for (size_t at = bf_sv_search(rest, args[1]); at < rest.len && !made.full;
         at = bf_sv_search(rest, args[1])) {
        bf_buf_add(&made, bf_sv_slice(rest, 0, at));
        bf_buf_add(&made, args[2]);
        rest = bf_sv_from(rest, at + args[1].len);
    }
    bf_buf_add(&made, rest);
    *out = bf_buf_sv(&made);
    return charge(ev, call->at, made.full ? BF_EXPR_INTERMEDIATE_MAX + 1 : made.len);
}

static struct bf_sv boolean(bool value)
{
    return value ? BF_SV("true") : BF_SV("false");
}

static struct bf_sv contained(const struct bf_sv *args, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (bf_sv_eq(args[0], args[i])) {
            return boolean(true);
        }
    }
    return boolean(false);
}

static enum bf_expr_kind eval_param(struct bf_eval *ev, struct bf_sv name, struct bf_sv *out)
{
    const bf_json *value = bf_json_get_sv(bf_json_get(ev->context, "param"), name);

    return scalar(ev, value, bf_sv_printf(ev->arena, "param:" BF_SV_FMT, BF_SV_ARG(name)), out);
}

/* Calls whose arguments are all evaluated first. */
static enum bf_expr_kind apply(struct bf_eval *ev, const struct bf_expr_node *call,
                               enum bf_resolver_id id, const struct bf_sv *args, struct bf_sv *out)
{
    switch (id) {
    case BF_RESOLVE_ADD:
    case BF_RESOLVE_SUB:
    case BF_RESOLVE_MUL:
        return arithmetic(ev, id, args, out);
    case BF_RESOLVE_EQ:
        *out = boolean(bf_sv_eq(args[0], args[1]));
        return BF_EXPR_OK;
    case BF_RESOLVE_IN:
        *out = contained(args, call->arg_count);
        return BF_EXPR_OK;
    case BF_RESOLVE_EXTRACT:
        return extract(ev, args, out);
    case BF_RESOLVE_LOWER:
        *out = lower(ev->arena, args[0]);
        return BF_EXPR_OK;
    case BF_RESOLVE_REPLACE:
        return replace(ev, call, args, out);
    case BF_RESOLVE_PARAM:
        return eval_param(ev, args[0], out);
    case BF_RESOLVE_LOOKUP:
        return eval_lookup(ev, call, args, out);
    default:
        return bf_eval_dates(ev, call, id, args, out);
    }
}

/* NOLINTBEGIN(misc-no-recursion): the parser allows BF_EXPR_DEPTH_MAX levels */
enum bf_expr_kind bf_eval_arg(struct bf_eval *ev, const struct bf_expr_node *call, size_t index,
                              struct bf_sv *out)
{
    const struct bf_arg *arg = &call->args[index];
    enum bf_role role = bf_resolver_role(bf_resolver_find(call->text), index);
    struct bf_sv literal;
    size_t offset = 0;
    enum bf_expr_kind kind = bf_eval_list(ev, arg->first, out);

    if (kind != BF_EXPR_OK || role == BF_ROLE_ERE) {
        return kind; /* a pattern is compiled once, when it is used */
    }
    kind = bf_role_check(ev->arena, role, *out, ev->error, &offset);
    if (kind != BF_EXPR_OK) {
        bool exact = arg->exact && bf_arg_literal(arg, &literal);
        ev->at = arg->at + (exact ? offset : 0);
    }
    return kind;
}

static enum bf_expr_kind eval_default(struct bf_eval *ev, const struct bf_expr_node *call,
                                      struct bf_sv *out)
{
    enum bf_expr_kind kind = BF_EXPR_UNKNOWN_VARIABLE;

    for (size_t i = 0; kind == BF_EXPR_UNKNOWN_VARIABLE && i < call->arg_count; i++) {
        kind = bf_eval_arg(ev, call, i, out);
    }
    return kind;
}

static enum bf_expr_kind eval_if(struct bf_eval *ev, const struct bf_expr_node *call,
                                 struct bf_sv *out)
{
    struct bf_sv condition = {0};
    enum bf_expr_kind kind = bf_eval_arg(ev, call, 0, &condition);

    if (kind != BF_EXPR_OK) {
        return kind;
    }
    return bf_eval_arg(ev, call, bf_sv_is(condition, "true") ? 1 : 2, out);
}

static enum bf_expr_kind eval_call(struct bf_eval *ev, const struct bf_expr_node *call,
                                   struct bf_sv *out)
{
    const struct bf_resolver *resolver = bf_resolver_find(call->text);

    if (resolver == NULL || call->arg_count < resolver->min ||
        (resolver->max != 0 && call->arg_count > resolver->max)) {
        /* Told by the check of names, which every evaluation makes. */
        return at_node(ev, call->at, resolver == NULL ? BF_EXPR_UNKNOWN_RESOLVER : BF_EXPR_ARITY);
    }
    if (resolver->id == BF_RESOLVE_DEFAULT) {
        return eval_default(ev, call, out);
    }
    if (resolver->id == BF_RESOLVE_IF) {
        return eval_if(ev, call, out);
    }
    struct bf_sv *args = BF_NEW_N(ev->arena, struct bf_sv, call->arg_count);
    for (size_t i = 0; i < call->arg_count; i++) {
        enum bf_expr_kind kind = bf_eval_arg(ev, call, i, &args[i]);
        if (kind != BF_EXPR_OK) {
            return kind;
        }
    }
    return at_node(ev, call->at, apply(ev, call, resolver->id, args, out));
}

static enum bf_expr_kind eval_node(struct bf_eval *ev, const struct bf_expr_node *node,
                                   struct bf_sv *out)
{
    switch (node->kind) {
    case BF_NODE_VARIABLE:
        return eval_variable(ev, node, out);
    case BF_NODE_CALL:
        return eval_call(ev, node, out);
    case BF_NODE_TEXT:
    default:
        *out = node->text;
        return BF_EXPR_OK;
    }
}

enum bf_expr_kind bf_eval_list(struct bf_eval *ev, const struct bf_expr_node *node,
                               struct bf_sv *out)
{
    struct bf_buf value;
    struct bf_sv piece = BF_SV("");
    enum bf_expr_kind kind = BF_EXPR_OK;

    *out = piece;
    if (node != NULL && node->next == NULL) {
        kind = eval_node(ev, node, out);
        return kind == BF_EXPR_OK ? charge(ev, node->at, out->len) : kind;
    }
    value = bf_buf_new(ev->arena, BF_EXPR_INTERMEDIATE_MAX);
    for (; kind == BF_EXPR_OK && node != NULL; node = node->next) {
        kind = eval_node(ev, node, &piece);
        if (kind == BF_EXPR_OK) {
            kind = charge(ev, node->at, piece.len);
            bf_buf_add(&value, piece);
        }
        if (kind == BF_EXPR_OK && value.full) {
            kind = charge(ev, node->at, BF_EXPR_INTERMEDIATE_MAX + 1);
        }
    }
    *out = bf_buf_sv(&value);
    return kind;
}
/* NOLINTEND(misc-no-recursion) */

static enum bf_expr_kind evaluate(struct bf_arena *arena, const struct bf_expr *expr,
                                  const bf_json *context, const struct bf_calendar *calendar,
                                  struct bf_sv *out, struct bf_expr_error *error)
{
    struct bf_eval ev = {
        .arena = arena, .context = context, .error = error, .budget = BF_EVAL_BUDGET};
    if (calendar != NULL) {
        ev.calendar = *calendar;
        ev.has_calendar = true;
    }
    enum bf_expr_kind kind = bf_eval_list(&ev, expr->first, out);

    error->column = bf_expr_column(expr->text, ev.at);
    if (kind == BF_EXPR_OK && bf_utf8_count(*out) > BF_EXPR_VALUE_MAX) {
        error->column = 1;
        kind = bf_expr_fail(arena, error, BF_EXPR_TOO_LONG,
                            "the value has %zu characters; SageMaker takes at most %d",
                            bf_utf8_count(*out), BF_EXPR_VALUE_MAX);
    }
    return kind;
}

enum bf_expr_kind bf_expr_eval(struct bf_arena *arena, const struct bf_expr *expr,
                               const bf_json *context, struct bf_sv *out,
                               struct bf_expr_error *error)
{
    return bf_expr_eval_on(arena, expr, context, NULL, out, error);
}

enum bf_expr_kind bf_expr_eval_on(struct bf_arena *arena, const struct bf_expr *expr,
                                  const bf_json *context, const struct bf_calendar *calendar,
                                  struct bf_sv *out, struct bf_expr_error *error)
{
    struct bf_expr_error named = {0};
    size_t at = 0;
    enum bf_expr_kind in_names = bf_check_nodes(arena, expr, false, &named, &at);
    enum bf_expr_kind kind = evaluate(arena, expr, context, calendar, out, error);

    named.column = bf_expr_column(expr->text, at);
    if (in_names != BF_EXPR_OK &&
        (kind == BF_EXPR_OK || kind == BF_EXPR_TOO_LONG || named.column <= error->column)) {
        *error = named;
        return in_names;
    }
    return kind;
}

#include <stdarg.h>

#include "base/utf8.h"
#include "expression/expression.h"
#include "expression/tree.h"

struct parser {
    struct bf_arena *arena;
    struct bf_sv text;
    size_t at;
    int depth;
    struct bf_expr_error *error;
};

static enum bf_expr_kind syntax(struct parser *p, size_t at, const char *message, const char *hint)
{
    p->error->kind = BF_EXPR_SYNTAX;
    p->error->column = bf_expr_column(p->text, at);
    p->error->message = bf_sv_of(message);
    p->error->hint = bf_sv_of(hint);
    return BF_EXPR_SYNTAX;
}

static bool at_end(const struct parser *p)
{
    return p->at >= p->text.len;
}

static char peek(const struct parser *p, size_t ahead)
{
    return (char)(p->at + ahead < p->text.len ? p->text.ptr[p->at + ahead] : '\0');
}

static bool opens(const struct parser *p, size_t ahead)
{
    return peek(p, ahead) == '$' && peek(p, ahead + 1) == '{';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_bare_char(char c)
{
    return c != '\0' && (is_name_char(c) || strchr("/+.$%*@?|:", c) != NULL);
}

static struct bf_expr_node *new_node(struct parser *p, enum bf_node_kind kind, size_t at)
{
    struct bf_expr_node *node = BF_NEW(p->arena, struct bf_expr_node);

    node->kind = kind;
    node->at = at;
    return node;
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_EXPR_DEPTH_MAX levels, see parse_expr */
static enum bf_expr_kind parse_expr(struct parser *p, struct bf_expr_node **out);

/* Text under construction and the list of pieces it goes to. */
struct pieces {
    struct bf_expr_node **end;
    struct bf_buf plain;
    size_t plain_at;
    bool exact;
};

static struct pieces pieces_of(struct parser *p, struct bf_expr_node **first)
{
    return (struct pieces){
        .end = first, .plain = bf_buf_new(p->arena, BF_EXPR_TEXT_MAX), .exact = true};
}

static void flush(struct parser *p, struct pieces *to)
{
    if (to->plain.len == 0) {
        return;
    }
    struct bf_expr_node *node = new_node(p, BF_NODE_TEXT, to->plain_at);
    node->text = bf_sv_dup(p->arena, bf_buf_sv(&to->plain));
    *to->end = node;
    to->end = &node->next;
    bf_buf_clear(&to->plain);
}

static void add_plain(struct parser *p, struct pieces *to, char c)
{
    if (to->plain.len == 0) {
        to->plain_at = p->at;
    }
    bf_buf_addc(&to->plain, c);
}

static enum bf_expr_kind add_expr(struct parser *p, struct pieces *to)
{
    struct bf_expr_node *node = NULL;

    flush(p, to);
    enum bf_expr_kind kind = parse_expr(p, &node);
    if (kind == BF_EXPR_OK) {
        *to->end = node;
        to->end = &node->next;
    }
    return kind;
}

/*
 * A run of backslashes: before "${", or before the closing quote, an even run is halved and the
 * next character keeps its meaning; an odd run is halved and the next is plain. Elsewhere it stays.
 */
static void add_backslashes(struct parser *p, struct pieces *to, char quote)
{
    size_t run = 0;

    while (peek(p, run) == '\\') {
        run++;
    }
    bool special = opens(p, run) || (quote != '\0' && peek(p, run) == quote);
    size_t kept = special ? run / 2 : run;
    for (size_t i = 0; i < kept; i++) {
        add_plain(p, to, '\\');
    }
    to->exact = to->exact && !special;
    p->at += run;
    if (special && run % 2 == 1) {
        bool brace = opens(p, 0);
        add_plain(p, to, peek(p, 0));
        p->at++;
        if (brace) {
            add_plain(p, to, '{');
            p->at++;
        }
    }
}

static enum bf_expr_kind parse_quoted(struct parser *p, struct bf_arg *arg)
{
    char quote = peek(p, 0);
    size_t opened = p->at++;
    struct pieces to = pieces_of(p, &arg->first);

    arg->at = p->at;
    while (!at_end(p) && peek(p, 0) != quote) {
        if (opens(p, 0)) {
            enum bf_expr_kind kind = add_expr(p, &to);
            if (kind != BF_EXPR_OK) {
                return kind;
            }
        } else if (peek(p, 0) == '\\') {
            add_backslashes(p, &to, quote);
        } else {
            add_plain(p, &to, peek(p, 0));
            p->at++;
        }
    }
    if (at_end(p)) {
        return syntax(p, opened, "a quote that is not closed", "close it, or write \\ before it");
    }
    flush(p, &to);
    arg->exact = to.exact;
    p->at++;
    while (is_blank(peek(p, 0))) {
        p->at++;
    }
    if (!at_end(p) && peek(p, 0) != ',' && peek(p, 0) != '}') {
        return syntax(p, p->at, "text behind a quoted argument", "put all of it into the quotes");
    }
    return BF_EXPR_OK;
}

static enum bf_expr_kind parse_bare(struct parser *p, struct bf_arg *arg)
{
    struct pieces to = pieces_of(p, &arg->first);
    size_t blanks = 0; /* held back: dropped at the end of the argument */

    arg->at = p->at;
    arg->exact = true;
    while (!at_end(p) && peek(p, 0) != ',' && peek(p, 0) != '}') {
        if (is_blank(peek(p, 0))) {
            blanks++;
            p->at++;
            continue;
        }
        for (; blanks > 0; blanks--) {
            add_plain(p, &to, p->text.ptr[p->at - blanks]);
        }
        if (opens(p, 0)) {
            enum bf_expr_kind kind = add_expr(p, &to);
            if (kind != BF_EXPR_OK) {
                return kind;
            }
            continue;
        }
        if (!is_bare_char(peek(p, 0))) {
            return syntax(p, p->at,
                          "a character that an argument without quotes may not have (allowed are "
                          "letters, digits, blanks and _ / - + . $ % * @ ? | :)",
                          "quote the argument: \"...\"");
        }
        add_plain(p, &to, peek(p, 0));
        p->at++;
    }
    flush(p, &to);
    if (!at_end(p) && arg->first == NULL) {
        return syntax(p, p->at, "an empty argument", "write \"\" for the empty text");
    }
    return BF_EXPR_OK;
}

static enum bf_expr_kind parse_args(struct parser *p, struct bf_expr_node *call)
{
    do {
        p->at++; /* the colon or the comma */
        while (is_blank(peek(p, 0))) {
            p->at++;
        }
        call->args = bf_arena_grow(p->arena, call->args, call->arg_count, &call->arg_cap,
                                   sizeof(*call->args));
        struct bf_arg *arg = &call->args[call->arg_count++];
        *arg = (struct bf_arg){0};
        bool quoted = peek(p, 0) == '"' || peek(p, 0) == '\'';
        enum bf_expr_kind kind = quoted ? parse_quoted(p, arg) : parse_bare(p, arg);
        if (kind != BF_EXPR_OK) {
            return kind;
        }
    } while (peek(p, 0) == ',');
    return BF_EXPR_OK;
}

static bool is_path(struct bf_sv text)
{
    bool part = false;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.' && !part) {
            return false;
        }
        part = text.ptr[i] != '.';
    }
    return part;
}

static enum bf_expr_kind finish_expr(struct parser *p, struct bf_expr_node *node, size_t name_at)
{
    node->text = bf_sv_slice(p->text, name_at, p->at);
    if (!at_end(p) && !is_path(node->text)) {
        return syntax(p, p->at, "a name is missing: behind '${' stands a variable or a resolver",
                      "${schedule.time} or ${date:%F}; a plain '${' is written '\\${'");
    }
    if (peek(p, 0) == ':') {
        node->kind = BF_NODE_CALL;
        enum bf_expr_kind kind = parse_args(p, node);
        if (kind != BF_EXPR_OK) {
            return kind;
        }
    }
    if (at_end(p)) {
        return syntax(p, node->at, "'${' is not closed by '}'",
                      "close it; a plain '${' is written '\\${'");
    }
    if (peek(p, 0) != '}') {
        return syntax(p, p->at, "a character that a name may not have",
                      "names are letters, digits, _ and - with dots between them");
    }
    p->at++;
    return BF_EXPR_OK;
}

static enum bf_expr_kind parse_expr(struct parser *p, struct bf_expr_node **out)
{
    struct bf_expr_node *node = new_node(p, BF_NODE_VARIABLE, p->at);

    if (p->depth >= BF_EXPR_DEPTH_MAX) {
        return syntax(p, p->at, "nested too deeply (more than 24 levels)", NULL);
    }
    p->depth++;
    p->at += 2;
    size_t name_at = p->at;
    while (is_name_char(peek(p, 0)) || peek(p, 0) == '.') {
        p->at++;
    }
    enum bf_expr_kind kind = finish_expr(p, node, name_at);
    p->depth--;
    *out = node;
    return kind;
}
/* NOLINTEND(misc-no-recursion) */

enum bf_expr_kind bf_expr_parse(struct bf_arena *arena, struct bf_sv text,
                                const struct bf_expr **out, struct bf_expr_error *error)
{
    struct parser p = {.arena = arena, .text = text, .error = error};
    struct bf_expr *expr = BF_NEW(arena, struct bf_expr);

    if (text.len > BF_EXPR_TEXT_MAX) {
        error->column = 1;
        return bf_expr_fail(arena, error, BF_EXPR_TOO_LONG,
                            "a text of %zu bytes; at most %d are taken", text.len,
                            BF_EXPR_TEXT_MAX);
    }
    struct pieces to = pieces_of(&p, &expr->first);
    while (!at_end(&p)) {
        if (opens(&p, 0)) {
            enum bf_expr_kind kind = add_expr(&p, &to);
            if (kind != BF_EXPR_OK) {
                return kind;
            }
        } else if (peek(&p, 0) == '\\') {
            add_backslashes(&p, &to, '\0');
        } else {
            add_plain(&p, &to, peek(&p, 0));
            p.at++;
        }
    }
    flush(&p, &to);
    expr->text = text;
    *out = expr;
    return BF_EXPR_OK;
}

bool bf_arg_literal(const struct bf_arg *arg, struct bf_sv *out)
{
    if (arg->first == NULL) {
        *out = BF_SV("");
        return true;
    }
    if (arg->first->kind != BF_NODE_TEXT || arg->first->next != NULL) {
        return false;
    }
    *out = arg->first->text;
    return true;
}

size_t bf_expr_column(struct bf_sv text, size_t at)
{
    return bf_utf8_count(bf_sv_slice(text, 0, at)) + 1;
}

const char *bf_expr_code(enum bf_expr_kind kind)
{
    static const char *const codes[] = {
        "expression.ok",
        "expression.syntax",
        "expression.arity",
        "expression.unknown_variable",
        "expression.unknown_resolver",
        "expression.unknown_zone",
        "expression.bad_shift",
        "expression.bad_format",
        "expression.bad_date",
        "expression.out_of_range",
        "expression.no_calendar",
        "expression.not_integer",
        "expression.not_boolean",
        "expression.not_scalar",
        "expression.no_match",
        "expression.lookup_failed",
        "expression.too_long",
    };

    return codes[kind];
}

const char *bf_expr_kind_name(enum bf_expr_kind kind)
{
    return bf_expr_code(kind) + strlen("expression.");
}

enum bf_expr_kind bf_expr_fail(struct bf_arena *arena, struct bf_expr_error *error,
                               enum bf_expr_kind kind, const char *fmt, ...)
{
    struct bf_buf message = bf_buf_new(arena, 1024);
    va_list ap;

    va_start(ap, fmt);
    bf_buf_vprintf(&message, fmt, ap);
    va_end(ap);
    error->kind = kind;
    error->message = bf_buf_sv(&message);
    error->hint = (struct bf_sv){0};
    return kind;
}

void bf_expr_hint(struct bf_arena *arena, struct bf_expr_error *error, const char *fmt, ...)
{
    struct bf_buf hint = bf_buf_new(arena, 1024);
    va_list ap;

    va_start(ap, fmt);
    bf_buf_vprintf(&hint, fmt, ap);
    va_end(ap);
    error->hint = bf_buf_sv(&hint);
}

#ifndef BF_EXPRESSION_TREE_H
#define BF_EXPRESSION_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "expression/expression.h"

/* The inside of shared/expression: the tree and what its parts share. */

enum bf_node_kind { BF_NODE_TEXT, BF_NODE_VARIABLE, BF_NODE_CALL };

/** A piece of a value; pieces stand one after the other. */
struct bf_expr_node {
    struct bf_expr_node *next;
    enum bf_node_kind kind;
    size_t at;         /* byte offset in the text; of the '$' for a variable or call */
    struct bf_sv text; /* the plain text; the dotted path; the resolver's name */
    struct bf_arg *args;
    size_t arg_count, arg_cap;
};

struct bf_arg {
    struct bf_expr_node *first; /* NULL: the empty text, written "" */
    size_t at;                  /* byte offset of its first character, behind a quote */
    bool exact;                 /* the text is as it stands there: offsets within it are true */
};

struct bf_expr {
    struct bf_sv text;
    struct bf_expr_node *first;
};

/** What an argument means: what is checked about it, before use and without a context. */
enum bf_role {
    BF_ROLE_ANY,
    BF_ROLE_FORMAT,
    BF_ROLE_SHIFT,
    BF_ROLE_STEP,
    BF_ROLE_ZONE,
    BF_ROLE_BASE,
    BF_ROLE_UNIT, /* of diff */
    BF_ROLE_ERE,
    BF_ROLE_INTEGER,
    BF_ROLE_BOOLEAN,
    BF_ROLE_PARAM,
};

enum bf_resolver_id {
    BF_RESOLVE_ADD,
    BF_RESOLVE_DATE,
    BF_RESOLVE_DATE_IN,
    BF_RESOLVE_DATE_OF,
    BF_RESOLVE_DATES,
    BF_RESOLVE_DEFAULT,
    BF_RESOLVE_DIFF,
    BF_RESOLVE_EQ,
    BF_RESOLVE_EXTRACT,
    BF_RESOLVE_IF,
    BF_RESOLVE_IN,
    BF_RESOLVE_LOOKUP,
    BF_RESOLVE_LOWER,
    BF_RESOLVE_MUL,
    BF_RESOLVE_PARAM,
    BF_RESOLVE_REPLACE,
    BF_RESOLVE_SUB,
};

struct bf_resolver {
    struct bf_sv name;
    enum bf_resolver_id id;
    size_t min, max; /* arguments; max 0: no limit */
    enum bf_role roles[5];
    enum bf_lookup_kind lookup;
    struct bf_sv status; /* look-ups: the default of the second argument */
    const char *usage;   /* "date:FORMAT[,SHIFT]" */
};

/** NULL: there is no such resolver. */
const struct bf_resolver *bf_resolver_find(struct bf_sv name);

/** The nearest name of a resolver; empty: none. */
struct bf_sv bf_resolver_nearest(struct bf_sv name);

enum bf_role bf_resolver_role(const struct bf_resolver *resolver, size_t arg);

/** The text of an argument without expressions; false: it has some. */
bool bf_arg_literal(const struct bf_arg *arg, struct bf_sv *out);

/** Column of a byte offset: characters from 1. */
size_t bf_expr_column(struct bf_sv text, size_t at);

/**
 * Fill in *error and return ${kind}. The column is left alone: only the caller knows the place.
 */
enum bf_expr_kind bf_expr_fail(struct bf_arena *arena, struct bf_expr_error *error,
                               enum bf_expr_kind kind, const char *fmt, ...) BF_PRINTF(4, 5);

/** The hint of the error that was just filled in. */
void bf_expr_hint(struct bf_arena *arena, struct bf_expr_error *error, const char *fmt, ...)
    BF_PRINTF(3, 4);

/** Names, arguments and written-out values; with ${strict} everything bf_expr_check promises. */
enum bf_expr_kind bf_check_nodes(struct bf_arena *arena, const struct bf_expr *expr, bool strict,
                                 struct bf_expr_error *error, size_t *at);

/** Is ${text} what the role asks for? *offset: where in it the mistake begins. */
enum bf_expr_kind bf_role_check(struct bf_arena *arena, enum bf_role role, struct bf_sv text,
                                struct bf_expr_error *error, size_t *offset);

#endif /* BF_EXPRESSION_TREE_H */

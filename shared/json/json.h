#ifndef BF_JSON_JSON_H
#define BF_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * JSON values. The tree is cJSON's; this is the only header that names it, and
 * nothing outside shared/json includes cJSON. Trees belong to an arena: a root
 * made here is freed at its reset, everything below a root with the root.
 *
 * What cJSON lets pass and we refuse, in one strict pass before it: text that is
 * no UTF-8, a member name that comes twice, \u0000, lone surrogates, more than
 * BF_JSON_DEPTH levels, anything after the value. Numbers keep their text.
 */
typedef struct cJSON bf_json;

enum { BF_JSON_DEPTH = 128 };

enum bf_json_kind {
    BF_JSON_NONE, /* the node is NULL: there is no such member */
    BF_JSON_NULL,
    BF_JSON_BOOL,
    BF_JSON_NUMBER,
    BF_JSON_STRING,
    BF_JSON_ARRAY,
    BF_JSON_OBJECT,
};

/** Parse all of ${text}. Errors are BF_ESYNTAX with line and column; ${file} may be NULL. */
BF_NODISCARD enum bf_code bf_json_parse(struct bf_arena *arena, struct bf_sv text, const char *file,
                                        bf_json **out, struct bf_err *err);

/**
 * The place of ${node} (or of its name, with ${key}) in the text from which the tree ${root} was
 * parsed: for messages about a JSON file. BF_NOWHERE but for the file when it is not below root.
 */
struct bf_loc bf_json_locate(struct bf_sv text, const char *file, const bf_json *root,
                             const bf_json *node, bool key);

/* ---- reading; every function takes NULL for "no such node" ---- */

enum bf_json_kind bf_json_kind(const bf_json *node);

/** "an object", "a string", "nothing": for messages. */
const char *bf_json_kind_name(const bf_json *node);

/** The member ${key}, or NULL. */
bf_json *bf_json_get(const bf_json *object, const char *key);
bf_json *bf_json_get_sv(const bf_json *object, struct bf_sv key);

/**
 * The node at a dotted ${path} ("detail.object.key"); a decimal part is an index where an
 * array stands. NULL: no such node, also where the path goes through a scalar.
 */
bf_json *bf_json_path(const bf_json *node, struct bf_sv path);

/** Iteration over members or items: first, then next until NULL. */
bf_json *bf_json_first(const bf_json *container);
bf_json *bf_json_next(const bf_json *node);
size_t bf_json_count(const bf_json *container);
bf_json *bf_json_at(const bf_json *array, size_t index);

/** The member name of a node that iteration gave. */
struct bf_sv bf_json_key(const bf_json *member);

/** Text of a string, number text as written, "true"/"false"; empty for everything else. */
struct bf_sv bf_json_text(const bf_json *node);

bool bf_json_true(const bf_json *node); /* exactly the literal true */
double bf_json_number(const bf_json *node);

/** A number that is an integer within [min, max], or a string of one (AWS writes both). */
BF_NODISCARD bool bf_json_i64(const bf_json *node, int64_t min, int64_t max, int64_t *out);

/** The string at ${path}, or the empty view when it is absent or no string. */
struct bf_sv bf_json_str(const bf_json *node, const char *path);

/**
 * The required string at ${path}. On failure BF_EINVALID; the message names
 * the path and what was found instead.
 */
BF_NODISCARD enum bf_code bf_json_need_str(const bf_json *node, const char *path, struct bf_sv *out,
                                           struct bf_err *err);

/** Equal as JSON values: member order does not count, numbers by value. */
bool bf_json_equal(const bf_json *a, const bf_json *b);

/* ---- building ---- */

bf_json *bf_json_new_object(struct bf_arena *arena);
bf_json *bf_json_new_array(struct bf_arena *arena);

/**
 * Add to ${parent}: as member ${key} of an object (the caller sees to it that the name is new),
 * or at the end of an array when ${key} is NULL. Strings are copied; what is no UTF-8 in them is
 * replaced by U+FFFD. Each returns the added node.
 */
bf_json *bf_json_add_object(bf_json *parent, const char *key);
bf_json *bf_json_add_array(bf_json *parent, const char *key);
bf_json *bf_json_add_str(bf_json *parent, const char *key, struct bf_sv text);
bf_json *bf_json_add_i64(bf_json *parent, const char *key, int64_t value);
bf_json *bf_json_add_bool(bf_json *parent, const char *key, bool value);
bf_json *bf_json_add_null(bf_json *parent, const char *key);

/** ${text} is a JSON number and is kept as it is. */
bf_json *bf_json_add_number(bf_json *parent, const char *key, struct bf_sv text);

/** A deep copy of ${node} (of any tree). */
bf_json *bf_json_add_copy(bf_json *parent, const char *key, const bf_json *node);

/** Take ${node} out of ${from}, which holds it, and add it to ${parent}. */
bf_json *bf_json_move(bf_json *parent, const char *key, bf_json *node, bf_json *from);

/** Remove the member if it is there. */
void bf_json_remove(bf_json *object, const char *key);

/** Apply a JSON merge patch (RFC 7396) to the object ${target}; null removes a member. */
void bf_json_merge(bf_json *target, const bf_json *patch);

/** The same with a patch that is of no use after it: what it holds is moved, not copied. */
void bf_json_merge_move(bf_json *target, bf_json *patch);

/* ---- printing ---- */

/** Compact text: members in their order, numbers as written, non-ASCII text as UTF-8. */
void bf_json_print(struct bf_buf *out, const bf_json *node);

/** The same with two blanks a level, a line for each member and item, and a final newline. */
void bf_json_print_pretty(struct bf_buf *out, const bf_json *node);

/** Compact text in the arena. */
struct bf_sv bf_json_text_of(struct bf_arena *arena, const bf_json *node);

struct bf_json_length {
    size_t bytes, characters;
};

/** How long that text is; nothing of it stays in the arena. */
struct bf_json_length bf_json_length(struct bf_arena *arena, const bf_json *node);

#endif /* BF_JSON_JSON_H */

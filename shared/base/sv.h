#ifndef BF_BASE_SV_H
#define BF_BASE_SV_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"

/**
 * A borrowed, read-only run of bytes. Passed by value; never NUL-terminated by
 * contract; lives exactly as long as the memory it points into.
 */
struct bf_sv {
    const char *ptr; /* may be NULL when len == 0 */
    size_t len;
};

#define BF_SV(lit)    ((struct bf_sv){.ptr = "" lit, .len = sizeof(lit) - 1})
#define BF_SV_FMT     "%.*s"
#define BF_SV_ARG(sv) ((sv).len > INT_MAX ? INT_MAX : (int)(sv).len), ((sv).len ? (sv).ptr : "")

/** The view of a C string; a NULL pointer is the empty view. */
static inline struct bf_sv bf_sv_of(const char *z)
{
    return (struct bf_sv){.ptr = z, .len = z == NULL ? 0 : strlen(z)};
}

static inline bool bf_sv_eq(struct bf_sv a, struct bf_sv b)
{
    return a.len == b.len &&
           (a.len == 0 || (a.ptr != NULL && b.ptr != NULL && memcmp(a.ptr, b.ptr, a.len) == 0));
}

static inline bool bf_sv_is(struct bf_sv a, const char *z)
{
    return bf_sv_eq(a, bf_sv_of(z));
}

static inline bool bf_sv_starts(struct bf_sv a, struct bf_sv prefix)
{
    return a.len >= prefix.len && bf_sv_eq((struct bf_sv){.ptr = a.ptr, .len = prefix.len}, prefix);
}

static inline bool bf_sv_ends(struct bf_sv a, struct bf_sv suffix)
{
    return a.len >= suffix.len &&
           (suffix.len == 0 ||
            bf_sv_eq((struct bf_sv){.ptr = a.ptr + (a.len - suffix.len), .len = suffix.len},
                     suffix));
}

/** The bytes from ${from} up to ${to}; both are clamped to the view. */
static inline struct bf_sv bf_sv_slice(struct bf_sv a, size_t from, size_t to)
{
    to = to > a.len ? a.len : to;
    from = from > to ? to : from;
    return (struct bf_sv){.ptr = a.ptr == NULL ? NULL : a.ptr + from, .len = to - from};
}

/** Everything from byte ${from} on. */
static inline struct bf_sv bf_sv_from(struct bf_sv a, size_t from)
{
    return bf_sv_slice(a, from, a.len);
}

/** Byte order, shorter first: the order of S3 keys and of sorted listings. */
int bf_sv_cmp(struct bf_sv a, struct bf_sv b);

/** Index of the first ${c}, or a.len. */
size_t bf_sv_find(struct bf_sv a, char c);

/** Index of the first occurrence of ${needle}, or a.len; an empty needle is at 0. */
size_t bf_sv_search(struct bf_sv a, struct bf_sv needle);

/** Without the blanks, tabs, CR and LF at both ends. */
struct bf_sv bf_sv_trim(struct bf_sv a);

/**
 * Cut the text before the first ${sep} off ${rest} and return it; ${rest} then
 * begins after the separator. Without a separator: all of it, and ${rest} is empty.
 */
struct bf_sv bf_sv_cut(struct bf_sv *rest, char sep);

/** A copy in the arena; the byte after the copy is a NUL, so .ptr is a C string as well. */
struct bf_sv bf_sv_dup(struct bf_arena *arena, struct bf_sv a);

/** A NUL-terminated copy in the arena. Embedded NULs end the C string early. */
const char *bf_sv_z(struct bf_arena *arena, struct bf_sv a);

/** printf into the arena; NUL-terminated behind the view. */
struct bf_sv bf_sv_printf(struct bf_arena *arena, const char *fmt, ...) BF_PRINTF(2, 3);

/**
 * Decimal digits with an optional sign, all of the text, within [min, max].
 * Returns false, and leaves *out alone, for anything else.
 */
BF_NODISCARD bool bf_sv_i64(struct bf_sv a, int64_t min, int64_t max, int64_t *out);

#endif /* BF_BASE_SV_H */

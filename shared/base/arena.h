#ifndef BF_BASE_ARENA_H
#define BF_BASE_ARENA_H

#include <stddef.h>

#include "base/compiler.h"

/**
 * Memory with one owner and one lifetime: a Lambda invocation, or a CLI run.
 * Nothing taken from an arena is freed on its own; bf_arena_reset() ends the
 * lifetime of everything at once.
 *
 * Running out is not an error the caller handles: past ${limit}, or when
 * malloc fails, the arena says so on standard error and leaves the process with
 * status 71. Bound sizes that come from input *before* allocating, with a bf_err.
 */
struct bf_arena;

/** Never returns NULL. ${limit} caps the bytes handed out between resets. */
BF_NONNULL_RETURN struct bf_arena *bf_arena_new(size_t limit);

/** Run the deferred calls, last first; then forget every allocation. */
void bf_arena_reset(struct bf_arena *arena);

/** Reset, free the arena itself and set *arenap to NULL. *arenap may be NULL. */
void bf_arena_destroy(struct bf_arena **arenap);

/**
 * Zeroed, never NULL, checked for n * size overflow. Aligned to 8 bytes: for all types but long
 * double and vectors.
 */
BF_NONNULL_RETURN void *bf_arena_alloc(struct bf_arena *arena, size_t n, size_t size);

/**
 * Make an allocation larger: in its place when it is the newest one, or when it is large enough
 * to have memory of its own; else as a copy. ${size} bytes were allocated at ${ptr}, ${bigger} are
 * wanted; the new ones are zeroed. Use the returned pointer, the old one may be gone.
 */
BF_NONNULL_RETURN void *bf_arena_resize(struct bf_arena *arena, void *ptr, size_t size,
                                        size_t bigger);

/**
 * Make room for one more element in an array that lives in the arena: returns
 * ${array} itself, or a larger copy. ${count} elements are in
 * use; *cap is kept by this function and starts at 0 with a NULL array.
 */
BF_NONNULL_RETURN void *bf_arena_grow(struct bf_arena *arena, void *array, size_t count,
                                      size_t *cap, size_t size);

/**
 * An arena as a stack: what is allocated after the mark ends at the rewind, and the memory is used
 * anew. Not together with bf_arena_resize() of what is older than the mark, or with deferred calls
 * in between.
 */
struct bf_arena_mark {
    size_t blocks, used, total;
};

struct bf_arena_mark bf_arena_mark(const struct bf_arena *arena);
void bf_arena_rewind(struct bf_arena *arena, struct bf_arena_mark mark);

/** Call fn(ptr) at the next reset: how a cJSON tree or a curl handle gets an owner. */
void bf_arena_defer(struct bf_arena *arena, void (*fn)(void *), void *ptr);

/** Bytes handed out since the last reset. */
size_t bf_arena_used(const struct bf_arena *arena);

/* NOLINTBEGIN(bugprone-macro-parentheses): "type" is a type name */
#define BF_NEW(arena, type)      ((type *)bf_arena_alloc((arena), 1, sizeof(type)))
#define BF_NEW_N(arena, type, n) ((type *)bf_arena_alloc((arena), (n), sizeof(type)))
/* NOLINTEND(bugprone-macro-parentheses) */

#endif /* BF_BASE_ARENA_H */

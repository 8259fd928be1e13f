#ifndef BF_SPEC_GROW_H
#define BF_SPEC_GROW_H

#include <string.h>

#include "base/arena.h"

/**
 * Lists that are mostly short: they begin in an array on the stack, move to the arena when they
 * outgrow it, and are kept in exactly as much memory as they need.
 */

/** Room for one more element: ${array} itself, or a copy twice as large. */
static inline void *bf_grow(struct bf_arena *arena, void *array, size_t count, size_t *cap,
                            size_t size)
{
    if (count < *cap) {
        return array;
    }
    void *larger = bf_arena_alloc(arena, *cap * 2, size);
    memcpy(larger, array, count * size);
    *cap *= 2;
    return larger;
}

/** A copy that stays; NULL where there is nothing. */
static inline void *bf_keep(struct bf_arena *arena, const void *array, size_t count, size_t size)
{
    if (count == 0) {
        return NULL;
    }
    void *kept = bf_arena_alloc(arena, count, size);
    memcpy(kept, array, count * size);
    return kept;
}

#endif /* BF_SPEC_GROW_H */

#ifndef BF_BASE_INDEX_H
#define BF_BASE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"

/**
 * A hash index over an array whose elements begin with a struct bf_sv, their key: makes
 * look-ups in large maps take the same time as in small ones. The array stays the
 * caller's; it may move and grow, but the keys of indexed elements do not change.
 * Small arrays (up to 16) are searched without any memory.
 */
struct bf_index {
    uint32_t *slots; /* position + 1; 0: free */
    size_t cap;      /* a power of two */
    size_t count;    /* so many elements from the first on are in the index */
};

#define BF_INDEX_NONE SIZE_MAX

/**
 * The position of the first element with ${key} among ${count} elements of ${stride} bytes, or
 * BF_INDEX_NONE. Elements behind index->count are taken into the index on the way.
 */
size_t bf_index_find(struct bf_arena *arena, struct bf_index *index, const void *array,
                     size_t stride, size_t count, struct bf_sv key);

#endif /* BF_BASE_INDEX_H */

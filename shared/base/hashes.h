#ifndef BF_BASE_HASHES_H
#define BF_BASE_HASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/**
 * A set of 64-bit hashes: what of very many things is kept to tell whether one has been there, 11
 * to 21 bytes each. It is several tables with memory of their own, since one that grows is there
 * twice for a moment. All zero is the empty set; bf_hashes_end() frees it.
 */
enum { BF_HASH_TABLES = 16 };

struct bf_hash_table {
    struct bf_arena *arena;
    uint64_t *slots; /* 0: free */
    size_t count, cap;
};

struct bf_hashes {
    struct bf_hash_table tables[BF_HASH_TABLES];
    size_t count;
};

/** Add ${hash}, which is not 0. True: it was not in the set. */
bool bf_hashes_add(struct bf_hashes *hashes, uint64_t hash);

void bf_hashes_end(struct bf_hashes *hashes);

#endif /* BF_BASE_HASHES_H */

#include "base/hashes.h"

enum { TABLE_FIRST = 256, TABLE_BYTES_MAX = 1 << 28 };

/* Where the hash is, or the free slot for it. */
static uint64_t *slot_of(const struct bf_hash_table *table, uint64_t hash)
{
    size_t at = (size_t)(hash / BF_HASH_TABLES) & (table->cap - 1);

    while (table->slots[at] != 0 && table->slots[at] != hash) {
        at = (at + 1) & (table->cap - 1);
    }
    return &table->slots[at];
}

static void more_slots(struct bf_hash_table *table)
{
    struct bf_hash_table more = {.cap = table->cap == 0 ? TABLE_FIRST : table->cap * 2,
                                 .count = table->count,
                                 .arena = bf_arena_new(TABLE_BYTES_MAX)};

    more.slots = BF_NEW_N(more.arena, uint64_t, more.cap);
    for (size_t i = 0; i < table->cap; i++) {
        if (table->slots[i] != 0) {
            *slot_of(&more, table->slots[i]) = table->slots[i];
        }
    }
    bf_arena_destroy(&table->arena);
    *table = more;
}

bool bf_hashes_add(struct bf_hashes *hashes, uint64_t hash)
{
    struct bf_hash_table *table = &hashes->tables[hash % BF_HASH_TABLES];

    if (table->count >= table->cap / 4 * 3) {
        more_slots(table);
    }
    uint64_t *slot = slot_of(table, hash);
    bool is_new = *slot == 0;
    *slot = hash;
    table->count += is_new ? 1 : 0;
    hashes->count += is_new ? 1 : 0;
    return is_new;
}

void bf_hashes_end(struct bf_hashes *hashes)
{
    for (size_t i = 0; i < BF_HASH_TABLES; i++) {
        bf_arena_destroy(&hashes->tables[i].arena);
    }
    *hashes = (struct bf_hashes){0};
}

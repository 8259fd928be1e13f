#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BF_ARENA_BLOCK = 64 * 1024, BF_ARENA_ALIGN = 8, BF_EXIT_OOM = 71 };

/* Arrays double while they are small; large ones would waste half of their memory by that. */
enum { BF_GROW_FIRST = 8, BF_GROW_DOUBLES = 4096 };

struct block {
    struct block *next;
    size_t used, cap;
    alignas(BF_ARENA_ALIGN) unsigned char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *);
    void *ptr;
};

struct bf_arena {
    struct block *blocks; /* newest first */
    size_t block_count;
    struct deferred *deferred;
    size_t total, limit;
};

static BF_NORETURN void out_of_memory(size_t want)
{
    (void)fprintf(stderr, "buzzflow: out of memory (wanted %zu more bytes)\n", want);
    _Exit(BF_EXIT_OOM);
}

struct bf_arena *bf_arena_new(size_t limit)
{
    struct bf_arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL) {
        out_of_memory(sizeof(*arena));
    }
    arena->limit = limit;
    return arena;
}

void bf_arena_reset(struct bf_arena *arena)
{
    /* A deferred call may look at memory of the arena, so the blocks go last. */
    for (struct deferred *d = arena->deferred; d != NULL; d = d->next) {
        d->fn(d->ptr);
    }
    arena->deferred = NULL;
    while (arena->blocks != NULL) {
        struct block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->block_count = 0;
    arena->total = 0;
}

void bf_arena_destroy(struct bf_arena **arenap)
{
    if (*arenap != NULL) {
        bf_arena_reset(*arenap);
        free(*arenap);
        *arenap = NULL;
    }
}

static size_t aligned(size_t size)
{
    const size_t align = BF_ARENA_ALIGN;

    return (size + align - 1) & ~(align - 1);
}

static struct block *new_block(struct bf_arena *arena, size_t want)
{
    size_t cap = want > BF_ARENA_BLOCK ? want : BF_ARENA_BLOCK;
    struct block *b = malloc(sizeof(*b) + cap);

    if (b == NULL) {
        out_of_memory(cap);
    }
    *b = (struct block){.cap = cap, .next = arena->blocks};
    arena->blocks = b;
    arena->block_count++;
    return b;
}

/* Not zeroed: a block is no more than malloc gave, and what nobody takes is not touched. */
static void *take(struct bf_arena *arena, size_t n, size_t size)
{
    size_t bytes = 0;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > arena->limit - arena->total) {
        out_of_memory(size);
    }
    size_t want = aligned(bytes);
    struct block *b = arena->blocks;
    if (b == NULL || b->cap - b->used < want) {
        b = new_block(arena, want);
    }
    void *p = b->bytes + b->used;
    b->used += want;
    arena->total += bytes;
    return p;
}

void *bf_arena_alloc(struct bf_arena *arena, size_t n, size_t size)
{
    return memset(take(arena, n, size), 0, n * size);
}

/* The block that holds nothing but the allocation at ${ptr}; NULL: there is none. */
static struct block **block_of(struct bf_arena *arena, const void *ptr, size_t size)
{
    for (struct block **b = &arena->blocks; *b != NULL; b = &(*b)->next) {
        if ((const void *)(*b)->bytes == ptr) {
            return (*b)->used == aligned(size) ? b : NULL;
        }
    }
    return NULL;
}

static void *resize_block(struct bf_arena *arena, struct block **at, size_t size, size_t bigger)
{
    struct block *b = realloc(*at, sizeof(*b) + aligned(bigger));

    if (b == NULL) {
        out_of_memory(bigger);
    }
    memset(b->bytes + size, 0, aligned(bigger) - size);
    b->used = b->cap = aligned(bigger);
    *at = b;
    arena->total += bigger - size;
    return b->bytes;
}

void *bf_arena_resize(struct bf_arena *arena, void *ptr, size_t size, size_t bigger)
{
    struct block *newest = arena->blocks;
    unsigned char *bytes = ptr;

    if (bigger <= size) {
        return ptr;
    }
    if (bigger - size > arena->limit - arena->total) {
        out_of_memory(bigger);
    }
    if (newest != NULL && size != 0 && bytes + aligned(size) == newest->bytes + newest->used &&
        newest->cap - newest->used >= aligned(bigger) - aligned(size)) {
        memset(bytes + size, 0, bigger - size);
        newest->used += aligned(bigger) - aligned(size);
        arena->total += bigger - size;
        return ptr;
    }
    struct block **own = size >= BF_ARENA_BLOCK ? block_of(arena, ptr, size) : NULL;
    if (own != NULL) {
        return resize_block(arena, own, size, bigger);
    }
    size_t kept = ptr == NULL ? 0 : size;
    unsigned char *copy = take(arena, bigger, 1);
    if (kept != 0) {
        memcpy(copy, ptr, kept);
    }
    memset(copy + kept, 0, bigger - kept);
    return copy;
}

void *bf_arena_grow(struct bf_arena *arena, void *array, size_t count, size_t *cap, size_t size)
{
    if (array != NULL && count < *cap) {
        return array;
    }
    size_t bigger = *cap == 0 ? BF_GROW_FIRST : *cap < BF_GROW_DOUBLES ? *cap * 2 : *cap / 4 * 5;
    if (size != 0 && bigger > arena->limit / size) {
        out_of_memory(size);
    }
    array = bf_arena_resize(arena, array, array == NULL ? 0 : *cap * size, bigger * size);
    *cap = bigger;
    return array;
}

/* A mark counts blocks, because bf_arena_resize() may move one. The empty one that a rewind has
   left is newer than the mark: else each turn of a loop would leave one more. */
struct bf_arena_mark bf_arena_mark(const struct bf_arena *arena)
{
    const struct block *newest = arena->blocks;
    size_t blocks = arena->block_count;

    if (newest != NULL && newest->used == 0) {
        newest = newest->next;
        blocks--;
    }
    return (struct bf_arena_mark){
        .blocks = blocks, .used = newest == NULL ? 0 : newest->used, .total = arena->total};
}

void bf_arena_rewind(struct bf_arena *arena, struct bf_arena_mark mark)
{
    /* One newer block stays, empty, for the next turn: else each turn would get and free one. */
    while (arena->block_count > mark.blocks + 1) {
        struct block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
        arena->block_count--;
    }
    struct block *marked = arena->blocks;
    if (arena->block_count > mark.blocks) {
        arena->blocks->used = 0;
        marked = arena->blocks->next;
    }
    if (marked != NULL) {
        marked->used = mark.used;
    }
    arena->total = mark.total;
}

void bf_arena_defer(struct bf_arena *arena, void (*fn)(void *), void *ptr)
{
    struct deferred *d = BF_NEW(arena, struct deferred);

    *d = (struct deferred){.next = arena->deferred, .fn = fn, .ptr = ptr};
    arena->deferred = d;
}

size_t bf_arena_used(const struct bf_arena *arena)
{
    return arena->total;
}

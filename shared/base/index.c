#include "base/index.h"

enum { SMALL = 16, FIRST_CAP = 64 };

static struct bf_sv key_at(const void *array, size_t stride, size_t position)
{
    struct bf_sv key;

    memcpy(&key, (const char *)array + stride * position, sizeof(key));
    return key;
}

/* FNV-1a: the keys are short words. */
static size_t hash(struct bf_sv key)
{
    uint64_t h = 14695981039346656037U;

    for (size_t i = 0; i < key.len; i++) {
        h = (h ^ (unsigned char)key.ptr[i]) * 1099511628211U;
    }
    return (size_t)(h ^ (h >> 32U));
}

/* The slot that holds ${key}, or the free one where it belongs. */
static uint32_t *slot_of(const struct bf_index *index, const void *array, size_t stride,
                         struct bf_sv key)
{
    size_t i = hash(key) & (index->cap - 1);

    while (index->slots[i] != 0 && !bf_sv_eq(key_at(array, stride, index->slots[i] - 1), key)) {
        i = (i + 1) & (index->cap - 1);
    }
    return &index->slots[i];
}

static void take_in(struct bf_index *index, const void *array, size_t stride, size_t upto)
{
    for (; index->count < upto; index->count++) {
        uint32_t *slot = slot_of(index, array, stride, key_at(array, stride, index->count));
        if (*slot == 0) {
            *slot = (uint32_t)index->count + 1;
        }
    }
}

size_t bf_index_find(struct bf_arena *arena, struct bf_index *index, const void *array,
                     size_t stride, size_t count, struct bf_sv key)
{
    if (count <= SMALL) {
        for (size_t i = 0; i < count; i++) {
            if (bf_sv_eq(key_at(array, stride, i), key)) {
                return i;
            }
        }
        return BF_INDEX_NONE;
    }
    if (count * 2 > index->cap) {
        size_t cap = index->cap == 0 ? FIRST_CAP : index->cap;
        while (cap < count * 4) {
            cap *= 2;
        }
        *index = (struct bf_index){.slots = BF_NEW_N(arena, uint32_t, cap), .cap = cap};
    }
    take_in(index, array, stride, count);
    uint32_t at = *slot_of(index, array, stride, key);
    return at == 0 ? BF_INDEX_NONE : (size_t)at - 1;
}

#include "yaml/build.h"

void bf_yaml_put(struct bf_yaml_loader *loader, struct bf_yaml_pairs *pairs, struct bf_pair pair)
{
    size_t at = bf_index_find(loader->scratch, &pairs->index, pairs->items, sizeof(*pairs->items),
                              pairs->count, pair.key);

    if (at != BF_INDEX_NONE) {
        pairs->items[at] = pair;
        return;
    }
    pairs->items = bf_arena_grow(loader->scratch, pairs->items, pairs->count, &pairs->cap,
                                 sizeof(*pairs->items));
    pairs->items[pairs->count++] = pair;
}

static bool merge_map(struct bf_yaml_loader *loader, struct bf_yaml_pairs *into,
                      const struct bf_value *map)
{
    if (map->kind != BF_VALUE_MAP) {
        return false;
    }
    for (size_t i = 0; i < map->count; i++) {
        bf_yaml_put(loader, into, map->pairs[i]);
    }
    return true;
}

bool bf_yaml_merge_from(struct bf_yaml_loader *loader, struct bf_yaml_pairs *into,
                        const struct bf_value *source)
{
    if (source->kind != BF_VALUE_LIST) {
        return merge_map(loader, into, source);
    }
    /* The first map of a list wins, so it is put last (PyYAML's flatten_mapping). */
    for (size_t i = source->count; i > 0; i--) {
        if (!merge_map(loader, into, source->items[i - 1])) {
            return false;
        }
    }
    return true;
}

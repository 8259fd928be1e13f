#include "spec/node.h"

enum { PATH_MAX_BYTES = 1024 };

static const struct bf_sv missing_text = {.ptr = "???", .len = 3};

static bool yaml_is_missing(const struct bf_yaml *yaml)
{
    return yaml->kind == BF_YAML_STRING && bf_sv_eq(yaml->text, missing_text);
}

bool bf_node_is_missing(const struct bf_node *node)
{
    return node->yaml != NULL && node->kind == BF_YAML_STRING && yaml_is_missing(node->yaml);
}

bool bf_node_is_interpolation(const struct bf_node *node)
{
    if (node->yaml == NULL || node->kind != BF_YAML_STRING || node->raw) {
        return false;
    }
    return bf_sv_search(node->yaml->text, BF_SV("${")) != node->yaml->text.len;
}

static struct bf_node *new_node(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                                const struct bf_yaml *yaml)
{
    struct bf_node *node = BF_NEW(arena, struct bf_node);

    node->parent = parent;
    node->position = position;
    node->yaml = yaml;
    return node;
}

static void reserve(struct bf_arena *arena, struct bf_node *node, size_t count)
{
    node->entries = BF_NEW_N(arena, struct bf_entry, count);
    node->cap = (uint32_t)count;
}

static void add_entry(struct bf_arena *arena, struct bf_node *map, struct bf_entry entry)
{
    size_t cap = map->cap;

    map->entries = bf_arena_grow(arena, map->entries, map->count, &cap, sizeof(struct bf_entry));
    map->cap = (uint32_t)cap;
    map->entries[map->count++] = entry;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may nest, BF_YAML_MAX_DEPTH levels */

struct bf_node *bf_node_build(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_yaml *yaml)
{
    struct bf_node *node = new_node(arena, parent, position, yaml);

    node->kind = (uint8_t)yaml->kind;
    if (yaml->count == 0) {
        return node;
    }
    reserve(arena, node, yaml->count);
    for (uint32_t i = 0; i < yaml->count; i++) {
        bool map = yaml->kind == BF_YAML_MAP;
        struct bf_entry entry = {.key_loc = map ? yaml->pairs[i].key_loc : yaml->items[i]->loc};
        entry.key = map ? yaml->pairs[i].key : (struct bf_sv){0};
        entry.node = bf_node_build(arena, node, i, map ? yaml->pairs[i].value : yaml->items[i]);
        node->entries[node->count++] = entry;
    }
    return node;
}

struct bf_node *bf_node_clone(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_node *from)
{
    struct bf_node *node = new_node(arena, parent, position, from->yaml);

    node->kind = from->kind;
    node->pending = from->pending;
    if (from->yaml == NULL) {
        node->state = from->state;
        node->value = from->value;
    }
    if (from->count == 0) {
        return node;
    }
    reserve(arena, node, from->count);
    for (uint32_t i = 0; i < from->count; i++) {
        struct bf_entry entry = from->entries[i];
        entry.node = bf_node_clone(arena, node, i, entry.node);
        node->entries[node->count++] = entry;
    }
    return node;
}

/* A scalar in a file's place, for text that a call has made. */
static const struct bf_yaml *made_text(struct bf_arena *arena, const struct bf_value *value)
{
    struct bf_yaml *yaml = BF_NEW(arena, struct bf_yaml);

    yaml->kind = BF_YAML_STRING;
    yaml->text = value->text;
    yaml->loc = value->loc;
    return yaml;
}

static void add_values(struct bf_arena *arena, struct bf_node *node, const struct bf_value *value)
{
    bool map = value->kind == BF_VALUE_MAP;

    for (uint32_t i = 0; i < value->count; i++) {
        struct bf_entry entry = {0};
        if (map) {
            entry.key = value->pairs[i].key;
            entry.key_loc = value->pairs[i].key_loc;
        }
        entry.node =
            bf_node_of_value(arena, node, i, map ? value->pairs[i].value : value->items[i]);
        add_entry(arena, node, entry);
    }
}

struct bf_node *bf_node_of_value(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                                 const struct bf_value *value)
{
    struct bf_node *node = new_node(arena, parent, position, NULL);

    if (value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST) {
        node->kind = value->kind == BF_VALUE_MAP ? BF_YAML_MAP : BF_YAML_LIST;
        add_values(arena, node, value);
        struct bf_yaml *yaml = BF_NEW(arena, struct bf_yaml);
        *yaml = (struct bf_yaml){.kind = node->kind, .loc = value->loc};
        node->yaml = yaml;
        return node;
    }
    if (value->kind == BF_VALUE_STRING &&
        bf_sv_search(value->text, BF_SV("${")) != value->text.len) {
        node->kind = BF_YAML_STRING;
        node->yaml = made_text(arena, value);
        return node;
    }
    node->kind = BF_YAML_NULL;
    node->state = BF_NODE_DONE;
    node->value = value;
    return node;
}

/* NOLINTEND(misc-no-recursion) */

static size_t find(struct bf_arena *arena, struct bf_node *map, struct bf_sv key)
{
    if (map->index == NULL) {
        map->index = BF_NEW(arena, struct bf_index);
    }
    return bf_index_find(arena, map->index, map->entries, sizeof(struct bf_entry), map->count, key);
}

struct bf_node *bf_node_get(struct bf_arena *arena, struct bf_node *map, struct bf_sv key)
{
    size_t at = map->kind == BF_YAML_MAP ? find(arena, map, key) : BF_INDEX_NONE;

    return at == BF_INDEX_NONE ? NULL : map->entries[at].node;
}

void bf_node_remove(struct bf_node *map, struct bf_sv key)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < map->count; i++) {
        if (!bf_sv_eq(map->entries[i].key, key)) {
            map->entries[kept] = map->entries[i];
            map->entries[kept].node->position = kept;
            kept++;
        }
    }
    map->count = kept;
    map->index = NULL;
}

static void add_pending(struct bf_arena *arena, struct bf_node *node, const struct bf_yaml *overlay)
{
    struct bf_pending *pending = BF_NEW(arena, struct bf_pending);
    struct bf_pending **end = &node->pending;

    pending->overlay = overlay;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = pending;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may nest, BF_YAML_MAX_DEPTH levels */

static void merge_pair(struct bf_arena *arena, struct bf_node *base,
                       const struct bf_yaml_pair *pair)
{
    size_t at = find(arena, base, pair->key);

    if (at == BF_INDEX_NONE) {
        struct bf_entry entry = {.key = pair->key, .key_loc = pair->key_loc};
        entry.node = bf_node_build(arena, base, base->count, pair->value);
        add_entry(arena, base, entry);
        return;
    }
    struct bf_entry *entry = &base->entries[at];
    if (yaml_is_missing(pair->value)) {
        return;
    }
    if (pair->value->kind == BF_YAML_MAP && entry->node->kind == BF_YAML_MAP) {
        bf_node_merge(arena, entry->node, pair->value);
        return;
    }
    if (pair->value->kind == BF_YAML_MAP && bf_node_is_interpolation(entry->node)) {
        add_pending(arena, entry->node, pair->value);
        return;
    }
    entry->key_loc = pair->key_loc;
    entry->node = bf_node_build(arena, base, (uint32_t)at, pair->value);
}

void bf_node_merge(struct bf_arena *arena, struct bf_node *base, const struct bf_yaml *overlay)
{
    for (size_t i = 0; i < overlay->count; i++) {
        merge_pair(arena, base, &overlay->pairs[i]);
    }
}

/* NOLINTEND(misc-no-recursion) */

/* Text with a bound; what does not fit is cut. */
struct path_text {
    char text[PATH_MAX_BYTES];
    size_t len;
};

static void add_text(struct path_text *out, struct bf_sv text)
{
    size_t n = text.len < sizeof(out->text) - out->len ? text.len : sizeof(out->text) - out->len;

    if (n != 0) {
        memcpy(out->text + out->len, text.ptr, n);
        out->len += n;
    }
}

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may nest, BF_YAML_MAX_DEPTH levels */

static void print_path(struct bf_arena *arena, struct path_text *out, const struct bf_node *node)
{
    if (node->parent == NULL) {
        return;
    }
    print_path(arena, out, node->parent);
    if (node->parent->kind == BF_YAML_LIST) {
        add_text(out, bf_sv_printf(arena, "[%u]", node->position));
        return;
    }
    struct bf_sv key = node->parent->entries[node->position].key;
    bool plain = bf_sv_find(key, '.') == key.len && bf_sv_find(key, '[') == key.len;
    if (plain) {
        add_text(out, out->len == 0 ? BF_SV("") : BF_SV("."));
        add_text(out, key);
        return;
    }
    add_text(out, BF_SV("["));
    add_text(out, key);
    add_text(out, BF_SV("]"));
}

/* NOLINTEND(misc-no-recursion) */

struct bf_sv bf_node_path(struct bf_arena *arena, const struct bf_node *node)
{
    struct path_text path = {.len = 0};

    print_path(arena, &path, node);
    return bf_sv_dup(arena, (struct bf_sv){.ptr = path.text, .len = path.len});
}

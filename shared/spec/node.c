#include "spec/node.h"

enum { PATH_MAX_BYTES = 1024 };

static const struct bf_sv missing_text = {.ptr = "???", .len = 3};

static bool says_missing(const struct bf_value *written)
{
    return written->kind == BF_VALUE_STRING && written->open &&
           bf_sv_eq(written->text, missing_text);
}

bool bf_node_is_missing(const struct bf_node *node)
{
    return node->kind == BF_VALUE_STRING && says_missing(node->written);
}

bool bf_node_is_interpolation(const struct bf_node *node)
{
    return node->kind == BF_VALUE_STRING && node->written->open && !node->raw &&
           !says_missing(node->written);
}

struct bf_node *bf_node_new(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                            const struct bf_value *written)
{
    struct bf_node *node = BF_NEW(arena, struct bf_node);

    node->parent = parent;
    node->position = position;
    node->written = written;
    node->kind = (uint8_t)written->kind;
    if (written->kind == BF_VALUE_MAP || written->kind == BF_VALUE_LIST) {
        node->count = written->count;
    }
    if (written->kind == BF_VALUE_MAP) {
        node->pairs = written->pairs;
    }
    return node;
}

const struct bf_value *bf_node_item(const struct bf_node *node, size_t i)
{
    return node->kind == BF_VALUE_MAP ? node->pairs[i].value : node->written->items[i];
}

struct bf_node *bf_node_made(const struct bf_node *node, size_t i)
{
    return node->children == NULL ? NULL : node->children[i];
}

static struct bf_node **slot(struct bf_arena *arena, struct bf_node *node, size_t i)
{
    if (node->children == NULL) {
        node->children =
            BF_NEW_N(arena, struct bf_node *, node->cap != 0 ? node->cap : node->count);
    }
    return &node->children[i];
}

struct bf_node *bf_node_child(struct bf_arena *arena, struct bf_node *node, size_t i)
{
    struct bf_node **child = slot(arena, node, i);

    if (*child == NULL) {
        *child = bf_node_new(arena, node, (uint32_t)i, bf_node_item(node, i));
        (*child)->raw = node->raw;
    }
    return *child;
}

bool bf_node_is_unmerged(const struct bf_node *node)
{
    return node->kind != BF_VALUE_MAP || node->pairs == node->written->pairs;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may nest, BF_YAML_MAX_DEPTH levels */

struct bf_node *bf_node_clone(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_node *from)
{
    struct bf_node *node = bf_node_new(arena, parent, position, from->written);

    node->kind = from->kind;
    node->pairs = from->pairs; /* cap is 0: the first merge makes a copy */
    node->count = from->count;
    node->pending = from->pending;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct bf_node *child = bf_node_made(from, i);
        if (child != NULL) { /* something may have been merged into it */
            *slot(arena, node, i) = bf_node_clone(arena, node, i, child);
        }
    }
    return node;
}

void bf_node_set_aside(struct bf_node *node)
{
    node->raw = true;
    for (uint32_t i = 0; node->children != NULL && i < node->count; i++) {
        if (node->children[i] != NULL) {
            bf_node_set_aside(node->children[i]);
        }
    }
}

size_t bf_node_size(const struct bf_node *node)
{
    size_t size = 1;

    if (bf_node_is_unmerged(node) && node->children == NULL) {
        return node->written->size;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct bf_node *child = bf_node_made(node, i);
        size += child != NULL ? bf_node_size(child) : bf_node_item(node, i)->size;
    }
    return size;
}

/* A value as a file would write it: where text with "${" is, that is open. */
static const struct bf_value *as_written(struct bf_arena *arena, const struct bf_value *value)
{
    bool map = value->kind == BF_VALUE_MAP;
    struct bf_value *copy = NULL;

    if (value->kind == BF_VALUE_STRING &&
        bf_sv_search(value->text, BF_SV("${")) != value->text.len) {
        copy = BF_NEW(arena, struct bf_value);
        *copy = (struct bf_value){.kind = BF_VALUE_STRING,
                                  .text = value->text,
                                  .loc = value->loc,
                                  .size = 1,
                                  .open = true};
        return copy;
    }
    if (!map && value->kind != BF_VALUE_LIST) {
        return value;
    }
    struct bf_pair *pairs = map ? BF_NEW_N(arena, struct bf_pair, value->count) : NULL;
    const struct bf_value **items =
        map ? NULL : BF_NEW_N(arena, const struct bf_value *, value->count);
    copy = BF_NEW(arena, struct bf_value);
    *copy = *value;
    copy->open = false;
    for (uint32_t i = 0; i < value->count; i++) {
        const struct bf_value *child =
            as_written(arena, map ? value->pairs[i].value : value->items[i]);
        copy->open = copy->open || child->open;
        if (map) {
            pairs[i] = value->pairs[i];
            pairs[i].value = child;
        } else {
            items[i] = child;
        }
    }
    if (map) {
        copy->pairs = pairs;
    } else {
        copy->items = items;
    }
    return copy->open ? copy : value;
}

/* NOLINTEND(misc-no-recursion) */

struct bf_node *bf_node_of_value(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                                 const struct bf_value *value)
{
    return bf_node_new(arena, parent, position, as_written(arena, value));
}

static size_t find(struct bf_arena *arena, struct bf_node *map, struct bf_sv key)
{
    if (map->index == NULL) {
        map->index = BF_NEW(arena, struct bf_index);
    }
    return bf_index_find(arena, map->index, map->pairs, sizeof(struct bf_pair), map->count, key);
}

struct bf_node *bf_node_get(struct bf_arena *arena, struct bf_node *map, struct bf_sv key)
{
    size_t at = map->kind == BF_VALUE_MAP ? find(arena, map, key) : BF_INDEX_NONE;

    return at == BF_INDEX_NONE ? NULL : bf_node_child(arena, map, at);
}

/* Pairs of its own, with room for ${more}: what was written stays as it is. */
static struct bf_pair *own_pairs(struct bf_arena *arena, struct bf_node *map, size_t more)
{
    size_t cap = map->count + more;

    if (map->cap < cap) {
        struct bf_pair *pairs = BF_NEW_N(arena, struct bf_pair, cap);
        struct bf_node **children =
            map->children == NULL ? NULL : BF_NEW_N(arena, struct bf_node *, cap);
        for (uint32_t i = 0; i < map->count; i++) {
            pairs[i] = map->pairs[i];
            if (children != NULL) {
                children[i] = map->children[i];
            }
        }
        map->own = pairs;
        map->children = children;
        map->cap = (uint32_t)cap;
    }
    return map->own;
}

void bf_node_remove(struct bf_arena *arena, struct bf_node *map, struct bf_sv key)
{
    size_t at = find(arena, map, key);

    if (at == BF_INDEX_NONE) {
        return;
    }
    struct bf_pair *pairs = own_pairs(arena, map, 0);
    for (size_t i = at + 1; i < map->count; i++) {
        pairs[i - 1] = pairs[i];
        if (map->children != NULL) {
            map->children[i - 1] = map->children[i];
        }
        if (bf_node_made(map, i - 1) != NULL) {
            map->children[i - 1]->position = (uint32_t)i - 1;
        }
    }
    map->count--;
    map->index = NULL;
}

static void add_pending(struct bf_arena *arena, struct bf_node *node,
                        const struct bf_value *overlay)
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

static void merge_pair(struct bf_arena *arena, struct bf_node *base, struct bf_pair *pairs,
                       const struct bf_pair *over)
{
    size_t at = find(arena, base, over->key);

    if (at == BF_INDEX_NONE) {
        pairs[base->count++] = *over;
        return;
    }
    if (says_missing(over->value)) {
        return;
    }
    struct bf_node *child = bf_node_made(base, at);
    enum bf_value_kind kind = child == NULL ? pairs[at].value->kind : child->kind;
    if (over->value->kind == BF_VALUE_MAP && kind == BF_VALUE_MAP) {
        bf_node_merge(arena, bf_node_child(arena, base, at), over->value);
        return;
    }
    if (over->value->kind == BF_VALUE_MAP && kind == BF_VALUE_STRING) {
        child = bf_node_child(arena, base, at);
        if (bf_node_is_interpolation(child)) {
            add_pending(arena, child, over->value);
            return;
        }
    }
    pairs[at].key_loc = over->key_loc;
    pairs[at].value = over->value;
    if (base->children != NULL) {
        base->children[at] = NULL;
    }
}

void bf_node_merge(struct bf_arena *arena, struct bf_node *base, const struct bf_value *overlay)
{
    if (overlay->count == 0) {
        return;
    }
    struct bf_pair *pairs = own_pairs(arena, base, overlay->count);
    for (size_t i = 0; i < overlay->count; i++) {
        merge_pair(arena, base, pairs, &overlay->pairs[i]);
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
    if (node->parent->kind == BF_VALUE_LIST) {
        add_text(out, bf_sv_printf(arena, "[%u]", node->position));
        return;
    }
    struct bf_sv key = node->parent->pairs[node->position].key;
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

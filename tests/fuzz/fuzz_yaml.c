/* Any bytes are either a tree in which every scalar has its place, or a clear error. */
#include <stdint.h>
#include <stdlib.h>

#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

/* The walk over a quoted scalar's source ends before the closing quote when its text ends. */
static void check_scalar(const struct bf_value *node)
{
    struct bf_yaml_walk walk = bf_yaml_walk_start(node);
    struct bf_loc loc = bf_yaml_walk_span(&walk, node->text.len, node->text.len);

    if (!node->written) {
        return;
    }
    require(loc.line >= node->loc.line && loc.col >= 1);
    if (node->style == BF_STYLE_SINGLE || node->style == BF_STYLE_DOUBLE) {
        require(walk.value == node->text.len);
        require(walk.at < walk.source.len);
    }
}

static void check(const struct bf_value *node, unsigned depth)
{
    require(depth <= BF_YAML_MAX_DEPTH);
    if (node->kind != BF_VALUE_LIST && node->kind != BF_VALUE_MAP) {
        check_scalar(node);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == BF_VALUE_LIST) {
            check(node->items[i], depth + 1);
            continue;
        }
        require(node->pairs[i].key_loc.line != 0);
        require(bf_value_get(node, node->pairs[i].key) == node->pairs[i].value);
        check(node->pairs[i].value, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)512 << 20U);
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_buf out = bf_buf_new(arena, (size_t)1 << 20U);
    struct bf_sv text = {(const char *)data, size};
    const struct bf_value *root = NULL;

    bf_diags_add_source(diags, "f.yaml", text);
    enum bf_code code = bf_yaml_load(arena, text, "f.yaml", diags, &root);
    require((code == BF_OK) == (bf_diags_count(diags, BF_ERROR) == 0));
    require(code != BF_OK || root != NULL);
    if (root != NULL) {
        check(root, 0);
    }
    bf_diags_print_text(diags, &out, false);
    bf_arena_destroy(&arena);
    return 0;
}

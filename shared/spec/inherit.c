#include "spec/check.h"

/* Merging resolved values: the top level and "defaults" under each step. */

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
const struct bf_value *bf_value_merge(struct bf_arena *arena, const struct bf_value *base,
                                      const struct bf_value *overlay)
{
    if (base == NULL || base->kind != BF_VALUE_MAP || overlay->kind != BF_VALUE_MAP) {
        return overlay;
    }
    struct bf_pair *pairs = BF_NEW_N(arena, struct bf_pair, base->count + overlay->count + 1);
    struct bf_index index = {0};
    size_t count = base->count;
    for (size_t i = 0; i < count; i++) {
        pairs[i] = base->pairs[i];
    }
    for (size_t i = 0; i < overlay->count; i++) {
        const struct bf_pair *over = &overlay->pairs[i];
        size_t at = bf_index_find(arena, &index, pairs, sizeof *pairs, base->count, over->key);
        if (at == BF_INDEX_NONE) {
            pairs[count++] = *over;
            continue;
        }
        pairs[at].value = bf_value_merge(arena, pairs[at].value, over->value);
        pairs[at].key_loc = over->key_loc;
    }
    struct bf_value *merged = BF_NEW(arena, struct bf_value);
    *merged = *overlay;
    merged->count = (uint32_t)count;
    merged->pairs = pairs;
    merged->size = 1;
    for (size_t i = 0; i < count; i++) {
        merged->size += pairs[i].value->size;
    }
    return merged;
}

struct layer {
    struct bf_pair *pairs;
    size_t count;
};

static void take(struct layer *layer, const struct bf_pair *pair)
{
    if (pair == NULL || pair->value->kind == BF_VALUE_NULL) {
        return;
    }
    size_t at = 0;
    while (at < layer->count && !bf_sv_eq(layer->pairs[at].key, pair->key)) {
        at++;
    }
    layer->pairs[at] = *pair;
    layer->count += at == layer->count ? 1 : 0;
}

static bool inherits(const struct bf_field *field, enum bf_step_kind kind)
{
    bf_step_set heirs = field->heirs == 0 ? field->steps : field->heirs;
    return heirs == 0 || (heirs & ((bf_step_set)1 << kind)) != 0;
}

/** Null takes network, tags and defaults away from a step; a role it says nothing about. */
static const struct bf_value *without_null_role(struct bf_arena *arena, const struct bf_value *own)
{
    const struct bf_pair *role = bf_value_pair(own, BF_SV("role"));
    if (role == NULL || role->value->kind != BF_VALUE_NULL) {
        return own;
    }
    struct bf_pair *pairs = BF_NEW_N(arena, struct bf_pair, own->count);
    struct bf_value *rest = BF_NEW(arena, struct bf_value);
    *rest = *own;
    rest->pairs = pairs;
    rest->count = 0;
    for (size_t i = 0; i < own->count; i++) {
        if (&own->pairs[i] != role) {
            pairs[rest->count++] = own->pairs[i];
        }
    }
    return rest;
}

const struct bf_value *bf_step_inherit(struct bf_check *check, enum bf_step_kind kind,
                                       const struct bf_value *own)
{
    static const char *const from_top[] = {"role", "network", "tags"};
    const struct bf_value *root = check->pipeline->root;
    const struct bf_value *defaults = bf_value_get(root, BF_SV("defaults"));
    if (kind == BF_STEP_KINDS || kind == BF_STEP_RAW || own->kind != BF_VALUE_MAP) {
        return own;
    }
    size_t most = BF_COUNTOF(from_top) +
                  (defaults == NULL || defaults->kind != BF_VALUE_MAP ? 0 : defaults->count);
    struct bf_arena_mark mark = bf_arena_mark(check->scratch);
    struct layer layer = {.pairs = BF_NEW_N(check->scratch, struct bf_pair, most)};
    for (size_t i = 0; i < BF_COUNTOF(from_top); i++) {
        /* A cluster's role is another one: that of the step on it. */
        bool emr_role = kind == BF_STEP_EMR && i == 0;
        if (!emr_role && bf_field_find(bf_fields_step, bf_sv_of(from_top[i]), kind) != NULL) {
            take(&layer, bf_value_pair(root, bf_sv_of(from_top[i])));
        }
    }
    for (size_t i = 0; most > BF_COUNTOF(from_top) && i < defaults->count; i++) {
        const struct bf_field *field = bf_field_find(bf_fields_step, defaults->pairs[i].key, kind);
        if (field != NULL && (field->flags & BF_DEFAULTS) != 0 && inherits(field, kind)) {
            take(&layer, &defaults->pairs[i]);
        }
    }
    struct bf_value base = {
        .kind = BF_VALUE_MAP, .count = (uint32_t)layer.count, .pairs = layer.pairs};
    const struct bf_value *fields =
        bf_value_merge(check->arena, &base, without_null_role(check->arena, own));
    bf_arena_rewind(check->scratch, mark);
    return fields;
}

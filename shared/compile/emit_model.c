#include "compile/emit.h"

#include <string.h>

/* Containers of models and packages, ranges of a search, variants of an endpoint. */

void bf_emit_containers(struct bf_emit *emit, const struct bf_field *field,
                        const struct bf_value *value)
{
    if (value == NULL) {
        return;
    }
    bool list = value->kind == BF_VALUE_LIST;
    struct bf_emit inner = *emit;
    if (!list && emit->step->kind == BF_STEP_MODEL) {
        inner.base = bf_emit_object(emit, field->to[0].path);
        bf_emit_fields(&inner, field->fields, value, NULL);
        return;
    }
    bf_json *array =
        bf_emit_array(emit, emit->step->kind == BF_STEP_MODEL ? "Containers" : field->to[0].path);
    for (size_t i = 0; i < (list ? value->count : 1); i++) {
        inner.base = bf_json_add_object(array, NULL);
        bf_emit_fields(&inner, field->fields, list ? value->items[i] : value, NULL);
    }
}

static const char *range_list(const struct bf_value *range)
{
    const struct bf_value *min = bf_object_get(range, "min", NULL);
    const struct bf_value *max = bf_object_get(range, "max", NULL);
    if (bf_object_get(range, "values", NULL) != NULL) {
        return "CategoricalParameterRanges";
    }
    bool real = bf_object_get(range, "kind", NULL) != NULL ||
                (min != NULL && min->kind == BF_VALUE_FLOAT) ||
                (max != NULL && max->kind == BF_VALUE_FLOAT);
    return real ? "ContinuousParameterRanges" : "IntegerParameterRanges";
}

/** Min and Max are strings, as they are written. */
static void emit_range(struct bf_emit *emit, const struct bf_field *fields, bf_json *item,
                       const struct bf_value *range)
{
    struct bf_emit inner = *emit;
    inner.base = item;
    for (const struct bf_field *row = fields; row->name != NULL; row = bf_field_next(row)) {
        const struct bf_value *value = bf_object_get(range, row->name, NULL);
        if (value != NULL && row->kind == BF_KIND_NUMBER) {
            bf_json_add_str(item, row->to[0].path, value->text);
        } else if (value != NULL && row->to != NULL) {
            bf_emit_plain(&inner, row, value);
        }
    }
}

void bf_emit_ranges(struct bf_emit *emit, const struct bf_field *field,
                    const struct bf_value *value)
{
    static const char *const lists[] = {"IntegerParameterRanges", "ContinuousParameterRanges",
                                        "CategoricalParameterRanges"};
    bf_json *ranges = bf_emit_object(emit, field->to[0].path);
    for (size_t l = 0; l < BF_COUNTOF(lists); l++) {
        for (size_t i = 0; value != NULL && i < value->count; i++) {
            const struct bf_value *range = value->pairs[i].value;
            if (range->kind != BF_VALUE_MAP || strcmp(range_list(range), lists[l]) != 0) {
                continue;
            }
            bf_json *array = bf_json_get(ranges, lists[l]);
            array = array != NULL ? array : bf_json_add_array(ranges, lists[l]);
            bf_json *item = bf_json_add_object(array, NULL);
            bf_json_add_str(item, "Name", value->pairs[i].key);
            emit_range(emit, field->item->fields, item, range);
        }
    }
}

void bf_emit_variants(struct bf_emit *emit, const struct bf_field *field,
                      const struct bf_value *value)
{
    if (value == NULL) {
        return;
    }
    bf_emit_plain(emit, field, value);
    bf_json *array = bf_emit_array(emit, field->to[0].path);
    for (bf_json *item = bf_json_first(array); item != NULL; item = bf_json_next(item)) {
        if (bf_json_get(item, "ServerlessConfig") == NULL &&
            bf_json_get(item, "InitialInstanceCount") == NULL) {
            bf_json_add_i64(item, "InitialInstanceCount", 1);
        }
    }
}

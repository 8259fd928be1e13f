#include "yaml/value.h"

const struct bf_pair *bf_value_pair(const struct bf_value *map, struct bf_sv key)
{
    if (map == NULL || map->kind != BF_VALUE_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (bf_sv_eq(map->pairs[i].key, key)) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

const struct bf_value *bf_value_get(const struct bf_value *map, struct bf_sv key)
{
    const struct bf_pair *pair = bf_value_pair(map, key);

    return pair == NULL ? NULL : pair->value;
}

double bf_value_double(const struct bf_value *value)
{
    if (value->kind == BF_VALUE_INT && !value->wide) {
        return (double)value->integer;
    }
    return value->kind == BF_VALUE_INT || value->kind == BF_VALUE_FLOAT ? value->number : 0;
}

const char *bf_value_kind_name(const struct bf_value *value)
{
    static const char *const names[] = {
        [BF_VALUE_NULL] = "null",
        [BF_VALUE_BOOL] = "a boolean",
        [BF_VALUE_INT] = "an integer",
        [BF_VALUE_FLOAT] = "a number",
        [BF_VALUE_STRING] = "a string",
        [BF_VALUE_REFERENCE] = "a run-time reference",
        [BF_VALUE_JOINED] = "text with run-time references",
        [BF_VALUE_LIST] = "a list",
        [BF_VALUE_MAP] = "a map",
        [BF_VALUE_ERROR] = "a value that could not be computed",
    };

    return value == NULL ? "nothing" : names[value->kind];
}

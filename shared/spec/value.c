#include "spec/value.h"

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

void bf_value_note_chain(struct bf_diags *diags, struct bf_diag *diag, const struct bf_value *value)
{
    for (const struct bf_link *link = value->chain; link != NULL; link = link->next) {
        bf_diag_note(diags, diag, link->loc, "the value comes from '" BF_SV_FMT "'",
                     BF_SV_ARG(link->path));
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
bool bf_value_holds_error(const struct bf_value *value)
{
    bool found = value->kind == BF_VALUE_ERROR;
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_LIST && !found; i++) {
        found = bf_value_holds_error(value->items[i]);
    }
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_MAP && !found; i++) {
        found = bf_value_holds_error(value->pairs[i].value);
    }
    return found;
}

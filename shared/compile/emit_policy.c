#include "compile/emit.h"

/* RetryPolicies and CacheConfig. */

static void emit_policy(struct bf_emit *emit, const struct bf_field *field,
                        const struct bf_value *policy)
{
    const struct bf_value *errors = bf_object_get(policy, "errors", NULL);
    const struct bf_value *within = bf_object_get(policy, "within", NULL);
    const struct bf_field *row = bf_field_find(bf_fields_retry, BF_SV("errors"), BF_STEP_KINDS);
    bf_json *item = NULL, *types = NULL;
    for (size_t i = 0; errors != NULL && i < errors->count; i++) {
        struct bf_sv word = errors->items[i]->text;
        if (!bf_retry_supported(emit->step->kind, word)) {
            continue; /* from "defaults": the checks have refused it elsewhere */
        }
        if (item == NULL) {
            item = bf_json_add_object(bf_emit_array(emit, field->to[0].path), NULL);
            types = bf_json_add_array(item, "ExceptionType");
        }
        bf_json_add_str(types, NULL, bf_word_api(row->item->words, word));
    }
    if (item == NULL) {
        return;
    }
    struct bf_emit inner = *emit;
    inner.base = item;
    for (row = bf_fields_retry; row->name != NULL; row = bf_field_next(row)) {
        const struct bf_value *value = bf_object_get(policy, row->name, NULL);
        if (row->emit == BF_EMIT_PLAIN && (value != NULL || (row->flags & BF_EMIT) != 0)) {
            bf_emit_plain(&inner, row, value);
        }
    }
    int64_t seconds = 0;
    if (within != NULL && bf_duration_parse(within->text, &seconds)) {
        bf_json_add_i64(item, "ExpireAfterMin", seconds / 60);
    } else if (bf_object_get(policy, "attempts", NULL) == NULL) {
        bf_json_add_i64(item, "MaxAttempts", 5);
    }
}

void bf_emit_retry(struct bf_emit *emit, const struct bf_field *field, const struct bf_value *value)
{
    for (size_t i = 0; value != NULL && i < value->count; i++) {
        emit_policy(emit, field, value->items[i]);
    }
}

/**
 * Strict ISO 8601, unit by unit as written: "36h" is PT36H, "1d12h" P1DT12H; weeks become days.
 */
static struct bf_sv iso_duration(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf date = bf_buf_new(arena, 100), time = bf_buf_new(arena, 100);
    int64_t days = 0;
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        int64_t number = 0;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
            end++;
        }
        if (end == text.len || !bf_sv_i64(bf_sv_slice(text, at, end), 0, INT32_MAX, &number)) {
            break; /* the checks have refused it */
        }
        char unit = text.ptr[end];
        if (unit == 'w' || unit == 'd') {
            days += unit == 'w' ? number * 7 : number;
        } else {
            bf_buf_printf(&time, "%lld%c", (long long)number, unit - 'a' + 'A');
        }
        at = end + 1;
    }
    if (days > 0 || time.len == 0) {
        bf_buf_printf(&date, "%lldD", (long long)days);
    }
    return bf_sv_printf(arena, "P" BF_SV_FMT "%s" BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&date)),
                        time.len > 0 ? "T" : "", BF_SV_ARG(bf_buf_sv(&time)));
}

void bf_emit_cache(struct bf_emit *emit, const struct bf_field *field, const struct bf_value *value)
{
    if (value == NULL || value->kind != BF_VALUE_STRING) {
        return; /* false: never */
    }
    bf_json *config = bf_emit_object(emit, field->to[0].path);
    bf_json_add_bool(config, "Enabled", true);
    bf_json_add_str(config, "ExpireAfter", iso_duration(emit->arena, value->text));
}

#include "compile/emit.h"

#include <string.h>

/* The walk along the field table: what is one member of the request. */

/* ---- places ---- */

static bf_json *child_object(bf_json *parent, const char *name)
{
    bf_json *child = bf_json_get(parent, name);
    return child != NULL ? child : bf_json_add_object(parent, name);
}

bf_json *bf_emit_parent(struct bf_emit *emit, const char *path, const char **member)
{
    bf_json *at = path[0] == '@' ? emit->envelope : emit->base;
    struct bf_sv rest = bf_sv_of(path[0] == '@' ? path + 1 : path);
    for (;;) {
        struct bf_sv name = bf_sv_cut(&rest, '.');
        if (rest.len == 0) {
            *member = bf_sv_z(emit->arena, name);
            return at;
        }
        at = child_object(at, bf_sv_z(emit->arena, name));
    }
}

bf_json *bf_emit_object(struct bf_emit *emit, const char *path)
{
    const char *member = NULL;
    if (path == NULL || path[0] == '\0') {
        return emit->base;
    }
    bf_json *parent = bf_emit_parent(emit, path, &member);
    return child_object(parent, member);
}

bf_json *bf_emit_array(struct bf_emit *emit, const char *path)
{
    const char *member = NULL;
    bf_json *parent = bf_emit_parent(emit, path, &member);
    bf_json *array = bf_json_get(parent, member);
    return array != NULL ? array : bf_json_add_array(parent, member);
}

/* ---- scalars ---- */

static struct bf_value literal_of(const struct bf_field *field, struct bf_sv text)
{
    struct bf_value value = {.kind = BF_VALUE_STRING, .text = text};
    if (field->kind == BF_KIND_INT || field->kind == BF_KIND_NUMBER) {
        value.kind = BF_VALUE_INT;
        value.wide = true; /* only the text counts */
    } else if (field->kind == BF_KIND_BOOL) {
        value.kind = BF_VALUE_BOOL;
        value.boolean = bf_sv_is(text, "true");
    }
    return value;
}

static bool is_reference(const struct bf_value *value)
{
    return value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
}

static void emit_scalar(struct bf_emit *emit, const struct bf_field *field, bf_json *parent,
                        const char *key, const struct bf_value *value)
{
    bool native = field->kind == BF_KIND_INT || field->kind == BF_KIND_NUMBER ||
                  field->kind == BF_KIND_BOOL || field->kind == BF_KIND_DURATION ||
                  field->kind == BF_KIND_WORD || field->kind == BF_KIND_ANY ||
                  (field->flags & BF_NATIVE) != 0;
    int64_t seconds = 0;
    if (field->kind == BF_KIND_SOURCE || field->kind == BF_KIND_LOCATION) {
        bf_emit_location(emit, parent, key, value);
    } else if (field->kind == BF_KIND_DURATION && bf_duration_parse(value->text, &seconds)) {
        bf_json_add_i64(parent, key, seconds);
    } else if (field->words != NULL && !is_reference(value)) {
        bf_json_add_str(parent, key, bf_word_api(field->words, value->text));
    } else if (native) {
        bf_emit_native(emit, parent, key, value);
    } else {
        bf_emit_text(emit, parent, key, value);
    }
}

static void emit_fallback(struct bf_emit *emit, const struct bf_field *field, const char *path)
{
    struct bf_fill fill = {.pipeline = emit->pipeline, .step = emit->step, .name = emit->name};
    const char *member = NULL;
    if ((field->flags & BF_EMIT) == 0 || field->fallback == NULL || path == NULL) {
        return;
    }
    struct bf_sv text = bf_fill_text(emit->arena, field->fallback, &fill);
    if (text.len == 0) {
        return; /* such as {kms_key} where storage has none */
    }
    bf_json *parent = bf_emit_parent(emit, path, &member);
    if (field->kind == BF_KIND_URI) {
        bf_emit_filled(emit, parent, member, text);
        return;
    }
    struct bf_value value = literal_of(field, text);
    emit_scalar(emit, field, parent, member, &value);
}

/* ---- maps and lists ---- */

void bf_emit_item(struct bf_emit *emit, bf_json *array, const struct bf_field *field,
                  const struct bf_pair *pair)
{
    struct bf_emit inner = *emit;
    inner.base = bf_json_add_object(array, NULL);
    inner.name = pair->key;
    if (field->key_to != NULL) {
        bf_json_add_str(inner.base, field->key_to, pair->key);
    }
    bf_emit_fields(&inner, field->item->fields, pair->value, field->item->shorthand);
    bf_emit_patch(&inner, inner.base, bf_object_get(pair->value, "raw", NULL));
}

static void emit_pair(struct bf_emit *emit, const struct bf_field *field, bf_json *to,
                      const struct bf_pair *pair)
{
    if (field->item->kind == BF_KIND_OBJECT) {
        bf_emit_item(emit, to, field, pair);
        return;
    }
    if (field->key_to != NULL) {
        bf_json *entry = bf_json_add_object(to, NULL);
        bf_json_add_str(entry, field->key_to, pair->key);
        emit_scalar(emit, field->item, entry, field->value_to, pair->value);
        return;
    }
    emit_scalar(emit, field->item, to, bf_sv_z(emit->arena, pair->key), pair->value);
}

static void emit_map(struct bf_emit *emit, const struct bf_field *field, const char *path,
                     const struct bf_value *value)
{
    bool always = (field->flags & BF_EMIT) != 0;
    bf_json *to = NULL;
    for (size_t i = 0; value != NULL && i < value->count; i++) {
        if (value->pairs[i].value->kind == BF_VALUE_NULL) {
            continue;
        }
        if (to == NULL) {
            to = field->key_to != NULL ? bf_emit_array(emit, path) : bf_emit_object(emit, path);
        }
        emit_pair(emit, field, to, &value->pairs[i]);
    }
    if (to == NULL && always) {
        (void)bf_emit_array(emit, path);
    }
}

static void emit_list(struct bf_emit *emit, const struct bf_field *field, const char *path,
                      const struct bf_value *value)
{
    bf_json *array = bf_emit_array(emit, path);
    for (size_t i = 0; i < value->count; i++) {
        if (field->item->kind == BF_KIND_OBJECT) {
            struct bf_pair pair = {.value = value->items[i]};
            bf_emit_item(emit, array, field, &pair);
        } else {
            emit_scalar(emit, field->item, array, NULL, value->items[i]);
        }
    }
}

static const struct bf_field *row_for(const struct bf_field *field, const struct bf_value *value)
{
    if (value == NULL || field->alt == NULL) {
        return field;
    }
    bool list = field->alt->kind == BF_KIND_LIST, map = field->alt->kind == BF_KIND_OBJECT;
    bool other = (list && value->kind == BF_VALUE_LIST) || (map && value->kind == BF_VALUE_MAP);
    return other ? field->alt : field;
}

void bf_emit_plain(struct bf_emit *emit, const struct bf_field *field, const struct bf_value *value)
{
    const char *path = bf_field_path(field, emit->step->kind);
    const struct bf_field *row = row_for(field, value);
    if (row->kind == BF_KIND_OBJECT) {
        struct bf_emit inner = *emit;
        inner.base = value == NULL ? emit->base : bf_emit_object(emit, path);
        bf_emit_fields(&inner, row->fields, value, row->shorthand);
        return;
    }
    if (path == NULL) {
        return;
    }
    if (row->kind == BF_KIND_MAP) {
        emit_map(emit, row, path, value);
    } else if (value == NULL) {
        emit_fallback(emit, field, path);
    } else if (row->kind == BF_KIND_LIST) {
        emit_list(emit, row, path, value);
    } else {
        const char *member = NULL;
        bf_json *parent = bf_emit_parent(emit, path, &member);
        emit_scalar(emit, row, parent, member, value);
    }
}

static bf_emit_function *const emitters[BF_EMITTERS] = {
    [BF_EMIT_PLAIN] = bf_emit_plain,
    [BF_EMIT_INPUTS] = bf_emit_inputs,
    [BF_EMIT_OUTPUTS] = bf_emit_outputs,
    [BF_EMIT_ENTRYPOINT] = bf_emit_entrypoint,
    [BF_EMIT_ARGUMENTS] = bf_emit_arguments,
    [BF_EMIT_ENVIRONMENT] = bf_emit_environment,
    [BF_EMIT_HYPERPARAMETERS] = bf_emit_hyperparameters,
    [BF_EMIT_SPOT] = bf_emit_spot,
    [BF_EMIT_RETRY] = bf_emit_retry,
    [BF_EMIT_CACHE] = bf_emit_cache,
    [BF_EMIT_RANGES] = bf_emit_ranges,
    [BF_EMIT_CONTAINERS] = bf_emit_containers,
    [BF_EMIT_CONDITIONS] = bf_emit_conditions,
    [BF_EMIT_BRANCH] = bf_emit_branch,
    [BF_EMIT_DATASET] = bf_emit_dataset,
    [BF_EMIT_CHECK_OUTPUT] = bf_emit_check_output,
    [BF_EMIT_VARIANTS] = bf_emit_variants,
};

void bf_emit_fields(struct bf_emit *emit, const struct bf_field *fields,
                    const struct bf_value *object, const char *shorthand)
{
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (!bf_field_knows(field, emit->step->kind) || emitters[field->emit] == NULL) {
            continue;
        }
        const struct bf_value *value = bf_object_get(object, field->name, shorthand);
        bool always = field->emit != BF_EMIT_PLAIN || (field->flags & BF_EMIT) != 0;
        if (value != NULL || always) {
            emitters[field->emit](emit, field, value);
        }
    }
}

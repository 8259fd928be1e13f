#include <string.h>

#include "spec/field.h"

/*
 * The JSON Schema of the language for editors, out of the field table. An editor sees the file
 * before anything is merged or interpolated: every value may be "${...}" or "???" or null, and what
 * defaults or a platform file may give is not required. The schema accepts what check accepts; it
 * does not refuse all that check refuses.
 */
struct writer {
    struct bf_arena *arena;
    enum bf_step_kind kind; /* which rows of a step; BF_STEP_KINDS: all */
    bool partial;           /* nothing is required: an overlay, or what has another layer below */
};

#define REFERENCE(name) "#/$defs/" name

static void put_field(struct writer *writer, bf_json *parent, const char *key,
                      const struct bf_field *field);

static void put_ref(bf_json *schema, const char *name)
{
    bf_json_add_str(schema, "$ref", bf_sv_of(name));
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the field table */

/* ---- kinds ---- */

static void put_pattern(struct writer *writer, bf_json *schema, const char *pattern)
{
    bf_json_add_str(schema, "pattern", bf_sv_printf(writer->arena, "^(?:%s)$", pattern));
}

static void put_limits(bf_json *schema, const struct bf_field *field, const char *least,
                       const char *most)
{
    if (field->min > 0) {
        bf_json_add_i64(schema, least, field->min);
    }
    if (field->max > 0 && field->max < INT32_MAX) {
        bf_json_add_i64(schema, most, field->max);
    }
}

static void put_types(bf_json *schema, const char *const *types, size_t count)
{
    bf_json *array = bf_json_add_array(schema, "type");
    for (size_t i = 0; i < count; i++) {
        bf_json_add_str(array, NULL, bf_sv_of(types[i]));
    }
}

static void put_type(bf_json *schema, const char *type)
{
    bf_json_add_str(schema, "type", bf_sv_of(type));
}

static void put_scalar(bf_json *schema)
{
    static const char *const types[] = {"string", "number", "boolean"};
    put_types(schema, types, BF_COUNTOF(types));
}

static void put_string(struct writer *writer, bf_json *schema, const struct bf_field *field)
{
    put_type(schema, "string");
    put_limits(schema, field, "minLength", "maxLength");
    if (field->pattern != NULL) {
        put_pattern(writer, schema, field->pattern);
    }
}

static void put_words(bf_json *schema, const struct bf_field *field)
{
    bf_json *words = bf_json_add_array(schema, "enum");
    for (const struct bf_word *word = field->words; word->word != NULL; word++) {
        bf_json_add_str(words, NULL, bf_sv_of(word->word));
    }
}

static void put_duration(struct writer *writer, bf_json *schema, const struct bf_field *field)
{
    bf_json *place = schema;
    if ((field->flags & BF_OR_FALSE) != 0) {
        bf_json *any = bf_json_add_array(schema, "anyOf");
        bf_json_add_bool(bf_json_add_object(any, NULL), "const", false);
        place = bf_json_add_object(any, NULL);
    }
    put_type(place, "string");
    put_pattern(writer, place, "([0-9]+[wdhms])+");
}

/* ---- maps ---- */

static bool listed_before(const struct bf_field *fields, const struct bf_field *field,
                          enum bf_step_kind kind)
{
    for (const struct bf_field *at = fields; at != field; at = bf_field_next(at)) {
        if (strcmp(at->name, field->name) == 0 && bf_field_knows(at, kind)) {
            return true;
        }
    }
    return false;
}

static bool another_layer(const struct bf_field *field)
{
    return (field->flags & (BF_DEFAULTS | BF_PLATFORM)) != 0;
}

static void put_fields(struct writer *writer, bf_json *schema, const struct bf_field *fields)
{
    bf_json *required = NULL;
    bf_json *properties = bf_json_add_object(schema, "properties");
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        struct writer inner = *writer;
        if (!bf_field_knows(field, writer->kind) || listed_before(fields, field, writer->kind)) {
            continue;
        }
        inner.partial = writer->partial || another_layer(field);
        put_field(&inner, properties, field->name, field);
        if ((field->flags & BF_REQUIRED) != 0 && !inner.partial) {
            required = required != NULL ? required : bf_json_add_array(schema, "required");
            bf_json_add_str(required, NULL, bf_sv_of(field->name));
        }
    }
    bf_json_add_bool(schema, "additionalProperties", false);
}

static void put_map(struct writer *writer, bf_json *schema, const struct bf_field *field)
{
    put_type(schema, "object");
    put_limits(schema, field, "minProperties", "maxProperties");
    if (field->key_pattern != NULL) {
        put_pattern(writer, bf_json_add_object(schema, "propertyNames"), field->key_pattern);
    }
    put_field(writer, schema, "additionalProperties", field->item);
}

static void put_list(struct writer *writer, bf_json *schema, const struct bf_field *field)
{
    put_type(schema, "array");
    put_limits(schema, field, "minItems", "maxItems");
    put_field(writer, schema, "items", field->item);
}

static void put_defaults(struct writer *writer, bf_json *schema)
{
    struct writer inner = *writer;
    put_type(schema, "object");
    bf_json *properties = bf_json_add_object(schema, "properties");
    inner.partial = true;
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        if ((field->flags & BF_DEFAULTS) != 0 &&
            !listed_before(bf_fields_step, field, BF_STEP_KINDS)) {
            put_field(&inner, properties, field->name, field);
        }
    }
    bf_json_add_bool(schema, "additionalProperties", false);
}

static void put_runtime(bf_json *schema)
{
    static const char *const types[] = {"string", "number", "boolean", "null"};
    put_type(schema, "object");
    put_types(bf_json_add_object(schema, "additionalProperties"), types, BF_COUNTOF(types));
}

/* ---- one field ---- */

static void put_kind(struct writer *writer, bf_json *schema, const struct bf_field *field)
{
    switch (field->kind) {
    case BF_KIND_STRING:
        put_string(writer, schema, field);
        break;
    case BF_KIND_INT:
    case BF_KIND_NUMBER:
        put_type(schema, field->kind == BF_KIND_INT ? "integer" : "number");
        put_limits(schema, field, "minimum", "maximum");
        break;
    case BF_KIND_BOOL:
        put_type(schema, "boolean");
        break;
    case BF_KIND_SCALAR:
    case BF_KIND_LITERAL:
        put_scalar(schema);
        break;
    case BF_KIND_DURATION:
        put_duration(writer, schema, field);
        break;
    case BF_KIND_URI:
        put_type(schema, "string");
        put_pattern(writer, schema, "s3://.+");
        break;
    case BF_KIND_SOURCE:
        put_type(schema, "string");
        break;
    case BF_KIND_LOCATION:
        put_type(schema, "string");
        put_pattern(writer, schema, "(s3://|\\.\\.?/).*");
        break;
    case BF_KIND_WORD:
        put_words(schema, field);
        break;
    case BF_KIND_LIST:
        put_list(writer, schema, field);
        break;
    case BF_KIND_MAP:
        put_map(writer, schema, field);
        break;
    case BF_KIND_OBJECT:
        put_type(schema, "object");
        put_fields(writer, schema, field->fields);
        break;
    case BF_KIND_STEPS:
        put_ref(schema, writer->partial ? REFERENCE("steps_overlay") : REFERENCE("steps"));
        break;
    case BF_KIND_DEFAULTS:
        put_defaults(writer, schema);
        break;
    case BF_KIND_RUNTIME:
        put_runtime(schema);
        break;
    case BF_KIND_CONDITION:
        put_ref(schema, REFERENCE("condition"));
        break;
    case BF_KIND_NULL:
        put_type(schema, "null");
        break;
    case BF_KIND_ANY:
        break;
    }
}

static void put_field(struct writer *writer, bf_json *parent, const char *key,
                      const struct bf_field *field)
{
    bf_json *schema = bf_json_add_object(parent, key);
    if (field->doc != NULL) {
        bf_json_add_str(schema, "description", bf_sv_of(field->doc));
    }
    if (field->fallback != NULL && field->fallback[0] != '\0') {
        bf_json_add_str(schema, "$comment",
                        bf_sv_printf(writer->arena, "default: %s", field->fallback));
    }
    if (field->kind == BF_KIND_ANY) {
        return;
    }
    bf_json *any = bf_json_add_array(schema, "anyOf");
    put_kind(writer, bf_json_add_object(any, NULL), field);
    if (field->alt != NULL) {
        put_kind(writer, bf_json_add_object(any, NULL), field->alt);
    }
    if (field->shorthand != NULL) {
        const struct bf_field *row =
            bf_field_find(field->fields, bf_sv_of(field->shorthand), writer->kind);
        put_kind(writer, bf_json_add_object(any, NULL), row);
    }
    put_ref(bf_json_add_object(any, NULL), REFERENCE("open"));
}

/* NOLINTEND(misc-no-recursion) */

/* ---- definitions ---- */

/** What stands for a value that is not there yet, or not given. */
static void put_open(struct writer *writer, bf_json *definitions)
{
    bf_json *open = bf_json_add_object(definitions, "open");
    bf_json_add_str(open, "description", BF_SV("An interpolation, ??? or null"));
    bf_json *any = bf_json_add_array(open, "anyOf");
    bf_json *text = bf_json_add_object(any, NULL);
    put_type(text, "string");
    (void)writer;
    bf_json_add_str(text, "pattern", BF_SV("\\$\\{|^\\?\\?\\?$"));
    put_type(bf_json_add_object(any, NULL), "null");
}

static void put_step(struct writer *writer, bf_json *definitions, enum bf_step_kind kind)
{
    struct writer inner = *writer;
    struct bf_sv name = bf_sv_printf(writer->arena, "step_%s", bf_step_kind_word(kind));
    bf_json *schema = bf_json_add_object(definitions, name.ptr);
    inner.kind = kind;
    put_type(schema, "object");
    put_fields(&inner, schema, bf_fields_step);
}

static void put_step_switch(struct writer *writer, bf_json *definitions)
{
    struct writer inner = *writer;
    static const char *const types[] = {"object", "null"};
    bf_json *step = bf_json_add_object(definitions, "step");
    inner.kind = BF_STEP_KINDS;
    put_types(step, types, BF_COUNTOF(types));
    bf_json *properties = bf_json_add_object(step, "properties");
    put_kind(&inner, bf_json_add_object(properties, "type"), &bf_fields_step[0]);
    bf_json *all = bf_json_add_array(step, "allOf");
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        const char *word = bf_step_kind_word((enum bf_step_kind)kind);
        bf_json *one = bf_json_add_object(all, NULL);
        bf_json *when = bf_json_add_object(one, "if");
        bf_json *of = bf_json_add_object(bf_json_add_object(when, "properties"), "type");
        bf_json_add_str(of, "const", bf_sv_of(word));
        bf_json_add_str(bf_json_add_array(when, "required"), NULL, BF_SV("type"));
        put_ref(bf_json_add_object(one, "then"),
                bf_sv_printf(writer->arena, REFERENCE("step_%s"), word).ptr);
    }
    bf_json_add_str(bf_json_add_array(step, "required"), NULL, BF_SV("type"));
    bf_json *steps = bf_json_add_object(definitions, "steps");
    put_type(steps, "object");
    put_pattern(writer, bf_json_add_object(steps, "propertyNames"), BF_PATTERN_NAME);
    put_ref(bf_json_add_object(steps, "additionalProperties"), REFERENCE("step"));
}

/** Steps in an overlay: any field of any type, for the type stands in the base. */
static void put_steps_overlay(bf_json *definitions)
{
    static const char *const types[] = {"object", "null"};
    bf_json *steps = bf_json_add_object(definitions, "steps_overlay");
    put_type(steps, "object");
    bf_json *step = bf_json_add_object(steps, "additionalProperties");
    put_types(step, types, BF_COUNTOF(types));
    bf_json *properties = bf_json_add_object(step, "properties");
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        if (!listed_before(bf_fields_step, field, BF_STEP_KINDS)) {
            bf_json *any = bf_json_add_object(properties, field->name);
            if (field->kind == BF_KIND_STEPS) {
                put_ref(any, REFERENCE("steps_overlay"));
            }
        }
    }
    bf_json_add_bool(step, "additionalProperties", false);
}

static void put_condition(bf_json *definitions)
{
    static const char *const names[] = {"left", "eq", "ne", "gt", "ge", "lt", "le", "in"};
    bf_json *condition = bf_json_add_object(definitions, "condition");
    put_type(condition, "object");
    bf_json *properties = bf_json_add_object(condition, "properties");
    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        bf_json *value = bf_json_add_object(properties, names[i]);
        if (strcmp(names[i], "in") == 0) {
            put_type(value, "array");
        }
    }
    put_ref(bf_json_add_object(properties, "not"), REFERENCE("condition"));
    bf_json *any = bf_json_add_object(properties, "any");
    put_type(any, "array");
    put_ref(bf_json_add_object(any, "items"), REFERENCE("condition"));
    bf_json_add_bool(condition, "additionalProperties", false);
}

static void put_overlay(struct writer *writer, bf_json *definitions)
{
    struct writer inner = *writer;
    static const char *const types[] = {"object", "null"};
    bf_json *overlay = bf_json_add_object(definitions, "overlay");
    inner.partial = true;
    put_types(overlay, types, BF_COUNTOF(types));
    bf_json *properties = bf_json_add_object(overlay, "properties");
    for (const struct bf_field *field = bf_fields_top; field->name != NULL;
         field = bf_field_next(field)) {
        if ((field->flags & BF_BASE_ONLY) == 0) {
            put_field(&inner, properties, field->name, field);
        }
    }
    bf_json_add_bool(overlay, "additionalProperties", false);
}

bf_json *bf_spec_schema(struct bf_arena *arena)
{
    struct writer writer = {.arena = arena, .kind = BF_STEP_KINDS};
    bf_json *schema = bf_json_new_object(arena);
    bf_json_add_str(schema, "$schema", BF_SV("https://json-schema.org/draft/2020-12/schema"));
    bf_json_add_str(schema, "title", BF_SV("buzzflow pipeline file, version 1"));
    put_type(schema, "object");
    put_fields(&writer, schema, bf_fields_top);
    bf_json *properties = bf_json_get(schema, "properties");
    bf_json_remove(properties, "environments");
    bf_json *environments = bf_json_add_object(properties, "environments");
    static const char *const types[] = {"object", "null"};
    put_types(environments, types, BF_COUNTOF(types));
    put_ref(bf_json_add_object(environments, "additionalProperties"), REFERENCE("overlay"));
    bf_json *definitions = bf_json_add_object(schema, "$defs");
    put_open(&writer, definitions);
    put_overlay(&writer, definitions);
    put_step_switch(&writer, definitions);
    put_steps_overlay(definitions);
    put_condition(definitions);
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        put_step(&writer, definitions, (enum bf_step_kind)kind);
    }
    return schema;
}

#include <string.h>

#include "base/buf.h"
#include "spec/document.h"
#include "spec/schema.h"

/* The JSON Schema of a file; schema.h says what it is for. */

/* ---- maps with fields of their own ---- */

/* NOLINTBEGIN(misc-no-recursion): as deep as the field table */

bool bf_schema_listed_before(const struct bf_field *fields, const struct bf_field *field,
                             enum bf_step_kind kind)
{
    for (const struct bf_field *at = fields; at != field; at = bf_field_next(at)) {
        if (strcmp(at->name, field->name) == 0 && bf_field_knows(at, kind)) {
            return true;
        }
    }
    return false;
}

/** Fields of other step types are not offered, but they may be null: then they are not given. */
static void put_others(const struct bf_schema *writer, bf_json *schema,
                       const struct bf_field *fields)
{
    struct bf_buf names = bf_buf_new(writer->arena, 4000);
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (bf_field_find(fields, bf_sv_of(field->name), writer->kind) == NULL &&
            !bf_schema_listed_before(fields, field, BF_STEP_KINDS)) {
            bf_buf_printf(&names, "%s%s", names.len == 0 ? "^(?:" : "|", field->name);
        }
    }
    if (names.len == 0) {
        return;
    }
    bf_buf_addz(&names, ")$");
    bf_json *others = bf_json_add_object(bf_json_add_object(schema, "patternProperties"),
                                         bf_sv_z(writer->arena, bf_buf_sv(&names)));
    static const char *const types[] = {"null", "string", NULL};
    struct bf_sv message = bf_sv_printf(writer->arena, "A %s step has no such field.",
                                        bf_step_kind_word(writer->kind));
    bf_schema_put_types(others, types);
    bf_schema_put_pattern(writer, others, NULL, true, (struct bf_openness){.null = true});
    bf_json_add_str(others, "errorMessage", message);
    bf_json_add_str(others, "patternErrorMessage", message);
}

/** Where the type of the step is not known, a field may be what any type takes it for. */
static void put_any_row(const struct bf_schema *writer, bf_json *parent,
                        const struct bf_field *fields, const char *name)
{
    bf_json *schema = bf_json_add_object(parent, name);
    bf_json *any = bf_json_add_array(schema, "anyOf");
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (strcmp(field->name, name) == 0) {
            bf_schema_put_field(writer, any, NULL, field);
        }
    }
}

static bool listed_again(const struct bf_field *fields, const struct bf_field *field)
{
    size_t count = 0;
    for (const struct bf_field *at = fields; at->name != NULL; at = bf_field_next(at)) {
        count += strcmp(at->name, field->name) == 0;
    }
    return count > 1;
}

void bf_schema_put_fields(const struct bf_schema *writer, bf_json *schema,
                          const struct bf_field *fields)
{
    bf_json *needed = NULL;
    bf_json *properties = bf_json_add_object(schema, "properties");
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (!bf_field_knows(field, writer->kind) ||
            bf_schema_listed_before(fields, field, writer->kind)) {
            continue;
        }
        if (writer->kind == BF_STEP_KINDS && listed_again(fields, field)) {
            put_any_row(writer, properties, fields, field->name);
            continue;
        }
        bf_schema_put_field(writer, properties, field->name, field);
        if (bf_schema_required(writer, field)) {
            needed = needed != NULL ? needed : bf_json_add_array(schema, "required");
            bf_json_add_str(needed, NULL, bf_sv_of(field->name));
        }
    }
    put_others(writer, schema, fields);
    bf_json_add_bool(schema, "additionalProperties", false);
}

/* NOLINTEND(misc-no-recursion) */

/* ---- steps ---- */

static void put_step(const struct bf_schema *writer, bf_json *definitions, enum bf_step_kind kind)
{
    struct bf_schema inner = *writer;
    const char *word = bf_step_kind_word(kind);
    struct bf_sv name = bf_sv_printf(writer->arena, "step_%s", word);
    bf_json *schema = bf_json_add_object(definitions, name.ptr);
    inner.kind = kind;
    bf_json_add_str(schema, "title", bf_sv_printf(writer->arena, "%s step", word));
    bf_schema_put_fields(&inner, schema, bf_fields_step);
    bf_schema_put_step_rules(&inner, schema);
}

static void put_step_switch(const struct bf_schema *writer, bf_json *definitions)
{
    static const char *const types[] = {"object", "string", "null", NULL};
    struct bf_schema inner = *writer;
    bf_json *step = bf_json_add_object(definitions, "step");
    inner.kind = BF_STEP_KINDS;
    bf_schema_put_types(step, types);
    bf_schema_put_pattern(writer, step, NULL, true, (struct bf_openness){0});
    bf_json_add_str(bf_json_add_array(step, "required"), NULL, BF_SV("type"));
    bf_schema_put_field(&inner, bf_json_add_object(step, "properties"), "type", &bf_fields_step[0]);
    bf_json *all = bf_json_add_array(step, "allOf");
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        const char *word = bf_step_kind_word((enum bf_step_kind)kind);
        bf_json *one = bf_json_add_object(all, NULL);
        bf_json *when = bf_json_add_object(one, "if");
        bf_json *of = bf_json_add_object(bf_json_add_object(when, "properties"), "type");
        bf_json_add_str(of, "const", bf_sv_of(word));
        bf_json_add_str(bf_json_add_array(when, "required"), NULL, BF_SV("type"));
        bf_schema_put_ref(one, "then",
                          bf_sv_printf(writer->arena, BF_SCHEMA_REF("step_%s"), word).ptr);
    }
}

static void put_steps(const struct bf_schema *writer, bf_json *definitions, const char *name,
                      const char *step)
{
    static const char *const types[] = {"object", "string", "null", NULL};
    bf_json *steps = bf_json_add_object(definitions, name);
    bf_schema_put_types(steps, types);
    bf_schema_put_pattern(writer, steps, NULL, true, (struct bf_openness){0});
    bf_json_add_str(bf_json_add_object(steps, "propertyNames"), "pattern",
                    BF_SV("^" BF_PATTERN_NAME "$"));
    bf_schema_put_ref(steps, "additionalProperties", step);
}

/** Steps in an overlay: any field of any type, for the type stands in the base. */
static void put_steps_overlay(const struct bf_schema *writer, bf_json *definitions)
{
    static const char *const types[] = {"object", "string", "null", NULL};
    struct bf_schema inner = *writer;
    inner.partial = true;
    inner.kind = BF_STEP_KINDS;
    bf_json *step = bf_json_add_object(definitions, "step_overlay");
    bf_schema_put_types(step, types);
    bf_schema_put_pattern(writer, step, NULL, true, (struct bf_openness){0});
    bf_schema_put_fields(&inner, step, bf_fields_step);
    put_steps(writer, definitions, "steps_overlay", BF_SCHEMA_REF("step_overlay"));
}

/* ---- the file ---- */

/** ${name} holds a "???" anywhere: then the environments may give what it has not. */
static void put_template(bf_json *definitions)
{
    bf_json *any = bf_json_add_array(bf_json_add_object(definitions, "template"), "anyOf");
    bf_json_add_str(bf_json_add_object(any, NULL), "const", BF_SV("???"));
    bf_json *map = bf_json_add_object(any, NULL), *list = bf_json_add_object(any, NULL);
    bf_json_add_str(map, "type", BF_SV("object"));
    bf_json *values = bf_json_add_object(bf_json_add_object(map, "not"), "additionalProperties");
    bf_schema_put_ref(values, "not", BF_SCHEMA_REF("template"));
    bf_json_add_str(list, "type", BF_SV("array"));
    bf_schema_put_ref(list, "contains", BF_SCHEMA_REF("template"));
}

static void put_overlay(const struct bf_schema *writer, bf_json *definitions)
{
    static const char *const types[] = {"object", "null", NULL};
    struct bf_schema inner = *writer;
    bf_json *overlay = bf_json_add_object(definitions, "overlay");
    inner.partial = true;
    bf_schema_put_types(overlay, types);
    bf_json *properties = bf_json_add_object(overlay, "properties");
    for (const struct bf_field *field = bf_fields_top; field->name != NULL; field++) {
        if ((field->flags & BF_BASE_ONLY) == 0) {
            bf_schema_put_field(&inner, properties, field->name, field);
        }
    }
    bf_json_add_bool(overlay, "additionalProperties", false);
}

static void put_environments(bf_json *properties)
{
    static const char *const types[] = {"object", "null", NULL};
    bf_json_remove(properties, "environments");
    bf_json *environments = bf_json_add_object(properties, "environments");
    bf_schema_put_types(environments, types);
    bf_json_add_str(environments, "description",
                    BF_SV("What differs, by the name of the environment: merged over the file"));
    bf_json_add_i64(environments, "maxProperties", BF_ENVIRONMENTS_MAX);
    bf_schema_put_ref(environments, "additionalProperties", BF_SCHEMA_REF("overlay"));
}

/** Fields that environments may give when the file is a template are required of others only. */
static void put_required(bf_json *schema)
{
    bf_json_remove(schema, "required");
    bf_json *always = bf_json_add_array(schema, "required");
    bf_json *rule = bf_json_add_object(bf_json_add_array(schema, "allOf"), NULL);
    bf_schema_put_ref(bf_json_add_object(rule, "if"), "not", BF_SCHEMA_REF("template"));
    bf_json *otherwise = bf_json_add_array(bf_json_add_object(rule, "then"), "required");
    for (const struct bf_field *field = bf_fields_top; field->name != NULL; field++) {
        bool here = (field->flags & BF_REQUIRED) != 0 && (field->flags & BF_PLATFORM) == 0;
        if (here) {
            bool base = (field->flags & BF_BASE_ONLY) != 0;
            bf_json_add_str(base ? always : otherwise, NULL, bf_sv_of(field->name));
        }
    }
}

bf_json *bf_spec_schema(struct bf_arena *arena)
{
    bf_json *schema = bf_json_new_object(arena), *definitions = bf_json_new_object(arena);
    struct bf_shared shared = {.definitions = definitions};
    struct bf_schema writer = {.arena = arena, .shared = &shared, .kind = BF_STEP_KINDS};
    bf_json_add_str(schema, "$schema", BF_SV("http://json-schema.org/draft-07/schema#"));
    bf_json_add_str(schema, "$id", BF_SV("urn:buzzflow:pipeline-file:1"));
    bf_json_add_str(schema, "title", BF_SV("buzzflow pipeline file, version 1"));
    bf_json_add_str(schema, "type", BF_SV("object"));
    bf_schema_put_fields(&writer, schema, bf_fields_top);
    put_environments(bf_json_get(schema, "properties"));
    put_required(schema);
    put_template(definitions);
    put_overlay(&writer, definitions);
    put_steps(&writer, definitions, "steps", BF_SCHEMA_REF("step"));
    put_step_switch(&writer, definitions);
    put_steps_overlay(&writer, definitions);
    bf_schema_put_condition(&writer, definitions);
    bf_schema_put_lists(&writer, definitions);
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        put_step(&writer, definitions, (enum bf_step_kind)kind);
    }
    (void)bf_json_add_copy(schema, "definitions", definitions);
    return schema;
}

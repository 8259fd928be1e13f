#include <string.h>

#include "spec/rules.h"
#include "spec/schema.h"
#include "time/zone.h"

/* What holds over several fields, as far as a JSON Schema can say it. A field that is null is not
 * given, and an interpolation may yield null: what excludes another field is neither. */

/** A rule of rules.h, in words of a schema. */
struct part {
    bf_rule *rule;
    const char *apart;   /* pairs of fields that exclude each other: "cron rate, cron at" */
    const char *needed;  /* sets of which one is needed: "min values, max values" */
    const char *pattern; /* of text */
    const char *names;   /* pattern of the keys of a map */
    void (*more)(const struct bf_schema *writer, bf_json *all);
};

/* ---- building blocks; ${all} is the "allOf" of an object ---- */

static bf_json *property(bf_json *schema, const char *name)
{
    bf_json *properties = bf_json_get(schema, "properties");
    properties = properties != NULL ? properties : bf_json_add_object(schema, "properties");
    return bf_json_add_object(properties, name);
}

/** ${schema} holds where ${name} may be given: is there, and not null. */
static void put_given(bf_json *schema, struct bf_arena *arena, struct bf_sv name)
{
    bf_json_add_str(bf_json_add_array(schema, "required"), NULL, name);
    bf_json_add_str(bf_json_add_object(property(schema, bf_sv_z(arena, name)), "not"), "type",
                    BF_SV("null"));
}

#define INTERPOLATED "^\\$\\{[\\s\\S]*\\}$"

/** null, or what may be null. */
static void put_absent(bf_json *schema)
{
    static const char *const types[] = {"null", "string", NULL};
    bf_schema_put_types(schema, types);
    bf_json_add_str(schema, "pattern", BF_SV(INTERPOLATED));
}

/** {"if": ${name} is given for sure, "then": ...}: the "then". */
static bf_json *when_given(const struct bf_schema *writer, bf_json *all, struct bf_sv name)
{
    bf_json *rule = bf_json_add_object(all, NULL);
    bf_json *is = bf_json_add_object(rule, "if");
    bf_json_add_str(bf_json_add_array(is, "required"), NULL, name);
    put_absent(bf_json_add_object(property(is, bf_sv_z(writer->arena, name)), "not"));
    return bf_json_add_object(rule, "then");
}

/** ${schema} holds where ${name} is a map with something in it, or interpolated. */
static void put_filled(bf_json *schema, const char *name)
{
    bf_json_add_str(bf_json_add_array(schema, "required"), NULL, bf_sv_of(name));
    bf_json *value = property(schema, name);
    bf_json_add_i64(value, "minProperties", 1);
    bf_json_add_str(bf_json_add_object(value, "not"), "type", BF_SV("null"));
}

/** {"if": ${name} is ${word}, "then": ...}: the "then". */
static bf_json *when_is(bf_json *all, const char *name, const char *word)
{
    bf_json *rule = bf_json_add_object(all, NULL), *is = bf_json_add_object(rule, "if");
    bf_json_add_str(bf_json_add_array(is, "required"), NULL, bf_sv_of(name));
    bf_json_add_str(property(is, name), "const", bf_sv_of(word));
    return bf_json_add_object(rule, "then");
}

static void forbid(const struct bf_schema *writer, bf_json *schema, struct bf_sv name,
                   struct bf_sv message)
{
    bf_json *value = property(schema, bf_sv_z(writer->arena, name));
    put_absent(value);
    bf_json_add_str(value, "errorMessage", message);
    bf_json_add_str(value, "patternErrorMessage", message);
}

static void require(const struct bf_schema *writer, bf_json *schema, const char *name)
{
    if (!writer->partial) {
        put_given(schema, writer->arena, bf_sv_of(name));
    }
}

static struct bf_sv next_in(struct bf_sv *rest, char separator)
{
    struct bf_sv word = bf_sv_cut(rest, separator);
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        *rest = bf_sv_from(*rest, 1);
    }
    return word;
}

static void put_apart(const struct bf_schema *writer, bf_json *all, const char *pairs)
{
    struct bf_sv rest = bf_sv_of(pairs);
    while (rest.len > 0) {
        struct bf_sv second = next_in(&rest, ',');
        struct bf_sv first = next_in(&second, ' ');
        struct bf_sv message =
            bf_sv_printf(writer->arena, "'" BF_SV_FMT "' cannot stand beside '" BF_SV_FMT "'.",
                         BF_SV_ARG(second), BF_SV_ARG(first));
        forbid(writer, when_given(writer, all, first), second, message);
    }
}

static void put_needed(const struct bf_schema *writer, bf_json *all, const char *sets)
{
    struct bf_sv rest = bf_sv_of(sets);
    while (rest.len > 0 && !writer->partial) {
        struct bf_sv set = next_in(&rest, ',');
        bf_json *any = bf_json_add_array(bf_json_add_object(all, NULL), "anyOf");
        while (set.len > 0) {
            put_given(bf_json_add_object(any, NULL), writer->arena, next_in(&set, ' '));
        }
        static const char *const text[] = {"string", "null", NULL}; /* all of it interpolated */
        bf_schema_put_types(bf_json_add_object(any, NULL), text);
    }
}

/* ---- rules that need more than pairs ---- */

static void open_or(const struct bf_schema *writer, bf_json *value, const char *pattern,
                    const char *message)
{
    bf_schema_put_pattern(writer, value, pattern, false, (struct bf_openness){.null = true});
    bf_json_add_str(value, "patternErrorMessage", bf_sv_of(message));
}

/** ${value} is in a list of the definitions, or no text, or interpolated. */
static void one_of_list(const struct bf_schema *writer, bf_json *value, const char *list)
{
    static const char *const others[] = {"null", "object", NULL};
    bf_json *any = bf_json_add_array(value, "anyOf");
    bf_schema_put_ref(any, NULL, list);
    bf_schema_put_types(bf_json_add_object(any, NULL), others);
    bf_json *text = bf_json_add_object(any, NULL);
    bf_json_add_str(text, "type", BF_SV("string"));
    bf_schema_put_pattern(writer, text, NULL, false, (struct bf_openness){.null = true});
}

#define DATE "[0-9]{4}-[0-9]{2}-[0-9]{2}"

static void more_schedule(const struct bf_schema *writer, bf_json *all)
{
    static const char *const times[] = {"at", "start", "end"};
    bf_json *part = bf_json_add_object(all, NULL);
    for (size_t i = 0; i < BF_COUNTOF(times); i++) {
        bf_json *value = property(part, times[i]);
        open_or(writer, value, DATE "T[0-9]{2}:[0-9]{2}:[0-9]{2}",
                "It must be a local time, YYYY-MM-DDThh:mm:ss.");
        bf_json_add_str(bf_json_add_array(value, "examples"), NULL, BF_SV("2026-03-01T09:00:00"));
    }
    bf_json *cron = property(part, "cron");
    open_or(writer, cron, "(?!\\s*cron\\()\\s*\\S+(?:\\s+\\S+){5}\\s*",
            "It must be six fields: minutes hours day-of-month month day-of-week year.");
    bf_json_add_str(bf_json_add_array(cron, "examples"), NULL, BF_SV("0 5 * * ? *"));
    one_of_list(writer, property(part, "timezone"), BF_SCHEMA_REF("timezone"));
}

static void more_trigger(const struct bf_schema *writer, bf_json *all)
{
    static const char *const several[] = {"all_of", "any_of"};
    bf_json *part = bf_json_add_object(all, NULL);
    one_of_list(writer, property(part, "timezone"), BF_SCHEMA_REF("timezone"));
    one_of_list(writer, property(part, "event"), BF_SCHEMA_REF("event_name"));
    for (size_t i = 0; i < BF_COUNTOF(several); i++) {
        bf_json *item = bf_json_add_object(property(part, several[i]), "additionalProperties");
        one_of_list(writer, property(item, "event"), BF_SCHEMA_REF("event_name"));
        if (!writer->partial) {
            put_needed(writer, bf_json_add_array(item, "allOf"), "event, key");
        }
    }
}

static void more_parameter(const struct bf_schema *writer, bf_json *all)
{
    static const struct {
        const char *word, *type;
    } types[] = {
        {"string", NULL}, {"integer", "integer"}, {"float", "number"}, {"boolean", "boolean"}};
    for (size_t i = 0; i < BF_COUNTOF(types); i++) {
        bf_json *then = when_is(all, "type", types[i].word);
        bf_json *value = property(then, "default");
        const char *accepted[] = {"string", "null", types[i].type, NULL};
        bf_schema_put_types(value, accepted);
        if (types[i].type != NULL) {
            bf_schema_put_pattern(writer, value, NULL, true, (struct bf_openness){.null = true});
            forbid(writer, then, BF_SV("enum"), BF_SV("Only a string parameter has an 'enum'."));
        }
    }
}

static void more_policy(const struct bf_schema *writer, bf_json *all)
{
    (void)writer;
    bf_json_add_bool(property(bf_json_add_object(all, NULL), "errors"), "uniqueItems", true);
}

static void more_inputs(const struct bf_schema *writer, bf_json *all)
{
    bool channel = writer->kind == BF_STEP_TRAINING || writer->kind == BF_STEP_TUNING;
    bf_json *part = bf_json_add_object(all, NULL);
    bf_json_add_str(bf_json_add_object(part, "propertyNames"), "pattern",
                    channel || writer->kind == BF_STEP_KINDS ? BF_SV("^" BF_PATTERN_CHANNEL "$")
                                                             : BF_SV("^" BF_PATTERN_NAME "$"));
}

static void more_arguments(const struct bf_schema *writer, bf_json *all)
{
    (void)writer;
    bf_json_add_i64(bf_json_add_object(all, NULL), "maxItems", 100);
}

/** A map of SageMaker's members. */
static void more_raw(const struct bf_schema *writer, bf_json *all)
{
    static const char *const types[] = {"object", "string", "null", NULL};
    bf_json *part = bf_json_add_object(all, NULL);
    bf_schema_put_types(part, types);
    bf_schema_put_pattern(writer, part, NULL, true, (struct bf_openness){.null = true});
}

static void more_cluster_config(const struct bf_schema *writer, bf_json *all)
{
    static const char *const set[] = {"Name", "Steps", "AutoTerminationPolicy",
                                      "KeepJobFlowAliveWhenNoSteps", "TerminationProtected"};
    more_raw(writer, all);
    bf_json *part = bf_json_add_object(all, NULL);
    bf_json *instances = property(part, "Instances");
    for (size_t i = 0; i < BF_COUNTOF(set); i++) {
        forbid(writer, part, bf_sv_of(set[i]), BF_SV("The pipeline sets it."));
        forbid(writer, instances, bf_sv_of(set[i]), BF_SV("The pipeline sets it."));
    }
}

static void more_sagemaker(const struct bf_schema *writer, bf_json *all)
{
    static const char *const ours[] = {"Name", "DependsOn", "DisplayName", "Description"};
    static const char *const type[] = {"string", NULL};
    more_raw(writer, all);
    bf_json *part = bf_json_add_object(all, NULL);
    bf_schema_put_types(property(part, "Type"), type);
    put_needed(writer, all, "Type");
    for (size_t i = 0; i < BF_COUNTOF(ours); i++) {
        bf_json *never = property(part, ours[i]);
        bf_json_add_object(never, "not");
        bf_json_add_str(never, "errorMessage", BF_SV("It is written on the step, in our words."));
    }
}

static const struct part parts[] = {
    {.rule = bf_rule_schedule,
     .apart = "cron rate, cron at, rate at",
     .needed = "cron rate at",
     .more = more_schedule},
    {.rule = bf_rule_trigger,
     .apart = "event all_of, event any_of, all_of any_of, all_of where, all_of key, any_of where, "
              "any_of key, event deadline, any_of deadline",
     .needed = "event all_of any_of",
     .more = more_trigger},
    {.rule = bf_rule_policy, .apart = "attempts within", .more = more_policy},
    {.rule = bf_rule_compute, .apart = "spot keep_alive"},
    {.rule = bf_rule_range,
     .apart = "values min, values max, values scale, values kind",
     .needed = "min values, max values"},
    {.rule = bf_rule_container, .apart = "package image, package data", .needed = "image package"},
    {.rule = bf_rule_variant,
     .apart = "instance_type serverless, serverless count",
     .needed = "instance_type serverless"},
    {.rule = bf_rule_parameter, .more = more_parameter},
    {.rule = bf_rule_inputs, .more = more_inputs},
    {.rule = bf_rule_arguments, .more = more_arguments},
    {.rule = bf_rule_raw, .more = more_raw},
    {.rule = bf_rule_format, .more = more_raw},
    {.rule = bf_rule_cluster_config, .more = more_cluster_config},
    {.rule = bf_rule_sagemaker, .more = more_sagemaker},
    {.rule = bf_rule_instance_type, .pattern = "ml\\.[\\s\\S]*"},
    {.rule = bf_rule_report_file, .pattern = "(?!/|[\\s\\S]*://)[\\s\\S]*"},
    {.rule = bf_rule_holiday, .pattern = DATE},
    {.rule = bf_rule_channel, .pattern = "#[^A-Z #@,.:;'\"]{1,80}|[CGD][A-Z0-9]{6,}"},
    {.rule = bf_rule_tag, .pattern = "(?:[a-zA-Z0-9 _.:/=+@-]|[^ -~]){0,256}"},
    {.rule = bf_rule_tags,
     .names = "(?![aA][wW][sS]:|buzzflow:)(?:[a-zA-Z0-9 _.:/=+@-]|[^ -~]){1,128}"},
};

static const struct part *part_of(bf_rule *rule)
{
    for (size_t i = 0; i < BF_COUNTOF(parts) && rule != NULL; i++) {
        if (parts[i].rule == rule) {
            return &parts[i];
        }
    }
    return NULL;
}

const char *bf_schema_rule_pattern(bf_rule *rule)
{
    const struct part *part = part_of(rule);
    return part == NULL ? NULL : part->pattern;
}

/** The schema's "allOf", made when it is needed. */
static bf_json *all_of(bf_json *schema)
{
    bf_json *all = bf_json_get(schema, "allOf");
    return all != NULL ? all : bf_json_add_array(schema, "allOf");
}

void bf_schema_put_rule(const struct bf_schema *writer, bf_json *schema,
                        const struct bf_field *field)
{
    const struct part *part = part_of(field->rule);
    if (part == NULL) {
        return;
    }
    if (part->names != NULL) {
        bf_json_add_str(bf_json_add_object(schema, "propertyNames"), "pattern",
                        bf_sv_printf(writer->arena, "^(?:%s)$", part->names));
    }
    if (part->apart != NULL) {
        put_apart(writer, all_of(schema), part->apart);
    }
    if (part->needed != NULL && !writer->partial) {
        put_needed(writer, all_of(schema), part->needed);
    }
    if (part->more != NULL) {
        part->more(writer, all_of(schema));
    }
}

/* ---- steps ---- */

void bf_schema_put_step_rules(const struct bf_schema *writer, bf_json *schema)
{
    struct bf_sv only_quality = BF_SV("It goes with check: model_quality.");
    struct bf_sv only_model = BF_SV("It goes with check: model_bias or explainability.");
    bf_json *all = NULL, *part = NULL;
    switch (writer->kind) {
    case BF_STEP_TUNING:
        part = property(property(bf_json_add_object(all_of(schema), NULL), "code"), "entrypoint");
        bf_json_add_str(bf_json_add_object(part, "not"), "type", BF_SV("array"));
        break;
    case BF_STEP_CONDITION:
        part = bf_json_add_array(bf_json_add_object(all_of(schema), NULL), "anyOf");
        put_filled(bf_json_add_object(part, NULL), "then");
        put_filled(bf_json_add_object(part, NULL), "else");
        break;
    case BF_STEP_QUALITY_CHECK:
        all = all_of(schema);
        require(writer, when_is(all, "check", "model_quality"), "problem");
        forbid(writer, when_is(all, "check", "data_quality"), BF_SV("problem"), only_quality);
        part = property(bf_json_add_object(all, NULL), "dataset");
        put_needed(writer, bf_json_add_array(part, "allOf"), "format");
        break;
    case BF_STEP_CLARIFY_CHECK:
        all = all_of(schema);
        require(writer, when_is(all, "check", "model_bias"), "model");
        require(writer, when_is(all, "check", "explainability"), "model");
        forbid(writer, when_is(all, "check", "data_bias"), BF_SV("model"), only_model);
        forbid(writer, property(bf_json_add_object(all, NULL), "dataset"), BF_SV("format"),
               BF_SV("Clarify reads it from 'config'."));
        break;
    case BF_STEP_TRANSFORM:
        require(writer, bf_json_add_object(all_of(schema), NULL), "inputs");
        break;
    case BF_STEP_EMR:
        put_apart(writer, all_of(schema), "cluster cluster_config, cluster_config role");
        put_needed(writer, all_of(schema), "cluster cluster_config");
        break;
    default:
        break;
    }
}

/* ---- conditions ---- */

static const char *const operators[] = {"eq", "ne", "gt", "ge", "lt", "le", "in"};

/** A literal, a reference, or {file, path}. */
static void put_operand(const struct bf_schema *writer, bf_json *condition, const char *name)
{
    static const char *const types[] = {"string", "number", "boolean", "object", "null", NULL};
    bool order = name[0] == 'g' || name[0] == 'l';
    bf_json *value = property(condition, name);
    bf_schema_put_types(value, types);
    bf_json *file = property(value, "file"), *path = property(value, "path");
    bf_json_add_str(file, "type", BF_SV("string"));
    bf_json_add_str(file, "description", BF_SV("A JSON file in S3 that is no report"));
    bf_json_add_str(path, "type", BF_SV("string"));
    bf_json_add_str(path, "description", BF_SV("JSONPath of the value in it"));
    bf_json *needed = bf_json_add_array(value, "required");
    bf_json_add_str(needed, NULL, BF_SV("file"));
    bf_json_add_str(needed, NULL, BF_SV("path"));
    bf_json_add_bool(value, "additionalProperties", false);
    if (order && strcmp(name, "left") != 0) {
        bf_json_add_str(bf_json_add_object(value, "not"), "type", BF_SV("boolean"));
    }
    (void)writer;
}

static void put_list_of(const struct bf_schema *writer, bf_json *condition, const char *name,
                        const char *item)
{
    static const char *const types[] = {"array", "string", "null", NULL};
    static const char *const scalars[] = {"string", "number", "boolean", "object", NULL};
    bf_json *value = property(condition, name);
    bf_schema_put_types(value, types);
    bf_schema_put_pattern(writer, value, NULL, true, (struct bf_openness){.null = true});
    bf_json_add_i64(value, "minItems", 1);
    if (item != NULL) {
        bf_schema_put_ref(value, "items", item);
    } else {
        bf_schema_put_types(bf_json_add_object(value, "items"), scalars);
    }
}

/** "not" and "any" stand alone, and of the operators there is one. */
static void put_alone(const struct bf_schema *writer, bf_json *all)
{
    static const char *const whole[] = {"not", "any"};
    for (size_t i = 0; i < BF_COUNTOF(whole); i++) {
        put_apart(writer, all, bf_sv_printf(writer->arena, "%s left", whole[i]).ptr);
        for (size_t at = 0; at < BF_COUNTOF(operators); at++) {
            put_apart(writer, all,
                      bf_sv_printf(writer->arena, "%s %s", whole[i], operators[at]).ptr);
        }
    }
    put_apart(writer, all, "not any");
    for (size_t i = 0; i < BF_COUNTOF(operators); i++) {
        for (size_t at = i + 1; at < BF_COUNTOF(operators); at++) {
            put_apart(writer, all,
                      bf_sv_printf(writer->arena, "%s %s", operators[i], operators[at]).ptr);
        }
    }
    put_needed(writer, all, "left not any, eq ne gt ge lt le in not any");
}

void bf_schema_put_condition(const struct bf_schema *writer, bf_json *definitions)
{
    static const char *const types[] = {"object", "string", NULL};
    bf_json *condition = bf_json_add_object(definitions, "condition");
    bf_schema_put_types(condition, types);
    bf_schema_put_pattern(writer, condition, NULL, true, (struct bf_openness){0});
    put_operand(writer, condition, "left");
    for (size_t i = 0; i + 1 < BF_COUNTOF(operators); i++) {
        put_operand(writer, condition, operators[i]);
    }
    put_list_of(writer, condition, "in", NULL);
    bf_json *inner = bf_json_add_array(property(condition, "not"), "anyOf");
    bf_schema_put_ref(inner, NULL, BF_SCHEMA_REF("condition"));
    bf_json_add_str(bf_json_add_object(inner, NULL), "type", BF_SV("null"));
    put_list_of(writer, condition, "any", BF_SCHEMA_REF("condition"));
    bf_json_add_bool(condition, "additionalProperties", false);
    put_alone(writer, bf_json_add_array(condition, "allOf"));
}

/* ---- lists ---- */

void bf_schema_put_lists(const struct bf_schema *writer, bf_json *definitions)
{
    (void)writer;
    bf_json *zones = bf_json_add_array(bf_json_add_object(definitions, "timezone"), "enum");
    for (size_t i = 0; bf_tzdb_name(i) != NULL; i++) {
        bf_json_add_str(zones, NULL, bf_sv_of(bf_tzdb_name(i)));
    }
    bf_json *events = bf_json_add_array(bf_json_add_object(definitions, "event_name"), "enum");
    for (size_t i = 0; bf_trigger_event_name(i) != NULL; i++) {
        bf_json_add_str(events, NULL, bf_sv_of(bf_trigger_event_name(i)));
    }
}

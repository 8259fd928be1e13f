#include "base/utf8.h"
#include "expression/params.h"
#include "spec/check.h"
#include "spec/meant.h"
#include "spec/rules.h"

/* The parameters of a pipeline. */

const struct bf_parameter *bf_pipeline_parameter(const struct bf_pipeline *pipeline,
                                                 struct bf_sv name)
{
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        if (bf_sv_eq(pipeline->parameters[i].name, name)) {
            return &pipeline->parameters[i];
        }
    }
    return NULL;
}

static bool type_of(const struct bf_value *fields, enum bf_parameter_type *type)
{
    const struct bf_value *word = bf_object_get(fields, "type", NULL);
    for (unsigned i = BF_PARAM_STRING; word != NULL && i <= BF_PARAM_BOOLEAN; i++) {
        if (bf_sv_is(word->text, bf_parameter_type_word((enum bf_parameter_type)i))) {
            *type = (enum bf_parameter_type)i;
            return true;
        }
    }
    return false;
}

static bool is_reference(const struct bf_value *value)
{
    return value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
}

static bool of_type(const struct bf_value *value, enum bf_parameter_type type)
{
    switch (type) {
    case BF_PARAM_STRING:
        return value->kind == BF_VALUE_STRING;
    case BF_PARAM_INTEGER:
        return value->kind == BF_VALUE_INT && !value->wide;
    case BF_PARAM_FLOAT:
        return value->kind == BF_VALUE_FLOAT || value->kind == BF_VALUE_INT;
    case BF_PARAM_BOOLEAN:
        break;
    }
    return value->kind == BF_VALUE_BOOL;
}

static void check_default(struct bf_check *check, const struct bf_spot *spot,
                          enum bf_parameter_type type)
{
    const struct bf_value *value = spot->value;
    int64_t ignored = 0;
    if (value->kind == BF_VALUE_ERROR || is_reference(value)) {
        return; /* the row has refused a reference */
    }
    if (type == BF_PARAM_INTEGER && value->kind == BF_VALUE_INT && value->wide) {
        bf_check_error(check, spot, "parameter.default",
                       "the default " BF_SV_FMT " is out of range: an integer has 64 bits",
                       BF_SV_ARG(value->text));
        return;
    }
    if (!of_type(value, type)) {
        bool quote =
            type == BF_PARAM_STRING && value->kind != BF_VALUE_MAP && value->kind != BF_VALUE_LIST;
        struct bf_diag *diag = bf_check_error(
            check, spot, "parameter.default", "the default of %s %s parameter cannot be %s",
            type == BF_PARAM_INTEGER ? "an" : "a", bf_parameter_type_word(type),
            bf_value_kind_name(value));
        if (quote) {
            bf_diag_hint(check->diags, diag, "put it in quotes: \"" BF_SV_FMT "\"",
                         BF_SV_ARG(value->text));
        } else if (value->kind == BF_VALUE_STRING && type == BF_PARAM_INTEGER &&
                   bf_sv_i64(value->text, INT64_MIN, INT64_MAX, &ignored)) {
            bf_diag_hint(check->diags, diag, "write it without quotes");
        }
        return;
    }
    size_t length = bf_utf8_count(value->text);
    if (type == BF_PARAM_STRING && length > 1024) {
        bf_check_error(check, spot, "parameter.default",
                       "the default has %zu characters; at most 1024 can be passed", length);
    }
    bool number = type == BF_PARAM_FLOAT;
    if (number && !(bf_value_double(value) - bf_value_double(value) == 0)) {
        bf_check_error(check, spot, "parameter.default", "the default must be a finite number");
    }
    /* The name is that of the parameter, the map that holds the default. */
    bool named = bf_secret_name(check, spot->parent->key) && value->text.len > 0 &&
                 !bf_sv_starts(value->text, BF_SV("arn:"));
    if (type == BF_PARAM_STRING && (named || bf_looks_secret(check, value->text))) {
        struct bf_diag *diag = bf_check_report(
            check, BF_WARNING, spot, "secret.literal",
            "the default looks like a secret: everyone who may describe the pipeline can read it");
        bf_diag_hint(check->diags, diag, "pass the ARN of a secret instead");
    }
}

static void check_enum(struct bf_check *check, const struct bf_spot *words,
                       const struct bf_spot *fallback, enum bf_parameter_type type)
{
    if (type != BF_PARAM_STRING) {
        bf_diag(check->diags, BF_ERROR, "parameter.enum", words->loc,
                "only a string parameter may have an 'enum'");
        return;
    }
    if (words->value->kind != BF_VALUE_LIST || fallback->value == NULL ||
        fallback->value->kind != BF_VALUE_STRING) {
        return;
    }
    for (size_t i = 0; i < words->value->count; i++) {
        if (bf_sv_eq(words->value->items[i]->text, fallback->value->text)) {
            return;
        }
    }
    bf_check_error(check, fallback, "parameter.enum",
                   "the default '" BF_SV_FMT "' is not in 'enum'",
                   BF_SV_ARG(fallback->value->text));
}

void bf_rule_parameter(struct bf_check *check, const struct bf_spot *spot)
{
    enum bf_parameter_type type = BF_PARAM_STRING;
    struct bf_spot fallback = bf_spot_at(spot, "default"), words = bf_spot_at(spot, "enum");
    if (!type_of(spot->value, &type)) {
        return;
    }
    if (fallback.value != NULL) {
        check_default(check, &fallback, type);
    }
    if (words.value != NULL) {
        check_enum(check, &words, &fallback, type);
    }
}

void bf_collect_parameters(struct bf_check *check, const struct bf_value *root)
{
    struct bf_pipeline *pipeline = check->pipeline;
    const struct bf_value *map = bf_value_get(root, BF_SV("parameters"));
    if (map == NULL || map->kind != BF_VALUE_MAP) {
        pipeline->parameters_unread =
            (map != NULL && map->kind != BF_VALUE_NULL) ||
            bf_field_is_misspelt(bf_fields_top, root, "parameters", BF_STEP_KINDS);
        return;
    }
    pipeline->parameters = BF_NEW_N(check->arena, struct bf_parameter, BF_PARAMS_MAX);
    /* Of too many, which the row refuses, the first are read: names are looked for one by one. */
    for (size_t i = 0; i < map->count; i++) {
        const struct bf_value *fields = map->pairs[i].value;
        if (fields->kind == BF_VALUE_NULL) {
            continue;
        }
        if (pipeline->parameter_count == BF_PARAMS_MAX) {
            pipeline->parameters_unread = true;
            break;
        }
        struct bf_parameter *parameter = &pipeline->parameters[pipeline->parameter_count++];
        parameter->name = map->pairs[i].key;
        parameter->loc = map->pairs[i].key_loc;
        parameter->typed = type_of(fields, &parameter->type);
        /* What is no map was reported: that it has no default would follow from it. */
        bool map_given = fields->kind == BF_VALUE_MAP;
        parameter->fallback = map_given ? bf_object_get(fields, "default", NULL) : fields;
        parameter->words = bf_object_get(fields, "enum", NULL);
        const struct bf_value *description = bf_object_get(fields, "description", NULL);
        parameter->description = description == NULL ? (struct bf_sv){0} : description->text;
    }
    check->parameter_used = BF_NEW_N(check->arena, bool, pipeline->parameter_count + 1);
}

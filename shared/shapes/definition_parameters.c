/* The parameters of a definition. Sources: SageMaker AI developer guide, "Pipeline parameters"; the
 * published JSON schema of definitions. */
#include "shapes/definition.h"

enum { PARAMETERS_MAX = 200, ENUM_MAX = 16, TEXT_MAX = 4096 };

const char def_name_pattern[] = "[A-Za-z0-9\\-_]{1,64}";

static bool default_fits(struct bf_sv type, const bf_json *value)
{
    int64_t ignored = 0;

    if (bf_sv_is(type, "String")) {
        return bf_json_kind(value) == BF_JSON_STRING;
    }
    if (bf_sv_is(type, "Boolean")) {
        return bf_json_kind(value) == BF_JSON_BOOL;
    }
    return bf_json_kind(value) == BF_JSON_NUMBER &&
           (bf_sv_is(type, "Float") || bf_json_i64(value, INT64_MIN, INT64_MAX, &ignored));
}

static void check_enum(struct definition *def, const bf_json *parameter, struct bf_sv path)
{
    const bf_json *words = bf_json_get(parameter, "EnumValues");
    const bf_json *value = bf_json_get(parameter, "DefaultValue");
    bool found = value == NULL;

    if (words == NULL ||
        !def_need_kind(def, words, parameter, def_path(def, path, "EnumValues"), BF_JSON_ARRAY)) {
        return;
    }
    size_t count = bf_json_count(words);
    if (count == 0 || count > ENUM_MAX) {
        (void)DEF_REPORT(def, "shape.length", words, path,
                         "EnumValues has %zu items, allowed are 1 to %d", count, ENUM_MAX);
    }
    if (!bf_sv_is(bf_json_str(parameter, "Type"), "String")) {
        (void)DEF_REPORT(def, "definition.parameter", words, path,
                         "EnumValues is allowed for the type String only");
    }
    for (const bf_json *w = bf_json_first(words); w != NULL; w = bf_json_next(w)) {
        if (bf_json_kind(w) == BF_JSON_STRING) {
            def_check_plain_text(def, w, def_path(def, path, "EnumValues"), 1, TEXT_MAX);
        } else {
            def_report_kind(def, w, def_path(def, path, "EnumValues"), "an array of strings");
        }
        found = found || bf_json_equal(w, value);
    }
    if (!found) {
        (void)DEF_REPORT(def, "definition.parameter", value, path,
                         "DefaultValue is none of the EnumValues");
    }
}

static void check_parameter(struct definition *def, const bf_json *parameter, struct bf_sv path)
{
    static const char *const members[] = {"Name",       "Type",        "DefaultValue",
                                          "EnumValues", "Description", NULL};
    const bf_json *name = bf_json_get(parameter, "Name");
    const bf_json *type = bf_json_get(parameter, "Type");
    const bf_json *value = bf_json_get(parameter, "DefaultValue");

    if (!def_need_kind(def, parameter, parameter, path, BF_JSON_OBJECT)) {
        return;
    }
    (void)def_only_members(def, parameter, path, members);
    if (def_need_kind(def, name, parameter, def_path(def, path, "Name"), BF_JSON_STRING)) {
        def_check_pattern(def, name, def_path(def, path, "Name"), def_name_pattern, "a name");
    }
    if (!def_need_kind(def, type, parameter, def_path(def, path, "Type"), BF_JSON_STRING)) {
        return;
    }
    struct bf_sv word = bf_json_text(type);
    if (!bf_sv_is(word, "String") && !bf_sv_is(word, "Integer") && !bf_sv_is(word, "Float") &&
        !bf_sv_is(word, "Boolean")) {
        (void)DEF_REPORT(def, "shape.enum", type, path,
                         "Type is '" BF_SV_FMT "', allowed: String, Integer, Float, Boolean",
                         BF_SV_ARG(word));
    } else if (value != NULL && !default_fits(word, value)) {
        (void)DEF_REPORT(def, "definition.parameter", value, path,
                         "DefaultValue of a parameter of type " BF_SV_FMT " is %s", BF_SV_ARG(word),
                         bf_json_kind_name(value));
    } else if (bf_sv_is(word, "String")) {
        def_check_plain_text(def, value, def_path(def, path, "DefaultValue"), 0, TEXT_MAX);
    }
    check_enum(def, parameter, path);
    def_check_plain_text(def, bf_json_get(parameter, "Description"),
                         def_path(def, path, "Description"), 0, TEXT_MAX);
}

void def_check_parameters(struct definition *def)
{
    const bf_json *list = bf_json_get(def->root, "Parameters");
    size_t index = 0;

    if (list == NULL || !def_need_kind(def, list, def->root, BF_SV("Parameters"), BF_JSON_ARRAY)) {
        return;
    }
    if (bf_json_count(list) > PARAMETERS_MAX) {
        (void)DEF_REPORT(def, "shape.length", list, BF_SV("Parameters"),
                         "a pipeline has at most %d parameters", PARAMETERS_MAX);
    }
    for (const bf_json *p = bf_json_first(list); p != NULL; p = bf_json_next(p), index++) {
        struct bf_sv path = bf_sv_printf(def->arena, "Parameters[%zu]", index);
        check_parameter(def, p, path);
        for (const bf_json *q = bf_json_first(list); q != p; q = bf_json_next(q)) {
            if (bf_json_get(p, "Name") != NULL &&
                bf_json_equal(bf_json_get(p, "Name"), bf_json_get(q, "Name"))) {
                (void)DEF_REPORT(def, "definition.parameter", bf_json_get(p, "Name"), path,
                                 "the parameter '" BF_SV_FMT "' is there twice",
                                 BF_SV_ARG(bf_json_text(bf_json_get(p, "Name"))));
            }
        }
    }
}

/* Condition steps: what is compared, and the branches. */
#include "base/utf8.h"
#include "shapes/definition.h"

static void check_value(struct definition *def, const bf_json *holder, struct bf_sv path,
                        const char *name)
{
    if (bf_json_get(holder, name) == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", holder, path,
                         "'%s' is missing in the condition " BF_SV_FMT, name, BF_SV_ARG(path));
    }
    def_check_scalar(def, bf_json_get(holder, name), def_path(def, path, name));
}

static bool is_comparison(struct bf_sv type)
{
    static const char *const words[] = {"Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan",
                                        "LessThanOrEqualTo"};

    for (size_t i = 0; i < BF_COUNTOF(words); i++) {
        if (bf_sv_is(type, words[i])) {
            return true;
        }
    }
    return false;
}

static void check_condition(struct definition *def, const bf_json *c, struct bf_sv path);

/* NOLINTBEGIN(misc-no-recursion): Not and Or nest, at most BF_JSON_DEPTH levels */
static void check_conditions(struct definition *def, const bf_json *holder, struct bf_sv path)
{
    const bf_json *list = bf_json_get(holder, "Conditions");
    size_t index = 0;

    if (bf_json_kind(list) != BF_JSON_ARRAY || bf_json_count(list) == 0) {
        (void)DEF_REPORT(def, list == NULL ? "shape.missing_member" : "shape.type",
                         list == NULL ? holder : list, path,
                         "Conditions must be an array with at least one condition");
        return;
    }
    for (const bf_json *c = bf_json_first(list); c != NULL; c = bf_json_next(c), index++) {
        check_condition(
            def, c, bf_sv_printf(def->arena, BF_SV_FMT ".Conditions[%zu]", BF_SV_ARG(path), index));
    }
}

static void check_in(struct definition *def, const bf_json *c, struct bf_sv path)
{
    static const char *const members[] = {"Type", "QueryValue", "Values", NULL};
    const bf_json *values = bf_json_get(c, "Values");

    (void)def_only_members(def, c, path, members);
    check_value(def, c, path, "QueryValue");
    if (bf_json_kind(values) != BF_JSON_ARRAY || bf_json_count(values) == 0) {
        (void)DEF_REPORT(def, values == NULL ? "shape.missing_member" : "shape.type",
                         values == NULL ? c : values, path,
                         "In needs Values, an array with at least one value");
        return;
    }
    size_t index = 0;
    for (const bf_json *v = bf_json_first(values); v != NULL; v = bf_json_next(v), index++) {
        def_check_scalar(
            def, v, bf_sv_printf(def->arena, BF_SV_FMT ".Values[%zu]", BF_SV_ARG(path), index));
    }
}

static void check_condition(struct definition *def, const bf_json *c, struct bf_sv path)
{
    static const char *const two[] = {"Type", "LeftValue", "RightValue", NULL};
    static const char *const one[] = {"Type", "Condition", NULL};
    static const char *const any[] = {"Type", "Conditions", NULL};
    struct bf_sv type = bf_json_str(c, "Type");

    if (bf_json_kind(c) != BF_JSON_OBJECT) {
        def_report_kind(def, c, path, "an object");
    } else if (is_comparison(type)) {
        (void)def_only_members(def, c, path, two);
        check_value(def, c, path, "LeftValue");
        check_value(def, c, path, "RightValue");
    } else if (bf_sv_is(type, "In")) {
        check_in(def, c, path);
    } else if (bf_sv_is(type, "Not")) {
        (void)def_only_members(def, c, path, one);
        if (bf_json_get(c, "Condition") == NULL) {
            (void)DEF_REPORT(def, "shape.missing_member", c, path,
                             "'Condition' is missing in the condition " BF_SV_FMT, BF_SV_ARG(path));
        } else {
            check_condition(def, bf_json_get(c, "Condition"), def_path(def, path, "Condition"));
        }
    } else if (bf_sv_is(type, "Or")) {
        (void)def_only_members(def, c, path, any);
        check_conditions(def, c, path);
    } else {
        const bf_json *word = bf_json_get(c, "Type");
        (void)DEF_REPORT(def, word == NULL ? "shape.missing_member" : "shape.enum",
                         word == NULL ? c : word, path,
                         "unknown condition type '" BF_SV_FMT
                         "', allowed: Equals, GreaterThan, "
                         "GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, Not, Or",
                         BF_SV_ARG(bf_utf8_truncate(type, 60)));
    }
}
/* NOLINTEND(misc-no-recursion) */

void def_check_condition_step(struct definition *def, const struct def_step *s,
                              const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"Conditions", "IfSteps", "ElseSteps", NULL};

    (void)s;
    (void)def_only_members(def, arguments, path, members);
    check_conditions(def, arguments, path);
    for (size_t i = 1; members[i] != NULL;
         i++) { /* both may be empty: then it only has an outcome */
        (void)def_is_array(def, bf_json_get(arguments, members[i]),
                           def_path(def, path, members[i]));
    }
}

/* Condition steps: what is compared, and the branches. */
#include "base/utf8.h"
#include "shapes/definition.h"

static void check_scalar(struct definition *def, const bf_json *holder, struct bf_sv path,
                         const char *name)
{
    const bf_json *node = bf_json_get(holder, name);
    enum bf_json_kind kind = bf_json_kind(node);

    if (node == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", holder, path, "a condition needs %s", name);
    } else if (!bf_is_expression(node) &&
               (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL)) {
        def_report_kind(def, node, def_path(def, path, name), "a single value or an expression");
    }
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

/* NOLINTBEGIN(misc-no-recursion): Not and Or nest, at most 64 levels */
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

    def_only_members(def, c, path, members);
    check_scalar(def, c, path, "QueryValue");
    if (bf_json_kind(values) != BF_JSON_ARRAY || bf_json_count(values) == 0) {
        (void)DEF_REPORT(def, "shape.missing_member", c, path,
                         "In needs Values, an array with at least one value");
    }
}

static void check_condition(struct definition *def, const bf_json *c, struct bf_sv path)
{
    static const char *const two[] = {"Type", "LeftValue", "RightValue", NULL};
    static const char *const one[] = {"Type", "Condition", NULL};
    static const char *const any[] = {"Type", "Conditions", NULL};
    struct bf_sv type = bf_json_str(c, "Type");

    if (is_comparison(type)) {
        def_only_members(def, c, path, two);
        check_scalar(def, c, path, "LeftValue");
        check_scalar(def, c, path, "RightValue");
    } else if (bf_sv_is(type, "In")) {
        check_in(def, c, path);
    } else if (bf_sv_is(type, "Not")) {
        def_only_members(def, c, path, one);
        if (bf_json_kind(bf_json_get(c, "Condition")) != BF_JSON_OBJECT) {
            (void)DEF_REPORT(def, "shape.missing_member", c, path, "Not needs Condition");
        } else {
            check_condition(def, bf_json_get(c, "Condition"), def_path(def, path, "Condition"));
        }
    } else if (bf_sv_is(type, "Or")) {
        def_only_members(def, c, path, any);
        check_conditions(def, c, path);
    } else {
        (void)DEF_REPORT(def, "shape.enum", c, path,
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
    size_t steps = 0;

    (void)s;
    def_only_members(def, arguments, path, members);
    check_conditions(def, arguments, path);
    for (size_t i = 1; members[i] != NULL; i++) {
        const bf_json *branch = bf_json_get(arguments, members[i]);
        if (branch != NULL && bf_json_kind(branch) != BF_JSON_ARRAY) {
            def_report_kind(def, branch, def_path(def, path, members[i]), "an array");
        }
        steps += bf_json_count(branch);
    }
    if (steps == 0) {
        (void)DEF_REPORT(def, "definition.step", arguments, path,
                         "a Condition step needs a step in one of its branches");
    }
}

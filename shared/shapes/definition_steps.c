/* Steps by their types: the arguments of those that are no request of the model. */
#include "base/utf8.h"
#include "shapes/definition.h"

static void check_fail(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"ErrorMessage", NULL};

    (void)s;
    (void)def_only_members(def, arguments, path, members);
    if (bf_json_get(arguments, "ErrorMessage") == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", arguments, path, "'ErrorMessage' is missing");
    }
    def_check_text(def, bf_json_get(arguments, "ErrorMessage"), def_path(def, path, "ErrorMessage"),
                   0, 3072);
}

static const struct {
    const char *type;
    void (*check)(struct definition *, const struct def_step *, const bf_json *, struct bf_sv);
} own_arguments[] = {{"Condition", def_check_condition_step},
                     {"Fail", check_fail},
                     {"Lambda", def_check_call},
                     {"Callback", def_check_call},
                     {"EMR", def_check_emr},
                     {"EMRServerless", def_check_emr_serverless},
                     {"Lineage", def_check_lineage},
                     {"ForEach", def_check_for_each},
                     {"Cleanup", def_check_cleanup}};

static void check_check_members(struct definition *def, const struct def_step *s)
{
    static const char *const quality[] = {"DATA_QUALITY", "MODEL_QUALITY", NULL};
    static const char *const clarify[] = {"DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY", NULL};
    bool is_quality = strcmp(s->type->name, "QualityCheck") == 0;
    const char *const *words = is_quality ? quality : clarify;
    struct bf_sv kind = bf_json_str(s->node, "CheckType");

    while (*words != NULL && !bf_sv_is(kind, *words)) {
        words++;
    }
    const bf_json *check = bf_json_get(s->node, "CheckType");
    if (check == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", s->node, s->path,
                         "'CheckType' is missing in " BF_SV_FMT, BF_SV_ARG(s->path));
    } else if (*words == NULL) {
        (void)DEF_REPORT(def, "shape.enum", check, def_path(def, s->path, "CheckType"),
                         "CheckType '" BF_SV_FMT "' does not fit a %s step, allowed: %s",
                         BF_SV_ARG(bf_utf8_truncate(kind, 60)), s->type->name,
                         is_quality ? "DATA_QUALITY, MODEL_QUALITY"
                                    : "DATA_BIAS, MODEL_BIAS, MODEL_EXPLAINABILITY");
    }
    if (!is_quality && check != NULL && !bf_sv_is(kind, "DATA_BIAS") &&
        bf_json_get(s->node, "ModelName") == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", s->node, s->path,
                         "'ModelName' is missing in " BF_SV_FMT ": a check of a model names it",
                         BF_SV_ARG(s->path));
    }
    static const char *const flags[] = {"SkipCheck", "RegisterNewBaseline", "FailOnViolation"};
    for (size_t i = 0; i < BF_COUNTOF(flags); i++) {
        const bf_json *flag = bf_json_get(s->node, flags[i]);
        enum bf_property_kind gives =
            bf_is_expression(flag) ? bf_expression_kind(def, flag) : BF_PROPERTY_BOOLEAN;
        if (flag != NULL && ((!bf_is_expression(flag) && bf_json_kind(flag) != BF_JSON_BOOL) ||
                             (gives != BF_PROPERTY_ANY && gives != BF_PROPERTY_BOOLEAN))) {
            def_report_kind(def, flag, def_path(def, s->path, flags[i]),
                            "a boolean or a Get of a Boolean parameter");
        }
    }
    static const char *const texts[] = {"ModelPackageGroupName", "SuppliedBaselineConstraints",
                                        "SuppliedBaselineStatistics", "ModelName"};
    for (size_t i = 0; i < BF_COUNTOF(texts); i++) {
        const bf_json *text = bf_json_get(s->node, texts[i]);
        /* The SageMaker SDK writes null here, and is taken. */
        if (bf_json_kind(text) != BF_JSON_NULL) {
            def_check_text(def, text, def_path(def, s->path, texts[i]), 1, 1024);
        }
    }
}

static void check_arguments(struct definition *def, size_t at)
{
    const struct def_step *s = &def->steps[at];
    const bf_json *arguments = bf_json_get(s->node, "Arguments");
    struct bf_sv path = def_path(def, s->path, "Arguments");

    if (arguments == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", s->node, path,
                         "'Arguments' is missing in " BF_SV_FMT, BF_SV_ARG(s->path));
        return;
    }
    if (bf_json_kind(arguments) != BF_JSON_OBJECT) {
        def_report_kind(def, arguments, path, "an object");
        return;
    }
    if (s->type->open) {
        struct bf_finding *f =
            DEF_REPORT(def, "definition.step", arguments, path,
                       "the arguments of a %s step are not known to this version and not checked",
                       s->type->name);
        if (f != NULL) {
            f->warning = true;
        }
    }
    if (s->type->request != NULL) {
        def_check_shape(def, arguments, path, s->type->request, s->type->not_needed);
    }
    for (size_t i = 0; i < BF_COUNTOF(own_arguments); i++) {
        if (strcmp(own_arguments[i].type, s->type->name) == 0) {
            own_arguments[i].check(def, s, arguments, path);
        }
    }
}

static void walk_expressions(struct definition *def, size_t at)
{
    const struct def_step *s = &def->steps[at];
    bool condition = strcmp(s->type->name, "Condition") == 0;
    bool each = strcmp(s->type->name, "ForEach") == 0;
    const bf_json *arguments = bf_json_get(s->node, "Arguments");
    struct bf_sv path = def_path(def, s->path, "Arguments");

    if (condition || each) { /* the branches and the body are steps of their own */
        const char *name = condition ? "Conditions" : "IterableItems";
        def_check_expressions(def, (int)at, bf_json_get(arguments, name),
                              def_path(def, path, name));
    } else {
        def_check_expressions(def, (int)at, arguments, path);
    }
    for (size_t i = 0; s->type->beside[i] != NULL; i++) {
        def_check_expressions(def, (int)at, bf_json_get(s->node, s->type->beside[i]),
                              def_path(def, s->path, s->type->beside[i]));
    }
}

void def_check_step(struct definition *def, size_t at)
{
    const struct def_step *s = &def->steps[at];
    const bf_json *type = bf_json_get(s->node, "Type");

    if (s->type == NULL) {
        struct bf_sv nearest = bf_step_type_nearest(bf_json_text(type));
        struct bf_finding *f =
            type == NULL ? DEF_REPORT(def, "shape.missing_member", s->node, s->path,
                                      "'Type' is missing in " BF_SV_FMT, BF_SV_ARG(s->path))
                         : DEF_REPORT(def, "definition.step", type, s->path,
                                      "unknown step type '" BF_SV_FMT "'",
                                      BF_SV_ARG(bf_utf8_truncate(bf_json_text(type), 60)));
        if (f != NULL && nearest.len != 0) {
            f->hint = bf_sv_printf(def->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
        }
        return;
    }
    def_check_envelope(def, at);
    check_arguments(def, at);
    def_check_rules(def, at);
    walk_expressions(def, at);
    if (strcmp(s->type->name, "QualityCheck") == 0 || strcmp(s->type->name, "ClarifyCheck") == 0) {
        check_check_members(def, s);
    }
}

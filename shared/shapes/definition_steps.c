/* Steps by their types: the arguments of those that are no request of the model. */
#include "base/utf8.h"
#include "shapes/definition.h"

void def_report_kind(struct definition *def, const bf_json *node, struct bf_sv path,
                     const char *want)
{
    (void)DEF_REPORT(def, "shape.type", node, path, "'" BF_SV_FMT "' must be %s, found %s",
                     BF_SV_ARG(path), want, bf_json_kind_name(node));
}

static void check_fail(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"ErrorMessage", NULL};

    (void)s;
    def_only_members(def, arguments, path, members);
    if (bf_json_get(arguments, "ErrorMessage") == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", arguments, path, "'ErrorMessage' is missing");
    }
    def_check_text(def, bf_json_get(arguments, "ErrorMessage"), def_path(def, path, "ErrorMessage"),
                   0, 3072);
}

/* Lambda and Callback: a flat map of single values; outputs and target stand beside it. */
static void check_call(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"OutputName", "OutputType", NULL};
    const char *target = s->type->beside[0];
    size_t index = 0;

    for (const bf_json *a = bf_json_first(arguments); a != NULL; a = bf_json_next(a)) {
        enum bf_json_kind kind = bf_json_kind(a);
        if (!bf_is_expression(a) &&
            (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL)) {
            def_report_kind(def, a, def_path(def, path, bf_json_key(a).ptr),
                            "a single value or an expression");
        }
    }
    if (bf_json_get(s->node, target) == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", s->node, s->path, "'%s' is missing", target);
    }
    def_check_text(def, bf_json_get(s->node, target), def_path(def, s->path, target), 1, 1024);
    for (const bf_json *o = bf_json_first(bf_json_get(s->node, "OutputParameters")); o != NULL;
         o = bf_json_next(o), index++) {
        struct bf_sv type = bf_json_str(o, "OutputType");
        struct bf_sv at =
            bf_sv_printf(def->arena, BF_SV_FMT ".OutputParameters[%zu]", BF_SV_ARG(s->path), index);
        def_only_members(def, o, at, members);
        if (bf_json_str(o, "OutputName").len == 0) {
            (void)DEF_REPORT(def, "shape.missing_member", o, at, "an output needs OutputName");
        }
        if (!bf_sv_is(type, "String") && !bf_sv_is(type, "Integer") && !bf_sv_is(type, "Boolean") &&
            !bf_sv_is(type, "Float")) {
            const bf_json *word = bf_json_get(o, "OutputType");
            (void)DEF_REPORT(def, "shape.enum", word == NULL ? o : word,
                             word == NULL ? at : def_path(def, at, "OutputType"),
                             "OutputType is '" BF_SV_FMT
                             "', allowed: String, Integer, Boolean, Float",
                             BF_SV_ARG(bf_utf8_truncate(type, 60)));
        }
    }
}

static const struct {
    const char *type;
    void (*check)(struct definition *, const struct def_step *, const bf_json *, struct bf_sv);
} own_arguments[] = {{"Condition", def_check_condition_step},
                     {"Fail", check_fail},
                     {"Lambda", check_call},
                     {"Callback", check_call},
                     {"EMR", def_check_emr},
                     {"EMRServerless", def_check_emr_serverless},
                     {"Lineage", def_check_lineage}};

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
    if (*words == NULL) {
        const bf_json *word = bf_json_get(s->node, "CheckType");
        (void)DEF_REPORT(def, word == NULL ? "shape.missing_member" : "shape.enum",
                         word == NULL ? s->node : word,
                         word == NULL ? s->path : def_path(def, s->path, "CheckType"),
                         "CheckType '" BF_SV_FMT "' does not fit a %s step", BF_SV_ARG(kind),
                         s->type->name);
    }
    static const char *const flags[] = {"SkipCheck", "RegisterNewBaseline", "FailOnViolation"};
    for (size_t i = 0; i < BF_COUNTOF(flags); i++) {
        const bf_json *flag = bf_json_get(s->node, flags[i]);
        if (flag != NULL && !bf_is_expression(flag) && bf_json_kind(flag) != BF_JSON_BOOL) {
            def_report_kind(def, flag, def_path(def, s->path, flags[i]), "a boolean");
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

    if (bf_json_kind(arguments) != BF_JSON_OBJECT) {
        (void)DEF_REPORT(def, arguments == NULL ? "shape.missing_member" : "shape.type",
                         arguments == NULL ? s->node : arguments, path,
                         "'Arguments' must be an object");
        return;
    }
    if (s->type->request != NULL) {
        const char *const name[] = {s->type->name_member, NULL};
        bf_shape_check(def->shapes, arguments, bf_shape_root(s->type->request),
                       &(struct bf_shape_options){
                           .path = path.ptr, .not_required = name, .refused = s->type->refused},
                       def->findings);
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
    const bf_json *arguments = bf_json_get(s->node, "Arguments");
    struct bf_sv path = def_path(def, s->path, "Arguments");

    if (condition) { /* the branches are steps of their own */
        def_check_expressions(def, (int)at, bf_json_get(arguments, "Conditions"),
                              def_path(def, path, "Conditions"));
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
        struct bf_finding *f = DEF_REPORT(def, "definition.step", type == NULL ? s->node : type,
                                          s->path, "unknown step type '" BF_SV_FMT "'",
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

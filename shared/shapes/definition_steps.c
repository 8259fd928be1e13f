#include <stdio.h>

#include "base/utf8.h"
#include "shapes/definition.h"

static void report_kind(struct definition *def, const bf_json *node, struct bf_sv path,
                        const char *want)
{
    (void)DEF_REPORT(def, "shape.type", node, path, "'" BF_SV_FMT "' must be %s, found %s",
                     BF_SV_ARG(path), want, bf_json_kind_name(node));
}

/* ---- the envelope ---- */

static void check_cache(struct definition *def, const struct def_step *s, const bf_json *cache)
{
    static const char *const members[] = {"Enabled", "ExpireAfter", NULL};
    struct bf_sv path = def_path(def, s->path, "CacheConfig");

    if (!s->type->cache) {
        (void)DEF_REPORT(def, "definition.step", cache, path, "a %s step has no cache",
                         s->type->name);
        return;
    }
    def_only_members(def, cache, path, members);
    if (bf_json_kind(bf_json_get(cache, "Enabled")) != BF_JSON_BOOL) {
        report_kind(def, cache, def_path(def, path, "Enabled"), "a boolean");
    }
    def_check_plain_text(def, bf_json_get(cache, "ExpireAfter"), def_path(def, path, "ExpireAfter"),
                         1, 64);
}

static const struct {
    const char *name;
    const char *types; /* between blanks; NULL: every type with retry */
} errors[] = {
    {"Step.SERVICE_FAULT", NULL},
    {"Step.THROTTLING", NULL},
    {"SageMaker.JOB_INTERNAL_ERROR", " Processing Training Transform "},
    {"SageMaker.CAPACITY_ERROR", " Processing Training Tuning AutoML Transform "},
    {"SageMaker.RESOURCE_LIMIT", " Processing Training Tuning AutoML Transform "},
};

static bool error_allowed(struct bf_sv name, const char *type)
{
    char word[80];

    for (size_t i = 0; i < BF_COUNTOF(errors); i++) {
        if (bf_sv_is(name, errors[i].name)) {
            (void)snprintf(word, sizeof(word), " %s ", type);
            return errors[i].types == NULL || strstr(errors[i].types, word) != NULL;
        }
    }
    return false;
}

static void check_exceptions(struct definition *def, const struct def_step *s,
                             const bf_json *policies, const bf_json *policy, struct bf_sv path)
{
    const bf_json *list = bf_json_get(policy, "ExceptionType");

    if (bf_json_kind(list) != BF_JSON_ARRAY || bf_json_count(list) == 0) {
        (void)DEF_REPORT(def, "shape.type", list == NULL ? policy : list, path,
                         "ExceptionType must be an array with at least one exception");
        return;
    }
    for (const bf_json *e = bf_json_first(list); e != NULL; e = bf_json_next(e)) {
        if (!error_allowed(bf_json_text(e), s->type->name)) {
            (void)DEF_REPORT(def, "shape.enum", e, path,
                             "'" BF_SV_FMT "' cannot be retried by a %s step",
                             BF_SV_ARG(bf_utf8_truncate(bf_json_text(e), 80)), s->type->name);
        }
        for (const bf_json *p = bf_json_first(policies); p != policy; p = bf_json_next(p)) {
            for (const bf_json *o = bf_json_first(bf_json_get(p, "ExceptionType")); o != NULL;
                 o = bf_json_next(o)) {
                if (bf_json_equal(o, e)) {
                    (void)DEF_REPORT(def, "definition.step", e, path,
                                     "'" BF_SV_FMT "' is in two policies",
                                     BF_SV_ARG(bf_json_text(e)));
                }
            }
        }
    }
}

static void check_retry_number(struct definition *def, const bf_json *policy, struct bf_sv path,
                               const char *name, int64_t most)
{
    const bf_json *node = bf_json_get(policy, name);
    int64_t value = 0;

    if (node != NULL &&
        (bf_json_kind(node) != BF_JSON_NUMBER || !bf_json_i64(node, 0, most, &value))) {
        (void)DEF_REPORT(def, "shape.range", node, path,
                         "%s must be a whole number of at most %lld", name, (long long)most);
    }
}

static void check_retry(struct definition *def, const struct def_step *s, const bf_json *policies)
{
    static const char *const members[] = {"ExceptionType", "IntervalSeconds", "BackoffRate",
                                          "MaxAttempts",   "ExpireAfterMin",  NULL};
    struct bf_sv path = def_path(def, s->path, "RetryPolicies");

    if (bf_json_kind(policies) != BF_JSON_ARRAY) {
        report_kind(def, policies, path, "an array");
        return;
    }
    if (!s->type->retry && bf_json_count(policies) != 0) {
        (void)DEF_REPORT(def, "definition.step", policies, path, "a %s step is not retried",
                         s->type->name);
        return;
    }
    for (const bf_json *p = bf_json_first(policies); p != NULL; p = bf_json_next(p)) {
        const bf_json *rate = bf_json_get(p, "BackoffRate");
        def_only_members(def, p, path, members);
        check_exceptions(def, s, policies, p, path);
        check_retry_number(def, p, path, "IntervalSeconds", 43200);
        check_retry_number(def, p, path, "MaxAttempts", 20);
        check_retry_number(def, p, path, "ExpireAfterMin", 14400);
        if (rate != NULL && (bf_json_kind(rate) != BF_JSON_NUMBER || bf_json_number(rate) < 1)) {
            (void)DEF_REPORT(def, "shape.range", rate, path,
                             "BackoffRate must be a number of at least 1");
        }
        if (bf_json_get(p, "MaxAttempts") != NULL && bf_json_get(p, "ExpireAfterMin") != NULL) {
            (void)DEF_REPORT(def, "definition.step", p, path,
                             "MaxAttempts and ExpireAfterMin exclude each other");
        }
    }
}

static bool has_output(const struct def_step *s, struct bf_sv name)
{
    const bf_json *outputs =
        bf_json_path(s->node, BF_SV("Arguments.ProcessingOutputConfig.Outputs"));

    for (const bf_json *o = bf_json_first(outputs); o != NULL; o = bf_json_next(o)) {
        if (bf_sv_eq(bf_json_str(o, "OutputName"), name)) {
            return true;
        }
    }
    return false;
}

static void check_property_files(struct definition *def, const struct def_step *s,
                                 const bf_json *files)
{
    static const char *const members[] = {"PropertyFileName", "OutputName", "FilePath", NULL};
    struct bf_sv path = def_path(def, s->path, "PropertyFiles");

    for (const bf_json *f = bf_json_first(files); f != NULL; f = bf_json_next(f)) {
        def_only_members(def, f, path, members);
        for (size_t i = 0; members[i] != NULL; i++) {
            if (bf_json_str(f, members[i]).len == 0) {
                (void)DEF_REPORT(def, "shape.missing_member", f, path,
                                 "a property file needs %s, a string", members[i]);
            }
        }
        for (const bf_json *g = bf_json_first(files); g != f; g = bf_json_next(g)) {
            if (bf_json_equal(bf_json_get(f, "PropertyFileName"),
                              bf_json_get(g, "PropertyFileName"))) {
                (void)DEF_REPORT(def, "definition.step", f, path,
                                 "the property file '" BF_SV_FMT "' is there twice",
                                 BF_SV_ARG(bf_json_str(f, "PropertyFileName")));
            }
        }
        struct bf_sv output = bf_json_str(f, "OutputName");
        if (output.len != 0 && !has_output(s, output)) {
            (void)DEF_REPORT(def, "definition.reference", bf_json_get(f, "OutputName"), path,
                             "the step has no output '" BF_SV_FMT "'", BF_SV_ARG(output));
        }
    }
}

static void check_depends_on(struct definition *def, size_t at, const bf_json *list)
{
    struct bf_sv path = def_path(def, def->steps[at].path, "DependsOn");

    if (bf_json_kind(list) != BF_JSON_ARRAY) {
        report_kind(def, list, path, "an array of step names");
        return;
    }
    for (const bf_json *d = bf_json_first(list); d != NULL; d = bf_json_next(d)) {
        int target = bf_json_kind(d) == BF_JSON_STRING ? def_find(def, bf_json_text(d)) : NO_STEP;
        if (target == NO_STEP) {
            (void)DEF_REPORT(def, "definition.reference", d, path,
                             "there is no step '" BF_SV_FMT "'",
                             BF_SV_ARG(bf_utf8_truncate(bf_json_text(d), 80)));
            continue;
        }
        def_need(def, at, target);
        if (def->steps[target].type != NULL && strcmp(def->steps[target].type->name, "Fail") == 0) {
            (void)DEF_REPORT(def, "definition.reference", d, path,
                             "no step may depend on the Fail step '" BF_SV_FMT "'",
                             BF_SV_ARG(bf_json_text(d)));
        }
    }
}

static void check_envelope(struct definition *def, size_t at)
{
    static const char *const common[] = {"Name",        "Type",         "Arguments",
                                         "DependsOn",   "DisplayName",  "Description",
                                         "CacheConfig", "RetryPolicies"};
    const struct def_step *s = &def->steps[at];
    const char *allowed[BF_COUNTOF(common) + 12] = {NULL};
    size_t n = BF_COUNTOF(common);

    memcpy((void *)allowed, (const void *)common, sizeof(common));
    for (size_t i = 0; s->type->beside[i] != NULL; i++) {
        allowed[n++] = s->type->beside[i];
    }
    bool processing = strcmp(s->type->name, "Processing") == 0;
    if (processing) {
        allowed[n] = "PropertyFiles";
    }
    def_only_members(def, s->node, s->path, allowed);
    def_check_plain_text(def, bf_json_get(s->node, "DisplayName"),
                         def_path(def, s->path, "DisplayName"), 0, 256);
    def_check_plain_text(def, bf_json_get(s->node, "Description"),
                         def_path(def, s->path, "Description"), 0, 3072);
    if (bf_json_get(s->node, "CacheConfig") != NULL) {
        check_cache(def, s, bf_json_get(s->node, "CacheConfig"));
    }
    if (bf_json_get(s->node, "RetryPolicies") != NULL) {
        check_retry(def, s, bf_json_get(s->node, "RetryPolicies"));
    }
    if (processing && bf_json_get(s->node, "PropertyFiles") != NULL) {
        check_property_files(def, s, bf_json_get(s->node, "PropertyFiles"));
    }
    if (bf_json_get(s->node, "DependsOn") != NULL) {
        check_depends_on(def, at, bf_json_get(s->node, "DependsOn"));
    }
}

/* ---- arguments of the types that are no request of the model ---- */

static void check_scalar(struct definition *def, const bf_json *holder, struct bf_sv path,
                         const char *name)
{
    const bf_json *node = bf_json_get(holder, name);
    enum bf_json_kind kind = bf_json_kind(node);

    if (node == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", holder, path, "a condition needs %s", name);
    } else if (!bf_is_expression(node) &&
               (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL)) {
        report_kind(def, node, def_path(def, path, name), "a single value or an expression");
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

static void check_condition_step(struct definition *def, const struct def_step *s,
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
            report_kind(def, branch, def_path(def, path, members[i]), "an array");
        }
        steps += bf_json_count(branch);
    }
    if (steps == 0) {
        (void)DEF_REPORT(def, "definition.step", arguments, path,
                         "a Condition step needs a step in one of its branches");
    }
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

    for (const bf_json *a = bf_json_first(arguments); a != NULL; a = bf_json_next(a)) {
        enum bf_json_kind kind = bf_json_kind(a);
        if (!bf_is_expression(a) &&
            (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL)) {
            report_kind(def, a, def_path(def, path, bf_json_key(a).ptr),
                        "a single value or an expression");
        }
    }
    if (bf_json_get(s->node, target) == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", s->node, s->path, "'%s' is missing", target);
    }
    def_check_text(def, bf_json_get(s->node, target), def_path(def, s->path, target), 1, 1024);
    for (const bf_json *o = bf_json_first(bf_json_get(s->node, "OutputParameters")); o != NULL;
         o = bf_json_next(o)) {
        struct bf_sv type = bf_json_str(o, "OutputType");
        struct bf_sv at = def_path(def, s->path, "OutputParameters");
        def_only_members(def, o, at, members);
        if (bf_json_str(o, "OutputName").len == 0) {
            (void)DEF_REPORT(def, "shape.missing_member", o, at, "an output needs OutputName");
        }
        if (!bf_sv_is(type, "String") && !bf_sv_is(type, "Integer") && !bf_sv_is(type, "Boolean") &&
            !bf_sv_is(type, "Float")) {
            (void)DEF_REPORT(def, "shape.enum", o, at,
                             "OutputType is '" BF_SV_FMT
                             "', allowed: String, Integer, Boolean, Float",
                             BF_SV_ARG(bf_utf8_truncate(type, 60)));
        }
    }
}

static void check_emr(struct definition *def, const struct def_step *s, const bf_json *arguments,
                      struct bf_sv path)
{
    static const char *const members[] = {"ClusterId", "ClusterConfig", "ExecutionRoleArn",
                                          "StepConfig", NULL};
    static const char *const step_members[] = {"HadoopJarStep", NULL};
    static const char *const refused[] = {"Name",
                                          "Steps",
                                          "AutoTerminationPolicy",
                                          "KeepJobFlowAliveWhenNoSteps",
                                          "TerminationProtected",
                                          NULL};
    const bf_json *config = bf_json_get(arguments, "ClusterConfig");
    const bf_json *step = bf_json_get(arguments, "StepConfig");
    struct bf_sv step_path = def_path(def, path, "StepConfig");

    (void)s;
    def_only_members(def, arguments, path, members);
    def_check_text(def, bf_json_get(arguments, "ClusterId"), def_path(def, path, "ClusterId"), 1,
                   256);
    if ((config == NULL) == (bf_json_get(arguments, "ClusterId") == NULL)) {
        (void)DEF_REPORT(def, "definition.step", arguments, path,
                         "an EMR step needs one of ClusterId and ClusterConfig");
    }
    if (config != NULL) {
        struct bf_sv config_path = def_path(def, path, "ClusterConfig");
        bf_shape_check(def->shapes, config, bf_shape_root("RunJobFlow"),
                       &(struct bf_shape_options){
                           .path = config_path.ptr, .not_required = "Name", .refused = refused},
                       def->findings);
        if (bf_json_get(arguments, "ExecutionRoleArn") != NULL) {
            (void)DEF_REPORT(def, "definition.step", arguments, path,
                             "ExecutionRoleArn goes with ClusterId only");
        }
    }
    if (bf_json_kind(step) != BF_JSON_OBJECT) {
        (void)DEF_REPORT(def, "shape.missing_member", arguments, path, "'StepConfig' is missing");
        return;
    }
    def_only_members(def, step, step_path, step_members);
    /* RunJobFlow.Steps[].HadoopJarStep has the shape of StepConfig.HadoopJarStep. */
    const struct bf_member *steps = bf_shape_member(bf_shape_root("RunJobFlow"), BF_SV("Steps"));
    const struct bf_shape *item = &bf_shapes[bf_shapes[steps->shape].item];
    const struct bf_member *jar = bf_shape_member(item, BF_SV("HadoopJarStep"));
    const bf_json *jar_step = bf_json_get(step, "HadoopJarStep");
    if (jar_step == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", step, step_path,
                         "'HadoopJarStep' is missing");
    } else {
        struct bf_sv jar_path = def_path(def, step_path, "HadoopJarStep");
        bf_shape_check(def->shapes, jar_step, &bf_shapes[jar->shape],
                       &(struct bf_shape_options){.path = jar_path.ptr}, def->findings);
    }
}

static const struct {
    const char *type;
    void (*check)(struct definition *, const struct def_step *, const bf_json *, struct bf_sv);
} own_arguments[] = {{"Condition", check_condition_step},
                     {"Fail", check_fail},
                     {"Lambda", check_call},
                     {"Callback", check_call},
                     {"EMR", check_emr}};

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
        (void)DEF_REPORT(def, "shape.enum", s->node, s->path,
                         "CheckType '" BF_SV_FMT "' does not fit a %s step", BF_SV_ARG(kind),
                         s->type->name);
    }
    static const char *const flags[] = {"SkipCheck", "RegisterNewBaseline", "FailOnViolation"};
    for (size_t i = 0; i < BF_COUNTOF(flags); i++) {
        const bf_json *flag = bf_json_get(s->node, flags[i]);
        if (flag != NULL && !bf_is_expression(flag) && bf_json_kind(flag) != BF_JSON_BOOL) {
            report_kind(def, flag, def_path(def, s->path, flags[i]), "a boolean");
        }
    }
    static const char *const texts[] = {"ModelPackageGroupName", "SuppliedBaselineConstraints",
                                        "SuppliedBaselineStatistics", "ModelName"};
    for (size_t i = 0; i < BF_COUNTOF(texts); i++) {
        const bf_json *text = bf_json_get(s->node, texts[i]);
        if (bf_json_kind(text) !=
            BF_JSON_NULL) { /* the SageMaker SDK writes null here, and is taken */
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
        bf_shape_check(def->shapes, arguments, bf_shape_root(s->type->request),
                       &(struct bf_shape_options){.path = path.ptr,
                                                  .not_required = s->type->name_member,
                                                  .refused = s->type->refused},
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
    check_envelope(def, at);
    check_arguments(def, at);
    def_check_rules(def, at);
    walk_expressions(def, at);
    if (strcmp(s->type->name, "QualityCheck") == 0 || strcmp(s->type->name, "ClarifyCheck") == 0) {
        check_check_members(def, s);
    }
}

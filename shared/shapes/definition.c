#include "shapes/definition.h"

#include "base/utf8.h"

enum { DEFINITION_MAX = 1048576, PARAMETERS_MAX = 200, ENUM_MAX = 16, STEPS_ADVISED = 50 };

static const char name_pattern[] = "[A-Za-z0-9\\-_]{1,64}";

struct bf_sv def_path(const struct definition *def, struct bf_sv path, const char *name)
{
    return bf_sv_printf(def->arena, BF_SV_FMT "%s%s", BF_SV_ARG(path), path.len == 0 ? "" : ".",
                        name);
}

int def_find(const struct definition *def, struct bf_sv name)
{
    for (size_t i = 0; i < def->step_count; i++) {
        if (bf_sv_eq(def->steps[i].name, name)) {
            return (int)i;
        }
    }
    return NO_STEP;
}

void def_need(struct definition *def, size_t at, int needed)
{
    struct def_step *s = &def->steps[at];

    for (size_t i = 0; i < s->need_count; i++) {
        if (s->needs[i] == needed) {
            return;
        }
    }
    s->needs = bf_arena_grow(def->arena, s->needs, s->need_count, &s->need_cap, sizeof(*s->needs));
    s->needs[s->need_count++] = needed;
}

void def_only_members(struct definition *def, const bf_json *object, struct bf_sv path,
                      const char *const *allowed)
{
    struct bf_sv names[32];
    size_t n = 0;

    while (allowed[n] != NULL && n < BF_COUNTOF(names)) {
        names[n] = bf_sv_of(allowed[n]);
        n++;
    }
    for (const bf_json *m = bf_json_first(object); m != NULL; m = bf_json_next(m)) {
        bool known = false;
        for (size_t i = 0; i < n; i++) {
            known = known || bf_sv_eq(names[i], bf_json_key(m));
        }
        if (known) {
            continue;
        }
        struct bf_finding *f =
            DEF_REPORT(def, "shape.unknown_member", m, def_path(def, path, bf_json_key(m).ptr),
                       "'" BF_SV_FMT "' is not known %s", BF_SV_ARG(bf_json_key(m)),
                       path.len == 0 ? "at the top of a definition" : "here");
        struct bf_sv nearest = bf_nearest(bf_json_key(m), names, n);
        if (f != NULL) {
            f->at_key = true;
            if (nearest.len != 0) {
                f->hint =
                    bf_sv_printf(def->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
            }
        }
    }
}

static bool need_kind(struct definition *def, const bf_json *node, const bf_json *holder,
                      struct bf_sv path, enum bf_json_kind kind)
{
    static const char *const words[] = {[BF_JSON_BOOL] = "a boolean",
                                        [BF_JSON_NUMBER] = "a number",
                                        [BF_JSON_STRING] = "a string",
                                        [BF_JSON_ARRAY] = "an array",
                                        [BF_JSON_OBJECT] = "an object"};

    if (bf_json_kind(node) == kind) {
        return true;
    }
    if (node == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", holder, path,
                         "'" BF_SV_FMT "' is missing: %s", BF_SV_ARG(path), words[kind]);
    } else {
        (void)DEF_REPORT(def, "shape.type", node, path, "'" BF_SV_FMT "' must be %s, found %s",
                         BF_SV_ARG(path), words[kind], bf_json_kind_name(node));
    }
    return false;
}

void def_check_plain_text(struct definition *def, const bf_json *node, struct bf_sv path,
                          int64_t min, int64_t max)
{
    if (node == NULL || !need_kind(def, node, node, path, BF_JSON_STRING)) {
        return;
    }
    int64_t n = (int64_t)bf_utf8_count(bf_json_text(node));
    if (n < min || n > max) {
        (void)DEF_REPORT(def, "shape.length", node, path,
                         "'" BF_SV_FMT "' has %lld characters, allowed are %lld to %lld",
                         BF_SV_ARG(path), (long long)n, (long long)min, (long long)max);
    }
}

void def_check_text(struct definition *def, const bf_json *node, struct bf_sv path, int64_t min,
                    int64_t max)
{
    if (!bf_is_expression(node)) {
        def_check_plain_text(def, node, path, min, max);
    }
}

/* ---- parameters ---- */

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
        !need_kind(def, words, parameter, def_path(def, path, "EnumValues"), BF_JSON_ARRAY)) {
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
        (void)need_kind(def, w, words, def_path(def, path, "EnumValues"), BF_JSON_STRING);
        found = found || bf_json_equal(w, value);
    }
    if (!found) {
        (void)DEF_REPORT(def, "definition.parameter", value, path,
                         "DefaultValue is none of the EnumValues");
    }
}

static void check_parameter(struct definition *def, const bf_json *parameter, struct bf_sv path)
{
    static const char *const members[] = {"Name", "Type", "DefaultValue", "EnumValues", NULL};
    const bf_json *name = bf_json_get(parameter, "Name");
    const bf_json *type = bf_json_get(parameter, "Type");
    const bf_json *value = bf_json_get(parameter, "DefaultValue");

    if (!need_kind(def, parameter, parameter, path, BF_JSON_OBJECT)) {
        return;
    }
    def_only_members(def, parameter, path, members);
    if (need_kind(def, name, parameter, def_path(def, path, "Name"), BF_JSON_STRING) &&
        !bf_pattern_matches(def->shapes, name_pattern, bf_json_text(name))) {
        (void)DEF_REPORT(def, "shape.pattern", name, path, "the name of a parameter must match %s",
                         name_pattern);
    }
    if (!need_kind(def, type, parameter, def_path(def, path, "Type"), BF_JSON_STRING)) {
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
    }
    check_enum(def, parameter, path);
}

static void check_parameters(struct definition *def)
{
    const bf_json *list = bf_json_get(def->root, "Parameters");
    size_t index = 0;

    if (list == NULL || !need_kind(def, list, def->root, BF_SV("Parameters"), BF_JSON_ARRAY)) {
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

/* ---- top level ---- */

static void check_version(struct definition *def)
{
    const bf_json *version = bf_json_get(def->root, "Version");

    if (!bf_sv_is(bf_json_text(version), "2020-12-01")) {
        (void)DEF_REPORT(def, "definition.version", version == NULL ? def->root : version,
                         BF_SV("Version"),
                         "the schema version is '" BF_SV_FMT "', known is 2020-12-01",
                         BF_SV_ARG(bf_utf8_truncate(bf_json_text(version), 40)));
    }
}

static void check_configs(struct definition *def)
{
    static const char *const experiment_members[] = {"ExperimentName", "TrialName", NULL};
    static const char *const mlflow_members[] = {"MlflowResourceArn", "MlflowExperimentName", NULL};
    static const char arn[] =
        "arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:mlflow-[a-zA-Z-]*/.*";
    const bf_json *experiment = bf_json_get(def->root, "PipelineExperimentConfig");
    const bf_json *mlflow = bf_json_get(def->root, "MlflowConfig");
    const bf_json *metadata = bf_json_get(def->root, "Metadata");
    struct bf_sv at = BF_SV("PipelineExperimentConfig");

    if (metadata != NULL) {
        (void)need_kind(def, metadata, def->root, BF_SV("Metadata"), BF_JSON_OBJECT);
    }
    if (experiment != NULL && need_kind(def, experiment, def->root, at, BF_JSON_OBJECT)) {
        def_only_members(def, experiment, at, experiment_members);
        def_check_text(def, bf_json_get(experiment, "ExperimentName"),
                       def_path(def, at, "ExperimentName"), 1, 120);
        def_check_text(def, bf_json_get(experiment, "TrialName"), def_path(def, at, "TrialName"), 1,
                       120);
        def_check_expressions(def, NO_STEP, experiment, at);
    }
    at = BF_SV("MlflowConfig");
    if (mlflow != NULL && need_kind(def, mlflow, def->root, at, BF_JSON_OBJECT)) {
        const bf_json *server = bf_json_get(mlflow, "MlflowResourceArn");
        def_only_members(def, mlflow, at, mlflow_members);
        def_check_plain_text(def, bf_json_get(mlflow, "MlflowExperimentName"),
                             def_path(def, at, "MlflowExperimentName"), 1, 256);
        if (need_kind(def, server, mlflow, def_path(def, at, "MlflowResourceArn"),
                      BF_JSON_STRING) &&
            !bf_pattern_matches(def->shapes, arn, bf_json_text(server))) {
            (void)DEF_REPORT(def, "shape.pattern", server, at,
                             "MlflowResourceArn must be the ARN of a tracking server or an app");
        }
    }
}

/* ---- steps ---- */

static void add_step(struct definition *def, const bf_json *node, int parent, bool in_else,
                     struct bf_sv path);

/* NOLINTBEGIN(misc-no-recursion): conditions nest as deep as the JSON, at most 64 levels */
static void collect(struct definition *def, const bf_json *list, int parent, bool in_else,
                    struct bf_sv path)
{
    size_t index = 0;

    for (const bf_json *s = bf_json_first(list); s != NULL; s = bf_json_next(s), index++) {
        add_step(def, s, parent, in_else,
                 bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index));
    }
}

static void add_step(struct definition *def, const bf_json *node, int parent, bool in_else,
                     struct bf_sv path)
{
    if (!need_kind(def, node, node, path, BF_JSON_OBJECT)) {
        return;
    }
    const bf_json *type = bf_json_get(node, "Type");
    const bf_json *arguments = bf_json_get(node, "Arguments");
    int at = (int)def->step_count;

    def->steps =
        bf_arena_grow(def->arena, def->steps, def->step_count, &def->step_cap, sizeof(*def->steps));
    def->steps[def->step_count++] = (struct def_step){.name = bf_json_str(node, "Name"),
                                                      .node = node,
                                                      .type = bf_step_type(bf_json_text(type)),
                                                      .path = path,
                                                      .parent = parent,
                                                      .in_else = in_else};
    if (bf_sv_is(bf_json_text(type), "Condition")) {
        collect(def, bf_json_get(arguments, "IfSteps"), at, false,
                def_path(def, path, "Arguments.IfSteps"));
        collect(def, bf_json_get(arguments, "ElseSteps"), at, true,
                def_path(def, path, "Arguments.ElseSteps"));
    }
}
/* NOLINTEND(misc-no-recursion) */

static void check_names(struct definition *def)
{
    for (size_t i = 0; i < def->step_count; i++) {
        const struct def_step *s = &def->steps[i];
        const bf_json *name = bf_json_get(s->node, "Name");
        if (!need_kind(def, name, s->node, def_path(def, s->path, "Name"), BF_JSON_STRING)) {
            continue;
        }
        if (!bf_pattern_matches(def->shapes, name_pattern, s->name)) {
            (void)DEF_REPORT(def, "shape.pattern", name, s->path,
                             "the name of a step must match %s, found '" BF_SV_FMT "'",
                             name_pattern, BF_SV_ARG(bf_utf8_truncate(s->name, 80)));
        }
        if (def_find(def, s->name) != (int)i) {
            (void)DEF_REPORT(def, "definition.step", name, s->path,
                             "the step '" BF_SV_FMT "' is there twice (also at " BF_SV_FMT
                             "); names are unique over all branches",
                             BF_SV_ARG(s->name),
                             BF_SV_ARG(def->steps[def_find(def, s->name)].path));
        }
    }
}

static void check_size(struct definition *def)
{
    struct bf_sv text = bf_json_text_of(def->arena, def->root);
    size_t characters = bf_utf8_count(text);

    if (characters > DEFINITION_MAX) {
        (void)DEF_REPORT(def, "definition.size", def->root, BF_SV(""),
                         "the definition has %zu characters, %d are allowed", characters,
                         DEFINITION_MAX);
    }
    if (def->step_count > STEPS_ADVISED) {
        struct bf_finding *f = DEF_REPORT(
            def, "definition.step", bf_json_get(def->root, "Steps"), BF_SV("Steps"),
            "%zu steps: an account may be limited to %d", def->step_count, STEPS_ADVISED);
        if (f != NULL) {
            f->warning = true;
        }
    }
}

void bf_definition_check(struct bf_shapes *shapes, const bf_json *definition,
                         struct bf_findings *findings)
{
    static const char *const members[] = {
        "Version",      "Metadata", "Parameters", "PipelineExperimentConfig",
        "MlflowConfig", "Steps",    NULL};
    struct definition def = {.shapes = shapes,
                             .arena = bf_shapes_arena(shapes),
                             .findings = findings,
                             .root = definition};
    const bf_json *steps = bf_json_get(definition, "Steps");

    if (!need_kind(&def, definition, definition, BF_SV("the definition"), BF_JSON_OBJECT)) {
        return;
    }
    def_only_members(&def, definition, BF_SV(""), members);
    check_version(&def);
    check_parameters(&def);
    if (need_kind(&def, steps, definition, BF_SV("Steps"), BF_JSON_ARRAY)) {
        collect(&def, steps, NO_STEP, false, BF_SV("Steps"));
    }
    check_configs(&def);
    check_names(&def);
    for (size_t i = 0; i < def.step_count; i++) {
        def_check_step(&def, i);
    }
    def_check_graph(&def);
    check_size(&def);
}

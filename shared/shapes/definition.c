#include "shapes/definition.h"

#include "base/utf8.h"

enum { DEFINITION_MAX = 1048576, STEPS_ADVISED = 50 };

/* Not by bf_sv_printf(): most paths are made for nothing, since nothing is wrong there. */
struct bf_sv def_path(const struct definition *def, struct bf_sv path, const char *name)
{
    size_t dot = path.len == 0 ? 0 : 1, length = strlen(name);
    char *text = bf_arena_alloc(def->arena, path.len + dot + length + 1, 1);

    if (dot != 0) {
        memcpy(text, path.ptr, path.len);
        text[path.len] = '.';
    }
    memcpy(text + path.len + dot, name, length + 1);
    return (struct bf_sv){.ptr = text, .len = path.len + dot + length};
}

int def_find(const struct definition *def, struct bf_sv name)
{
    size_t at = bf_index_find(def->arena, def->names, def->steps, sizeof(*def->steps),
                              def->step_count, name);

    return at == BF_INDEX_NONE ? NO_STEP : (int)at;
}

/* NOLINTNEXTLINE(misc-no-recursion): bodies do not nest, one level */
void def_need(struct definition *def, size_t at, int needed)
{
    struct def_step *s = &def->steps[at];
    int each = def_for_each_of(def, (int)at);

    for (size_t i = 0; i < s->need_count; i++) {
        if (s->needs[i] == needed) {
            return;
        }
    }
    if (each != NO_STEP && def_for_each_of(def, needed) != each) {
        def_need(def, (size_t)each, needed); /* what its body waits for, the whole waits for */
    }
    s->needs = bf_arena_grow(def->arena, s->needs, s->need_count, &s->need_cap, sizeof(*s->needs));
    s->needs[s->need_count++] = needed;
}

static void unknown_member(struct definition *def, const bf_json *member, struct bf_sv path,
                           const struct bf_sv *names, size_t count)
{
    struct bf_buf allowed = bf_buf_new(def->arena, 400);
    struct bf_finding *f = DEF_REPORT(
        def, "shape.unknown_member", member, def_path(def, path, bf_json_key(member).ptr),
        "'" BF_SV_FMT "' is not known %s", BF_SV_ARG(bf_json_key(member)),
        path.len == 0 ? "at the top of a definition" : "here");

    if (f == NULL) {
        return;
    }
    f->at_key = true;
    struct bf_sv nearest = bf_nearest(bf_json_key(member), names, count);
    for (size_t i = 0; i < count; i++) {
        bf_buf_printf(&allowed, "%s" BF_SV_FMT, i == 0 ? "" : ", ", BF_SV_ARG(names[i]));
    }
    f->hint = nearest.len != 0
                  ? bf_sv_printf(def->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest))
                  : bf_sv_printf(def->arena, "allowed: %s", allowed.ptr);
}

bool def_only_members(struct definition *def, const bf_json *object, struct bf_sv path,
                      const char *const *allowed)
{
    struct bf_sv names[32];
    size_t n = 0;

    if (bf_json_kind(object) != BF_JSON_OBJECT) {
        def_report_kind(def, object, path, "an object");
        return false;
    }
    while (allowed[n] != NULL && n < BF_COUNTOF(names)) {
        names[n] = bf_sv_of(allowed[n]);
        n++;
    }
    for (const bf_json *m = bf_json_first(object); m != NULL; m = bf_json_next(m)) {
        bool known = false;
        for (size_t i = 0; i < n; i++) {
            known = known || bf_sv_eq(names[i], bf_json_key(m));
        }
        if (!known) {
            unknown_member(def, m, path, names, n);
        }
    }
    return true;
}

bool def_need_kind(struct definition *def, const bf_json *node, const bf_json *holder,
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
    if (node == NULL || !def_need_kind(def, node, node, path, BF_JSON_STRING)) {
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

void def_check_pattern(struct definition *def, const bf_json *node, struct bf_sv path,
                       const char *pattern, const char *what)
{
    if (node == NULL || bf_is_expression(node) ||
        !def_need_kind(def, node, node, path, BF_JSON_STRING) ||
        bf_pattern_matches(def->shapes->patterns, pattern, bf_json_text(node))) {
        return;
    }
    (void)DEF_REPORT(def, "shape.pattern", node, path,
                     "'" BF_SV_FMT "' is '" BF_SV_FMT "': %s must match %s", BF_SV_ARG(path),
                     BF_SV_ARG(bf_utf8_truncate(bf_json_text(node), 80)), what, pattern);
}

bool def_is_array(struct definition *def, const bf_json *node, struct bf_sv path)
{
    return node == NULL || def_need_kind(def, node, node, path, BF_JSON_ARRAY);
}

void def_check_scalar(struct definition *def, const bf_json *node, struct bf_sv path)
{
    enum bf_json_kind kind = bf_json_kind(node);

    if (node != NULL && !bf_is_expression(node) &&
        (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL)) {
        def_report_kind(def, node, path, "a single value or an expression");
    }
}

void def_check_shape(struct definition *def, const bf_json *node, struct bf_sv path,
                     const char *root, const char *const *not_needed)
{
    bf_shape_check(
        def->shapes, node, bf_shape_root(root),
        &(struct bf_shape_options){.path = path.ptr, .not_needed = not_needed, .definition = def},
        def->findings);
}

void def_report_kind(struct definition *def, const bf_json *node, struct bf_sv path,
                     const char *want)
{
    struct bf_finding *f =
        DEF_REPORT(def, "shape.type", node, path, "'" BF_SV_FMT "' must be %s, found %s",
                   BF_SV_ARG(path), want, bf_json_kind_name(node));

    if (f != NULL && bf_json_kind(node) == BF_JSON_NULL) {
        f->hint = BF_SV("leave the member out: the service does not parse null");
    }
}

/* ---- top level ---- */

static void check_version(struct definition *def)
{
    const bf_json *version = bf_json_get(def->root, "Version");

    if (version == NULL) {
        (void)DEF_REPORT(def, "definition.version", def->root, BF_SV("Version"),
                         "'Version' is missing: write \"Version\": \"2020-12-01\"");
    } else if (bf_json_kind(version) != BF_JSON_STRING) {
        (void)DEF_REPORT(def, "definition.version", version, BF_SV("Version"),
                         "'Version' must be the string \"2020-12-01\", found %s",
                         bf_json_kind_name(version));
    } else if (!bf_sv_is(bf_json_text(version), "2020-12-01")) {
        (void)DEF_REPORT(def, "definition.version", version, BF_SV("Version"),
                         "the schema version is '" BF_SV_FMT "', known is 2020-12-01",
                         BF_SV_ARG(bf_utf8_truncate(bf_json_text(version), 40)));
    }
}

static void check_metadata(struct definition *def)
{
    static const char key[] = "[A-Za-z0-9\\-_]{1,128}";
    const bf_json *metadata = bf_json_get(def->root, "Metadata");
    struct bf_sv path = BF_SV("Metadata");

    if (metadata == NULL || !def_need_kind(def, metadata, def->root, path, BF_JSON_OBJECT)) {
        return;
    }
    for (const bf_json *m = bf_json_first(metadata); m != NULL; m = bf_json_next(m)) {
        struct bf_sv name = bf_json_key(m);
        if (!bf_pattern_matches(def->shapes->patterns, key, name)) {
            struct bf_finding *f = DEF_REPORT(def, "shape.pattern", m, path,
                                              "the name '" BF_SV_FMT "' in Metadata must match %s",
                                              BF_SV_ARG(bf_utf8_truncate(name, 80)), key);
            if (f != NULL) {
                f->at_key = true;
            }
        }
        def_check_plain_text(def, m, def_path(def, path, name.ptr), 0, 1024);
    }
}

/* Either may be missing: then the pipeline's name and the id of the execution are taken (developer
 * guide, "Amazon SageMaker Experiments Integration"). */
static void check_experiment_name(struct definition *def, const bf_json *config, const char *member)
{
    static const char pattern[] = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}";
    struct bf_sv path = def_path(def, BF_SV("PipelineExperimentConfig"), member);
    const bf_json *name = bf_json_get(config, member);
    struct bf_sv get = bf_json_str(name, "Get");

    def_check_pattern(def, name, path, pattern, "a name");
    if (bf_sv_starts(get, BF_SV("Steps.")) || bf_sv_starts(get, BF_SV("PipelineExperiment"))) {
        (void)DEF_REPORT(def, "definition.reference", name, path,
                         "the names of the experiment are known before any step: Execution. and "
                         "Parameters. only");
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
    struct bf_sv at = BF_SV("PipelineExperimentConfig");

    /* The SageMaker SDK writes null for none (version 3 of both), and is taken. */
    if (experiment != NULL && bf_json_kind(experiment) != BF_JSON_NULL &&
        def_only_members(def, experiment, at, experiment_members)) {
        check_experiment_name(def, experiment, "ExperimentName");
        check_experiment_name(def, experiment, "TrialName");
        def_check_expressions(def, NO_STEP, experiment, at);
    }
    at = BF_SV("MlflowConfig");
    if (mlflow != NULL && bf_json_kind(mlflow) != BF_JSON_NULL &&
        def_only_members(def, mlflow, at, mlflow_members)) {
        const bf_json *server = bf_json_get(mlflow, "MlflowResourceArn");
        struct bf_sv path = def_path(def, at, "MlflowResourceArn");
        def_check_plain_text(def, bf_json_get(mlflow, "MlflowExperimentName"),
                             def_path(def, at, "MlflowExperimentName"), 1, 256);
        if (def_need_kind(def, server, mlflow, path, BF_JSON_STRING)) {
            def_check_pattern(def, server, path, arn, "the ARN of a tracking server or an app");
        }
    }
}

/* ---- steps ---- */

static void add_step(struct definition *def, const bf_json *node, int parent, bool in_else,
                     struct bf_sv path);

/* NOLINTBEGIN(misc-no-recursion): conditions nest as deep as the JSON, at most BF_JSON_DEPTH */
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
    if (!def_need_kind(def, node, node, path, BF_JSON_OBJECT)) {
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
    } else if (bf_sv_is(bf_json_text(type), "ForEach")) {
        collect(def, bf_json_get(arguments, "ForEachBody"), at, false,
                def_path(def, path, "Arguments.ForEachBody"));
    }
}
/* NOLINTEND(misc-no-recursion) */

static void check_names(struct definition *def)
{
    for (size_t i = 0; i < def->step_count; i++) {
        const struct def_step *s = &def->steps[i];
        const bf_json *name = bf_json_get(s->node, "Name");
        if (!def_need_kind(def, name, s->node, def_path(def, s->path, "Name"), BF_JSON_STRING)) {
            continue;
        }
        def_check_pattern(def, name, def_path(def, s->path, "Name"), def_name_pattern, "a name");
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
    size_t characters = def->findings->length.characters;

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
    struct bf_index names = {0};
    struct definition def = {.shapes = shapes,
                             .names = &names,
                             .arena = shapes->arena,
                             .findings = findings,
                             .root = definition};
    const bf_json *steps = bf_json_get(definition, "Steps");

    if (!def_need_kind(&def, definition, definition, BF_SV("the definition"), BF_JSON_OBJECT)) {
        return;
    }
    (void)def_only_members(&def, definition, BF_SV(""), members);
    check_version(&def);
    def_check_parameters(&def);
    if (def_need_kind(&def, steps, definition, BF_SV("Steps"), BF_JSON_ARRAY)) {
        collect(&def, steps, NO_STEP, false, BF_SV("Steps"));
        if (bf_json_first(steps) == NULL) {
            (void)DEF_REPORT(&def, "shape.length", steps, BF_SV("Steps"),
                             "'Steps' is empty: a pipeline has at least one step");
        }
    }
    check_metadata(&def);
    check_configs(&def);
    check_names(&def);
    for (size_t i = 0; i < def.step_count; i++) {
        def_check_step(&def, i);
    }
    def_check_graph(&def);
    findings->length = bf_json_length(def.arena, definition);
    check_size(&def);
}

#include "base/utf8.h"
#include "shapes/definition.h"

static const char *const execution_names[] = {
    "StartDateTime",   "CurrentDateTime",     "PipelineName",
    "PipelineArn",     "PipelineExecutionId", "PipelineExecutionArn",
    "TrainingJobName", "ProcessingJobName",   NULL};

static struct bf_sv nearest_of(const char *const *words, struct bf_sv name)
{
    struct bf_sv names[32];
    size_t n = 0;

    for (; words[n] != NULL && n < BF_COUNTOF(names); n++) {
        names[n] = bf_sv_of(words[n]);
    }
    return bf_nearest(name, names, n);
}

void def_report_reference(struct definition *def, const bf_json *node, struct bf_sv path,
                          struct bf_sv what, struct bf_sv nearest)
{
    struct bf_finding *f =
        DEF_REPORT(def, "definition.reference", node, path, BF_SV_FMT, BF_SV_ARG(what));

    if (f != NULL && nearest.len != 0) {
        f->hint = bf_sv_printf(def->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

static void check_parameter_name(struct definition *def, const bf_json *node, struct bf_sv path,
                                 struct bf_sv name)
{
    const bf_json *list = bf_json_get(def->root, "Parameters");
    struct bf_sv names[200];
    size_t n = 0;

    for (const bf_json *p = bf_json_first(list); p != NULL; p = bf_json_next(p)) {
        if (bf_sv_eq(bf_json_str(p, "Name"), name)) {
            return;
        }
        if (n < BF_COUNTOF(names)) {
            names[n++] = bf_json_str(p, "Name");
        }
    }
    def_report_reference(
        def, node, path,
        bf_sv_printf(def->arena, "there is no parameter '" BF_SV_FMT "'", BF_SV_ARG(name)),
        bf_nearest(name, names, n));
}

struct bf_sv def_nearest_step(const struct definition *def, struct bf_sv name)
{
    struct bf_sv *names = BF_NEW_N(def->arena, struct bf_sv, def->step_count + 1);

    for (size_t i = 0; i < def->step_count; i++) {
        names[i] = def->steps[i].name;
    }
    return bf_nearest(name, names, def->step_count);
}

static void check_property_file(struct definition *def, const struct def_step *step,
                                const bf_json *node, struct bf_sv path, struct bf_sv name)
{
    const bf_json *files = bf_json_get(step->node, "PropertyFiles");
    size_t count = bf_json_count(files);
    struct bf_sv *names = BF_NEW_N(def->arena, struct bf_sv, count + 1);
    size_t n = 0;

    for (const bf_json *f = bf_json_first(files); f != NULL && n < count; f = bf_json_next(f)) {
        if (bf_sv_eq(bf_json_str(f, "PropertyFileName"), name)) {
            return;
        }
        names[n++] = bf_json_str(f, "PropertyFileName");
    }
    def_report_reference(
        def, node, path,
        bf_sv_printf(def->arena, "the step '" BF_SV_FMT "' has no property file '" BF_SV_FMT "'",
                     BF_SV_ARG(step->name), BF_SV_ARG(name)),
        bf_nearest(name, names, n));
}

/* The step's name ends at the first '.' or '['; names have neither. Returns the step or NO_STEP. */
static int check_step_get(struct definition *def, int at, const bf_json *node, struct bf_sv path,
                          struct bf_sv rest, bool property_file)
{
    struct bf_sv name = bf_sv_cut(&rest, '.');
    int target = def_find(def, name);
    struct bf_sv why;
    struct bf_sv hint;

    if (target == NO_STEP) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena, "there is no step '" BF_SV_FMT "'", BF_SV_ARG(name)),
            def_nearest_step(def, name));
        return NO_STEP;
    }
    const struct def_step *step = &def->steps[target];
    if (at != NO_STEP) {
        def_need(def, (size_t)at, target);
    }
    if (def_is_in_body_of_another(def, at, target)) {
        const struct def_step *each = &def->steps[step->parent];
        def_report_reference(def, node, path,
                             bf_sv_printf(def->arena,
                                          "the step '" BF_SV_FMT
                                          "' runs once per item: read 'Steps." BF_SV_FMT
                                          ".IterationOutputs[0]." BF_SV_FMT "...'",
                                          BF_SV_ARG(name), BF_SV_ARG(each->name), BF_SV_ARG(name)),
                             BF_SV(""));
        return target;
    }
    if (step->type != NULL && strcmp(step->type->name, "ForEach") == 0 && !property_file &&
        def_check_for_each_property(def, target, node, path, rest)) {
        return target;
    }
    if (bf_sv_starts(rest, BF_SV("PropertyFiles."))) {
        check_property_file(def, step, node, path, bf_sv_from(rest, strlen("PropertyFiles.")));
        if (!property_file) {
            def_report_reference(def, node, path, BF_SV("a property file is read with Std:JsonGet"),
                                 BF_SV(""));
        }
    } else if (property_file) {
        def_report_reference(def, node, path,
                             BF_SV("PropertyFile is a Get of 'Steps.STEP.PropertyFiles.NAME'"),
                             BF_SV(""));
    } else if (step->type != NULL &&
               !bf_property_check(def->arena, step->type, rest, &why, &hint)) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena,
                         "no property '" BF_SV_FMT "' of the step '" BF_SV_FMT "' (%s): " BF_SV_FMT,
                         BF_SV_ARG(rest), BF_SV_ARG(name), step->type->name, BF_SV_ARG(why)),
            hint);
    }
    struct bf_sv output = def_undeclared_output(step, rest);
    if (output.len != 0) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena, "the step '" BF_SV_FMT "' declares no output '" BF_SV_FMT "'",
                         BF_SV_ARG(name), BF_SV_ARG(output)),
            BF_SV(""));
    }
    return target;
}

static void check_get(struct definition *def, int at, const bf_json *node, struct bf_sv path,
                      bool property_file)
{
    const bf_json *get = bf_json_first(node);
    struct bf_sv text = bf_json_text(get);

    if (bf_json_kind(get) != BF_JSON_STRING) {
        (void)DEF_REPORT(def, "shape.type", get, path, "Get must be a string, found %s",
                         bf_json_kind_name(get));
        return;
    }
    struct bf_sv rest = text;
    struct bf_sv root = bf_sv_cut(&rest, '.');
    if (bf_sv_is(root, "Steps")) {
        (void)check_step_get(def, at, node, path, rest, property_file);
    } else if (property_file) {
        def_report_reference(def, node, path,
                             BF_SV("PropertyFile is a Get of 'Steps.STEP.PropertyFiles.NAME'"),
                             BF_SV(""));
    } else if (bf_sv_is(root, "Parameters")) {
        check_parameter_name(def, node, path, rest);
    } else if (bf_sv_is(root, "ForEach")) {
        def_check_current_item(def, at, node, path);
    } else if (bf_sv_is(root, "Execution")) {
        for (const char *const *word = execution_names; *word != NULL; word++) {
            if (bf_sv_is(rest, *word)) {
                return;
            }
        }
        def_report_reference(def, node, path,
                             bf_sv_printf(def->arena,
                                          "there is no execution variable '" BF_SV_FMT "'",
                                          BF_SV_ARG(rest)),
                             nearest_of(execution_names, rest));
    } else if (bf_sv_is(text, "PipelineExperimentConfig.ExperimentName") ||
               bf_sv_is(text, "PipelineExperimentConfig.TrialName")) {
        if (bf_json_kind(bf_json_get(def->root, "PipelineExperimentConfig")) != BF_JSON_OBJECT) {
            def_report_reference(def, node, path,
                                 BF_SV("the definition has no PipelineExperimentConfig"),
                                 BF_SV(""));
        }
    } else {
        static const char *const roots[] = {"Steps", "Parameters", "Execution",
                                            "PipelineExperimentConfig", NULL};
        def_report_reference(def, node, path,
                             bf_sv_printf(def->arena,
                                          "'" BF_SV_FMT
                                          "' begins with none of Steps., Parameters., Execution., "
                                          "PipelineExperimentConfig.",
                                          BF_SV_ARG(bf_utf8_truncate(text, 80))),
                             nearest_of(roots, root));
    }
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_JSON_DEPTH levels */
static void check_one(struct definition *def, int at, const bf_json *node, struct bf_sv path);

static void check_part(struct definition *def, int at, const bf_json *part, struct bf_sv path,
                       const char *what)
{
    enum bf_json_kind kind = bf_json_kind(part);

    if (bf_is_expression(part)) {
        check_one(def, at, part, path);
    } else if (kind == BF_JSON_OBJECT || kind == BF_JSON_ARRAY || kind == BF_JSON_NULL) {
        (void)DEF_REPORT(def, "shape.type", part, path,
                         "%s holds %s: a single value or an expression is allowed", what,
                         bf_json_kind_name(part));
    }
}

static void check_join(struct definition *def, int at, const bf_json *node, struct bf_sv path)
{
    static const char *const members[] = {"On", "Values", NULL};
    const bf_json *join = bf_json_first(node);
    const bf_json *values = bf_json_get(join, "Values");

    if (!def_only_members(def, join, path, members)) {
        return;
    }
    if (bf_json_kind(bf_json_get(join, "On")) != BF_JSON_STRING ||
        bf_json_kind(values) != BF_JSON_ARRAY) {
        (void)DEF_REPORT(def, "shape.type", join, path,
                         "Std:Join needs On (a string) and Values (an array)");
        return;
    }
    for (const bf_json *v = bf_json_first(values); v != NULL; v = bf_json_next(v)) {
        check_part(def, at, v, path, "Std:Join");
    }
}

#define PATH_NAME  "[A-Za-z_][A-Za-z0-9_\\-]*"
#define PATH_INDEX "\\[\\d{1,6}\\]|\\['[^'\\]]*'\\]|\\[\"[^\"\\]]*\"\\]"

static void check_json_get(struct definition *def, int at, const bf_json *node, struct bf_sv path)
{
    static const char *const members[] = {"PropertyFile", "S3Uri", "Path", NULL};
    static const char json_path[] =
        "(\\$(?=[.\\[])|" PATH_NAME "|" PATH_INDEX ")(\\." PATH_NAME "|" PATH_INDEX ")*";
    static const char s3_uri[] = "(https|s3)://[^/]+/.+";
    const bf_json *get = bf_json_first(node);
    const bf_json *file = bf_json_get(get, "PropertyFile");
    const bf_json *uri = bf_json_get(get, "S3Uri");

    if (!def_only_members(def, get, path, members)) {
        return;
    }
    if ((file == NULL) == (uri == NULL)) {
        (void)DEF_REPORT(def, "shape.missing_member", get, path,
                         "Std:JsonGet needs one of PropertyFile and S3Uri");
        return;
    }
    if (bf_is_expression(bf_json_get(get, "Path"))) {
        def_report_kind(def, bf_json_get(get, "Path"), def_path(def, path, "Path"),
                        "a literal text");
    } else {
        def_check_pattern(def, bf_json_get(get, "Path"), def_path(def, path, "Path"), json_path,
                          "a path such as a.b[0]['c']");
    }
    if (bf_json_get(get, "Path") == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", get, path, "Std:JsonGet has no Path");
    }
    if (uri != NULL && bf_is_expression(uri)) {
        check_one(def, at, uri, path);
    } else if (uri != NULL) {
        def_check_pattern(def, uri, def_path(def, path, "S3Uri"), s3_uri, "the place of an object");
    } else if (bf_is_expression(file) && bf_sv_is(bf_json_key(bf_json_first(file)), "Get")) {
        check_get(def, at, file, path, true);
    } else {
        def_report_reference(def, file, path,
                             BF_SV("PropertyFile is a Get of 'Steps.STEP.PropertyFiles.NAME'"),
                             BF_SV(""));
    }
}

static void check_one(struct definition *def, int at, const bf_json *node, struct bf_sv path)
{
    struct bf_sv key = bf_json_key(bf_json_first(node));

    if (bf_sv_is(key, "Get")) {
        check_get(def, at, node, path, false);
    } else if (bf_sv_is(key, "Std:Join")) {
        check_join(def, at, node, path);
    } else {
        check_json_get(def, at, node, path);
    }
}

void def_check_expressions(struct definition *def, int at, const bf_json *node, struct bf_sv path)
{
    if (bf_is_expression(node)) {
        check_one(def, at, node, path);
        return;
    }
    bool object = bf_json_kind(node) == BF_JSON_OBJECT;
    size_t index = 0;
    for (const bf_json *x = bf_json_first(node); x != NULL; x = bf_json_next(x), index++) {
        if (bf_json_kind(x) != BF_JSON_OBJECT && bf_json_kind(x) != BF_JSON_ARRAY) {
            continue;
        }
        struct bf_sv below =
            object ? def_path(def, path, bf_json_key(x).ptr)
                   : bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index);
        def_check_expressions(def, at, x, below);
    }
}
/* NOLINTEND(misc-no-recursion) */

static enum bf_property_kind parameter_kind(const struct definition *def, struct bf_sv name)
{
    static const struct {
        const char *type;
        enum bf_property_kind kind;
    } kinds[] = {{"String", BF_PROPERTY_STRING},
                 {"Integer", BF_PROPERTY_INTEGER},
                 {"Float", BF_PROPERTY_NUMBER},
                 {"Boolean", BF_PROPERTY_BOOLEAN}};
    const bf_json *list = bf_json_get(def->root, "Parameters");

    for (const bf_json *p = bf_json_first(list); p != NULL; p = bf_json_next(p)) {
        for (size_t i = 0; i < BF_COUNTOF(kinds) && bf_sv_eq(bf_json_str(p, "Name"), name); i++) {
            if (bf_sv_is(bf_json_str(p, "Type"), kinds[i].type)) {
                return kinds[i].kind;
            }
        }
    }
    return BF_PROPERTY_ANY;
}

enum bf_property_kind bf_expression_kind(const struct definition *def, const bf_json *expression)
{
    const bf_json *only = bf_json_first(expression);
    struct bf_sv rest = bf_json_text(only);

    if (bf_sv_is(bf_json_key(only), "Std:Join")) {
        return BF_PROPERTY_STRING;
    }
    if (!bf_sv_is(bf_json_key(only), "Get") || bf_json_kind(only) != BF_JSON_STRING) {
        return BF_PROPERTY_ANY;
    }
    struct bf_sv root = bf_sv_cut(&rest, '.');
    if (bf_sv_is(root, "Parameters")) {
        return parameter_kind(def, rest);
    }
    if (bf_sv_is(root, "Execution") || bf_sv_is(root, "PipelineExperimentConfig")) {
        return BF_PROPERTY_STRING;
    }
    if (!bf_sv_is(root, "Steps")) {
        return BF_PROPERTY_ANY;
    }
    int step = def_find(def, bf_sv_cut(&rest, '.'));
    return step == NO_STEP || def->steps[step].type == NULL
               ? BF_PROPERTY_ANY
               : bf_property_kind(def->arena, def->steps[step].type, rest);
}

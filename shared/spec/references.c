#include "spec/check.h"

#include <string.h>

#include "base/utf8.h"
#include "shapes/shapes.h"
#include "spec/meant.h"

/* Looking up what run-time references mean. */

static bool wrong(struct bf_mistake *mistake, const char *code, struct bf_sv message,
                  struct bf_sv hint)
{
    *mistake = (struct bf_mistake){.code = code, .message = message, .hint = hint};
    return false;
}

/* Names are offered out of so many: a wrong reference in a file of thousands must not cost much. */
enum { NAMES_MAX = 256 };

static size_t at_most(size_t count)
{
    return count < NAMES_MAX ? count : NAMES_MAX;
}

static struct bf_sv did_you_mean(struct bf_arena *arena, struct bf_sv name,
                                 const struct bf_sv *names, size_t count)
{
    struct bf_sv nearest = bf_nearest(name, names, count);
    if (nearest.len == 0) {
        return (struct bf_sv){0};
    }
    return bf_sv_printf(arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
}

/** The nearest key of a map. */
static struct bf_sv nearest_key(struct bf_arena *arena, struct bf_sv name,
                                const struct bf_value *map)
{
    if (map == NULL || map->kind != BF_VALUE_MAP) {
        return (struct bf_sv){0};
    }
    size_t count = 0;
    struct bf_sv *names = BF_NEW_N(arena, struct bf_sv, at_most(map->count) + 1);
    for (size_t i = 0; i < at_most(map->count); i++) {
        if (map->pairs[i].value->kind != BF_VALUE_NULL) {
            names[count++] = map->pairs[i].key;
        }
    }
    return did_you_mean(arena, name, names, count);
}

/* ---- param, execution ---- */

static bool resolve_parameter(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                              struct bf_sv name, struct bf_target *target,
                              struct bf_mistake *mistake)
{
    const struct bf_parameter *parameter = bf_pipeline_parameter(pipeline, name);
    target->get = bf_sv_printf(arena, "Parameters." BF_SV_FMT, BF_SV_ARG(name));
    if (parameter == NULL && pipeline->parameters_unread) {
        target->yield = BF_YIELD_ANY;
        return true;
    }
    if (parameter == NULL) {
        size_t count = at_most(pipeline->parameter_count);
        struct bf_sv *names = BF_NEW_N(arena, struct bf_sv, count + 1);
        for (size_t i = 0; i < count; i++) {
            names[i] = pipeline->parameters[i].name;
        }
        return wrong(mistake, "reference.unknown",
                     bf_sv_printf(arena, "there is no parameter '" BF_SV_FMT "'", BF_SV_ARG(name)),
                     did_you_mean(arena, name, names, count));
    }
    static const enum bf_yield yields[] = {
        [BF_PARAM_STRING] = BF_YIELD_STRING,
        [BF_PARAM_INTEGER] = BF_YIELD_INTEGER,
        [BF_PARAM_FLOAT] = BF_YIELD_NUMBER,
        [BF_PARAM_BOOLEAN] = BF_YIELD_BOOLEAN,
    };
    target->parameter = parameter;
    target->yield = parameter->typed ? yields[parameter->type] : BF_YIELD_ANY;
    target->wrap = parameter->type != BF_PARAM_STRING;
    return true;
}

static bool resolve_execution(struct bf_arena *arena, struct bf_sv what, struct bf_target *target,
                              struct bf_mistake *mistake)
{
    static const struct bf_word facts[] = {
        {"id", "PipelineExecutionId"}, {"arn", "PipelineExecutionArn"},
        {"pipeline", "PipelineName"},  {"pipeline_arn", "PipelineArn"},
        {"start", "StartDateTime"},    {"now", "CurrentDateTime"},
    };
    struct bf_sv names[BF_COUNTOF(facts)];
    for (size_t i = 0; i < BF_COUNTOF(facts); i++) {
        if (bf_sv_is(what, facts[i].word)) {
            target->get = bf_sv_printf(arena, "Execution.%s", facts[i].api);
            target->yield = BF_YIELD_STRING;
            return true;
        }
        names[i] = bf_sv_of(facts[i].word);
    }
    return wrong(mistake, "reference.unknown",
                 bf_sv_printf(arena,
                              "'" BF_SV_FMT "' is no fact of a run; there are: id, arn, "
                              "pipeline, pipeline_arn, start, now",
                              BF_SV_ARG(what)),
                 did_you_mean(arena, what, names, BF_COUNTOF(facts)));
}

/* ---- steps ---- */

static const struct bf_step *find_step(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                                       struct bf_sv name, struct bf_mistake *mistake)
{
    const struct bf_step *step = bf_pipeline_step(pipeline, name);
    if (step == NULL) {
        size_t count = at_most(pipeline->step_count);
        struct bf_sv *names = BF_NEW_N(arena, struct bf_sv, count + 1);
        for (size_t i = 0; i < count; i++) {
            names[i] = pipeline->steps[i]->name;
        }
        wrong(mistake, "reference.unknown",
              bf_sv_printf(arena, "there is no step '" BF_SV_FMT "'", BF_SV_ARG(name)),
              did_you_mean(arena, name, names, count));
    }
    return step;
}

/** Written, but no map or misspelt, which has been reported: nothing is known of its names. */
static bool is_wrong(const struct bf_step *step, const char *field)
{
    const struct bf_value *names = bf_step_get(step, field);
    return names == NULL ? bf_field_is_misspelt(bf_fields_step, step->own, field, step->kind)
                         : names->kind != BF_VALUE_MAP;
}

static bool resolve_report(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                           struct bf_sv argument, struct bf_target *target,
                           struct bf_mistake *mistake)
{
    struct bf_sv path = argument;
    struct bf_sv name = bf_sv_cut(&path, '.');
    struct bf_sv report = bf_sv_cut(&path, '.');
    if (name.len == 0 || report.len == 0 || path.len == 0) {
        return wrong(mistake, "reference.syntax",
                     bf_sv_printf(arena, "'" BF_SV_FMT "' has too few parts", BF_SV_ARG(argument)),
                     BF_SV("write ${report:STEP.REPORT.PATH}"));
    }
    target->step = find_step(arena, pipeline, name, mistake);
    if (target->step == NULL) {
        return false;
    }
    const struct bf_value *reports = bf_step_get(target->step, "reports");
    if (bf_object_get(reports, bf_sv_z(arena, report), NULL) == NULL &&
        !is_wrong(target->step, "reports")) {
        return wrong(mistake, "reference.unknown",
                     bf_sv_printf(arena, "step '" BF_SV_FMT "' has no report '" BF_SV_FMT "'",
                                  BF_SV_ARG(name), BF_SV_ARG(report)),
                     nearest_key(arena, report, reports));
    }
    target->form = BF_TARGET_REPORT;
    target->yield = BF_YIELD_ANY;
    target->get = bf_sv_printf(arena, "Steps." BF_SV_FMT ".PropertyFiles." BF_SV_FMT,
                               BF_SV_ARG(name), BF_SV_ARG(report));
    target->path = path;
    return true;
}

/** A row of section 15.1: what a reference may ask of a step. */
struct property {
    bf_step_set steps;
    const char *word;
    const char *path;     /* behind "Steps.NAME."; %s is the name behind the word */
    const char *named_by; /* the field of the step that must have that name; NULL: any */
    enum bf_yield yield;
    bool named; /* the word is followed by ".NAME" */
    bool wrap;
};

#define CHECKS (BF_ON(QUALITY_CHECK) | BF_ON(CLARIFY_CHECK))
#define CALLS  (BF_ON(LAMBDA) | BF_ON(CALLBACK))

static const struct property properties[] = {
    {BF_ON(PROCESSING), "outputs", "ProcessingOutputConfig.Outputs['%s'].S3Output.S3Uri", "outputs",
     BF_YIELD_STRING, true, false},
    {BF_ON(PROCESSING), "exit_message", "ExitMessage", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(TRAINING), "model", "ModelArtifacts.S3ModelArtifacts", NULL, BF_YIELD_STRING, false,
     false},
    {BF_ON(TRAINING), "metrics", "FinalMetricDataList['%s'].Value", "metrics", BF_YIELD_NUMBER,
     true, true},
    {BF_ON(TRAINING), "output", "OutputDataConfig.S3OutputPath", NULL, BF_YIELD_STRING, false,
     false},
    {BF_ON(TRAINING), "job", "TrainingJobName", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(TUNING), "job", "BestTrainingJob.TrainingJobName", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(TUNING), "jobs", "TrainingJobSummaries[%s].TrainingJobName", NULL, BF_YIELD_STRING, true,
     false},
    {BF_ON(TUNING), "model", "TrainingJobSummaries[0].TrainingJobName", NULL, BF_YIELD_STRING,
     false, false},
    {BF_ON(TUNING), "models", "TrainingJobSummaries[%s].TrainingJobName", NULL, BF_YIELD_STRING,
     true, false},
    {BF_ON(TRANSFORM), "output", "TransformOutput.S3OutputPath", NULL, BF_YIELD_STRING, false,
     false},
    {BF_ON(MODEL), "name", "ModelName", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(MODEL), "data", "PrimaryContainer.ModelDataUrl", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(REGISTER), "package", "ModelPackageArn", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(REGISTER), "version", "ModelPackageVersion", NULL, BF_YIELD_INTEGER, false, true},
    {CALLS, "returns", "OutputParameters['%s']", "returns", BF_YIELD_ANY, true, false},
    {BF_ON(CONDITION), "outcome", "Outcome", NULL, BF_YIELD_STRING, false, false},
    {CHECKS, "constraints", "CalculatedBaselineConstraints", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(QUALITY_CHECK), "statistics", "CalculatedBaselineStatistics", NULL, BF_YIELD_STRING,
     false, false},
    {CHECKS, "baseline_constraints", "BaselineUsedForDriftCheckConstraints", NULL, BF_YIELD_STRING,
     false, false},
    {BF_ON(QUALITY_CHECK), "baseline_statistics", "BaselineUsedForDriftCheckStatistics", NULL,
     BF_YIELD_STRING, false, false},
    {BF_ON(EMR), "cluster", "ClusterId", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(ENDPOINT_CONFIG), "name", "EndpointConfigName", NULL, BF_YIELD_STRING, false, false},
    {BF_ON(ENDPOINT), "name", "EndpointName", NULL, BF_YIELD_STRING, false, false},
};

static bool of_kind(const struct property *property, enum bf_step_kind kind)
{
    return kind < BF_STEP_KINDS && (property->steps & ((bf_step_set)1 << kind)) != 0;
}

static bool no_property(struct bf_arena *arena, const struct bf_step *step, struct bf_sv what,
                        struct bf_mistake *mistake)
{
    struct bf_sv names[BF_COUNTOF(properties)];
    size_t count = 0;
    struct bf_buf all = bf_buf_new(arena, 400);
    for (size_t i = 0; i < BF_COUNTOF(properties); i++) {
        if (of_kind(&properties[i], step->kind)) {
            const char *behind = properties[i].named_by == NULL ? ".K" : ".NAME";
            bf_buf_printf(&all, "%s%s%s", count == 0 ? "" : ", ", properties[i].word,
                          properties[i].named ? behind : "");
            names[count++] = bf_sv_of(properties[i].word);
        }
    }
    struct bf_sv hint = did_you_mean(arena, what, names, count);
    for (size_t i = 0; i < BF_COUNTOF(properties); i++) {
        bool near = bf_sv_eq(bf_nearest(what, names, count), bf_sv_of(properties[i].word));
        if (near && properties[i].named && of_kind(&properties[i], step->kind)) {
            hint = bf_sv_printf(arena, "did you mean '%s%s'?", properties[i].word,
                                properties[i].named_by == NULL ? ".K" : ".NAME");
        }
    }
    struct bf_sv has = count == 0 ? BF_SV("nothing but @PATH") : bf_buf_sv(&all);
    if (step->kind == BF_STEP_FAIL) {
        has = BF_SV("nothing");
    }
    return wrong(mistake, "reference.unknown",
                 bf_sv_printf(arena,
                              "step '" BF_SV_FMT "' (%s) has no '" BF_SV_FMT
                              "' to refer to; it has: " BF_SV_FMT,
                              BF_SV_ARG(step->name), bf_step_kind_word(step->kind), BF_SV_ARG(what),
                              BF_SV_ARG(has)),
                 hint);
}

/** The names that a field declares: keys of a map that are not null. */
static bool name_exists(struct bf_arena *arena, const struct bf_step *step,
                        const struct property *property, struct bf_sv name,
                        struct bf_mistake *mistake)
{
    if (property->named_by == NULL) { /* jobs.K, models.K */
        int64_t k = 0;
        if (bf_sv_i64(name, 0, 49, &k) && bf_sv_eq(name, bf_sv_printf(arena, "%d", (int)k))) {
            return true;
        }
        return wrong(
            mistake, "reference.unknown",
            bf_sv_printf(arena, "'" BF_SV_FMT "' is no number from 0 to 49", BF_SV_ARG(name)),
            BF_SV("0 is the best job"));
    }
    const struct bf_value *names = bf_step_get(step, property->named_by);
    const struct bf_value *value = bf_value_get(names, name);
    if (value != NULL && value->kind != BF_VALUE_NULL) {
        return true;
    }
    if (is_wrong(step, property->named_by)) {
        return true;
    }
    /* Built-in algorithms have metrics of their own: without "metrics" any name is taken. */
    if (names == NULL && strcmp(property->named_by, "metrics") == 0) {
        return true;
    }
    struct bf_sv hint = nearest_key(arena, name, names);
    if (value != NULL) {
        hint =
            bf_sv_printf(arena, "it is null there, which takes it away; write '" BF_SV_FMT ": {}'",
                         BF_SV_ARG(name));
    }
    return wrong(mistake, "reference.unknown",
                 bf_sv_printf(arena, "step '" BF_SV_FMT "' has no '" BF_SV_FMT "' in its %s",
                              BF_SV_ARG(step->name), BF_SV_ARG(name), property->named_by),
                 hint);
}

static enum bf_yield returned_type(const struct bf_step *step, struct bf_sv name)
{
    const struct bf_value *type = bf_value_get(bf_step_get(step, "returns"), name);
    if (type == NULL || type->kind != BF_VALUE_STRING) {
        return BF_YIELD_ANY;
    }
    if (bf_sv_is(type->text, "integer")) {
        return BF_YIELD_INTEGER;
    }
    if (bf_sv_is(type->text, "float")) {
        return BF_YIELD_NUMBER;
    }
    if (bf_sv_is(type->text, "boolean")) {
        return BF_YIELD_BOOLEAN;
    }
    return bf_sv_is(type->text, "string") ? BF_YIELD_STRING : BF_YIELD_ANY; /* wrong: said there */
}

static bool resolve_property(struct bf_arena *arena, const struct property *property,
                             struct bf_sv rest, struct bf_target *target,
                             struct bf_mistake *mistake)
{
    const struct bf_step *step = target->step;
    if (property->named && rest.len == 0) {
        return wrong(mistake, "reference.syntax",
                     bf_sv_printf(arena, "'%s' needs a name behind it", property->word),
                     bf_sv_printf(arena, "write ${step:" BF_SV_FMT ".%s.NAME}",
                                  BF_SV_ARG(step->name), property->word));
    }
    if (!property->named && rest.len > 0) {
        return no_property(arena, step,
                           bf_sv_printf(arena, "%s." BF_SV_FMT, property->word, BF_SV_ARG(rest)),
                           mistake);
    }
    /* Several containers: none of them is the primary one. */
    const struct bf_value *containers = bf_step_get(step, "model");
    if (step->kind == BF_STEP_MODEL && strcmp(property->word, "data") == 0 && containers != NULL &&
        containers->kind == BF_VALUE_LIST) {
        return wrong(mistake, "reference.unknown",
                     bf_sv_printf(arena,
                                  "step '" BF_SV_FMT
                                  "' has a list of containers, and so no 'data' of its own",
                                  BF_SV_ARG(step->name)),
                     bf_sv_printf(arena,
                                  "that of the first one is "
                                  "${step:\"" BF_SV_FMT ".@Containers[0].ModelDataUrl\"}",
                                  BF_SV_ARG(step->name)));
    }
    if (property->named && !name_exists(arena, step, property, rest, mistake)) {
        return false;
    }
    struct bf_sv pattern = bf_sv_of(property->path);
    size_t hole = bf_sv_search(pattern, BF_SV("%s"));
    struct bf_sv name = property->named ? rest : BF_SV("");
    target->get = bf_sv_printf(arena, "Steps." BF_SV_FMT "." BF_SV_FMT BF_SV_FMT BF_SV_FMT,
                               BF_SV_ARG(step->name), BF_SV_ARG(bf_sv_slice(pattern, 0, hole)),
                               BF_SV_ARG(name), BF_SV_ARG(bf_sv_from(pattern, hole + 2)));
    target->yield = property->yield;
    target->wrap = property->wrap;
    if (strcmp(property->word, "returns") == 0) {
        target->yield = returned_type(step, rest);
    }
    if (step->kind == BF_STEP_TUNING && bf_sv_starts(bf_sv_of(property->word), BF_SV("model"))) {
        target->form = BF_TARGET_TUNED_MODEL;
    }
    return true;
}

static bool resolve_path(struct bf_arena *arena, struct bf_sv path, struct bf_target *target,
                         struct bf_mistake *mistake)
{
    const struct bf_step *step = target->step;
    struct bf_sv type = bf_sv_of(bf_step_kind_api(step->kind));
    if (step->kind == BF_STEP_RAW) {
        const struct bf_value *written = bf_step_get(step, "sagemaker.Type");
        type = written == NULL || written->kind != BF_VALUE_STRING ? type : written->text;
    }
    const struct bf_step_type *known = bf_step_type(type);
    struct bf_sv why = {0}, hint = {0};
    if (path.len == 0) {
        return wrong(mistake, "reference.syntax", BF_SV("'@' needs a path behind it"),
                     BF_SV("such as @FinalMetricDataList['auc'].Value"));
    }
    if (step->kind == BF_STEP_FAIL) {
        return no_property(arena, step, path, mistake);
    }
    if (known != NULL && !bf_property_check(arena, known, path, &why, &hint)) {
        return wrong(mistake, "reference.unknown", why, hint);
    }
    static const enum bf_yield yields[] = {[BF_PROPERTY_ANY] = BF_YIELD_ANY,
                                           [BF_PROPERTY_STRING] = BF_YIELD_STRING,
                                           [BF_PROPERTY_INTEGER] = BF_YIELD_INTEGER,
                                           [BF_PROPERTY_NUMBER] = BF_YIELD_NUMBER,
                                           [BF_PROPERTY_BOOLEAN] = BF_YIELD_BOOLEAN};
    target->yield = known == NULL ? BF_YIELD_ANY : yields[bf_property_kind(arena, known, path)];
    target->wrap = target->yield != BF_YIELD_ANY && target->yield != BF_YIELD_STRING;
    target->get = bf_sv_printf(arena, "Steps." BF_SV_FMT "." BF_SV_FMT, BF_SV_ARG(step->name),
                               BF_SV_ARG(path));
    return true;
}

static bool resolve_step(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                         struct bf_sv argument, struct bf_target *target,
                         struct bf_mistake *mistake)
{
    struct bf_sv rest = argument;
    struct bf_sv name = bf_sv_cut(&rest, '.');
    if (name.len == 0 || rest.len == 0) {
        return wrong(mistake, "reference.syntax",
                     bf_sv_printf(arena, "'" BF_SV_FMT "' has too few parts", BF_SV_ARG(argument)),
                     BF_SV("write ${step:STEP.WHAT}"));
    }
    target->step = find_step(arena, pipeline, name, mistake);
    if (target->step == NULL) {
        return false;
    }
    if (rest.ptr[0] == '@') {
        return resolve_path(arena, bf_sv_from(rest, 1), target, mistake);
    }
    struct bf_sv word = bf_sv_cut(&rest, '.');
    if (target->step->kind == BF_STEP_KINDS) { /* its type is wrong: that has been said */
        target->yield = BF_YIELD_ANY;
        return true;
    }
    for (size_t i = 0; i < BF_COUNTOF(properties); i++) {
        if (of_kind(&properties[i], target->step->kind) && bf_sv_is(word, properties[i].word)) {
            target->path = rest;
            return resolve_property(arena, &properties[i], rest, target, mistake);
        }
    }
    return no_property(arena, target->step, word, mistake);
}

bool bf_reference_resolve(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                          const struct bf_reference *reference, struct bf_target *target,
                          struct bf_mistake *mistake)
{
    *target = (struct bf_target){.form = BF_TARGET_GET, .yield = BF_YIELD_STRING};
    *mistake = (struct bf_mistake){0};
    switch (reference->kind) {
    case BF_REF_PARAM:
        return resolve_parameter(arena, pipeline, reference->argument, target, mistake);
    case BF_REF_EXECUTION:
        return resolve_execution(arena, reference->argument, target, mistake);
    case BF_REF_REPORT:
        return resolve_report(arena, pipeline, reference->argument, target, mistake);
    case BF_REF_STEP:
        break;
    }
    return resolve_step(arena, pipeline, reference->argument, target, mistake);
}

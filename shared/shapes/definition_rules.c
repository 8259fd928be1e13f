#include "shapes/definition.h"

/*
 * What the request shapes do not say: members that are required together, or only in a pipeline.
 * Sources: SageMaker AI developer guide, "Pipelines steps"; API reference of each Create* call;
 * sagemaker-python-sdk src/sagemaker/workflow.
 */

static void check_training(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"AlgorithmSpecification", "ResourceConfig",
                                          "StoppingCondition"};
    const bf_json *stop = bf_json_get(arguments, "StoppingCondition");
    int64_t run = 0;
    int64_t wait = 0;

    for (size_t i = 0; i < BF_COUNTOF(members); i++) {
        if (bf_json_get(arguments, members[i]) == NULL &&
            bf_json_get(arguments, "ServerlessJobConfig") == NULL) {
            (void)DEF_REPORT(def, "shape.missing_member", arguments, path,
                             "'%s' is missing: a training job needs it, or ServerlessJobConfig",
                             members[i]);
        }
    }
    if (bf_json_i64(bf_json_get(stop, "MaxRuntimeInSeconds"), 0, INT64_MAX, &run) &&
        bf_json_i64(bf_json_get(stop, "MaxWaitTimeInSeconds"), 0, INT64_MAX, &wait) && wait < run) {
        (void)DEF_REPORT(
            def, "definition.step", bf_json_get(stop, "MaxWaitTimeInSeconds"),
            def_path(def, path, "StoppingCondition.MaxWaitTimeInSeconds"),
            "MaxWaitTimeInSeconds is below MaxRuntimeInSeconds: the wait includes the run");
    }
    if (bf_json_true(bf_json_get(arguments, "EnableManagedSpotTraining")) &&
        bf_json_kind(stop) == BF_JSON_OBJECT && bf_json_get(stop, "MaxWaitTimeInSeconds") == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", stop,
                         def_path(def, path, "StoppingCondition"),
                         "'MaxWaitTimeInSeconds' is missing: managed spot training needs it");
    }
    const bf_json *keep = bf_json_path(arguments, BF_SV("ResourceConfig.KeepAlivePeriodInSeconds"));
    if (keep != NULL && bf_json_true(bf_json_get(arguments, "EnableManagedSpotTraining"))) {
        (void)DEF_REPORT(def, "definition.step", keep,
                         def_path(def, path, "ResourceConfig.KeepAlivePeriodInSeconds"),
                         "KeepAlivePeriodInSeconds and EnableManagedSpotTraining exclude each "
                         "other");
    }
}

/* One job: its objective and ranges stand in the configuration, or with it as when there are more.
 * With Autotune the service finds ranges and settings. */
static void check_tuned(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[][2] = {
        {"HyperParameterTuningJobObjective", "TuningObjective"},
        {"ParameterRanges", "HyperParameterRanges"}};
    const bf_json *config = bf_json_get(arguments, "HyperParameterTuningJobConfig");
    const bf_json *job = bf_json_get(arguments, "TrainingJobDefinition");

    for (size_t i = 0; i < BF_COUNTOF(members) && bf_json_kind(config) == BF_JSON_OBJECT &&
                       job != NULL && bf_json_get(arguments, "Autotune") == NULL;
         i++) {
        if (bf_json_get(config, members[i][0]) == NULL && bf_json_get(job, members[i][1]) == NULL) {
            (void)DEF_REPORT(def, "shape.missing_member", config,
                             def_path(def, path, "HyperParameterTuningJobConfig"),
                             "'%s' is missing: a tuning of one job needs it", members[i][0]);
        }
    }
}

/* Jobs that are tuned together: each has a name, what it is tuned for and in what ranges. */
static void check_tuning(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    static const char *const members[] = {"DefinitionName", "TuningObjective",
                                          "HyperParameterRanges"};
    const bf_json *list = bf_json_get(arguments, "TrainingJobDefinitions");
    const bf_json *limits =
        bf_json_path(arguments, BF_SV("HyperParameterTuningJobConfig.ResourceLimits"));
    const bf_json *parallel = bf_json_get(limits, "MaxParallelTrainingJobs");
    int64_t together = 0;
    int64_t all = 0;
    size_t index = 0;

    if (bf_json_i64(parallel, 0, INT64_MAX, &together) &&
        bf_json_i64(bf_json_get(limits, "MaxNumberOfTrainingJobs"), 0, INT64_MAX, &all) &&
        together > all) {
        (void)DEF_REPORT(def, "shape.range", parallel,
                         def_path(def, path,
                                  "HyperParameterTuningJobConfig.ResourceLimits."
                                  "MaxParallelTrainingJobs"),
                         "MaxParallelTrainingJobs is %lld, of %lld jobs in all",
                         (long long)together, (long long)all);
    }

    check_tuned(def, arguments, path);
    for (const bf_json *d = bf_json_first(list); d != NULL; d = bf_json_next(d), index++) {
        struct bf_sv at = bf_sv_printf(def->arena, BF_SV_FMT ".TrainingJobDefinitions[%zu]",
                                       BF_SV_ARG(path), index);
        for (size_t i = 0; i < BF_COUNTOF(members) && bf_json_kind(d) == BF_JSON_OBJECT; i++) {
            if (bf_json_get(d, members[i]) == NULL) {
                (void)DEF_REPORT(def, "shape.missing_member", d, at,
                                 "'%s' is missing in " BF_SV_FMT
                                 ": each of TrainingJobDefinitions has its own",
                                 members[i], BF_SV_ARG(at));
            }
        }
    }
}

static void check_register(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    if (bf_json_get(arguments, "ModelPackageGroupName") == NULL) {
        struct bf_finding *f =
            DEF_REPORT(def, "shape.missing_member", arguments, path,
                       "'ModelPackageGroupName' is missing: the model package has no versions");
        if (f != NULL) {
            f->warning = true; /* a member that the API does not need */
        }
    } else if (bf_json_get(arguments, "Tags") != NULL) {
        struct bf_finding *f =
            DEF_REPORT(def, "shape.refused", bf_json_get(arguments, "Tags"),
                       def_path(def, path, "Tags"), "a model package in a group takes no Tags");
        if (f != NULL) {
            f->at_key = true;
        }
    }
}

static void check_auto_ml(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    const bf_json *mode = bf_json_path(arguments, BF_SV("AutoMLJobConfig.Mode"));

    if (!bf_is_expression(mode) && !bf_sv_is(bf_json_text(mode), "ENSEMBLING")) {
        (void)DEF_REPORT(def, "definition.step", mode == NULL ? arguments : mode,
                         mode == NULL ? path : def_path(def, path, "AutoMLJobConfig.Mode"),
                         "AutoMLJobConfig.Mode must be ENSEMBLING in a pipeline");
    }
}

static const struct {
    const char *type;
    void (*check)(struct definition *, const bf_json *, struct bf_sv);
} rules[] = {{"Training", check_training},
             {"Tuning", check_tuning},
             {"RegisterModel", check_register},
             {"AutoML", check_auto_ml}};

void def_check_rules(struct definition *def, size_t at)
{
    const struct def_step *s = &def->steps[at];
    const bf_json *arguments = bf_json_get(s->node, "Arguments");

    for (size_t i = 0; i < BF_COUNTOF(rules); i++) {
        if (strcmp(rules[i].type, s->type->name) == 0 &&
            bf_json_kind(arguments) == BF_JSON_OBJECT) {
            rules[i].check(def, arguments, def_path(def, s->path, "Arguments"));
        }
    }
}

/* The name in "PREFIX['NAME']..."; empty when ${path} has another form. */
static struct bf_sv quoted_name(struct bf_sv path, const char *prefix)
{
    struct bf_sv rest = bf_sv_from(path, strlen(prefix) + 2);
    bool fits = bf_sv_starts(path, bf_sv_of(prefix)) &&
                bf_sv_starts(bf_sv_from(path, strlen(prefix)), BF_SV("['"));

    return fits ? bf_sv_slice(rest, 0, bf_sv_search(rest, BF_SV("']"))) : BF_SV("");
}

/* Whether an item of ${list} has the name; also when a name is known only at the run. */
static bool declares(const bf_json *list, const char *member, struct bf_sv name)
{
    for (const bf_json *o = bf_json_first(list); o != NULL; o = bf_json_next(o)) {
        if (bf_sv_eq(bf_json_str(o, member), name) || bf_is_expression(bf_json_get(o, member))) {
            return true;
        }
    }
    return false;
}

struct bf_sv def_undeclared_output(const struct def_step *step, struct bf_sv path)
{
    static const struct {
        const char *property, *list, *member;
        bool others; /* without a list the names are the image's own */
    } places[] = {
        {"ProcessingOutputConfig.Outputs", "Arguments.ProcessingOutputConfig.Outputs", "OutputName",
         false},
        {"ProcessingInputs", "Arguments.ProcessingInputs", "InputName", false},
        {"InputDataConfig", "Arguments.InputDataConfig", "ChannelName", false},
        {"FinalMetricDataList", "Arguments.AlgorithmSpecification.MetricDefinitions", "Name", true},
        {"OutputParameters", "OutputParameters", "OutputName", false},
        {"ActionArns", "Arguments.Actions", "ActionName", false},
        {"ArtifactArns", "Arguments.Artifacts", "ArtifactName", false},
        {"ContextArns", "Arguments.Contexts", "ContextName", false},
    };

    for (size_t i = 0; i < BF_COUNTOF(places); i++) {
        struct bf_sv name = quoted_name(path, places[i].property);
        const bf_json *list = bf_json_path(step->node, bf_sv_of(places[i].list));
        if (name.len != 0 && !(places[i].others && bf_json_count(list) == 0)) {
            return declares(list, places[i].member, name) ? BF_SV("") : name;
        }
    }
    return BF_SV("");
}

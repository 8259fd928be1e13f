#include "base/utf8.h"
#include "shapes/shapes.h"

/*
 * Sources: SageMaker AI developer guide ("Pipelines steps", "Caching pipeline steps", "Retry
 * policy"), sagemaker-python-sdk src/sagemaker/workflow.
 */
static const char *const none[] = {NULL};
static const char *const function_members[] = {"FunctionArn", "OutputParameters", NULL};
static const char *const queue_members[] = {"SqsQueueUrl", "OutputParameters", NULL};
static const char *const quality_members[] = {"CheckType",
                                              "ModelPackageGroupName",
                                              "SkipCheck",
                                              "RegisterNewBaseline",
                                              "FailOnViolation",
                                              "SuppliedBaselineConstraints",
                                              "SuppliedBaselineStatistics",
                                              NULL};
static const char *const clarify_members[] = {
    "CheckType",       "ModelPackageGroupName",       "SkipCheck", "RegisterNewBaseline",
    "FailOnViolation", "SuppliedBaselineConstraints", "ModelName", NULL};

static const struct bf_step_type types[] = {
    {.name = "Processing",
     .request = "CreateProcessingJob",
     .not_needed = {"ProcessingJobName"},
     .responses = {"DescribeProcessingJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Training",
     .request = "CreateTrainingJob",
     .not_needed = {"TrainingJobName"},
     .responses = {"DescribeTrainingJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Tuning",
     .request = "CreateHyperParameterTuningJob",
     .not_needed = {"HyperParameterTuningJobName"},
     .responses = {"DescribeHyperParameterTuningJob", "ListTrainingJobsForHyperParameterTuningJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Transform",
     .request = "CreateTransformJob",
     .not_needed = {"TransformJobName"},
     .responses = {"DescribeTransformJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "AutoML",
     .request = "CreateAutoMLJob",
     .not_needed = {"AutoMLJobName"},
     .responses = {"DescribeAutoMLJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Model",
     .request = "CreateModel",
     .not_needed = {"ModelName"},
     .responses = {"DescribeModel"},
     .beside = none,
     .retry = true},
    {.name = "RegisterModel",
     .request = "CreateModelPackage",
     .responses = {"DescribeModelPackage"},
     .beside = none,
     .retry = true},
    {.name = "EndpointConfig",
     .request = "CreateEndpointConfig",
     .not_needed = {"EndpointConfigName"},
     .responses = {"DescribeEndpointConfig"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Endpoint",
     .request = "CreateEndpoint",
     .not_needed = {"EndpointName"},
     .responses = {"DescribeEndpoint"},
     .beside = none,
     .cache = true},
    {.name = "InferenceComponent",
     .request = "CreateInferenceComponent",
     .not_needed = {"InferenceComponentName"},
     .responses = {"DescribeInferenceComponent"},
     .beside = none},
    {.name = "QualityCheck",
     .request = "CreateProcessingJob",
     .not_needed = {"ProcessingJobName"},
     .responses = {"DescribeProcessingJob"},
     .beside = quality_members,
     .cache = true},
    {.name = "ClarifyCheck",
     .request = "CreateProcessingJob",
     .not_needed = {"ProcessingJobName"},
     .responses = {"DescribeProcessingJob"},
     .beside = clarify_members,
     .cache = true},
    {.name = "Condition", .beside = none},
    {.name = "Fail", .beside = none},
    {.name = "Lambda", .beside = function_members, .cache = true},
    {.name = "Callback", .beside = queue_members, .cache = true},
    {.name = "EMR", .responses = {"EmrStep"}, .beside = none, .cache = true, .retry = true},
    {.name = "EMRServerless",
     .responses = {"GetJobRun"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "Lineage", .beside = none},
    {.name = "Job",
     .request = "CreateJob",
     .not_needed = {"JobName"},
     .responses = {"DescribeJob"},
     .beside = none,
     .cache = true,
     .retry = true},
    {.name = "ForEach", .beside = none},
    {.name = "Cleanup", .beside = none},
    {.name = "Athena", .beside = none, .cache = true, .retry = true, .open = true},
    {.name = "HubContent", .beside = none, .cache = true, .retry = true, .open = true},
    {.name = "BedrockCustomModel",
     .request = "CreateCustomModel",
     .responses = {"GetCustomModel"},
     .beside = none},
    {.name = "BedrockCustomModelDeployment",
     .request = "CreateCustomModelDeployment",
     .responses = {"GetCustomModelDeployment"},
     .beside = none},
    {.name = "BedrockModelImport",
     .request = "CreateModelImportJob",
     .responses = {"GetModelImportJob"},
     .beside = none},
    {.name = "BedrockProvisionedModelThroughput",
     .request = "CreateProvisionedModelThroughput",
     .responses = {"GetProvisionedModelThroughput"},
     .beside = none},
};

const struct bf_step_type *bf_step_type(struct bf_sv name)
{
    for (size_t i = 0; i < BF_COUNTOF(types); i++) {
        if (bf_sv_is(name, types[i].name)) {
            return &types[i];
        }
    }
    return NULL;
}

struct bf_sv bf_step_type_nearest(struct bf_sv name)
{
    struct bf_sv names[BF_COUNTOF(types)];

    for (size_t i = 0; i < BF_COUNTOF(types); i++) {
        names[i] = bf_sv_of(types[i].name);
    }
    return bf_nearest(name, names, BF_COUNTOF(types));
}

/* Properties that are not members of a response. */
static const struct {
    const char *type;
    const char *names[6];
    const char *entries[3]; /* of maps: "OutputParameters['name']" */
} own_properties[] = {
    {"Condition", {"Outcome"}, {NULL}},
    {"Lambda", {NULL}, {"OutputParameters"}},
    {"Callback", {NULL}, {"OutputParameters"}},
    {"QualityCheck",
     {"CalculatedBaselineConstraints", "CalculatedBaselineStatistics",
      "BaselineUsedForDriftCheckConstraints", "BaselineUsedForDriftCheckStatistics"},
     {NULL}},
    {"ClarifyCheck",
     {"CalculatedBaselineConstraints", "BaselineUsedForDriftCheckConstraints"},
     {NULL}},
    {"EMR", {"ClusterId"}, {NULL}},
    {"AutoML",
     {"BestCandidateProperties.ModelInsightsJsonReportPath",
      "BestCandidateProperties.ExplainabilityJsonReportPath"},
     {NULL}},
    {"ForEach",
     {"Status", "InputItemCount", "TotalStepCount", "SucceededStepCount", "FailedStepCount",
      "StoppedStepCount"},
     {NULL}},
    {"Lineage", {"Associations"}, {"ActionArns", "ArtifactArns", "ContextArns"}},
    {"BedrockCustomModelDeployment", {"ModelDeploymentArn"}, {NULL}},
};

static bool is_entry(struct bf_sv path, const char *map)
{
    struct bf_sv rest = bf_sv_from(path, strlen(map));

    return bf_sv_starts(path, bf_sv_of(map)) && bf_sv_starts(rest, BF_SV("['")) && rest.len > 4 &&
           bf_sv_search(rest, BF_SV("']")) == rest.len - 2;
}

/* A member of a job's answer that is the text of a JSON object: what lies in it is read as well. */
static bool is_in_document(const struct bf_step_type *type, struct bf_sv path)
{
    struct bf_sv document = BF_SV("JobConfigDocument.");

    return strcmp(type->name, "Job") == 0 && bf_sv_starts(path, document) &&
           path.len > document.len;
}

static bool own_property(struct bf_arena *arena, const struct bf_step_type *type, struct bf_sv path,
                         struct bf_sv *why)
{
    struct bf_buf known = bf_buf_new(arena, 256);

    for (size_t i = 0; i < BF_COUNTOF(own_properties); i++) {
        if (strcmp(own_properties[i].type, type->name) != 0) {
            continue;
        }
        for (size_t k = 0;
             k < BF_COUNTOF(own_properties[i].names) && own_properties[i].names[k] != NULL; k++) {
            const char *name = own_properties[i].names[k];
            if (bf_sv_is(path, name)) {
                return true;
            }
            bf_buf_printf(&known, "%s%s", known.len == 0 ? "" : ", ", name);
        }
        for (size_t k = 0; k < 3 && own_properties[i].entries[k] != NULL; k++) {
            const char *map = own_properties[i].entries[k];
            if (is_entry(path, map)) {
                return true;
            }
            bf_buf_printf(&known, "%s%s['name']", known.len == 0 ? "" : ", ", map);
        }
    }
    *why = bf_sv_printf(arena, "steps of type %s have %s%s", type->name,
                        known.len == 0 ? "no properties" : "only ", known.ptr);
    return false;
}

/* A part of a path behind a member: "[0]", "['name']". Empty when there is none. */
static struct bf_sv cut_index(struct bf_sv *rest, bool *valid)
{
    *valid = true;
    if (rest->len == 0 || rest->ptr[0] != '[') {
        return BF_SV("");
    }
    bool quoted = rest->len > 1 && rest->ptr[1] == '\'';
    size_t end = quoted ? bf_sv_search(*rest, BF_SV("']")) : bf_sv_find(*rest, ']');
    *valid = end < rest->len && end > (quoted ? 2U : 1U);
    if (!*valid) {
        return BF_SV("");
    }
    struct bf_sv index = bf_sv_slice(*rest, 1, end + (quoted ? 1 : 0));
    *rest = bf_sv_from(*rest, end + (quoted ? 2 : 1));
    return index;
}

struct walk {
    struct bf_arena *arena;
    struct bf_sv *why, *hint;
};

static const struct bf_shape *step_into(const struct walk *w, const struct bf_shape *shape,
                                        struct bf_sv name)
{
    const struct bf_member *member = bf_shape_member(shape, name);
    struct bf_sv names[256];
    size_t n = 0;

    if (member != NULL) {
        return &bf_shapes[member->shape];
    }
    for (size_t i = 0;
         shape->kind == BF_SHAPE_STRUCTURE && i < shape->count && n < BF_COUNTOF(names); i++) {
        names[n++] = bf_sv_of(shape->members[i].name);
    }
    *w->why = bf_sv_printf(w->arena, "'" BF_SV_FMT "' is not a member of %s", BF_SV_ARG(name),
                           shape->name);
    struct bf_sv nearest = bf_nearest(name, names, n);
    if (nearest.len > 0) {
        *w->hint = bf_sv_printf(w->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
    return NULL;
}

/* "['name']" takes the item of that name: items without one have only numbers. */
static bool has_names(const struct bf_shape *item)
{
    for (size_t i = 0; item->kind == BF_SHAPE_STRUCTURE && i < item->count; i++) {
        if (bf_sv_ends(bf_sv_of(item->members[i].name), BF_SV("Name"))) {
            return true;
        }
    }
    return false;
}

static const struct bf_shape *index_into(const struct walk *w, const struct bf_shape *shape,
                                         struct bf_sv index)
{
    bool quoted = index.ptr[0] == '\'';
    int64_t n = 0;

    /* Of a tuning job's trainings the service knows the 50 best. */
    int64_t last =
        bf_sv_is(bf_sv_of(shape->name), "HyperParameterTrainingJobSummaries") ? 49 : 10000;
    if (shape->kind == BF_SHAPE_LIST &&
        (quoted ? has_names(&bf_shapes[shape->item]) : bf_sv_i64(index, 0, last, &n))) {
        return &bf_shapes[shape->item];
    }
    if (shape->kind == BF_SHAPE_MAP && quoted) {
        return &bf_shapes[shape->item];
    }
    *w->why =
        bf_sv_printf(w->arena, "[" BF_SV_FMT "] does not fit %s", BF_SV_ARG(index), shape->name);
    return NULL;
}

static const struct bf_shape *walk_path(const struct walk *w, const struct bf_shape *shape,
                                        struct bf_sv path)
{
    bool valid = true;

    while (shape != NULL && path.len != 0) {
        size_t end = 0;
        while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != '[') {
            end++;
        }
        shape = step_into(w, shape, bf_sv_slice(path, 0, end));
        path = bf_sv_from(path, end);
        while (shape != NULL && path.len != 0 && path.ptr[0] == '[') {
            struct bf_sv index = cut_index(&path, &valid);
            if (!valid) {
                *w->why = BF_SV("an index is [0] or ['name']");
                return NULL;
            }
            shape = index_into(w, shape, index);
        }
        if (shape != NULL && path.len != 0) {
            if (path.ptr[0] != '.' || path.len == 1) {
                *w->why = BF_SV("a path is member names with '.' between them");
                return NULL;
            }
            path = bf_sv_from(path, 1);
        }
    }
    return shape;
}

bool bf_property_check(struct bf_arena *arena, const struct bf_step_type *type, struct bf_sv path,
                       struct bf_sv *why, struct bf_sv *hint)
{
    struct walk w = {.arena = arena, .why = why, .hint = hint};

    *why = BF_SV("");
    *hint = BF_SV("");
    if (path.len == 0) {
        *why = BF_SV("the path behind the step's name is missing");
        return false;
    }
    if (type->open || is_in_document(type, path) || own_property(arena, type, path, why)) {
        *why = BF_SV("");
        return true;
    }
    for (size_t i = 0; i < 2 && type->responses[i] != NULL; i++) {
        const struct bf_shape *end = walk_path(&w, bf_shape_root(type->responses[i]), path);
        if (end == NULL) {
            continue;
        }
        if (end->kind == BF_SHAPE_STRUCTURE || end->kind == BF_SHAPE_LIST ||
            end->kind == BF_SHAPE_MAP) {
            *why = bf_sv_printf(arena, "it ends at %s, which is not a single value", end->name);
            return false;
        }
        return true;
    }
    return false;
}

enum bf_property_kind bf_property_kind(struct bf_arena *arena, const struct bf_step_type *type,
                                       struct bf_sv path)
{
    static const enum bf_property_kind kinds[] = {[BF_SHAPE_STRING] = BF_PROPERTY_STRING,
                                                  [BF_SHAPE_INTEGER] = BF_PROPERTY_INTEGER,
                                                  [BF_SHAPE_NUMBER] = BF_PROPERTY_NUMBER,
                                                  [BF_SHAPE_BOOLEAN] = BF_PROPERTY_BOOLEAN,
                                                  [BF_SHAPE_TIMESTAMP] = BF_PROPERTY_ANY};
    struct bf_sv why = {0}, hint = {0};
    struct walk w = {.arena = arena, .why = &why, .hint = &hint};

    for (size_t i = 0; i < 2 && type->responses[i] != NULL; i++) {
        const struct bf_shape *end = walk_path(&w, bf_shape_root(type->responses[i]), path);
        if (end != NULL) {
            return kinds[end->kind];
        }
    }
    return BF_PROPERTY_ANY;
}

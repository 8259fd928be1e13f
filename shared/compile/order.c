#include "compile/emit.h"

/*
 * The order of members has no meaning to the service; it is fixed so that equal input gives equal
 * bytes. The lists are those of the language's reference; what they do not name follows.
 */
static const char *const processing[] = {"ProcessingResources",
                                         "AppSpecification",
                                         "RoleArn",
                                         "ProcessingInputs",
                                         "ProcessingOutputConfig",
                                         "Environment",
                                         "NetworkConfig",
                                         "StoppingCondition",
                                         "Tags",
                                         NULL};
static const char *const training[] = {"AlgorithmSpecification",
                                       "RoleArn",
                                       "InputDataConfig",
                                       "OutputDataConfig",
                                       "ResourceConfig",
                                       "StoppingCondition",
                                       "HyperParameters",
                                       "Environment",
                                       "VpcConfig",
                                       "EnableNetworkIsolation",
                                       "EnableInterContainerTrafficEncryption",
                                       "EnableManagedSpotTraining",
                                       "CheckpointConfig",
                                       "Tags",
                                       NULL};
static const char *const tuning[] = {"HyperParameterTuningJobConfig", "TrainingJobDefinition",
                                     "Tags", NULL};
static const char *const transform[] = {"ModelName",          "TransformInput", "TransformOutput",
                                        "TransformResources", "BatchStrategy",  "DataProcessing",
                                        "Environment",        "Tags",           NULL};
static const char *const registration[] = {"ModelPackageGroupName",
                                           "ModelPackageDescription",
                                           "ModelApprovalStatus",
                                           "InferenceSpecification",
                                           "ModelMetrics",
                                           "DriftCheckBaselines",
                                           "CustomerMetadataProperties",
                                           "Domain",
                                           "Task",
                                           "SamplePayloadUrl",
                                           "SourceUri",
                                           "SkipModelValidation",
                                           NULL};
static const char *const nothing[] = {NULL};

static const char *const *order_of(enum bf_step_kind kind)
{
    switch (kind) {
    case BF_STEP_PROCESSING:
    case BF_STEP_QUALITY_CHECK:
    case BF_STEP_CLARIFY_CHECK:
        return processing;
    case BF_STEP_TRAINING:
        return training;
    case BF_STEP_TUNING:
        return tuning;
    case BF_STEP_TRANSFORM:
        return transform;
    case BF_STEP_REGISTER:
        return registration;
    default:
        return nothing;
    }
}

static bool listed(const char *const *names, struct bf_sv name)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (bf_sv_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void move_listed(const char *const *names, bf_json *to, bf_json *from)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        bf_json *member = bf_json_get(from, names[i]);
        if (member != NULL) {
            (void)bf_json_move(to, names[i], member, from);
        }
    }
}

/** Those that ${names} does not list. */
static void move_others(const char *const *names, bf_json *to, bf_json *from)
{
    for (bf_json *member = bf_json_first(from), *next = NULL; member != NULL; member = next) {
        next = bf_json_next(member);
        if (!listed(names, bf_json_key(member))) {
            const char *name = bf_json_key(member).ptr;
            (void)bf_json_move(to, name, member, from);
        }
    }
}

void bf_order_arguments(enum bf_step_kind kind, bf_json *to, bf_json *from)
{
    move_listed(order_of(kind), to, from);
    move_others(nothing, to, from);
}

void bf_order_envelope(bf_json *to, bf_json *from)
{
    static const char *const first[] = {"DependsOn", "DisplayName", "Description", NULL};
    static const char *const last[] = {"PropertyFiles", "CacheConfig", "RetryPolicies", NULL};
    move_listed(first, to, from);
    move_others(last, to, from);
    move_listed(last, to, from);
}

/*
 * Beside the generated tables: what the API's documentation says of members and its model does not,
 * by the name of the structure. Sources: API reference of each structure; sagemaker-python-sdk
 * src/sagemaker/workflow and its issues.
 */
#include "shapes/internal.h"

/* The API has the members, a pipeline refuses them. */
static const struct {
    const char *structure;
    const char *members[6]; /* NULL-ended */
} refused[] = {
    {"CreateModelPackageInput", {"ModelPackageName", "CertifyForMarketplace"}}, /* sdk#3472 */
    {"CreateEndpointConfigInput", {"DataCaptureConfig", "ExplainerConfig"}},
    {"CreateEndpointInput", {"DeploymentConfig"}},
    {"CreateAutoMLJobRequest", {"ModelDeployConfig", "GenerateCandidateDefinitionsOnly"}},
    {"ContainerDefinition", {"AdditionalModelDataSources"}}, /* sdk#4994 */
    {"ModelPackageContainerDefinition", {"AdditionalModelDataSources"}},
    {"ProcessingClusterConfig", {"SelectedInstanceType", "SelectedInstanceCount"}}, /* answers' */
    {"ResourceConfig", {"SelectedInstanceType", "SelectedInstanceCount"}},          /* answers' */
    {"RunJobFlowInput",
     {"Name", "Steps", "AutoTerminationPolicy", "KeepJobFlowAliveWhenNoSteps",
      "TerminationProtected"}},
    {"JobFlowInstancesConfig", {"KeepJobFlowAliveWhenNoSteps", "TerminationProtected"}},
};

const char *const *bf_shape_refused(const struct bf_shape *structure)
{
    for (size_t i = 0; i < BF_COUNTOF(refused); i++) {
        if (strcmp(refused[i].structure, structure->name) == 0) {
            return refused[i].members;
        }
    }
    return NULL;
}

/* Lists whose item "*" CreatePipeline takes, whatever the pattern of an item (the SDK's own tests
 * against the service create such pipelines). */
static const char *const open_lists[] = {"ResponseMIMETypes", "RealtimeInferenceInstanceTypes",
                                         "TransformInstanceTypes"};

bool bf_shape_takes_star(const struct bf_shape *list)
{
    for (size_t i = 0; i < BF_COUNTOF(open_lists); i++) {
        if (strcmp(open_lists[i], list->name) == 0) {
            return true;
        }
    }
    return false;
}

static const struct bf_shape_choice choices[] = {
    {"ProcessingInput", {"S3Input", "DatasetDefinition"}, true},
    {"ProcessingOutput", {"S3Output", "FeatureStoreOutput"}, false},
    {"DatasetDefinition", {"AthenaDatasetDefinition", "RedshiftDatasetDefinition"}, true},
    {"DataSource", {"S3DataSource", "FileSystemDataSource", "DatasetSource"}, true},
    {"AlgorithmSpecification", {"TrainingImage", "AlgorithmName"}, true},
    {"HyperParameterAlgorithmSpecification", {"TrainingImage", "AlgorithmName"}, true},
    {"ProcessingClusterConfig", {"InstanceType", "InstancePreferences"}, true},
    {"ResourceConfig", {"InstanceType", "InstanceGroups", "InstancePreferences"}, true},
    {"HyperParameterTuningResourceConfig", {"InstanceType", "InstanceConfigs"}, true},
    {"ProductionVariant", {"InstanceType", "InstancePools", "ServerlessConfig"}, false},
    {"CreateInferenceComponentInput", {"Specification", "Specifications"}, true},
    {"HyperParameterTrainingJobDefinition",
     {"ResourceConfig", "HyperParameterTuningResourceConfig"},
     true},
    {"CreateHyperParameterTuningJobRequest",
     {"TrainingJobDefinition", "TrainingJobDefinitions"},
     true},
    {"CreateModelInput", {"PrimaryContainer", "Containers"}, true},
    {"ContainerDefinition", {"Image", "ModelPackageName"}, false},
    {"ModelPackageContainerDefinition", {"Image", "BaseModel"}, false},
};

const struct bf_shape_choice *bf_shape_choice(const struct bf_shape *structure)
{
    for (size_t i = 0; i < BF_COUNTOF(choices); i++) {
        if (strcmp(choices[i].structure, structure->name) == 0) {
            return &choices[i];
        }
    }
    return NULL;
}

/* Members that are needed with another: a number of instances of a type. */
static const struct {
    const char *structure, *given, *needed;
} companions[] = {
    {"ProcessingClusterConfig", "InstanceType", "InstanceCount"},
    {"ResourceConfig", "InstanceType", "InstanceCount"},
    {"HyperParameterTuningResourceConfig", "InstanceType", "InstanceCount"},
};

const char *bf_shape_companion(const struct bf_shape *structure, const bf_json *value)
{
    for (size_t i = 0; i < BF_COUNTOF(companions); i++) {
        if (strcmp(companions[i].structure, structure->name) == 0 &&
            bf_json_get(value, companions[i].given) != NULL &&
            bf_json_get(value, companions[i].needed) == NULL) {
            return companions[i].needed;
        }
    }
    return NULL;
}

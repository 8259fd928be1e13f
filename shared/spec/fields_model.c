#include "spec/field.h"
#include "spec/rules.h"

/* Fields of models, model packages, checks and endpoints. */

static const struct bf_word container_modes[] = {
    {"single", "SingleModel"}, {"multi", "MultiModel"}, {0}};

#define CONTAINER_ENV                                                                              \
    {                                                                                              \
        .name = "env", .kind = BF_KIND_MAP, .max = 100, .code = "env.count",                       \
        .item = BF_ITEM(.kind = BF_KIND_SCALAR, .flags = BF_REF, .max = 1024,                      \
                        .code = "env.length", .rule = bf_rule_env_value),                          \
        .key_pattern = BF_PATTERN_ENV, .key_code = "env.key", .to = BF_TO_ALL("Environment"),      \
        .doc = "Environment variables of the container, at most 100 of 1024 characters"            \
    }

const struct bf_field bf_fields_container[] = {
    {.name = "image",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .min = 1,
     .max = 255,
     .to = BF_TO_ALL("Image"),
     .doc = "Container image"},
    {.name = "mode",
     .kind = BF_KIND_WORD,
     .words = container_modes,
     .to = BF_TO_ALL("Mode"),
     .doc = "One model, or many under one prefix"},
    {.name = "data",
     .kind = BF_KIND_URI,
     .flags = BF_REF,
     .to = BF_TO_ALL("ModelDataUrl"),
     .doc = "model.tar.gz"},
    CONTAINER_ENV,
    {.name = "package",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .min = 1,
     .max = 176,
     .to = BF_TO_ALL("ModelPackageName"),
     .doc = "A model package instead of image and data"},
    {0},
};

const struct bf_field bf_fields_package[] = {
    {.name = "image",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .min = 1,
     .max = 255,
     .to = BF_TO_ALL("Image"),
     .doc = "Container image"},
    {.name = "data",
     .kind = BF_KIND_URI,
     .flags = BF_REF,
     .to = BF_TO_ALL("ModelDataUrl"),
     .doc = "model.tar.gz"},
    CONTAINER_ENV,
    {.name = "framework",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .to = BF_TO_ALL("Framework"),
     .doc = "Framework of the model, such as XGBOOST"},
    {.name = "framework_version",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .min = 3,
     .max = 10,
     .to = BF_TO_ALL("FrameworkVersion"),
     .doc = "Its version, in quotes"},
    {.name = "nearest_model",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .to = BF_TO_ALL("NearestModelName"),
     .doc = "A well-known model that is like this one"},
    {0},
};

const struct bf_field bf_fields_location[] = {
    {.name = "content_type",
     .kind = BF_KIND_STRING,
     .flags = BF_REF | BF_EMIT,
     .max = 256,
     .fallback = "application/json",
     .to = BF_TO_ALL("ContentType"),
     .doc = "Media type of the file"},
    {.name = "from",
     .kind = BF_KIND_URI,
     .flags = BF_REQUIRED | BF_REF,
     .to = BF_TO_ALL("S3Uri"),
     .doc = "The file"},
    {0},
};

#define REPORT(field, where, text)                                                                 \
    {                                                                                              \
        .name = (field), .kind = BF_KIND_OBJECT, .fields = bf_fields_location,                     \
        .shorthand = "from", .to = BF_TO_ALL(where), .doc = (text)                                 \
    }

const struct bf_field bf_fields_model_metrics[] = {
    REPORT("quality", "ModelMetrics.ModelQuality.Statistics", "Quality of the model"),
    REPORT("quality_constraints", "ModelMetrics.ModelQuality.Constraints", "Its constraints"),
    REPORT("data_quality", "ModelMetrics.ModelDataQuality.Statistics", "Quality of the data"),
    REPORT("data_quality_constraints", "ModelMetrics.ModelDataQuality.Constraints",
           "Its constraints"),
    REPORT("bias", "ModelMetrics.Bias.Report", "Bias report"),
    REPORT("bias_pre_training", "ModelMetrics.Bias.PreTrainingReport", "Bias of the data"),
    REPORT("bias_post_training", "ModelMetrics.Bias.PostTrainingReport", "Bias of the model"),
    REPORT("explainability", "ModelMetrics.Explainability.Report", "Explainability report"),
    {0},
};

#define DRIFT "DriftCheckBaselines."

const struct bf_field bf_fields_drift_baselines[] = {
    REPORT("quality", DRIFT "ModelQuality.Statistics", "Quality of the model"),
    REPORT("quality_constraints", DRIFT "ModelQuality.Constraints", "Its constraints"),
    REPORT("data_quality", DRIFT "ModelDataQuality.Statistics", "Quality of the data"),
    REPORT("data_quality_constraints", DRIFT "ModelDataQuality.Constraints", "Its constraints"),
    REPORT("bias_config", DRIFT "Bias.ConfigFile", "Configuration of the bias check"),
    REPORT("bias_pre_training", DRIFT "Bias.PreTrainingConstraints", "Bias of the data"),
    REPORT("bias_post_training", DRIFT "Bias.PostTrainingConstraints", "Bias of the model"),
    REPORT("explainability", DRIFT "Explainability.Constraints", "Explainability"),
    REPORT("explainability_config", DRIFT "Explainability.ConfigFile",
           "Configuration of the explainability check"),
    {0},
};

static const struct bf_word problems[] = {{"regression", "Regression"},
                                          {"binary_classification", "BinaryClassification"},
                                          {"multiclass_classification", "MulticlassClassification"},
                                          {0}};

const struct bf_field bf_fields_problem[] = {
    {.name = "type",
     .kind = BF_KIND_WORD,
     .flags = BF_REQUIRED,
     .words = problems,
     .emit = BF_EMIT_NOTHING,
     .to = BF_TO_ALL("Environment.problem_type"),
     .doc = "Kind of problem"},
    {.name = "inference",
     .kind = BF_KIND_SCALAR,
     .flags = BF_REF,
     .emit = BF_EMIT_NOTHING,
     .to = BF_TO_ALL("Environment.inference_attribute"),
     .doc = "Column or JSONPath of the prediction"},
    {.name = "probability",
     .kind = BF_KIND_SCALAR,
     .flags = BF_REF,
     .emit = BF_EMIT_NOTHING,
     .to = BF_TO_ALL("Environment.probability_attribute"),
     .doc = "Column or JSONPath of the probability"},
    {.name = "probability_threshold",
     .kind = BF_KIND_SCALAR,
     .flags = BF_REF,
     .emit = BF_EMIT_NOTHING,
     .to = BF_TO_ALL("Environment.probability_threshold_attribute"),
     .doc = "From which probability on it is class 1"},
    {.name = "ground_truth",
     .kind = BF_KIND_SCALAR,
     .flags = BF_REF,
     .emit = BF_EMIT_NOTHING,
     .to = BF_TO_ALL("Environment.ground_truth_attribute"),
     .doc = "Column or JSONPath of the truth"},
    {0},
};

static const struct bf_field serverless_fields[] = {
    {.name = "memory_mb",
     .kind = BF_KIND_INT,
     .flags = BF_REQUIRED,
     .min = 1024,
     .max = 6144,
     .to = BF_TO_ALL("MemorySizeInMB"),
     .doc = "Memory, a multiple of 1024"},
    {.name = "max_concurrency",
     .kind = BF_KIND_INT,
     .flags = BF_REQUIRED,
     .min = 1,
     .max = 200,
     .to = BF_TO_ALL("MaxConcurrency"),
     .doc = "Requests at the same time"},
    {0},
};

const struct bf_field bf_fields_variant[] = {
    {.name = "model",
     .kind = BF_KIND_STRING,
     .flags = BF_REQUIRED | BF_REF,
     .min = 1,
     .max = 256,
     .to = BF_TO_ALL("ModelName"),
     .doc = "Name of the model, or ${step:<model step>.name}"},
    {.name = "instance_type",
     .kind = BF_KIND_STRING,
     .flags = BF_REF,
     .rule = bf_rule_instance_type,
     .to = BF_TO_ALL("InstanceType"),
     .doc = "Instances that serve it; or serverless"},
    {.name = "count",
     .kind = BF_KIND_INT,
     .flags = BF_REF,
     .min = 1,
     .max = 10000,
     .fallback = "1",
     .to = BF_TO_ALL("InitialInstanceCount"),
     .doc = "How many"},
    {.name = "weight",
     .kind = BF_KIND_NUMBER,
     .flags = BF_REF | BF_EMIT,
     .min = 0,
     .max = INT64_MAX,
     .fallback = "1",
     .to = BF_TO_ALL("InitialVariantWeight"),
     .doc = "Share of the traffic"},
    {.name = "serverless",
     .kind = BF_KIND_OBJECT,
     .fields = serverless_fields,
     .to = BF_TO_ALL("ServerlessConfig"),
     .doc = "No instances of its own"},
    {0},
};

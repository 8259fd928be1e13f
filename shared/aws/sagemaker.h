#ifndef BF_AWS_SAGEMAKER_H
#define BF_AWS_SAGEMAKER_H

#include "aws/aws.h"

/**
 * SageMaker's pipeline API (JSON 1.1, "SageMaker"). Answers are AWS's own JSON, members in
 * UpperCamel, times as numbers of seconds. A pipeline or execution that does not exist is
 * BF_ENOTFOUND whether AWS says ResourceNotFound or "ValidationException: ... does not exist".
 */

/** A client token: 32 to 128 characters. Required where a parameter is called so. */

struct bf_sm_pipeline {
    struct bf_sv name, role_arn;
    struct bf_sv definition;                    /* the text, or: */
    struct bf_sv s3_bucket, s3_key, s3_version; /* where it lies (definitions over 100 KiB) */
    struct bf_sv display_name, description;     /* empty: not sent */
    int64_t max_parallel_steps;                 /* 0: not sent */
    const bf_json *tags;                        /* create only: [{"Key","Value"}]; NULL: none */
    struct bf_sv token;                         /* create only */
};

/** *arn is the pipeline's ARN. An existing name is BF_ECONFLICT. */
BF_NODISCARD enum bf_code bf_sm_create_pipeline(struct bf_aws *aws, const struct bf_sm_pipeline *p,
                                                struct bf_sv *arn, struct bf_err *err);
/** Replaces the definition; tags and token are not part of it. */
BF_NODISCARD enum bf_code bf_sm_update_pipeline(struct bf_aws *aws, const struct bf_sm_pipeline *p,
                                                struct bf_sv *arn, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_describe_pipeline(struct bf_aws *aws, struct bf_sv name,
                                                  bf_json **out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_delete_pipeline(struct bf_aws *aws, struct bf_sv name,
                                                struct bf_sv token, struct bf_err *err);
/** An array of pipeline summaries, at most ${max}. */
BF_NODISCARD enum bf_code bf_sm_list_pipelines(struct bf_aws *aws, size_t max, bf_json **out,
                                               struct bf_err *err);

/** ${tags} is [{"Key","Value"}...]; existing keys are overwritten. */
BF_NODISCARD enum bf_code bf_sm_add_tags(struct bf_aws *aws, struct bf_sv arn, const bf_json *tags,
                                         struct bf_err *err);
/** *out is an array of {"Key","Value"}. */
BF_NODISCARD enum bf_code bf_sm_list_tags(struct bf_aws *aws, struct bf_sv arn, bf_json **out,
                                          struct bf_err *err);
/** ${keys} is an array of strings. */
BF_NODISCARD enum bf_code bf_sm_delete_tags(struct bf_aws *aws, struct bf_sv arn,
                                            const bf_json *keys, struct bf_err *err);

struct bf_sm_start {
    struct bf_sv pipeline; /* name or ARN */
    struct bf_sv token;
    struct bf_sv display_name; /* [a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}; empty: not sent */
    struct bf_sv description;
    const bf_json *parameters; /* object: name -> text (numbers and booleans as text); NULL: none */
    struct bf_sv mlflow_experiment;
};

/** Starts at most once per token. *arn is the execution's ARN. */
BF_NODISCARD enum bf_code bf_sm_start_execution(struct bf_aws *aws, const struct bf_sm_start *start,
                                                struct bf_sv *arn, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_stop_execution(struct bf_aws *aws, struct bf_sv execution_arn,
                                               struct bf_sv token, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_describe_execution(struct bf_aws *aws, struct bf_sv execution_arn,
                                                   bf_json **out, struct bf_err *err);

struct bf_sm_execution_filter {
    struct bf_sv pipeline;                 /* name or ARN */
    int64_t created_after, created_before; /* seconds since 1970; 0: not sent */
    size_t max;
};
/** An array of PipelineExecutionSummaries, newest first. */
BF_NODISCARD enum bf_code bf_sm_list_executions(struct bf_aws *aws,
                                                const struct bf_sm_execution_filter *filter,
                                                bf_json **out, struct bf_err *err);

/** An array of all steps (at most 5,000), in the order of their start. */
BF_NODISCARD enum bf_code bf_sm_list_steps(struct bf_aws *aws, struct bf_sv execution_arn,
                                           bf_json **out, struct bf_err *err);
/** An array of {"Name","Value"}. */
BF_NODISCARD enum bf_code bf_sm_list_parameters(struct bf_aws *aws, struct bf_sv execution_arn,
                                                bf_json **out, struct bf_err *err);

BF_NODISCARD enum bf_code bf_sm_describe_processing_job(struct bf_aws *aws, struct bf_sv name,
                                                        bf_json **out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_describe_training_job(struct bf_aws *aws, struct bf_sv name,
                                                      bf_json **out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_describe_transform_job(struct bf_aws *aws, struct bf_sv name,
                                                       bf_json **out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sm_describe_tuning_job(struct bf_aws *aws, struct bf_sv name,
                                                    bf_json **out, struct bf_err *err);

struct bf_sm_package_filter {
    struct bf_sv group;
    struct bf_sv approval; /* "Approved"; empty: any */
    size_t max;
};
/** An array of ModelPackageSummaryList, newest first. */
BF_NODISCARD enum bf_code bf_sm_list_model_packages(struct bf_aws *aws,
                                                    const struct bf_sm_package_filter *filter,
                                                    bf_json **out, struct bf_err *err);

#endif /* BF_AWS_SAGEMAKER_H */

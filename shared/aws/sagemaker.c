#include "aws/sagemaker.h"

#include "aws/internal.h"

enum { MAX_STEPS = 5000, MAX_TAGS = 1000, MAX_PARAMETERS = 1000, PAGE = 100 };

#define OPERATION(name_, repeatable_)                                                              \
    &(const struct bf_aws_operation)                                                               \
    {                                                                                              \
        .service = &bf_aws_sagemaker, .name = (name_), .repeatable = (repeatable_)                 \
    }

static bool says(const struct bf_err *err, const char *words)
{
    return strstr(err->msg, words) != NULL;
}

/* SageMaker often has a ValidationException where it means another thing. */
static enum bf_code call(struct bf_aws *aws, const struct bf_aws_operation *operation,
                         const bf_json *in, bf_json **out, struct bf_err *err)
{
    enum bf_code code = bf_aws_json_call(aws, operation, in, out, err);

    if (code != BF_EREFUSED || strcmp(err->reason, "ValidationException") != 0) {
        return code;
    }
    if (says(err, "does not exist") || says(err, "Could not find") || says(err, "not found")) {
        err->code = BF_ENOTFOUND;
    } else if (says(err, "already exist")) { /* "exists", and "names ... already exist" */
        err->code = BF_ECONFLICT;
    }
    return err->code;
}

/* A call whose whole input is one string. */
static enum bf_code by_name(struct bf_aws *aws, const char *operation, const char *member,
                            struct bf_sv value, bf_json **out, struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, member, value);
    return call(aws, OPERATION(operation, true), in, out, err);
}

static enum bf_code arn_of(const bf_json *answer, const char *member, struct bf_sv *arn,
                           struct bf_err *err)
{
    if (bf_json_need_str(answer, member, arn, err) != BF_OK) {
        err->code = BF_ESYNTAX;
        return bf_err_wrap(err, "sagemaker: the answer");
    }
    return BF_OK;
}

static bf_json *pipeline_request(struct bf_aws *aws, const struct bf_sm_pipeline *p)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineName", p->name);
    bf_aws_add_some(in, "PipelineDisplayName", p->display_name);
    if (p->s3_key.len != 0) {
        bf_json *at = bf_json_add_object(in, "PipelineDefinitionS3Location");
        (void)bf_json_add_str(at, "Bucket", p->s3_bucket);
        (void)bf_json_add_str(at, "ObjectKey", p->s3_key);
        bf_aws_add_some(at, "VersionId", p->s3_version);
    } else {
        (void)bf_json_add_str(in, "PipelineDefinition", p->definition);
    }
    bf_aws_add_some(in, "PipelineDescription", p->description);
    (void)bf_json_add_str(in, "RoleArn", p->role_arn);
    if (p->max_parallel_steps > 0) {
        bf_json *parallel = bf_json_add_object(in, "ParallelismConfiguration");
        (void)bf_json_add_i64(parallel, "MaxParallelExecutionSteps", p->max_parallel_steps);
    }
    return in;
}

enum bf_code bf_sm_create_pipeline(struct bf_aws *aws, const struct bf_sm_pipeline *p,
                                   struct bf_sv *arn, struct bf_err *err)
{
    bf_json *in = pipeline_request(aws, p);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "ClientRequestToken", p->token);
    if (bf_json_count(p->tags) != 0) {
        (void)bf_json_add_copy(in, "Tags", p->tags);
    }
    BF_TRY(call(aws, OPERATION("CreatePipeline", false), in, &answer, err));
    return arn_of(answer, "PipelineArn", arn, err);
}

enum bf_code bf_sm_update_pipeline(struct bf_aws *aws, const struct bf_sm_pipeline *p,
                                   struct bf_sv *arn, struct bf_err *err)
{
    bf_json *answer = NULL;

    BF_TRY(call(aws, OPERATION("UpdatePipeline", true), pipeline_request(aws, p), &answer, err));
    return arn_of(answer, "PipelineArn", arn, err);
}

enum bf_code bf_sm_describe_pipeline(struct bf_aws *aws, struct bf_sv name, bf_json **out,
                                     struct bf_err *err)
{
    return by_name(aws, "DescribePipeline", "PipelineName", name, out, err);
}

enum bf_code bf_sm_delete_pipeline(struct bf_aws *aws, struct bf_sv name, struct bf_sv token,
                                   struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineName", name);
    (void)bf_json_add_str(in, "ClientRequestToken", token);
    return call(aws, OPERATION("DeletePipeline", false), in, NULL, err);
}

/* A list operation; ${in} gets MaxResults. */
static enum bf_code list(struct bf_aws *aws, const char *operation, bf_json *in,
                         const struct bf_aws_pages *pages, bf_json **out, struct bf_err *err)
{
    (void)bf_json_add_i64(in, "MaxResults", pages->max < PAGE ? (int64_t)pages->max : PAGE);
    enum bf_code code = bf_aws_json_pages(aws, OPERATION(operation, true), in, pages, out, err);
    if (code == BF_EREFUSED && (says(err, "does not exist") || says(err, "Could not find"))) {
        err->code = BF_ENOTFOUND;
    }
    return code == BF_OK ? BF_OK : err->code;
}

enum bf_code bf_sm_list_pipelines(struct bf_aws *aws, size_t max, bf_json **out, struct bf_err *err)
{
    const struct bf_aws_pages pages = {"PipelineSummaries", "NextToken", max};

    return list(aws, "ListPipelines", bf_json_new_object(aws->arena), &pages, out, err);
}

enum bf_code bf_sm_add_tags(struct bf_aws *aws, struct bf_sv arn, const bf_json *tags,
                            struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "ResourceArn", arn);
    (void)bf_json_add_copy(in, "Tags", tags);
    return call(aws, OPERATION("AddTags", true), in, NULL, err);
}

enum bf_code bf_sm_list_tags(struct bf_aws *aws, struct bf_sv arn, bf_json **out,
                             struct bf_err *err)
{
    const struct bf_aws_pages pages = {"Tags", "NextToken", MAX_TAGS};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "ResourceArn", arn);
    return list(aws, "ListTags", in, &pages, out, err);
}

enum bf_code bf_sm_delete_tags(struct bf_aws *aws, struct bf_sv arn, const bf_json *keys,
                               struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "ResourceArn", arn);
    (void)bf_json_add_copy(in, "TagKeys", keys);
    return call(aws, OPERATION("DeleteTags", true), in, NULL, err);
}

enum bf_code bf_sm_start_execution(struct bf_aws *aws, const struct bf_sm_start *start,
                                   struct bf_sv *arn, struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "PipelineName", start->pipeline);
    (void)bf_json_add_str(in, "ClientRequestToken", start->token);
    bf_aws_add_some(in, "PipelineExecutionDisplayName", start->display_name);
    bf_aws_add_some(in, "PipelineExecutionDescription", start->description);
    bf_aws_add_some(in, "MlflowExperimentName", start->mlflow_experiment);
    if (bf_json_count(start->parameters) != 0) {
        bf_json *list_ = bf_json_add_array(in, "PipelineParameters");
        const bf_json *member = bf_json_first(start->parameters);
        for (; member != NULL; member = bf_json_next(member)) {
            bf_json *one = bf_json_add_object(list_, NULL);
            (void)bf_json_add_str(one, "Name", bf_json_key(member));
            (void)bf_json_add_str(one, "Value", bf_json_text(member));
        }
    }
    BF_TRY(call(aws, OPERATION("StartPipelineExecution", false), in, &answer, err));
    return arn_of(answer, "PipelineExecutionArn", arn, err);
}

static enum bf_code with_token(struct bf_aws *aws, const char *operation, struct bf_sv arn,
                               struct bf_sv token, struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineExecutionArn", arn);
    (void)bf_json_add_str(in, "ClientRequestToken", token);
    return call(aws, OPERATION(operation, false), in, NULL, err);
}

enum bf_code bf_sm_stop_execution(struct bf_aws *aws, struct bf_sv execution_arn,
                                  struct bf_sv token, struct bf_err *err)
{
    return with_token(aws, "StopPipelineExecution", execution_arn, token, err);
}

enum bf_code bf_sm_describe_execution(struct bf_aws *aws, struct bf_sv execution_arn, bf_json **out,
                                      struct bf_err *err)
{
    return by_name(aws, "DescribePipelineExecution", "PipelineExecutionArn", execution_arn, out,
                   err);
}

enum bf_code bf_sm_list_executions(struct bf_aws *aws, const struct bf_sm_execution_filter *filter,
                                   bf_json **out, struct bf_err *err)
{
    const struct bf_aws_pages pages = {"PipelineExecutionSummaries", "NextToken", filter->max};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineName", filter->pipeline);
    if (filter->created_after != 0) {
        bf_aws_add_time(in, "CreatedAfter", filter->created_after);
    }
    if (filter->created_before != 0) {
        bf_aws_add_time(in, "CreatedBefore", filter->created_before);
    }
    (void)bf_json_add_str(in, "SortBy", BF_SV("CreationTime"));
    (void)bf_json_add_str(in, "SortOrder", BF_SV("Descending"));
    return list(aws, "ListPipelineExecutions", in, &pages, out, err);
}

enum bf_code bf_sm_list_steps(struct bf_aws *aws, struct bf_sv execution_arn, bf_json **out,
                              struct bf_err *err)
{
    const struct bf_aws_pages pages = {"PipelineExecutionSteps", "NextToken", MAX_STEPS};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineExecutionArn", execution_arn);
    (void)bf_json_add_str(in, "SortOrder", BF_SV("Ascending"));
    return list(aws, "ListPipelineExecutionSteps", in, &pages, out, err);
}

enum bf_code bf_sm_list_parameters(struct bf_aws *aws, struct bf_sv execution_arn, bf_json **out,
                                   struct bf_err *err)
{
    const struct bf_aws_pages pages = {"PipelineParameters", "NextToken", MAX_PARAMETERS};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "PipelineExecutionArn", execution_arn);
    return list(aws, "ListPipelineParametersForExecution", in, &pages, out, err);
}

enum bf_code bf_sm_describe_processing_job(struct bf_aws *aws, struct bf_sv name, bf_json **out,
                                           struct bf_err *err)
{
    return by_name(aws, "DescribeProcessingJob", "ProcessingJobName", name, out, err);
}

enum bf_code bf_sm_describe_training_job(struct bf_aws *aws, struct bf_sv name, bf_json **out,
                                         struct bf_err *err)
{
    return by_name(aws, "DescribeTrainingJob", "TrainingJobName", name, out, err);
}

enum bf_code bf_sm_describe_transform_job(struct bf_aws *aws, struct bf_sv name, bf_json **out,
                                          struct bf_err *err)
{
    return by_name(aws, "DescribeTransformJob", "TransformJobName", name, out, err);
}

enum bf_code bf_sm_describe_tuning_job(struct bf_aws *aws, struct bf_sv name, bf_json **out,
                                       struct bf_err *err)
{
    return by_name(aws, "DescribeHyperParameterTuningJob", "HyperParameterTuningJobName", name, out,
                   err);
}

enum bf_code bf_sm_list_model_packages(struct bf_aws *aws,
                                       const struct bf_sm_package_filter *filter, bf_json **out,
                                       struct bf_err *err)
{
    const struct bf_aws_pages pages = {"ModelPackageSummaryList", "NextToken", filter->max};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "ModelPackageGroupName", filter->group);
    bf_aws_add_some(in, "ModelApprovalStatus", filter->approval);
    (void)bf_json_add_str(in, "SortBy", BF_SV("CreationTime"));
    (void)bf_json_add_str(in, "SortOrder", BF_SV("Descending"));
    return list(aws, "ListModelPackages", in, &pages, out, err);
}

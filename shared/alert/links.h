#ifndef BF_ALERT_LINKS_H
#define BF_ALERT_LINKS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/sv.h"

/** The parts of an ARN: arn:partition:service:region:account:resource. */
struct bf_arn {
    struct bf_sv partition, service, region, account, resource;
};

/** False, and *out untouched, for anything else. */
BF_NODISCARD bool bf_arn_parse(struct bf_sv text, struct bf_arn *out);

/** An execution's ARN: resource "pipeline/NAME/execution/ID" of sagemaker. */
struct bf_execution_arn {
    struct bf_arn arn;
    struct bf_sv pipeline, id;
    struct bf_sv pipeline_arn; /* the front part of the text */
};
BF_NODISCARD bool bf_execution_arn_parse(struct bf_sv text, struct bf_execution_arn *out);

/** What a step ran: "processing-job/NAME" and so on. */
enum bf_job_kind {
    BF_JOB_NONE,
    BF_JOB_PROCESSING,
    BF_JOB_TRAINING,
    BF_JOB_TRANSFORM,
    BF_JOB_TUNING,
    BF_JOB_LAMBDA,
};

struct bf_job {
    enum bf_job_kind kind;
    struct bf_sv arn, name;
};

/** By the resource of its ARN; kind NONE for what has no log. */
struct bf_job bf_job_of_arn(struct bf_sv arn);

/**
 * Its log group, "/aws/sagemaker/ProcessingJobs"; empty for kind NONE. (SageMaker guide,
 * "CloudWatch Logs for Amazon SageMaker AI")
 */
struct bf_sv bf_job_log_group(struct bf_arena *arena, const struct bf_job *job);

/*
 * Links into the console. Hosts by partition: console.aws.amazon.com, console.amazonaws.cn,
 * console.amazonaws-us-gov.com. Empty where there is no such page. Everything that goes into a
 * URL is percent-encoded.
 */

/** The pipeline's graph in Studio; ${domain} is the domain's id, without it (or outside of the
 * partition aws) there is no link. */
struct bf_sv bf_link_studio(struct bf_arena *arena, const struct bf_execution_arn *execution,
                            struct bf_sv domain);

/** The job's page. */
struct bf_sv bf_link_job(struct bf_arena *arena, const struct bf_job *job);

/**
 * One log stream, or the group when ${stream} is empty. ${arn} gives partition and region. The
 * console encodes names twice: '/' is $252F.
 */
struct bf_sv bf_link_logs(struct bf_arena *arena, const struct bf_arn *arn, struct bf_sv group,
                          struct bf_sv stream);

#endif /* BF_ALERT_LINKS_H */

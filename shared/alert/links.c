#include "alert/links.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "http/http.h"

enum { URL_MAX = 8192 };

bool bf_arn_parse(struct bf_sv text, struct bf_arn *out)
{
    struct bf_sv rest = text;

    if (text.len > 2048 || !bf_sv_is(bf_sv_cut(&rest, ':'), "arn")) {
        return false;
    }
    struct bf_arn arn = {0};
    arn.partition = bf_sv_cut(&rest, ':');
    arn.service = bf_sv_cut(&rest, ':');
    arn.region = bf_sv_cut(&rest, ':');
    arn.account = bf_sv_cut(&rest, ':');
    arn.resource = rest;
    if (!bf_sv_starts(arn.partition, BF_SV("aws")) || arn.service.len == 0 ||
        arn.resource.len == 0) {
        return false;
    }
    *out = arn;
    return true;
}

bool bf_execution_arn_parse(struct bf_sv text, struct bf_execution_arn *out)
{
    struct bf_arn arn;

    if (!bf_arn_parse(text, &arn) || !bf_sv_is(arn.service, "sagemaker")) {
        return false;
    }
    struct bf_sv rest = arn.resource;
    struct bf_sv kind = bf_sv_cut(&rest, '/'), pipeline = bf_sv_cut(&rest, '/');
    struct bf_sv word = bf_sv_cut(&rest, '/');
    if (!bf_sv_is(kind, "pipeline") || pipeline.len == 0 || !bf_sv_is(word, "execution") ||
        rest.len == 0 || bf_sv_find(rest, '/') != rest.len) {
        return false;
    }
    size_t front = (size_t)(pipeline.ptr - text.ptr) + pipeline.len;
    *out = (struct bf_execution_arn){
        .arn = arn, .pipeline = pipeline, .id = rest, .pipeline_arn = bf_sv_slice(text, 0, front)};
    return true;
}

struct kind_form {
    const char *resource, *service, *group, *page;
    enum bf_job_kind kind;
};

static const struct kind_form kinds[] = {
    {"processing-job/", "sagemaker", "/aws/sagemaker/ProcessingJobs", "processing-jobs",
     BF_JOB_PROCESSING},
    {"training-job/", "sagemaker", "/aws/sagemaker/TrainingJobs", "jobs", BF_JOB_TRAINING},
    {"transform-job/", "sagemaker", "/aws/sagemaker/TransformJobs", "transform-jobs",
     BF_JOB_TRANSFORM},
    {"hyper-parameter-tuning-job/", "sagemaker", "/aws/sagemaker/TrainingJobs", "hyper-tuning-jobs",
     BF_JOB_TUNING},
    {"function:", "lambda", "/aws/lambda/", NULL, BF_JOB_LAMBDA},
};

static const struct kind_form *form_of(enum bf_job_kind kind)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind == kind) {
            return &kinds[i];
        }
    }
    return NULL;
}

struct bf_job bf_job_of_arn(struct bf_sv arn)
{
    struct bf_arn parts;

    if (!bf_arn_parse(arn, &parts)) {
        return (struct bf_job){0};
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct bf_sv resource = bf_sv_of(kinds[i].resource);
        if (bf_sv_is(parts.service, kinds[i].service) && bf_sv_starts(parts.resource, resource)) {
            struct bf_sv name = bf_sv_from(parts.resource, resource.len);
            name = bf_sv_slice(name, 0, bf_sv_find(name, ':')); /* a function's version */
            return (struct bf_job){.kind = kinds[i].kind, .arn = arn, .name = name};
        }
    }
    return (struct bf_job){0};
}

struct bf_sv bf_job_log_group(struct bf_arena *arena, const struct bf_job *job)
{
    const struct kind_form *form = form_of(job->kind);

    if (form == NULL) {
        return (struct bf_sv){0};
    }
    return job->kind == BF_JOB_LAMBDA
               ? bf_sv_printf(arena, "%s" BF_SV_FMT, form->group, BF_SV_ARG(job->name))
               : bf_sv_of(form->group);
}

/* ---- links ---- */

static const char *console_of(struct bf_sv partition)
{
    if (bf_sv_is(partition, "aws")) {
        return "console.aws.amazon.com";
    }
    if (bf_sv_is(partition, "aws-cn")) {
        return "console.amazonaws.cn";
    }
    return bf_sv_is(partition, "aws-us-gov") ? "console.amazonaws-us-gov.com" : NULL;
}

static void add_console(struct bf_buf *url, const struct bf_arn *arn, const char *service)
{
    bf_buf_addz(url, "https://");
    bf_http_encode(url, arn->region, false);
    bf_buf_printf(url, ".%s/%s/home?region=", console_of(arn->partition), service);
    bf_http_encode(url, arn->region, false);
}

struct bf_sv bf_link_studio(struct bf_arena *arena, const struct bf_execution_arn *execution,
                            struct bf_sv domain)
{
    struct bf_buf url = bf_buf_new(arena, URL_MAX);

    if (domain.len == 0 || !bf_sv_is(execution->arn.partition, "aws")) {
        return (struct bf_sv){0};
    }
    bf_buf_addz(&url, "https://studio-");
    bf_http_encode(&url, domain, false);
    bf_buf_addz(&url, ".studio.");
    bf_http_encode(&url, execution->arn.region, false);
    bf_buf_addz(&url, ".sagemaker.aws/pipelines/view/");
    bf_http_encode(&url, execution->pipeline, false);
    bf_buf_addz(&url, "/executions/");
    bf_http_encode(&url, execution->id, false);
    bf_buf_addz(&url, "/graph");
    return bf_buf_sv(&url);
}

struct bf_sv bf_link_job(struct bf_arena *arena, const struct bf_job *job)
{
    const struct kind_form *form = form_of(job->kind);
    struct bf_buf url = bf_buf_new(arena, URL_MAX);
    struct bf_arn arn;

    if (form == NULL || !bf_arn_parse(job->arn, &arn) || console_of(arn.partition) == NULL) {
        return (struct bf_sv){0};
    }
    if (job->kind == BF_JOB_LAMBDA) {
        add_console(&url, &arn, "lambda");
        bf_buf_addz(&url, "#/functions/");
    } else {
        add_console(&url, &arn, "sagemaker");
        bf_buf_printf(&url, "#/%s/", form->page);
    }
    bf_http_encode(&url, job->name, false);
    return bf_buf_sv(&url);
}

/* Percent-encoded, its '%' percent-encoded again, and that '%' written as '$'. */
static void add_twice_encoded(struct bf_buf *url, struct bf_sv name)
{
    struct bf_buf once = bf_buf_new(url->arena, URL_MAX);

    bf_http_encode(&once, name, false);
    for (size_t i = 0; i < once.len; i++) {
        if (once.ptr[i] == '%') {
            bf_buf_addz(url, "$25");
        } else {
            bf_buf_addc(url, once.ptr[i]);
        }
    }
}

struct bf_sv bf_link_logs(struct bf_arena *arena, const struct bf_arn *arn, struct bf_sv group,
                          struct bf_sv stream)
{
    struct bf_buf url = bf_buf_new(arena, URL_MAX);

    if (group.len == 0 || console_of(arn->partition) == NULL) {
        return (struct bf_sv){0};
    }
    add_console(&url, arn, "cloudwatch");
    bf_buf_addz(&url, "#logsV2:log-groups/log-group/");
    add_twice_encoded(&url, group);
    if (stream.len != 0) {
        bf_buf_addz(&url, "/log-events/");
        add_twice_encoded(&url, stream);
    }
    return bf_buf_sv(&url);
}

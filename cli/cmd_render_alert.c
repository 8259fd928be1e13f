#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "alert/cause.h"
#include "alert/finding.h"
#include "alert/links.h"
#include "alert/logs.h"
#include "alert/message.h"
#include "alert/plan.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "event/event.h"
#include "json/json.h"

static const char help[] =
    "usage: buzzflow render-alert --event FILE [--facts DIR]\n"
    "\n"
    "Prints, as a JSON array, the Slack payloads that an event leads to: the run's message, and "
    "for\n"
    "a failure the answer in its thread. FILE is an event of SageMaker (also inside of SQS or "
    "SNS)\n"
    "or a failure message of the topic. DIR holds answers of AWS, each optional:\n"
    "\n"
    "  DescribePipelineExecution.json, ListPipelineExecutionSteps.json,\n"
    "  ListPipelineParametersForExecution.json, DescribeProcessingJob.json (TrainingJob,\n"
    "  TransformJob), DescribeLogStreams.json, GetLogEvents.json or FilterLogEvents.json,\n"
    "  PipelineRecord.json (what a deployment wrote into the ledger)\n"
    "\n"
    "What is missing is taken from the event. Nothing is sent and nothing is called.\n"
    "\n"
    "example:\n"
    "  buzzflow render-alert --event functions/pipeline_state/events/execution-failed.json\n";

enum { ARENA_MAX = 256 << 20, FILE_MAX = 32 << 20, OUT_MAX = 4 << 20 };

struct facts {
    struct bf_arena *arena;
    const char *dir; /* NULL: none */
};

/* DIR/NAME.json; NULL when there is no such file. */
static enum bf_code load(const struct facts *facts, const char *name, bf_json **out,
                         struct bf_err *err)
{
    struct bf_sv path = bf_sv_printf(facts->arena, "%s/%s.json", facts->dir, name), text = {0};
    struct bf_err why = {0};

    *out = NULL;
    if (facts->dir == NULL) {
        return BF_OK;
    }
    enum bf_code code = bf_read_file(facts->arena, path.ptr, FILE_MAX, &text, &why);
    if (code == BF_ENOTFOUND) {
        return BF_OK;
    }
    if (code != BF_OK) {
        *err = why;
        return code;
    }
    return bf_json_parse(facts->arena, text, path.ptr, out, err);
}

/* ---- what only the event says ---- */

static struct bf_sv execution_arn_of(const struct bf_event *event)
{
    return event->kind == BF_EVENT_OWN ? bf_json_str(event->json, "execution_arn")
                                       : bf_json_str(event->detail, "pipelineExecutionArn");
}

static bf_json *execution_of(struct bf_arena *arena, const struct bf_event *event)
{
    bf_json *out = bf_json_new_object(arena);
    bool own = event->kind == BF_EVENT_OWN;
    struct bf_sv status = own ? bf_json_str(event->json, "status")
                              : bf_json_str(event->detail, "currentPipelineExecutionStatus");
    struct bf_sv ended =
        own ? bf_json_str(event->json, "ended_at") : bf_json_str(event->detail, "executionEndTime");

    /* A step's event: as long as nothing else is known, the run goes on. */
    (void)bf_json_add_str(out, "PipelineExecutionStatus",
                          status.len == 0 ? BF_SV("Executing") : status);
    (void)bf_json_add_str(out, "PipelineExecutionDisplayName",
                          bf_json_str(event->detail, "pipelineExecutionDisplayName"));
    (void)bf_json_add_str(out, "CreationTime", bf_json_str(event->detail, "executionStartTime"));
    (void)bf_json_add_str(out, "LastModifiedTime", ended);
    (void)bf_json_add_str(out, "FailureReason", bf_json_str(event->json, "failure_reason"));
    return out;
}

/* "processingJob": {"arn"} of an event as the API's "ProcessingJob": {"Arn"}. */
static void add_metadata(bf_json *step, const bf_json *metadata)
{
    const bf_json *job = bf_json_first(metadata);
    struct bf_sv arn = bf_json_str(job, "arn");

    if (arn.len != 0) {
        bf_json *out = bf_json_add_object(bf_json_add_object(step, "Metadata"), "Job");
        (void)bf_json_add_str(out, "Arn", arn);
    }
}

static bf_json *steps_of(struct bf_arena *arena, const struct bf_event *event)
{
    bf_json *out = bf_json_new_array(arena);
    const bf_json *d = event->detail;

    if (bf_json_str(d, "stepName").len != 0) {
        bf_json *step = bf_json_add_object(out, NULL);
        (void)bf_json_add_str(step, "StepName", bf_json_str(d, "stepName"));
        (void)bf_json_add_str(step, "StepStatus", bf_json_str(d, "currentStepStatus"));
        (void)bf_json_add_str(step, "StartTime", bf_json_str(d, "stepStartTime"));
        (void)bf_json_add_str(step, "EndTime", bf_json_str(d, "stepEndTime"));
        (void)bf_json_add_str(step, "FailureReason", bf_json_str(d, "failureReason"));
        if (bf_json_get(d, "cacheHitResult") != NULL) {
            (void)bf_json_add_copy(step, "CacheHitResult", bf_json_get(d, "cacheHitResult"));
        }
        add_metadata(step, bf_json_get(d, "metadata"));
    }
    for (const bf_json *s = bf_json_first(bf_json_get(event->json, "failed_steps")); s != NULL;
         s = bf_json_next(s)) {
        bf_json *step = bf_json_add_object(out, NULL);
        (void)bf_json_add_str(step, "StepName", bf_json_text(s));
        (void)bf_json_add_str(step, "StepStatus", BF_SV("Failed"));
    }
    return out;
}

/* ---- reading ---- */

static enum bf_code read_view(const struct facts *facts, const struct bf_event *event,
                              const bf_json **record, struct bf_run_view *out, struct bf_err *err)
{
    const char *const *env = (const char *const *)environ;
    const char *environment = bf_env_get(env, "BUZZFLOW_ENVIRONMENT");
    bf_json *execution = NULL, *steps = NULL, *parameters = NULL, *own = NULL, *run = NULL;

    BF_TRY(load(facts, "DescribePipelineExecution", &execution, err));
    BF_TRY(load(facts, "ListPipelineExecutionSteps", &steps, err));
    BF_TRY(load(facts, "ListPipelineParametersForExecution", &parameters, err));
    BF_TRY(load(facts, "PipelineRecord", &own, err));
    BF_TRY(load(facts, "Run", &run, err));
    struct bf_sv named = bf_json_str(own, "environment");
    if (named.len == 0) {
        named = bf_json_str(event->json, "environment");
    }
    const bf_json *list = bf_json_get(steps, "PipelineExecutionSteps");
    const struct bf_run_facts known = {
        .execution_arn = execution_arn_of(event),
        .execution = execution != NULL ? execution : execution_of(facts->arena, event),
        .steps = list != NULL ? list : steps_of(facts->arena, event),
        .parameters = bf_json_get(parameters, "PipelineParameters"),
        .record = own,
        .run = run,
        .environment = named.len != 0        ? named
                       : environment != NULL ? bf_sv_of(environment)
                                             : BF_SV("local"),
        .attempt = 1};
    *record = own;
    return bf_run_view(facts->arena, &known, out, err);
}

static enum bf_code read_job(const struct facts *facts, struct bf_job_words *out,
                             struct bf_err *err)
{
    static const char *const names[] = {"DescribeProcessingJob", "DescribeTrainingJob",
                                        "DescribeTransformJob", "DescribeHyperParameterTuningJob"};

    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        bf_json *job = NULL;
        BF_TRY(load(facts, names[i], &job, err));
        if (job != NULL) {
            *out = (struct bf_job_words){.reason = bf_json_str(job, "FailureReason"),
                                         .exit_message = bf_json_str(job, "ExitMessage")};
            return BF_OK;
        }
    }
    return BF_OK;
}

static enum bf_code read_logs(const struct facts *facts, struct bf_logs_found *out,
                              struct bf_err *err)
{
    struct bf_cause_scan *scan = bf_cause_scan_new(facts->arena);
    bf_json *streams = NULL, *page = NULL;

    BF_TRY(load(facts, "DescribeLogStreams", &streams, err));
    BF_TRY(load(facts, "GetLogEvents", &page, err));
    if (page == NULL) {
        BF_TRY(load(facts, "FilterLogEvents", &page, err));
    }
    struct bf_sv only =
        bf_json_str(bf_json_at(bf_json_get(streams, "logStreams"), 0), "logStreamName");
    for (const bf_json *e = bf_json_first(bf_json_get(page, "events")); e != NULL;
         e = bf_json_next(e)) {
        struct bf_sv stream = bf_json_str(e, "logStreamName");
        int64_t time = 0;
        if (!bf_json_i64(bf_json_get(e, "timestamp"), 0, INT64_MAX / 2, &time)) {
            time = 0;
        }
        bf_cause_event(scan, stream.len != 0 ? stream : only, time, bf_json_str(e, "message"));
        out->events++;
    }
    out->cause = bf_cause_scan_end(scan);
    if (bf_sv_find(out->cause.host, '/') != out->cause.host.len) {
        out->stream = out->cause.host;
        out->cause.host = bf_logs_host(out->cause.host);
    }
    return BF_OK;
}

/* ---- payloads ---- */

static void add_payload(bf_json *array, struct bf_sv channel, const struct bf_words *message,
                        bool reply)
{
    bf_json *out = bf_json_add_object(array, NULL);

    (void)bf_json_add_str(out, "channel", channel);
    if (reply) { /* the real one is known when the run's message has been posted */
        (void)bf_json_add_str(out, "thread_ts", BF_SV("0000000000.000000"));
    }
    (void)bf_json_add_str(out, "text", message->text);
    (void)bf_json_add_copy(out, "blocks", message->blocks);
    (void)bf_json_add_bool(out, "unfurl_links", false);
    (void)bf_json_add_bool(out, "unfurl_media", false);
}

static enum bf_code render_failure(const struct facts *facts, struct bf_run_view *view,
                                   struct bf_sv mentions, struct bf_words *out, struct bf_err *err)
{
    struct bf_logs_found logs = {0};
    struct bf_job_words words = {0};

    BF_TRY(read_job(facts, &words, err));
    BF_TRY(read_logs(facts, &logs, err));
    struct bf_run_finding finding = bf_finding_of(facts->arena, view, &logs, &words);
    bool has_job = view->failed != NULL && view->failed->job.kind != BF_JOB_NONE;
    const struct bf_failure_facts failure = {.step = view->failed,
                                             .cause = &finding.cause,
                                             .from_log = finding.from_log,
                                             .incomplete = finding.from_log && finding.missing,
                                             .note = has_job && !finding.from_log
                                                         ? BF_SV("the job has written no log")
                                                         : (struct bf_sv){0},
                                             .stream = logs.stream,
                                             .exit_message = words.exit_message,
                                             .job_reason = words.reason,
                                             .mentions = mentions};
    view->cause = bf_message_cause(facts->arena, &finding.cause);
    *out = bf_message_failure(facts->arena, view, &failure);
    return BF_OK;
}

static enum bf_code render(const struct facts *facts, const struct bf_event *event, bf_json *array,
                           struct bf_err *err)
{
    const char *const *env = (const char *const *)environ;
    const char *channel = bf_env_get(env, "BUZZFLOW_SLACK_CHANNEL");
    const bf_json *record = NULL;
    struct bf_run_view view = {0};
    struct bf_words reply = {0};

    BF_TRY(read_view(facts, event, &record, &view, err));
    struct bf_alert_plan plan =
        bf_alert_plan(facts->arena, record, channel == NULL ? BF_SV("#alerts") : bf_sv_of(channel));
    if (view.status == BF_RUN_FAILED) {
        BF_TRY(render_failure(facts, &view, plan.mentions, &reply, err));
    } else if (view.status == BF_RUN_STOPPED && plan.wants[BF_ALERT_STOPPED]) {
        reply = bf_message_event(facts->arena, &view, BF_ALERT_STOPPED, (struct bf_sv){0});
    }
    struct bf_words root = bf_message_root(facts->arena, &view);
    for (size_t i = 0; i < plan.channel_count; i++) {
        add_payload(array, plan.channels[i], &root, false);
        if (reply.blocks != NULL) {
            add_payload(array, plan.channels[i], &reply, true);
        }
    }
    return BF_OK;
}

/* ---- the command ---- */

static enum bf_code render_file(const struct facts *facts, const char *path, bf_json *array,
                                struct bf_err *err)
{
    struct bf_sv text = {0};
    struct bf_batch batch = {0};

    BF_TRY(bf_read_file(facts->arena, path, FILE_MAX, &text, err));
    BF_TRY(bf_batch_parse(facts->arena, text, &batch, err));
    for (size_t i = 0; i < batch.count; i++) {
        struct bf_events events = {0};
        BF_TRY(bf_event_parse(facts->arena, batch.items[i].body, &events, err));
        for (size_t k = 0; k < events.count; k++) {
            BF_TRY(render(facts, &events.items[k], array, err));
        }
    }
    return BF_OK;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct facts facts = {.arena = arena};
    const char *event = NULL;
    const struct bf_option options[] = {
        {"--event", &event, NULL}, {"--facts", &facts.dir, NULL}, {0}};
    struct bf_command_line line;
    struct bf_buf out = bf_buf_new(arena, OUT_MAX);
    struct bf_err err = {0};

    if (bf_arguments_parse(arena, argc, argv, options, &line, &err) != BF_OK) {
        return bf_command_failed("render-alert", &err);
    }
    if (line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (event == NULL || line.count != 0) {
        (void)bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "give --event FILE, and no other argument");
        return bf_command_failed("render-alert", &err);
    }
    bf_json *array = bf_json_new_array(arena);
    if (render_file(&facts, event, array, &err) != BF_OK) {
        return bf_command_failed("render-alert", &err);
    }
    bf_json_print_pretty(&out, array);
    bf_buf_addc(&out, '\n');
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

int bf_cmd_render_alert(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    const int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

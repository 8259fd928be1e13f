#include "functions/rerun/handler.h"

#include "run/run.h"
#include "time/instant.h"

struct rerun {
    struct bf_sv environment, table;
};

static enum bf_code open_rerun(const struct bf_function *function, void **state, struct bf_err *err)
{
    struct rerun *self = BF_NEW(bf_function_memory(function), struct rerun);

    (void)err;
    self->environment = bf_function_env(function, "BUZZFLOW_ENVIRONMENT");
    self->table = bf_function_env(function, "BUZZFLOW_TABLE");
    *state = self;
    return BF_OK;
}

static const char *outcome_word(enum bf_due_outcome outcome)
{
    static const char *const words[] = {
        [BF_DUE_STARTED] = "started",
        [BF_DUE_REPLAYED] = "dealt with before",
        [BF_DUE_SKIPPED] = "skipped: an earlier run is still active",
        [BF_DUE_WAITING] = "waits: an earlier run is still active",
        [BF_DUE_UNKNOWN] = "not started: the schedule is not there any more, or disabled",
    };

    return words[outcome];
}

static enum bf_code handle_schedule(const struct bf_runner *runner,
                                    const struct bf_inbox_call *call, struct bf_err *err)
{
    const bf_json *message = call->event->json;
    struct bf_due due = {0};
    struct bf_due_result result;
    struct bf_sv time = {0};

    BF_TRY(bf_json_need_str(message, "pipeline", &due.pipeline, err));
    BF_TRY(bf_json_need_str(message, "schedule", &due.schedule, err));
    BF_TRY(bf_json_need_str(message, "scheduled_time", &time, err));
    if (bf_sv_starts(time, BF_SV("<aws.scheduler"))) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "scheduled_time is '" BF_SV_FMT
                          "': this is the template of a schedule, "
                          "give the time to run for, as 2026-03-02T00:00:00Z",
                          BF_SV_ARG(time));
    }
    if (bf_instant_parse(time, &due.scheduled_time, err) != BF_OK) {
        return bf_err_wrap(err, "scheduled_time");
    }
    if (bf_run_due(runner, &due, &result, err) != BF_OK) {
        return err->code;
    }
    bf_log(call->log, result.outcome == BF_DUE_UNKNOWN ? BF_LOG_WARN : BF_LOG_INFO,
           BF_SV_FMT "." BF_SV_FMT " of " BF_SV_FMT ": %s", BF_SV_ARG(due.pipeline),
           BF_SV_ARG(due.schedule), BF_SV_ARG(time), outcome_word(result.outcome));
    return BF_OK;
}

static bool is_execution_change(const struct bf_event *event)
{
    return event->kind == BF_EVENT_BUS && bf_sv_is(event->source, "aws.sagemaker") &&
           bf_sv_is(event->detail_type,
                    "SageMaker Model Building Pipeline Execution Status Change");
}

static enum bf_code handle_change(const struct bf_runner *runner, const struct bf_inbox_call *call,
                                  struct bf_err *err)
{
    const bf_json *detail = call->event->detail;
    struct bf_run_change change = {.time = call->event->has_time ? call->event->time
                                                                 : bf_aws_time(call->aws, NULL)};
    int64_t ended = 0;

    BF_TRY(bf_json_need_str(detail, "pipelineExecutionArn", &change.execution_arn, err));
    BF_TRY(bf_json_need_str(detail, "currentPipelineExecutionStatus", &change.status, err));
    if (bf_event_time(bf_json_get(detail, "executionEndTime"), &ended)) {
        change.time = ended;
    }
    return bf_run_changed(runner, &change, err);
}

static enum bf_code handle(void *state, const struct bf_inbox_call *call,
                           struct bf_verdict *verdict, struct bf_err *err)
{
    const struct rerun *self = state;
    const struct bf_runner runner = {
        .aws = call->aws, .log = call->log, .environment = self->environment, .table = self->table};

    (void)verdict;
    if (call->event->kind == BF_EVENT_OWN && bf_sv_is(call->event->name, "schedule")) {
        return handle_schedule(&runner, call, err);
    }
    if (is_execution_change(call->event)) {
        return handle_change(&runner, call, err);
    }
    return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                      "rerun takes messages of kind 'schedule' and status changes of pipeline "
                      "executions, not '" BF_SV_FMT "'",
                      BF_SV_ARG(call->event->name));
}

static const struct bf_function_variable variables[] = {
    {"BUZZFLOW_ENVIRONMENT", true},
    {"BUZZFLOW_TABLE", true},
    {NULL, false},
};

const struct bf_function_type rerun_function = {
    .name = "rerun", .variables = variables, .open = open_rerun, .handle = handle};

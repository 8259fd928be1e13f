#include "functions/failure_logs/handler.h"

#include "alert/alerter.h"
#include "alert/stack.h"
#include "alert/view.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "inbox/function.h"
#include "json/json.h"

enum { TRIES_MAX = 100 };

/* ---- configuration ---- */

static enum bf_code open_failure_logs(const struct bf_function *function, void **state,
                                      struct bf_err *err)
{
    struct bf_alert_stack *stack = BF_NEW(bf_function_memory(function), struct bf_alert_stack);
    const struct bf_sv api = bf_function_env(function, "BUZZFLOW_SLACK_API_URL");

    stack->sender = (struct bf_sender){
        .http = bf_function_http(function),
        .memory = bf_function_memory(function),
        .secret_arn = bf_function_env(function, "BUZZFLOW_SLACK_SECRET_ARN"),
        .api_url = api.len != 0 ? api : BF_SV("https://slack.com/api"),
    };
    stack->environment = bf_function_env(function, "BUZZFLOW_ENVIRONMENT");
    stack->table = bf_function_env(function, "BUZZFLOW_TABLE");
    stack->default_channel = bf_function_env(function, "BUZZFLOW_SLACK_CHANNEL");
    *state = stack;
    return bf_function_flag(function, "BUZZFLOW_WATCH_UNTAGGED", &stack->watch_untagged, err);
}

/* ---- events ---- */

static struct bf_sv with_tries(const struct bf_inbox_call *call, int64_t tries)
{
    bf_json *holder = bf_json_new_object(call->arena);
    bf_json *copy = bf_json_add_copy(holder, "message", call->event->json);

    bf_json_remove(copy, "tries");
    (void)bf_json_add_i64(copy, "tries", tries);
    return bf_json_text_of(call->arena, copy);
}

static enum bf_code handle(void *state, const struct bf_inbox_call *call,
                           struct bf_verdict *verdict, struct bf_err *err)
{
    const struct bf_event *event = call->event;
    struct bf_alerter alerter = bf_alerter_of(state, call->aws, call->request_id);
    struct bf_alert_failure failure = {0};
    int64_t later = -1;

    if (event->kind != BF_EVENT_OWN || !bf_sv_is(event->name, "pipeline_failed")) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "failure_logs takes messages of kind 'pipeline_failed', not '" BF_SV_FMT
                          "'",
                          BF_SV_ARG(event->name.len != 0 ? event->name : event->detail_type));
    }
    BF_TRY(bf_json_need_str(event->json, "execution_arn", &failure.execution_arn, err));
    if (!bf_json_i64(bf_json_get(event->json, "tries"), 0, TRIES_MAX, &failure.tries)) {
        failure.tries = 0;
    }
    if (!bf_json_i64(bf_json_get(event->json, "attempt"), 0, INT32_MAX, &failure.attempt)) {
        failure.attempt = 0;
    }
    if (call->message->bare) { /* nobody would bring the message again: read what there is */
        failure.tries = BF_FAILURE_TRIES;
    }
    BF_TRY(bf_alert_explain(&alerter, &failure, &later, err));
    if (later >= 0) {
        bf_log(call->log, BF_LOG_INFO, BF_SV_FMT ": the log is not complete, again in %lld s",
               BF_SV_ARG(failure.execution_arn), (long long)later);
        verdict->kind = BF_VERDICT_LATER;
        verdict->delay = later;
        verdict->body = with_tries(call, failure.tries + 1);
    }
    return BF_OK;
}

static const struct bf_function_variable variables[] = {
    {"BUZZFLOW_ENVIRONMENT", true},
    {"BUZZFLOW_TABLE", true},
    {"BUZZFLOW_SLACK_CHANNEL", false},
    {"BUZZFLOW_SLACK_SECRET_ARN", false},
    {"BUZZFLOW_SLACK_API_URL", false},
    {"BUZZFLOW_WATCH_UNTAGGED", false},
    {NULL, false},
};

const struct bf_function_type failure_logs_function = {
    .name = "failure_logs", .variables = variables, .open = open_failure_logs, .handle = handle};

#include "functions/pipeline_state/handler.h"

#include "alert/alerter.h"
#include "alert/stack.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "inbox/function.h"
#include "json/json.h"

enum { LAG_DELAY = 5 }; /* seconds until the API is asked again */

/* ---- configuration ---- */

static enum bf_code open_pipeline_state(const struct bf_function *function, void **state,
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
    stack->topic_arn = bf_function_env(function, "BUZZFLOW_FAILURES_TOPIC_ARN");
    *state = stack;
    return bf_function_flag(function, "BUZZFLOW_WATCH_UNTAGGED", &stack->watch_untagged, err);
}

/* ---- events ---- */

static const char *outcome_word(enum bf_alert_outcome outcome)
{
    switch (outcome) {
    case BF_ALERT_DONE:
        return "told";
    case BF_ALERT_LATER:
        return "the API does not know of it yet";
    default:
        return "not ours";
    }
}

static enum bf_code handle(void *state, const struct bf_inbox_call *call,
                           struct bf_verdict *verdict, struct bf_err *err)
{
    static const char execution[] = "SageMaker Model Building Pipeline Execution Status Change";
    static const char step[] = "SageMaker Model Building Pipeline Execution Step Status Change";
    const struct bf_event *event = call->event;
    struct bf_alerter alerter = bf_alerter_of(state, call->aws, call->request_id);
    struct bf_alert_news news = {.time = event->has_time ? event->time : 0};
    enum bf_alert_outcome outcome = BF_ALERT_IGNORED;

    if (event->kind != BF_EVENT_BUS || !bf_sv_is(event->source, "aws.sagemaker")) {
        return bf_err_set(
            err, BF_EINVALID, BF_NOWHERE,
            "pipeline_state takes EventBridge events of aws.sagemaker, not '" BF_SV_FMT "'",
            BF_SV_ARG(event->source.len != 0 ? event->source : event->name));
    }
    if (!bf_sv_is(event->detail_type, execution) && !bf_sv_is(event->detail_type, step)) {
        bf_log(call->log, BF_LOG_INFO, "nothing to do for '" BF_SV_FMT "'",
               BF_SV_ARG(event->detail_type));
        return BF_OK;
    }
    BF_TRY(bf_json_need_str(event->detail, "pipelineExecutionArn", &news.execution_arn, err));
    if (bf_sv_is(event->detail_type, execution)) {
        news.status = bf_json_str(event->detail, "currentPipelineExecutionStatus");
    }
    BF_TRY(bf_alert_news(&alerter, &news, &outcome, err));
    bf_log(call->log, BF_LOG_INFO, BF_SV_FMT " " BF_SV_FMT ": %s", BF_SV_ARG(news.execution_arn),
           BF_SV_ARG(news.status), outcome_word(outcome));
    if (outcome == BF_ALERT_LATER) {
        verdict->kind = BF_VERDICT_LATER;
        verdict->delay = LAG_DELAY;
    }
    return BF_OK;
}

static const struct bf_function_variable variables[] = {
    {"BUZZFLOW_ENVIRONMENT", true},        {"BUZZFLOW_TABLE", true},
    {"BUZZFLOW_FAILURES_TOPIC_ARN", true}, {"BUZZFLOW_SLACK_CHANNEL", false},
    {"BUZZFLOW_SLACK_SECRET_ARN", false},  {"BUZZFLOW_SLACK_API_URL", false},
    {"BUZZFLOW_WATCH_UNTAGGED", false},    {NULL, false},
};

const struct bf_function_type pipeline_state_function = {.name = "pipeline_state",
                                                         .variables = variables,
                                                         .open = open_pipeline_state,
                                                         .handle = handle};

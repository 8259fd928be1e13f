#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/alerter.h"
#include "alert/links.h"
#include "alert/message.h"
#include "alert/plan.h"
#include "alert/redact.h"
#include "alert/state.h"
#include "alert/view.h"
#include "aws/aws.h"
#include "aws/sagemaker.h"
#include "aws/sns.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "slack/slack.h"
#include "time/instant.h"
#include "json/json.h"

enum {
    LAG_SECONDS = 120, /* so long the API's answer may be older than an event */
    CONFLICTS = 5,     /* attempts to write a document that others write too */
    ROUNDS = 3,        /* of showing, when another process shows at the same time */
    LEASE = 30,
};

static struct bf_ledger ledger_of(struct bf_alerter *alerter)
{
    return (struct bf_ledger){.aws = alerter->aws, .table = alerter->table};
}

/* ---- the truth ---- */

/* A pipeline without a record is ours only when it is untagged and untagged ones are watched. */
static enum bf_code is_untagged(struct bf_alerter *alerter, struct bf_sv pipeline_arn, bool *out,
                                struct bf_err *err)
{
    bf_json *tags = NULL;

    *out = false;
    if (!alerter->watch_untagged) {
        return BF_OK;
    }
    enum bf_code code = bf_sm_list_tags(alerter->aws, pipeline_arn, &tags, err);
    if (code == BF_ENOTFOUND) {
        return BF_OK;
    }
    if (code != BF_OK) {
        return code;
    }
    *out = true;
    for (const bf_json *t = bf_json_first(tags); t != NULL; t = bf_json_next(t)) {
        if (bf_sv_is(bf_json_str(t, "Key"), "buzzflow:environment")) {
            *out = false;
        }
    }
    return BF_OK;
}

static enum bf_code read_run(struct bf_alerter *alerter, struct bf_sv execution_arn,
                             const bf_json **run, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger_key key = bf_key_execution(arena, execution_arn);
    struct bf_ledger_item index = {0}, item = {0};

    *run = NULL;
    BF_TRY(bf_ledger_get(&ledger, &key, &index, err));
    struct bf_sv token = bf_json_str(index.document, "token");
    if (token.len == 0) {
        return BF_OK;
    }
    key = bf_key_run(arena, token);
    BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
    *run = item.document;
    return BF_OK;
}

enum bf_code bf_alert_read(struct bf_alerter *alerter, struct bf_sv execution_arn,
                           struct bf_known *out, bool *ours, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_run_facts facts = {.execution_arn = execution_arn,
                                 .environment = alerter->environment};
    struct bf_execution_arn parts;
    struct bf_ledger_item record = {0};
    bf_json *execution = NULL, *steps = NULL, *parameters = NULL;
    struct bf_err ignored = {0};

    *ours = false;
    if (!bf_execution_arn_parse(execution_arn, &parts)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT "' is not the ARN of a pipeline execution",
                          BF_SV_ARG(bf_sv_slice(execution_arn, 0, 200)));
    }
    BF_TRY(bf_ledger_pipeline_by_arn(&ledger, parts.pipeline_arn, &record, err));
    if (record.document == NULL) {
        BF_TRY(is_untagged(alerter, parts.pipeline_arn, ours, err));
    } else {
        *ours = bf_sv_eq(bf_json_str(record.document, "environment"), alerter->environment);
    }
    if (!*ours) {
        return BF_OK;
    }
    enum bf_code code = bf_sm_describe_execution(alerter->aws, execution_arn, &execution, err);
    if (code == BF_ENOTFOUND) {
        *ours = false;
        return BF_OK;
    }
    if (code != BF_OK) {
        return code;
    }
    BF_TRY(bf_sm_list_steps(alerter->aws, execution_arn, &steps, err));
    BF_TRY(read_run(alerter, execution_arn, &facts.run, err));
    if (facts.run == NULL &&
        bf_sm_list_parameters(alerter->aws, execution_arn, &parameters, &ignored) != BF_OK) {
        bf_log(alerter->aws->log, BF_LOG_WARN, "parameters are left out: %s", ignored.msg);
        parameters = NULL;
    }
    facts.record = record.document;
    facts.execution = execution;
    facts.steps = steps;
    facts.parameters = parameters;
    out->record = record.document;
    return bf_run_view(arena, &facts, &out->view, err);
}

/* ---- how far alerting is ---- */

/* The end of a run goes into the pipeline's history, which tells whether it is the first one. */
static enum bf_code take_history(struct bf_alerter *alerter, const struct bf_run_view *view,
                                 struct bf_alert_state *state, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger_key key = bf_key_pipeline_alerts(arena, view->pipeline);

    for (int i = 0; i < CONFLICTS; i++) {
        struct bf_ledger_item item = {0};
        BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
        bf_json *next = bf_alert_history(arena, item.document, view, state);
        if (next == NULL) {
            return BF_OK;
        }
        item.key = key;
        item.document = next;
        enum bf_code code = bf_ledger_put(&ledger, &item, BF_LEDGER_FOREVER, err);
        if (code != BF_ECONFLICT) {
            return code;
        }
    }
    return BF_ECONFLICT;
}

static enum bf_code advance(struct bf_alerter *alerter, const struct bf_run_view *view,
                            struct bf_alert_state *state, bool *stale, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger_key key = bf_key_execution_alerts(arena, view->execution_arn);

    for (int i = 0; i < CONFLICTS; i++) {
        struct bf_ledger_item item = {0};
        BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
        struct bf_alert_state now = bf_alert_state_read(item.document);
        enum bf_alert_move move = bf_alert_advance(&now, view, state);
        *stale = move == BF_MOVE_STALE;
        if (move != BF_MOVE_FORWARD) {
            return BF_OK;
        }
        if (bf_run_ended(view->status)) {
            BF_TRY(take_history(alerter, view, state, err));
        }
        item.key = key;
        item.document = bf_alert_state_write(arena, state);
        enum bf_code code = bf_ledger_put(&ledger, &item, BF_LEDGER_RUN_DAYS, err);
        if (code != BF_ECONFLICT) {
            return code;
        }
    }
    return BF_ECONFLICT;
}

/* ---- what is to be told ---- */

struct telling {
    struct bf_alerter *alerter;
    const struct bf_known *known;
    const struct bf_alert_state *state;
    const struct bf_alert_plan *plan;
    struct bf_slack_posted roots[BF_ALERT_CHANNELS];
    bool again;
};

static bool happened(const struct telling *t, enum bf_alert_event event)
{
    const struct bf_run_view *view = &t->known->view;

    if (!t->plan->wants[event]) {
        return false;
    }
    switch (event) {
    case BF_ALERT_STARTED:
        return t->state->attempt == 1 && view->status == BF_RUN_EXECUTING;
    case BF_ALERT_SUCCEEDED:
        return view->status == BF_RUN_SUCCEEDED;
    case BF_ALERT_RECOVERED:
        return view->status == BF_RUN_SUCCEEDED && t->state->recovered;
    case BF_ALERT_FAILED:
        return view->status == BF_RUN_FAILED;
    case BF_ALERT_STOPPED:
        return view->status == BF_RUN_STOPPED;
    case BF_ALERT_STEP_FAILED:
        return view->failed != NULL && !bf_run_ended(view->status);
    default: /* stuck, skipped, missed are no states of an execution */
        return false;
    }
}

static bool anything(const struct telling *t)
{
    for (int e = 0; e < BF_ALERT_EVENTS; e++) {
        if (happened(t, (enum bf_alert_event)e)) {
            return true;
        }
    }
    return false;
}

static enum bf_code show_root(struct telling *t, size_t channel, bool force, struct bf_err *err)
{
    const struct bf_run_view *view = &t->known->view;
    struct bf_thread thread = {0};
    struct bf_showing showing = {.view = view,
                                 .attempt = t->state->attempt,
                                 .rank = bf_run_ended(view->status)        ? 2
                                         : view->status == BF_RUN_STOPPING ? 1
                                                                           : 0,
                                 .progress = bf_alert_progress(view),
                                 .force = force};
    bool again = false;

    if (!t->plan->live && !anything(t)) { /* only what was posted before is kept true */
        BF_TRY(bf_thread_read(t->alerter, view->execution_arn, t->plan->channels[channel], &thread,
                              err));
        if (thread.at.ts.len == 0) {
            return BF_OK;
        }
    }
    BF_TRY(bf_thread_show(t->alerter, &showing, t->plan->channels[channel], &t->roots[channel],
                          &again, err));
    t->again = t->again || again;
    return BF_OK;
}

/* What the thread is told once for each attempt. Failures have a function of their own. */
static enum bf_code reply(struct telling *t, size_t channel, enum bf_alert_event event,
                          struct bf_err *err)
{
    struct bf_arena *arena = t->alerter->aws->arena;
    const struct bf_run_view *view = &t->known->view;
    struct bf_sv step = event == BF_ALERT_STEP_FAILED && view->failed != NULL ? view->failed->name
                                                                              : (struct bf_sv){0};
    struct bf_words words = bf_message_event(arena, view, event, (struct bf_sv){0});
    const struct bf_slack_message message = {
        .channel = t->roots[channel].channel,
        .thread_ts = t->roots[channel].ts,
        .text = words.text,
        .blocks = words.blocks,
        .broadcast = event == BF_ALERT_STOPPED || event == BF_ALERT_RECOVERED,
        .key = bf_sv_printf(arena, "reply " BF_SV_FMT " %lld %s " BF_SV_FMT " " BF_SV_FMT,
                            BF_SV_ARG(view->execution_arn), (long long)t->state->attempt,
                            bf_alert_event_name(event), BF_SV_ARG(step),
                            BF_SV_ARG(t->plan->channels[channel]))};
    struct bf_slack_posted posted = {0};

    return bf_post_once(t->alerter, &message, &posted, NULL, err);
}

static enum bf_code tell_channel(struct telling *t, size_t channel, bool force, struct bf_err *err)
{
    BF_TRY(show_root(t, channel, force, err));
    for (int e = 0; e < BF_ALERT_EVENTS; e++) {
        enum bf_alert_event event = (enum bf_alert_event)e;
        if (event != BF_ALERT_FAILED && t->roots[channel].ts.len != 0 && happened(t, event)) {
            BF_TRY(reply(t, channel, event, err));
        }
    }
    return BF_OK;
}

/* ---- the topic ---- */

static bf_json *failure_document(struct telling *t)
{
    struct bf_arena *arena = t->alerter->aws->arena;
    const struct bf_run_view *view = &t->known->view;
    bf_json *out = bf_json_new_object(arena);

    (void)bf_json_add_str(out, "kind", BF_SV("pipeline_failed"));
    (void)bf_json_add_str(out, "environment", view->environment);
    (void)bf_json_add_str(out, "pipeline", view->pipeline);
    (void)bf_json_add_str(out, "execution_arn", view->execution_arn);
    (void)bf_json_add_str(out, "status", bf_sv_of(bf_run_status_name(view->status)));
    (void)bf_json_add_str(out, "ended_at", bf_instant_print(arena, view->ended));
    (void)bf_json_add_str(out, "region", view->arn.arn.region);
    (void)bf_json_add_str(out, "account", view->arn.arn.account);
    (void)bf_json_add_str(out, "project", view->project);
    (void)bf_json_add_i64(out, "attempt", t->state->attempt);
    (void)bf_json_add_str(out, "failure_reason",
                          bf_sv_slice(bf_redact(arena, view->reason), 0, 1400));
    bf_json *failed = bf_json_add_array(out, "failed_steps");
    for (size_t i = 0; i < view->step_count; i++) {
        if (view->steps[i].status == BF_STEP_FAILED) {
            (void)bf_json_add_str(failed, NULL, view->steps[i].name);
        }
    }
    bf_json *slack = bf_json_add_array(out, "slack");
    for (size_t i = 0; i < t->plan->channel_count; i++) {
        if (t->roots[i].ts.len != 0) {
            bf_json *root = bf_json_add_object(slack, NULL);
            (void)bf_json_add_str(root, "channel", t->roots[i].channel);
            (void)bf_json_add_str(root, "ts", t->roots[i].ts);
        }
    }
    (void)bf_json_add_str(out, "text", bf_message_mail(arena, view));
    return out;
}

/* SNS refuses subjects that are not ASCII. */
static struct bf_sv subject_of(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_sv text = bf_sv_printf(arena, "[" BF_SV_FMT "] " BF_SV_FMT " failed",
                                     BF_SV_ARG(view->environment), BF_SV_ARG(view->pipeline));
    char *bytes = bf_arena_alloc(arena, text.len + 1, 1);

    for (size_t i = 0; i < text.len; i++) {
        bytes[i] = text.ptr[i];
        if (bytes[i] < ' ' || bytes[i] > '~') {
            bytes[i] = '?';
        }
    }
    return bf_sv_slice((struct bf_sv){.ptr = bytes, .len = text.len}, 0, 100);
}

static enum bf_code publish(struct telling *t, struct bf_err *err)
{
    struct bf_arena *arena = t->alerter->aws->arena;
    const struct bf_run_view *view = &t->known->view;
    bf_json *attributes = bf_json_new_object(arena);

    (void)bf_json_add_str(attributes, "kind", BF_SV("pipeline_failed"));
    (void)bf_json_add_str(attributes, "environment", view->environment);
    (void)bf_json_add_str(attributes, "project", view->project);
    (void)bf_json_add_str(attributes, "severity",
                          t->state->first_failure ? BF_SV("new") : BF_SV("repeated"));
    const struct bf_sns_message message = {.topic_arn = t->alerter->topic_arn,
                                           .text = bf_json_text_of(arena, failure_document(t)),
                                           .subject = subject_of(arena, view),
                                           .attributes = attributes};
    return bf_sns_publish(t->alerter->aws, &message, NULL, err);
}

/* After a lost answer it is published again: two mails are better than none. */
static enum bf_code publish_once(struct telling *t, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(t->alerter);
    const struct bf_claim_wish wish = {
        .key = bf_sv_printf(t->alerter->aws->arena, "sns " BF_SV_FMT " %lld",
                            BF_SV_ARG(t->known->view.execution_arn), (long long)t->state->attempt),
        .owner = t->alerter->request_id,
        .lease_seconds = LEASE};
    struct bf_claim claim = {0};

    if (t->alerter->topic_arn.len == 0) {
        return BF_OK;
    }
    BF_TRY(bf_ledger_claim(&ledger, &wish, &claim, err));
    if (claim.outcome == BF_CLAIM_DONE) {
        return BF_OK;
    }
    if (claim.outcome == BF_CLAIM_BUSY) {
        (void)bf_err_set(err, BF_ECONFLICT, BF_NOWHERE, "another invocation publishes the failure");
        err->retry_after = 5;
        return BF_ECONFLICT;
    }
    enum bf_code code = publish(t, err);
    if (code != BF_OK) {
        struct bf_err ignored = {0};
        if (bf_ledger_release(&ledger, &claim, code == BF_EAMBIGUOUS, &ignored) != BF_OK) {
            bf_log(t->alerter->aws->log, BF_LOG_WARN, "%s", ignored.msg);
        }
        return code;
    }
    return bf_ledger_complete(&ledger, &claim, NULL, err);
}

/* ---- an event ---- */

/* The API may answer with what was before the event; it catches up within seconds. */
static bool lags_behind(struct bf_alerter *alerter, const struct bf_alert_news *news,
                        const struct bf_run_view *view)
{
    enum bf_run_status said = BF_RUN_EXECUTING;

    if (news->status.len == 0 || news->time == 0 || !bf_run_status_of(news->status, &said) ||
        said == view->status || bf_aws_time(alerter->aws, NULL) > news->time + LAG_SECONDS) {
        return false;
    }
    if (!bf_run_ended(view->status)) {
        return bf_run_ended(said);
    }
    return said == BF_RUN_EXECUTING && news->time > view->ended; /* it was retried */
}

static enum bf_code tell(struct telling *t, bool force, struct bf_err *err)
{
    enum bf_code first = BF_OK;
    struct bf_err why = {0};

    t->again = false;
    for (size_t i = 0; i < t->plan->channel_count && t->alerter->sender->secret_arn.len != 0; i++) {
        struct bf_err trouble = {0};
        enum bf_code code = tell_channel(t, i, force, &trouble);
        /* A transient trouble is the one to report: the message has to stay in the queue. */
        if (code != BF_OK && (first == BF_OK || bf_code_is_transient(code))) {
            first = code;
            why = trouble;
        }
    }
    if (happened(t, BF_ALERT_FAILED)) {
        BF_TRY(publish_once(t, err));
    }
    if (first != BF_OK) {
        *err = why;
    }
    return first;
}

enum bf_code bf_alert_news(struct bf_alerter *alerter, const struct bf_alert_news *news,
                           enum bf_alert_outcome *outcome, struct bf_err *err)
{
    struct bf_arena *arena = alerter->aws->arena;

    for (int round = 0; round < ROUNDS; round++) {
        struct bf_known known = {0};
        struct bf_alert_state state = {0};
        bool ours = false, stale = false;

        *outcome = BF_ALERT_IGNORED;
        BF_TRY(bf_alert_read(alerter, news->execution_arn, &known, &ours, err));
        if (!ours) {
            return BF_OK;
        }
        if (lags_behind(alerter, news, &known.view)) {
            *outcome = BF_ALERT_LATER;
            return BF_OK;
        }
        *outcome = BF_ALERT_DONE;
        BF_TRY(advance(alerter, &known.view, &state, &stale, err));
        if (stale) {
            return BF_OK;
        }
        known.view.attempt = state.attempt;
        known.view.cause = state.cause;
        struct bf_alert_plan plan = bf_alert_plan(arena, known.record, alerter->default_channel);
        struct telling telling = {
            .alerter = alerter, .known = &known, .state = &state, .plan = &plan};
        BF_TRY(tell(&telling, round != 0, err));
        if (!telling.again) {
            return BF_OK;
        }
    }
    return bf_err_set(err, BF_ECONFLICT, BF_NOWHERE,
                      "others change the run's message all the time");
}

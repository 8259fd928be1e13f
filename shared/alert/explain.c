#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/alerter.h"
#include "alert/cause.h"
#include "alert/finding.h"
#include "alert/links.h"
#include "alert/logs.h"
#include "alert/message.h"
#include "alert/plan.h"
#include "alert/state.h"
#include "alert/view.h"
#include "aws/aws.h"
#include "aws/sagemaker.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "slack/slack.h"
#include "json/json.h"

enum {
    CONFLICTS = 5,
    SAME_RUNS = 20,           /* runs remembered for one error */
    SAME_SECONDS = 7 * 86400, /* "7 days" */
    OLD_ROOT = 3600,          /* seconds after which the root has scrolled away */
};

int64_t bf_alert_next_read(int64_t tries)
{
    static const int64_t waits[BF_FAILURE_TRIES - 1] = {10, 30, 60};

    return tries >= 0 && tries < BF_FAILURE_TRIES - 1 ? waits[tries] : -1;
}

/* ---- what the job says ---- */

static enum bf_code describe_job(struct bf_aws *aws, const struct bf_job *job, bf_json **out,
                                 struct bf_err *err)
{
    switch (job->kind) {
    case BF_JOB_PROCESSING:
        return bf_sm_describe_processing_job(aws, job->name, out, err);
    case BF_JOB_TRAINING:
        return bf_sm_describe_training_job(aws, job->name, out, err);
    case BF_JOB_TRANSFORM:
        return bf_sm_describe_transform_job(aws, job->name, out, err);
    case BF_JOB_TUNING:
        return bf_sm_describe_tuning_job(aws, job->name, out, err);
    default:
        *out = NULL;
        return BF_OK;
    }
}

/* Words beside the log: without them the message is still good. Only a transient trouble counts. */
static enum bf_code read_job(struct bf_alerter *alerter, const struct bf_job *job,
                             struct bf_job_words *out, struct bf_err *err)
{
    struct bf_err why = {0};
    bf_json *answer = NULL;

    *out = (struct bf_job_words){0};
    enum bf_code code = describe_job(alerter->aws, job, &answer, &why);
    if (code != BF_OK && bf_code_is_transient(code)) {
        *err = why;
        return code;
    }
    if (code != BF_OK) {
        bf_log(alerter->aws->log, BF_LOG_WARN, "the job is not described: %s", why.msg);
        return BF_OK;
    }
    out->reason = bf_json_str(answer, "FailureReason");
    out->exit_message = bf_json_str(answer, "ExitMessage");
    return BF_OK;
}

/* ---- the cause ---- */

struct finding {
    struct bf_run_finding found;
    struct bf_logs_found logs;
    struct bf_job_words words;
    struct bf_sv note;
};

static enum bf_code find_cause(struct bf_alerter *alerter, const struct bf_run_view *view,
                               struct finding *f, struct bf_err *err)
{
    const struct bf_step_view *step = view->failed;
    struct bf_err why = {0};

    if (step != NULL && step->job.kind != BF_JOB_NONE) {
        const struct bf_logs_wish wish = {.job = step->job, .start = step->start, .end = step->end};
        BF_TRY(read_job(alerter, &step->job, &f->words, err));
        enum bf_code code = bf_alert_logs(alerter->aws, &wish, &f->logs, &why);
        if (code != BF_OK && bf_code_is_transient(code)) {
            *err = why;
            return code;
        }
        if (code != BF_OK) {
            f->note = bf_sv_printf(alerter->aws->arena, "the log cannot be read: %s", why.msg);
        } else if (f->logs.events == 0) {
            f->note = BF_SV("the job has written no log");
        }
        f->found = bf_finding_of(alerter->aws->arena, view, &f->logs, &f->words);
        f->found.missing = f->found.missing && code == BF_OK;
        return BF_OK;
    }
    if (step != NULL && step->log_path.len != 0) {
        f->note = bf_sv_printf(alerter->aws->arena, "EMR keeps the logs in S3: " BF_SV_FMT,
                               BF_SV_ARG(step->log_path));
    }
    f->found = bf_finding_of(alerter->aws->arena, view, &f->logs, &f->words);
    f->found.missing = false; /* no job, no log: nothing will come */
    return BF_OK;
}

/* ---- the same error before ---- */

struct same {
    int64_t times;
    struct bf_sv arn; /* of the newest run before this one */
};

/* Takes this run into the list of those with the same error; once, however often it is called. */
static bf_json *with_run(struct bf_arena *arena, const bf_json *before,
                         const struct bf_run_view *view, struct same *same)
{
    bf_json *document = bf_json_new_object(arena);
    bf_json *runs = bf_json_add_array(document, "runs"), *mine = bf_json_add_object(runs, NULL);
    size_t count = 1;

    (void)bf_json_add_str(mine, "arn", view->execution_arn);
    (void)bf_json_add_i64(mine, "ended_at", view->ended);
    *same = (struct same){.times = 1};
    for (const bf_json *r = bf_json_first(bf_json_get(before, "runs"));
         r != NULL && count < SAME_RUNS; r = bf_json_next(r)) {
        int64_t at = bf_view_time(bf_json_get(r, "ended_at"));
        struct bf_sv arn = bf_json_str(r, "arn");
        if (bf_sv_eq(arn, view->execution_arn) || at + SAME_SECONDS < view->ended) {
            continue;
        }
        (void)bf_json_add_copy(runs, NULL, r);
        count++;
        same->times++;
        same->arn = same->arn.len == 0 ? arn : same->arn;
    }
    return document;
}

static enum bf_code count_same(struct bf_alerter *alerter, const struct bf_run_view *view,
                               const struct bf_cause *cause, struct same *same, struct bf_err *err)
{
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger ledger = {.aws = alerter->aws, .table = alerter->table};
    struct bf_ledger_key key =
        bf_key_failure(arena, view->pipeline, bf_cause_fingerprint(arena, cause));

    *same = (struct same){.times = 1};
    if (cause->class == BF_CAUSE_UNKNOWN) {
        return BF_OK; /* two unknown errors are not the same */
    }
    for (int i = 0; i < CONFLICTS; i++) {
        struct bf_ledger_item item = {0};
        BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
        item.key = key;
        item.document = with_run(arena, item.document, view, same);
        enum bf_code code = bf_ledger_put(&ledger, &item, BF_LEDGER_CLAIM_DAYS, err);
        if (code != BF_ECONFLICT) {
            return code;
        }
    }
    return BF_ECONFLICT;
}

/* ---- the reply ---- */

struct explaining {
    struct bf_alerter *alerter;
    const struct bf_known *known;
    const struct bf_alert_failure *failure;
    struct bf_alert_state state;
    const bf_json *history;
    struct finding finding;
    struct same same;
};

/* The root message with the cause in it; posted here if nobody has posted it yet. */
static enum bf_code root_of(struct explaining *e, struct bf_sv channel, struct bf_slack_posted *out,
                            struct bf_err *err)
{
    const struct bf_run_view *view = &e->known->view;
    const struct bf_showing showing = {
        .view = view, .attempt = e->state.attempt, .rank = 2, .progress = bf_alert_progress(view)};
    bool again = false;

    BF_TRY(bf_thread_show(e->alerter, &showing, channel, out, &again, err));
    if (again) {
        (void)bf_err_set(err, BF_ECONFLICT, BF_NOWHERE, "the run's message changed meanwhile");
        err->retry_after = 2;
        return BF_ECONFLICT;
    }
    return BF_OK;
}

static bool is_old(struct bf_alerter *alerter, struct bf_sv ts)
{
    int64_t seconds = 0;
    struct bf_sv whole = bf_sv_slice(ts, 0, bf_sv_find(ts, '.'));

    return bf_sv_i64(whole, 0, INT64_MAX / 2, &seconds) &&
           bf_aws_time(alerter->aws, NULL) > seconds + OLD_ROOT;
}

static enum bf_code answer(struct explaining *e, const struct bf_alert_plan *plan,
                           struct bf_sv channel, struct bf_err *err)
{
    struct bf_arena *arena = e->alerter->aws->arena;
    const struct bf_run_view *view = &e->known->view;
    const struct finding *f = &e->finding;
    const struct bf_failure_facts facts = {.step = view->failed,
                                           .cause = &f->found.cause,
                                           .from_log = f->found.from_log,
                                           .incomplete = f->found.missing,
                                           .note = f->note,
                                           .stream = f->logs.stream,
                                           .exit_message = f->words.exit_message,
                                           .job_reason = f->words.reason,
                                           .times = e->same.times,
                                           .same_as = e->same.arn,
                                           .last_success = bf_json_get(e->history, "last_success"),
                                           .mentions = e->state.first_failure ? plan->mentions
                                                                              : (struct bf_sv){0}};
    struct bf_words words = bf_message_failure(arena, view, &facts);
    struct bf_slack_posted root = {0}, posted = {0};

    BF_TRY(root_of(e, channel, &root, err));
    const struct bf_slack_message message = {
        .channel = root.channel,
        .thread_ts = root.ts,
        .text = words.text,
        .blocks = words.blocks,
        .broadcast = is_old(e->alerter, root.ts),
        .key = bf_sv_printf(arena, "cause " BF_SV_FMT " %lld " BF_SV_FMT,
                            BF_SV_ARG(view->execution_arn), (long long)e->state.attempt,
                            BF_SV_ARG(channel))};
    return bf_post_once(e->alerter, &message, &posted, NULL, err);
}

static enum bf_code answer_all(struct explaining *e, struct bf_err *err)
{
    struct bf_alert_plan plan =
        bf_alert_plan(e->alerter->aws->arena, e->known->record, e->alerter->default_channel);
    enum bf_code first = BF_OK;

    for (size_t i = 0; i < plan.channel_count && e->alerter->sender->secret_arn.len != 0; i++) {
        struct bf_err why = {0};
        enum bf_code code = answer(e, &plan, plan.channels[i], &why);
        if (code != BF_OK && (first == BF_OK || bf_code_is_transient(code))) {
            first = code;
            *err = why;
        }
    }
    return first;
}

/* Kept with the state, so that whoever shows the root message next shows the cause too. */
static enum bf_code keep_cause(struct explaining *e, struct bf_run_view *view, struct bf_err *err)
{
    struct bf_arena *arena = e->alerter->aws->arena;
    struct bf_ledger ledger = {.aws = e->alerter->aws, .table = e->alerter->table};
    struct bf_ledger_key key = bf_key_execution_alerts(arena, view->execution_arn);

    view->cause = bf_message_cause(arena, &e->finding.found.cause);
    for (int i = 0; i < CONFLICTS; i++) {
        struct bf_ledger_item item = {0};
        BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
        struct bf_alert_state state = bf_alert_state_read(item.document);
        if (state.attempt != e->state.attempt || bf_sv_eq(state.cause, view->cause)) {
            return BF_OK; /* retried meanwhile, or kept already */
        }
        state.cause = view->cause;
        item.key = key;
        item.document = bf_alert_state_write(arena, &state);
        enum bf_code code = bf_ledger_put(&ledger, &item, BF_LEDGER_RUN_DAYS, err);
        if (code != BF_ECONFLICT) {
            return code;
        }
    }
    return BF_ECONFLICT;
}

static enum bf_code read_state(struct explaining *e, struct bf_err *err)
{
    struct bf_arena *arena = e->alerter->aws->arena;
    struct bf_ledger ledger = {.aws = e->alerter->aws, .table = e->alerter->table};
    struct bf_ledger_key key = bf_key_execution_alerts(arena, e->known->view.execution_arn);
    struct bf_ledger_item item = {0};

    BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
    e->state = bf_alert_state_read(item.document);
    if (e->state.attempt == 0) {
        e->state.attempt = 1;
    }
    key = bf_key_pipeline_alerts(arena, e->known->view.pipeline);
    item = (struct bf_ledger_item){0};
    BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
    e->history = item.document;
    return BF_OK;
}

enum bf_code bf_alert_explain(struct bf_alerter *alerter, const struct bf_alert_failure *failure,
                              int64_t *later, struct bf_err *err)
{
    struct bf_known known = {0};
    struct explaining e = {.alerter = alerter, .known = &known, .failure = failure};
    bool ours = false;

    *later = -1;
    BF_TRY(bf_alert_read(alerter, failure->execution_arn, &known, &ours, err));
    if (!ours) {
        bf_log(alerter->aws->log, BF_LOG_INFO, BF_SV_FMT " is no run of this stack",
               BF_SV_ARG(failure->execution_arn));
        return BF_OK;
    }
    if (known.view.status != BF_RUN_FAILED) {
        bf_log(alerter->aws->log, BF_LOG_INFO, BF_SV_FMT " was retried: it is %s now",
               BF_SV_ARG(failure->execution_arn), bf_run_status_name(known.view.status));
        return BF_OK;
    }
    BF_TRY(read_state(&e, err));
    known.view.attempt = e.state.attempt;
    BF_TRY(find_cause(alerter, &known.view, &e.finding, err));
    int64_t wait = bf_alert_next_read(failure->tries);
    if (e.finding.found.missing && wait >= 0) {
        *later = wait;
        return BF_OK;
    }
    BF_TRY(keep_cause(&e, &known.view, err));
    BF_TRY(count_same(alerter, &known.view, &e.finding.found.cause, &e.same, err));
    return answer_all(&e, err);
}

#ifndef BF_ALERT_ALERTER_H
#define BF_ALERT_ALERTER_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/sender.h"
#include "alert/view.h"
#include "aws/aws.h"
#include "base/err.h"
#include "base/sv.h"
#include "ledger/ledger.h"
#include "json/json.h"

/**
 * Alerting that acts: SageMaker's state is read, Slack's message kept true, failures published and
 * explained. What an event says is only a hint; the truth is read from the API each time. Every
 * function here may be repeated after any failure and in parallel with itself: what people see
 * happens once, guarded by claims in the ledger.
 */
struct bf_alerter {
    struct bf_aws *aws; /* arena, log and deadline of the invocation */
    struct bf_sender *sender;
    struct bf_sv environment, table;
    struct bf_sv default_channel; /* may be empty */
    struct bf_sv topic_arn;       /* where failures are published */
    struct bf_sv request_id;      /* owner of claims */
    bool watch_untagged;          /* pipelines without our tag are ours too */
};

/** What a status change event of an execution or of one of its steps says. */
struct bf_alert_news {
    struct bf_sv execution_arn;
    struct bf_sv status; /* of the execution; empty: the event is about a step */
    int64_t time;        /* seconds since 1970; 0: unknown */
};

enum bf_alert_outcome {
    BF_ALERT_DONE,
    BF_ALERT_IGNORED, /* not a pipeline of this stack, or the execution does not exist */
    BF_ALERT_LATER,   /* the API's answer lags behind the event: ask again in a few seconds */
};

/**
 * Bring the run's messages in line with the truth: one root message per channel, replies for the
 * events that the pipeline's "alerts" want, and for a failure one message to the topic:
 * {"kind":"pipeline_failed", ...} with attributes kind, environment, project and severity.
 * Slack out of order does not keep the topic from being told.
 */
BF_NODISCARD enum bf_code bf_alert_news(struct bf_alerter *alerter,
                                        const struct bf_alert_news *news,
                                        enum bf_alert_outcome *outcome, struct bf_err *err);

/** A failure message of the topic. */
struct bf_alert_failure {
    struct bf_sv execution_arn;
    int64_t attempt;      /* of the execution, 1 ...; 0: unknown */
    int64_t ended_at;     /* seconds since 1970 */
    const bf_json *slack; /* array of {"channel","ts"}: the root messages; NULL: look them up */
    int64_t tries;        /* how often the log was read before: it arrives late */
};

enum { BF_FAILURE_TRIES = 4 }; /* reads: at once, +10 s, +30 s, +60 s */

/** Seconds to wait after ${tries} reads of an incomplete log; -1: post what there is. */
int64_t bf_alert_next_read(int64_t tries);

/**
 * Find the cause of the failure and answer in each root message's thread, once per channel and
 * attempt. *later: seconds after which it is to be called again with tries + 1, because lines
 * are still missing; -1: done.
 */
BF_NODISCARD enum bf_code bf_alert_explain(struct bf_alerter *alerter,
                                           const struct bf_alert_failure *failure, int64_t *later,
                                           struct bf_err *err);

/* ---- for the two above, and for tests ---- */

/** Everything that is known about an execution, read now. ${record} NULL: not deployed by us. */
struct bf_known {
    const bf_json *record;
    struct bf_run_view view;
};
BF_NODISCARD enum bf_code bf_alert_read(struct bf_alerter *alerter, struct bf_sv execution_arn,
                                        struct bf_known *out, bool *ours, struct bf_err *err);

/** Where the root message of a run is in a channel, and what it shows. */
struct bf_thread {
    struct bf_ledger_item item;
    struct bf_slack_posted at; /* ts empty: there is none yet */
};
BF_NODISCARD enum bf_code bf_thread_read(struct bf_alerter *alerter, struct bf_sv execution_arn,
                                         struct bf_sv channel, struct bf_thread *out,
                                         struct bf_err *err);

/** The root message to be shown. Order of two: by attempt, then rank, then progress. */
struct bf_showing {
    const struct bf_run_view *view;
    int64_t attempt, rank, progress;
    bool force; /* show it although it seems to be shown */
};

/**
 * Post the root message, or bring it up to date. *again: another process changed it meanwhile
 * and may have been overwritten; read the truth again and call with force.
 */
BF_NODISCARD enum bf_code bf_thread_show(struct bf_alerter *alerter,
                                         const struct bf_showing *showing, struct bf_sv channel,
                                         struct bf_slack_posted *at, bool *again,
                                         struct bf_err *err);

/** Post a message once, whoever is asked to: guarded by a claim on its key. *mine (may be NULL):
 * this call posted it, just now. */
BF_NODISCARD enum bf_code bf_post_once(struct bf_alerter *alerter,
                                       const struct bf_slack_message *message,
                                       struct bf_slack_posted *out, bool *mine, struct bf_err *err);

#endif /* BF_ALERT_ALERTER_H */

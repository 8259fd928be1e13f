#ifndef BF_ALERT_MESSAGE_H
#define BF_ALERT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * What people read in Slack about a run. Pure: facts in, Block Kit out, within Slack's limits
 * whatever the facts hold (slack/blocks.h); everything foreign is redacted and escaped.
 */
struct bf_words {
    bf_json *blocks;
    struct bf_sv text; /* the notification: one line, mrkdwn */
};

/** The one message of a run, kept up to date: state, parameters, steps, links. */
struct bf_words bf_message_root(struct bf_arena *arena, const struct bf_run_view *view);

/** A reply that notifies: what happened, and who is asked (mentions, already in Slack's form). */
enum bf_alert_event {
    BF_ALERT_STARTED,
    BF_ALERT_SUCCEEDED,
    BF_ALERT_FAILED,
    BF_ALERT_STOPPED,
    BF_ALERT_STEP_FAILED,
    BF_ALERT_RECOVERED,
    BF_ALERT_STUCK,
    BF_ALERT_SKIPPED,
    BF_ALERT_MISSED,
    BF_ALERT_EVENTS, /* their number */
};
const char *bf_alert_event_name(enum bf_alert_event event);

struct bf_words bf_message_event(struct bf_arena *arena, const struct bf_run_view *view,
                                 enum bf_alert_event event, struct bf_sv mentions);

/** Everything about a failure but the run itself. */
struct bf_failure_facts {
    const struct bf_step_view *step; /* the first that failed; NULL: the run failed without one */
    const struct bf_cause *cause;    /* out of its log, or of its reason */
    bool from_log;                   /* the cause came out of a log */
    bool incomplete;                 /* lines may be missing */
    struct bf_sv note;   /* why there is no log: "there is no log group yet"; empty: none */
    struct bf_sv stream; /* that the cause stands in; empty: link to the group */
    struct bf_sv exit_message, job_reason; /* more words of the job; may be empty */
    /* the same error before: */
    int64_t times;               /* this one included; 0 or 1: it is new */
    struct bf_sv same_as;        /* ARN of the run before; empty: none */
    const bf_json *last_success; /* {"arn","ended_at","version","parameters"}; NULL: unknown */
    struct bf_sv mentions;
};

/** The reply that explains a failure: exception, user frame, excerpt, advice, links. */
struct bf_words bf_message_failure(struct bf_arena *arena, const struct bf_run_view *view,
                                   const struct bf_failure_facts *facts);

/** The cause in one line, "KeyError: 'user' in prep.py line 12": for the root message. */
struct bf_sv bf_message_cause(struct bf_arena *arena, const struct bf_cause *cause);

/** The same as plain text, for mail: at most 20,000 bytes. */
struct bf_sv bf_message_mail(struct bf_arena *arena, const struct bf_run_view *view);

#endif /* BF_ALERT_MESSAGE_H */

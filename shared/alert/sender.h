#ifndef BF_ALERT_SENDER_H
#define BF_ALERT_SENDER_H

#include "aws/aws.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "http/http.h"
#include "slack/slack.h"

/**
 * Slack with the stack's bot token. The token is fetched from Secrets Manager at the first use
 * and kept as long as the function lives; when Slack says that it is not valid (it was rotated),
 * it is fetched again once and the call repeated.
 */
struct bf_sender {
    struct bf_http *http;
    struct bf_arena *memory; /* lives as long as the function: the token is kept in it */
    struct bf_sv secret_arn; /* empty: the stack has no Slack */
    struct bf_sv api_url;
    struct bf_sv token; /* empty: not fetched yet */
};

/** One invocation's use of it. */
struct bf_sending {
    struct bf_sender *sender;
    struct bf_aws *aws; /* its arena holds what is returned, its deadline and log are used */
};

/** Errors as of slack/slack.h, and those of Secrets Manager. */
BF_NODISCARD enum bf_code bf_sender_post(const struct bf_sending *s,
                                         const struct bf_slack_message *message,
                                         struct bf_slack_posted *out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sender_update(const struct bf_sending *s,
                                           const struct bf_slack_message *message,
                                           const struct bf_slack_posted *at, struct bf_err *err);
BF_NODISCARD enum bf_code bf_sender_find(const struct bf_sending *s,
                                         const struct bf_slack_search *search, bool *found,
                                         struct bf_slack_posted *out, struct bf_err *err);

#endif /* BF_ALERT_SENDER_H */

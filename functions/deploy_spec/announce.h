#ifndef BF_FUNCTIONS_DEPLOY_SPEC_ANNOUNCE_H
#define BF_FUNCTIONS_DEPLOY_SPEC_ANNOUNCE_H

#include "deploy/deploy.h"
#include "inbox/inbox.h"
#include "slack/slack.h"

/** Where notes about deployments go. */
struct announcer {
    struct bf_http *http;
    struct bf_sv api_url, secret_arn, channel; /* the stack's default channel; empty: none */
    struct bf_sv table, environment;
    struct bf_arena *memory; /* for the token, as long as the process */
    struct bf_sv token;      /* empty: not fetched yet */
};

/** The note of a deployment; false: there is nothing to say (nothing changed). Pure. */
bool announce_message(struct bf_arena *arena, const struct bf_deployment *deployment,
                      struct bf_slack_message *out);

/**
 * Post the note once, whoever handles the event how often. Transient errors of Slack are returned
 * (the deployment itself is done and is not repeated); what Slack refuses for good is logged.
 */
BF_NODISCARD enum bf_code announce(struct announcer *announcer, const struct bf_inbox_call *call,
                                   const struct bf_deployment *deployment, struct bf_err *err);

#endif /* BF_FUNCTIONS_DEPLOY_SPEC_ANNOUNCE_H */

#ifndef BF_SLACK_SLACK_H
#define BF_SLACK_SLACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "http/http.h"
#include "json/json.h"

/**
 * Slack's Web API with a bot token: chat.postMessage, chat.update, and reading a channel or a
 * thread back. Make messages with blocks.h and text.h.
 *
 *   struct bf_slack slack = {.http = http, .arena = arena, .log = &log, .token = token,
 *                            .api_url = BF_SV("https://slack.com/api")};
 *   struct bf_slack_message m = {.channel = BF_SV("#ml"), .text = text, .blocks = blocks.array,
 *                                .key = key};
 *   BF_TRY(bf_slack_post(&slack, &m, &posted, err));
 *
 * Errors of every call; err->reason is Slack's word:
 *   BF_EDENIED    invalid_auth, token_revoked, not_authed, missing_scope ...: fetch the token
 *                 again once (it may have been rotated), then it is permanent
 *   BF_ENOTFOUND  channel_not_found, message_not_found, thread_not_found
 *   BF_EREFUSED   not_in_channel, is_archived and every other refusal: permanent
 *   BF_ETHROTTLED 429 or ratelimited; err->retry_after
 *   BF_ESERVICE   service_unavailable and the like: certainly not carried out
 *   BF_EAMBIGUOUS fatal_error, internal_error, 5xx, or no answer: it may have been carried out;
 *                 look with bf_slack_find() before posting again
 *   BF_ENET       not sent
 * Nothing is repeated here but what certainly was not carried out because of its form: a message
 * whose blocks are refused (invalid_blocks, msg_blocks_too_long, ...) is sent once more as text.
 */
struct bf_slack {
    struct bf_http *http;
    struct bf_arena *arena;   /* everything returned lives in it */
    const struct bf_log *log; /* NULL: none. Tokens and messages are never logged */
    struct bf_sv api_url;     /* without a slash at the end */
    struct bf_sv token;
    int64_t deadline_ms; /* by http's clock; 0: none */
};

struct bf_slack_message {
    struct bf_sv channel;   /* "#name" or an id; chat.update: the id that posting answered */
    struct bf_sv text;      /* notification, and what is left when blocks are refused; mrkdwn */
    const bf_json *blocks;  /* NULL: text only */
    struct bf_sv thread_ts; /* reply to this root; empty: no reply */
    bool broadcast;         /* a reply that shows in the channel too */
    /*
     * Names the message: goes into its metadata (event type "buzzflow", payload {"key": ...}),
     * by which bf_slack_find() finds it, and as a UUID made from it into client_msg_id.
     */
    struct bf_sv key;
};

/** Where a message is. ${ts} is a text and stays one: Slack's ids are no numbers. */
struct bf_slack_posted {
    struct bf_sv channel; /* the channel's id */
    struct bf_sv ts;
    bool text_only; /* the blocks were refused */
};

BF_NODISCARD enum bf_code bf_slack_post(struct bf_slack *slack,
                                        const struct bf_slack_message *message,
                                        struct bf_slack_posted *out, struct bf_err *err);

/** Replace the message at ${at} (its text, blocks and metadata). May be repeated. */
BF_NODISCARD enum bf_code bf_slack_update(struct bf_slack *slack,
                                          const struct bf_slack_message *message,
                                          const struct bf_slack_posted *at, struct bf_err *err);

struct bf_slack_search {
    struct bf_sv channel;   /* an id; or a name, that is looked up first (channels:read) */
    struct bf_sv thread_ts; /* search this thread instead of the channel */
    struct bf_sv oldest;    /* seconds, as text; empty: no bound */
    struct bf_sv key;
};

/**
 * Read the newest 300 messages back and look for one of ours with this key. *found false: it is
 * not there. Without the scope for it (missing_scope) BF_EDENIED.
 */
BF_NODISCARD enum bf_code bf_slack_find(struct bf_slack *slack,
                                        const struct bf_slack_search *search, bool *found,
                                        struct bf_slack_posted *out, struct bf_err *err);

/** The stack's secret in Secrets Manager: {"bot_token","signing_secret"}. */
struct bf_slack_secret {
    struct bf_sv bot_token, signing_secret; /* empty: not in it */
};
BF_NODISCARD enum bf_code bf_slack_secret_parse(struct bf_arena *arena, struct bf_sv text,
                                                struct bf_slack_secret *out, struct bf_err *err);

/**
 * Whether Slack signed this request: HMAC-SHA256 over "v0:timestamp:body" with the signing
 * secret, compared in constant time; the timestamp is decimal digits and at most 300 s from
 * ${now}, in either direction ("Verifying requests from Slack"). Any other form is false.
 */
struct bf_slack_signed {
    struct bf_sv timestamp; /* X-Slack-Request-Timestamp */
    struct bf_sv signature; /* X-Slack-Signature: "v0=" and 64 lower-case hex digits */
    struct bf_sv body;      /* raw bytes, before any decoding of the form */
};
bool bf_slack_verify(struct bf_arena *arena, struct bf_sv signing_secret,
                     const struct bf_slack_signed *request, int64_t now);

#endif /* BF_SLACK_SLACK_H */

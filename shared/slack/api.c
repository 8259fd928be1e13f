#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "slack/blocks.h"
#include "slack/slack.h"
#include "slack/text.h"
#include "json/json.h"

enum {
    TIMEOUT_MS = 10 * 1000,
    ANSWER_MAX = 4 * 1024 * 1024,
    FIND_PAGES = 3,
    FIND_LIMIT = 100,
    LIST_PAGES = 5,
    LIST_LIMIT = 200,
};

/* ---- errors (Slack, "Errors" of chat.postMessage and "Rate limits") ---- */

struct known {
    const char *word;
    enum bf_code code;
};

static const struct known known[] = {
    {"invalid_auth", BF_EDENIED},         {"not_authed", BF_EDENIED},
    {"token_revoked", BF_EDENIED},        {"token_expired", BF_EDENIED},
    {"account_inactive", BF_EDENIED},     {"missing_scope", BF_EDENIED},
    {"no_permission", BF_EDENIED},        {"not_allowed_token_type", BF_EDENIED},
    {"channel_not_found", BF_ENOTFOUND},  {"message_not_found", BF_ENOTFOUND},
    {"thread_not_found", BF_ENOTFOUND},   {"ratelimited", BF_ETHROTTLED},
    {"rate_limited", BF_ETHROTTLED},      {"service_unavailable", BF_ESERVICE},
    {"team_added_to_org", BF_ESERVICE},   {"request_timeout", BF_ESERVICE},
    {"fatal_error", BF_EAMBIGUOUS},       {"internal_error", BF_EAMBIGUOUS},
    {"operation_timeout", BF_EAMBIGUOUS},
};

/* The form of the message, not its sending: it can be sent as plain text. */
static bool is_shape(const struct bf_err *err)
{
    static const char *const words[] = {
        "invalid_blocks",      "invalid_blocks_format", "msg_blocks_too_long",    "msg_too_long",
        "invalid_attachments", "block_mismatch",        "cannot_parse_attachment"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(err->reason, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum bf_code refused(const char *method, struct bf_sv word, struct bf_err *err)
{
    enum bf_code code = BF_EREFUSED;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (bf_sv_is(word, known[i].word)) {
            code = known[i].code;
        }
    }
    (void)bf_err_set(err, code, BF_NOWHERE, "Slack refused %s: " BF_SV_FMT, method,
                     BF_SV_ARG(bf_sv_slice(word, 0, 100)));
    (void)snprintf(err->reason, sizeof(err->reason), BF_SV_FMT, BF_SV_ARG(word));
    return code;
}

static enum bf_code by_status(struct bf_slack *slack, const char *method,
                              const struct bf_http_response *response, struct bf_err *err)
{
    if (response->status == 429) {
        (void)bf_err_set(err, BF_ETHROTTLED, BF_NOWHERE, "Slack limits the rate of %s", method);
        err->retry_after = bf_http_retry_after(response, slack->http->now_ms(slack->http) / 1000);
        (void)snprintf(err->reason, sizeof(err->reason), "ratelimited");
        return BF_ETHROTTLED;
    }
    if (response->status == 503) {
        (void)bf_err_set(err, BF_ESERVICE, BF_NOWHERE, "Slack does not serve %s: status 503",
                         method);
        err->retry_after = bf_http_retry_after(response, slack->http->now_ms(slack->http) / 1000);
        return BF_ESERVICE;
    }
    if (response->status >= 500) {
        return bf_err_set(err, BF_EAMBIGUOUS, BF_NOWHERE,
                          "Slack answered %s with status %d: it may have been carried out", method,
                          response->status);
    }
    return bf_err_set(err, BF_EREFUSED, BF_NOWHERE, "Slack answered %s with status %d", method,
                      response->status);
}

/* ---- one call ---- */

struct call {
    const char *method; /* "chat.postMessage" */
    const bf_json *body;
    struct bf_sv query; /* a GET with these parameters instead */
    bool repeatable;
};

static unsigned timeout_of(struct bf_slack *slack)
{
    int64_t left = TIMEOUT_MS;

    if (slack->deadline_ms != 0) {
        left = slack->deadline_ms - slack->http->now_ms(slack->http);
        left = left > TIMEOUT_MS ? TIMEOUT_MS : left;
    }
    return left < 0 ? 0 : (unsigned)left;
}

static enum bf_code read_answer(struct bf_slack *slack, const struct call *call,
                                const struct bf_http_response *response, bf_json **out,
                                struct bf_err *err)
{
    struct bf_err why = {0};

    if (response->status != 200) {
        return by_status(slack, call->method, response, err);
    }
    if (bf_json_parse(slack->arena, response->body, NULL, out, &why) != BF_OK ||
        bf_json_kind(*out) != BF_JSON_OBJECT) {
        return bf_err_set(err, BF_EAMBIGUOUS, BF_NOWHERE,
                          "Slack's answer to %s is no JSON object: it may have been carried out",
                          call->method);
    }
    if (bf_json_true(bf_json_get(*out, "ok"))) {
        return BF_OK;
    }
    struct bf_sv word = bf_json_str(*out, "error");
    enum bf_code code = refused(call->method, word.len == 0 ? BF_SV("no error word") : word, err);
    if (code == BF_ETHROTTLED || code == BF_ESERVICE) {
        err->retry_after = bf_http_retry_after(response, slack->http->now_ms(slack->http) / 1000);
    }
    return code;
}

static enum bf_code send(struct bf_slack *slack, const struct call *call, bf_json **out,
                         struct bf_err *err)
{
    struct bf_http_header headers[] = {
        {BF_SV("Authorization"),
         bf_sv_printf(slack->arena, "Bearer " BF_SV_FMT, BF_SV_ARG(slack->token))},
        {BF_SV("Content-Type"), BF_SV("application/json; charset=utf-8")}};
    struct bf_http_request request = {.method = call->body != NULL ? "POST" : "GET",
                                      .headers = headers,
                                      .header_count = call->body != NULL ? 2 : 1,
                                      .idempotent = call->repeatable,
                                      .timeout_ms = timeout_of(slack),
                                      .max_response = ANSWER_MAX};
    struct bf_http_response response = {0};

    if (request.timeout_ms == 0) {
        return bf_err_set(err, BF_ETIMEOUT, BF_NOWHERE, "no time is left for Slack's %s",
                          call->method);
    }
    request.url =
        bf_sv_printf(slack->arena, BF_SV_FMT "/%s%s" BF_SV_FMT, BF_SV_ARG(slack->api_url),
                     call->method, call->query.len == 0 ? "" : "?", BF_SV_ARG(call->query));
    if (call->body != NULL) {
        request.body = bf_json_text_of(slack->arena, call->body);
    }
    enum bf_code code = bf_http_send(slack->http, slack->arena, &request, &response, err);
    if (code != BF_OK) {
        return bf_err_wrap(err, "Slack's %s", call->method);
    }
    code = read_answer(slack, call, &response, out, err);
    bf_log(slack->log, BF_LOG_DEBUG, "slack %s: %s", call->method,
           code == BF_OK ? "ok" : err->reason);
    return code;
}

/* ---- messages ---- */

/* A UUID (version 5 in form) made from the key: the same message has the same one. */
static struct bf_sv message_id(struct bf_arena *arena, struct bf_sv key)
{
    struct bf_sv text = bf_sv_printf(arena, "buzzflow message " BF_SV_FMT, BF_SV_ARG(key));
    struct bf_sv hex = bf_sha256_hex(arena, text);

    return bf_sv_printf(arena, "%.8s-%.4s-5%.3s-a%.3s-%.12s", hex.ptr, hex.ptr + 8, hex.ptr + 12,
                        hex.ptr + 15, hex.ptr + 18);
}

static bf_json *body_of(struct bf_slack *slack, const struct bf_slack_message *message,
                        bool with_blocks)
{
    bf_json *body = bf_json_new_object(slack->arena);
    struct bf_buf text = bf_buf_new(slack->arena, (size_t)BF_SLACK_TEXT * 4);

    /* The text is mrkdwn already: it is cut, not escaped. */
    bf_buf_add(&text, message->text);
    (void)bf_json_add_str(body, "channel", message->channel);
    (void)bf_json_add_str(body, "text", bf_buf_sv(&text));
    if (with_blocks && message->blocks != NULL && bf_json_count(message->blocks) != 0) {
        (void)bf_json_add_copy(body, "blocks", message->blocks);
    }
    if (message->key.len != 0) {
        bf_json *metadata = bf_json_add_object(body, "metadata");
        (void)bf_json_add_str(metadata, "event_type", BF_SV("buzzflow"));
        (void)bf_json_add_str(bf_json_add_object(metadata, "event_payload"), "key", message->key);
    }
    return body;
}

static void clip_text(struct bf_slack *slack, struct bf_slack_message *message)
{
    struct bf_slack_blocks scratch = bf_slack_blocks_new(slack->arena);

    if (bf_slack_length(message->text) > BF_SLACK_TEXT) {
        /* Cut by the rules of a section, so that no link is cut in two. */
        bf_slack_section(&scratch, message->text);
        message->text = bf_json_str(bf_json_at(scratch.array, 0), "text.text");
    }
    if (bf_sv_trim(message->text).len == 0) {
        message->text = BF_SV("(no text)");
    }
}

enum bf_code bf_slack_post(struct bf_slack *slack, const struct bf_slack_message *message,
                           struct bf_slack_posted *out, struct bf_err *err)
{
    struct bf_slack_message m = *message;
    bf_json *answer = NULL;
    bool text_only = message->blocks == NULL;

    clip_text(slack, &m);
    for (;;) {
        bf_json *body = body_of(slack, &m, !text_only);
        (void)bf_json_add_bool(body, "unfurl_links", false);
        (void)bf_json_add_bool(body, "unfurl_media", false);
        if (m.thread_ts.len != 0) {
            (void)bf_json_add_str(body, "thread_ts", m.thread_ts);
            (void)bf_json_add_bool(body, "reply_broadcast", m.broadcast);
        }
        if (m.key.len != 0) {
            (void)bf_json_add_str(body, "client_msg_id", message_id(slack->arena, m.key));
        }
        struct call call = {.method = "chat.postMessage", .body = body};
        enum bf_code code = send(slack, &call, &answer, err);
        if (code == BF_OK) {
            break;
        }
        if (text_only || !is_shape(err)) {
            return code;
        }
        bf_log(slack->log, BF_LOG_WARN, "Slack refused the blocks of a message (%s); sent as text",
               err->reason);
        text_only = true;
    }
    *out = (struct bf_slack_posted){.channel = bf_json_str(answer, "channel"),
                                    .ts = bf_json_str(answer, "ts"),
                                    .text_only = text_only && message->blocks != NULL};
    if (out->ts.len == 0) {
        return bf_err_set(err, BF_EAMBIGUOUS, BF_NOWHERE,
                          "Slack's answer to chat.postMessage has no ts");
    }
    return BF_OK;
}

enum bf_code bf_slack_update(struct bf_slack *slack, const struct bf_slack_message *message,
                             const struct bf_slack_posted *at, struct bf_err *err)
{
    struct bf_slack_message m = *message;
    bf_json *answer = NULL;

    m.channel = at->channel;
    clip_text(slack, &m);
    for (bool text_only = message->blocks == NULL;;) {
        bf_json *body = body_of(slack, &m, !text_only);
        (void)bf_json_add_str(body, "ts", at->ts);
        if (text_only && message->blocks != NULL) { /* or the old blocks would stay */
            (void)bf_json_add_array(body, "blocks");
        }
        struct call call = {.method = "chat.update", .body = body, .repeatable = true};
        enum bf_code code = send(slack, &call, &answer, err);
        if (code == BF_OK || text_only || !is_shape(err)) {
            return code;
        }
        text_only = true;
    }
}

/* ---- reading back ---- */

static bool has_key(const bf_json *message, struct bf_sv key)
{
    return bf_sv_is(bf_json_str(message, "metadata.event_type"), "buzzflow") &&
           bf_sv_eq(bf_json_str(message, "metadata.event_payload.key"), key);
}

static bool is_channel_id(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return text.len >= 9 && (text.ptr[0] == 'C' || text.ptr[0] == 'G' || text.ptr[0] == 'D');
}

/* Reading takes ids only: look the name up in the list of channels. Empty: it is not there. */
static enum bf_code resolve_channel(struct bf_slack *slack, struct bf_sv channel, struct bf_sv *id,
                                    struct bf_err *err)
{
    struct bf_sv name = bf_sv_from(channel, bf_sv_starts(channel, BF_SV("#")) ? 1 : 0);
    struct bf_sv cursor = {0};

    *id = is_channel_id(channel) ? channel : (struct bf_sv){0};
    for (int page = 0; page < LIST_PAGES && id->len == 0; page++) {
        struct bf_buf query = bf_buf_new(slack->arena, 4096);
        bf_json *answer = NULL;
        bf_http_form(&query, BF_SV("limit"), bf_sv_printf(slack->arena, "%d", LIST_LIMIT));
        bf_http_form(&query, BF_SV("types"), BF_SV("public_channel,private_channel"));
        bf_http_form(&query, BF_SV("exclude_archived"), BF_SV("true"));
        if (cursor.len != 0) {
            bf_http_form(&query, BF_SV("cursor"), cursor);
        }
        struct call call = {
            .method = "conversations.list", .query = bf_buf_sv(&query), .repeatable = true};
        BF_TRY(send(slack, &call, &answer, err));
        for (bf_json *c = bf_json_first(bf_json_get(answer, "channels")); c != NULL;
             c = bf_json_next(c)) {
            if (bf_sv_eq(bf_json_str(c, "name"), name)) {
                *id = bf_json_str(c, "id");
            }
        }
        cursor = bf_json_str(answer, "response_metadata.next_cursor");
        if (cursor.len == 0) {
            return BF_OK;
        }
    }
    return BF_OK;
}

enum bf_code bf_slack_find(struct bf_slack *slack, const struct bf_slack_search *search,
                           bool *found, struct bf_slack_posted *out, struct bf_err *err)
{
    struct bf_sv cursor = {0}, channel = {0};

    *found = false;
    BF_TRY(resolve_channel(slack, search->channel, &channel, err));
    for (int page = 0; page < FIND_PAGES && channel.len != 0; page++) {
        struct bf_buf query = bf_buf_new(slack->arena, 4096);
        bf_json *answer = NULL;
        bf_http_form(&query, BF_SV("channel"), channel);
        bf_http_form(&query, BF_SV("limit"), bf_sv_printf(slack->arena, "%d", FIND_LIMIT));
        bf_http_form(&query, BF_SV("include_all_metadata"), BF_SV("true"));
        if (search->thread_ts.len != 0) {
            bf_http_form(&query, BF_SV("ts"), search->thread_ts);
        }
        if (search->oldest.len != 0) {
            bf_http_form(&query, BF_SV("oldest"), search->oldest);
        }
        if (cursor.len != 0) {
            bf_http_form(&query, BF_SV("cursor"), cursor);
        }
        struct call call = {.method = search->thread_ts.len != 0 ? "conversations.replies"
                                                                 : "conversations.history",
                            .query = bf_buf_sv(&query),
                            .repeatable = true};
        BF_TRY(send(slack, &call, &answer, err));
        for (bf_json *m = bf_json_first(bf_json_get(answer, "messages")); m != NULL;
             m = bf_json_next(m)) {
            if (has_key(m, search->key)) {
                *found = true;
                *out = (struct bf_slack_posted){.channel = channel, .ts = bf_json_str(m, "ts")};
                return BF_OK;
            }
        }
        cursor = bf_json_str(answer, "response_metadata.next_cursor");
        if (cursor.len == 0) {
            return BF_OK;
        }
    }
    return BF_OK;
}

#include "alert/sender.h"

#include <stdbool.h>
#include <string.h>

#include "aws/aws.h"
#include "aws/secrets.h"
#include "base/err.h"
#include "base/sv.h"
#include "slack/slack.h"

static enum bf_code fetch_token(const struct bf_sending *s, struct bf_err *err)
{
    struct bf_slack_secret secret = {0};
    struct bf_sv text = {0};

    BF_TRY(bf_secrets_get(s->aws, s->sender->secret_arn, &text, err));
    BF_TRY(bf_slack_secret_parse(s->aws->arena, text, &secret, err));
    if (secret.bot_token.len == 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "the Slack secret has no 'bot_token'; without one nothing can be posted");
    }
    s->sender->token = bf_sv_dup(s->sender->memory, secret.bot_token);
    return BF_OK;
}

static struct bf_slack slack_of(const struct bf_sending *s)
{
    return (struct bf_slack){.http = s->sender->http,
                             .arena = s->aws->arena,
                             .log = s->aws->log,
                             .api_url = s->sender->api_url,
                             .token = s->sender->token,
                             .deadline_ms = s->aws->deadline_ms};
}

/* A token that Slack does not know any more; a missing scope does not come with another token. */
static bool is_stale(enum bf_code code, const struct bf_err *err)
{
    return code == BF_EDENIED && strcmp(err->reason, "missing_scope") != 0;
}

enum { POST, UPDATE, FIND };

struct what {
    int kind;
    const struct bf_slack_message *message;
    const struct bf_slack_posted *at;
    const struct bf_slack_search *search;
    bool *found;
    struct bf_slack_posted *out;
};

static enum bf_code once(const struct bf_sending *s, const struct what *what, struct bf_err *err)
{
    struct bf_slack slack = slack_of(s);

    switch (what->kind) {
    case POST:
        return bf_slack_post(&slack, what->message, what->out, err);
    case UPDATE:
        return bf_slack_update(&slack, what->message, what->at, err);
    default:
        return bf_slack_find(&slack, what->search, what->found, what->out, err);
    }
}

static enum bf_code call(const struct bf_sending *s, const struct what *what, struct bf_err *err)
{
    if (s->sender->token.len == 0) {
        BF_TRY(fetch_token(s, err));
    }
    enum bf_code code = once(s, what, err);
    if (!is_stale(code, err)) {
        return code;
    }
    BF_TRY(fetch_token(s, err));
    return once(s, what, err);
}

enum bf_code bf_sender_post(const struct bf_sending *s, const struct bf_slack_message *message,
                            struct bf_slack_posted *out, struct bf_err *err)
{
    return call(s, &(struct what){.kind = POST, .message = message, .out = out}, err);
}

enum bf_code bf_sender_update(const struct bf_sending *s, const struct bf_slack_message *message,
                              const struct bf_slack_posted *at, struct bf_err *err)
{
    return call(s, &(struct what){.kind = UPDATE, .message = message, .at = at}, err);
}

enum bf_code bf_sender_find(const struct bf_sending *s, const struct bf_slack_search *search,
                            bool *found, struct bf_slack_posted *out, struct bf_err *err)
{
    return call(s, &(struct what){.kind = FIND, .search = search, .found = found, .out = out}, err);
}

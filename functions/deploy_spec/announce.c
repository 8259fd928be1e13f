#include "functions/deploy_spec/announce.h"

#include "aws/secrets.h"
#include "ledger/ledger.h"
#include "slack/blocks.h"
#include "slack/text.h"

enum {
    DIAGNOSTICS_SHOWN = 2500, /* characters of diagnostics in a message */
    WRITTEN_SHOWN = 10,       /* lines of what was written */
    LEASE = 30,               /* seconds that posting may take */
};

/* ---- the message ---- */

static void add_written(struct bf_buf *out, const bf_json *written)
{
    const size_t count = bf_json_count(written);
    size_t shown = 0;

    for (const bf_json *w = bf_json_first(written); w != NULL && shown < WRITTEN_SHOWN;
         w = bf_json_next(w)) {
        bf_buf_addz(out, "\n• ");
        bf_slack_escape(out, bf_json_text(w));
        shown++;
    }
    if (count > shown) {
        bf_buf_printf(out, "\n• and %zu more", count - shown);
    }
}

static void add_subject(struct bf_buf *out, const bf_json *record)
{
    const struct bf_sv pipeline = bf_json_str(record, "pipeline");

    bf_slack_code_span(out, pipeline.len != 0 ? pipeline : bf_json_str(record, "key"));
}

static void add_file(struct bf_slack_blocks *blocks, const bf_json *record)
{
    struct bf_buf text = bf_buf_new(blocks->arena, 4096);

    bf_slack_escape(&text, bf_json_str(record, "bucket"));
    bf_buf_addz(&text, "/");
    bf_slack_escape(&text, bf_json_str(record, "key"));
    bf_buf_addz(&text, " · version ");
    bf_slack_escape(&text, bf_json_str(record, "version_id"));
    bf_slack_context(blocks, bf_buf_sv(&text));
}

static struct bf_sv headline(struct bf_arena *arena, const bf_json *record)
{
    const struct bf_sv status = bf_json_str(record, "status");
    struct bf_buf text = bf_buf_new(arena, 4096);

    if (bf_sv_is(status, "ok")) {
        bf_buf_addz(&text, ":package: Deployed ");
    } else if (bf_sv_is(status, "removed")) {
        bf_buf_addz(&text, ":wastebasket: Removed ");
    } else {
        bf_buf_addz(&text, ":no_entry: Not deployed: ");
    }
    add_subject(&text, record);
    bf_buf_addz(&text, bf_sv_is(status, "removed") ? " from " : " to ");
    bf_slack_escape(&text, bf_json_str(record, "environment"));
    return bf_buf_sv(&text);
}

/* What is to be said about a failure besides the diagnostics. */
static void add_failure(struct bf_slack_blocks *blocks, const bf_json *record,
                        struct bf_sv diagnostics)
{
    struct bf_buf text = bf_buf_new(blocks->arena, 4096);
    const bf_json *restored = bf_json_get(record, "restored");
    const struct bf_sv error = bf_json_str(record, "error");

    if (error.len != 0) {
        bf_slack_escape(&text, error);
        bf_buf_addz(&text, "\n");
    }
    if (restored == NULL || bf_json_true(restored)) {
        bf_buf_addz(&text, "What was deployed before is untouched.");
    } else {
        bf_buf_addz(&text, "*What was deployed before could not be restored completely.*");
    }
    if (diagnostics.len != 0) {
        bf_slack_preformatted(blocks, diagnostics, DIAGNOSTICS_SHOWN);
    }
    bf_slack_section(blocks, bf_buf_sv(&text));
}

/* The tags say which version of the file is deployed: that alone is no news. */
static bool is_news(const bf_json *written)
{
    for (const bf_json *w = bf_json_first(written); w != NULL; w = bf_json_next(w)) {
        if (!bf_sv_starts(bf_json_text(w), BF_SV("set tags"))) {
            return true;
        }
    }
    return false;
}

bool announce_message(struct bf_arena *arena, const struct bf_deployment *deployment,
                      struct bf_slack_message *out)
{
    const bf_json *record = deployment->record;
    const bf_json *written = bf_json_get(record, "written");
    const struct bf_sv status = bf_json_str(record, "status");
    const bool failed = bf_sv_is(status, "failed");
    struct bf_slack_blocks blocks = bf_slack_blocks_new(arena);
    struct bf_buf body = bf_buf_new(arena, 8192);

    if (record == NULL || (!failed && !is_news(written)) || bf_sv_is(status, "superseded")) {
        return false;
    }
    const struct bf_sv head = headline(arena, record);
    bf_buf_add(&body, head);
    add_written(&body, written);
    bf_slack_section(&blocks, bf_buf_sv(&body));
    if (failed) {
        add_failure(&blocks, record, deployment->text);
    }
    add_file(&blocks, record);
    *out = (struct bf_slack_message){.text = head, .blocks = blocks.array};
    return true;
}

/* ---- posting ---- */

static struct bf_sv channel_of(const struct announcer *a, const struct bf_deployment *deployment)
{
    return deployment->alerts.slack.count != 0 ? deployment->alerts.slack.items[0] : a->channel;
}

static enum bf_code fetch_token(struct announcer *a, const struct bf_inbox_call *call,
                                struct bf_err *err)
{
    struct bf_slack_secret secret;
    struct bf_sv text = {0};

    BF_TRY(bf_secrets_get(call->aws, a->secret_arn, &text, err));
    BF_TRY(bf_slack_secret_parse(call->arena, text, &secret, err));
    a->token = bf_sv_dup(a->memory, secret.bot_token);
    return BF_OK;
}

static enum bf_code post_once(struct announcer *a, const struct bf_inbox_call *call,
                              const struct bf_slack_message *message, bool look_first,
                              struct bf_err *err)
{
    struct bf_slack slack = {.http = a->http,
                             .arena = call->arena,
                             .log = call->log,
                             .api_url = a->api_url,
                             .token = a->token,
                             .deadline_ms = call->deadline_ms};
    const struct bf_slack_search search = {.channel = message->channel, .key = message->key};
    struct bf_slack_posted posted = {0};
    struct bf_err denied = {0};
    bool found = false;

    /* Without the scope for reading back a second note is allowed. */
    if (look_first && bf_slack_find(&slack, &search, &found, &posted, &denied) == BF_OK && found) {
        return BF_OK;
    }
    return bf_slack_post(&slack, message, &posted, err);
}

static enum bf_code post(struct announcer *a, const struct bf_inbox_call *call,
                         const struct bf_slack_message *message, bool look_first,
                         struct bf_err *err)
{
    if (a->token.len == 0) {
        BF_TRY(fetch_token(a, call, err));
    }
    enum bf_code code = post_once(a, call, message, look_first, err);
    if (code != BF_EDENIED) {
        return code;
    }
    BF_TRY(fetch_token(a, call, err)); /* it may have been rotated */
    return post_once(a, call, message, look_first, err);
}

enum bf_code announce(struct announcer *announcer, const struct bf_inbox_call *call,
                      const struct bf_deployment *deployment, struct bf_err *err)
{
    const bf_json *record = deployment->record;
    struct bf_slack_message message;
    struct bf_ledger ledger = {.aws = call->aws, .table = announcer->table};
    struct bf_claim claim;
    struct bf_err trouble = {0};

    if (announcer->secret_arn.len == 0 || channel_of(announcer, deployment).len == 0 ||
        !announce_message(call->arena, deployment, &message)) {
        return BF_OK;
    }
    message.channel = channel_of(announcer, deployment);
    message.key = bf_sv_printf(
        call->arena,
        "deployment " BF_SV_FMT " " BF_SV_FMT " " BF_SV_FMT " " BF_SV_FMT " " BF_SV_FMT,
        BF_SV_ARG(bf_json_str(record, "status")), BF_SV_ARG(bf_json_str(record, "key")),
        BF_SV_ARG(bf_json_str(record, "sequencer")), BF_SV_ARG(bf_json_str(record, "version_id")),
        BF_SV_ARG(bf_json_str(record, "platform_version_id")));
    const struct bf_claim_wish wish = {
        .key = message.key, .owner = call->request_id, .lease_seconds = LEASE};
    BF_TRY(bf_ledger_claim(&ledger, &wish, &claim, err));
    if (claim.outcome == BF_CLAIM_DONE) {
        return BF_OK;
    }
    if (claim.outcome == BF_CLAIM_BUSY) {
        return bf_err_set(err, BF_ECONFLICT, BF_NOWHERE, "the note is being posted by another");
    }
    enum bf_code code = post(announcer, call, &message, claim.taken_over, &trouble);
    if (code != BF_OK && bf_code_is_transient(code)) {
        const bool unsure = code == BF_EAMBIGUOUS;
        *err = trouble;
        struct bf_err ignored = {0};
        if (bf_ledger_release(&ledger, &claim, unsure, &ignored) != BF_OK) {
            bf_log(call->log, BF_LOG_WARN, "%s", ignored.msg);
        }
        return code;
    }
    if (code != BF_OK) {
        bf_log(call->log, BF_LOG_ERROR, "no note about the deployment in " BF_SV_FMT ": %s",
               BF_SV_ARG(message.channel), trouble.msg);
    }
    return bf_ledger_complete(&ledger, &claim, NULL, err);
}

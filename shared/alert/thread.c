#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/alerter.h"
#include "alert/message.h"
#include "alert/sender.h"
#include "aws/aws.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "crypto/crypto.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "slack/slack.h"
#include "json/json.h"

enum { LEASE_EXTRA = 2, LEASE_DEFAULT = 60, FIND_BACK = 3600 };

static struct bf_ledger ledger_of(struct bf_alerter *alerter)
{
    return (struct bf_ledger){.aws = alerter->aws, .table = alerter->table};
}

/* As long as this invocation can live. */
static int64_t lease_of(const struct bf_alerter *alerter)
{
    int64_t left = bf_aws_left_ms(alerter->aws);

    return left > (int64_t)15 * 60 * 1000 ? LEASE_DEFAULT : (left / 1000) + LEASE_EXTRA;
}

/* ---- posting once ---- */

/*
 * Somebody had the claim and left no result: he may have posted. Look before posting again.
 * Without the scope for it a second post is better than none.
 */
static enum bf_code look_back(struct bf_alerter *alerter, const struct bf_slack_message *message,
                              bool *found, struct bf_slack_posted *out, struct bf_err *err)
{
    const struct bf_sending sending = {.sender = alerter->sender, .aws = alerter->aws};
    const struct bf_slack_search search = {
        .channel = message->channel, .thread_ts = message->thread_ts, .key = message->key};
    struct bf_err why = {0};

    enum bf_code code = bf_sender_find(&sending, &search, found, out, &why);
    if (code == BF_OK) {
        return BF_OK;
    }
    if (bf_code_is_transient(code)) {
        *err = why;
        return code;
    }
    bf_log(alerter->aws->log, BF_LOG_WARN, "the channel cannot be read back (%s); posting again",
           why.reason[0] != '\0' ? why.reason : why.msg);
    *found = false;
    return BF_OK;
}

static enum bf_code post_claimed(struct bf_alerter *alerter, const struct bf_claim *claim,
                                 const struct bf_slack_message *message, bool *found,
                                 struct bf_slack_posted *out, struct bf_err *err)
{
    const struct bf_sending sending = {.sender = alerter->sender, .aws = alerter->aws};

    if (claim->taken_over) {
        BF_TRY(look_back(alerter, message, found, out, err));
    }
    return *found ? BF_OK : bf_sender_post(&sending, message, out, err);
}

enum bf_code bf_post_once(struct bf_alerter *alerter, const struct bf_slack_message *message,
                          struct bf_slack_posted *out, bool *mine, struct bf_err *err)
{
    bool found = false;

    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_claim claim = {0};
    const struct bf_claim_wish wish = {
        .key = message->key, .owner = alerter->request_id, .lease_seconds = lease_of(alerter)};

    if (mine != NULL) {
        *mine = false;
    }
    BF_TRY(bf_ledger_claim(&ledger, &wish, &claim, err));
    if (claim.outcome == BF_CLAIM_DONE) {
        *out = (struct bf_slack_posted){.channel = bf_json_str(claim.result, "channel"),
                                        .ts = bf_json_str(claim.result, "ts")};
        return BF_OK;
    }
    if (claim.outcome == BF_CLAIM_BUSY) {
        (void)bf_err_set(err, BF_ECONFLICT, BF_NOWHERE, "another invocation is posting this");
        err->retry_after = 2;
        return BF_ECONFLICT;
    }
    enum bf_code code = post_claimed(alerter, &claim, message, &found, out, err);
    if (code != BF_OK) {
        struct bf_err ignored = {0};
        bool unsure = code == BF_EAMBIGUOUS;
        if (bf_ledger_release(&ledger, &claim, unsure, &ignored) != BF_OK) {
            bf_log(alerter->aws->log, BF_LOG_WARN, "%s", ignored.msg);
        }
        return code;
    }
    if (mine != NULL) {
        *mine = !found;
    }
    bf_json *result = bf_json_new_object(arena);
    (void)bf_json_add_str(result, "channel", out->channel);
    (void)bf_json_add_str(result, "ts", out->ts);
    return bf_ledger_complete(&ledger, &claim, result, err);
}

/* ---- the root message ---- */

enum bf_code bf_thread_read(struct bf_alerter *alerter, struct bf_sv execution_arn,
                            struct bf_sv channel, struct bf_thread *out, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_ledger_key key = bf_key_thread(alerter->aws->arena, execution_arn, channel);

    BF_TRY(bf_ledger_get(&ledger, &key, &out->item, err));
    out->item.key = key;
    out->at = (struct bf_slack_posted){.channel = bf_json_str(out->item.document, "channel"),
                                       .ts = bf_json_str(out->item.document, "ts")};
    return BF_OK;
}

static bf_json *document_of(struct bf_arena *arena, const struct bf_showing *showing,
                            const struct bf_slack_posted *at, struct bf_sv hash, bool shown)
{
    bf_json *document = bf_json_new_object(arena);

    (void)bf_json_add_str(document, "channel", at->channel);
    (void)bf_json_add_str(document, "ts", at->ts);
    (void)bf_json_add_i64(document, "attempt", showing->attempt);
    (void)bf_json_add_i64(document, "rank", showing->rank);
    (void)bf_json_add_i64(document, "progress", showing->progress);
    (void)bf_json_add_str(document, "hash", hash);
    (void)bf_json_add_bool(document, "shown", shown);
    return document;
}

static int64_t member(const bf_json *document, const char *name)
{
    int64_t out = 0;

    return bf_json_i64(bf_json_get(document, name), 0, INT64_MAX / 2, &out) ? out : 0;
}

/* Does the message already tell of something later? */
static bool is_later(const bf_json *shown, const struct bf_showing *mine)
{
    int64_t a[3] = {member(shown, "attempt"), member(shown, "rank"), member(shown, "progress")};
    int64_t b[3] = {mine->attempt, mine->rank, mine->progress};

    for (size_t i = 0; i < 3; i++) {
        if (a[i] != b[i]) {
            return a[i] > b[i];
        }
    }
    return false;
}

static struct bf_sv hash_of(struct bf_arena *arena, const struct bf_words *message)
{
    struct bf_sv text = bf_sv_printf(arena, BF_SV_FMT "\n" BF_SV_FMT, BF_SV_ARG(message->text),
                                     BF_SV_ARG(bf_json_text_of(arena, message->blocks)));

    return bf_sv_slice(bf_sha256_hex(arena, text), 0, 32);
}

static enum bf_code post_root(struct bf_alerter *alerter, const struct bf_slack_message *message,
                              const struct bf_showing *showing, struct bf_thread *thread,
                              struct bf_sv hash, struct bf_err *err)
{
    struct bf_ledger ledger = ledger_of(alerter);

    bool mine = false;

    /* What another process posted may show less than we know: it is not "shown" yet. */
    BF_TRY(bf_post_once(alerter, message, &thread->at, &mine, err));
    thread->item.document = document_of(alerter->aws->arena, showing, &thread->at, hash, mine);
    return bf_ledger_put(&ledger, &thread->item, BF_LEDGER_RUN_DAYS, err);
}

static enum bf_code update_root(struct bf_alerter *alerter, const struct bf_slack_message *message,
                                struct bf_thread *thread, bool *again, struct bf_err *err)
{
    const struct bf_sending sending = {.sender = alerter->sender, .aws = alerter->aws};
    struct bf_ledger ledger = ledger_of(alerter);
    bf_json *document = thread->item.document;

    enum bf_code code = bf_sender_update(&sending, message, &thread->at, err);
    if (code == BF_ENOTFOUND) { /* somebody deleted it: his will is respected */
        bf_log(alerter->aws->log, BF_LOG_WARN, "the message of the run is gone from the channel");
    } else if (code != BF_OK) {
        return code;
    }
    bf_json_remove(document, "shown");
    (void)bf_json_add_bool(document, "shown", true);
    code = bf_ledger_put(&ledger, &thread->item, BF_LEDGER_RUN_DAYS, err);
    if (code == BF_ECONFLICT) { /* whoever wrote since may have been overwritten by us */
        *again = true;
        return BF_OK;
    }
    return code;
}

enum bf_code bf_thread_show(struct bf_alerter *alerter, const struct bf_showing *showing,
                            struct bf_sv channel, struct bf_slack_posted *at, bool *again,
                            struct bf_err *err)
{
    struct bf_arena *arena = alerter->aws->arena;
    struct bf_ledger ledger = ledger_of(alerter);
    struct bf_words root = bf_message_root(arena, showing->view);
    struct bf_sv arn = showing->view->execution_arn, hash = hash_of(arena, &root);
    struct bf_slack_message message = {.channel = channel,
                                       .text = root.text,
                                       .blocks = root.blocks,
                                       .key = bf_sv_printf(arena, "root " BF_SV_FMT " " BF_SV_FMT,
                                                           BF_SV_ARG(arn), BF_SV_ARG(channel))};
    struct bf_thread thread = {0};

    *again = false;
    BF_TRY(bf_thread_read(alerter, arn, channel, &thread, err));
    if (thread.at.ts.len == 0) {
        BF_TRY(post_root(alerter, &message, showing, &thread, hash, err));
    }
    *at = thread.at;
    const bf_json *document = thread.item.document;
    bool same = bf_sv_eq(bf_json_str(document, "hash"), hash);
    if (!showing->force &&
        ((same && bf_json_true(bf_json_get(document, "shown"))) || is_later(document, showing))) {
        return BF_OK;
    }
    if (!same || showing->force) {
        thread.item.document = document_of(arena, showing, &thread.at, hash, false);
        BF_TRY(bf_ledger_put(&ledger, &thread.item, BF_LEDGER_RUN_DAYS, err));
    }
    return update_root(alerter, &message, &thread, again, err);
}

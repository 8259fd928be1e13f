#include "crypto/crypto.h"
#include "ledger/internal.h"

enum {
    MARK_BYTES = 8,
    ROUNDS = 4,           /* of losing the row to somebody else while we look */
    TOUCH_AFTER_DAYS = 1, /* a done claim that is asked for lives on; not written more often */
};

/* What a row says. */
struct row {
    bool exists, done;
    struct bf_sv owner;
    int64_t lease_until, expires_at;
};

static struct row read_row(const bf_json *item)
{
    return (struct row){.exists = item != NULL,
                        .done = bf_sv_is(bf_ddb_text(item, "status"), "done"),
                        .owner = bf_ddb_text(item, "owner"),
                        .lease_until = bf_ddb_int(item, "lease_until", 0),
                        .expires_at = bf_ddb_int(item, "expires_at", 0)};
}

/* Adds ":me" and the condition that the row is ours, in state ${status} unless that is NULL. */
static void if_ours(bf_json *in, const struct bf_claim *claim, const char *condition)
{
    (void)bf_json_add_str(in, "ConditionExpression", bf_sv_of(condition));
    bf_ledger_name(in, "owner");
    bf_ledger_value_str(in, ":me", claim->owner);
}

/* Take the row as it was read: nobody may have changed it since. */
static enum bf_code take(struct bf_ledger *ledger, const struct bf_claim *claim,
                         const struct row *row, struct bf_sv note, struct bf_err *err)
{
    bf_json *attributes = NULL;
    bf_json *in = bf_ledger_request(ledger, "Item", &claim->key, &attributes);

    bf_ddb_str(attributes, "status", BF_SV("held"));
    bf_ddb_str(attributes, "owner", claim->owner);
    bf_ddb_num(attributes, "lease_until", claim->lease_until);
    bf_ddb_num(attributes, "expires_at", bf_ledger_expiry(ledger, BF_LEDGER_CLAIM_DAYS));
    if (note.len != 0) {
        bf_ddb_str(attributes, "note", note);
    }
    if (!row->exists) {
        (void)bf_json_add_str(in, "ConditionExpression", BF_SV("attribute_not_exists(pk)"));
    } else {
        (void)bf_json_add_str(in, "ConditionExpression",
                              BF_SV("#status = :held AND #owner = :old AND lease_until = :lease"));
        bf_ledger_name(in, "status");
        bf_ledger_name(in, "owner");
        bf_ledger_value_str(in, ":held", BF_SV("held"));
        bf_ledger_value_str(in, ":old", row->owner);
        bf_ledger_value_num(in, ":lease", row->lease_until);
    }
    return bf_ddb_put(ledger->aws, in, NULL, err);
}

/* Best effort: who asks late (a dead letter) finds the result for as long again. */
static void touch(struct bf_ledger *ledger, const struct bf_claim *claim, const struct row *row)
{
    const int64_t wanted = bf_ledger_expiry(ledger, BF_LEDGER_CLAIM_DAYS);
    bf_json *in = bf_ledger_request(ledger, "Key", &claim->key, NULL);
    struct bf_err ignored = {0};

    if (wanted - row->expires_at < (int64_t)TOUCH_AFTER_DAYS * BF_LEDGER_DAY) {
        return;
    }
    (void)bf_json_add_str(in, "UpdateExpression", BF_SV("SET expires_at = :until"));
    (void)bf_json_add_str(in, "ConditionExpression", BF_SV("attribute_exists(pk)"));
    bf_ledger_value_num(in, ":until", wanted);
    if (bf_ddb_update(ledger->aws, in, NULL, &ignored) != BF_OK) {
        bf_log(ledger->aws->log, BF_LOG_INFO, "not touched: %s", ignored.msg);
    }
}

/* The row says who it is; true when that settles the matter. */
static bool judge(struct bf_ledger *ledger, const struct row *row, struct bf_claim *out)
{
    out->lease_until = row->lease_until;
    out->taken_over = false;
    if (row->done) {
        out->outcome = BF_CLAIM_DONE;
        touch(ledger, out, row);
        return true;
    }
    if (row->exists && row->lease_until > out->time) {
        out->outcome = BF_CLAIM_BUSY;
        return true;
    }
    out->outcome = BF_CLAIM_TAKEN;
    out->taken_over = row->exists;
    return false;
}

/* The write whose answer was lost, or that its own repeat was refused for. */
static bool is_ours(struct bf_ledger *ledger, const struct bf_claim *claim)
{
    struct bf_err ignored = {0};
    bf_json *item = NULL;

    return bf_ledger_read(ledger, &claim->key, &item, &ignored) == BF_OK &&
           bf_sv_eq(bf_ddb_text(item, "owner"), claim->owner);
}

enum bf_code bf_ledger_claim(struct bf_ledger *ledger, const struct bf_claim_wish *wish,
                             struct bf_claim *out, struct bf_err *err)
{
    struct bf_arena *arena = ledger->aws->arena;
    struct bf_err failure = {.code = BF_ECONFLICT};

    *out = (struct bf_claim){
        .key = bf_key_claim(arena, wish->key),
        .owner = bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(wish->owner),
                              BF_SV_ARG(bf_random_hex(arena, MARK_BYTES))),
    };
    for (int round = 0; round < ROUNDS && failure.code == BF_ECONFLICT; round++) {
        bf_json *item = NULL;
        /* Read first: the answer tells the service's time, by which the lease is judged and set. */
        BF_TRY(bf_ledger_read(ledger, &out->key, &item, err));
        const struct row row = read_row(item);
        out->time = bf_aws_time(ledger->aws, NULL);
        BF_TRY(bf_ledger_parse(ledger, item, "note", &out->note, err));
        if (judge(ledger, &row, out)) {
            return bf_ledger_parse(ledger, item, "document", &out->result, err);
        }
        out->lease_until = out->time + wish->lease_seconds;
        enum bf_code code = take(ledger, out, &row, bf_ddb_text(item, "note"), &failure);
        if (code == BF_OK || (bf_ledger_in_doubt(code) && is_ours(ledger, out))) {
            return BF_OK;
        }
    }
    *err = failure;
    return bf_err_wrap(err, "claim " BF_SV_FMT, BF_SV_ARG(wish->key));
}

static enum bf_code lost(enum bf_code code, const struct bf_claim *claim, struct bf_err *err)
{
    if (code != BF_ECONFLICT) {
        return code;
    }
    return bf_err_set(err, BF_ECONFLICT, BF_NOWHERE,
                      "claim " BF_SV_FMT " is not ours any more: it took longer than its lease",
                      BF_SV_ARG(claim->key.pk));
}

enum bf_code bf_ledger_note(struct bf_ledger *ledger, struct bf_claim *claim, const bf_json *note,
                            struct bf_err *err)
{
    bf_json *in = bf_ledger_request(ledger, "Key", &claim->key, NULL);
    struct bf_sv text = {0};

    BF_TRY(bf_ledger_text(ledger, &claim->key, note, &text, err));
    if_ours(in, claim, "#owner = :me AND #status = :held");
    bf_ledger_name(in, "status");
    bf_ledger_value_str(in, ":held", BF_SV("held"));
    bf_ledger_name(in, "note");
    (void)bf_json_add_str(in, "UpdateExpression", BF_SV("SET #note = :note"));
    bf_ledger_value_str(in, ":note", text);
    BF_TRY(lost(bf_ddb_update(ledger->aws, in, NULL, err), claim, err));
    claim->note = bf_json_new_array(ledger->aws->arena);
    claim->note = bf_json_add_copy(claim->note, NULL, note);
    return BF_OK;
}

enum bf_code bf_ledger_complete(struct bf_ledger *ledger, struct bf_claim *claim,
                                const bf_json *result, struct bf_err *err)
{
    bf_json *in = bf_ledger_request(ledger, "Key", &claim->key, NULL);
    struct bf_sv text = {0};

    /* The owner stays in the row, so that a repeat of this very write passes its condition. */
    if_ours(in, claim, "#owner = :me");
    bf_ledger_name(in, "status");
    bf_ledger_value_str(in, ":done", BF_SV("done"));
    bf_ledger_value_num(in, ":until", bf_ledger_expiry(ledger, BF_LEDGER_CLAIM_DAYS));
    if (result == NULL) {
        (void)bf_json_add_str(in, "UpdateExpression",
                              BF_SV("SET #status = :done, expires_at = :until"));
    } else {
        BF_TRY(bf_ledger_text(ledger, &claim->key, result, &text, err));
        (void)bf_json_add_str(
            in, "UpdateExpression",
            BF_SV("SET #status = :done, expires_at = :until, #document = :result"));
        bf_ledger_name(in, "document");
        bf_ledger_value_str(in, ":result", text);
    }
    return lost(bf_ddb_update(ledger->aws, in, NULL, err), claim, err);
}

static enum bf_code end_lease(struct bf_ledger *ledger, const struct bf_claim *claim,
                              struct bf_err *err)
{
    bf_json *in = bf_ledger_request(ledger, "Key", &claim->key, NULL);

    if_ours(in, claim, "#owner = :me AND #status = :held");
    bf_ledger_name(in, "status");
    bf_ledger_value_str(in, ":held", BF_SV("held"));
    (void)bf_json_add_str(in, "UpdateExpression", BF_SV("SET lease_until = :now"));
    bf_ledger_value_num(in, ":now", 0);
    return bf_ddb_update(ledger->aws, in, NULL, err);
}

enum bf_code bf_ledger_release(struct bf_ledger *ledger, struct bf_claim *claim, bool unsure,
                               struct bf_err *err)
{
    struct bf_err failure = {0};
    enum bf_code code = BF_OK;

    if (unsure || claim->taken_over || claim->note != NULL) {
        code = end_lease(ledger, claim, &failure);
    } else {
        bf_json *in = bf_ledger_request(ledger, "Key", &claim->key, NULL);
        if_ours(in, claim, "#owner = :me AND #status = :held");
        bf_ledger_name(in, "status");
        bf_ledger_value_str(in, ":held", BF_SV("held"));
        code = bf_ddb_delete(ledger->aws, in, NULL, &failure);
    }
    if (code == BF_OK ||
        code == BF_ECONFLICT) { /* a conflict: somebody else has it, or it is done */
        return BF_OK;
    }
    *err = failure;
    return code;
}

#include "crypto/crypto.h"
#include "deploy/work.h"

struct bf_s3_at bf_work_store(const struct bf_work *w)
{
    const struct bf_pipeline *pipeline = w->reading.spec.pipeline;
    struct bf_arena *arena = w->d->aws->arena;

    return (struct bf_s3_at){
        .bucket = pipeline->bucket,
        .key = bf_sv_printf(arena, BF_SV_FMT "definitions/", BF_SV_ARG(pipeline->prefix))};
}

struct bf_sv bf_work_token(const struct bf_work *w, struct bf_sv name)
{
    struct bf_arena *arena = w->d->aws->arena;

    return bf_sha256_hex(
        arena, bf_sv_printf(arena,
                            "deploy\n" BF_SV_FMT "\n" BF_SV_FMT "\n" BF_SV_FMT "\n" BF_SV_FMT
                            "\n" BF_SV_FMT "\n" BF_SV_FMT,
                            BF_SV_ARG(w->d->stack->environment), BF_SV_ARG(name),
                            BF_SV_ARG(w->wish->key), BF_SV_ARG(w->reading.version_id),
                            BF_SV_ARG(w->sequencer), BF_SV_ARG(w->reading.platform_version_id)));
}

static bool same_deployment(const bf_json *a, const bf_json *b)
{
    static const char *const identity[] = {"sequencer", "version_id", "platform_version_id"};
    bool same = true;

    for (size_t i = 0; i < BF_COUNTOF(identity); i++) {
        same = same && bf_sv_eq(bf_json_str(a, identity[i]), bf_json_str(b, identity[i]));
    }
    return same;
}

/*
 * Its deployment came to an end, or a later one did, which took it up: only the journal was not
 * deleted any more. To restore by it now would undo what was deployed since.
 */
static bool is_stale(const bf_json *journal, const bf_json *latest)
{
    const bf_json *restored = bf_json_get(latest, "restored");

    if (journal == NULL || latest == NULL || (restored != NULL && !bf_json_true(restored))) {
        return false;
    }
    return same_deployment(journal, latest) ||
           bf_sequencer_cmp(bf_json_str(journal, "sequencer"), bf_json_str(latest, "sequencer")) <
               0;
}

enum bf_code bf_journal_read(struct bf_work *w, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_spec_journal(w->d->aws->arena, w->wish->key);

    BF_TRY(bf_ledger_get(&w->ledger, &key, &w->journal, err));
    return is_stale(w->journal.document, w->latest.document) ? bf_journal_end(w, err) : BF_OK;
}

bool bf_journal_is_mine(const struct bf_work *w)
{
    const bf_json *journal = w->journal.document;

    return journal != NULL && bf_sv_eq(bf_json_str(journal, "sequencer"), w->sequencer) &&
           bf_sv_eq(bf_json_str(journal, "version_id"), w->reading.version_id) &&
           bf_sv_eq(bf_json_str(journal, "platform_version_id"), w->reading.platform_version_id);
}

static bool is_about(const bf_json *journal, struct bf_sv pipeline)
{
    return journal != NULL && bf_sv_eq(bf_json_str(journal, "pipeline"), pipeline);
}

enum bf_code bf_journal_begin(struct bf_work *w, const struct bf_live *live,
                              const struct bf_wanted *wanted, const struct bf_plan *plan,
                              struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    const bf_json *old = w->journal.document;
    const struct bf_s3_at store = bf_work_store(w);
    bf_json *journal = bf_json_new_object(arena);

    if (is_about(old, wanted->name) && bf_journal_is_mine(w)) {
        return BF_OK; /* this deployment again, after a crash: its journal says more than we see */
    }
    bf_json_add_str(journal, "pipeline", wanted->name);
    bf_json_add_str(journal, "sequencer", w->sequencer);
    bf_json_add_str(journal, "version_id", w->reading.version_id);
    bf_json_add_str(journal, "platform_version_id", w->reading.platform_version_id);
    bf_json_add_str(journal, "state", BF_SV("applying"));
    bf_json *where = bf_json_add_object(journal, "store");
    bf_json_add_str(where, "bucket", store.bucket);
    bf_json_add_str(where, "key", store.key);
    if (is_about(old, wanted->name)) {
        /* Another deployment stopped half way: what is live now is not what has to come back. */
        bf_json_add_copy(journal, "before", bf_json_get(old, "before"));
    } else {
        bf_json *before = NULL;
        BF_TRY(bf_snapshot_make(w->d, live, &store, &before, err));
        bf_json_add_copy(journal, "before", before);
    }
    bf_json *tags = bf_json_add_array(journal, "tags");
    for (const bf_json *t = bf_json_first(wanted->tags); t != NULL; t = bf_json_next(t)) {
        bf_json_add_str(tags, NULL, bf_json_str(t, "Key"));
    }
    bf_json *planned = bf_json_add_array(journal, "planned");
    for (size_t i = 0; i < plan->count; i++) {
        bf_json_add_str(planned, NULL, bf_change_title(arena, &plan->changes[i]));
    }
    w->journal.document = journal;
    return bf_ledger_overwrite(&w->ledger, &w->journal, BF_LEDGER_FOREVER, err);
}

static void set(bf_json *object, const char *key, struct bf_sv value)
{
    bf_json_remove(object, key);
    bf_json_add_str(object, key, value);
}

enum bf_code bf_journal_give_up(struct bf_work *w, const char *why, struct bf_err *err)
{
    bf_json *journal = w->journal.document;

    /* It may have been left by an earlier deployment that stopped half way: from here it is ours.
     */
    set(journal, "sequencer", w->sequencer);
    set(journal, "version_id", w->reading.version_id);
    set(journal, "platform_version_id", w->reading.platform_version_id);
    set(journal, "state", BF_SV("restoring"));
    set(journal, "error", bf_sv_of(why));
    return bf_ledger_overwrite(&w->ledger, &w->journal, BF_LEDGER_FOREVER, err);
}

enum bf_code bf_journal_restore(struct bf_work *w, struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    const bf_json *journal = w->journal.document;
    const struct bf_sv name = bf_json_str(journal, "pipeline");
    struct bf_wanted wanted;
    struct bf_live live;

    BF_TRY(bf_snapshot_wanted(w->d, name, bf_json_get(journal, "before"), &wanted, err));
    BF_TRY(bf_live_read(w->d, name, &live, err));
    wanted.droppable_tags = bf_json_get(journal, "tags");
    const struct bf_plan plan = bf_plan_make(arena, &live, &wanted);
    struct bf_apply apply = {
        .d = w->d,
        .wanted = &wanted,
        .store = {.bucket = bf_json_str(journal, "store.bucket"),
                  .key = bf_json_str(journal, "store.key")},
        .token = bf_sha256_hex(
            arena, bf_sv_printf(arena, "restore\n" BF_SV_FMT, BF_SV_ARG(bf_work_token(w, name)))),
        .arn = live.arn,
    };
    return bf_apply_plan(&apply, &plan, err);
}

enum bf_code bf_journal_end(struct bf_work *w, struct bf_err *err)
{
    if (w->journal.document == NULL) {
        return BF_OK;
    }
    BF_TRY(bf_ledger_delete(&w->ledger, &w->journal.key, err));
    w->journal.document = NULL;
    w->journal.version = 0;
    return BF_OK;
}

enum bf_code bf_journal_undo(struct bf_work *w, bool *restored, struct bf_err *why,
                             struct bf_err *err)
{
    *restored = true;
    if (w->journal.document == NULL) {
        return BF_OK;
    }
    enum bf_code code = bf_journal_restore(w, why);
    if (code != BF_OK && bf_code_is_transient(code)) {
        *err = *why;
        return code;
    }
    *restored = code == BF_OK;
    return BF_OK;
}

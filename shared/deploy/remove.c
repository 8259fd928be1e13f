#include "deploy/work.h"

#include "time/instant.h"

/* The record stays while the pipeline does: runs that are under way still have their alerts. */
static enum bf_code retire_record(struct bf_work *w, struct bf_ledger_item *item, bool delete,
                                  struct bf_err *err)
{
    bf_json *record = item->document;

    if (delete) {
        return bf_ledger_delete_pipeline(&w->ledger, bf_json_str(record, "pipeline"), err);
    }
    bf_json_remove(record, "schedules");
    bf_json_remove(record, "triggers");
    bf_json_remove(record, "removed_at");
    bf_json_add_object(record, "schedules");
    bf_json_add_object(record, "triggers");
    bf_json_add_str(record, "removed_at", bf_instant_print(w->d->aws->arena, w->now));
    return bf_ledger_put_pipeline(&w->ledger, item, err);
}

static enum bf_code take_away(struct bf_work *w, struct bf_sv name, bf_json *written,
                              struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    const bool delete = bf_sv_is(bf_json_str(w->latest.document, "on_delete"), "remove");
    struct bf_ledger_item item;
    struct bf_live live;

    BF_TRY(bf_ledger_pipeline(&w->ledger, name, &item, err));
    /* Another object deploys this pipeline now: it is not ours to take away. */
    if (item.document == NULL ||
        !bf_sv_eq(bf_json_str(item.document, "source.key"), w->wish->key)) {
        return BF_OK;
    }
    BF_TRY(bf_live_read(w->d, name, &live, err));
    const struct bf_wanted wanted = {.name = name,
                                     .pipeline = delete ? BF_PIPELINE_DELETE : BF_PIPELINE_LEAVE};
    const struct bf_plan plan = bf_plan_make(arena, &live, &wanted);
    struct bf_apply apply = {
        .d = w->d, .wanted = &wanted, .token = bf_work_token(w, name), .arn = live.arn};
    BF_TRY(bf_apply_plan(&apply, &plan, err));
    for (size_t i = 0; i < plan.count; i++) {
        bf_json_add_str(written, NULL, bf_change_title(arena, &plan.changes[i]));
    }
    return retire_record(w, &item, delete, err);
}

enum bf_code bf_remove_pipeline(struct bf_work *w, struct bf_sv name, bf_json *written,
                                struct bf_err *err)
{
    BF_TRY(take_away(w, name, written, err));
    return bf_waiting_wake(w, name, err);
}

static enum bf_code still_there(struct bf_work *w, bool *there, struct bf_err *err)
{
    const struct bf_s3_at at = {.bucket = w->wish->bucket, .key = w->wish->key};
    struct bf_s3_object object = {0};
    struct bf_err missing = {0};

    enum bf_code code = bf_s3_head(w->d->aws, &at, &object, &missing);
    *there = code == BF_OK;
    if (code != BF_OK && code != BF_ENOTFOUND) {
        *err = missing;
        return code;
    }
    return BF_OK;
}

enum bf_code bf_remove_run(struct bf_work *w, struct bf_err *err)
{
    const struct bf_sv name = bf_json_str(w->latest.document, "deployed_pipeline");
    bool there = false, restored = true;

    /* Of a versioned object an old version may have been deleted, or it was uploaded again. */
    BF_TRY(still_there(w, &there, err));
    if (there) {
        w->out->outcome = BF_DEPLOY_IGNORED;
        return BF_OK;
    }
    /* What a deployment that died in the middle has written is known to its journal only. */
    BF_TRY(bf_journal_read(w, err));
    BF_TRY(bf_journal_undo(w, &restored, err, err));
    if (!restored) {
        return bf_err_wrap(err, "a deployment that stopped half way could not be taken back");
    }
    /* Also when nothing was deployed yet: the upload's event may come after this one. */
    bf_json *record = bf_outcome_new(w, "removed");
    bf_json *written = bf_json_add_array(record, "written");
    if (name.len != 0) {
        bf_json_add_str(record, "pipeline", name);
        BF_TRY(bf_remove_pipeline(w, name, written, err));
    }
    w->out->changed = bf_json_count(written) != 0;
    w->out->outcome = BF_DEPLOY_REMOVED;
    BF_TRY(bf_outcome_write(w, record, err));
    return bf_journal_end(w, err);
}

#include "deploy/deploy.h"

#include "crypto/crypto.h"
#include "deploy/work.h"

enum { LOCK_MARGIN = 5 /* seconds that a lease outlives the invocation */ };

/* ---- wanted ---- */

static enum bf_code make_wanted(struct bf_work *w, struct bf_wanted *out, struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    const struct bf_pipeline *pipeline = w->reading.spec.pipeline;
    const struct bf_origin origin = {
        .environment = w->d->stack->environment,
        .source = w->wish->key,
        .version = w->reading.version_id,
        .commit = w->reading.commit,
        .sha256 = bf_pipeline_sha256(arena, pipeline),
    };
    const struct bf_history history = {.record = w->record.document, .now = w->now};

    *out = (struct bf_wanted){
        .name = pipeline->name,
        .pipeline = BF_PIPELINE_PUT,
        .role = pipeline->role,
        .description = pipeline->description,
        .definition = w->reading.definition_text,
        .max_parallel = pipeline->max_parallel_steps,
        .tags = bf_pipeline_tags(arena, pipeline, &origin),
        .droppable_tags = bf_json_get(w->record.document, "tags"),
    };
    return bf_schedule_bodies(arena, w->d->stack, pipeline, &history, out, err);
}

/* ---- whose pipeline is it ---- */

static struct bf_loc name_loc(const struct bf_work *w)
{
    return w->reading.spec.pipeline->name_loc;
}

static void refuse_foreign(struct bf_work *w, const struct bf_live *live)
{
    bool found = false;
    const struct bf_sv environment = bf_tag_of(live->tags, BF_SV("buzzflow:environment"), &found);

    if (!live->exists || w->reading.adopt || bf_sv_eq(environment, w->d->stack->environment)) {
        return;
    }
    struct bf_diag *diag =
        found ? bf_diag(w->reading.diags, BF_ERROR, "deploy.other_environment", name_loc(w),
                        "pipeline '" BF_SV_FMT "' exists and belongs to environment '" BF_SV_FMT
                        "', this is '" BF_SV_FMT "'",
                        BF_SV_ARG(w->reading.spec.pipeline->name), BF_SV_ARG(environment),
                        BF_SV_ARG(w->d->stack->environment))
              : bf_diag(w->reading.diags, BF_ERROR, "deploy.not_ours", name_loc(w),
                        "pipeline '" BF_SV_FMT "' exists and was not made by buzzflow",
                        BF_SV_ARG(w->reading.spec.pipeline->name));
    bf_diag_hint(w->reading.diags, diag,
                 "choose another name, or take it over with 'buzzflow deploy --adopt'");
}

/*
 * Two files with one name would overwrite one another for ever: the second waits. It says so
 * before it looks whether the first one is there, so that a removal after the look finds it.
 */
static enum bf_code refuse_taken(struct bf_work *w, struct bf_err *err)
{
    const bf_json *source = bf_json_get(w->record.document, "source");
    const struct bf_s3_at other = {.bucket = bf_json_str(source, "bucket"),
                                   .key = bf_json_str(source, "key")};
    struct bf_s3_object object = {0};
    struct bf_err missing = {0};

    if (other.key.len == 0 || bf_sv_eq(other.key, w->wish->key) ||
        bf_json_get(w->record.document, "removed_at") != NULL) {
        return BF_OK;
    }
    BF_TRY(bf_waiting_begin(w, err));
    enum bf_code code = bf_s3_head(w->d->aws, &other, &object, &missing);
    if (code == BF_ENOTFOUND) {
        return bf_waiting_end(w, err); /* the file was renamed */
    }
    if (code != BF_OK) {
        *err = missing;
        return code;
    }
    struct bf_diag *diag = bf_diag(w->reading.diags, BF_ERROR, "deploy.name_taken", name_loc(w),
                                   "pipeline '" BF_SV_FMT "' is deployed from " BF_SV_FMT,
                                   BF_SV_ARG(w->reading.spec.pipeline->name), BF_SV_ARG(other.key));
    bf_diag_hint(w->reading.diags, diag,
                 "choose another name, or remove that file: then this one is deployed");
    w->waits_for = other.key;
    return BF_OK;
}

/* Somebody edited the pipeline since we wrote it. It is overwritten, not silently. */
static void note_drift(struct bf_work *w, const struct bf_live *live)
{
    const struct bf_sv written = bf_json_str(w->record.document, "definition_sha256");

    if (!live->exists || written.len == 0 || w->journal.document != NULL ||
        bf_sv_eq(bf_sha256_hex(w->d->aws->arena, live->definition), written)) {
        return;
    }
    (void)bf_diag(w->reading.diags, BF_WARNING, "deploy.drift", name_loc(w),
                  "pipeline '" BF_SV_FMT
                  "' was changed by hand after its last deployment; the "
                  "change is overwritten",
                  BF_SV_ARG(w->reading.spec.pipeline->name));
}

/* ---- ends ---- */

static void finish_texts(struct bf_work *w)
{
    struct bf_arena *arena = w->d->aws->arena;
    struct bf_buf text = bf_buf_new(arena, 64 << 10);

    bf_diags_print_text(w->reading.diags, &text, false);
    w->out->text = bf_buf_sv(&text);
    if (w->reading.spec.pipeline != NULL) {
        w->out->alerts = w->reading.spec.pipeline->alerts;
    }
}

static enum bf_code end_failed(struct bf_work *w, const char *why, const bool *restored,
                               struct bf_err *err)
{
    bf_json *record = bf_outcome_new(w, "failed");

    finish_texts(w);
    bf_json_add_copy(record, "diagnostics",
                     bf_record_diagnostics(w->d->aws->arena, w->reading.diags));
    bf_json_add_array(record, "written");
    if (why != NULL) {
        bf_json_add_str(record, "error", bf_sv_of(why));
    }
    if (restored != NULL) {
        bf_json_add_bool(record, "restored", *restored);
    }
    if (w->waits_for.len != 0) {
        bf_json_add_str(record, "waits_for", w->waits_for);
    }
    w->out->outcome = BF_DEPLOY_FAILED;
    BF_TRY(bf_outcome_write(w, record, err));
    /* A journal that could not be restored stays: the next deployment needs its snapshot. */
    return restored == NULL || *restored ? bf_journal_end(w, err) : BF_OK;
}

/*
 * The file has mistakes: nothing is deployed. A deployment before it may have died in the middle;
 * it will not be finished any more, so it is taken back.
 */
static enum bf_code refuse(struct bf_work *w, struct bf_err *err)
{
    bool restored = true;
    struct bf_err why = {0};

    BF_TRY(bf_journal_undo(w, &restored, &why, err));
    if (w->journal.document == NULL) {
        return end_failed(w, NULL, NULL, err);
    }
    if (restored) {
        return end_failed(w, NULL, &restored, err);
    }
    (void)bf_err_wrap(&why, "an earlier deployment stopped half way and could not be taken back");
    return end_failed(w, why.msg, &restored, err);
}

/* The old pipeline of an object whose "name" was changed. */
static enum bf_code drop_old_name(struct bf_work *w, bf_json *written, struct bf_err *err)
{
    const struct bf_sv old = bf_json_str(w->latest.document, "deployed_pipeline");

    if (old.len == 0 || bf_sv_eq(old, w->reading.spec.pipeline->name)) {
        return BF_OK;
    }
    return bf_remove_pipeline(w, old, written, err);
}

static enum bf_code end_ok(struct bf_work *w, struct bf_sv arn, bf_json *written,
                           struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    const struct bf_provenance from = {
        .stack = w->d->stack,
        .wish = w->wish,
        .reading = &w->reading,
        .sequencer = w->sequencer,
        .arn = arn,
        .history = {.record = w->record.document, .now = w->now},
    };
    bf_json *pipeline = NULL;

    BF_TRY(bf_record_make(arena, &from, &pipeline, err));
    w->record.document = pipeline;
    BF_TRY(bf_ledger_put_pipeline(&w->ledger, &w->record, err));
    BF_TRY(drop_old_name(w, written, err));

    bf_json *record = bf_outcome_new(w, "ok");
    finish_texts(w);
    bf_json_add_str(record, "arn", arn);
    bf_json_add_copy(record, "version", bf_json_get(pipeline, "version"));
    bf_json_add_copy(record, "definition_sha256", bf_json_get(pipeline, "definition_sha256"));
    bf_json_add_str(record, "deployed_pipeline", w->reading.spec.pipeline->name);
    bf_json_add_str(record, "on_delete", w->reading.spec.pipeline->on_delete);
    bf_json_add_copy(record, "diagnostics", bf_record_diagnostics(arena, w->reading.diags));
    bf_json_add_copy(record, "written", written);
    w->out->outcome = BF_DEPLOY_OK;
    w->out->changed = bf_json_count(written) != 0;
    BF_TRY(bf_outcome_write(w, record, err));
    return bf_journal_end(w, err);
}

/* ---- the writes ---- */

/* A failure that will not pass by trying again: back to what was there. */
static enum bf_code give_up(struct bf_work *w, const char *why, struct bf_err *err)
{
    struct bf_err trouble = {0};

    if (!bf_sv_is(bf_json_str(w->journal.document, "state"), "restoring")) {
        BF_TRY(bf_journal_give_up(w, why, err));
    }
    enum bf_code code = bf_journal_restore(w, &trouble);
    if (code != BF_OK && bf_code_is_transient(code)) {
        *err = trouble;
        return code;
    }
    const bool restored = code == BF_OK;
    const struct bf_sv all =
        restored
            ? bf_sv_of(why)
            : bf_sv_printf(w->d->aws->arena, "%s; and what was there could not be restored: %s",
                           why, trouble.msg);
    return end_failed(w, bf_sv_z(w->d->aws->arena, all), &restored, err);
}

static enum bf_code write_all(struct bf_work *w, struct bf_apply *apply, const struct bf_plan *plan,
                              bf_json *written, struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    size_t copied = 0;

    BF_TRY(bf_code_copy(w->d, &w->reading, &copied, err));
    if (copied != 0) {
        bf_json_add_str(
            written, NULL,
            bf_sv_printf(arena, "copied %zu code file%s", copied, copied == 1 ? "" : "s"));
    }
    BF_TRY(bf_apply_plan(apply, plan, err));
    /* Of a deployment that was begun before a crash, the journal knows the whole plan. */
    const bf_json *planned =
        bf_journal_is_mine(w) ? bf_json_get(w->journal.document, "planned") : NULL;
    for (const bf_json *t = bf_json_first(planned); t != NULL; t = bf_json_next(t)) {
        bf_json_add_copy(written, NULL, t);
    }
    return BF_OK;
}

static enum bf_code apply_wanted(struct bf_work *w, const struct bf_live *live, struct bf_err *err)
{
    struct bf_arena *arena = w->d->aws->arena;
    bf_json *written = bf_json_new_array(arena);
    struct bf_wanted wanted;
    struct bf_err trouble = {0};

    BF_TRY(make_wanted(w, &wanted, err));
    const struct bf_plan plan = bf_plan_make(arena, live, &wanted);
    if (plan.count != 0) {
        BF_TRY(bf_journal_begin(w, live, &wanted, &plan, err));
    }
    struct bf_apply apply = {.d = w->d,
                             .wanted = &wanted,
                             .store = bf_work_store(w),
                             .token = bf_work_token(w, wanted.name),
                             .arn = live->arn};
    enum bf_code code = write_all(w, &apply, &plan, written, &trouble);
    if (code == BF_OK) {
        return end_ok(w, apply.arn, written, err);
    }
    if (bf_code_is_transient(code)) {
        *err = trouble;
        return code;
    }
    if (w->journal.document == NULL) {
        return end_failed(w, trouble.msg, NULL, err);
    }
    return give_up(w, trouble.msg, err);
}

static enum bf_code deploy_reading(struct bf_work *w, struct bf_err *err)
{
    struct bf_live live;
    const struct bf_pipeline *pipeline = w->reading.spec.pipeline;

    BF_TRY(bf_journal_read(w, err));
    if (w->reading.definition == NULL) {
        return refuse(w, err);
    }
    BF_TRY(bf_ledger_pipeline(&w->ledger, pipeline->name, &w->record, err));
    if (bf_journal_is_mine(w) && bf_sv_is(bf_json_str(w->journal.document, "state"), "restoring")) {
        return give_up(w, bf_sv_z(w->d->aws->arena, bf_json_str(w->journal.document, "error")),
                       err);
    }
    BF_TRY(bf_live_read(w->d, pipeline->name, &live, err));
    refuse_foreign(w, &live);
    BF_TRY(refuse_taken(w, err));
    if (bf_diags_count(w->reading.diags, BF_ERROR) != 0) {
        return refuse(w, err);
    }
    note_drift(w, &live);
    return apply_wanted(w, &live, err);
}

/* ---- order ---- */

static bool is_final(const bf_json *record)
{
    const struct bf_sv status = bf_json_str(record, "status");

    return bf_sv_is(status, "ok") || bf_sv_is(status, "failed") || bf_sv_is(status, "removed");
}

/* Dealt with already: this event, and (where it is about a file) with this platform file. */
static bool is_same(const struct bf_work *w)
{
    const bf_json *latest = w->latest.document;

    if (!is_final(latest) || !bf_sv_eq(bf_json_str(latest, "sequencer"), w->sequencer)) {
        return false;
    }
    if (w->wish->removed) {
        return bf_sv_is(bf_json_str(latest, "status"), "removed");
    }
    if (w->wish->sequencer.len == 0 && bf_json_get(latest, "waits_for") != NULL) {
        return false; /* the name may be free now */
    }
    return bf_sv_eq(bf_json_str(latest, "version_id"), w->reading.version_id) &&
           bf_sv_eq(bf_json_str(latest, "platform_version_id"), w->reading.platform_version_id);
}

/* This very deployment died in the middle once, and what it wanted is not to be had any more. */
static enum bf_code take_back(struct bf_work *w, struct bf_err *err)
{
    bool restored = true;

    BF_TRY(bf_journal_read(w, err));
    if (bf_sequencer_cmp(bf_json_str(w->journal.document, "sequencer"), w->sequencer) > 0) {
        return BF_OK; /* of a newer upload, which comes back to it */
    }
    BF_TRY(bf_journal_undo(w, &restored, err, err));
    return restored ? bf_journal_end(w, err) : err->code;
}

static enum bf_code superseded(struct bf_work *w, const char *why, struct bf_err *err)
{
    struct bf_ledger_item item;
    const struct bf_ledger_key key =
        bf_key_spec_history(w->d->aws->arena, w->wish->key, w->sequencer);

    w->out->outcome = BF_DEPLOY_SUPERSEDED;
    BF_TRY(take_back(w, err));
    BF_TRY(bf_ledger_get(&w->ledger, &key, &item, err));
    if (item.document != NULL) { /* it was dealt with in its time: that stays the record */
        w->out->record = item.document;
        return BF_OK;
    }
    bf_json *record = bf_outcome_new(w, "superseded");
    bf_json_add_str(record, "error", bf_sv_of(why));
    return bf_outcome_history(w, record, err);
}

static enum bf_code locked(struct bf_work *w, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_spec_latest(w->d->aws->arena, w->wish->key);
    struct bf_err gone = {0};

    BF_TRY(bf_ledger_get(&w->ledger, &key, &w->latest, err));
    const struct bf_sv last = bf_json_str(w->latest.document, "sequencer");
    w->sequencer = w->wish->sequencer.len != 0 ? w->wish->sequencer : last;
    if (w->wish->sequencer.len != 0 && last.len != 0 &&
        bf_sequencer_cmp(w->wish->sequencer, last) < 0) {
        return superseded(w, "a newer upload or removal was dealt with before", err);
    }
    if (w->wish->removed) {
        if (is_same(w)) {
            w->out->outcome = BF_DEPLOY_DUPLICATE;
            w->out->record = w->latest.document;
            return BF_OK;
        }
        return bf_remove_run(w, err);
    }
    enum bf_code code = bf_read_spec(w->d, w->wish, &w->reading, &gone);
    if (code == BF_ENOTFOUND) {
        return superseded(w, "the object, or this version of it, is not there any more", err);
    }
    if (code != BF_OK) {
        *err = gone;
        return code;
    }
    if (is_same(w)) {
        finish_texts(w);
        w->out->outcome = BF_DEPLOY_DUPLICATE;
        w->out->record = w->latest.document;
        return bf_journal_read(w, err); /* one that was left behind is cleared away */
    }
    return deploy_reading(w, err);
}

static int64_t lease_seconds(const struct bf_aws *aws)
{
    const int64_t left = bf_aws_left_ms(aws) / 1000;

    return (left > 900 ? 900 : left) + LOCK_MARGIN;
}

enum bf_code bf_deploy_run(const struct bf_deployer *deployer, const struct bf_deploy_wish *wish,
                           struct bf_deployment *out, struct bf_err *err)
{
    struct bf_arena *arena = deployer->aws->arena;
    struct bf_work w = {
        .d = deployer,
        .wish = wish,
        .ledger = {.aws = deployer->aws, .table = deployer->stack->table},
        .out = out,
    };
    const struct bf_claim_wish lock = {
        .key = bf_sv_printf(arena, "deploy#" BF_SV_FMT, BF_SV_ARG(wish->key)),
        .owner = deployer->owner,
        .lease_seconds = lease_seconds(deployer->aws),
    };
    struct bf_claim claim;

    *out = (struct bf_deployment){0};
    w.reading.diags = bf_diags_new(arena);
    BF_TRY(bf_ledger_claim(&w.ledger, &lock, &claim, err));
    if (claim.outcome != BF_CLAIM_TAKEN) {
        (void)bf_err_set(err, BF_ECONFLICT, BF_NOWHERE,
                         "another deployment of " BF_SV_FMT " is under way", BF_SV_ARG(wish->key));
        err->retry_after = BF_DEPLOY_LOCK_RETRY;
        return err->code;
    }
    w.now = bf_aws_time(deployer->aws, NULL);
    enum bf_code code = locked(&w, err);
    struct bf_err ignored = {0};
    if (bf_ledger_release(&w.ledger, &claim, false, &ignored) != BF_OK) {
        bf_log(deployer->log, BF_LOG_WARN,
               "the lock of " BF_SV_FMT " stays until its lease ends: %s", BF_SV_ARG(wish->key),
               ignored.msg);
    }
    return code;
}

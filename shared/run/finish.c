#include "aws/sagemaker.h"
#include "run/context.h"
#include "run/work.h"
#include "time/cron.h"
#include "time/instant.h"

bool bf_run_is_end(struct bf_sv status)
{
    return bf_sv_is(status, "Succeeded") || bf_sv_is(status, "Failed") ||
           bf_sv_is(status, "Stopped");
}

static struct bf_sv own_word(struct bf_sv status)
{
    if (bf_sv_is(status, "Succeeded")) {
        return BF_SV("succeeded");
    }
    return bf_sv_is(status, "Failed") ? BF_SV("failed") : BF_SV("stopped");
}

/* ---- the watermark ---- */

static bf_json *make_watermark(struct bf_lane *lane, struct bf_sv time, struct bf_sv execution)
{
    struct bf_arena *arena = lane->r->aws->arena;
    bf_json *document = bf_json_new_object(arena);
    bf_json *last = bf_json_add_object(document, "last_success");
    struct bf_firing firing;
    struct bf_err ignored = {0};
    int64_t instant = 0, before = 0;

    bf_json_add_str(last, "time", time);
    bf_json_add_str(last, "interval_end", time);
    /* Without the schedule (it was removed meanwhile) there is no fire before. */
    if (lane->settings != NULL && bf_instant_parse(time, &instant, &ignored) == BF_OK &&
        bf_run_firing(arena, lane->settings, &firing, &ignored) == BF_OK &&
        bf_previous_fire(&firing, instant, &before)) {
        bf_json_add_str(last, "interval_start", bf_instant_print(arena, before));
    }
    bf_json_add_str(last, "execution", execution);
    return document;
}

/* Forward only: a late success of an older fire does not take it back. */
static enum bf_code move_watermark(struct bf_lane *lane, struct bf_sv time, struct bf_sv execution,
                                   struct bf_err *err)
{
    const struct bf_ledger_key key =
        bf_key_watermark(lane->r->aws->arena, lane->pipeline, lane->schedule);
    enum bf_code code = BF_ECONFLICT;

    for (int i = 0; i < BF_RUN_TRIES && code == BF_ECONFLICT; i++) {
        struct bf_ledger_item item;
        BF_TRY(bf_ledger_get(&lane->ledger, &key, &item, err));
        /* Both are "2026-03-01T00:00:00Z": their bytes are in the order of time. */
        if (bf_sv_cmp(bf_json_str(item.document, "last_success.time"), time) >= 0) {
            return BF_OK;
        }
        item.document = make_watermark(lane, time, execution);
        code = bf_ledger_put(&lane->ledger, &item, BF_LEDGER_FOREVER, err);
    }
    return code;
}

/* ---- the run ---- */

enum bf_code bf_run_finish(struct bf_lane *lane, const struct bf_ending *ending, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_run(lane->r->aws->arena, ending->token);
    const struct bf_sv status = own_word(ending->status);
    enum bf_code code = BF_ECONFLICT;

    for (int i = 0; i < BF_RUN_TRIES && code == BF_ECONFLICT; i++) {
        struct bf_ledger_item run;
        BF_TRY(bf_ledger_get(&lane->ledger, &key, &run, err));
        if (run.document == NULL) {
            return BF_OK; /* it expired after 400 days */
        }
        if (bf_sv_is(ending->status, "Succeeded") &&
            bf_sv_is(bf_json_str(run.document, "kind"), "schedule")) {
            BF_TRY(move_watermark(lane, bf_json_str(run.document, "scheduled_time"),
                                  ending->execution_arn, err));
        }
        if (bf_sv_eq(bf_json_str(run.document, "status"), status)) {
            return BF_OK;
        }
        bf_set_str(run.document, "status", status);
        bf_set_str(run.document, "execution_arn", ending->execution_arn);
        bf_set_str(run.document, "ended_at", ending->at);
        code = bf_ledger_put(&lane->ledger, &run, BF_LEDGER_RUN_DAYS, err);
    }
    return code;
}

static enum bf_code refresh_one(struct bf_lane *lane, const bf_json *slot, bool *freed,
                                struct bf_err *err)
{
    const struct bf_sv arn = bf_json_str(slot, "execution_arn");
    bf_json *answer = NULL;
    struct bf_err missing = {0};

    if (arn.len == 0) {
        return BF_OK; /* it is being started */
    }
    enum bf_code code = bf_sm_describe_execution(lane->r->aws, arn, &answer, &missing);
    if (code != BF_OK && code != BF_ENOTFOUND) {
        *err = missing;
        return code;
    }
    const struct bf_sv status = code == BF_ENOTFOUND
                                    ? BF_SV("Stopped") /* deleted with its pipeline */
                                    : bf_json_str(answer, "PipelineExecutionStatus");
    if (!bf_run_is_end(status)) {
        return BF_OK;
    }
    const struct bf_ending ending = {.token = bf_json_str(slot, "token"),
                                     .execution_arn = arn,
                                     .status = status,
                                     .at = lane->now};
    BF_TRY(bf_run_finish(lane, &ending, err));
    *freed = true;
    return bf_run_free(lane, ending.token, err);
}

enum bf_code bf_run_refresh(struct bf_lane *lane, bool *freed, struct bf_err *err)
{
    struct bf_ledger_item item;
    const bf_json *active = NULL;

    *freed = false;
    BF_TRY(bf_lane_slots(lane, &item, err));
    active = bf_json_get(item.document, "active");
    for (const bf_json *a = bf_json_first(active); a != NULL; a = bf_json_next(a)) {
        BF_TRY(refresh_one(lane, a, freed, err));
    }
    return BF_OK;
}

/* ---- events ---- */

enum bf_code bf_run_changed(const struct bf_runner *runner, const struct bf_run_change *change,
                            struct bf_err *err)
{
    struct bf_arena *arena = runner->aws->arena;
    struct bf_ledger ledger = {.aws = runner->aws, .table = runner->table};
    const struct bf_ledger_key key = bf_key_execution(arena, change->execution_arn);
    struct bf_ledger_item index;
    struct bf_lane lane;

    if (!bf_run_is_end(change->status)) {
        return BF_OK;
    }
    BF_TRY(bf_ledger_get(&ledger, &key, &index, err));
    if (index.document == NULL || bf_json_str(index.document, "token").len == 0) {
        return BF_OK; /* not started by us */
    }
    BF_TRY(bf_lane_open(runner, bf_json_str(index.document, "pipeline"),
                        bf_json_str(index.document, "name"), &lane, err));
    const struct bf_ending ending = {
        .token = bf_json_str(index.document, "token"),
        .execution_arn = change->execution_arn,
        .status = change->status,
        .at = bf_instant_print(arena, change->time),
    };
    BF_TRY(bf_run_finish(&lane, &ending, err));
    BF_TRY(bf_run_free(&lane, ending.token, err));
    return bf_run_drain(&lane, err);
}

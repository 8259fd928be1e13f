#include "aws/sagemaker.h"
#include "crypto/crypto.h"
#include "run/work.h"

static enum bf_code set_status(struct bf_lane *lane, struct bf_ledger_item *run, const char *status,
                               struct bf_sv reason, struct bf_err *err)
{
    if (bf_sv_is(bf_json_str(run->document, "status"), status)) {
        return BF_OK;
    }
    bf_set_str(run->document, "status", bf_sv_of(status));
    bf_set_str(run->document, "reason", reason);
    return bf_ledger_put(&lane->ledger, run, BF_LEDGER_RUN_DAYS, err);
}

/* A newer fire takes the one place in the line. */
static enum bf_code replace(struct bf_lane *lane, struct bf_sv token, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_run(lane->r->aws->arena, token);
    struct bf_ledger_item run;

    BF_TRY(bf_ledger_get(&lane->ledger, &key, &run, err));
    if (run.document != NULL && bf_json_str(run.document, "execution_arn").len == 0) {
        BF_TRY(set_status(lane, &run, "skipped", BF_SV("a newer run took its place in the line"),
                          err));
    }
    return bf_run_free(lane, token, err);
}

static enum bf_code stop_active(struct bf_lane *lane, const bf_json *slots, struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    const bf_json *active = bf_json_get(slots, "active");

    for (const bf_json *a = bf_json_first(active); a != NULL; a = bf_json_next(a)) {
        const struct bf_sv arn = bf_json_str(a, "execution_arn");
        struct bf_err why = {0};
        if (arn.len == 0) {
            continue;
        }
        const struct bf_sv token =
            bf_sha256_hex(arena, bf_sv_printf(arena, "cancel\n" BF_SV_FMT, BF_SV_ARG(arn)));
        enum bf_code code = bf_sm_stop_execution(lane->r->aws, arn, token, &why);
        if (code != BF_OK && bf_code_is_transient(code)) {
            *err = why;
            return code;
        }
        if (code != BF_OK) { /* it ended meanwhile */
            bf_log(lane->r->log, BF_LOG_INFO, "%s", why.msg);
        }
    }
    return BF_OK;
}

/* One try to get a place; BF_ECONFLICT: somebody else changed the queue. */
static enum bf_code place_once(struct bf_lane *lane, struct bf_sv token, enum bf_slot *out,
                               struct bf_err *err)
{
    const struct bf_slot_rules rules = bf_lane_rules(lane);
    struct bf_ledger_item item;
    struct bf_sv replaced = {0};

    BF_TRY(bf_lane_slots(lane, &item, err));
    *out = bf_slots_take(lane->r->aws->arena, item.document, token, &rules, lane->now, &replaced);
    if (*out == BF_SLOT_CANCEL) {
        BF_TRY(stop_active(lane, item.document, err));
        bf_slots_force(item.document, token, lane->now);
        *out = BF_SLOT_START;
    }
    BF_TRY(bf_ledger_put(&lane->ledger, &item, BF_LEDGER_FOREVER, err));
    return replaced.len == 0 ? BF_OK : replace(lane, replaced, err);
}

static enum bf_code place(struct bf_lane *lane, struct bf_sv token, enum bf_slot *out,
                          struct bf_err *err)
{
    enum bf_code code = BF_ECONFLICT;

    for (int i = 0; i < BF_RUN_TRIES && code == BF_ECONFLICT; i++) {
        code = place_once(lane, token, out, err);
    }
    return code;
}

/* Events may be lost: before a run is held back, it is asked whether the others really run. */
static enum bf_code make_room(struct bf_lane *lane, struct bf_sv token, struct bf_err *err)
{
    const struct bf_slot_rules rules = bf_lane_rules(lane);
    struct bf_ledger_item item;
    struct bf_sv replaced = {0};
    bool freed = false;

    BF_TRY(bf_lane_slots(lane, &item, err));
    /* On this copy, which is thrown away: only to see whether it matters. */
    if (bf_slots_take(lane->r->aws->arena, item.document, token, &rules, lane->now, &replaced) ==
        BF_SLOT_START) {
        return BF_OK;
    }
    BF_TRY(bf_run_refresh(lane, &freed, err));
    return freed ? bf_run_drain(lane, err) : BF_OK;
}

static enum bf_code carry_on(struct bf_lane *lane, struct bf_ledger_item *run,
                             struct bf_due_result *out, struct bf_err *err)
{
    const struct bf_sv token = bf_json_str(run->document, "token");
    enum bf_slot slot = BF_SLOT_SKIP;

    BF_TRY(make_room(lane, token, err));
    BF_TRY(place(lane, token, &slot, err));
    switch (slot) {
    case BF_SLOT_START:
    case BF_SLOT_CANCEL:
        out->outcome = BF_DUE_STARTED;
        return bf_run_start(lane, run, err);
    case BF_SLOT_WAIT:
        out->outcome = BF_DUE_WAITING;
        return set_status(lane, run, "waiting", BF_SV("an earlier run is still active"), err);
    case BF_SLOT_SKIP:
        break;
    }
    out->outcome = BF_DUE_SKIPPED;
    return set_status(lane, run, "skipped", BF_SV("an earlier run is still active"), err);
}

enum bf_code bf_run_due(const struct bf_runner *runner, const struct bf_due *due,
                        struct bf_due_result *out, struct bf_err *err)
{
    struct bf_ledger_item run;
    struct bf_lane lane;

    *out = (struct bf_due_result){.outcome = BF_DUE_UNKNOWN};
    BF_TRY(bf_lane_open(runner, due->pipeline, due->schedule, &lane, err));
    if (lane.settings == NULL || !bf_json_true(bf_json_get(lane.settings, "enabled"))) {
        return BF_OK;
    }
    BF_TRY(bf_run_resolve(&lane, due, &run, err));
    if (run.document == NULL) { /* cannot be: it was just there */
        return bf_err_set(err, BF_EINTERNAL, BF_NOWHERE, "the run's document disappeared");
    }
    out->run = run.document;
    if (!bf_sv_is(bf_json_str(run.document, "status"), "resolved")) {
        out->outcome = BF_DUE_REPLAYED;
        return BF_OK;
    }
    return carry_on(&lane, &run, out, err);
}

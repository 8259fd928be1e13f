#include "aws/sagemaker.h"
#include "run/work.h"

/* Change the queue document under its condition, again while others win. */
typedef bool slots_edit(bf_json *slots, const bf_json *run);

static enum bf_code edit_slots(struct bf_lane *lane, slots_edit *edit, const bf_json *run,
                               struct bf_err *err)
{
    enum bf_code code = BF_ECONFLICT;

    for (int i = 0; i < BF_RUN_TRIES && code == BF_ECONFLICT; i++) {
        struct bf_ledger_item item;
        BF_TRY(bf_lane_slots(lane, &item, err));
        if (!edit(item.document, run)) {
            return BF_OK;
        }
        code = bf_ledger_put(&lane->ledger, &item, BF_LEDGER_FOREVER, err);
    }
    return code;
}

static bool edit_started(bf_json *slots, const bf_json *run)
{
    return bf_slots_started(slots, bf_json_str(run, "token"), bf_json_str(run, "execution_arn"));
}

static bool edit_free(bf_json *slots, const bf_json *run)
{
    return bf_slots_free(slots, bf_json_str(run, "token"));
}

enum bf_code bf_run_free(struct bf_lane *lane, struct bf_sv token, struct bf_err *err)
{
    bf_json *about = bf_json_new_object(lane->r->aws->arena);

    bf_json_add_str(about, "token", token);
    return edit_slots(lane, edit_free, about, err);
}

/* ---- the call ---- */

static enum bf_code call_start(struct bf_lane *lane, const bf_json *run, struct bf_sv *arn,
                               struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    const struct bf_sm_start start = {
        .pipeline = bf_json_str(run, "pipeline"),
        .token = bf_json_str(run, "token"),
        .display_name = bf_json_str(run, "display_name"),
        .description = bf_sv_printf(arena, "buzzflow: schedule " BF_SV_FMT " of " BF_SV_FMT,
                                    BF_SV_ARG(bf_json_str(run, "name")),
                                    BF_SV_ARG(bf_json_str(run, "local_time"))),
        .parameters = bf_json_get(run, "parameters"),
    };

    enum bf_code code = bf_sm_start_execution(lane->r->aws, &start, arn, err);
    /* A quota of executions that run at a time: there is room again later. */
    if (code == BF_EREFUSED && strstr(err->reason, "ResourceLimitExceeded") != NULL) {
        err->code = BF_ETHROTTLED;
        return BF_ETHROTTLED;
    }
    return code;
}

/* ---- what is noted about it ---- */

static enum bf_code note_execution(struct bf_lane *lane, const bf_json *run, struct bf_err *err)
{
    static const char *const members[] = {"token",      "pipeline",       "kind",        "name",
                                          "attempt",    "scheduled_time", "local_time",  "timezone",
                                          "parameters", "record_version", "display_name"};
    struct bf_arena *arena = lane->r->aws->arena;
    struct bf_ledger_item item = {.key = bf_key_execution(arena, bf_json_str(run, "execution_arn")),
                                  .document = bf_json_new_object(arena)};

    for (size_t i = 0; i < BF_COUNTOF(members); i++) {
        if (bf_json_get(run, members[i]) != NULL) {
            bf_json_add_copy(item.document, members[i], bf_json_get(run, members[i]));
        }
    }
    bf_json_add_str(item.document, "status", BF_SV("started"));
    return bf_ledger_overwrite(&lane->ledger, &item, BF_LEDGER_RUN_DAYS, err);
}

static enum bf_code note_index(struct bf_lane *lane, const bf_json *run, struct bf_err *err)
{
    static const char *const members[] = {"token", "kind", "name", "scheduled_time",
                                          "execution_arn"};
    struct bf_arena *arena = lane->r->aws->arena;
    struct bf_ledger_item item = {.key = bf_key_run_index(arena, lane->pipeline,
                                                          bf_json_str(run, "scheduled_time"),
                                                          bf_json_str(run, "token")),
                                  .document = bf_json_new_object(arena)};

    for (size_t i = 0; i < BF_COUNTOF(members); i++) {
        if (bf_json_get(run, members[i]) != NULL) {
            bf_json_add_copy(item.document, members[i], bf_json_get(run, members[i]));
        }
    }
    return bf_ledger_overwrite(&lane->ledger, &item, BF_LEDGER_RUN_DAYS, err);
}

static enum bf_code refused(struct bf_lane *lane, struct bf_ledger_item *run,
                            const struct bf_err *why, struct bf_err *err)
{
    bf_set_str(run->document, "reason", bf_sv_of(why->msg));
    bf_set_str(run->document, "status", BF_SV("resolved")); /* also of one that waited */
    BF_TRY(bf_ledger_put(&lane->ledger, run, BF_LEDGER_RUN_DAYS, err));
    BF_TRY(bf_run_free(lane, bf_json_str(run->document, "token"), err));
    *err = *why;
    return bf_err_wrap(err, BF_SV_FMT "." BF_SV_FMT " of " BF_SV_FMT,
                       BF_SV_ARG(bf_json_str(run->document, "pipeline")),
                       BF_SV_ARG(bf_json_str(run->document, "name")),
                       BF_SV_ARG(bf_json_str(run->document, "scheduled_time")));
}

enum bf_code bf_run_start(struct bf_lane *lane, struct bf_ledger_item *run, struct bf_err *err)
{
    struct bf_sv arn = {0};
    struct bf_err why = {0};

    enum bf_code code = call_start(lane, run->document, &arn, &why);
    if (code != BF_OK && !bf_code_is_transient(code)) {
        return refused(lane, run, &why, err);
    }
    if (code != BF_OK) {
        *err = why;
        return code;
    }
    bf_set_str(run->document, "execution_arn", arn);
    bf_set_str(run->document, "status", BF_SV("started"));
    bf_set_str(run->document, "started_at", lane->now);
    bf_json_remove(run->document, "reason");
    /* The execution's index first: by it the execution's events find the run. */
    BF_TRY(note_execution(lane, run->document, err));
    BF_TRY(note_index(lane, run->document, err));
    BF_TRY(edit_slots(lane, edit_started, run->document, err));
    BF_TRY(bf_ledger_put(&lane->ledger, run, BF_LEDGER_RUN_DAYS, err));
    bf_log(lane->r->log, BF_LOG_INFO, "started " BF_SV_FMT, BF_SV_ARG(arn));
    return BF_OK;
}

/* ---- what waits ---- */

static enum bf_code next_waiting(struct bf_lane *lane, struct bf_sv *token, struct bf_err *err)
{
    const struct bf_slot_rules rules = bf_lane_rules(lane);
    enum bf_code code = BF_ECONFLICT;

    for (int i = 0; i < BF_RUN_TRIES && code == BF_ECONFLICT; i++) {
        struct bf_ledger_item item;
        BF_TRY(bf_lane_slots(lane, &item, err));
        *token = bf_slots_next(lane->r->aws->arena, item.document, &rules, lane->now);
        if (token->len == 0) {
            return BF_OK;
        }
        code = bf_ledger_put(&lane->ledger, &item, BF_LEDGER_FOREVER, err);
    }
    return code;
}

static enum bf_code start_token(struct bf_lane *lane, struct bf_sv token, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_run(lane->r->aws->arena, token);
    struct bf_ledger_item run;

    BF_TRY(bf_ledger_get(&lane->ledger, &key, &run, err));
    const struct bf_sv status = bf_json_str(run.document, "status");
    if (!bf_sv_is(status, "resolved") && !bf_sv_is(status, "waiting")) {
        return bf_run_free(lane, token, err); /* it ended, or expired: nothing to start */
    }
    return bf_run_start(lane, &run, err);
}

/* Slots that were given to waiting runs by somebody who then died. */
static enum bf_code start_stranded(struct bf_lane *lane, struct bf_err *err)
{
    struct bf_ledger_item item;
    const bf_json *active = NULL;

    BF_TRY(bf_lane_slots(lane, &item, err));
    active = bf_json_get(item.document, "active");
    for (const bf_json *a = bf_json_first(active); a != NULL; a = bf_json_next(a)) {
        if (bf_json_str(a, "execution_arn").len == 0) {
            BF_TRY(start_token(lane, bf_json_str(a, "token"), err));
        }
    }
    return BF_OK;
}

enum bf_code bf_run_drain(struct bf_lane *lane, struct bf_err *err)
{
    struct bf_err first = {0};

    BF_TRY(start_stranded(lane, err));
    for (int i = 0; i < BF_RUN_WAITING_MAX; i++) {
        struct bf_sv token = {0};
        struct bf_err why = {0};
        BF_TRY(next_waiting(lane, &token, err));
        if (token.len == 0) {
            break;
        }
        enum bf_code code = start_token(lane, token, &why);
        if (code != BF_OK && bf_code_is_transient(code)) {
            *err = why;
            return code;
        }
        /* One that is refused for good keeps nobody else waiting, but is not forgotten. */
        if (code != BF_OK && first.code == BF_OK) {
            first = why;
        }
    }
    if (first.code != BF_OK) {
        *err = first;
    }
    return first.code;
}

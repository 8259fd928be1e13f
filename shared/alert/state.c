#include "alert/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/view.h"
#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

static int rank(enum bf_run_status status)
{
    return bf_run_ended(status) ? 2 : status == BF_RUN_STOPPING ? 1 : 0;
}

static bool begun_again(const struct bf_alert_state *now, const struct bf_run_view *view)
{
    for (size_t i = 0; i < view->step_count; i++) {
        if (view->steps[i].start > now->ended) {
            return true;
        }
    }
    return !bf_run_ended(view->status) && view->changed > now->ended;
}

enum bf_alert_move bf_alert_advance(const struct bf_alert_state *now,
                                    const struct bf_run_view *view, struct bf_alert_state *next)
{
    bool ended = now->attempt != 0 && bf_run_ended(now->status);
    bool again = ended && begun_again(now, view);

    if (now->attempt == 0 || again) {
        *next = (struct bf_alert_state){
            .attempt = now->attempt + 1, .status = view->status, .ended = view->ended};
        return BF_MOVE_FORWARD;
    }
    if (rank(view->status) < rank(now->status)) {
        return BF_MOVE_STALE;
    }
    *next = *now;
    if (rank(view->status) == rank(now->status)) {
        return BF_MOVE_NONE;
    }
    next->status = view->status;
    next->ended = view->ended;
    return BF_MOVE_FORWARD;
}

int64_t bf_alert_progress(const struct bf_run_view *view)
{
    int64_t started = 0, ended = 0;

    for (size_t i = 0; i < view->step_count; i++) {
        started += view->steps[i].status != BF_STEP_WAITING;
        ended += view->steps[i].end != 0;
    }
    return started + ended;
}

struct bf_alert_state bf_alert_state_read(const bf_json *document)
{
    struct bf_alert_state state = {0};

    if (!bf_json_i64(bf_json_get(document, "attempt"), 1, INT32_MAX, &state.attempt) ||
        !bf_run_status_of(bf_json_str(document, "status"), &state.status)) {
        return (struct bf_alert_state){0};
    }
    if (!bf_json_i64(bf_json_get(document, "ended_at"), 0, INT64_MAX / 2, &state.ended)) {
        state.ended = 0;
    }
    state.first_failure = bf_json_true(bf_json_get(document, "first_failure"));
    state.recovered = bf_json_true(bf_json_get(document, "recovered"));
    state.cause = bf_json_str(document, "cause");
    return state;
}

bf_json *bf_alert_state_write(struct bf_arena *arena, const struct bf_alert_state *state)
{
    bf_json *document = bf_json_new_object(arena);

    (void)bf_json_add_i64(document, "attempt", state->attempt);
    (void)bf_json_add_str(document, "status", bf_sv_of(bf_run_status_name(state->status)));
    (void)bf_json_add_i64(document, "ended_at", state->ended);
    (void)bf_json_add_bool(document, "first_failure", state->first_failure);
    (void)bf_json_add_bool(document, "recovered", state->recovered);
    if (state->cause.len != 0) {
        (void)bf_json_add_str(document, "cause", state->cause);
    }
    return document;
}

static bool is_same_end(const bf_json *last, const struct bf_run_view *view,
                        const struct bf_alert_state *state)
{
    int64_t attempt = 0;

    return bf_sv_eq(bf_json_str(last, "arn"), view->execution_arn) &&
           bf_json_i64(bf_json_get(last, "attempt"), 0, INT32_MAX, &attempt) &&
           attempt == state->attempt;
}

static void add_success(bf_json *out, const struct bf_run_view *view)
{
    bf_json *success = bf_json_add_object(out, "last_success");

    (void)bf_json_add_str(success, "arn", view->execution_arn);
    (void)bf_json_add_i64(success, "ended_at", view->ended);
    (void)bf_json_add_i64(success, "version", view->version);
    (void)bf_json_add_copy(success, "parameters", view->parameters);
}

bf_json *bf_alert_history(struct bf_arena *arena, const bf_json *history,
                          const struct bf_run_view *view, struct bf_alert_state *state)
{
    const bf_json *last = bf_json_get(history, "last");
    bool success = view->status == BF_RUN_SUCCEEDED;
    int64_t ended = bf_view_time(bf_json_get(last, "ended_at"));

    if (!success && view->status != BF_RUN_FAILED) {
        return NULL; /* a stopped run says nothing about the pipeline's health */
    }
    if (is_same_end(last, view, state)) {
        state->first_failure = bf_json_true(bf_json_get(last, "first"));
        state->recovered = bf_json_true(bf_json_get(last, "recovered"));
        return NULL;
    }
    bool failed_before = bf_sv_is(bf_json_str(last, "status"), "Failed");
    state->first_failure = !success && !failed_before;
    state->recovered = success && failed_before;
    if (last != NULL && view->ended < ended) {
        state->first_failure = state->recovered = false; /* an older run that ended late */
        return NULL;
    }
    bf_json *out = bf_json_new_object(arena), *newest = bf_json_add_object(out, "last");
    (void)bf_json_add_str(newest, "arn", view->execution_arn);
    (void)bf_json_add_i64(newest, "attempt", state->attempt);
    (void)bf_json_add_str(newest, "status", bf_sv_of(bf_run_status_name(view->status)));
    (void)bf_json_add_i64(newest, "ended_at", view->ended);
    (void)bf_json_add_bool(newest, "first", state->first_failure);
    (void)bf_json_add_bool(newest, "recovered", state->recovered);
    if (success) {
        add_success(out, view);
    } else if (bf_json_get(history, "last_success") != NULL) {
        (void)bf_json_add_copy(out, "last_success", bf_json_get(history, "last_success"));
    }
    return out;
}

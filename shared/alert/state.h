#ifndef BF_ALERT_STATE_H
#define BF_ALERT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "alert/view.h"
#include "base/arena.h"
#include "json/json.h"

/**
 * How far alerting is with an execution: a document of the ledger, moved by a pure function.
 * Events come twice, late and out of order, and the API's answers lag behind them: a state only
 * moves forward, Executing < Stopping < (Succeeded, Failed, Stopped). A retried execution keeps
 * its ARN and begins again: what was ended and has steps that started later, or is changed later
 * and runs, is a new attempt. What is told once is told once for each attempt.
 */
struct bf_alert_state {
    int64_t attempt; /* 0: nothing is known yet */
    enum bf_run_status status;
    int64_t ended;      /* seconds; 0: it runs */
    bool first_failure; /* the first one after a success: people are mentioned */
    bool recovered;     /* the first success after a failure */
    struct bf_sv cause; /* "KeyError: 'user' in prep.py line 12", when it was found; else empty */
};

enum bf_alert_move {
    BF_MOVE_FORWARD, /* *next is new */
    BF_MOVE_NONE,    /* the same state: its steps may have moved */
    BF_MOVE_STALE,   /* what was read is older than what is known: nothing may be shown of it */
};

/** The attempt of ${view} is not looked at. *next is set unless stale. */
enum bf_alert_move bf_alert_advance(const struct bf_alert_state *now,
                                    const struct bf_run_view *view, struct bf_alert_state *next);

/** Steps that started and ended, as one number that only grows within an attempt and status. */
int64_t bf_alert_progress(const struct bf_run_view *view);

struct bf_alert_state bf_alert_state_read(const bf_json *document); /* NULL: attempt 0 */
bf_json *bf_alert_state_write(struct bf_arena *arena, const struct bf_alert_state *state);

/**
 * A pipeline's history, a document too: {"last":{"arn","attempt","status","ended_at","first",
 * "recovered"},"last_success":{"arn","ended_at","version","parameters"}}. Takes the end of a run
 * into it and sets first_failure and recovered of ${state}; the same end twice changes nothing.
 * NULL: the history stays as it is.
 */
bf_json *bf_alert_history(struct bf_arena *arena, const bf_json *history,
                          const struct bf_run_view *view, struct bf_alert_state *state);

#endif /* BF_ALERT_STATE_H */

#ifndef BF_RUN_WORK_H
#define BF_RUN_WORK_H

#include "ledger/ledger.h"
#include "run/run.h"
#include "run/slots.h"

/* What the files of this library share and nobody else includes. */

enum {
    BF_RUN_TRIES = 6 /* conditional writes that others may win before we give the message back */
};

/** A schedule of a pipeline at work. */
struct bf_lane {
    const struct bf_runner *r;
    struct bf_ledger ledger;
    struct bf_sv pipeline, schedule;
    const bf_json *record;   /* NULL: the pipeline is not known any more */
    const bf_json *settings; /* the schedule in the record; NULL: it is not there any more */
    struct bf_sv now;        /* "2026-03-01T00:00:00Z", the service's clock */
};

/** Load the record. */
BF_NODISCARD enum bf_code bf_lane_open(const struct bf_runner *r, struct bf_sv pipeline,
                                       struct bf_sv schedule, struct bf_lane *out,
                                       struct bf_err *err);

struct bf_slot_rules bf_lane_rules(const struct bf_lane *lane);

/** The queue document, made when there is none; write it with bf_ledger_put. */
BF_NODISCARD enum bf_code bf_lane_slots(struct bf_lane *lane, struct bf_ledger_item *out,
                                        struct bf_err *err);

/** Replace or add a member that is text. */
void bf_set_str(bf_json *object, const char *key, struct bf_sv value);

/* ---- resolve.c ---- */

/** The run document of a fire: stored before, or resolved and stored now. */
BF_NODISCARD enum bf_code bf_run_resolve(struct bf_lane *lane, const struct bf_due *due,
                                         struct bf_ledger_item *out, struct bf_err *err);

/* ---- start.c ---- */

/**
 * Start the execution of a run that has a slot, once, and note it everywhere. A permanent refusal
 * frees the slot and leaves the run "resolved" with the reason: the dead letter can be replayed.
 */
BF_NODISCARD enum bf_code bf_run_start(struct bf_lane *lane, struct bf_ledger_item *run,
                                       struct bf_err *err);

/** Free the slot of ${token}. */
BF_NODISCARD enum bf_code bf_run_free(struct bf_lane *lane, struct bf_sv token, struct bf_err *err);

/** Start what waits while there are slots. */
BF_NODISCARD enum bf_code bf_run_drain(struct bf_lane *lane, struct bf_err *err);

/* ---- finish.c ---- */

struct bf_ending {
    struct bf_sv token, execution_arn;
    struct bf_sv status; /* SageMaker's: "Succeeded", "Failed", "Stopped" */
    struct bf_sv at;     /* when */
};

bool bf_run_is_end(struct bf_sv status);

/** The run's document and the watermark; the slot is the caller's. */
BF_NODISCARD enum bf_code bf_run_finish(struct bf_lane *lane, const struct bf_ending *ending,
                                        struct bf_err *err);

/** Ask SageMaker about the active runs; those that ended are finished and freed. */
BF_NODISCARD enum bf_code bf_run_refresh(struct bf_lane *lane, bool *freed, struct bf_err *err);

#endif /* BF_RUN_WORK_H */

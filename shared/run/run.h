#ifndef BF_RUN_RUN_H
#define BF_RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/aws.h"
#include "base/err.h"
#include "base/log.h"
#include "json/json.h"

/**
 * Runs that are due: resolve once, store, start once.
 *
 *   token       hex SHA-256 of (environment, pipeline, kind, name, scheduled time or key, attempt):
 *               names the run, and is StartPipelineExecution's ClientRequestToken
 *   resolve     parameters by the pipeline record's run-time texts, look-ups made once; stored by
 *               a conditional put. A retry, a duplicate or a crash replays what is stored
 *   slot        a place among the schedule's active runs, or what "overlap" says instead
 *   start       StartPipelineExecution with the token; the execution's index and the run say so
 *
 * Documents in the ledger (keys.h):
 *
 *   run#TOKEN                {"token","environment","pipeline","arn","kind","name","attempt",
 *                             "scheduled_time","local_time","timezone","index","record_version",
 *                             "parameters":{name: text},"lookups":{key: answer},
 *                             "status","execution_arn","display_name","started_at","ended_at",
 *                             "reason"}
 *     status   resolved -> started -> succeeded | failed | stopped;  resolved -> waiting ->
 *              started;  resolved -> skipped;  waiting -> skipped (a newer one took its place)
 *   execution#ARN run        {"token","pipeline","kind","name","scheduled_time","status"}
 *   runs#PIPELINE T#TOKEN    {"token","kind","name","scheduled_time"}
 *   pipeline#NAME queue#S    {"started": count, "active":[{"token","execution_arn","since"}],
 *                             "waiting":[token, oldest first], "skipped": count}
 *   pipeline#NAME watermark#S {"last_success":{"time","interval_start","interval_end","execution"}}
 */
struct bf_runner {
    struct bf_aws *aws;
    const struct bf_log *log;
    struct bf_sv environment, table;
};

enum {
    BF_RUN_WAITING_MAX = 100, /* runs that wait in one schedule's queue (queue_all) */
    BF_RUN_PARAMETERS = 200,  /* SageMaker's limit */
};

/** What names a run. ${key} is the scheduled time "2026-03-01T00:00:00Z", or a trigger's key. */
struct bf_run_id {
    struct bf_sv environment, pipeline;
    struct bf_sv kind; /* "schedule" (catch-up and backfill too), "trigger", "manual" */
    struct bf_sv name; /* of the schedule or trigger */
    struct bf_sv key;
    int64_t attempt; /* 0; wanted repetitions count up */
};

/** 64 hex digits. Pure. The parts cannot be confused: each is written with its length. */
struct bf_sv bf_run_token(struct bf_arena *arena, const struct bf_run_id *id);

/** "weekly-20260302T090000": the schedule and its local time; [a-zA-Z0-9-], at most 82. Pure. */
struct bf_sv bf_run_display_name(struct bf_arena *arena, struct bf_sv schedule,
                                 int64_t local_seconds);

/** A fire of a schedule. */
struct bf_due {
    struct bf_sv pipeline, schedule;
    int64_t scheduled_time; /* seconds since 1970 */
};

enum bf_due_outcome {
    BF_DUE_STARTED,
    BF_DUE_REPLAYED, /* it was dealt with before */
    BF_DUE_SKIPPED,  /* by overlap */
    BF_DUE_WAITING,  /* by overlap */
    BF_DUE_UNKNOWN,  /* no such pipeline or schedule any more, or it is disabled */
};

struct bf_due_result {
    enum bf_due_outcome outcome;
    const bf_json *run; /* the run document; NULL for BF_DUE_UNKNOWN */
};

/**
 * BF_EINVALID: a parameter has no value (its run-time text failed for this fire); nothing was
 * started. BF_ECONFLICT: others write at the same time, try again.
 */
BF_NODISCARD enum bf_code bf_run_due(const struct bf_runner *runner, const struct bf_due *due,
                                     struct bf_due_result *out, struct bf_err *err);

/** A status change of an execution, as its event tells it. */
struct bf_run_change {
    struct bf_sv execution_arn;
    struct bf_sv status; /* "Executing", "Succeeded", "Failed", "Stopping", "Stopped" */
    int64_t time;        /* of the event */
};

/**
 * An execution of ours ended: its run says so, a success moves the watermark of its schedule
 * (forward only), its slot is free, and what waits is started. Executions that are not ours, and
 * statuses that end nothing, do nothing. May be repeated.
 */
BF_NODISCARD enum bf_code bf_run_changed(const struct bf_runner *runner,
                                         const struct bf_run_change *change, struct bf_err *err);

#endif /* BF_RUN_RUN_H */

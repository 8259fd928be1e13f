#ifndef BF_ALERT_VIEW_H
#define BF_ALERT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/links.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * What is known of one execution, in one struct: out of the answers of DescribePipelineExecution
 * and ListPipelineExecutionSteps, the pipeline record that the deployment wrote, and the run's
 * document in the ledger. Pure; views point into the JSON. Times are seconds since 1970, 0 where
 * unknown; the answers' times may be numbers of seconds or RFC 3339 texts.
 */
enum bf_run_status {
    BF_RUN_EXECUTING,
    BF_RUN_STOPPING,
    BF_RUN_SUCCEEDED,
    BF_RUN_FAILED,
    BF_RUN_STOPPED,
};

enum bf_step_status {
    BF_STEP_WAITING, /* in the record, not started yet */
    BF_STEP_STARTING,
    BF_STEP_EXECUTING,
    BF_STEP_SUCCEEDED,
    BF_STEP_FAILED,
    BF_STEP_STOPPING,
    BF_STEP_STOPPED,
};

enum { BF_VIEW_STEPS = 500 };

struct bf_step_view {
    struct bf_sv name;
    enum bf_step_status status;
    int64_t start, end;
    struct bf_sv reason; /* FailureReason, as it came */
    struct bf_job job;   /* kind NONE: nothing that has a log */
    bool cached;         /* its result was taken from an earlier run; the job belongs to that */
    int64_t attempts;
    struct bf_sv outcome;  /* of a condition: "True", "False" */
    struct bf_sv log_path; /* EMR: where in S3 its logs are; empty: none */
    struct bf_sv file;     /* where the spec has it; empty: unknown */
    int64_t line;
};

struct bf_run_facts {
    struct bf_sv execution_arn;
    const bf_json *execution; /* DescribePipelineExecution */
    const bf_json *steps;     /* array of PipelineExecutionSteps */
    const bf_json *record;    /* pipeline record; NULL: a pipeline that this stack did not deploy */
    const bf_json *run;       /* run document; NULL: started by hand */
    const bf_json *parameters; /* array of {"Name","Value"}; NULL: those of the run document */
    struct bf_sv environment;
    int64_t attempt; /* 1; a retried execution counts up */
};

struct bf_run_view {
    struct bf_sv environment, project, pipeline; /* pipeline: as in the spec */
    struct bf_execution_arn arn;
    struct bf_sv execution_arn;
    enum bf_run_status status;
    int64_t created, changed, ended; /* changed: LastModifiedTime */
    int64_t attempt;
    struct bf_sv reason;  /* of the execution */
    struct bf_sv cause;   /* what failure_logs found out, in one line; empty: not yet */
    struct bf_sv name;    /* display name; empty: none */
    struct bf_sv trigger; /* "schedule nightly", "trigger x", "by hand" */
    int64_t scheduled;    /* the time it was due */
    struct bf_sv timezone;
    struct bf_sv started_by, domain, owner;
    struct bf_step_view *steps; /* those that ran, by their start; then those that wait */
    size_t step_count;
    const struct bf_step_view *failed; /* the step that failed first; NULL: none */
    bf_json *parameters;               /* object: name -> text */
    const bf_json *computed;           /* of its schedule: name -> run-time text; NULL: none */
    int64_t version;                   /* of the pipeline record; 0: unknown */
};

/** BF_EINVALID: execution_arn is none, or the answer has no known status. */
BF_NODISCARD enum bf_code bf_run_view(struct bf_arena *arena, const struct bf_run_facts *facts,
                                      struct bf_run_view *out, struct bf_err *err);

static inline bool bf_run_ended(enum bf_run_status status)
{
    return status >= BF_RUN_SUCCEEDED;
}

/** "Executing" and so on, as the API writes them; false: none of them. */
BF_NODISCARD bool bf_run_status_of(struct bf_sv text, enum bf_run_status *out);
const char *bf_run_status_name(enum bf_run_status status);

/** A time of an answer: seconds since 1970, 0 when it is absent or none. */
int64_t bf_view_time(const bf_json *node);

/** "42 s", "3 min 12 s", "1 h 05 min", "2 d 03 h". */
struct bf_sv bf_view_duration(struct bf_arena *arena, int64_t seconds);

/** "Mon 2026-03-02 09:00 KST" in the zone; in UTC when there is no such zone. */
struct bf_sv bf_view_clock(struct bf_arena *arena, int64_t instant, struct bf_sv timezone);

#endif /* BF_ALERT_VIEW_H */

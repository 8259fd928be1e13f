#ifndef BF_DEPLOY_INTERNAL_H
#define BF_DEPLOY_INTERNAL_H

#include "aws/s3.h"
#include "compile/compile.h"
#include "deploy/deploy.h"
#include "deploy/plan.h"
#include "ledger/ledger.h"

/* What the files of this library share and nobody else includes. */

/* ---- read.c: the object, the platform file, the definition ---- */

/** An object that belongs to a source, and the version that was hashed. */
struct bf_code_object {
    const struct bf_source *source;
    struct bf_sv path; /* below the source; of a single file its name */
    struct bf_s3_at at;
};

struct bf_reading {
    const char *name; /* the file's name in diagnostics: the last part of its key */
    struct bf_sv version_id, commit;
    bool adopt; /* metadata buzzflow-adopt: true */
    struct bf_sv platform_version_id;
    struct bf_diags *diags;
    struct bf_spec spec;
    struct bf_code_object *code;
    size_t code_count, code_cap;
    bf_json *definition; /* NULL: there was an error */
    struct bf_sv definition_text;
};

/** BF_ENOTFOUND: the object or its version is not there any more. Mistakes are in ->diags. */
BF_NODISCARD enum bf_code bf_read_spec(const struct bf_deployer *d,
                                       const struct bf_deploy_wish *wish, struct bf_reading *out,
                                       struct bf_err *err);

/** The part of ${key} behind the last slash. */
struct bf_sv bf_base_name(struct bf_sv key);

/* ---- code.c: sources in the bucket of the specs ---- */

/** Fill the listing of ${source}, and add its objects to reading->code. */
BF_NODISCARD enum bf_code bf_code_list(const struct bf_deployer *d,
                                       const struct bf_deploy_wish *wish,
                                       struct bf_reading *reading, struct bf_source *source,
                                       struct bf_err *err);

/** Copy what is missing below storage.bucket; *copied counts the objects. */
BF_NODISCARD enum bf_code bf_code_copy(const struct bf_deployer *d,
                                       const struct bf_reading *reading, size_t *copied,
                                       struct bf_err *err);

/* ---- schedule.c, record.c: pure ---- */

/** What deployments of a pipeline keep: its last record, and the time of this one. */
struct bf_history {
    const bf_json *record; /* the last pipeline record; NULL: the first deployment */
    int64_t now;           /* seconds since 1970 */
};

/** wanted->schedules: Scheduler's request for each schedule of the pipeline. */
BF_NODISCARD enum bf_code bf_schedule_bodies(struct bf_arena *arena, const struct bf_stack *stack,
                                             const struct bf_pipeline *pipeline,
                                             const struct bf_history *history,
                                             struct bf_wanted *out, struct bf_err *err);

/** The StartDate of a rate: as it was, else now. Seconds since 1970. */
int64_t bf_rate_start(const struct bf_history *history, const struct bf_schedule *schedule);

/** "hello.weekly" */
struct bf_sv bf_schedule_full_name(struct bf_arena *arena, struct bf_sv pipeline,
                                   struct bf_sv schedule);

/** Where a deployment comes from, for records. */
struct bf_provenance {
    const struct bf_stack *stack;
    const struct bf_deploy_wish *wish;
    const struct bf_reading *reading;
    struct bf_sv sequencer, arn;
    struct bf_history history;
};

/** The pipeline record (deploy.h). */
BF_NODISCARD enum bf_code bf_record_make(struct bf_arena *arena, const struct bf_provenance *from,
                                         bf_json **out, struct bf_err *err);

/** The diagnostics as an array of objects, sorted. */
bf_json *bf_record_diagnostics(struct bf_arena *arena, struct bf_diags *diags);

/* ---- live.c: what is in the account ---- */

BF_NODISCARD enum bf_code bf_live_read(const struct bf_deployer *d, struct bf_sv name,
                                       struct bf_live *out, struct bf_err *err);

/**
 * What is live as a document, from which bf_snapshot_wanted() makes what restores it. A definition
 * of BF_DEFINITION_INLINE bytes or more goes into the bucket and key prefix of ${store}.
 */
BF_NODISCARD enum bf_code bf_snapshot_make(const struct bf_deployer *d, const struct bf_live *live,
                                           const struct bf_s3_at *store, bf_json **out,
                                           struct bf_err *err);
BF_NODISCARD enum bf_code bf_snapshot_wanted(const struct bf_deployer *d, struct bf_sv name,
                                             const bf_json *snapshot, struct bf_wanted *out,
                                             struct bf_err *err);

/* ---- apply.c: the writes ---- */

struct bf_apply {
    const struct bf_deployer *d;
    const struct bf_wanted *wanted;
    struct bf_s3_at store; /* bucket and prefix for definitions that are passed through S3 */
    struct bf_sv token;    /* of CreatePipeline and DeletePipeline */
    struct bf_sv arn;      /* of the pipeline; set by a creation */
};

/** All changes in order, up to the first that fails. */
BF_NODISCARD enum bf_code bf_apply_plan(struct bf_apply *apply, const struct bf_plan *plan,
                                        struct bf_err *err);

#endif /* BF_DEPLOY_INTERNAL_H */

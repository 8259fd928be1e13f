#ifndef BF_DEPLOY_DEPLOY_H
#define BF_DEPLOY_DEPLOY_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/aws.h"
#include "base/err.h"
#include "base/log.h"
#include "spec/spec.h"
#include "json/json.h"

/**
 * From an object in the spec bucket to a pipeline that runs: read, check, compile, plan, apply,
 * record. One call for one event of one object; calling it again for the same event, after a
 * crash or because it came twice, leads to the same end.
 *
 *   order    by the event's sequencer: an older event never overwrites a newer deployment
 *   lock     one deployment of an object at a time (a claim with a lease)
 *   journal  what was there before the first write is kept in the ledger until the last one: a
 *            retry goes on from what is live, a permanent failure in the middle restores it
 *   writes   code, definition, pipeline, tags, schedules, orphaned schedules, pipeline record,
 *            deployment record; only what differs from what is live
 *
 * The deployment record is a document in the ledger at bf_key_spec_latest(key), and of each
 * event at bf_key_spec_history(key, sequencer):
 *
 *   {"bucket","key","version_id","sequencer","platform_version_id","environment",
 *    "status": "ok" | "failed" | "superseded" | "removed",
 *    "at": "2026-03-01T00:00:00Z", "pipeline","arn","version","definition_sha256","on_delete",
 *    "diagnostics": [{"file","line","column","end_column","severity","code","message","hint",
 *                     "notes"}],
 *    "written": ["created pipeline hello", "created schedule hello.weekly"],
 *    "waits_for": "specs/other.pipeline.yaml"  (which has the pipeline's name; when that one is
 *                                              removed or renamed, this one is deployed again)
 *    "error": "...", "restored": true|false}   (of a failure while writing, and of what an
 *                                              earlier deployment that died left behind)
 */

/*
 * The pipeline record (ledger: bf_key_pipeline) has everything that runs and alerts need, so that
 * they never read a file:
 *
 *   {"version": 3, "pipeline","arn","project","environment","deployed_at","definition_sha256",
 *    "source": {"bucket","key","version_id","sequencer","platform_version_id","commit","sha256"},
 *    "on_delete", "tags": [keys the file gave],
 *    "alerts": {"slack": ["#ml"],"live","events": ["failed"],"owner","mention": ["S0123"]},
 *    "steps": {"greet": {"type": "processing","file": "hello.pipeline.yaml","line": 13}},
 *    "parameters": {"who": {"type": "string","default": "world"}},
 *    "calendar": {"weekend": [6, 7],"holidays": ["2026-01-01"],"holidays_uri"},
 *    "schedules": {"weekly": {"kind": "cron"|"rate"|"at","expression","timezone",
 *        "parameters": {"who": "week ${date:isoweek}"},"overlap",
 *        "catchup": {"mode","limit","window"},"max_active","start_by","enabled","start","end"}},
 *    "triggers": {"late": {"kind","timezone","parameters","repeat","overlap","enabled",
 *        "applied": false}},
 *    "removed_at": its file was removed, the pipeline kept}
 *
 * "version" counts deployments; "start" and "end" are instants, or null.
 */

/** What a stack is; the same for every deployment. */
struct bf_stack {
    struct bf_sv environment, table, spec_bucket;
    struct bf_stack_rules rules;   /* storage.not_allowed, role.not_allowed */
    struct bf_variables variables; /* what oc.env may read */
    bool require_declared;         /* a file must declare the stack's environment */
    struct bf_sv schedule_group, scheduler_role_arn, rerun_queue_arn;
    struct bf_sv queue_url; /* for bf_deploy_again(); may be empty */
};

struct bf_deployer {
    struct bf_aws *aws;
    const struct bf_log *log;
    const struct bf_stack *stack;
    struct bf_sv owner; /* of the lock: the request id */
};

/** An object that was written or removed. */
struct bf_deploy_wish {
    struct bf_sv bucket, key;
    struct bf_sv version_id; /* empty: whatever is current */
    struct bf_sv sequencer;  /* empty: not an event of S3; the order is not checked */
    bool removed;
};

enum bf_deploy_outcome {
    BF_DEPLOY_OK,         /* live is what the file says; ->changed: something was written */
    BF_DEPLOY_FAILED,     /* the record says why; live is as it was */
    BF_DEPLOY_SUPERSEDED, /* a newer event was first, or the version is gone */
    BF_DEPLOY_DUPLICATE,  /* this event was dealt with; ->record is what came of it then */
    BF_DEPLOY_REMOVED,    /* the object is gone, so are its schedules */
    BF_DEPLOY_IGNORED,    /* a removal of an object that is still there */
};

struct bf_deployment {
    enum bf_deploy_outcome outcome;
    bool changed;
    const bf_json *record;   /* the deployment record; NULL: none was written */
    struct bf_alerts alerts; /* of the file where it could be read; empty otherwise */
    struct bf_sv text;       /* diagnostics as text with their source lines; may be empty */
};

/**
 * BF_OK: decided and recorded, whatever the outcome. A transient error: nothing is decided, call
 * again (the journal knows how far it went). A permanent error: the ledger itself refused.
 */
BF_NODISCARD enum bf_code bf_deploy_run(const struct bf_deployer *deployer,
                                        const struct bf_deploy_wish *wish,
                                        struct bf_deployment *out, struct bf_err *err);

/**
 * The pipeline record that a deployment of ${pipeline} at ${now} would write, without what only a
 * deployment knows (arn, source, version): what "buzzflow preview" computes runs from. Pure.
 */
BF_NODISCARD enum bf_code bf_deploy_record(struct bf_arena *arena,
                                           const struct bf_pipeline *pipeline, int64_t now,
                                           bf_json **out, struct bf_err *err);

/** Ask for an object to be deployed again: {"kind":"redeploy"} into stack->queue_url. */
BF_NODISCARD enum bf_code bf_deploy_again(const struct bf_deployer *deployer, struct bf_sv bucket,
                                          struct bf_sv key, struct bf_err *err);

/** Whether ${key} names a pipeline file: below "specs/", ending in ".pipeline.yaml". */
bool bf_deploy_is_spec(struct bf_sv key);

/**
 * The key that ${path}, relative to the object ${key}, names. False: it leaves the bucket, or is
 * its root.
 */
bool bf_code_key(struct bf_arena *arena, struct bf_sv key, struct bf_sv path, struct bf_sv *out);

/** The key of the platform file. */
#define BF_PLATFORM_KEY BF_SV("platform.yaml")

enum { BF_DEPLOY_LOCK_RETRY = 3 /* seconds to wait for another deployment of the object */ };

#endif /* BF_DEPLOY_DEPLOY_H */

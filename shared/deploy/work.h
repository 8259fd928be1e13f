#ifndef BF_DEPLOY_WORK_H
#define BF_DEPLOY_WORK_H

#include "deploy/internal.h"

/** One deployment under way, within the lock: deploy.c, journal.c and remove.c share it. */
struct bf_work {
    const struct bf_deployer *d;
    const struct bf_deploy_wish *wish;
    struct bf_ledger ledger;
    struct bf_ledger_item latest; /* the last deployment record of the object */
    struct bf_ledger_item journal;
    struct bf_ledger_item record; /* the pipeline record */
    struct bf_sv sequencer;       /* the wish's, or the last one's */
    struct bf_reading reading;
    struct bf_sv waits_for; /* the object that has our pipeline's name; empty: none */
    struct bf_deployment *out;
    int64_t now;
};

/* ---- journal.c ---- */

/**
 * {"pipeline","sequencer","version_id","platform_version_id","state": "applying"|"restoring",
 *  "store": {"bucket","key"}, "before": snapshot, "tags": [keys that were wanted], "planned":
 * [titles], "error": "..."} Read it; document NULL when nothing is under way. One whose deployment
 * ended, or that is older than the last record, is deleted: by then it was resolved.
 */
BF_NODISCARD enum bf_code bf_journal_read(struct bf_work *w, struct bf_err *err);

/** Whether the journal is of this very deployment: it goes on after a crash. */
bool bf_journal_is_mine(const struct bf_work *w);

/** Keep what is there before the first write; an older journal's snapshot is kept on. */
BF_NODISCARD enum bf_code bf_journal_begin(struct bf_work *w, const struct bf_live *live,
                                           const struct bf_wanted *wanted,
                                           const struct bf_plan *plan, struct bf_err *err);
/** From here on a retry goes on restoring. ${why} becomes the deployment's error. */
BF_NODISCARD enum bf_code bf_journal_give_up(struct bf_work *w, const char *why,
                                             struct bf_err *err);
/** Put back what the journal's snapshot says. */
BF_NODISCARD enum bf_code bf_journal_restore(struct bf_work *w, struct bf_err *err);
BF_NODISCARD enum bf_code bf_journal_end(struct bf_work *w, struct bf_err *err);
/**
 * For ends that deploy nothing: what a deployment that died in the middle left behind is taken
 * back, by the journal that was read (none: nothing to do). The journal stays, see
 * bf_journal_end. *${restored} is false where that is refused, ${why} says why.
 */
BF_NODISCARD enum bf_code bf_journal_undo(struct bf_work *w, bool *restored, struct bf_err *why,
                                          struct bf_err *err);

/** Where definitions that are too large for a request go: bucket and prefix. */
struct bf_s3_at bf_work_store(const struct bf_work *w);

/** A token for calls that shall be carried out once in this deployment. */
struct bf_sv bf_work_token(const struct bf_work *w, struct bf_sv name);

/* ---- outcome.c ---- */

/** A deployment record with what is known; the last deployed pipeline is carried over. */
bf_json *bf_outcome_new(const struct bf_work *w, const char *status);
/** Write it as the object's newest and into the history. */
BF_NODISCARD enum bf_code bf_outcome_write(struct bf_work *w, bf_json *record, struct bf_err *err);
/** Into the history only: a newer deployment stays the newest. */
BF_NODISCARD enum bf_code bf_outcome_history(struct bf_work *w, bf_json *record,
                                             struct bf_err *err);

/* ---- remove.c ---- */

/** The object is gone: its schedules go too, the pipeline by on_delete. */
BF_NODISCARD enum bf_code bf_remove_run(struct bf_work *w, struct bf_err *err);
/**
 * Take away what the object deployed under another name (its "name" was changed): schedules, and
 * the pipeline if it was so wanted. Titles of what was done are added to ${written}.
 */
BF_NODISCARD enum bf_code bf_remove_pipeline(struct bf_work *w, struct bf_sv name, bf_json *written,
                                             struct bf_err *err);

/* ---- waiting.c: objects whose pipeline's name another one has ---- */

BF_NODISCARD enum bf_code bf_waiting_begin(struct bf_work *w, struct bf_err *err);
BF_NODISCARD enum bf_code bf_waiting_end(struct bf_work *w, struct bf_err *err);
/** The name ${pipeline} is free: whoever waits for it is deployed again. */
BF_NODISCARD enum bf_code bf_waiting_wake(struct bf_work *w, struct bf_sv pipeline,
                                          struct bf_err *err);

#endif /* BF_DEPLOY_WORK_H */

#ifndef BF_ALERT_FINDING_H
#define BF_ALERT_FINDING_H

#include <stdbool.h>

#include "alert/cause.h"
#include "alert/logs.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/sv.h"

/** What a job says of itself: Describe*Job's FailureReason and ExitMessage; may be empty. */
struct bf_job_words {
    struct bf_sv reason, exit_message;
};

/** Why a run failed, out of everything that was read. */
struct bf_run_finding {
    struct bf_cause cause;
    bool from_log; /* there was a log, and the excerpt is of it */
    bool missing;  /* the log does not tell yet: lines may still come */
};

/**
 * The log's cause, unless it is weak (nothing, a wrapper's words, a cut traceback) or the service
 * knows better why it ended the job (quota, capacity, its own failure, the time limit). ${logs}
 * without events: the words of the service. Pure.
 */
struct bf_run_finding bf_finding_of(struct bf_arena *arena, const struct bf_run_view *view,
                                    const struct bf_logs_found *logs,
                                    const struct bf_job_words *words);

#endif /* BF_ALERT_FINDING_H */

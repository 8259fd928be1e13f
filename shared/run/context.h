#ifndef BF_RUN_CONTEXT_H
#define BF_RUN_CONTEXT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

/**
 * What run-time text of a schedule sees (expression/expression.h), out of the pipeline record.
 * Pure: the run itself and "buzzflow preview" use it, so that they agree.
 */
struct bf_context_facts {
    const bf_json *record; /* the pipeline record */
    struct bf_sv schedule; /* its name */
    int64_t scheduled_time;
    struct bf_sv kind; /* "schedule", "catchup", "backfill" */
    int64_t attempt, index;
    const bf_json *last_success; /* of the schedule; NULL: none yet */
    const bf_json *holidays;     /* array of dates, of the calendar's source; NULL: its own list */
};

/** The context; "param" holds the defaults of the pipeline's parameters, "lookups" is empty. */
BF_NODISCARD enum bf_code bf_run_context(struct bf_arena *arena,
                                         const struct bf_context_facts *facts, bf_json **out,
                                         struct bf_err *err);

/** The schedule in the record, or NULL. */
const bf_json *bf_run_schedule(const bf_json *record, struct bf_sv name);

/** When a schedule fires: of its members kind, expression, timezone, start. */
struct bf_firing;
struct bf_when;
BF_NODISCARD enum bf_code bf_run_firing(struct bf_arena *arena, const bf_json *schedule,
                                        struct bf_firing *out, struct bf_err *err);

/** Local seconds of an instant in the schedule's zone. */
BF_NODISCARD enum bf_code bf_run_local(struct bf_arena *arena, const bf_json *schedule,
                                       int64_t instant, int64_t *out, struct bf_err *err);

/** Dates of a holidays file: one a line, text after the date is its name, # begins a comment.
 * BF_EINVALID names the line. */
BF_NODISCARD enum bf_code bf_run_holidays(struct bf_arena *arena, struct bf_sv text, bf_json **out,
                                          struct bf_err *err);

#endif /* BF_RUN_CONTEXT_H */

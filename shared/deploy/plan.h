#ifndef BF_DEPLOY_PLAN_H
#define BF_DEPLOY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * What has to be written so that live becomes wanted. Pure. Restoring is the same plan with the
 * snapshot as what is wanted, removing one with no schedules and the pipeline kept or deleted.
 */

struct bf_named_json {
    struct bf_sv name;
    const bf_json *body;
};

/** A pipeline and its schedules as they are in the account. */
struct bf_live {
    bool exists;
    struct bf_sv arn, role, description;
    struct bf_sv definition;         /* text */
    int64_t max_parallel;            /* 0: not set */
    const bf_json *tags;             /* [{"Key","Value"}] */
    struct bf_named_json *schedules; /* GetSchedule's answers without what cannot be written */
    size_t schedule_count;
};

enum bf_pipeline_wish {
    BF_PIPELINE_PUT,   /* as in ->definition and so on */
    BF_PIPELINE_LEAVE, /* as it is */
    BF_PIPELINE_DELETE,
};

/** How it shall be. */
struct bf_wanted {
    struct bf_sv name;
    enum bf_pipeline_wish pipeline;
    struct bf_sv role, description, definition;
    int64_t max_parallel;
    const bf_json *tags;
    const bf_json *droppable_tags;   /* array of keys: ours, removed when not wanted; NULL: none */
    struct bf_named_json *schedules; /* complete bodies; live ones that are not here go */
    size_t schedule_count;
};

enum bf_change_kind {
    BF_CREATE_PIPELINE,
    BF_UPDATE_PIPELINE,
    BF_ADD_TAGS,
    BF_DELETE_TAGS,
    BF_CREATE_SCHEDULE,
    BF_UPDATE_SCHEDULE,
    BF_DELETE_SCHEDULE,
    BF_DELETE_PIPELINE,
};

/** One write, in the order of writing. */
struct bf_change {
    enum bf_change_kind kind;
    struct bf_sv name;   /* of the pipeline or schedule */
    const bf_json *body; /* schedules: the request; tags: what is added, or the keys */
};

struct bf_plan {
    struct bf_change *changes;
    size_t count;
};

struct bf_plan bf_plan_make(struct bf_arena *arena, const struct bf_live *live,
                            const struct bf_wanted *wanted);

/** "created pipeline hello", "updated schedule hello.weekly": for records and people. */
struct bf_sv bf_change_title(struct bf_arena *arena, const struct bf_change *change);

/**
 * An UpdateSchedule replaces everything, so what is sent is what is live with our members over
 * it: ScheduleExpression, its timezone, State, FlexibleTimeWindow, StartDate, EndDate,
 * Description and the members of Target. What somebody else set beside (a dead-letter queue, a
 * key) stays. A rate keeps the StartDate it has. ${live} may be NULL: there is none.
 */
bf_json *bf_schedule_merge(struct bf_arena *arena, const bf_json *live, const bf_json *wanted);

/** The value of a tag in [{"Key","Value"}], or the empty view; *found (may be NULL) tells. */
struct bf_sv bf_tag_of(const bf_json *tags, struct bf_sv key, bool *found);

#endif /* BF_DEPLOY_PLAN_H */

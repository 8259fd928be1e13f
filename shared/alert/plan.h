#ifndef BF_ALERT_PLAN_H
#define BF_ALERT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "alert/message.h"
#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * Who hears of what: "alerts" of the pipeline record (spec language, "alerts"). Pure. A member
 * that is missing has the language's default: the stack's channel, live, [failed, stopped].
 */
struct bf_alert_plan {
    struct bf_sv *channels; /* without repetitions; may be empty: nobody in Slack */
    size_t channel_count;
    bool live;
    bool wants[BF_ALERT_EVENTS];
    struct bf_sv mentions; /* "<@U1> <!subteam^S1>"; empty: nobody */
};

enum { BF_ALERT_CHANNELS = 10 };

/** ${record} may be NULL (a pipeline that this stack did not deploy). */
struct bf_alert_plan bf_alert_plan(struct bf_arena *arena, const bf_json *record,
                                   struct bf_sv default_channel);

#endif /* BF_ALERT_PLAN_H */

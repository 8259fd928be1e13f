#ifndef BF_AWS_SCHEDULER_H
#define BF_AWS_SCHEDULER_H

#include "aws/aws.h"

/**
 * EventBridge Scheduler (REST-JSON). ${schedule} is the request's JSON body as AWS has it
 * (ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, Target, State, ...)
 * without Name and GroupName, which are in ${at}. An update replaces everything: each optional
 * member left out returns to its default (get, change, put back).
 */
struct bf_schedule_at {
    struct bf_sv group, name; /* [0-9a-zA-Z-_.], 1 to 64 each */
};

/** *arn may be NULL. BF_ECONFLICT when it exists; repeatable with a ClientToken. */
BF_NODISCARD enum bf_code bf_scheduler_create(struct bf_aws *aws, const struct bf_schedule_at *at,
                                              const bf_json *schedule, struct bf_sv *arn,
                                              struct bf_err *err);
BF_NODISCARD enum bf_code bf_scheduler_update(struct bf_aws *aws, const struct bf_schedule_at *at,
                                              const bf_json *schedule, struct bf_sv *arn,
                                              struct bf_err *err);
/** BF_ENOTFOUND when there is none. */
BF_NODISCARD enum bf_code bf_scheduler_get(struct bf_aws *aws, const struct bf_schedule_at *at,
                                           bf_json **out, struct bf_err *err);
/** No error when it is not there. */
BF_NODISCARD enum bf_code bf_scheduler_delete(struct bf_aws *aws, const struct bf_schedule_at *at,
                                              struct bf_err *err);
/** Schedules of ${at->group} whose names begin with ${at->name}: array of summaries. */
BF_NODISCARD enum bf_code bf_scheduler_list(struct bf_aws *aws, const struct bf_schedule_at *at,
                                            size_t max, bf_json **out, struct bf_err *err);

#endif /* BF_AWS_SCHEDULER_H */

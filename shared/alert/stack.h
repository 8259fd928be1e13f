#ifndef BF_ALERT_STACK_H
#define BF_ALERT_STACK_H

#include <stdbool.h>

#include "alert/alerter.h"
#include "alert/sender.h"
#include "aws/aws.h"
#include "base/sv.h"

/** The stack as the alerting functions see it: what their environment says, and the sender. */
struct bf_alert_stack {
    struct bf_sender sender;
    struct bf_sv environment, table, default_channel, topic_arn;
    bool watch_untagged;
};

/** One call's alerter. ${aws} and ${stack} stay the caller's and outlive it. */
static inline struct bf_alerter bf_alerter_of(struct bf_alert_stack *stack, struct bf_aws *aws,
                                              struct bf_sv request_id)
{
    return (struct bf_alerter){.aws = aws,
                               .sender = &stack->sender,
                               .environment = stack->environment,
                               .table = stack->table,
                               .default_channel = stack->default_channel,
                               .topic_arn = stack->topic_arn,
                               .request_id = request_id,
                               .watch_untagged = stack->watch_untagged};
}

#endif /* BF_ALERT_STACK_H */

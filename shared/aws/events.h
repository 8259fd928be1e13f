#ifndef BF_AWS_EVENTS_H
#define BF_AWS_EVENTS_H

#include "aws/aws.h"

/** EventBridge rules (JSON 1.1, "AWSEvents"). ${in} and *out are AWS's own JSON. */
BF_NODISCARD enum bf_code bf_events_put_rule(struct bf_aws *aws, const bf_json *in,
                                             struct bf_sv *arn, struct bf_err *err);
/** Entries that AWS refused (FailedEntryCount) are an error: BF_EREFUSED with the first of them. */
BF_NODISCARD enum bf_code bf_events_put_targets(struct bf_aws *aws, const bf_json *in,
                                                struct bf_err *err);
/** An array of targets; BF_ENOTFOUND without the rule. */
BF_NODISCARD enum bf_code bf_events_list_targets(struct bf_aws *aws, struct bf_sv rule,
                                                 bf_json **out, struct bf_err *err);
BF_NODISCARD enum bf_code bf_events_describe_rule(struct bf_aws *aws, struct bf_sv rule,
                                                  bf_json **out, struct bf_err *err);
/** Rules of the default bus whose names begin with ${prefix}: array. */
BF_NODISCARD enum bf_code bf_events_list_rules(struct bf_aws *aws, struct bf_sv prefix, size_t max,
                                               bf_json **out, struct bf_err *err);
/** Its targets first, then the rule; no error when it is not there. */
BF_NODISCARD enum bf_code bf_events_remove_rule(struct bf_aws *aws, struct bf_sv rule,
                                                struct bf_err *err);
/** Does the event match the pattern (TestEventPattern)? Both are JSON texts. */
BF_NODISCARD enum bf_code bf_events_test_pattern(struct bf_aws *aws, struct bf_sv pattern,
                                                 struct bf_sv event, bool *matches,
                                                 struct bf_err *err);

#endif /* BF_AWS_EVENTS_H */

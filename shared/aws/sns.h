#ifndef BF_AWS_SNS_H
#define BF_AWS_SNS_H

#include "aws/aws.h"

enum { BF_SNS_MAX_BYTES = 262144 }; /* message with its attributes */

struct bf_sns_message {
    struct bf_sv topic_arn;
    struct bf_sv text;
    struct bf_sv subject; /* for mail: at most 100 ASCII characters; empty: none */
    const bf_json
        *attributes; /* object: name -> text, sent as String; empty ones not; NULL: none */
};

/**
 * Publish (query protocol). *id (may be NULL) is the message id. A message that is too long is
 * BF_ETOOLARGE, unsent. Not repeatable: a lost answer is BF_EAMBIGUOUS.
 */
BF_NODISCARD enum bf_code bf_sns_publish(struct bf_aws *aws, const struct bf_sns_message *message,
                                         struct bf_sv *id, struct bf_err *err);

#endif /* BF_AWS_SNS_H */

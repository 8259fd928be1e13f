#ifndef BF_AWS_STS_H
#define BF_AWS_STS_H

#include "aws/aws.h"

struct bf_sts_identity {
    struct bf_sv account, arn, user_id;
};

/** Who the credentials belong to (GetCallerIdentity). */
BF_NODISCARD enum bf_code bf_sts_caller_identity(struct bf_aws *aws, struct bf_sts_identity *out,
                                                 struct bf_err *err);

#endif /* BF_AWS_STS_H */

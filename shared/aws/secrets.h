#ifndef BF_AWS_SECRETS_H
#define BF_AWS_SECRETS_H

#include "aws/aws.h"

/** The SecretString of a secret (name or ARN) in Secrets Manager. Never logged. */
BF_NODISCARD enum bf_code bf_secrets_get(struct bf_aws *aws, struct bf_sv id, struct bf_sv *out,
                                         struct bf_err *err);

#endif /* BF_AWS_SECRETS_H */

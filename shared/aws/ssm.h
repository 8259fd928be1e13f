#ifndef BF_AWS_SSM_H
#define BF_AWS_SSM_H

#include "aws/aws.h"

/** The value of a parameter of the Systems Manager store, decrypted. BF_ENOTFOUND: no such name. */
BF_NODISCARD enum bf_code bf_ssm_get(struct bf_aws *aws, struct bf_sv name, struct bf_sv *out,
                                     struct bf_err *err);

#endif /* BF_AWS_SSM_H */

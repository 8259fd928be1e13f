#ifndef CLI_STACK_H
#define CLI_STACK_H

#include "aws/aws.h"
#include "base/err.h"
#include "http/http.h"

/** An installation of buzzflow, as the command line finds it. */
struct bf_cli_stack {
    struct bf_sv environment; /* "research" */
    struct bf_sv bucket;      /* of the specs */
    struct bf_sv table;       /* the ledger */
};

/** A connection to AWS for one command, with the credentials of the environment. */
struct bf_cli_aws {
    struct bf_http *http;
    struct bf_aws aws;
};

/** Close it with bf_cli_aws_close. */
void bf_cli_aws_open(struct bf_arena *arena, struct bf_cli_aws *out);
void bf_cli_aws_close(struct bf_cli_aws *aws);

/**
 * The stack of an environment, by the parameter /buzzflow/ENVIRONMENT that its template writes.
 * ${environment} NULL: the variable BUZZFLOW_ENVIRONMENT; BF_EUSAGE without both.
 */
BF_NODISCARD enum bf_code bf_cli_stack_find(struct bf_cli_aws *aws, const char *environment,
                                            struct bf_cli_stack *out, struct bf_err *err);

#endif /* CLI_STACK_H */

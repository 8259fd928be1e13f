#ifndef BF_RUN_LOOKUPS_H
#define BF_RUN_LOOKUPS_H

#include "expression/expression.h"
#include "run/run.h"

/**
 * Make the look-ups of a run and add the answers to ${answers} by their keys. An answer that
 * there is not is {"error": why}: the expression that needs it fails with that, one that has a
 * way without it does not. Transient failures of a service are returned.
 */
BF_NODISCARD enum bf_code bf_run_lookups(const struct bf_runner *runner,
                                         const struct bf_lookups *lookups, bf_json *answers,
                                         struct bf_err *err);

/** The holidays of a calendar whose source is s3://bucket/key or ssm:/name. */
BF_NODISCARD enum bf_code bf_run_holidays_of(const struct bf_runner *runner, struct bf_sv uri,
                                             bf_json **out, struct bf_err *err);

enum {
    BF_LOOKUP_KEYS = 10000,      /* keys that s3.latest reads */
    BF_LOOKUP_EXECUTIONS = 1000, /* executions that pipeline.last looks through */
    BF_HOLIDAYS_BYTES = 1 << 20,
};

#endif /* BF_RUN_LOOKUPS_H */

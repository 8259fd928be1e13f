#ifndef BF_ALERT_LOGS_H
#define BF_ALERT_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/links.h"
#include "aws/aws.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * Reads a job's logs from their end and finds the cause in them.
 *
 * All streams that begin with "job/" (with the slash: "job-1" is a prefix of "job-10"; Lambda:
 * those of the day), each backwards until a page with an error in it, within a budget over all
 * streams. Empty pages with data behind them are read on; a group or stream that does not exist
 * (yet) is no error.
 */
enum {
    BF_LOGS_STREAMS = 50,
    BF_LOGS_PAGES = 60,      /* requests of GetLogEvents in all */
    BF_LOGS_BYTES = 5 << 20, /* of text in all */
    BF_LOGS_EMPTY = 10,      /* empty pages one after the other */
    BF_LOGS_MS = 40 * 1000,  /* of time */
};

struct bf_logs_wish {
    struct bf_job job;
    int64_t start, end; /* of the step, seconds since 1970; 0: unknown */
};

struct bf_logs_found {
    struct bf_cause cause;
    struct bf_sv stream; /* that the cause stands in; empty: unknown */
    size_t streams, events;
    bool budget_spent; /* there is more that was not read */
};

BF_NODISCARD enum bf_code bf_alert_logs(struct bf_aws *aws, const struct bf_logs_wish *wish,
                                        struct bf_logs_found *out, struct bf_err *err);

/** "algo-1" of "job-name/algo-1-1699999999": the machine, for people. */
struct bf_sv bf_logs_host(struct bf_sv stream);

#endif /* BF_ALERT_LOGS_H */

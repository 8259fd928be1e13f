#ifndef BF_AWS_LOGS_H
#define BF_AWS_LOGS_H

#include "aws/aws.h"

/** CloudWatch Logs (JSON 1.1). A group that does not exist (yet) is BF_ENOTFOUND. */

/** Names of the streams that begin with ${prefix} ("job/", with the slash): array of objects. */
BF_NODISCARD enum bf_code bf_logs_streams(struct bf_aws *aws, struct bf_sv group,
                                          struct bf_sv prefix, size_t max, bf_json **out,
                                          struct bf_err *err);

struct bf_logs_position {
    struct bf_sv group, stream;
    int64_t start_ms, end_ms; /* 0: not sent */
    bool from_head;           /* else from the tail */
    struct bf_sv token;       /* of the page before; empty: the first page */
    size_t limit;             /* events; 0: AWS's 10,000 or 1 MB */
};

struct bf_logs_page {
    bf_json *events; /* array of {"timestamp","message","ingestionTime"}, oldest first */
    struct bf_sv forward, backward; /* tokens of the neighbour pages */
    /*
     * No more in the direction of reading: the token that came is the one that was sent. An empty
     * page does not say so: GetLogEvents returns empty pages with data behind them.
     */
    bool last;
};

/**
 * One page (GetLogEvents). Give page.forward back (from_head) or page.backward (from the tail)
 * as position.token; bound the number of pages yourself, for a token may never repeat.
 */
BF_NODISCARD enum bf_code bf_logs_events(struct bf_aws *aws, const struct bf_logs_position *at,
                                         struct bf_logs_page *out, struct bf_err *err);

#endif /* BF_AWS_LOGS_H */

#include "aws/logs.h"

#include "aws/internal.h"

static const struct bf_aws_operation describe_streams = {&bf_aws_logs, "DescribeLogStreams", true};
static const struct bf_aws_operation get_events = {&bf_aws_logs, "GetLogEvents", true};

enum { STREAMS_PAGE = 50 };

enum bf_code bf_logs_streams(struct bf_aws *aws, struct bf_sv group, struct bf_sv prefix,
                             size_t max, bf_json **out, struct bf_err *err)
{
    const struct bf_aws_pages pages = {"logStreams", "nextToken", max};
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, "logGroupName", group);
    bf_aws_add_some(in, "logStreamNamePrefix", prefix);
    (void)bf_json_add_i64(in, "limit", max < STREAMS_PAGE ? (int64_t)max : STREAMS_PAGE);
    return bf_aws_json_pages(aws, &describe_streams, in, &pages, out, err);
}

enum bf_code bf_logs_events(struct bf_aws *aws, const struct bf_logs_position *at,
                            struct bf_logs_page *out, struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "logGroupName", at->group);
    (void)bf_json_add_str(in, "logStreamName", at->stream);
    if (at->start_ms != 0) {
        (void)bf_json_add_i64(in, "startTime", at->start_ms);
    }
    if (at->end_ms != 0) {
        (void)bf_json_add_i64(in, "endTime", at->end_ms);
    }
    if (at->limit != 0) {
        (void)bf_json_add_i64(in, "limit", (int64_t)at->limit);
    }
    (void)bf_json_add_bool(in, "startFromHead", at->from_head);
    bf_aws_add_some(in, "nextToken", at->token);
    BF_TRY(bf_aws_json_call(aws, &get_events, in, &answer, err));
    *out = (struct bf_logs_page){.events = bf_json_get(answer, "events"),
                                 .forward = bf_json_str(answer, "nextForwardToken"),
                                 .backward = bf_json_str(answer, "nextBackwardToken")};
    if (out->events == NULL) {
        out->events = bf_json_new_array(aws->arena);
    }
    struct bf_sv next = at->from_head ? out->forward : out->backward;
    out->last = next.len == 0 || bf_sv_eq(next, at->token);
    return BF_OK;
}

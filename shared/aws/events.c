#include "aws/events.h"

#include "aws/internal.h"

enum { MAX_TARGETS = 100 };

#define OPERATION(name_)                                                                           \
    &(const struct bf_aws_operation)                                                               \
    {                                                                                              \
        .service = &bf_aws_events, .name = (name_), .repeatable = true                             \
    }

static bf_json *with(struct bf_aws *aws, const char *member, struct bf_sv value)
{
    bf_json *in = bf_json_new_object(aws->arena);

    (void)bf_json_add_str(in, member, value);
    return in;
}

/* PutTargets and RemoveTargets succeed as a whole and refuse single entries. */
static enum bf_code entries(const bf_json *answer, const char *operation, struct bf_err *err)
{
    const bf_json *first = bf_json_first(bf_json_get(answer, "FailedEntries"));

    if (first == NULL) {
        return BF_OK;
    }
    return bf_err_set(
        err, BF_EREFUSED, BF_NOWHERE, "events %s: target '" BF_SV_FMT "': " BF_SV_FMT " " BF_SV_FMT,
        operation, BF_SV_ARG(bf_json_str(first, "TargetId")),
        BF_SV_ARG(bf_json_str(first, "ErrorCode")), BF_SV_ARG(bf_json_str(first, "ErrorMessage")));
}

enum bf_code bf_events_put_rule(struct bf_aws *aws, const bf_json *in, struct bf_sv *arn,
                                struct bf_err *err)
{
    bf_json *answer = NULL;

    BF_TRY(bf_aws_json_call(aws, OPERATION("PutRule"), in, &answer, err));
    if (arn != NULL) {
        *arn = bf_json_str(answer, "RuleArn");
    }
    return BF_OK;
}

enum bf_code bf_events_put_targets(struct bf_aws *aws, const bf_json *in, struct bf_err *err)
{
    bf_json *answer = NULL;

    BF_TRY(bf_aws_json_call(aws, OPERATION("PutTargets"), in, &answer, err));
    return entries(answer, "PutTargets", err);
}

enum bf_code bf_events_list_targets(struct bf_aws *aws, struct bf_sv rule, bf_json **out,
                                    struct bf_err *err)
{
    const struct bf_aws_pages pages = {"Targets", "NextToken", MAX_TARGETS};

    return bf_aws_json_pages(aws, OPERATION("ListTargetsByRule"), with(aws, "Rule", rule), &pages,
                             out, err);
}

enum bf_code bf_events_describe_rule(struct bf_aws *aws, struct bf_sv rule, bf_json **out,
                                     struct bf_err *err)
{
    return bf_aws_json_call(aws, OPERATION("DescribeRule"), with(aws, "Name", rule), out, err);
}

enum bf_code bf_events_list_rules(struct bf_aws *aws, struct bf_sv prefix, size_t max,
                                  bf_json **out, struct bf_err *err)
{
    const struct bf_aws_pages pages = {"Rules", "NextToken", max};

    return bf_aws_json_pages(aws, OPERATION("ListRules"), with(aws, "NamePrefix", prefix), &pages,
                             out, err);
}

static enum bf_code remove_rule(struct bf_aws *aws, struct bf_sv rule, struct bf_err *err)
{
    bf_json *targets = NULL;
    bf_json *answer = NULL;

    BF_TRY(bf_events_list_targets(aws, rule, &targets, err));
    if (bf_json_count(targets) != 0) {
        bf_json *in = with(aws, "Rule", rule);
        bf_json *ids = bf_json_add_array(in, "Ids");
        for (const bf_json *t = bf_json_first(targets); t != NULL; t = bf_json_next(t)) {
            (void)bf_json_add_str(ids, NULL, bf_json_str(t, "Id"));
        }
        BF_TRY(bf_aws_json_call(aws, OPERATION("RemoveTargets"), in, &answer, err));
        BF_TRY(entries(answer, "RemoveTargets", err));
    }
    return bf_aws_json_call(aws, OPERATION("DeleteRule"), with(aws, "Name", rule), NULL, err);
}

enum bf_code bf_events_remove_rule(struct bf_aws *aws, struct bf_sv rule, struct bf_err *err)
{
    struct bf_err failure = {0};
    enum bf_code code = remove_rule(aws, rule, &failure);

    if (code == BF_OK || code == BF_ENOTFOUND) {
        return BF_OK;
    }
    *err = failure;
    return code;
}

enum bf_code bf_events_test_pattern(struct bf_aws *aws, struct bf_sv pattern, struct bf_sv event,
                                    bool *matches, struct bf_err *err)
{
    bf_json *in = with(aws, "EventPattern", pattern);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "Event", event);
    BF_TRY(bf_aws_json_call(aws, OPERATION("TestEventPattern"), in, &answer, err));
    *matches = bf_json_true(bf_json_get(answer, "Result"));
    return BF_OK;
}

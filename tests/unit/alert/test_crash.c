/*
 * Fail the Nth call. A run begins, fails and is explained, on a world in memory: SageMaker, logs,
 * SNS, DynamoDB and Slack. The flow is run once and its calls are counted; then it is run again
 * for each call and each way to fail, with redelivery as SQS does it. At the end there are one
 * message of the run that shows the failure, one answer with the cause, and the topic was told.
 */
#include <stdio.h>
#include <string.h>

#include "alert/alerter.h"
#include "base/buf.h"
#include "tests/support/cmocka_headers.h"
/* clang-format off */
#include "tests/support/fake_http.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_ddb.h"
/* clang-format on */

#define PIPELINE "arn:aws:sagemaker:us-west-2:123456789012:pipeline/hello"
#define RUN      PIPELINE "/execution/abcdef123456"
#define JOB      "pipelines-abcdef123456-greet-XyZ"

enum mode {
    NONE,
    THROTTLED,
    FAILS_500,
    LOST_BEFORE,
    LOST_AFTER,
    KILLED_BEFORE,
    KILLED_AFTER,
    MODES
};

static const char *const mode_names[] = {
    "none", "throttled", "500", "lost before", "lost after", "killed before", "killed after"};

struct slack_message {
    char ts[32], key[300], thread[32], text[600];
};

struct universe {
    struct fake_http world; /* first: its handle gets it */
    struct fake_ddb table;
    struct bf_arena *arena;
    bool failed; /* the run, by now */
    struct slack_message slack[32];
    size_t slack_count, published;
    int calls, strike; /* the call to strike; 0: none */
    enum mode mode;
    bool dead, scopeless;
};

/* ---- services ---- */

static struct bf_sv sagemaker(const struct universe *u, struct bf_sv target)
{
    if (bf_sv_ends(target, BF_SV("DescribePipelineExecution"))) {
        return u->failed
                   ? BF_SV(
                         "{\"PipelineExecutionStatus\":\"Failed\",\"CreationTime\":1772323200,"
                         "\"LastModifiedTime\":1772323300,\"PipelineExecutionDisplayName\":"
                         "\"weekly-20260302T090000\"}")
                   : BF_SV(
                         "{\"PipelineExecutionStatus\":\"Executing\",\"CreationTime\":1772323200,"
                         "\"LastModifiedTime\":1772323200}");
    }
    if (bf_sv_ends(target, BF_SV("ListPipelineExecutionSteps"))) {
        return u->failed
                   ? BF_SV(
                         "{\"PipelineExecutionSteps\":[{\"StepName\":\"greet\",\"StartTime\":"
                         "1772323201,\"EndTime\":1772323299,\"StepStatus\":\"Failed\","
                         "\"FailureReason\":\"AlgorithmError: , exit code: 1\",\"Metadata\":{"
                         "\"ProcessingJob\":{\"Arn\":\"arn:aws:sagemaker:us-west-2:123456789012:"
                         "processing-job/" JOB "\"}}}]}")
                   : BF_SV("{\"PipelineExecutionSteps\":[]}");
    }
    if (bf_sv_ends(target, BF_SV("ListPipelineParametersForExecution"))) {
        return BF_SV("{\"PipelineParameters\":[{\"Name\":\"who\",\"Value\":\"week 10\"}]}");
    }
    if (bf_sv_ends(target, BF_SV("DescribeProcessingJob"))) {
        return BF_SV("{\"FailureReason\":\"AlgorithmError: , exit code: 1\"}");
    }
    fail_msg("SageMaker was asked for " BF_SV_FMT, BF_SV_ARG(target));
    return (struct bf_sv){0};
}

static struct bf_sv logs(struct bf_sv target)
{
    if (bf_sv_ends(target, BF_SV("DescribeLogStreams"))) {
        return BF_SV("{\"logStreams\":[{\"logStreamName\":\"" JOB "/algo-1-1772323210\"}]}");
    }
    return BF_SV(
        "{\"events\":[{\"timestamp\":1772323290000,\"message\":"
        "\"Traceback (most recent call last):\"},"
        "{\"timestamp\":1772323290000,\"message\":"
        "\"  File \\\"/opt/hello.py\\\", line 8, in main\"},"
        "{\"timestamp\":1772323290000,\"message\":\"    greet()\"},"
        "{\"timestamp\":1772323290000,\"message\":\"KeyError: 'hello'\"}],"
        "\"nextForwardToken\":\"f/1\",\"nextBackwardToken\":\"b/1\"}");
}

static struct bf_sv slack_list(struct universe *u)
{
    struct bf_buf out = bf_buf_new(u->arena, 65536);

    bf_buf_addz(&out, "{\"ok\":true,\"messages\":[");
    for (size_t i = 0; i < u->slack_count; i++) {
        bf_buf_printf(&out, "%s{\"ts\":\"%s\",\"metadata\":{\"event_type\":\"buzzflow\",",
                      i == 0 ? "" : ",", u->slack[i].ts);
        bf_buf_printf(&out, "\"event_payload\":{\"key\":\"%s\"}}}", u->slack[i].key);
    }
    bf_buf_addz(&out, "]}");
    return bf_buf_sv(&out);
}

static void copy(char *to, size_t size, struct bf_sv text)
{
    (void)snprintf(to, size, BF_SV_FMT, BF_SV_ARG(text));
}

static struct bf_sv slack(struct universe *u, const struct fake_http_request *request)
{
    struct bf_err err = {0};
    bf_json *in = NULL;

    if (fake_http_has(request, "conversations.list")) {
        return BF_SV("{\"ok\":true,\"channels\":[{\"id\":\"C0000000001\",\"name\":\"ml\"}]}");
    }
    if (fake_http_has(request, "/conversations.")) {
        return u->scopeless ? BF_SV("{\"ok\":false,\"error\":\"missing_scope\"}") : slack_list(u);
    }
    assert_int_equal(bf_json_parse(u->arena, request->body, NULL, &in, &err), BF_OK);
    if (fake_http_has(request, "chat.update")) {
        for (size_t i = 0; i < u->slack_count; i++) {
            if (bf_sv_is(bf_json_str(in, "ts"), u->slack[i].ts)) {
                copy(u->slack[i].text, sizeof(u->slack[i].text), bf_json_str(in, "text"));
                return BF_SV("{\"ok\":true}");
            }
        }
        return BF_SV("{\"ok\":false,\"error\":\"message_not_found\"}");
    }
    struct slack_message *m = &u->slack[u->slack_count++];
    assert_true(u->slack_count < 32);
    (void)snprintf(m->ts, sizeof(m->ts), "1772323200.%06zu", u->slack_count);
    copy(m->key, sizeof(m->key), bf_json_str(in, "metadata.event_payload.key"));
    copy(m->thread, sizeof(m->thread), bf_json_str(in, "thread_ts"));
    copy(m->text, sizeof(m->text), bf_json_str(in, "text"));
    return bf_sv_printf(u->arena, "{\"ok\":true,\"channel\":\"C0000000001\",\"ts\":\"%s\"}", m->ts);
}

static enum bf_code carry_out(struct universe *u, const struct fake_http_request *request,
                              struct fake_http_step *answer)
{
    struct bf_sv target = fake_http_sent(request, "X-Amz-Target");

    if (bf_sv_starts(target, BF_SV("DynamoDB_"))) {
        u->world.context = &u->table;
        return fake_ddb_handle(&u->world, request, answer);
    }
    fake_ddb_date(&u->world, &u->table, answer);
    if (fake_http_has(request, "slack.test")) {
        answer->body = slack(u, request);
    } else if (bf_sv_starts(target, BF_SV("SageMaker."))) {
        answer->body = sagemaker(u, target);
    } else if (bf_sv_starts(target, BF_SV("Logs_"))) {
        answer->body = logs(target);
    } else if (bf_sv_starts(target, BF_SV("secretsmanager."))) {
        answer->body = BF_SV("{\"SecretString\":\"{\\\"bot_token\\\":\\\"xoxb-1-2\\\"}\"}");
    } else if (fake_http_has(request, "Action=Publish")) {
        u->published++;
        answer->body = BF_SV(
            "<PublishResponse><PublishResult><MessageId>1</MessageId>"
            "</PublishResult></PublishResponse>");
    } else {
        fail_msg("nobody serves " BF_SV_FMT " " BF_SV_FMT, BF_SV_ARG(request->url),
                 BF_SV_ARG(target));
    }
    return BF_OK;
}

static enum bf_code refuse(struct universe *u, const struct fake_http_request *request,
                           struct fake_http_step *answer)
{
    bool is_slack = fake_http_has(request, "slack.test");

    fake_ddb_date(&u->world, &u->table, answer);
    if (u->mode == THROTTLED) {
        answer->status = is_slack ? 429 : 400;
        answer->body = BF_SV("{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
        if (is_slack) {
            fake_http_header(answer, "Retry-After", "3");
        }
        return BF_OK;
    }
    answer->status = 500;
    answer->body = BF_SV("{\"__type\":\"InternalServerError\",\"message\":\"sorry\"}");
    return BF_OK;
}

static enum bf_code handle(struct fake_http *world, const struct fake_http_request *request,
                           struct fake_http_step *answer)
{
    struct universe *u = (struct universe *)world;

    if (u->dead) {
        return BF_ENET;
    }
    u->calls++;
    if (u->calls != u->strike) {
        return carry_out(u, request, answer);
    }
    switch (u->mode) {
    case THROTTLED:
    case FAILS_500:
        return refuse(u, request, answer);
    case LOST_BEFORE:
        return BF_EAMBIGUOUS;
    case LOST_AFTER:
        (void)carry_out(u, request, answer);
        return BF_EAMBIGUOUS;
    case KILLED_BEFORE:
        u->dead = true;
        return BF_EAMBIGUOUS;
    default:
        (void)carry_out(u, request, answer);
        u->dead = true;
        return BF_EAMBIGUOUS;
    }
}

/* ---- the functions, as their inboxes call them ---- */

struct delivery {
    struct universe *u;
    struct bf_sender *sender;
    const char *status; /* of the event; NULL: explain the failure */
};

static enum bf_code deliver(const struct delivery *d, struct bf_err *err)
{
    struct bf_arena *arena = bf_arena_new((size_t)64 << 20U);
    struct bf_aws_session *session = fake_aws_session(&d->u->world);
    struct bf_aws aws = fake_aws(session, arena);
    struct bf_alerter alerter = {.aws = &aws,
                                 .sender = d->sender,
                                 .environment = BF_SV("research"),
                                 .table = BF_SV("t"),
                                 .default_channel = BF_SV("#ml"),
                                 .topic_arn = BF_SV("arn:aws:sns:us-west-2:123456789012:f"),
                                 .request_id = BF_SV("r")};
    enum bf_code code = BF_OK;
    int64_t later = -1;

    aws.deadline_ms = d->u->world.now_ms + 30000;
    d->u->world.count = 0;
    if (d->status == NULL) {
        const struct bf_alert_failure failure = {.execution_arn = BF_SV(RUN), .attempt = 1};
        code = bf_alert_explain(&alerter, &failure, &later, err);
        assert_int_equal(later, -1);
    } else {
        const struct bf_alert_news news = {.execution_arn = BF_SV(RUN),
                                           .status = bf_sv_of(d->status)};
        enum bf_alert_outcome outcome = BF_ALERT_IGNORED;
        code = bf_alert_news(&alerter, &news, &outcome, err);
        assert_true(code != BF_OK || outcome == BF_ALERT_DONE);
    }
    bf_aws_session_free(&session);
    bf_arena_destroy(&arena);
    return code;
}

/* Until it is done, as SQS would: again after a while, a killed process by a new one. */
static void deliver_until_done(const struct delivery *d)
{
    for (int i = 0; i < 12; i++) {
        struct bf_err err = {0};
        enum bf_code code = deliver(d, &err);
        d->u->world.now_ms += 120000;
        if (d->u->dead) {
            d->u->dead = false;
            d->sender->token = (struct bf_sv){0};
            continue;
        }
        if (code == BF_OK) {
            return;
        }
        if (!bf_code_is_transient(code)) {
            fail_msg("given up at call %d (%s): %s", d->u->strike, mode_names[d->u->mode], err.msg);
        }
    }
    fail_msg("not done at call %d (%s)", d->u->strike, mode_names[d->u->mode]);
}

static void put_record(struct universe *u)
{
    static const char record[] =
        "{\\\"version\\\":3,\\\"arn\\\":\\\"" PIPELINE
        "\\\",\\\"pipeline\\\":\\\"hello\\\",\\\"environment\\\":\\\"research\\\","
        "\\\"project\\\":\\\"demo\\\",\\\"alerts\\\":{\\\"events\\\":[\\\"failed\\\"]},"
        "\\\"steps\\\":{\\\"greet\\\":{\\\"file\\\":\\\"hello.pipeline.yaml\\\",\\\"line\\\":13}}}";
    static const char index[] =
        "{\"pk\":{\"S\":\"pipeline-arn#" PIPELINE
        "\"},\"sk\":{\"S\":\"pipeline\"},"
        "\"version\":{\"N\":\"1\"},\"document\":{\"S\":\"{\\\"pipeline\\\":\\\"hello\\\"}\"}}";
    struct bf_err err = {0};

    for (size_t i = 0; i < 2; i++) {
        struct bf_sv text = i == 0 ? bf_sv_of(index)
                                   : bf_sv_printf(u->arena,
                                                  "{\"pk\":{\"S\":\"pipeline#hello\"},"
                                                  "\"sk\":{\"S\":\"record\"},\"version\":{\"N\":"
                                                  "\"1\"},\"document\":{\"S\":\"%s\"}}",
                                                  record);
        assert_int_equal(
            bf_json_parse(u->arena, text, NULL, &u->table.items[u->table.count++], &err), BF_OK);
    }
}

/* The story with the strike; returns the number of calls. */
static int live(struct universe *u, int strike, enum mode mode)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_sender sender = {.http = &u->world.http,
                               .memory = arena,
                               .secret_arn = BF_SV("s"),
                               .api_url = BF_SV("https://slack.test/api")};
    bool scopeless = u->scopeless;

    *u = (struct universe){.arena = arena, .strike = strike, .mode = mode, .scopeless = scopeless};
    fake_http_init(&u->world, arena);
    u->world.handle = handle;
    u->table.arena = arena;
    put_record(u);
    deliver_until_done(&(struct delivery){u, &sender, "Executing"});
    u->failed = true;
    deliver_until_done(&(struct delivery){u, &sender, "Failed"});
    deliver_until_done(&(struct delivery){u, &sender, "Failed"}); /* it comes twice */
    deliver_until_done(&(struct delivery){u, &sender, NULL});
    deliver_until_done(&(struct delivery){u, &sender, NULL});
    return u->calls;
}

static size_t count_keys(const struct universe *u, const char *word)
{
    size_t n = 0;

    for (size_t i = 0; i < u->slack_count; i++) {
        n += strncmp(u->slack[i].key, word, strlen(word)) == 0;
    }
    return n;
}

static void check_end(const struct universe *u, size_t most)
{
    size_t roots = count_keys(u, "root "), causes = count_keys(u, "cause ");
    const char *shown = "";

    for (size_t i = 0; i < u->slack_count; i++) { /* of two, the one that is known is kept true */
        shown = strncmp(u->slack[i].key, "root ", 5) == 0 ? u->slack[i].text : shown;
    }

    if (roots < 1 || roots > most || causes < 1 || causes > most || u->published < 1 ||
        u->published > 2 || strstr(shown, "failed in greet") == NULL) {
        fail_msg("call %d, %s: %zu roots ('%s'), %zu answers, %zu published", u->strike,
                 mode_names[u->mode], roots, shown, causes, u->published);
    }
}

static void every_failure_of_every_call_ends_in_one_message_and_one_answer(void **state)
{
    static struct universe u;
    int calls = 0, runs = 0;

    (void)state;
    u.scopeless = false;
    calls = live(&u, 0, NONE);
    check_end(&u, 1);
    assert_int_equal(u.published, 1);
    assert_int_equal(u.slack_count, 2);
    bf_arena_destroy(&u.arena);
    for (int n = 1; n <= calls; n++) {
        for (int mode = THROTTLED; mode < MODES; mode++) {
            (void)live(&u, n, (enum mode)mode);
            check_end(&u, 1);
            bf_arena_destroy(&u.arena);
            runs++;
        }
    }
    print_message("%d calls, each failed in %d ways: %d stories\n", calls, MODES - 1, runs);
}

static void without_the_scope_to_read_back_a_second_post_is_allowed_and_none_is_lost(void **state)
{
    static struct universe u;
    int calls = 0;

    (void)state;
    u.scopeless = true;
    calls = live(&u, 0, NONE);
    bf_arena_destroy(&u.arena);
    for (int n = 1; n <= calls; n++) {
        (void)live(&u, n, KILLED_AFTER);
        check_end(&u, 2);
        bf_arena_destroy(&u.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_of_every_call_ends_in_one_message_and_one_answer),
        cmocka_unit_test(without_the_scope_to_read_back_a_second_post_is_allowed_and_none_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

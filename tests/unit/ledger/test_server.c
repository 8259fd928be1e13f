/*
 * The real client, every service of it, against a server that somebody else wrote (moto), named
 * by BUZZFLOW_TEST_ENDPOINT: tests/oracle/test_aws_client.py starts one and runs this program.
 * Without the variable every test is skipped. Names are the ones that the starter sets up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/events.h"
#include "aws/logs.h"
#include "aws/s3.h"
#include "aws/sagemaker.h"
#include "aws/scheduler.h"
#include "aws/secrets.h"
#include "aws/sns.h"
#include "aws/sqs.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "crypto/crypto.h"
#include "ledger/ledger.h"

static struct bf_arena *arena;
static struct bf_http *http;
static struct bf_aws_session *session;
static struct bf_aws aws;
static struct bf_ledger ledger;
static struct bf_err err;

static int begin(void **state)
{
    const char *endpoint = getenv("BUZZFLOW_TEST_ENDPOINT");
    const char *key = getenv("AWS_ACCESS_KEY_ID");
    const char *secret = getenv("AWS_SECRET_ACCESS_KEY");
    (void)state;

    arena = bf_arena_new(256U << 20);
    err = (struct bf_err){0};
    if (endpoint == NULL || key == NULL || secret == NULL) {
        return 0;
    }
    const char *const env[] = {bf_sv_printf(arena, "AWS_ENDPOINT_URL=%s", endpoint).ptr,
                               "AWS_REGION=us-west-2",
                               bf_sv_printf(arena, "AWS_ACCESS_KEY_ID=%s", key).ptr,
                               bf_sv_printf(arena, "AWS_SECRET_ACCESS_KEY=%s", secret).ptr, NULL};
    const struct bf_http_options options = bf_http_options_from(arena, env);
    http = bf_http_new(&options);
    session = bf_aws_session_new(http, env);
    aws = (struct bf_aws){.session = session, .arena = arena};
    ledger = (struct bf_ledger){.aws = &aws, .table = BF_SV("buzzflow-test")};
    return 0;
}

static int end(void **state)
{
    (void)state;
    bf_aws_session_free(&session);
    bf_http_free(&http);
    bf_arena_destroy(&arena);
    return 0;
}

#define need_server()                                                                              \
    do {                                                                                           \
        (void)state;                                                                               \
        if (session == NULL) {                                                                     \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#define ok(call)                                                                                   \
    do {                                                                                           \
        if ((call) != BF_OK) {                                                                     \
            fail_msg("%s: %s", #call, err.msg);                                                    \
        }                                                                                          \
    } while (0)

#define fails(call, code)                                                                          \
    do {                                                                                           \
        if ((call) != (code)) {                                                                    \
            fail_msg("%s: not %s: %s", #call, #code, err.msg);                                     \
        }                                                                                          \
    } while (0)

static bf_json *parse(const char *text)
{
    bf_json *out = NULL;
    ok(bf_json_parse(arena, bf_sv_of(text), NULL, &out, &err));
    return out;
}

static void objects_of_every_name_go_there_and_back(void **state)
{
    static const char *const names[] = {"plain.txt",          "with space",
                                        "a+b=c*d:e~f",        "twice//slash",
                                        "dot/../up/./here",   "한국어/파일 😀.txt",
                                        "percent%20sign",     "quote'\"!()[]{}",
                                        "comma,semi;at@&$?#", "specs/hello.pipeline.yaml"};
    need_server();
    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        const struct bf_s3_at at = {.bucket = BF_SV("spec-bucket"), .key = bf_sv_of(names[i])};
        const struct bf_http_header meta = {BF_SV("note"), BF_SV("of course")};
        const struct bf_s3_put put = {.body = bf_sv_of(names[i]),
                                      .content_type = BF_SV("text/plain"),
                                      .metadata = &meta,
                                      .metadata_count = 1};
        struct bf_s3_object written = {0};
        struct bf_s3_object read = {0};
        ok(bf_s3_put(&aws, &at, &put, &written, &err));
        assert_true(written.version_id.len != 0);
        const struct bf_s3_at version = {at.bucket, at.key, written.version_id};
        ok(bf_s3_get(&aws, &version, 1000, &read, &err));
        assert_true(bf_sv_is(read.body, names[i]));
        assert_true(bf_sv_eq(read.etag, written.etag));
        assert_true(bf_sv_is(read.content_type, "text/plain"));
        ok(bf_s3_head(&aws, &at, &read, &err));
        assert_int_equal(read.size, strlen(names[i]));
        assert_int_equal(read.metadata_count, 1);
        assert_true(bf_sv_is(read.metadata[0].name, "note"));
        assert_true(bf_sv_is(read.metadata[0].value, "of course"));
        assert_true(read.last_modified > 1700000000);
        const struct bf_s3_at copy = {.bucket = BF_SV("data-bucket"), .key = at.key};
        ok(bf_s3_copy(&aws, &version, &copy, &err));
        ok(bf_s3_get(&aws, &copy, 1000, &read, &err));
        assert_true(bf_sv_is(read.body, names[i]));
    }
    struct bf_s3_list list = {0};
    ok(bf_s3_list(&aws, BF_SV("spec-bucket"), BF_SV(""), 100, &list, &err));
    assert_int_equal(list.count, BF_COUNTOF(names));
    assert_false(list.more);
    bool found = false;
    for (size_t i = 0; i < list.count; i++) {
        found = found || bf_sv_is(list.entries[i].key, "한국어/파일 😀.txt");
    }
    assert_true(found);
    ok(bf_s3_list(&aws, BF_SV("spec-bucket"), BF_SV("specs/"), 100, &list, &err));
    assert_int_equal(list.count, 1);
}

static void refusals_of_s3_have_their_codes(void **state)
{
    const struct bf_s3_at at = {.bucket = BF_SV("spec-bucket"), .key = BF_SV("refusals")};
    const struct bf_s3_at nowhere = {.bucket = BF_SV("no-such-bucket-x"), .key = BF_SV("k")};
    struct bf_s3_put put = {.body = BF_SV("12345")};
    struct bf_s3_object out = {0};
    need_server();
    fails(bf_s3_get(&aws, &at, 1000, &out, &err), BF_ENOTFOUND);
    assert_string_equal(err.reason, "NoSuchKey");
    fails(bf_s3_head(&aws, &at, &out, &err), BF_ENOTFOUND);
    fails(bf_s3_get(&aws, &nowhere, 1000, &out, &err), BF_ENOTFOUND);
    put.only_if_new = true;
    ok(bf_s3_put(&aws, &at, &put, &out, &err));
    fails(bf_s3_put(&aws, &at, &put, &out, &err), BF_ECONFLICT);
    fails(bf_s3_get(&aws, &at, 4, &out, &err), BF_ETOOLARGE);
    ok(bf_s3_get(&aws, &at, 5, &out, &err));
    ok(bf_s3_delete(&aws, &at, &err));
    ok(bf_s3_delete(&aws, &at, &err));
}

static void a_listing_goes_over_pages(void **state)
{
    struct bf_s3_list list = {0};
    need_server();
    ok(bf_s3_list(&aws, BF_SV("many"), BF_SV("k"), 5000, &list, &err));
    assert_int_equal(list.count, 1005);
    assert_false(list.more);
    assert_true(bf_sv_is(list.entries[1004].key, "k1004"));
    ok(bf_s3_list(&aws, BF_SV("many"), BF_SV("k"), 10, &list, &err));
    assert_int_equal(list.count, 10);
    assert_true(list.more);
}

static void a_pipeline_is_created_changed_tagged_and_deleted(void **state)
{
    struct bf_sm_pipeline p = {.name = BF_SV("hello"),
                               .role_arn = BF_SV("arn:aws:iam::123456789012:role/pipeline"),
                               .definition = BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[]}"),
                               .max_parallel_steps = 3,
                               .tags = parse("[{\"Key\":\"a\",\"Value\":\"b\"}]"),
                               .token = BF_SV("0123456789abcdef0123456789abcdef")};
    struct bf_sv arn = {0};
    bf_json *out = NULL;
    need_server();
    fails(bf_sm_describe_pipeline(&aws, p.name, &out, &err), BF_ENOTFOUND);
    ok(bf_sm_create_pipeline(&aws, &p, &arn, &err));
    fails(bf_sm_create_pipeline(&aws, &p, &arn, &err), BF_ECONFLICT);
    p.description = BF_SV("한국어");
    ok(bf_sm_update_pipeline(&aws, &p, &arn, &err));
    ok(bf_sm_describe_pipeline(&aws, p.name, &out, &err));
    assert_true(bf_sv_eq(bf_json_str(out, "PipelineDefinition"), p.definition));
    assert_true(bf_sv_eq(bf_json_str(out, "PipelineDescription"), p.description));
    ok(bf_sm_add_tags(&aws, arn, parse("[{\"Key\":\"c\",\"Value\":\"d\"}]"), &err));
    ok(bf_sm_list_tags(&aws, arn, &out, &err));
    assert_int_equal(bf_json_count(out), 2);
    ok(bf_sm_list_pipelines(&aws, 10, &out, &err));
    assert_int_equal(bf_json_count(out), 1);

    const struct bf_sm_start start = {.pipeline = p.name,
                                      .token = BF_SV("abcdef0123456789abcdef0123456789"),
                                      .display_name = BF_SV("hello-20260301"),
                                      .parameters = parse("{\"who\":\"week 9\"}")};
    struct bf_sv execution = {0};
    ok(bf_sm_start_execution(&aws, &start, &execution, &err));
    ok(bf_sm_describe_execution(&aws, execution, &out, &err));
    ok(bf_sm_list_parameters(&aws, execution, &out, &err));
    assert_true(bf_sv_is(bf_json_str(bf_json_at(out, 0), "Value"), "week 9"));
    const struct bf_sm_execution_filter filter = {.pipeline = p.name, .max = 5};
    ok(bf_sm_list_executions(&aws, &filter, &out, &err));
    assert_int_equal(bf_json_count(out), 1);
    ok(bf_sm_delete_pipeline(&aws, p.name, p.token, &err));
    fails(bf_sm_describe_pipeline(&aws, p.name, &out, &err), BF_ENOTFOUND);
}

static void a_schedule_is_created_replaced_and_deleted(void **state)
{
    const struct bf_schedule_at at = {.group = BF_SV("default"), .name = BF_SV("hello.weekly")};
    bf_json *schedule = parse(
        "{\"ScheduleExpression\":\"cron(0 9 ? * MON *)\","
        "\"ScheduleExpressionTimezone\":\"Asia/Seoul\","
        "\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"},"
        "\"Target\":{\"Arn\":\"arn:aws:sqs:us-west-2:123456789012:q\","
        "\"RoleArn\":\"arn:aws:iam::123456789012:role/s\","
        "\"Input\":\"{}\"}}");
    struct bf_sv arn = {0};
    bf_json *out = NULL;
    need_server();
    fails(bf_scheduler_get(&aws, &at, &out, &err), BF_ENOTFOUND);
    ok(bf_scheduler_create(&aws, &at, schedule, &arn, &err));
    assert_true(bf_sv_ends(arn, BF_SV("/hello.weekly")));
    fails(bf_scheduler_create(&aws, &at, schedule, &arn, &err), BF_ECONFLICT);
    (void)bf_json_add_str(schedule, "Description", BF_SV("now with words"));
    ok(bf_scheduler_update(&aws, &at, schedule, &arn, &err));
    ok(bf_scheduler_get(&aws, &at, &out, &err));
    assert_true(bf_sv_is(bf_json_str(out, "Description"), "now with words"));
    const struct bf_schedule_at prefix = {.group = BF_SV("default"), .name = BF_SV("hello.")};
    ok(bf_scheduler_list(&aws, &prefix, 100, &out, &err));
    assert_int_equal(bf_json_count(out), 1);
    ok(bf_scheduler_delete(&aws, &at, &err));
    ok(bf_scheduler_delete(&aws, &at, &err));
    fails(bf_scheduler_get(&aws, &at, &out, &err), BF_ENOTFOUND);
}

static void a_message_goes_through_topic_and_queue(void **state)
{
    const struct bf_sns_message note = {
        .topic_arn = BF_SV("arn:aws:sns:us-west-2:123456789012:failures"),
        .text = BF_SV("{\"text\":\"한국어 & <b>\"}"),
        .subject = BF_SV("failed"),
        .attributes = parse("{\"kind\":\"pipeline_failed\",\"empty\":\"\"}")};
    const struct bf_sv queue = BF_SV("http://127.0.0.1/123456789012/inbox");
    const struct bf_sqs_message message = {.queue_url = queue,
                                           .body = BF_SV("body"),
                                           .attributes = parse("{\"error\":\"why\",\"x\":\"\"}")};
    struct bf_sv id = {0};
    struct bf_sv url = {0};
    bf_json *out = NULL;
    need_server();
    ok(bf_sqs_queue_url(&aws, BF_SV("inbox"), &url, &err));
    ok(bf_sns_publish(&aws, &note, &id, &err));
    assert_true(id.len != 0);
    const struct bf_sqs_receive receive = {.queue_url = url, .max = 10, .visibility = 30};
    ok(bf_sqs_receive(&aws, &receive, &out, &err));
    assert_int_equal(bf_json_count(out), 1); /* subscribed with raw delivery */
    const bf_json *first = bf_json_at(out, 0);
    assert_true(bf_sv_eq(bf_json_str(first, "Body"), note.text));
    assert_true(
        bf_sv_is(bf_json_str(first, "MessageAttributes.kind.StringValue"), "pipeline_failed"));
    assert_true(bf_sv_is(bf_json_str(first, "Attributes.ApproximateReceiveCount"), "1"));
    struct bf_sv receipt = bf_json_str(first, "ReceiptHandle");
    ok(bf_sqs_change_visibility(&aws, url, receipt, 600, &err));
    ok(bf_sqs_attributes(&aws, url, &out, &err));
    assert_true(bf_sv_is(bf_json_str(out, "ApproximateNumberOfMessagesNotVisible"), "1"));
    ok(bf_sqs_delete(&aws, url, receipt, &err));

    struct bf_sqs_message sent = message;
    sent.queue_url = url;
    ok(bf_sqs_send(&aws, &sent, &id, &err));
    ok(bf_sqs_receive(&aws, &receive, &out, &err));
    assert_true(
        bf_sv_is(bf_json_str(bf_json_at(out, 0), "MessageAttributes.error.StringValue"), "why"));
    sent.delay = 60;
    ok(bf_sqs_send(&aws, &sent, &id, &err));
    ok(bf_sqs_receive(&aws, &receive, &out, &err));
    assert_int_equal(bf_json_count(out), 0);
    sent.queue_url = BF_SV("http://127.0.0.1/123456789012/none");
    fails(bf_sqs_send(&aws, &sent, &id, &err), BF_ENOTFOUND);
}

static void a_rule_is_put_listed_and_removed_with_its_targets(void **state)
{
    struct bf_sv arn = {0};
    bf_json *out = NULL;
    need_server();
    ok(bf_events_put_rule(&aws,
                          parse("{\"Name\":\"buzzflow-test-1\",\"EventPattern\":"
                                "\"{\\\"source\\\":[\\\"aws.s3\\\"]}\"}"),
                          &arn, &err));
    ok(bf_events_put_targets(&aws,
                             parse("{\"Rule\":\"buzzflow-test-1\",\"Targets\":[{\"Id\":\"a\","
                                   "\"Arn\":\"arn:aws:sqs:us-west-2:123456789012:inbox\"}]}"),
                             &err));
    ok(bf_events_list_targets(&aws, BF_SV("buzzflow-test-1"), &out, &err));
    assert_int_equal(bf_json_count(out), 1);
    ok(bf_events_describe_rule(&aws, BF_SV("buzzflow-test-1"), &out, &err));
    assert_true(bf_sv_is(bf_json_str(out, "State"), "ENABLED"));
    ok(bf_events_list_rules(&aws, BF_SV("buzzflow-test-"), 10, &out, &err));
    assert_int_equal(bf_json_count(out), 1);
    ok(bf_events_remove_rule(&aws, BF_SV("buzzflow-test-1"), &err));
    ok(bf_events_remove_rule(&aws, BF_SV("buzzflow-test-1"), &err));
    fails(bf_events_describe_rule(&aws, BF_SV("buzzflow-test-1"), &out, &err), BF_ENOTFOUND);
}

static void log_events_are_read_from_the_tail(void **state)
{
    struct bf_logs_position at = {.group = BF_SV("/aws/sagemaker/ProcessingJobs"),
                                  .stream = BF_SV("job/algo-1-1")};
    struct bf_logs_page page = {0};
    bf_json *streams = NULL;
    size_t events = 0;
    size_t pages = 0;
    need_server();
    ok(bf_logs_streams(&aws, at.group, BF_SV("job/"), 100, &streams, &err));
    assert_int_equal(bf_json_count(streams), 1); /* not job-2/ */
    at.limit = 40;
    do {
        ok(bf_logs_events(&aws, &at, &page, &err));
        events += bf_json_count(page.events);
        at.token = page.backward;
    } while (!page.last && ++pages < 20);
    assert_true(page.last);
    assert_int_equal(events, 100);
    fails(bf_logs_streams(&aws, BF_SV("/no/such/group"), BF_SV(""), 10, &streams, &err),
          BF_ENOTFOUND);
}

static void secrets_parameters_and_identity_are_read(void **state)
{
    struct bf_sts_identity identity = {0};
    struct bf_sv text = {0};
    need_server();
    ok(bf_secrets_get(&aws, BF_SV("slack"), &text, &err));
    assert_true(bf_sv_is(text, "{\"bot_token\":\"x\"}"));
    fails(bf_secrets_get(&aws, BF_SV("none"), &text, &err), BF_ENOTFOUND);
    ok(bf_ssm_get(&aws, BF_SV("/buzzflow/research"), &text, &err));
    assert_true(bf_sv_is(text, "{\"bucket\":\"spec-bucket\"}"));
    fails(bf_ssm_get(&aws, BF_SV("/buzzflow/none"), &text, &err), BF_ENOTFOUND);
    ok(bf_sts_caller_identity(&aws, &identity, &err));
    assert_true(bf_sv_is(identity.account, "123456789012"));
}

static void documents_are_written_by_version(void **state)
{
    struct bf_ledger_item a = {.key = bf_key_run(arena, BF_SV("token-1"))};
    struct bf_ledger_item b = {0};
    need_server();
    ok(bf_ledger_get(&ledger, &a.key, &b, &err));
    assert_int_equal(b.version, 0);
    a.document = parse("{\"state\":\"started\",\"n\":1.50}");
    ok(bf_ledger_put(&ledger, &a, BF_LEDGER_RUN_DAYS, &err));
    assert_int_equal(a.version, 1);
    b.document = a.document;
    fails(bf_ledger_put(&ledger, &b, BF_LEDGER_RUN_DAYS, &err), BF_ECONFLICT);
    ok(bf_ledger_get(&ledger, &a.key, &b, &err));
    assert_int_equal(b.version, 1);
    assert_true(bf_json_equal(b.document, a.document));
    ok(bf_ledger_put(&ledger, &b, BF_LEDGER_FOREVER, &err));
    fails(bf_ledger_put(&ledger, &a, BF_LEDGER_FOREVER, &err), BF_ECONFLICT);
    ok(bf_ledger_overwrite(&ledger, &a, BF_LEDGER_FOREVER, &err));
    assert_int_equal(a.version, 3);
    ok(bf_ledger_delete(&ledger, &a.key, &err));
    ok(bf_ledger_delete(&ledger, &a.key, &err));
}

static void a_claim_is_given_once_and_its_result_kept(void **state)
{
    const struct bf_claim_wish wish = {
        .key = BF_SV("thing"), .owner = BF_SV("a"), .lease_seconds = 60};
    struct bf_claim a;
    struct bf_claim b;
    need_server();
    ok(bf_ledger_claim(&ledger, &wish, &a, &err));
    assert_int_equal(a.outcome, BF_CLAIM_TAKEN);
    ok(bf_ledger_claim(&ledger, &wish, &b, &err));
    assert_int_equal(b.outcome, BF_CLAIM_BUSY);
    ok(bf_ledger_note(&ledger, &a, parse("{\"n\":1}"), &err));
    ok(bf_ledger_release(&ledger, &a, false, &err));
    ok(bf_ledger_claim(&ledger, &wish, &b, &err));
    assert_int_equal(b.outcome, BF_CLAIM_TAKEN);
    assert_true(b.taken_over);
    assert_int_equal(bf_json_count(b.note), 1);
    fails(bf_ledger_complete(&ledger, &a, NULL, &err), BF_ECONFLICT);
    ok(bf_ledger_complete(&ledger, &b, parse("{\"ts\":\"1.5\"}"), &err));
    ok(bf_ledger_claim(&ledger, &wish, &a, &err));
    assert_int_equal(a.outcome, BF_CLAIM_DONE);
    assert_true(bf_sv_is(bf_json_str(a.result, "ts"), "1.5"));
}

static void pipeline_records_are_found_by_name_arn_and_list(void **state)
{
    struct bf_ledger_item record = {.document =
                                        parse("{\"version\":1,\"pipeline\":\"hello\",\"arn\":"
                                              "\"arn:aws:sagemaker:r:1:pipeline/hello\"}")};
    struct bf_ledger_item out = {0};
    struct bf_ledger_items list = {0};
    const struct bf_sv arn = BF_SV("arn:aws:sagemaker:r:1:pipeline/hello");
    need_server();
    ok(bf_ledger_put_pipeline(&ledger, &record, &err));
    ok(bf_ledger_put_pipeline(&ledger, &record, &err));
    ok(bf_ledger_pipeline(&ledger, BF_SV("hello"), &out, &err));
    assert_int_equal(out.version, 2);
    ok(bf_ledger_pipeline_by_arn(&ledger, arn, &out, &err));
    assert_true(bf_json_equal(out.document, record.document));
    ok(bf_ledger_pipeline_by_arn(&ledger, BF_SV("arn:other"), &out, &err));
    assert_int_equal(out.version, 0);
    ok(bf_ledger_pipelines(&ledger, 100, &list, &err));
    assert_int_equal(list.count, 1);
    ok(bf_ledger_delete_pipeline(&ledger, BF_SV("hello"), &err));
    ok(bf_ledger_pipeline_by_arn(&ledger, arn, &out, &err));
    assert_null(out.document);
    ok(bf_ledger_pipelines(&ledger, 100, &list, &err));
    assert_int_equal(list.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects_of_every_name_go_there_and_back),
        TEST(refusals_of_s3_have_their_codes),
        TEST(a_listing_goes_over_pages),
        TEST(a_pipeline_is_created_changed_tagged_and_deleted),
        TEST(a_schedule_is_created_replaced_and_deleted),
        TEST(a_message_goes_through_topic_and_queue),
        TEST(a_rule_is_put_listed_and_removed_with_its_targets),
        TEST(log_events_are_read_from_the_tail),
        TEST(secrets_parameters_and_identity_are_read),
        TEST(documents_are_written_by_version),
        TEST(a_claim_is_given_once_and_its_result_kept),
        TEST(pipeline_records_are_found_by_name_arn_and_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What each function of each service sends, to the letter, and what it makes of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "aws/dynamodb.h"
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
#include "tests/support/fake_aws.h"

static struct bf_arena *arena;
static struct fake_http world;
static struct bf_aws_session *session;
static struct bf_aws aws;
static struct bf_err err;

static int begin(void **state)
{
    (void)state;
    arena = bf_arena_new(64U << 20);
    err = (struct bf_err){0};
    fake_http_init(&world, arena);
    session = fake_aws_session(&world);
    aws = fake_aws(session, arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bf_aws_session_free(&session);
    bf_arena_destroy(&arena);
    return 0;
}

static bf_json *parse(const char *text)
{
    bf_json *out = NULL;
    assert_int_equal(bf_json_parse(arena, bf_sv_of(text), NULL, &out, &err), BF_OK);
    return out;
}

static const struct fake_http_request *last(void)
{
    return &world.requests[world.count - 1];
}

/* The last request's body as JSON equals ${text}, and its target is ${target}. */
static void sent(const char *target, const char *text)
{
    bf_json *body = NULL;

    assert_string_equal(bf_sv_z(arena, fake_http_sent(last(), "X-Amz-Target")), target);
    assert_int_equal(bf_json_parse(arena, last()->body, NULL, &body, &err), BF_OK);
    if (!bf_json_equal(body, parse(text))) {
        fail_msg("sent " BF_SV_FMT ", expected %s", BF_SV_ARG(last()->body), text);
    }
}

static void a_bucket_is_in_the_host_unless_it_has_a_dot(void **state)
{
    struct bf_s3_at at = {.bucket = BF_SV("my-bucket"), .key = BF_SV("a b/c+d")};
    struct bf_s3_object out = {0};
    (void)state;
    fake_http_answer(&world, "GET", "https://my-bucket.s3.us-west-2.amazonaws.com/a%20b/c%2Bd", 200,
                     "body");
    assert_int_equal(bf_s3_get(&aws, &at, 100, &out, &err), BF_OK);
    assert_true(bf_sv_is(out.body, "body"));
    at.bucket = BF_SV("my.bucket");
    at.version_id = BF_SV("v/1");
    fake_http_answer(&world, "HEAD",
                     "https://s3.us-west-2.amazonaws.com/my.bucket/a%20b/c%2Bd?versionId=v%2F1",
                     200, "");
    assert_int_equal(bf_s3_head(&aws, &at, &out, &err), BF_OK);
    fake_http_done(&world);
}

static void what_is_no_place_of_an_object_is_not_asked_for(void **state)
{
    static const struct {
        const char *bucket, *key;
    } bad[] = {{"", "k"}, {"b", ""}, {"b/c", "k"}, {"b@evil.com", "k"}, {"b?x", "k"}, {"b c", "k"}};
    struct bf_s3_object out = {0};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        const struct bf_s3_at at = {.bucket = bf_sv_of(bad[i].bucket), .key = bf_sv_of(bad[i].key)};
        assert_int_equal(bf_s3_get(&aws, &at, 100, &out, &err), BF_EINVALID);
        assert_int_equal(bf_s3_put(&aws, &at, &(struct bf_s3_put){0}, &out, &err), BF_EINVALID);
    }
    assert_int_equal(world.count, 0);
}

static void an_objects_headers_are_read(void **state)
{
    const struct bf_s3_at at = {.bucket = BF_SV("b"), .key = BF_SV("k")};
    struct bf_s3_object out = {0};
    (void)state;
    struct fake_http_step *step = fake_http_answer(&world, "HEAD", NULL, 200, "");
    fake_http_header(step, "Content-Length", "12345678901");
    fake_http_header(step, "ETag", "\"abc\"");
    fake_http_header(step, "x-amz-version-id", "null");
    fake_http_header(step, "X-Amz-Meta-Source-Sha256", "AbC");
    fake_http_header(step, "Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT");
    assert_int_equal(bf_s3_head(&aws, &at, &out, &err), BF_OK);
    assert_int_equal(out.size, INT64_C(12345678901));
    assert_true(bf_sv_is(out.etag, "\"abc\""));
    assert_int_equal(out.version_id.len, 0);
    assert_int_equal(out.last_modified, 1772323200);
    assert_int_equal(out.metadata_count, 1);
    assert_true(bf_sv_is(out.metadata[0].name, "source-sha256"));
    assert_true(bf_sv_is(out.metadata[0].value, "AbC"));
}

static void a_conditional_put_is_not_repeated(void **state)
{
    const struct bf_s3_at at = {.bucket = BF_SV("b"), .key = BF_SV("k")};
    struct bf_s3_put put = {.body = BF_SV("x"), .only_if_new = true};
    (void)state;
    fake_http_fail(&world, "PUT", NULL, BF_EAMBIGUOUS);
    assert_int_equal(bf_s3_put(&aws, &at, &put, NULL, &err), BF_EAMBIGUOUS);
    assert_true(bf_sv_is(fake_http_sent(last(), "If-None-Match"), "*"));
    put.only_if_new = false;
    fake_http_fail(&world, "PUT", NULL, BF_EAMBIGUOUS);
    fake_http_answer(&world, "PUT", NULL, 200, "");
    assert_int_equal(bf_s3_put(&aws, &at, &put, NULL, &err), BF_OK);
    fake_http_done(&world);
}

static void a_copy_that_fails_behind_a_200_is_tried_again(void **state)
{
    const struct bf_s3_at from = {BF_SV("src"), BF_SV("a b"), BF_SV("v1")};
    const struct bf_s3_at to = {.bucket = BF_SV("dst"), .key = BF_SV("k")};
    (void)state;
    fake_http_answer(&world, "PUT", NULL, 200,
                     "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>");
    fake_http_answer(&world, "PUT", NULL, 200, "<CopyObjectResult/>");
    assert_int_equal(bf_s3_copy(&aws, &from, &to, &err), BF_OK);
    assert_true(bf_sv_is(fake_http_sent(last(), "x-amz-copy-source"), "/src/a%20b?versionId=v1"));
    for (int i = 0; i < 3; i++) {
        fake_http_answer(&world, "PUT", NULL, 200, "<CopyObjectRes");
    }
    assert_int_equal(bf_s3_copy(&aws, &from, &to, &err), BF_ESERVICE);
    fake_http_done(&world);
}

static void a_listing_follows_its_tokens_and_decodes_its_keys(void **state)
{
    struct bf_s3_list list = {0};
    (void)state;
    fake_http_answer(&world, "GET",
                     "https://b.s3.us-west-2.amazonaws.com/?encoding-type=url&list-type=2&"
                     "max-keys=10&prefix=code%2F",
                     200,
                     "<ListBucketResult><IsTruncated>true</IsTruncated>"
                     "<NextContinuationToken>t/1=</NextContinuationToken><Contents>"
                     "<Key>code/a+b%2Bc%0A</Key><Size>5</Size><ETag>&quot;e&quot;</ETag></Contents>"
                     "</ListBucketResult>");
    fake_http_answer(&world, "GET", "continuation-token=t%2F1%3D&encoding-type=url", 200,
                     "<ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
                     "<Key>code/z</Key><Size>0</Size></Contents></ListBucketResult>");
    assert_int_equal(bf_s3_list(&aws, BF_SV("b"), BF_SV("code/"), 10, &list, &err), BF_OK);
    assert_int_equal(list.count, 2);
    assert_true(bf_sv_is(list.entries[0].key, "code/a b+c\n"));
    assert_true(bf_sv_is(list.entries[0].etag, "\"e\""));
    assert_int_equal(list.entries[0].size, 5);
    assert_false(list.more);
    fake_http_done(&world);
}

static void a_listing_that_is_none_is_an_error(void **state)
{
    static const char *const bad[] = {
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>%4</Key><Size>1</Size></Contents></ListBucketResult>",
        "<ListBucketResult>", "", "{}"};
    struct bf_s3_list list = {0};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        fake_http_answer(&world, "GET", NULL, 200, bad[i]);
        assert_int_equal(bf_s3_list(&aws, BF_SV("b"), BF_SV(""), 10, &list, &err), BF_ESYNTAX);
    }
}

static void an_s3_uri_is_taken_apart(void **state)
{
    struct bf_s3_at at = {0};
    (void)state;
    assert_true(bf_s3_parse_uri(BF_SV("s3://b/k/l m"), &at));
    assert_true(bf_sv_is(at.bucket, "b") && bf_sv_is(at.key, "k/l m"));
    assert_true(bf_s3_parse_uri(BF_SV("s3://b"), &at));
    assert_true(bf_sv_is(at.bucket, "b") && at.key.len == 0);
    assert_false(bf_s3_parse_uri(BF_SV("s3:///k"), &at));
    assert_false(bf_s3_parse_uri(BF_SV("https://b/k"), &at));
    assert_false(bf_s3_parse_uri(BF_SV(""), &at));
}

static void a_large_definition_goes_by_s3(void **state)
{
    const struct bf_sm_pipeline p = {.name = BF_SV("n"),
                                     .role_arn = BF_SV("arn:r"),
                                     .s3_bucket = BF_SV("b"),
                                     .s3_key = BF_SV("k"),
                                     .s3_version = BF_SV("v")};
    struct bf_sv arn = {0};
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200, "{\"PipelineArn\":\"arn:p\"}");
    assert_int_equal(bf_sm_update_pipeline(&aws, &p, &arn, &err), BF_OK);
    sent("SageMaker.UpdatePipeline",
         "{\"PipelineName\":\"n\",\"PipelineDefinitionS3Location\":{\"Bucket\":\"b\","
         "\"ObjectKey\":\"k\",\"VersionId\":\"v\"},\"RoleArn\":\"arn:r\"}");
    assert_true(bf_sv_is(arn, "arn:p"));
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(bf_sm_update_pipeline(&aws, &p, &arn, &err), BF_ESYNTAX);
}

static void a_run_is_started_with_all_it_has(void **state)
{
    const struct bf_sm_start start = {.pipeline = BF_SV("n"),
                                      .token = BF_SV("t"),
                                      .display_name = BF_SV("d"),
                                      .description = BF_SV("words"),
                                      .parameters = parse("{\"a\":\"1\",\"b\":\"\"}"),
                                      .mlflow_experiment = BF_SV("e")};
    struct bf_sv arn = {0};
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200, "{\"PipelineExecutionArn\":\"arn:e\"}");
    assert_int_equal(bf_sm_start_execution(&aws, &start, &arn, &err), BF_OK);
    sent("SageMaker.StartPipelineExecution",
         "{\"PipelineName\":\"n\",\"ClientRequestToken\":\"t\",\"PipelineExecutionDisplayName\":"
         "\"d\",\"PipelineExecutionDescription\":\"words\",\"MlflowExperimentName\":\"e\","
         "\"PipelineParameters\":[{\"Name\":\"a\",\"Value\":\"1\"},{\"Name\":\"b\",\"Value\":"
         "\"\"}]}");
}

static void packages_are_asked_for_newest_first(void **state)
{
    const struct bf_sm_package_filter filter = {
        .group = BF_SV("ctr"), .approval = BF_SV("Approved"), .max = 1};
    bf_json *out = NULL;
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200,
                     "{\"ModelPackageSummaryList\":[{\"ModelPackageVersion\":3}],\"NextToken\":"
                     "\"x\"}");
    assert_int_equal(bf_sm_list_model_packages(&aws, &filter, &out, &err), BF_OK);
    sent("SageMaker.ListModelPackages",
         "{\"ModelPackageGroupName\":\"ctr\",\"ModelApprovalStatus\":\"Approved\",\"SortBy\":"
         "\"CreationTime\",\"SortOrder\":\"Descending\",\"MaxResults\":1}");
    assert_int_equal(bf_json_count(out), 1);
    fake_http_done(&world); /* one page was enough */
}

static void a_query_goes_on_from_the_last_key(void **state)
{
    bf_json *items = NULL;
    (void)state;
    fake_http_answer(&world, "POST", "DynamoDB_20120810.Query", 200,
                     "{\"Items\":[{\"sk\":{\"S\":\"1\"}}],\"LastEvaluatedKey\":{\"pk\":{\"S\":"
                     "\"p\"}}}");
    fake_http_answer(&world, "POST", "\"ExclusiveStartKey\":{\"pk\":{\"S\":\"p\"}}", 200,
                     "{\"Items\":[{\"sk\":{\"S\":\"2\"}},{\"sk\":{\"S\":\"3\"}}]}");
    assert_int_equal(bf_ddb_query(&aws, parse("{}"), 2, &items, &err), BF_OK);
    assert_int_equal(bf_json_count(items), 2);
    assert_true(bf_sv_is(bf_ddb_text(bf_json_at(items, 1), "sk"), "2"));
    assert_int_equal(bf_ddb_int(bf_json_at(items, 1), "sk", 0), 2);
    assert_int_equal(bf_ddb_int(bf_json_at(items, 1), "none", 7), 7);
    assert_true(bf_sv_is(fake_http_sent(last(), "Content-Type"), "application/x-amz-json-1.0"));
}

static void an_empty_page_of_a_log_is_not_its_end(void **state)
{
    struct bf_logs_position at = {.group = BF_SV("g"), .stream = BF_SV("s"), .end_ms = 9};
    struct bf_logs_page page = {0};
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200,
                     "{\"events\":[],\"nextForwardToken\":\"f/1\",\"nextBackwardToken\":\"b/1\"}");
    assert_int_equal(bf_logs_events(&aws, &at, &page, &err), BF_OK);
    sent("Logs_20140328.GetLogEvents",
         "{\"logGroupName\":\"g\",\"logStreamName\":\"s\",\"endTime\":9,\"startFromHead\":false}");
    assert_false(page.last);
    at.token = page.backward;
    fake_http_answer(&world, "POST", "\"nextToken\":\"b/1\"", 200,
                     "{\"events\":[{\"message\":\"x\"}],\"nextForwardToken\":\"f/2\","
                     "\"nextBackwardToken\":\"b/1\"}");
    assert_int_equal(bf_logs_events(&aws, &at, &page, &err), BF_OK);
    assert_true(page.last);
    assert_int_equal(bf_json_count(page.events), 1);
}

static void a_notification_carries_its_attributes(void **state)
{
    const struct bf_sns_message message = {.topic_arn = BF_SV("arn:t"),
                                           .text = BF_SV("a b&c"),
                                           .subject = BF_SV("s"),
                                           .attributes = parse("{\"kind\":\"k\",\"none\":\"\","
                                                               "\"severity\":\"high\"}")};
    struct bf_sv id = {0};
    (void)state;
    fake_http_answer(&world, "POST", "https://sns.us-west-2.amazonaws.com/", 200,
                     "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
                     "<PublishResult><MessageId>m-1</MessageId></PublishResult>"
                     "</PublishResponse>");
    assert_int_equal(bf_sns_publish(&aws, &message, &id, &err), BF_OK);
    assert_string_equal(
        bf_sv_z(arena, last()->body),
        "Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=a+b%26c&Subject=s"
        "&MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=String"
        "&MessageAttributes.entry.1.Value.StringValue=k&MessageAttributes.entry.2.Name=severity"
        "&MessageAttributes.entry.2.Value.DataType=String"
        "&MessageAttributes.entry.2.Value.StringValue=high");
    assert_true(bf_sv_is(id, "m-1"));
}

static void a_notification_over_256_kib_is_not_sent(void **state)
{
    char *text = bf_arena_alloc(arena, BF_SNS_MAX_BYTES + 1, 1);
    struct bf_sns_message message = {.topic_arn = BF_SV("arn:t"),
                                     .text = {text, BF_SNS_MAX_BYTES + 1}};
    (void)state;
    memset(text, '&', BF_SNS_MAX_BYTES + 1); /* three bytes each in the form */
    assert_int_equal(bf_sns_publish(&aws, &message, NULL, &err), BF_ETOOLARGE);
    assert_int_equal(world.count, 0);
    message.text.len--;
    fake_http_answer(&world, "POST", NULL, 200, "<PublishResponse/>");
    assert_int_equal(bf_sns_publish(&aws, &message, NULL, &err), BF_OK);
}

static void queue_calls_are_clamped_to_what_sqs_takes(void **state)
{
    const struct bf_sqs_message message = {
        .queue_url = BF_SV("u"), .body = BF_SV("b"), .delay = 5000};
    const struct bf_sqs_receive receive = {
        .queue_url = BF_SV("u"), .max = 50, .wait = 60, .visibility = -1};
    bf_json *out = NULL;
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200, "{\"MessageId\":\"m\"}");
    assert_int_equal(bf_sqs_send(&aws, &message, NULL, &err), BF_OK);
    sent("AmazonSQS.SendMessage",
         "{\"QueueUrl\":\"u\",\"MessageBody\":\"b\",\"DelaySeconds\":900}");
    fake_http_answer(&world, "POST", NULL, 200, "");
    assert_int_equal(bf_sqs_change_visibility(&aws, BF_SV("u"), BF_SV("r"), 99999, &err), BF_OK);
    sent("AmazonSQS.ChangeMessageVisibility",
         "{\"QueueUrl\":\"u\",\"ReceiptHandle\":\"r\",\"VisibilityTimeout\":43200}");
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(bf_sqs_receive(&aws, &receive, &out, &err), BF_OK);
    sent("AmazonSQS.ReceiveMessage",
         "{\"QueueUrl\":\"u\",\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20,"
         "\"AttributeNames\":[\"All\"],\"MessageAttributeNames\":[\"All\"]}");
    assert_int_equal(bf_json_count(out), 0);
}

static void a_schedule_is_written_to_its_path(void **state)
{
    const struct bf_schedule_at at = {BF_SV("buzzflow-research"), BF_SV("hello.weekly")};
    const struct bf_schedule_at bad = {BF_SV("g"), BF_SV("a/b")};
    (void)state;
    fake_http_answer(&world, "PUT",
                     "https://scheduler.us-west-2.amazonaws.com/schedules/hello.weekly", 200,
                     "{\"ScheduleArn\":\"arn:s\"}");
    assert_int_equal(
        bf_scheduler_update(&aws, &at, parse("{\"State\":\"ENABLED\",\"Name\":\"x\"}"), NULL, &err),
        BF_OK);
    sent("", "{\"State\":\"ENABLED\",\"GroupName\":\"buzzflow-research\"}");
    fake_http_answer(&world, "DELETE", "/schedules/hello.weekly?groupName=buzzflow-research", 404,
                     "{\"Message\":\"no\"}");
    assert_int_equal(bf_scheduler_delete(&aws, &at, &err), BF_OK);
    assert_int_equal(err.code, BF_OK);
    assert_int_equal(bf_scheduler_delete(&aws, &bad, &err), BF_EINVALID);
}

static void schedules_are_listed_over_pages(void **state)
{
    const struct bf_schedule_at at = {BF_SV("g"), BF_SV("hello.")};
    bf_json *out = NULL;
    (void)state;
    fake_http_answer(&world, "GET", "/schedules?MaxResults=100&NamePrefix=hello.&ScheduleGroup=g",
                     200, "{\"Schedules\":[{\"Name\":\"hello.a\"}],\"NextToken\":\"n 1\"}");
    fake_http_answer(&world, "GET", "NextToken=n%201", 200,
                     "{\"Schedules\":[{\"Name\":\"hello.b\"}]}");
    assert_int_equal(bf_scheduler_list(&aws, &at, 10, &out, &err), BF_OK);
    assert_int_equal(bf_json_count(out), 2);
    fake_http_done(&world);
}

static void a_target_that_is_refused_is_an_error(void **state)
{
    bool matches = false;
    (void)state;
    fake_http_answer(&world, "POST", "PutTargets", 200,
                     "{\"FailedEntryCount\":1,\"FailedEntries\":[{\"TargetId\":\"a\","
                     "\"ErrorCode\":\"X\",\"ErrorMessage\":\"why\"}]}");
    assert_int_equal(bf_events_put_targets(&aws, parse("{}"), &err), BF_EREFUSED);
    assert_string_equal(err.msg, "events PutTargets: target 'a': X why");
    fake_http_answer(&world, "POST", "TestEventPattern", 200, "{\"Result\":true}");
    assert_int_equal(bf_events_test_pattern(&aws, BF_SV("{}"), BF_SV("{}"), &matches, &err), BF_OK);
    assert_true(matches);
}

static void a_secret_without_text_is_an_error(void **state)
{
    struct bf_sv text = {0};
    (void)state;
    fake_http_answer(&world, "POST", "secretsmanager.GetSecretValue", 200,
                     "{\"SecretBinary\":\"aGk=\"}");
    assert_int_equal(bf_secrets_get(&aws, BF_SV("s"), &text, &err), BF_EINVALID);
    assert_non_null(strstr(err.msg, "secret 's'"));
    fake_http_answer(&world, "POST", "AmazonSSM.GetParameter", 400,
                     "{\"__type\":\"ParameterNotFound\"}");
    assert_int_equal(bf_ssm_get(&aws, BF_SV("/x"), &text, &err), BF_ENOTFOUND);
    assert_non_null(strstr(err.msg, "'/x'"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bucket_is_in_the_host_unless_it_has_a_dot),
        TEST(what_is_no_place_of_an_object_is_not_asked_for),
        TEST(an_objects_headers_are_read),
        TEST(a_conditional_put_is_not_repeated),
        TEST(a_copy_that_fails_behind_a_200_is_tried_again),
        TEST(a_listing_follows_its_tokens_and_decodes_its_keys),
        TEST(a_listing_that_is_none_is_an_error),
        TEST(an_s3_uri_is_taken_apart),
        TEST(a_large_definition_goes_by_s3),
        TEST(a_run_is_started_with_all_it_has),
        TEST(packages_are_asked_for_newest_first),
        TEST(a_query_goes_on_from_the_last_key),
        TEST(an_empty_page_of_a_log_is_not_its_end),
        TEST(a_notification_carries_its_attributes),
        TEST(a_notification_over_256_kib_is_not_sent),
        TEST(queue_calls_are_clamped_to_what_sqs_takes),
        TEST(a_schedule_is_written_to_its_path),
        TEST(schedules_are_listed_over_pages),
        TEST(a_target_that_is_refused_is_an_error),
        TEST(a_secret_without_text_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

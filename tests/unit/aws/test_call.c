/* Endpoints, attempts, errors and the service's time, on the fake world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "aws/s3.h"
#include "aws/sagemaker.h"
#include "aws/sns.h"
#include "aws/sqs.h"
#include "tests/support/fake_aws.h"

static struct bf_arena *arena;
static struct fake_http world;
static struct bf_aws_session *session;
static struct bf_aws aws;
static struct bf_err err;

static void use(const char *const *env)
{
    bf_aws_session_free(&session);
    session = bf_aws_session_new(&world.http, env);
    aws = fake_aws(session, arena);
}

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

/* A call that may be repeated, and one that must not be. */
static enum bf_code describe(void)
{
    bf_json *out = NULL;
    return bf_sm_describe_pipeline(&aws, BF_SV("hello"), &out, &err);
}

static enum bf_code publish(void)
{
    const struct bf_sns_message message = {.topic_arn = BF_SV("arn:t"), .text = BF_SV("text")};
    return bf_sns_publish(&aws, &message, NULL, &err);
}

static const char *refusal(const char *type)
{
    return bf_sv_printf(arena, "{\"__type\":\"%s\",\"message\":\"because\"}", type).ptr;
}

/* ---- endpoints ---- */

static const char *const keys[] = {"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=secret"};

static void the_public_endpoint_has_the_region(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", "https://api.sagemaker.us-west-2.amazonaws.com/", 200, "{}");
    assert_int_equal(describe(), BF_OK);
    struct bf_sv authorization = fake_http_sent(&world.requests[0], "Authorization");
    assert_true(bf_sv_starts(authorization,
                             BF_SV("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-west-2/"
                                   "sagemaker/aws4_request, SignedHeaders=content-type;host;"
                                   "x-amz-date;x-amz-target, Signature=")));
    assert_true(world.requests[0].idempotent);
}

static void china_has_a_domain_of_its_own(void **state)
{
    const char *const env[] = {keys[0], keys[1], "AWS_DEFAULT_REGION=cn-north-1", NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", "https://api.sagemaker.cn-north-1.amazonaws.com.cn/", 200,
                     "{}");
    assert_int_equal(describe(), BF_OK);
}

static void an_own_endpoint_is_used_and_the_service_one_goes_first(void **state)
{
    const char *const env[] = {keys[0],
                               keys[1],
                               "AWS_REGION=us-west-2",
                               "AWS_ENDPOINT_URL=http://127.0.0.1:5000/prefix/",
                               "AWS_ENDPOINT_URL_SNS=http://localhost:80",
                               NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", "http://127.0.0.1:5000/prefix/", 200, "{}");
    fake_http_answer(&world, "POST", "http://localhost/", 200, "<PublishResponse/>");
    assert_int_equal(describe(), BF_OK);
    assert_int_equal(publish(), BF_OK);
    fake_http_done(&world);
}

static void configured_endpoints_can_be_ignored(void **state)
{
    const char *const env[] = {keys[0],
                               keys[1],
                               "AWS_REGION=us-west-2",
                               "AWS_ENDPOINT_URL=http://127.0.0.1:5000",
                               "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
                               NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", "https://api.sagemaker.us-west-2.amazonaws.com/", 200, "{}");
    assert_int_equal(describe(), BF_OK);
}

static void an_empty_endpoint_is_no_endpoint(void **state)
{
    const char *const env[] = {keys[0], keys[1], "AWS_REGION=us-west-2", "AWS_ENDPOINT_URL=", NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", "https://api.sagemaker.us-west-2.amazonaws.com/", 200, "{}");
    assert_int_equal(describe(), BF_OK);
}

static void what_is_no_endpoint_is_refused(void **state)
{
    static const char *const bad[] = {"AWS_ENDPOINT_URL=127.0.0.1:5000", "AWS_ENDPOINT_URL=ftp://h",
                                      "AWS_ENDPOINT_URL=http://", "AWS_ENDPOINT_URL=http://u:p@h",
                                      "AWS_ENDPOINT_URL=http://h/?x"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        const char *const env[] = {keys[0], keys[1], "AWS_REGION=us-west-2", bad[i], NULL};
        use(env);
        assert_int_equal(describe(), BF_EINVALID);
    }
    assert_int_equal(world.count, 0);
}

static void without_a_region_the_message_says_what_to_set(void **state)
{
    const char *const env[] = {keys[0], keys[1], "AWS_REGION=", NULL};
    const char *const odd[] = {keys[0], keys[1], "AWS_REGION=evil.example.com/", NULL};
    (void)state;
    use(env);
    assert_int_equal(describe(), BF_EINVALID);
    assert_non_null(strstr(err.msg, "AWS_REGION"));
    use(odd);
    assert_int_equal(describe(), BF_EINVALID);
    assert_int_equal(world.count, 0);
}

/* ---- attempts ---- */

static void a_throttled_call_is_tried_three_times(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        fake_http_answer(&world, "POST", NULL, 400, refusal("ThrottlingException"));
    }
    assert_int_equal(publish(), BF_ETHROTTLED);
    assert_string_equal(err.reason, "ThrottlingException");
    assert_true(world.waited_ms <= 200 + 400);
    fake_http_done(&world);
}

static void success_after_a_failure_leaves_no_error(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 503, "");
    fake_http_fail(&world, "POST", NULL, BF_EAMBIGUOUS);
    fake_http_answer(&world, "POST", NULL, 200, "{\"PipelineName\":\"hello\"}");
    assert_int_equal(describe(), BF_OK);
    assert_int_equal(err.code, BF_OK);
    assert_string_equal(err.msg, "");
    fake_http_done(&world);
}

static void what_must_not_be_repeated_is_not(void **state)
{
    (void)state;
    fake_http_fail(&world, "POST", "Action=Publish", BF_EAMBIGUOUS);
    assert_int_equal(publish(), BF_EAMBIGUOUS);
    fake_http_answer(&world, "POST", "Action=Publish", 500, "<html>");
    assert_int_equal(publish(), BF_ESERVICE);
    assert_int_equal(world.count, 2);
    assert_false(world.requests[0].idempotent);
}

static void what_was_not_sent_is_tried_again_whatever_it_is(void **state)
{
    (void)state;
    fake_http_fail(&world, "POST", NULL, BF_ENET);
    fake_http_answer(&world, "POST", NULL, 200, "<PublishResponse/>");
    assert_int_equal(publish(), BF_OK);
    fake_http_done(&world);
}

static void a_client_token_makes_a_call_repeatable(void **state)
{
    const struct bf_sm_start start = {.pipeline = BF_SV("hello"),
                                      .token = BF_SV("0123456789abcdef0123456789abcdef")};
    struct bf_sv arn = {0};
    (void)state;
    fake_http_fail(&world, "POST", "StartPipelineExecution", BF_EAMBIGUOUS);
    fake_http_answer(&world, "POST", "StartPipelineExecution", 200,
                     "{\"PipelineExecutionArn\":\"arn:e\"}");
    assert_int_equal(bf_sm_start_execution(&aws, &start, &arn, &err), BF_OK);
    assert_true(bf_sv_is(arn, "arn:e"));
    assert_true(bf_sv_eq(world.requests[0].body, world.requests[1].body));
}

static void a_refusal_is_not_tried_again(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 400, refusal("ValidationException"));
    assert_int_equal(describe(), BF_EREFUSED);
    assert_string_equal(err.msg, "sagemaker DescribePipeline: 400 ValidationException: because");
    fake_http_done(&world);
}

static void a_long_wait_asked_for_is_the_callers_to_wait(void **state)
{
    (void)state;
    fake_http_header(fake_http_answer(&world, "POST", NULL, 429, ""), "Retry-After", "60");
    assert_int_equal(describe(), BF_ETHROTTLED);
    assert_int_equal(err.retry_after, 60);
    assert_int_equal(world.waited_ms, 0);
}

static void a_short_wait_asked_for_is_waited(void **state)
{
    (void)state;
    fake_http_header(fake_http_answer(&world, "POST", NULL, 429, ""), "Retry-After", "2");
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(describe(), BF_OK);
    assert_int_equal(world.waited_ms, 2000);
}

static void the_deadline_bounds_the_call_and_its_repeats(void **state)
{
    (void)state;
    aws.deadline_ms = world.now_ms + 1000;
    fake_http_header(fake_http_answer(&world, "POST", NULL, 429, ""), "Retry-After", "2");
    assert_int_equal(describe(), BF_ETHROTTLED); /* two seconds are not left */
    assert_int_equal(world.requests[0].timeout_ms, 900);
    aws.deadline_ms = world.now_ms + 10;
    assert_int_equal(describe(), BF_ETIMEOUT);
    aws.deadline_ms = world.now_ms - 10;
    assert_int_equal(describe(), BF_ETIMEOUT);
    assert_int_equal(world.count, 1);
}

/* ---- errors ---- */

static void aws_words_become_our_codes(void **state)
{
    static const struct {
        int status;
        const char *type;
        enum bf_code code;
        const char *reason;
    } all[] = {
        {400, "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", BF_ECONFLICT,
         "ConditionalCheckFailedException"},
        {400, "ResourceNotFound", BF_ENOTFOUND, "ResourceNotFound"},
        {404, "ResourceNotFoundException:http://internal.amazon.com/", BF_ENOTFOUND,
         "ResourceNotFoundException"},
        {400, "AccessDeniedException", BF_EDENIED, "AccessDeniedException"},
        {400, "ResourceInUse", BF_ECONFLICT, "ResourceInUse"},
        {400, "ResourceLimitExceeded", BF_EREFUSED, "ResourceLimitExceeded"},
        {409, "ConflictException", BF_ECONFLICT, "ConflictException"},
        {418, "NeverHeardOf", BF_EREFUSED, "NeverHeardOf"},
        {403, "NeverHeardOf", BF_EDENIED, "NeverHeardOf"},
    };
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(all); i++) {
        fake_http_answer(&world, "POST", NULL, all[i].status, refusal(all[i].type));
        assert_int_equal(describe(), all[i].code);
        assert_string_equal(err.reason, all[i].reason);
    }
}

static void the_error_header_goes_before_the_body(void **state)
{
    (void)state;
    struct fake_http_step *step =
        fake_http_answer(&world, "POST", NULL, 404, "{\"Message\":\"m\"}");
    fake_http_header(step, "x-amzn-ErrorType", "ResourceNotFoundException");
    assert_int_equal(describe(), BF_ENOTFOUND);
    assert_non_null(strstr(err.msg, "ResourceNotFoundException: m"));
}

static void an_xml_error_is_read(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 403,
                     "<ErrorResponse xmlns=\"http://sns\"><Error><Type>Sender</Type>"
                     "<Code>AuthorizationError</Code><Message>no &amp; no</Message></Error>"
                     "</ErrorResponse>");
    assert_int_equal(publish(), BF_EDENIED);
    assert_string_equal(err.msg, "sns Publish: 403 AuthorizationError: no & no");
}

static void an_error_that_is_no_json_and_no_xml_is_told_by_its_status(void **state)
{
    static const char *const bodies[] = {"",
                                         "<html><body>502</body></html>",
                                         "bad gateway",
                                         "[]",
                                         "{\"__type\":5}",
                                         "<Error>",
                                         "\xff\xfe"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bodies); i++) {
        fake_http_answer(&world, "POST", NULL, 404, bodies[i]);
        assert_int_equal(describe(), BF_ENOTFOUND);
        assert_string_equal(err.reason, "");
    }
}

static void a_validation_exception_that_means_not_found_is_not_found(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 400,
                     "{\"__type\":\"ValidationException\",\"message\":\"Pipeline 'hello' does not "
                     "exist.\"}");
    assert_int_equal(describe(), BF_ENOTFOUND);
}

static void a_create_that_finds_the_name_taken_is_a_conflict(void **state)
{
    const struct bf_sm_pipeline p = {.name = BF_SV("hello"),
                                     .role_arn = BF_SV("arn:r"),
                                     .definition = BF_SV("{}"),
                                     .token = BF_SV("0123456789abcdef0123456789abcdef")};
    struct bf_sv arn = {0};
    (void)state;
    fake_http_answer(&world, "POST", "CreatePipeline", 400,
                     "{\"__type\":\"ValidationException\",\"message\":\"Pipeline names must be "
                     "unique within an AWS account and region. Pipeline with name (hello) already "
                     "exists.\"}");
    assert_int_equal(bf_sm_create_pipeline(&aws, &p, &arn, &err), BF_ECONFLICT);
}

static void an_answer_that_is_no_json_is_a_syntax_error(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 200, "<html>");
    assert_int_equal(describe(), BF_ESYNTAX);
    assert_non_null(strstr(err.msg, "sagemaker DescribePipeline"));
}

/* ---- time ---- */

static void the_services_time_comes_from_its_answers(void **state)
{
    bool known = true;
    (void)state;
    assert_int_equal(bf_aws_time(&aws, &known), 1772323200);
    assert_false(known);
    fake_http_header(fake_http_answer(&world, "POST", NULL, 200, "{}"), "Date",
                     "Sun, 01 Mar 2026 00:10:00 GMT");
    assert_int_equal(describe(), BF_OK);
    world.now_ms += 5000;
    assert_int_equal(bf_aws_time(&aws, &known), 1772323200 + 600 + 5);
    assert_true(known);
}

static void a_host_with_a_wrong_clock_signs_again_with_the_services(void **state)
{
    (void)state;
    fake_http_header(
        fake_http_answer(&world, "POST", NULL, 403, refusal("InvalidSignatureException")), "Date",
        "Sun, 01 Mar 2026 01:00:00 GMT");
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(describe(), BF_OK);
    assert_true(
        bf_sv_starts(fake_http_sent(&world.requests[0], "X-Amz-Date"), BF_SV("20260301T0000")));
    assert_true(
        bf_sv_starts(fake_http_sent(&world.requests[1], "X-Amz-Date"), BF_SV("20260301T0100")));
}

static void a_wrong_signature_with_a_right_clock_is_denied_at_once(void **state)
{
    (void)state;
    fake_http_answer(&world, "POST", NULL, 403, refusal("InvalidSignatureException"));
    assert_int_equal(describe(), BF_EDENIED);
    fake_http_done(&world);
}

/* ---- pages ---- */

static void pages_are_joined_across_an_empty_one(void **state)
{
    bf_json *steps = NULL;
    (void)state;
    fake_http_answer(&world, "POST", "\"PipelineExecutionArn\":\"arn:e\"", 200,
                     "{\"PipelineExecutionSteps\":[{\"StepName\":\"a\"}],\"NextToken\":\"1\"}");
    fake_http_answer(&world, "POST", "\"NextToken\":\"1\"", 200,
                     "{\"PipelineExecutionSteps\":[],\"NextToken\":\"2\"}");
    fake_http_answer(&world, "POST", "\"NextToken\":\"2\"", 200,
                     "{\"PipelineExecutionSteps\":[{\"StepName\":\"b\"}]}");
    assert_int_equal(bf_sm_list_steps(&aws, BF_SV("arn:e"), &steps, &err), BF_OK);
    assert_int_equal(bf_json_count(steps), 2);
    assert_true(bf_sv_is(bf_json_str(bf_json_at(steps, 1), "StepName"), "b"));
    fake_http_done(&world);
}

static enum bf_code endless(struct fake_http *w, const struct fake_http_request *request,
                            struct fake_http_step *answer)
{
    (void)w;
    (void)request;
    answer->body = BF_SV("{\"PipelineExecutionSummaries\":[],\"NextToken\":\"again\"}");
    return BF_OK;
}

static void a_list_whose_pages_never_end_ends(void **state)
{
    const struct bf_sm_execution_filter filter = {.pipeline = BF_SV("hello"), .max = 10};
    bf_json *out = NULL;
    (void)state;
    world.handle = endless;
    assert_int_equal(bf_sm_list_executions(&aws, &filter, &out, &err), BF_OK);
    assert_int_equal(bf_json_count(out), 0);
    assert_int_equal(world.count, 11);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_public_endpoint_has_the_region),
        TEST(china_has_a_domain_of_its_own),
        TEST(an_own_endpoint_is_used_and_the_service_one_goes_first),
        TEST(configured_endpoints_can_be_ignored),
        TEST(an_empty_endpoint_is_no_endpoint),
        TEST(what_is_no_endpoint_is_refused),
        TEST(without_a_region_the_message_says_what_to_set),
        TEST(a_throttled_call_is_tried_three_times),
        TEST(success_after_a_failure_leaves_no_error),
        TEST(what_must_not_be_repeated_is_not),
        TEST(what_was_not_sent_is_tried_again_whatever_it_is),
        TEST(a_client_token_makes_a_call_repeatable),
        TEST(a_refusal_is_not_tried_again),
        TEST(a_long_wait_asked_for_is_the_callers_to_wait),
        TEST(a_short_wait_asked_for_is_waited),
        TEST(the_deadline_bounds_the_call_and_its_repeats),
        TEST(aws_words_become_our_codes),
        TEST(the_error_header_goes_before_the_body),
        TEST(an_xml_error_is_read),
        TEST(an_error_that_is_no_json_and_no_xml_is_told_by_its_status),
        TEST(a_validation_exception_that_means_not_found_is_not_found),
        TEST(a_create_that_finds_the_name_taken_is_a_conflict),
        TEST(an_answer_that_is_no_json_is_a_syntax_error),
        TEST(the_services_time_comes_from_its_answers),
        TEST(a_host_with_a_wrong_clock_signs_again_with_the_services),
        TEST(a_wrong_signature_with_a_right_clock_is_denied_at_once),
        TEST(pages_are_joined_across_an_empty_one),
        TEST(a_list_whose_pages_never_end_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

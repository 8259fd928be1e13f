#include <stdio.h>

#include "event/event.h"
#include "tests/support/cmocka_headers.h"

/* The published samples in tests/data/events, and envelopes around them. */

static int setup(void **state)
{
    *state = bf_arena_new(64 << 20);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static struct bf_sv sample(struct bf_arena *arena, const char *name)
{
    struct bf_sv path = bf_sv_printf(arena, "%s/events/%s.json", TEST_DATA, name);
    FILE *file = fopen(path.ptr, "rbe");
    char *bytes = BF_NEW_N(arena, char, 65536);

    assert_non_null(file);
    size_t len = fread(bytes, 1, 65536, file);
    assert_int_equal(fclose(file), 0);
    return (struct bf_sv){.ptr = bytes, .len = len};
}

static struct bf_event *one(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_events events;
    struct bf_err err = {0};

    if (bf_event_parse(arena, text, &events, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(events.count, 1);
    return events.items;
}

static void refused(struct bf_arena *arena, const char *text, enum bf_code code, const char *part)
{
    struct bf_events events;
    struct bf_err err = {0};

    assert_int_equal(bf_event_parse(arena, bf_sv_of(text), &events, &err), code);
    assert_int_equal(err.code, code);
    assert_int_equal(events.count, 0);
    if (strstr(err.msg, part) == NULL) {
        fail_msg("'%s' is not in: %s", part, err.msg);
    }
}

#define assert_sv(view, text) assert_string_equal(bf_sv_z(*state, (view)), (text))

/* ---- S3 ---- */

static void an_s3_notification_is_read(void **state)
{
    struct bf_event *e = one(*state, sample(*state, "notification-put"));

    assert_int_equal(e->kind, BF_EVENT_S3);
    assert_false(e->object.removed);
    assert_sv(e->object.bucket, "mybucket");
    assert_sv(e->object.key, "HappyFace.jpg");
    assert_sv(e->object.version_id, "096fKKXTRTtl3on89fVO.nfljtsv6qko");
    assert_sv(e->object.sequencer, "0055AED6DCD90281E5");
    assert_int_equal(e->object.size, 1024);
    assert_true(e->has_time);
    assert_int_equal(e->time, 0);
}

static struct bf_sv notification(struct bf_arena *arena, const char *event, const char *key)
{
    return bf_sv_printf(arena,
                        "{\"Records\":[{\"eventVersion\":\"2.3\",\"eventSource\":\"aws:s3\","
                        "\"eventName\":\"%s\",\"eventTime\":\"2026-03-01T00:00:00.000Z\","
                        "\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"%s\","
                        "\"sequencer\":\"0A\"}}}]}",
                        event, key);
}

static void keys_of_notifications_are_form_decoded(void **state)
{
    static const struct {
        const char *encoded, *raw;
    } keys[] = {
        {"red+flower.jpg", "red flower.jpg"},
        {"a%2Bb", "a+b"},
        {"specs/%ED%95%9C%EA%B8%80.pipeline.yaml", "specs/한글.pipeline.yaml"},
        {"a%2fb%25", "a/b%"},
        {"plain/key_-.~", "plain/key_-.~"},
    };

    for (size_t i = 0; i < BF_COUNTOF(keys); i++) {
        struct bf_event *e =
            one(*state, notification(*state, "ObjectCreated:Put", keys[i].encoded));
        assert_sv(e->object.key, keys[i].raw);
    }
}

static void keys_that_cannot_be_decoded_are_refused(void **state)
{
    static const char *const keys[] = {"a%", "a%2", "a%zz", "a%00b", "a%FF"};

    for (size_t i = 0; i < BF_COUNTOF(keys); i++) {
        refused(*state, notification(*state, "ObjectCreated:Put", keys[i]).ptr, BF_EINVALID,
                "form-encoded");
    }
}

static void removals_are_told_from_creations(void **state)
{
    assert_true(one(*state, notification(*state, "ObjectRemoved:Delete", "k"))->object.removed);
    assert_true(one(*state, notification(*state, "ObjectRemoved:DeleteMarkerCreated", "k"))
                    ->object.removed);
    assert_true(
        one(*state, notification(*state, "LifecycleExpiration:Delete", "k"))->object.removed);
    assert_false(one(*state, notification(*state, "ObjectCreated:CompleteMultipartUpload", "k"))
                     ->object.removed);
    assert_int_equal(one(*state, notification(*state, "ObjectRemoved:Delete", "k"))->object.size,
                     -1);
}

static void the_test_event_of_s3_is_an_event_of_its_own(void **state)
{
    struct bf_event *e = one(*state, sample(*state, "test-event"));

    assert_int_equal(e->kind, BF_EVENT_S3_TEST);
    assert_sv(e->object.bucket, "bucketname");
}

static void an_s3_event_by_eventbridge_keeps_its_key(void **state)
{
    struct bf_event *created = one(*state, sample(*state, "eventbridge-object-created"));
    struct bf_event *deleted = one(*state, sample(*state, "eventbridge-object-deleted"));
    struct bf_event *plus =
        one(*state, BF_SV("{\"source\":\"aws.s3\",\"detail-type\":\"Object Created\",\"detail\":{"
                          "\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"a+b%20c\"}}}"));

    assert_int_equal(created->kind, BF_EVENT_S3);
    assert_sv(created->object.key, "example-key");
    assert_sv(created->object.version_id, "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e");
    assert_false(created->object.removed);
    assert_true(deleted->object.removed);
    assert_sv(plus->object.key, "a+b%20c");
}

static void several_records_are_several_events(void **state)
{
    struct bf_sv a = notification(*state, "ObjectCreated:Put", "a");
    struct bf_sv b = notification(*state, "ObjectCreated:Put", "b");
    struct bf_events events;
    struct bf_err err = {0};
    /* {"Records":[ A ]}  ->  {"Records":[ A , B ]} */
    struct bf_sv both =
        bf_sv_printf(*state, BF_SV_FMT "," BF_SV_FMT, BF_SV_ARG(bf_sv_slice(a, 0, a.len - 2)),
                     BF_SV_ARG(bf_sv_from(b, strlen("{\"Records\":["))));

    assert_int_equal(bf_event_parse(*state, both, &events, &err), BF_OK);
    assert_int_equal(events.count, 2);
    assert_sv(events.items[0].object.key, "a");
    assert_sv(events.items[1].object.key, "b");
}

static void another_major_version_of_s3_is_refused(void **state)
{
    refused(
        *state,
        "{\"Records\":[{\"eventVersion\":\"3.0\",\"eventSource\":\"aws:s3\",\"eventName\":\"x\","
        "\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"k\"}}}]}",
        BF_EINVALID, "expected 2.x");
}

/* ---- EventBridge, SNS, ours ---- */

static void detail_may_be_text(void **state)
{
    struct bf_event *e = one(*state, sample(*state, "scheduler-lambda-default.captured"));

    assert_int_equal(e->kind, BF_EVENT_BUS);
    assert_sv(e->source, "aws.scheduler");
    assert_int_equal(bf_json_kind(e->detail), BF_JSON_OBJECT);
}

static void an_event_comes_out_of_sns_and_of_sqs(void **state)
{
    struct bf_sv lambda = sample(*state, "sns-lambda-pipeline-failed.derived");
    struct bf_event *e = one(*state, lambda);
    struct bf_buf wrapped = bf_buf_new(*state, 65536);

    assert_sv(e->source, "aws.sagemaker");
    assert_sv(bf_json_str(e->detail, "currentPipelineExecutionStatus"), "Failed");

    /* SNS -> SQS without raw delivery, and a dead letter that was sent again whole */
    bf_buf_addz(&wrapped,
                "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"arn:t\","
                "\"Message\":");
    bf_buf_json(&wrapped, sample(*state, "pipeline-execution-failed"));
    bf_buf_addz(&wrapped, "}");
    assert_sv(one(*state, bf_buf_sv(&wrapped))->source, "aws.sagemaker");

    struct bf_buf outer = bf_buf_new(*state, 65536);
    bf_buf_addz(&outer, "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":");
    bf_buf_json(&outer, bf_buf_sv(&wrapped));
    bf_buf_addz(&outer, "}]}");
    assert_sv(one(*state, bf_buf_sv(&outer))->source, "aws.sagemaker");
}

static void envelopes_do_not_nest_for_ever(void **state)
{
    struct bf_sv text = BF_SV("{\"kind\":\"x\"}");

    for (int i = 0; i < BF_EVENT_NESTING + 1; i++) {
        struct bf_buf out = bf_buf_new(*state, 65536);
        bf_buf_addz(&out, "{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":");
        bf_buf_json(&out, text);
        bf_buf_addz(&out, "}");
        text = bf_buf_sv(&out);
    }
    refused(*state, bf_sv_z(*state, text), BF_EINVALID, "envelopes");
}

static void our_own_messages_have_a_kind(void **state)
{
    struct bf_event *e = one(
        *state, BF_SV("{\"kind\":\"schedule\",\"pipeline\":\"hello\",\"schedule\":\"weekly\"}"));

    assert_int_equal(e->kind, BF_EVENT_OWN);
    assert_sv(e->name, "schedule");
    assert_sv(bf_event_title(*state, e), "schedule hello.weekly");
}

static void what_is_no_event_is_refused(void **state)
{
    refused(*state, "", BF_ESYNTAX, "");
    refused(*state, "not json", BF_ESYNTAX, "");
    refused(*state, "[]", BF_EINVALID, "expected an object");
    refused(*state, "\"x\"", BF_EINVALID, "expected an object");
    refused(*state, "{}", BF_EINVALID, "no event we know");
    refused(*state, "{\"Records\":[]}", BF_EINVALID, "1 to");
    refused(*state, "{\"Records\":{}}", BF_EINVALID, "an array");
    refused(*state, "{\"Records\":[{\"eventSource\":\"aws:kinesis\"}]}", BF_EINVALID,
            "aws:kinesis");
    refused(*state, "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":3}", BF_EINVALID, "detail");
    refused(*state, "{\"source\":\"a\",\"detail-type\":\"b\",\"detail\":\"{\"}", BF_ESYNTAX,
            "detail");
    refused(*state, "{\"kind\":\"a\",\"kind\":\"b\"}", BF_ESYNTAX, "kind");
    refused(*state, "{\"kind\":7}", BF_EINVALID, "no event we know");
}

/* ---- times ---- */

static void times_come_in_four_forms(void **state)
{
    static const struct {
        const char *json;
        bool ok;
        int64_t seconds;
    } cases[] = {
        {"\"2026-03-01T00:00:00Z\"", true, 1772323200},
        {"\"2026-03-01T00:00:00.999Z\"", true, 1772323200},
        {"\"2026-03-01T09:00:00+09:00\"", true, 1772323200},
        {"\"2026-02-28T18:30:00-05:30\"", true, 1772323200},
        {"\"1583831889050\"", true, 1583831889},
        {"1583831889050", true, 1583831889},
        {"1583831889050.75", true, 1583831889},
        {"1772323200", true, 1772323200},
        {"1772323200.123", true, 1772323200},
        {"\"2026-02-29T00:00:00Z\"", false, 0},
        {"\"2026-03-01\"", false, 0},
        {"\"2026-03-01T00:00:00\"", false, 0},
        {"\"2026-03-01T24:00:00Z\"", false, 0},
        {"\"2026-03-01T00:00:00.Z\"", false, 0},
        {"\"yesterday\"", false, 0},
        {"\"\"", false, 0},
        {"-5", false, 0},
        {"1e300", false, 0},
        {"null", false, 0},
        {"true", false, 0},
        {"{}", false, 0},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        bf_json *node = NULL;
        int64_t seconds = 0;
        struct bf_err err = {0};
        assert_int_equal(bf_json_parse(*state, bf_sv_of(cases[i].json), NULL, &node, &err), BF_OK);
        if (bf_event_time(node, &seconds) != cases[i].ok || seconds != cases[i].seconds) {
            fail_msg("%s: %lld", cases[i].json, (long long)seconds);
        }
    }
    assert_false(bf_event_time(NULL, &(int64_t){0}));
}

/* ---- the invocation ---- */

static void sqs_records_are_messages(void **state)
{
    struct bf_batch batch;
    struct bf_err err = {0};
    struct bf_sv text = BF_SV(
        "{\"Records\":[{\"messageId\":\"m1\",\"receiptHandle\":\"r1\",\"body\":\"{}\","
        "\"attributes\":{\"ApproximateReceiveCount\":\"3\",\"SentTimestamp\":\"1000\","
        "\"ApproximateFirstReceiveTimestamp\":\"2000\"},\"messageAttributes\":{},"
        "\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:q\"},"
        "{\"messageId\":\"m2\",\"receiptHandle\":\"r2\",\"body\":\"not json\","
        "\"eventSource\":\"aws:sqs\"}]}");

    assert_int_equal(bf_batch_parse(*state, text, &batch, &err), BF_OK);
    assert_false(batch.bare);
    assert_int_equal(batch.count, 2);
    assert_sv(batch.items[0].id, "m1");
    assert_sv(batch.items[0].receipt, "r1");
    assert_int_equal(batch.items[0].receive_count, 3);
    assert_int_equal(batch.items[0].sent_ms, 1000);
    assert_int_equal(batch.items[0].received_ms, 2000);
    assert_sv(batch.items[1].body, "not json");
    assert_int_equal(batch.items[1].receive_count, 1);
}

static void anything_else_is_one_bare_message(void **state)
{
    struct bf_batch batch;
    struct bf_err err = {0};
    struct bf_sv text = sample(*state, "notification-put");

    assert_int_equal(bf_batch_parse(*state, text, &batch, &err), BF_OK);
    assert_true(batch.bare);
    assert_int_equal(batch.count, 1);
    assert_true(bf_sv_eq(batch.items[0].body, text));
}

static void an_sqs_record_without_its_members_is_refused(void **state)
{
    struct bf_batch batch;
    struct bf_err err = {0};

    assert_int_equal(bf_batch_parse(*state,
                                    BF_SV("{\"Records\":[{\"eventSource\":\"aws:sqs\","
                                          "\"messageId\":\"m\",\"body\":{}}]}"),
                                    &batch, &err),
                     BF_EINVALID);
    assert_non_null(strstr(err.msg, "SQS record 0"));
    assert_int_equal(bf_batch_parse(*state, BF_SV("{"), &batch, &err), BF_ESYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(an_s3_notification_is_read),
        T(keys_of_notifications_are_form_decoded),
        T(keys_that_cannot_be_decoded_are_refused),
        T(removals_are_told_from_creations),
        T(the_test_event_of_s3_is_an_event_of_its_own),
        T(an_s3_event_by_eventbridge_keeps_its_key),
        T(several_records_are_several_events),
        T(another_major_version_of_s3_is_refused),
        T(detail_may_be_text),
        T(an_event_comes_out_of_sns_and_of_sqs),
        T(envelopes_do_not_nest_for_ever),
        T(our_own_messages_have_a_kind),
        T(what_is_no_event_is_refused),
        T(times_come_in_four_forms),
        T(sqs_records_are_messages),
        T(anything_else_is_one_bare_message),
        T(an_sqs_record_without_its_members_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

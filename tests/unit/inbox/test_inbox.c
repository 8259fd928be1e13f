#include "inbox/function.h"
#include "inbox/inbox.h"
#include "tests/support/cmocka_headers.h"
#include "tests/support/fake_aws.h"
#include "tests/support/fake_http.h"

/* What a test's handler answers, by the "kind" of the message. */
struct room {
    struct bf_arena *arena;
    struct fake_http world;
    struct bf_aws_session *session;
    struct bf_inbox inbox;
    size_t calls;
    int64_t deadline_seen;
};

static enum bf_code handler(void *state, const struct bf_inbox_call *call,
                            struct bf_verdict *verdict, struct bf_err *err)
{
    struct room *room = state;
    const struct bf_sv kind = call->event->name;

    room->calls++;
    room->deadline_seen = call->deadline_ms;
    if (bf_sv_is(kind, "busy")) {
        return bf_err_set(err, BF_ESERVICE, BF_NOWHERE, "the service is down");
    }
    if (bf_sv_is(kind, "slow")) {
        (void)bf_err_set(err, BF_ETHROTTLED, BF_NOWHERE, "slow down");
        err->retry_after = 77;
        return err->code;
    }
    if (bf_sv_is(kind, "wrong")) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "no such pipeline");
    }
    if (bf_sv_is(kind, "denied_for_now")) {
        verdict->kind = BF_VERDICT_TRANSIENT;
        verdict->delay = 5;
        return bf_err_set(err, BF_EDENIED, BF_NOWHERE, "denied");
    }
    if (bf_sv_is(kind, "hopeless")) {
        verdict->kind = BF_VERDICT_PERMANENT;
        return bf_err_set(err, BF_ESERVICE, BF_NOWHERE, "gave up");
    }
    if (bf_sv_is(kind, "later")) {
        verdict->kind = BF_VERDICT_LATER;
        verdict->delay = 30;
        verdict->body = BF_SV("{\"kind\":\"later\",\"try\":2}");
    }
    return BF_OK;
}

static int setup(void **state)
{
    struct bf_arena *arena = bf_arena_new(64 << 20);
    struct room *room = BF_NEW(arena, struct room);

    room->arena = arena;
    fake_http_init(&room->world, arena);
    room->session = fake_aws_session(&room->world);
    room->inbox = (struct bf_inbox){.function = "test",
                                    .session = room->session,
                                    .queue_url = BF_SV("https://sqs.test/q"),
                                    .dead_letter_url = BF_SV("https://sqs.test/q-dead"),
                                    .handle = handler,
                                    .state = room};
    *state = room;
    return 0;
}

static int teardown(void **state)
{
    struct room *room = *state;
    struct bf_arena *arena = room->arena;

    bf_aws_session_free(&room->session);
    bf_arena_destroy(&arena);
    return 0;
}

static void add_record(struct bf_buf *out, const char *id, const char *body, int receives)
{
    bf_buf_printf(out,
                  "%s{\"messageId\":\"%s\",\"receiptHandle\":\"r-%s\",\"eventSource\":\"aws:sqs\","
                  "\"attributes\":{\"ApproximateReceiveCount\":\"%d\"},\"body\":",
                  out->len == strlen("{\"Records\":[") ? "" : ",", id, id, receives);
    bf_buf_json(out, bf_sv_of(body));
    bf_buf_addz(out, "}");
}

/* Pairs of id and body; the answer as text. */
static const char *deliver(struct room *room, const char *const *pairs, size_t count, int receives)
{
    struct bf_buf event = bf_buf_new(room->arena, 65536);
    struct bf_buf answer = bf_buf_new(room->arena, 65536);
    struct bf_err err = {0};

    bf_buf_addz(&event, "{\"Records\":[");
    for (size_t i = 0; i < count; i++) {
        add_record(&event, pairs[2 * i], pairs[2 * i + 1], receives);
    }
    bf_buf_addz(&event, "]}");
    const struct bf_invocation invocation = {.event = bf_buf_sv(&event),
                                             .request_id = BF_SV("req-1"),
                                             .deadline_ms = room->world.now_ms + 60000,
                                             .log = {.fd = -1}};
    assert_int_equal(bf_inbox_run(&room->inbox, room->arena, &invocation, &answer, &err), BF_OK);
    return answer.ptr;
}

static const char *deliver_one(struct room *room, const char *body, int receives)
{
    return deliver(room, (const char *const[]){"m1", body}, 1, receives);
}

static const char none[] = "{\"batchItemFailures\":[]}";
static const char m1_failed[] = "{\"batchItemFailures\":[{\"itemIdentifier\":\"m1\"}]}";

static void a_message_that_was_handled_is_done(void **state)
{
    struct room *room = *state;

    assert_string_equal(deliver_one(room, "{\"kind\":\"fine\"}", 1), none);
    assert_int_equal(room->calls, 1);
    assert_int_equal(room->world.count, 0);
    assert_int_equal(room->deadline_seen, room->world.now_ms + 60000 - BF_INBOX_RESERVE_MS);
}

static void a_transient_failure_stays_and_comes_again_by_backoff(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "AmazonSQS.ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"busy\"}", 3), m1_failed);
    assert_true(fake_http_has(&room->world.requests[0], "\"VisibilityTimeout\":4"));
    assert_true(fake_http_has(&room->world.requests[0], "\"ReceiptHandle\":\"r-m1\""));
}

static void a_service_that_names_the_wait_is_obeyed(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "AmazonSQS.ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"slow\"}", 1), m1_failed);
    assert_true(fake_http_has(&room->world.requests[0], "\"VisibilityTimeout\":77"));
}

static void a_failed_change_of_visibility_does_not_lose_the_message(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 400,
                     "{\"__type\":\"com.amazonaws.sqs#ReceiptHandleIsInvalid\"}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"busy\"}", 1), m1_failed);
}

static void a_permanent_failure_becomes_a_dead_letter_at_once(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "AmazonSQS.SendMessage", 200, "{\"MessageId\":\"d\"}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"wrong\"}", 2), none);
    const struct fake_http_request *sent = &room->world.requests[0];
    assert_true(fake_http_has(sent, "https://sqs.test/q-dead"));
    assert_true(fake_http_has(sent, "{\\\"kind\\\":\\\"wrong\\\"}"));
    assert_true(fake_http_has(sent, "no such pipeline"));
    assert_true(fake_http_has(sent, "\"function\""));
    assert_true(fake_http_has(sent, "req-1"));
    assert_true(fake_http_has(sent, "\"receive_count\""));
}

static void a_dead_letter_that_cannot_be_sent_keeps_the_message(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "SendMessage", 403,
                     "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"wrong\"}", 1), m1_failed);
    fake_http_done(&room->world);
}

static void text_that_is_no_event_is_a_dead_letter(void **state)
{
    static const char *const bodies[] = {"not json", "{}", "[1]", "{\"Records\":[]}"};

    for (size_t i = 0; i < BF_COUNTOF(bodies); i++) {
        struct room *room = *state;
        fake_http_answer(&room->world, "POST", "SendMessage", 200, "{\"MessageId\":\"d\"}");
        assert_string_equal(deliver_one(room, bodies[i], 1), none);
        assert_int_equal(room->calls, 0);
        fake_http_done(&room->world);
    }
}

static void a_handler_knows_better_than_the_code(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"denied_for_now\"}", 1), m1_failed);
    assert_true(fake_http_has(&room->world.requests[0], "\"VisibilityTimeout\":5"));
    fake_http_answer(&room->world, "POST", "SendMessage", 200, "{\"MessageId\":\"d\"}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"hopeless\"}", 1), none);
    fake_http_done(&room->world);
}

static void later_is_sent_again_with_a_delay(void **state)
{
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "SendMessage", 200, "{\"MessageId\":\"x\"}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"later\"}", 1), none);
    assert_true(fake_http_has(&room->world.requests[0], "\"DelaySeconds\":30"));
    assert_true(fake_http_has(&room->world.requests[0], "https://sqs.test/q\""));
    assert_true(fake_http_has(&room->world.requests[0], "\\\"try\\\":2"));
}

static void later_that_cannot_be_sent_keeps_the_message(void **state)
{
    struct room *room = *state;

    fake_http_fail(&room->world, "POST", "SendMessage", BF_EAMBIGUOUS);
    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver_one(room, "{\"kind\":\"later\"}", 1), m1_failed);
    fake_http_done(&room->world);
}

static void one_bad_message_does_not_keep_the_others_from_being_handled(void **state)
{
    static const char *const pairs[] = {
        "a", "{\"kind\":\"busy\"}", "b", "{\"kind\":\"fine\"}", "c", "nonsense",
        "d", "{\"kind\":\"busy\"}", "e", "{\"kind\":\"fine\"}"};
    struct room *room = *state;

    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 200, "{}");
    fake_http_answer(&room->world, "POST", "SendMessage", 200, "{\"MessageId\":\"x\"}");
    fake_http_answer(&room->world, "POST", "ChangeMessageVisibility", 200, "{}");
    assert_string_equal(deliver(room, pairs, 5, 1),
                        "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},"
                        "{\"itemIdentifier\":\"d\"}]}");
    assert_int_equal(room->calls, 4);
    fake_http_done(&room->world);
}

static void without_time_a_message_goes_back_unharmed(void **state)
{
    struct room *room = *state;
    struct bf_buf event = bf_buf_new(room->arena, 65536);
    struct bf_buf answer = bf_buf_new(room->arena, 65536);
    struct bf_err err = {0};

    bf_buf_addz(&event, "{\"Records\":[");
    add_record(&event, "m1", "{\"kind\":\"fine\"}", 1);
    bf_buf_addz(&event, "]}");
    const struct bf_invocation invocation = {
        .event = bf_buf_sv(&event), .deadline_ms = room->world.now_ms + 1000, .log = {.fd = -1}};
    fake_http_answer(&room->world, "POST", "\"VisibilityTimeout\":0", 200, "{}");
    assert_int_equal(bf_inbox_run(&room->inbox, room->arena, &invocation, &answer, &err), BF_OK);
    assert_string_equal(answer.ptr, m1_failed);
    assert_int_equal(room->calls, 0);
}

static enum bf_code run_bare(struct room *room, const char *text, struct bf_buf *answer,
                             struct bf_err *err)
{
    const struct bf_invocation invocation = {.event = bf_sv_of(text), .log = {.fd = -1}};

    *answer = bf_buf_new(room->arena, 65536);
    return bf_inbox_run(&room->inbox, room->arena, &invocation, answer, err);
}

static void a_bare_event_is_answered_and_its_failure_returned(void **state)
{
    struct room *room = *state;
    struct bf_buf answer;
    struct bf_err err = {0};

    assert_int_equal(run_bare(room, "{\"kind\":\"fine\"}", &answer, &err), BF_OK);
    assert_string_equal(answer.ptr, "{\"status\":\"done\"}");
    assert_int_equal(run_bare(room, "{\"kind\":\"later\"}", &answer, &err), BF_OK);
    assert_string_equal(answer.ptr, "{\"status\":\"later\",\"delay\":30}");
    assert_int_equal(run_bare(room, "{\"kind\":\"wrong\"}", &answer, &err), BF_EINVALID);
    assert_string_equal(err.msg, "no such pipeline");
    assert_int_equal(run_bare(room, "nonsense", &answer, &err), BF_ESYNTAX);
    assert_int_equal(room->world.count, 0);
}

static void backoff_doubles_up_to_fifteen_minutes(void **state)
{
    static const int64_t expected[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(expected); i++) {
        assert_int_equal(bf_inbox_backoff((int64_t)i + 1), expected[i]);
    }
    assert_int_equal(bf_inbox_backoff(0), 1);
    assert_int_equal(bf_inbox_backoff(INT64_MAX), 900);
}

/* ---- functions ---- */

static enum bf_code open_nothing(const struct bf_function *function, void **state,
                                 struct bf_err *err)
{
    struct room *room = BF_NEW(bf_function_memory(function), struct room);
    size_t count = 0;
    bool flag = false;
    struct bf_sv *list = bf_function_list(function, "LIST", &count);

    *state = room;
    if (bf_function_env(function, "LIST").len != 0) {
        assert_int_equal(count, 2);
        assert_true(bf_sv_is(list[0], "one") && bf_sv_is(list[1], "two"));
    }
    return bf_function_flag(function, "FLAG", &flag, err);
}

static const struct bf_function_type type = {
    .name = "test",
    .variables =
        (const struct bf_function_variable[]){
            {"TABLE", true}, {"BUCKET", true}, {"LIST", false}, {NULL, false}},
    .open = open_nothing,
    .handle = handler,
};

static void all_missing_variables_are_named_at_once(void **state)
{
    struct room *room = *state;
    struct bf_function *function = NULL;
    struct bf_err err = {0};
    static const char *const empty[] = {"TABLE=", NULL};

    assert_int_equal(bf_function_open(&type, &room->world.http, empty, &function, &err),
                     BF_EINVALID);
    assert_non_null(strstr(err.msg, "TABLE, BUCKET"));
    assert_null(function);
}

static void a_function_reads_its_variables_and_runs(void **state)
{
    struct room *room = *state;
    struct bf_function *function = NULL;
    struct bf_err err = {0};
    struct bf_buf answer = bf_buf_new(room->arena, 4096);
    static const char *const env[] = {"TABLE=t", "BUCKET=b", "LIST= one,, two ,", "FLAG=true",
                                      NULL};
    static const char *const wrong[] = {"TABLE=t", "BUCKET=b", "FLAG=yes", NULL};
    const struct bf_invocation invocation = {.event = BF_SV("{\"kind\":\"fine\"}"),
                                             .log = {.fd = -1}};

    assert_int_equal(bf_function_open(&type, &room->world.http, wrong, &function, &err),
                     BF_EINVALID);
    assert_non_null(strstr(err.msg, "FLAG is 'yes'"));
    assert_int_equal(bf_function_open(&type, &room->world.http, env, &function, &err), BF_OK);
    assert_int_equal(bf_function_invoke(function, &invocation, &answer, &err), BF_OK);
    assert_string_equal(answer.ptr, "{\"status\":\"done\"}");
    bf_function_close(&function);
    assert_null(function);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_message_that_was_handled_is_done),
        T(a_transient_failure_stays_and_comes_again_by_backoff),
        T(a_service_that_names_the_wait_is_obeyed),
        T(a_failed_change_of_visibility_does_not_lose_the_message),
        T(a_permanent_failure_becomes_a_dead_letter_at_once),
        T(a_dead_letter_that_cannot_be_sent_keeps_the_message),
        T(text_that_is_no_event_is_a_dead_letter),
        T(a_handler_knows_better_than_the_code),
        T(later_is_sent_again_with_a_delay),
        T(later_that_cannot_be_sent_keeps_the_message),
        T(one_bad_message_does_not_keep_the_others_from_being_handled),
        T(without_time_a_message_goes_back_unharmed),
        T(a_bare_event_is_answered_and_its_failure_returned),
        T(backoff_doubles_up_to_fifteen_minutes),
        T(all_missing_variables_are_named_at_once),
        T(a_function_reads_its_variables_and_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

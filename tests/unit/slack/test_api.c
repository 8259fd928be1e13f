#include <string.h>

#include "slack/slack.h"
#include "tests/support/cmocka_headers.h"
/* clang-format off */
#include "tests/support/fake_http.h"
/* clang-format on */

static struct bf_arena *arena;
static struct fake_http world;
static struct bf_slack slack;

static int setup(void **state)
{
    (void)state;
    arena = bf_arena_new((size_t)64 << 20U);
    fake_http_init(&world, arena);
    slack = (struct bf_slack){.http = &world.http,
                              .arena = arena,
                              .api_url = BF_SV("https://slack.test/api"),
                              .token = BF_SV("xoxb-secret")};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bf_arena_destroy(&arena);
    return 0;
}

static bf_json *json(const char *text)
{
    bf_json *out = NULL;
    struct bf_err err = {0};

    assert_int_equal(bf_json_parse(arena, bf_sv_of(text), NULL, &out, &err), BF_OK);
    return out;
}

static bf_json *sent(size_t i)
{
    return json(bf_sv_z(arena, world.requests[i].body));
}

static struct bf_slack_message hello(void)
{
    return (struct bf_slack_message){.channel = BF_SV("#ml"),
                                     .text = BF_SV("hello"),
                                     .blocks = json("[{\"type\":\"divider\"}]"),
                                     .key = BF_SV("k1")};
}

static void a_message_goes_out_with_its_metadata_and_its_ts_stays_a_text(void **state)
{
    struct bf_slack_message m = hello();
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};

    (void)state;
    m.thread_ts = BF_SV("1700000000.000100");
    fake_http_answer(&world, "POST", "/chat.postMessage", 200,
                     "{\"ok\":true,\"channel\":\"C012345678\",\"ts\":\"1772323200.000200\"}");
    assert_int_equal(bf_slack_post(&slack, &m, &posted, &err), BF_OK);
    assert_true(bf_sv_is(posted.ts, "1772323200.000200"));
    assert_true(bf_sv_is(posted.channel, "C012345678"));
    assert_true(
        bf_sv_is(fake_http_sent(&world.requests[0], "Authorization"), "Bearer xoxb-secret"));
    assert_false(world.requests[0].idempotent);
    bf_json *body = sent(0);
    assert_true(bf_sv_is(bf_json_str(body, "metadata.event_payload.key"), "k1"));
    assert_true(bf_sv_is(bf_json_str(body, "thread_ts"), "1700000000.000100"));
    assert_int_equal(bf_json_str(body, "client_msg_id").len, 36);
    assert_int_equal(bf_json_kind(bf_json_get(body, "unfurl_links")), BF_JSON_BOOL);
}

static void the_same_message_has_the_same_client_id(void **state)
{
    struct bf_slack_message m = hello();
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        fake_http_answer(&world, "POST", NULL, 200,
                         "{\"ok\":true,\"channel\":\"C\",\"ts\":\"1.2\"}");
        assert_int_equal(bf_slack_post(&slack, &m, &posted, &err), BF_OK);
    }
    assert_true(
        bf_sv_eq(bf_json_str(sent(0), "client_msg_id"), bf_json_str(sent(1), "client_msg_id")));
}

static void blocks_that_are_refused_are_sent_again_as_text(void **state)
{
    static const char *const words[] = {"invalid_blocks", "msg_blocks_too_long", "msg_too_long"};
    struct bf_slack_message m = hello();
    struct bf_err err = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct bf_slack_posted posted = {0};
        fake_http_answer(&world, "POST", "\"blocks\"", 200,
                         bf_sv_printf(arena, "{\"ok\":false,\"error\":\"%s\"}", words[i]).ptr);
        fake_http_answer(&world, "POST", "hello", 200,
                         "{\"ok\":true,\"channel\":\"C\",\"ts\":\"1.2\"}");
        assert_int_equal(bf_slack_post(&slack, &m, &posted, &err), BF_OK);
        assert_true(posted.text_only);
        assert_null(bf_json_get(sent((2 * i) + 1), "blocks"));
    }
    fake_http_done(&world);
}

static void an_update_that_falls_back_to_text_takes_the_old_blocks_away(void **state)
{
    struct bf_slack_message m = hello();
    struct bf_slack_posted at = {.channel = BF_SV("C012345678"), .ts = BF_SV("1.2")};
    struct bf_err err = {0};

    (void)state;
    fake_http_answer(&world, "POST", "/chat.update", 200,
                     "{\"ok\":false,\"error\":\"invalid_blocks\"}");
    fake_http_answer(&world, "POST", "/chat.update", 200, "{\"ok\":true}");
    assert_int_equal(bf_slack_update(&slack, &m, &at, &err), BF_OK);
    assert_int_equal(bf_json_count(bf_json_get(sent(1), "blocks")), 0);
    assert_int_equal(bf_json_kind(bf_json_get(sent(1), "blocks")), BF_JSON_ARRAY);
    assert_true(world.requests[1].idempotent);
    assert_null(bf_json_get(sent(0), "unfurl_links"));
}

static void every_answer_has_its_class(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum bf_code code;
    } cases[] = {
        {200, "{\"ok\":false,\"error\":\"channel_not_found\"}", BF_ENOTFOUND},
        {200, "{\"ok\":false,\"error\":\"not_in_channel\"}", BF_EREFUSED},
        {200, "{\"ok\":false,\"error\":\"is_archived\"}", BF_EREFUSED},
        {200, "{\"ok\":false,\"error\":\"invalid_auth\"}", BF_EDENIED},
        {200, "{\"ok\":false,\"error\":\"missing_scope\"}", BF_EDENIED},
        {200, "{\"ok\":false,\"error\":\"ratelimited\"}", BF_ETHROTTLED},
        {200, "{\"ok\":false,\"error\":\"service_unavailable\"}", BF_ESERVICE},
        {200, "{\"ok\":false,\"error\":\"fatal_error\"}", BF_EAMBIGUOUS},
        {200, "{\"ok\":false,\"error\":\"internal_error\"}", BF_EAMBIGUOUS},
        {200, "{\"ok\":false}", BF_EREFUSED},
        {200, "{\"ok\":\"true\"}", BF_EREFUSED},
        {200, "ok", BF_EAMBIGUOUS},
        {200, "[]", BF_EAMBIGUOUS},
        {200, "{\"ok\":true,\"channel\":\"C\"}", BF_EAMBIGUOUS},
        {429, "", BF_ETHROTTLED},
        {500, "", BF_EAMBIGUOUS},
        {503, "", BF_ESERVICE},
        {404, "", BF_EREFUSED},
    };
    struct bf_slack_message m = hello();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_slack_posted posted = {0};
        struct bf_err err = {0};
        fake_http_answer(&world, "POST", NULL, cases[i].status, cases[i].body);
        enum bf_code code = bf_slack_post(&slack, &m, &posted, &err);
        if (code != cases[i].code) {
            fail_msg("%d %s gives %d", cases[i].status, cases[i].body, code);
        }
        assert_null(strstr(err.msg, "xoxb"));
    }
}

static void a_rate_limit_says_how_long_to_wait(void **state)
{
    struct bf_slack_message m = hello();
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};

    (void)state;
    fake_http_header(fake_http_answer(&world, "POST", NULL, 429, ""), "Retry-After", "17");
    assert_int_equal(bf_slack_post(&slack, &m, &posted, &err), BF_ETHROTTLED);
    assert_int_equal(err.retry_after, 17);
}

static void nothing_is_sent_after_the_deadline(void **state)
{
    struct bf_slack_message m = hello();
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};

    (void)state;
    slack.deadline_ms = world.now_ms - 1;
    assert_int_equal(bf_slack_post(&slack, &m, &posted, &err), BF_ETIMEOUT);
    assert_int_equal(world.count, 0);
}

static void a_message_is_found_by_its_key_on_a_later_page(void **state)
{
    struct bf_slack_search search = {.channel = BF_SV("#ml"), .key = BF_SV("k1")};
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};
    bool found = false;

    (void)state;
    fake_http_answer(&world, "GET", "/conversations.list", 200,
                     "{\"ok\":true,\"channels\":[{\"id\":\"C000000001\",\"name\":\"mlx\"},"
                     "{\"id\":\"C000000002\",\"name\":\"ml\"}]}");
    fake_http_answer(&world, "GET", "channel=C000000002", 200,
                     "{\"ok\":true,\"messages\":[{\"ts\":\"9.9\",\"text\":\"k1\"},"
                     "{\"ts\":\"8.8\",\"metadata\":{\"event_type\":\"other\","
                     "\"event_payload\":{\"key\":\"k1\"}}}],"
                     "\"response_metadata\":{\"next_cursor\":\"c=\"}}");
    fake_http_answer(&world, "GET", "cursor=c%3D", 200,
                     "{\"ok\":true,\"messages\":[{\"ts\":\"7.7\",\"metadata\":{\"event_type\":"
                     "\"buzzflow\",\"event_payload\":{\"key\":\"k1\"}}}]}");
    assert_int_equal(bf_slack_find(&slack, &search, &found, &posted, &err), BF_OK);
    assert_true(found);
    assert_true(bf_sv_is(posted.ts, "7.7"));
    assert_true(bf_sv_is(posted.channel, "C000000002"));
    fake_http_done(&world);
}

static void a_message_that_is_not_there_is_not_found(void **state)
{
    struct bf_slack_search search = {
        .channel = BF_SV("C000000002"), .thread_ts = BF_SV("1.1"), .key = BF_SV("k1")};
    struct bf_slack_posted posted = {0};
    struct bf_err err = {0};
    bool found = true;

    (void)state;
    fake_http_answer(&world, "GET", "/conversations.replies", 200, "{\"ok\":true,\"messages\":[]}");
    assert_int_equal(bf_slack_find(&slack, &search, &found, &posted, &err), BF_OK);
    assert_false(found);
}

/* Slack, "Verifying requests from Slack": the published example. */
static void the_published_signature_is_accepted_and_nothing_near_it(void **state)
{
    struct bf_sv secret = BF_SV("8f742231b10e8888abcd99yyyzzz85a5");
    struct bf_slack_signed good = {
        .timestamp = BF_SV("1531420618"),
        .signature = BF_SV("v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        .body =
            BF_SV("token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&"
                  "channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name="
                  "roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
                  "hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRsk"
                  "XaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c")};
    struct bf_slack_signed bad = good;

    (void)state;
    assert_true(bf_slack_verify(arena, secret, &good, 1531420618));
    assert_true(bf_slack_verify(arena, secret, &good, 1531420618 + 300));
    assert_true(bf_slack_verify(arena, secret, &good, 1531420618 - 300));
    assert_false(bf_slack_verify(arena, secret, &good, 1531420618 + 301));
    assert_false(bf_slack_verify(arena, secret, &good, 1531420618 - 301));
    assert_false(bf_slack_verify(arena, BF_SV("other"), &good, 1531420618));
    assert_false(bf_slack_verify(arena, BF_SV(""), &good, 1531420618));
    bad.body = bf_sv_from(good.body, 1);
    assert_false(bf_slack_verify(arena, secret, &bad, 1531420618));
    static const char *const stamps[] = {"",           "1531420618 ",  "+1531420618",
                                         "0x5b47",     "1531420618.0", "99999999999999999999999",
                                         "-1531420618"};
    for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
        bad = good;
        bad.timestamp = bf_sv_of(stamps[i]);
        assert_false(bf_slack_verify(arena, secret, &bad, 1531420618));
    }
    static const char *const signatures[] = {
        "", "v0=", "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10BD27519666489C69B503"};
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        bad = good;
        bad.signature = bf_sv_of(signatures[i]);
        assert_false(bf_slack_verify(arena, secret, &bad, 1531420618));
    }
}

static void a_secret_that_is_no_object_is_refused_without_being_quoted(void **state)
{
    struct bf_slack_secret secret = {0};
    struct bf_err err = {0};

    (void)state;
    assert_int_equal(bf_slack_secret_parse(arena, BF_SV("xoxb-very-secret"), &secret, &err),
                     BF_EINVALID);
    assert_null(strstr(err.msg, "very-secret"));
    assert_int_equal(
        bf_slack_secret_parse(arena, BF_SV("{\"bot_token\":\"t\",\"x\":1}"), &secret, &err), BF_OK);
    assert_true(bf_sv_is(secret.bot_token, "t"));
    assert_int_equal(secret.signing_secret.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_message_goes_out_with_its_metadata_and_its_ts_stays_a_text, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_message_has_the_same_client_id, setup, teardown),
        cmocka_unit_test_setup_teardown(blocks_that_are_refused_are_sent_again_as_text, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_update_that_falls_back_to_text_takes_the_old_blocks_away,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(every_answer_has_its_class, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rate_limit_says_how_long_to_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_sent_after_the_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_is_found_by_its_key_on_a_later_page, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_message_that_is_not_there_is_not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(the_published_signature_is_accepted_and_nothing_near_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_secret_that_is_no_object_is_refused_without_being_quoted,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

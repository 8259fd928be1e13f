#include "functions/deploy_spec/announce.h"
#include "tests/support/cmocka_headers.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)16 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

/* The message as text, or NULL where there is nothing to say. */
static const char *say(struct bf_arena *arena, const char *record, const char *diagnostics)
{
    bf_json *root = NULL;
    struct bf_err err = {0};
    struct bf_slack_message message;

    assert_int_equal(bf_json_parse(arena, bf_sv_of(record), NULL, &root, &err), BF_OK);
    const struct bf_deployment deployment = {.record = root, .text = bf_sv_of(diagnostics)};
    if (!announce_message(arena, &deployment, &message)) {
        return NULL;
    }
    return bf_sv_printf(arena, BF_SV_FMT "\n" BF_SV_FMT, BF_SV_ARG(message.text),
                        BF_SV_ARG(bf_json_text_of(arena, message.blocks)))
        .ptr;
}

static void has(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        fail_msg("'%s' is not in: %s", part, text == NULL ? "nothing" : text);
    }
}

static void a_deployment_says_what_was_written(void **state)
{
    const char *text = say(*state,
                           "{\"status\":\"ok\",\"pipeline\":\"hello\",\"environment\":\"research\","
                           "\"bucket\":\"b\",\"key\":\"specs/hello.pipeline.yaml\","
                           "\"version_id\":\"v1\",\"written\":[\"created pipeline hello\"]}",
                           "");

    has(text, "Deployed `hello` to research");
    has(text, "• created pipeline hello");
    has(text, "b/specs/hello.pipeline.yaml · version v1");
}

static void what_changes_nothing_is_no_news(void **state)
{
    assert_null(say(*state, "{\"status\":\"ok\",\"pipeline\":\"p\",\"written\":[]}", ""));
    assert_null(say(*state, "{\"status\":\"ok\",\"written\":[\"set tags of pipeline p\"]}", ""));
    assert_null(say(*state, "{\"status\":\"superseded\",\"written\":[\"x\"]}", ""));
    assert_null(say(*state, "{\"status\":\"removed\",\"written\":[]}", ""));
    assert_non_null(
        say(*state, "{\"status\":\"removed\",\"written\":[\"deleted schedule p.s\"]}", ""));
}

static void a_failure_shows_the_diagnostics_and_what_is_live(void **state)
{
    const char *text =
        say(*state, "{\"status\":\"failed\",\"key\":\"specs/x.pipeline.yaml\",\"written\":[]}",
            "x.pipeline.yaml:1:1: error[spec.version]: no\n");

    has(text, "Not deployed: `specs/x.pipeline.yaml`");
    has(text, "rich_text_preformatted");
    has(text, "error[spec.version]");
    has(text, "What was deployed before is untouched.");
}

static const char *failed(struct bf_arena *arena, const char *restored)
{
    return bf_sv_printf(arena,
                        "{\"status\":\"failed\",\"pipeline\":\"p\",\"written\":[],"
                        "\"error\":\"denied <!channel>\",\"restored\":%s}",
                        restored)
        .ptr;
}

static void a_failed_restoration_is_said_loudly(void **state)
{
    struct bf_arena *arena = *state;
    const char *text = say(arena, failed(arena, "false"), "");

    has(text, "could not be restored completely");
    has(text, "denied &lt;!channel&gt;"); /* a service's words ping nobody */
    has(say(arena, failed(arena, "true"), ""), "untouched");
}

static void a_long_list_is_cut_and_counted(void **state)
{
    struct bf_buf record = bf_buf_new(*state, 65536);

    bf_buf_addz(&record, "{\"status\":\"ok\",\"pipeline\":\"p\",\"written\":[");
    for (int i = 0; i < 40; i++) {
        bf_buf_printf(&record, "%s\"created schedule p.s%d\"", i == 0 ? "" : ",", i);
    }
    bf_buf_addz(&record, "]}");
    const char *text = say(*state, record.ptr, "");
    has(text, "p.s9");
    has(text, "and 30 more");
    assert_null(strstr(text, "p.s10"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_deployment_says_what_was_written),
        T(what_changes_nothing_is_no_news),
        T(a_failure_shows_the_diagnostics_and_what_is_live),
        T(a_failed_restoration_is_said_loudly),
        T(a_long_list_is_cut_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

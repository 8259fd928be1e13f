#include <stdio.h>
#include <string.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/buf.h"
#include "tests/support/cmocka_headers.h"
#include "json/json.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)256 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static struct bf_sv file_text(struct bf_arena *arena, const char *path)
{
    struct bf_buf buf = bf_buf_new(arena, (size_t)4 << 20U);
    char piece[4096];
    size_t n = 0;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fail_msg("%s cannot be read", path);
        return (struct bf_sv){0};
    }
    while ((n = fread(piece, 1, sizeof(piece), file)) != 0) {
        bf_buf_add(&buf, (struct bf_sv){.ptr = piece, .len = n});
    }
    (void)fclose(file);
    return bf_buf_sv(&buf);
}

/* One event a line, as the command line tool reads a file. */
static void feed(struct bf_cause_scan *scan, struct bf_sv source, struct bf_sv text)
{
    while (text.len != 0) {
        struct bf_sv line = bf_sv_cut(&text, '\n');
        int64_t time = bf_cause_take_time(&line);
        bf_cause_event(scan, source, time, line);
    }
}

static struct bf_cause cause_of(struct bf_arena *arena, const char *text)
{
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);

    feed(scan, (struct bf_sv){0}, bf_sv_of(text));
    return bf_cause_scan_end(scan);
}

static struct bf_sv base_name(struct bf_sv path)
{
    size_t at = path.len;

    while (at != 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    return bf_sv_from(path, at);
}

static struct bf_sv simple_name(struct bf_sv name)
{
    size_t at = name.len;

    while (at != 0 && name.ptr[at - 1] != '.') {
        at--;
    }
    return bf_sv_from(name, at);
}

static bool contains(struct bf_sv text, struct bf_sv part)
{
    return part.len == 0 || bf_sv_search(text, part) != text.len;
}

static bool allowed_class(const bf_json *want, struct bf_sv class)
{
    bool good = bf_sv_eq(class, bf_json_str(want, "class"));

    for (bf_json *c = bf_json_first(bf_json_get(want, "class_also")); c != NULL;
         c = bf_json_next(c)) {
        good = good || bf_sv_eq(class, bf_json_text(c));
    }
    return good;
}

/* "" or what is wrong */
static const char *compare(struct bf_arena *arena, const bf_json *want, const struct bf_cause *got)
{
    struct bf_sv all = bf_json_text_of(arena, bf_cause_json(arena, got));
    struct bf_sv said = got->message, exception = bf_json_str(want, "exception");
    int64_t line = 0;

    if (exception.len != 0 && !bf_sv_eq(simple_name(got->exception), simple_name(exception))) {
        return "exception";
    }
    if (exception.len == 0) {
        said =
            bf_sv_printf(arena, BF_SV_FMT " " BF_SV_FMT, BF_SV_ARG(said), BF_SV_ARG(got->excerpt));
    }
    if (!contains(said, bf_json_str(want, "message_contains"))) {
        return "message";
    }
    if (bf_json_kind(bf_json_get(want, "file")) == BF_JSON_STRING &&
        !bf_sv_eq(base_name(got->file), bf_json_str(want, "file"))) {
        return "file";
    }
    if (bf_json_i64(bf_json_get(want, "line"), 1, INT32_MAX, &line) && line != got->line) {
        return "line";
    }
    if (!bf_sv_eq(got->rank, bf_json_str(want, "rank"))) {
        return "rank";
    }
    if (!allowed_class(want, bf_sv_of(bf_cause_class_name(got->class)))) {
        return "class";
    }
    for (bf_json *s = bf_json_first(bf_json_get(want, "must_not_contain")); s != NULL;
         s = bf_json_next(s)) {
        if (contains(all, bf_json_text(s))) {
            return "a secret";
        }
    }
    return "";
}

static void the_cause_of_every_recorded_log_is_found(void **state)
{
    struct bf_arena *arena = *state;
    bf_json *expected = NULL;
    struct bf_err err = {0};
    size_t bad = 0, count = 0;

    assert_int_equal(bf_json_parse(arena, file_text(arena, TEST_DATA "/logs/expected.json"), NULL,
                                   &expected, &err),
                     BF_OK);
    for (bf_json *want = bf_json_first(expected); want != NULL; want = bf_json_next(want)) {
        struct bf_sv name = bf_json_key(want);
        struct bf_sv path = bf_sv_printf(arena, "%s/logs/" BF_SV_FMT, TEST_DATA, BF_SV_ARG(name));
        struct bf_cause_scan *scan = bf_cause_scan_new(arena);
        feed(scan, (struct bf_sv){0}, file_text(arena, path.ptr));
        struct bf_cause got = bf_cause_scan_end(scan);
        const char *wrong = compare(arena, want, &got);
        count++;
        if (*wrong != '\0') {
            print_error(BF_SV_FMT ": %s differs: " BF_SV_FMT "\n", BF_SV_ARG(name), wrong,
                        BF_SV_ARG(bf_json_text_of(arena, bf_cause_json(arena, &got))));
            bad++;
        }
    }
    assert_int_equal(bad, 0);
    assert_true(count > 90);
}

static void the_filter_lets_through_every_line_that_tells_something(void **state)
{
    struct bf_arena *arena = *state;
    const struct bf_filter *filter = bf_filter_new(arena);
    bf_json *expected = NULL;
    struct bf_err err = {0};
    size_t telling = 0, let_through = 0, lines = 0;

    assert_int_equal(bf_json_parse(arena, file_text(arena, TEST_DATA "/logs/expected.json"), NULL,
                                   &expected, &err),
                     BF_OK);
    for (bf_json *want = bf_json_first(expected); want != NULL; want = bf_json_next(want)) {
        struct bf_sv path =
            bf_sv_printf(arena, "%s/logs/" BF_SV_FMT, TEST_DATA, BF_SV_ARG(bf_json_key(want)));
        struct bf_sv rest = file_text(arena, path.ptr);
        while (rest.len != 0) {
            struct bf_sv line = bf_sv_cut(&rest, '\n');
            struct bf_telling out;
            bool ruler = line.len == 0 || bf_at(line, 0) == '-' || bf_at(line, 0) == '=';
            bool tells = bf_line_tells(line, &out) || bf_line_is_toolkit(line) ||
                         bf_line_announces_noise(line) || (!ruler && bf_line_is_noise(line)) ||
                         bf_py_header(line) != SIZE_MAX;
            bool hits = bf_filter_hits(filter, line);
            if (tells && !hits && bf_sv_trim(line).len != 0) {
                fail_msg("the filter holds back '" BF_SV_FMT "'", BF_SV_ARG(line));
            }
            telling += tells;
            let_through += hits;
            lines++;
        }
    }
    assert_true(telling > 300);
    assert_true(let_through < lines); /* and it does hold something back */
}

static void among_streams_the_earliest_real_error_wins(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);

    feed(scan, BF_SV("algo-1"),
         BF_SV("2026-11-23T16:38:48.500Z Traceback (most recent call last):\n"
               "2026-11-23T16:38:48.500Z   File \"/opt/ml/code/train.py\", line 9, in <module>\n"
               "2026-11-23T16:38:48.500Z     sync()\n"
               "2026-11-23T16:38:48.500Z ConnectionResetError: [Errno 104] Connection reset\n"));
    feed(scan, BF_SV("algo-2"),
         BF_SV("2026-11-23T16:38:49.000Z Traceback (most recent call last):\n"
               "2026-11-23T16:38:49.000Z   File \"/opt/ml/code/train.py\", line 4, in <module>\n"
               "2026-11-23T16:38:49.000Z     load()\n"
               "2026-11-23T16:38:49.000Z KeyError: 'late but real'\n"));
    feed(scan, BF_SV("algo-3"),
         BF_SV("2026-11-23T16:38:48.900Z Traceback (most recent call last):\n"
               "2026-11-23T16:38:48.900Z   File \"/opt/ml/code/train.py\", line 4, in <module>\n"
               "2026-11-23T16:38:48.900Z     load()\n"
               "2026-11-23T16:38:48.900Z KeyError: 'first'\n"));
    struct bf_cause cause = bf_cause_scan_end(scan);
    assert_true(bf_sv_is(cause.message, "'first'"));
    assert_true(bf_sv_is(cause.host, "algo-3"));
    assert_int_equal(cause.time_ms, 1795451928900);
    assert_int_equal(cause.newest_ms, 1795451929000);
}

static void ranks_with_the_same_error_are_counted(void **state)
{
    struct bf_cause cause = cause_of(*state,
                                     "[1,mpirank:0,algo-1]<stderr>:Traceback (most recent "
                                     "call last):\n"
                                     "[1,mpirank:0,algo-1]<stderr>:ValueError: x\n"
                                     "[1,mpirank:1,algo-1]<stderr>:Traceback (most recent "
                                     "call last):\n"
                                     "[1,mpirank:1,algo-1]<stderr>:ValueError: x\n");

    assert_true(bf_sv_is(cause.rank, "0"));
    assert_true(bf_sv_is(cause.host, "algo-1"));
    assert_int_equal(cause.also, 1);
}

static void a_log_without_an_error_is_unknown_and_shows_its_end(void **state)
{
    struct bf_cause cause = cause_of(*state, "epoch 1\nepoch 2\n");

    assert_int_equal(cause.class, BF_CAUSE_UNKNOWN);
    assert_int_equal(cause.exception.len, 0);
    assert_true(bf_sv_is(cause.excerpt, "epoch 1\nepoch 2"));
}

static void an_empty_log_is_unknown_and_empty(void **state)
{
    struct bf_cause cause = cause_of(*state, "");

    assert_int_equal(cause.class, BF_CAUSE_UNKNOWN);
    assert_int_equal(cause.excerpt.len + cause.message.len + cause.frame_count, 0);
}

static void talk_about_tracebacks_is_no_traceback(void **state)
{
    struct bf_cause cause =
        cause_of(*state, "see 'Traceback (most recent call last)' above\nepoch 2\n");

    assert_int_equal(cause.class, BF_CAUSE_UNKNOWN);
}

static void the_failure_reasons_of_the_services_are_classified(void **state)
{
    static const struct {
        const char *text;
        enum bf_cause_class class;
    } cases[] = {
        {"ResourceLimitExceeded: The account-level service limit 'ml.p3.2xlarge for training job "
         "usage' is 0 Instances",
         BF_CAUSE_QUOTA},
        {"CapacityError: Unable to provision requested ML compute capacity. Please retry using a "
         "different ML instance type.",
         BF_CAUSE_CAPACITY},
        {"InternalServerError: We encountered an internal error. Please try again.",
         BF_CAUSE_PLATFORM},
        {"AlgorithmError: , exit code: 137", BF_CAUSE_OUT_OF_MEMORY},
        {"AlgorithmError: , exit code: 1", BF_CAUSE_UNKNOWN},
        {"ClientError: Please use an instance type with more memory, or reduce the size of job "
         "data processed on an instance.",
         BF_CAUSE_OUT_OF_MEMORY},
        {"ClientError: Data download failed:S3 key: No S3 objects found under S3 URL "
         "\"s3://b/k\" given in input data source.",
         BF_CAUSE_MISSING_S3_KEY},
        {"MaxRuntimeExceeded", BF_CAUSE_TIMEOUT},
        {"ClientError: Artifact upload failed:Error 7: The credentials received are not "
         "authorized to perform: s3:PutObject",
         BF_CAUSE_ACCESS_DENIED},
        {"AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage \"KeyError: 'x'\"\n"
         "Command \"/usr/bin/python3 train.py\", exit code: 1",
         BF_CAUSE_USER_CODE},
        {"Step failure: One or multiple steps failed.", BF_CAUSE_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_cause cause = bf_cause_of_reason(*state, bf_sv_of(cases[i].text));
        if (cause.class != cases[i].class) {
            fail_msg("'%s' is %s", cases[i].text, bf_cause_class_name(cause.class));
        }
    }
}

static void the_exception_in_a_wrappers_words_is_marked_as_such(void **state)
{
    struct bf_cause cause = bf_cause_of_reason(
        *state, BF_SV("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n"
                      "ErrorMessage \"KeyError: 'x'\"\nCommand \"python3 train.py\""));

    assert_true(bf_sv_is(cause.exception, "KeyError"));
    assert_true(bf_sv_is(cause.message, "'x'"));
    assert_true(cause.wrapper);
}

static void times_are_taken_off_only_when_they_are_times(void **state)
{
    static const struct {
        const char *line, *rest;
        int64_t ms;
    } cases[] = {
        {"2026-11-23T16:38:48.500Z x", "x", 1795451928500},
        {"2026-11-24T01:38:48.5+09:00 x", "x", 1795451928500},
        {"2026-11-23T16:38:48+0000\tx", "x", 1795451928000},
        {"2026-11-23T16:38:48Z", "", 1795451928000},
        {"2026-11-23 16:38:48,248 toolkit", "2026-11-23 16:38:48,248 toolkit", 0},
        {"2026-11-23T16:38:48 no zone", "2026-11-23T16:38:48 no zone", 0},
        {"2026-13-23T16:38:48Z x", "2026-13-23T16:38:48Z x", 0},
        {"", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_sv line = bf_sv_of(cases[i].line);
        assert_int_equal(bf_cause_take_time(&line), cases[i].ms);
        assert_true(bf_sv_is(line, cases[i].rest));
    }
}

static const char *const same_error[] = {
    "Traceback (most recent call last):\n  File \"/opt/ml/code/t.py\", line 5, in load\n    f()\n"
    "ValueError: row 17 of 's3://b/2026-11-22' is bad\n",
    "Traceback (most recent call last):\n  File \"/opt/ml/code/t.py\", line 9, in load\n    f()\n"
    "ValueError: row 99 of 's3://b/2026-11-23' is bad\n"};

static void the_fingerprint_is_the_same_for_the_same_error(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_cause a = cause_of(arena, same_error[0]), b = cause_of(arena, same_error[1]);
    struct bf_cause c = cause_of(arena,
                                 "Traceback (most recent call last):\n"
                                 "  File \"/opt/ml/code/t.py\", line 5, in load\n    f()\n"
                                 "KeyError: 17\n");

    assert_true(bf_sv_eq(bf_cause_fingerprint(arena, &a), bf_cause_fingerprint(arena, &b)));
    assert_false(bf_sv_eq(bf_cause_fingerprint(arena, &a), bf_cause_fingerprint(arena, &c)));
    assert_int_equal(bf_cause_fingerprint(arena, &a).len, 16);
}

static void a_private_key_that_began_long_before_the_excerpt_is_gone(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_buf text = bf_buf_new(arena, 100000);

    bf_buf_addz(&text, "-----BEGIN RSA PRIVATE KEY-----\n");
    for (int i = 0; i < 60; i++) {
        bf_buf_addz(&text, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n");
    }
    bf_buf_addz(&text,
                "Traceback (most recent call last):\n  File \"/opt/a.py\", line 1, in f\n"
                "    g()\nValueError: x\n");
    struct bf_cause cause = cause_of(arena, text.ptr);
    assert_false(contains(cause.excerpt, BF_SV("QUJDREVGR0hJ")));
}

static void a_very_long_message_keeps_the_exception_in_the_excerpt(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_buf text = bf_buf_new(arena, 400000);

    for (int i = 0; i < 50; i++) {
        bf_buf_printf(&text, "noise %d ", i);
        bf_buf_fill(&text, 'x', 300);
        bf_buf_addc(&text, '\n');
    }
    bf_buf_addz(&text, "Traceback (most recent call last):\n");
    for (int i = 0; i < 200; i++) {
        bf_buf_printf(&text, "  File \"/opt/ml/code/f%d.py\", line %d, in f\n    g()\n", i, i + 1);
    }
    bf_buf_addz(&text, "ValueError: ");
    for (int i = 0; i < 30000; i++) {
        bf_buf_addz(&text, "why ");
    }
    bf_buf_addc(&text, '\n');
    struct bf_cause cause = cause_of(arena, text.ptr);
    assert_true(contains(cause.excerpt, BF_SV("ValueError: ")));
    assert_true(cause.excerpt.len <= BF_CAUSE_EXCERPT);
    assert_int_equal(cause.frame_count, BF_CAUSE_FRAMES);
    assert_int_equal(cause.frames_skipped, 200 - BF_CAUSE_FRAMES);
    assert_int_equal(cause.line, 200);
}

static void more_ranks_than_there_is_room_for_do_no_harm(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_buf text = bf_buf_new(arena, 1000000);

    for (int i = 0; i < 300; i++) {
        bf_buf_printf(&text, "[1,mpirank:%d,algo-%d]<stderr>:epoch 1\n", i, i / 8);
    }
    bf_buf_addz(&text,
                "[1,mpirank:7,algo-1]<stderr>:KeyError: 'no traceback'\n"
                "[1,mpirank:7,algo-1]<stderr>:Traceback (most recent call last):\n"
                "[1,mpirank:7,algo-1]<stderr>:  File \"/opt/t.py\", line 2, in f\n"
                "[1,mpirank:7,algo-1]<stderr>:ValueError: bad\n");
    struct bf_cause cause = cause_of(arena, text.ptr);
    assert_true(bf_sv_is(cause.exception, "ValueError"));
    assert_true(bf_sv_is(cause.rank, "7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cause_of_every_recorded_log_is_found),
        cmocka_unit_test(the_filter_lets_through_every_line_that_tells_something),
        cmocka_unit_test(among_streams_the_earliest_real_error_wins),
        cmocka_unit_test(ranks_with_the_same_error_are_counted),
        cmocka_unit_test(a_log_without_an_error_is_unknown_and_shows_its_end),
        cmocka_unit_test(an_empty_log_is_unknown_and_empty),
        cmocka_unit_test(talk_about_tracebacks_is_no_traceback),
        cmocka_unit_test(the_failure_reasons_of_the_services_are_classified),
        cmocka_unit_test(the_exception_in_a_wrappers_words_is_marked_as_such),
        cmocka_unit_test(times_are_taken_off_only_when_they_are_times),
        cmocka_unit_test(the_fingerprint_is_the_same_for_the_same_error),
        cmocka_unit_test(a_private_key_that_began_long_before_the_excerpt_is_gone),
        cmocka_unit_test(a_very_long_message_keeps_the_exception_in_the_excerpt),
        cmocka_unit_test(more_ranks_than_there_is_room_for_do_no_harm),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

/* Texts of every length around the sizes at which buf.c, sv.c and utf8.c go another way. */
#include "base/buf.h"
#include "base/sv.h"
#include "base/utf8.h"
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

static void a_printed_text_is_whole_at_every_length(void **state)
{
    char xs[1000];

    memset(xs, 'x', sizeof(xs));
    for (int n = 0; n < 1000; n++) {
        struct bf_sv text = bf_sv_printf(*state, "%.*s%d", n, xs, 7);
        assert_int_equal(text.len, n + 1);
        assert_memory_equal(text.ptr, xs, (size_t)n);
        assert_string_equal(text.ptr + n, "7");
        struct bf_buf buf = bf_buf_new(*state, 2000);
        bf_buf_addz(&buf, "before ");
        bf_buf_printf(&buf, "%.*s%d", n, xs, 7);
        bf_buf_addz(&buf, " behind");
        assert_int_equal(buf.len, n + 15);
        assert_string_equal(buf.ptr + n + 7, "7 behind");
    }
}

static void a_printed_text_past_the_cap_leaves_the_buffer_as_it_was(void **state)
{
    struct bf_buf buf = bf_buf_new(*state, 10);

    bf_buf_addz(&buf, "12345");
    bf_buf_printf(&buf, "%s", "abcdef"); /* fits into the memory, not below the cap */
    assert_true(buf.full);
    assert_string_equal(buf.ptr, "12345");
    bf_buf_printf(&buf, "%s", "z");
    assert_string_equal(buf.ptr, "12345");
    bf_buf_clear(&buf);
    bf_buf_fill(&buf, '-', 10);
    assert_string_equal(buf.ptr, "----------");
    bf_buf_fill(&buf, '-', 1);
    assert_true(buf.full);
}

static void a_letter_beyond_ascii_counts_once_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t before = 0; before < 20; before++) {
        for (size_t behind = 0; behind < 20; behind++) {
            char text[64];
            memset(text, 'a', sizeof(text));
            memcpy(text + before, "가", 3);
            struct bf_sv whole = {.ptr = text, .len = before + 3 + behind};
            assert_int_equal(bf_utf8_count(whole), before + 1 + behind);
            assert_int_equal(bf_utf8_valid_prefix(whole), whole.len);
            text[before + 2] = 'a'; /* cut short: two bytes that are no UTF-8, each counts */
            assert_int_equal(bf_utf8_count(whole), before + 3 + behind);
            assert_int_equal(bf_utf8_valid_prefix(whole), before);
        }
    }
}

static void json_escapes_stand_between_what_stays_as_it_is(void **state)
{
    struct bf_buf buf = bf_buf_new(*state, 1000);

    bf_buf_json(&buf, BF_SV(""));
    bf_buf_json(&buf, BF_SV("plain"));
    bf_buf_json(&buf, BF_SV("가\"나"));
    bf_buf_json(&buf, BF_SV("\"\xff"
                            "a\\"));
    assert_string_equal(buf.ptr,
                        "\"\"\"plain\"\"가\\\"나\"\"\\\"\xEF\xBF\xBD"
                        "a\\\\\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_printed_text_is_whole_at_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(a_printed_text_past_the_cap_leaves_the_buffer_as_it_was,
                                        setup, teardown),
        cmocka_unit_test(a_letter_beyond_ascii_counts_once_wherever_it_stands),
        cmocka_unit_test_setup_teardown(json_escapes_stand_between_what_stays_as_it_is, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

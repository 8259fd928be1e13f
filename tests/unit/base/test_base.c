#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/percent.h"
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

struct call {
    char letter;
    char *order;
};

static void note_call(void *ptr)
{
    const struct call *call = ptr;

    (void)strncat(call->order, &call->letter, 1);
}

static void deferred_calls_run_last_first_at_the_reset(void **state)
{
    struct bf_arena *arena = bf_arena_new(1000);
    char order[3] = "";
    struct call first = {'1', order};
    struct call second = {'2', order};

    (void)state;
    bf_arena_defer(arena, note_call, &first);
    bf_arena_defer(arena, note_call, &second);
    assert_string_equal(order, "");
    bf_arena_reset(arena);
    assert_string_equal(order, "21");
    assert_int_equal(bf_arena_used(arena), 0);
    bf_arena_destroy(&arena);
    assert_null(arena);
}

static void a_rewind_takes_back_what_came_after_the_mark_and_nothing_else(void **state)
{
    char *kept = bf_arena_alloc(*state, 8, 1);
    memset(kept, 'k', 8);
    struct bf_arena_mark mark = bf_arena_mark(*state);
    size_t used = bf_arena_used(*state);
    char *first = bf_arena_alloc(*state, 100, 1);
    memset(first, 'x', 100);
    memset(bf_arena_alloc(*state, 200000, 1), 'x', 200000); /* blocks of their own */
    memset(bf_arena_alloc(*state, 300000, 1), 'x', 300000);
    bf_arena_rewind(*state, mark);
    assert_int_equal(bf_arena_used(*state), used);
    assert_memory_equal(kept, "kkkkkkkk", 8);
    for (size_t round = 0; round < 3; round++) {
        const char *again = bf_arena_alloc(*state, 250000, 1);
        for (size_t i = 0; i < 250000; i++) {
            assert_int_equal(again[i], 0);
        }
        bf_arena_rewind(*state, mark);
    }
}

static void an_array_may_grow_out_of_its_block_between_mark_and_rewind(void **state)
{
    for (size_t round = 0; round < 3; round++) {
        struct bf_arena_mark mark = bf_arena_mark(*state);
        size_t *array = NULL;
        size_t cap = 0;
        for (size_t i = 0; i < 100000; i++) {
            array = bf_arena_grow(*state, array, i, &cap, sizeof(*array));
            array[i] = i;
        }
        assert_int_equal(array[99999], 99999);
        bf_arena_rewind(*state, mark);
    }
    assert_int_equal(*(char *)bf_arena_alloc(*state, 8, 1), 0);
}

static void a_rewind_to_the_beginning_empties_an_arena(void **state)
{
    (void)state;
    struct bf_arena *arena = bf_arena_new((size_t)1 << 20U);
    struct bf_arena_mark mark = bf_arena_mark(arena);
    memset(bf_arena_alloc(arena, 100, 1), 'x', 100);
    bf_arena_rewind(arena, mark);
    assert_int_equal(bf_arena_used(arena), 0);
    const char *anew = bf_arena_resize(arena, bf_arena_alloc(arena, 10, 1), 10, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(anew[i], 0);
    }
    bf_arena_destroy(&arena);
}

static bool take(void *to, struct bf_sv text)
{
    struct bf_buf *all = to;
    bf_buf_add(all, text);
    return !all->full;
}

static void a_buffer_with_a_drain_hands_its_text_on_and_fails_with_it(void **state)
{
    struct bf_buf all = bf_buf_new(*state, 200000), out = bf_buf_new(*state, 64000);
    out.drain = take;
    out.to = &all;
    for (size_t i = 0; i < 15000; i++) {
        bf_buf_addz(&out, "0123456789");
    }
    assert_true(bf_buf_flush(&out));
    assert_int_equal(all.len, 150000);
    assert_true(bf_sv_ends(bf_buf_sv(&all), BF_SV("89")));
    for (size_t i = 0; i < 15000; i++) {
        bf_buf_addz(&out, "0123456789");
    }
    assert_false(bf_buf_flush(&out));
    assert_true(out.full);
}

static void memory_is_zeroed_and_aligned(void **state)
{
    for (size_t n = 1; n < 200; n += 7) {
        unsigned char *p = bf_arena_alloc(*state, n, 1);
        assert_int_equal((uintptr_t)p % 8, 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xAA, n);
    }
}

static void a_resized_allocation_keeps_its_bytes_and_its_neighbours(void **state)
{
    static const size_t sizes[] = {10, 100, 5000, 70000, 200000, 1000000};
    char *text = bf_arena_alloc(*state, sizes[0], 1);
    char *neighbour = NULL;

    memset(text, 'a', sizes[0]);
    for (size_t i = 1; i < BF_COUNTOF(sizes); i++) {
        text = bf_arena_resize(*state, text, sizes[i - 1], sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) {
            if (text[k] != (k < sizes[i - 1] ? 'a' : '\0')) {
                fail_msg("byte %zu of %zu", k, sizes[i]);
            }
        }
        memset(text, 'a', sizes[i]);
        if (i % 2 == 0) {
            neighbour = bf_arena_alloc(*state, 50, 1);
            assert_int_equal(neighbour[0], 0);
            memset(neighbour, 'n', 50);
        }
    }
    assert_int_equal(neighbour[49], 'n');
    assert_true(bf_arena_used(*state) >= sizes[BF_COUNTOF(sizes) - 1]);
}

static void integers_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-12", true, -12},
        {"+7", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1 ", false, 0},
        {"1e3", false, 0},
    };
    int64_t got = 0;

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        assert_int_equal(bf_sv_i64(bf_sv_of(cases[i].text), INT64_MIN, INT64_MAX, &got),
                         cases[i].good);
        if (cases[i].good) {
            assert_int_equal(got, cases[i].value);
        }
    }
    assert_false(bf_sv_i64(BF_SV("101"), 0, 100, &got));
    assert_false(bf_sv_i64(BF_SV("-1"), 0, 100, &got));
}

static void views_are_cut_searched_and_trimmed(void **state)
{
    struct bf_sv rest = BF_SV("a,b,,c");

    (void)state;
    assert_true(bf_sv_is(bf_sv_cut(&rest, ','), "a"));
    assert_true(bf_sv_is(bf_sv_cut(&rest, ','), "b"));
    assert_true(bf_sv_is(bf_sv_cut(&rest, ','), ""));
    assert_true(bf_sv_is(bf_sv_cut(&rest, ','), "c"));
    assert_int_equal(rest.len, 0);
    assert_int_equal(bf_sv_search(BF_SV("abcabd"), BF_SV("abd")), 3);
    assert_int_equal(bf_sv_search(BF_SV("abc"), BF_SV("x")), 3);
    assert_true(bf_sv_is(bf_sv_trim(BF_SV(" \t x y\r\n")), "x y"));
    assert_true(bf_sv_cmp(BF_SV("a"), BF_SV("ab")) < 0);
    assert_true(bf_sv_cmp(BF_SV("b"), BF_SV("ab")) > 0);
}

static void only_well_formed_utf8_is_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t valid;
    } cases[] = {
        {"a\xEA\xB0\x80", 4},    {"\xF0\x9F\x98\x80", 4}, {"\xC0\x80", 0},
        {"a\xED\xA0\x80", 1},    {"\xF4\x90\x80\x80", 0}, {"\xE2\x82", 0},
        {"\xF0\x80\x80\x80", 0}, {"ok\xFF", 2},
    };

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        assert_int_equal(bf_utf8_valid_prefix(bf_sv_of(cases[i].bytes)), cases[i].valid);
    }
    assert_int_equal(bf_utf8_count(BF_SV("가나다")), 3);
    assert_true(bf_sv_is(bf_utf8_truncate(BF_SV("가나다"), 5), "가"));
}

static void hex_digits_have_a_value(void **state)
{
    static const char digits[] = "0123456789abcdef";
    (void)state;

    for (int i = 0; digits[i] != '\0'; i++) {
        assert_int_equal(bf_hex_value(digits[i]), i);
    }
    assert_int_equal(bf_hex_value('A'), 10);
    assert_int_equal(bf_hex_value('F'), 15);
    assert_int_equal(bf_hex_value('g'), -1);
    assert_int_equal(bf_hex_value('G'), -1);
    assert_int_equal(bf_hex_value('/'), -1);
    assert_int_equal(bf_hex_value(':'), -1);
    assert_int_equal(bf_hex_value('\xff'), -1);
}

static void percent_text_is_decoded_byte_by_byte(void **state)
{
    struct bf_arena *arena = *state;
    struct bf_sv out = BF_SV("untouched");

    assert_false(bf_percent_decode(arena, BF_SV("100%"), true, &out));
    assert_false(bf_percent_decode(arena, BF_SV("%4"), true, &out));
    assert_false(bf_percent_decode(arena, BF_SV("%4g"), true, &out));
    assert_false(bf_percent_decode(arena, BF_SV("%%41"), true, &out));
    assert_true(bf_sv_is(out, "untouched"));
    assert_true(bf_percent_decode(arena, BF_SV("red+flower%2B%41.jpg"), true, &out));
    assert_true(bf_sv_is(out, "red flower+A.jpg"));
    assert_true(bf_percent_decode(arena, BF_SV("a+b%41"), false, &out));
    assert_true(bf_sv_is(out, "a+bA"));
    assert_true(bf_percent_decode(arena, BF_SV("%00%ff\xff%25%32%35"), false, &out));
    assert_true(bf_sv_eq(out, BF_SV("\0\xff\xff%25")));
    assert_true(bf_percent_decode(arena, BF_SV(""), true, &out));
    assert_int_equal(out.len, 0);
}

static void the_nearest_name_is_near(void **state)
{
    static const struct bf_sv names[] = {{"instance_type", 13}, {"count", 5}, {"volume_gb", 9}};

    (void)state;
    assert_true(bf_sv_is(bf_nearest(BF_SV("instanse_type"), names, 3), "instance_type"));
    assert_true(bf_sv_is(bf_nearest(BF_SV("instanse_typ"), names, 3), "instance_type"));
    assert_true(bf_sv_is(bf_nearest(BF_SV("conut"), names, 3), "")); /* 2 edits of 5 letters */
    assert_true(bf_sv_is(bf_nearest(BF_SV("cout"), names, 3), "count"));
    assert_true(bf_sv_is(bf_nearest(BF_SV("nstance_typee"), names, 3), "instance_type"));
    assert_true(bf_sv_is(bf_nearest(BF_SV("nstance_tpee"), names, 3), "")); /* 3 edits */
    assert_true(bf_sv_is(bf_nearest(BF_SV("xyz"), names, 3), ""));
    assert_true(bf_sv_is(bf_nearest(BF_SV(""), names, 3), ""));
}

static void a_full_buffer_keeps_whole_pieces(void **state)
{
    struct bf_buf buf = bf_buf_new(*state, 5);

    bf_buf_addz(&buf, "abc");
    bf_buf_addz(&buf, "def");
    bf_buf_addz(&buf, "g");
    assert_true(buf.full);
    assert_string_equal(buf.ptr, "abc");
    bf_buf_clear(&buf);
    bf_buf_printf(&buf, "%d", 12345);
    assert_false(buf.full);
    assert_string_equal(buf.ptr, "12345");
}

static void json_text_is_escaped_and_repaired(void **state)
{
    struct bf_buf buf = bf_buf_new(*state, 100);

    bf_buf_json(&buf, BF_SV("a\"\\\n\t\x01\x7f"
                            "é\xff"));
    assert_string_equal(buf.ptr, "\"a\\\"\\\\\\n\\t\\u0001\\u007fé\xEF\xBF\xBD\"");
}

static void an_error_is_wrapped_with_its_context(void **state)
{
    struct bf_err err = {0};

    (void)state;
    assert_int_equal(bf_err_set(&err, BF_ENOTFOUND, BF_NOWHERE, "no key '%s'", "k"), BF_ENOTFOUND);
    assert_int_equal(bf_err_wrap(&err, "reading %s", "x"), BF_ENOTFOUND);
    assert_string_equal(err.msg, "reading x: no key 'k'");
    assert_true(bf_code_is_transient(BF_ETHROTTLED));
    assert_false(bf_code_is_transient(BF_EINVALID));
    assert_int_equal(bf_code_exit_status(BF_EDENIED), 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deferred_calls_run_last_first_at_the_reset),
        cmocka_unit_test_setup_teardown(
            a_rewind_takes_back_what_came_after_the_mark_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(an_array_may_grow_out_of_its_block_between_mark_and_rewind,
                                        setup, teardown),
        cmocka_unit_test(a_rewind_to_the_beginning_empties_an_arena),
        cmocka_unit_test_setup_teardown(a_buffer_with_a_drain_hands_its_text_on_and_fails_with_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_zeroed_and_aligned, setup, teardown),
        cmocka_unit_test_setup_teardown(a_resized_allocation_keeps_its_bytes_and_its_neighbours,
                                        setup, teardown),
        cmocka_unit_test(integers_are_read_whole_or_not_at_all),
        cmocka_unit_test(views_are_cut_searched_and_trimmed),
        cmocka_unit_test(only_well_formed_utf8_is_text),
        cmocka_unit_test(hex_digits_have_a_value),
        cmocka_unit_test_setup_teardown(percent_text_is_decoded_byte_by_byte, setup, teardown),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test_setup_teardown(a_full_buffer_keeps_whole_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(json_text_is_escaped_and_repaired, setup, teardown),
        cmocka_unit_test(an_error_is_wrapped_with_its_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

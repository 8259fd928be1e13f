#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
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

static struct bf_loc at(unsigned line, unsigned col, unsigned end)
{
    return (struct bf_loc){.file = "x.yaml", .line = line, .col = col, .end_col = end};
}

static struct bf_sv marked(void *state, struct bf_sv text, struct bf_loc loc)
{
    struct bf_diags *diags = bf_diags_new(state);
    struct bf_buf out = bf_buf_new(state, 4096);

    bf_diags_add_source(diags, "x.yaml", text);
    (void)bf_diag(diags, BF_ERROR, "spec.a", loc, "bad");
    bf_diags_print_text(diags, &out, false);
    return bf_buf_sv(&out);
}

static void diagnostics_are_sorted_once_and_marked(void **state)
{
    struct bf_diags *diags = bf_diags_new(*state);
    struct bf_buf out = bf_buf_new(*state, 4096);

    bf_diags_add_source(diags, "x.yaml", BF_SV("a: 1\n\tb: 한글 two\n"));
    struct bf_diag *d = bf_diag(diags, BF_WARNING, "spec.b", at(2, 8, 11), "odd");
    bf_diag_hint(diags, d, "write %d", 2);
    bf_diag_note(diags, d, at(1, 1, 2), "from here");
    (void)bf_diag(diags, BF_ERROR, "spec.a", at(1, 4, 5), "bad");
    (void)bf_diag(diags, BF_ERROR, "spec.a", at(1, 4, 5), "bad");
    bf_diags_print_text(diags, &out, false);
    assert_string_equal(out.ptr,
                        "x.yaml:1:4: error[spec.a]: bad\n"
                        "    1 | a: 1\n"
                        "      |    ^\n"
                        "x.yaml:2:8: warning[spec.b]: odd\n"
                        "    2 |  b: 한글 two\n"
                        "      |          ^~~\n"
                        "  note: x.yaml:1:1: from here\n"
                        "  hint: write 2\n");
    assert_int_equal(bf_diags_count(diags, BF_ERROR), 1);
    bf_diags_make_strict(diags);
    assert_int_equal(bf_diags_count(diags, BF_ERROR), 2);
}

static void the_marker_stands_under_what_a_terminal_shows(void **state)
{
    const char *first = "x.yaml:1:4: error[spec.a]: bad\n";

    /* An accent of its own takes no column, a picture takes two; \r\n is the end of the line. */
    struct bf_sv out = marked(*state, BF_SV("e\u0301: xy\r\n"), at(1, 4, 6));
    assert_true(bf_sv_is(bf_sv_from(out, strlen(first)),
                         "    1 | e\u0301: xy\n"
                         "      |   ^~\n"));
    out = marked(*state, BF_SV("\U0001F600: \U0001F600\n"), at(1, 4, 5));
    assert_true(bf_sv_is(bf_sv_from(out, strlen(first)),
                         "    1 | \U0001F600: \U0001F600\n"
                         "      |     ^~\n"));
    /* No escape sequence and no change of direction reaches the terminal. */
    out = marked(*state, BF_SV("a: \x1b[1m\u202e\n"), at(1, 4, 5));
    assert_true(bf_sv_is(bf_sv_from(out, strlen(first)),
                         "    1 | a: ?[1m?\n"
                         "      |    ^\n"));
}

static void of_a_long_line_the_part_around_the_marker_is_shown(void **state)
{
    struct bf_buf line = bf_buf_new(*state, 4096);

    bf_buf_fill(&line, 'x', 999);
    bf_buf_addz(&line, "HERE");
    bf_buf_fill(&line, 'y', 999);
    struct bf_sv out = marked(*state, bf_buf_sv(&line), at(1, 1000, 1004));
    struct bf_sv head = bf_sv_cut(&out, '\n'), shown = bf_sv_cut(&out, '\n');
    struct bf_sv under = bf_sv_cut(&out, '\n');
    size_t here = bf_sv_search(shown, BF_SV("HERE"));
    assert_true(bf_sv_starts(head, BF_SV("x.yaml:1:1000:")));
    assert_true(here < shown.len && shown.len < 250);
    assert_int_equal(bf_sv_search(under, BF_SV("^~~~")), here);
    assert_true(bf_sv_starts(shown, BF_SV("    1 | ...x")) && bf_sv_ends(shown, BF_SV("y...")));
}

static void diagnostics_as_json_have_the_documented_members(void **state)
{
    struct bf_diags *diags = bf_diags_new(*state);
    struct bf_buf out = bf_buf_new(*state, 4096);

    (void)bf_diag(diags, BF_ERROR, "spec.a", at(1, 4, 0), "\"x\"");
    bf_diags_print_json(diags, &out);
    assert_string_equal(
        out.ptr,
        "{\"file\":\"x.yaml\",\"line\":1,\"column\":4,\"end_column\":5,\"severity\":\"error\","
        "\"code\":\"spec.a\",\"message\":\"\\\"x\\\"\",\"hint\":null,\"notes\":[]}\n");
}

static void a_long_text_of_a_diagnostic_is_cut_between_characters(void **state)
{
    (void)state;
    struct bf_arena *arena = bf_arena_new(1 << 20);
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_buf name = bf_buf_new(arena, 1 << 16);

    for (size_t i = 0; i < 5000; i++) {
        bf_buf_addz(&name, "\xC3\xA9");
    }
    struct bf_diag *diag = bf_diag(diags, BF_ERROR, "a.b", BF_NOWHERE, "no key '%s'", name.ptr);
    bf_diag_hint(diags, diag, "%s", name.ptr);
    assert_in_range(diag->message.len, 2000, 2048);
    assert_true(bf_sv_starts(diag->message, BF_SV("no key '\xC3\xA9")));
    assert_int_equal(bf_utf8_valid_prefix(diag->message), diag->message.len);
    assert_true(bf_sv_is(bf_sv_from(diag->message, diag->message.len - 3), "..."));
    assert_in_range(diag->hint.len, 2000, 2048);
    bf_arena_destroy(&arena);
}

static void at_most_a_hundred_diagnostics_are_printed(void **state)
{
    struct bf_diags *diags = bf_diags_new(*state);
    struct bf_buf out = bf_buf_new(*state, 1U << 20U);

    for (unsigned i = 1; i <= 105; i++) {
        (void)bf_diag(diags, BF_ERROR, "spec.a", at(i, 1, 2), "bad");
    }
    bf_diags_print_text(diags, &out, false);
    assert_non_null(strstr(out.ptr, "x.yaml:100:1"));
    assert_null(strstr(out.ptr, "x.yaml:101:1"));
    assert_non_null(strstr(out.ptr, "and 5 more"));
}

static void
of_very_many_diagnostics_the_first_by_position_are_kept_and_none_counts_twice(void **state)
{
    struct bf_diags *diags = bf_diags_new(*state);
    for (unsigned round = 0; round < 2; round++) { /* two environments say the same */
        for (unsigned line = 5000; line > 0; line--) {
            struct bf_loc loc = {.file = "f.yaml", .line = line, .col = 1};
            struct bf_diag *diag = bf_diag(diags, line % 2 == 0 ? BF_ERROR : BF_WARNING, "x.y", loc,
                                           "wrong in line %u", line);
            bf_diag_hint(diags, diag, "hint %u", line);
            bf_diag_note(diags, diag, loc, "note %u", line);
        }
    }
    bf_diags_sort(diags);
    for (unsigned i = 0; i < BF_DIAG_MAX; i++) {
        const struct bf_diag *diag = bf_diags_at(diags, i);
        assert_int_equal(diag->loc.line, i + 1);
        assert_true(bf_sv_eq(diag->hint, bf_sv_printf(*state, "hint %u", i + 1)));
        assert_true(bf_sv_eq(diag->notes->text, bf_sv_printf(*state, "note %u", i + 1)));
        assert_null(diag->notes->next);
    }
    struct bf_buf out = bf_buf_new(*state, (size_t)1 << 20U);
    bf_diags_print_text(diags, &out, false);
    assert_true(bf_sv_ends(bf_buf_sv(&out), BF_SV("and 4900 more\n")));
    bf_diags_make_strict(diags);
    assert_int_equal(bf_diags_count(diags, BF_WARNING), 0);
    assert_int_equal(bf_diags_count(diags, BF_ERROR), bf_diags_total(diags));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(diagnostics_are_sorted_once_and_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(the_marker_stands_under_what_a_terminal_shows, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_a_long_line_the_part_around_the_marker_is_shown, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(diagnostics_as_json_have_the_documented_members, setup,
                                        teardown),
        cmocka_unit_test(a_long_text_of_a_diagnostic_is_cut_between_characters),
        cmocka_unit_test_setup_teardown(at_most_a_hundred_diagnostics_are_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            of_very_many_diagnostics_the_first_by_position_are_kept_and_none_counts_twice, setup,
            teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

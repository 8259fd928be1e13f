#include <string.h>

#include "base/buf.h"
#include "slack/blocks.h"
#include "slack/text.h"
#include "tests/support/cmocka_headers.h"

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

static struct bf_sv escaped(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf out = bf_buf_new(arena, 1 << 20U);

    bf_slack_escape(&out, text);
    return bf_buf_sv(&out);
}

static void a_hangul_syllable_counts_one_and_an_emoji_two(void **state)
{
    (void)state;
    assert_int_equal(bf_slack_length(BF_SV("가나다")), 3);
    assert_int_equal(bf_slack_length(BF_SV("\xf0\x9f\x94\xa5")), 2);
    assert_int_equal(bf_slack_length(BF_SV("a\xff")), 2);
    assert_int_equal(bf_slack_length(BF_SV("")), 0);
}

static void only_three_characters_are_escaped(void **state)
{
    assert_true(bf_sv_is(escaped(*state, BF_SV("a<b>&c *d* _e_ `f` &amp;")),
                         "a&lt;b&gt;&amp;c *d* _e_ `f` &amp;amp;"));
}

static void a_broadcast_in_foreign_text_pings_nobody(void **state)
{
    assert_true(bf_sv_is(escaped(*state, BF_SV("<!channel> <@U1> <!subteam^S1>")),
                         "&lt;!channel&gt; &lt;@U1&gt; &lt;!subteam^S1&gt;"));
}

static void what_is_no_text_is_left_out_or_replaced(void **state)
{
    assert_true(bf_sv_is(escaped(*state, BF_SV("a\x01\x1b[31mb\tc\nd\x7f")), "a[31mb\tc\nd"));
    assert_true(bf_sv_is(escaped(*state, BF_SV("a\xff\xfe")), "a\xef\xbf\xbd\xef\xbf\xbd"));
    assert_true(bf_sv_is(escaped(*state, (struct bf_sv){.ptr = "a\0b", .len = 3}), "ab"));
}

static void clipping_counts_what_escaping_makes_of_it(void **state)
{
    struct bf_sv cut = bf_slack_clip(*state, BF_SV("<<<<<<"), 10);

    assert_true(bf_sv_is(cut, "<<\xe2\x80\xa6"));
    assert_true(bf_slack_length(escaped(*state, cut)) <= 10);
    assert_true(bf_sv_is(bf_slack_clip(*state, BF_SV("abc"), 3), "abc"));
    assert_true(bf_sv_is(bf_slack_clip(*state, BF_SV("abcd"), 3), "ab\xe2\x80\xa6"));
    assert_true(bf_sv_is(bf_slack_clip(*state, BF_SV("가나다라"), 3), "가나\xe2\x80\xa6"));
}

static void inline_code_stays_one_line_and_is_not_closed_by_its_text(void **state)
{
    struct bf_buf out = bf_buf_new(*state, 1000);

    bf_slack_code_span(&out, BF_SV("a`b\nc<"));
    assert_true(bf_sv_is(bf_buf_sv(&out), "`a'b c&lt;`"));
}

static void the_text_of_a_link_cannot_end_it(void **state)
{
    struct bf_buf out = bf_buf_new(*state, 1000);

    bf_slack_link(&out, BF_SV("https://x/"), BF_SV("a|b>c"));
    assert_true(bf_sv_is(bf_buf_sv(&out), "<https://x/|a b&gt;c>"));
}

/* ---- blocks ---- */

static size_t longest(const bf_json *node)
{
    size_t most = bf_json_kind(node) == BF_JSON_STRING ? bf_slack_length(bf_json_text(node)) : 0;

    for (const bf_json *c = bf_json_first(node); c != NULL; c = bf_json_next(c)) {
        size_t n = longest(c);
        most = n > most ? n : most;
    }
    return most;
}

static struct bf_sv filled(struct bf_arena *arena, const char *piece, size_t times)
{
    struct bf_buf out = bf_buf_new(arena, strlen(piece) * times);

    for (size_t i = 0; i < times; i++) {
        bf_buf_addz(&out, piece);
    }
    return bf_buf_sv(&out);
}

static void a_message_stays_within_the_limits_whatever_is_put_in(void **state)
{
    static const char *const pieces[] = {
        "x",          "가", "\xf0\x9f\x94\xa5", "&amp;", "<https://x|y> ",
        "word word ", "\n", "`code` ",          "\xff"};
    struct bf_arena *arena = *state;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct bf_slack_blocks blocks = bf_slack_blocks_new(arena);
        struct bf_sv text = filled(arena, pieces[i], 20000);
        bf_slack_header(&blocks, text);
        bf_slack_section(&blocks, text);
        bf_slack_preformatted(&blocks, text, 100000);
        bf_slack_context(&blocks, text);
        for (int k = 0; k < 60; k++) {
            bf_slack_section(&blocks, BF_SV("more"));
        }
        assert_true(bf_json_count(blocks.array) <= 50);
        assert_true(longest(blocks.array) <= 3000);
        assert_true(blocks.chars <= BF_SLACK_CHARS);
        assert_true(bf_slack_length(bf_json_str(bf_json_at(blocks.array, 0), "text.text")) <= 150);
    }
}

static void a_section_is_not_cut_inside_a_link_or_an_entity(void **state)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(*state);

    bf_slack_section(&blocks, filled(*state, "<https://example.com/a/b|text of it> &amp; ", 400));
    struct bf_sv text = bf_json_str(bf_json_at(blocks.array, 0), "text.text");
    struct bf_sv tail = bf_sv_from(text, text.len - 10);
    assert_true(blocks.cut);
    assert_true(bf_sv_ends(text, BF_SV("\xe2\x80\xa6")));
    assert_true(bf_sv_search(tail, BF_SV("of it>\xe2\x80\xa6")) != tail.len ||
                bf_sv_search(tail, BF_SV("&amp;\xe2\x80\xa6")) != tail.len);
}

static void a_long_log_loses_its_middle_and_keeps_its_end(void **state)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(*state);
    struct bf_sv log = bf_sv_printf(*state, "first\n" BF_SV_FMT "last: ValueError",
                                    BF_SV_ARG(filled(*state, "noise line\n", 2000)));

    bf_slack_preformatted(&blocks, log, 2900);
    struct bf_sv text =
        bf_json_path(bf_json_at(blocks.array, 0), BF_SV("elements.0.elements.0"))
            ? bf_json_str(bf_json_path(bf_json_at(blocks.array, 0), BF_SV("elements.0.elements.0")),
                          "text")
            : (struct bf_sv){0};
    assert_true(bf_sv_starts(text, BF_SV("first\n")));
    assert_true(bf_sv_ends(text, BF_SV("last: ValueError")));
    assert_true(bf_sv_search(text, BF_SV("[...]")) != text.len);
    assert_true(bf_slack_length(text) <= 2900);
}

static void a_fence_in_a_log_is_only_text(void **state)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(*state);

    bf_slack_preformatted(&blocks, BF_SV("```\n<!channel>"), 100);
    bf_json *box = bf_json_path(bf_json_at(blocks.array, 0), BF_SV("elements.0"));
    assert_true(bf_sv_is(bf_json_str(box, "type"), "rich_text_preformatted"));
    assert_true(
        bf_sv_is(bf_json_text(bf_json_path(box, BF_SV("elements.0.text"))), "```\n<!channel>"));
}

static void empty_texts_become_no_blocks(void **state)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(*state);

    bf_slack_header(&blocks, BF_SV(""));
    bf_slack_section(&blocks, BF_SV(" \n"));
    bf_slack_context(&blocks, BF_SV(""));
    bf_slack_preformatted(&blocks, BF_SV("\n"), 100);
    assert_int_equal(bf_json_count(blocks.array), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hangul_syllable_counts_one_and_an_emoji_two),
        cmocka_unit_test(only_three_characters_are_escaped),
        cmocka_unit_test(a_broadcast_in_foreign_text_pings_nobody),
        cmocka_unit_test(what_is_no_text_is_left_out_or_replaced),
        cmocka_unit_test(clipping_counts_what_escaping_makes_of_it),
        cmocka_unit_test(inline_code_stays_one_line_and_is_not_closed_by_its_text),
        cmocka_unit_test(the_text_of_a_link_cannot_end_it),
        cmocka_unit_test(a_message_stays_within_the_limits_whatever_is_put_in),
        cmocka_unit_test(a_section_is_not_cut_inside_a_link_or_an_entity),
        cmocka_unit_test(a_long_log_loses_its_middle_and_keeps_its_end),
        cmocka_unit_test(a_fence_in_a_log_is_only_text),
        cmocka_unit_test(empty_texts_become_no_blocks),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}


#include "base/err.h"
#include "base/utf8.h"
#include "tests/support/cmocka_headers.h"
#include "json/json.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)64 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static bf_json *parsed(struct bf_arena *arena, const char *text)
{
    bf_json *node = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, bf_sv_of(text), "t.json", &node, &err) != BF_OK) {
        fail_msg("'%s' was refused: %s", text, err.msg);
    }
    return node;
}

static void assert_refused(struct bf_arena *arena, struct bf_sv text, unsigned line, unsigned col,
                           const char *why)
{
    bf_json *node = NULL;
    struct bf_err err = {0};

    assert_int_equal(bf_json_parse(arena, text, "t.json", &node, &err), BF_ESYNTAX);
    if (strstr(err.msg, why) == NULL) {
        fail_msg("'%s' does not say '%s'", err.msg, why);
    }
    assert_int_equal(err.loc.line, line);
    assert_int_equal(err.loc.col, col);
}

static void numbers_keep_their_text(void **state)
{
    const char *text = "[1e-3,0.10,12345678901234567890,-0,1E+5]";
    bf_json *node = parsed(*state, text);

    assert_string_equal(bf_json_text_of(*state, node).ptr, text);
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
    assert_refused(*state, BF_SV(""), 1, 1, "a value was expected");
    assert_refused(*state, BF_SV("{\"a\":1,}"), 1, 8, "behind the comma");
    assert_refused(*state, BF_SV("[1,]"), 1, 4, "behind the comma");
    assert_refused(*state, BF_SV("{\"a\":1} x"), 1, 9, "text after the value");
    assert_refused(*state, BF_SV("{\n \"a\" 1}"), 2, 6, "':' was expected");
    assert_refused(*state, BF_SV("[01]"), 1, 2, "a value was expected");
    assert_refused(*state, BF_SV("[1.]"), 1, 2, "ends in a point");
    assert_refused(*state, BF_SV("[NaN]"), 1, 2, "a value was expected");
    assert_refused(*state, BF_SV("[\"a\nb\"]"), 1, 4, "control character");
    assert_refused(*state, BF_SV("[\"abc"), 1, 2, "not closed");
    assert_refused(*state, BF_SV("[1"), 1, 3, "']' was expected");
}

static void what_other_parsers_let_pass_is_refused(void **state)
{
    assert_refused(*state, BF_SV("{\"a\":1,\"b\":2,\"a\":3}"), 1, 1, "'a' comes twice");
    assert_refused(*state, BF_SV("{\"a\":1,\"\\u0061\":2}"), 1, 1, "'a' comes twice");
    assert_refused(*state, BF_SV("[\"\\u0000\"]"), 1, 4, "\\u0000");
    assert_refused(*state, BF_SV("[\"\\ud800\"]"), 1, 9, "surrogate");
    assert_refused(*state, BF_SV("[\"\\udc00\"]"), 1, 9, "surrogate");
    assert_refused(*state, BF_SV("[\"\xff\"]"), 1, 3, "not UTF-8");
    assert_refused(*state, (struct bf_sv){"[\"\0\"]", 5}, 1, 3, "control character");
}

static void a_hundred_and_twenty_eight_levels_are_read_and_one_more_is_refused(void **state)
{
    char text[2 * 129 + 1] = {0};

    memset(text, '[', 128);
    memset(text + 128, ']', 128);
    (void)parsed(*state, text);
    memset(text, '[', 129);
    memset(text + 129, ']', 129);
    assert_refused(*state, (struct bf_sv){text, 258}, 1, 129, "nested too deeply");
}

static void a_path_walks_objects_and_arrays(void **state)
{
    bf_json *node = parsed(*state, "{\"a\":{\"b\":[{\"c\":\"x\"}]},\"n\":1}");
    struct bf_sv out;
    struct bf_err err = {0};

    assert_true(bf_sv_is(bf_json_str(node, "a.b.0.c"), "x"));
    assert_null(bf_json_path(node, BF_SV("a.b.1.c")));
    assert_null(bf_json_path(node, BF_SV("n.x")));
    assert_int_equal(bf_json_need_str(node, "n", &out, &err), BF_EINVALID);
    assert_string_equal(err.msg, "'n' must be a string, found a number");
}

static void equality_is_of_values_and_not_of_texts(void **state)
{
    assert_true(bf_json_equal(parsed(*state, "{\"a\":1,\"b\":[1.0]}"),
                              parsed(*state, "{\"b\":[1],\"a\":1.00}")));
    assert_false(bf_json_equal(parsed(*state, "[1,2]"), parsed(*state, "[2,1]")));
    assert_false(
        bf_json_equal(parsed(*state, "9007199254740993"), parsed(*state, "9007199254740992")));
    assert_false(bf_json_equal(parsed(*state, "{\"a\":null}"), parsed(*state, "{}")));
    assert_false(bf_json_equal(parsed(*state, "\"1\""), parsed(*state, "1")));
}

static void a_merge_patch_follows_rfc_7396(void **state)
{
    /* The examples of RFC 7396, appendix A, that have an object as target and patch. */
    static const char *const cases[][3] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
        {"{\"a\":\"foo\"}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
        /* What is taken away and added in one patch. */
        {"{\"a\":1,\"b\":2,\"c\":3}", "{\"d\":4,\"a\":null,\"c\":null,\"b\":{\"e\":5}}",
         "{\"b\":{\"e\":5},\"d\":4}"},
        {"{\"a\":1,\"b\":2}", "{\"a\":null,\"b\":null,\"c\":null,\"d\":3}", "{\"d\":3}"},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        bf_json *target = parsed(*state, cases[i][0]);
        bf_json_merge(target, parsed(*state, cases[i][1]));
        assert_string_equal(bf_json_text_of(*state, target).ptr, cases[i][2]);
    }
}

static void built_text_is_valid_whatever_the_bytes(void **state)
{
    bf_json *root = bf_json_new_object(*state);

    (void)bf_json_add_str(root, "bad", BF_SV("a\xff\xc3(\x01\"\\"));
    (void)bf_json_add_i64(root, "big", INT64_MIN);
    assert_string_equal(
        bf_json_text_of(*state, root).ptr,
        "{\"bad\":\"a\xEF\xBF\xBD\xEF\xBF\xBD(\\u0001\\\"\\\\\",\"big\":-9223372036854775808}");
    (void)parsed(*state, bf_json_text_of(*state, root).ptr);
}

static void an_integer_may_be_written_as_number_or_text(void **state)
{
    bf_json *node = parsed(*state, "[5,\"6\",7.0,1e2,8.5,\"x\",true]");
    int64_t got = 0;
    static const int64_t want[] = {5, 6, 7, 100};

    for (size_t i = 0; i < BF_COUNTOF(want); i++) {
        assert_true(bf_json_i64(bf_json_at(node, i), 0, 100, &got));
        assert_int_equal(got, want[i]);
    }
    for (size_t i = BF_COUNTOF(want); i < 7; i++) {
        assert_false(bf_json_i64(bf_json_at(node, i), 0, 100, &got));
    }
}

static void a_node_is_found_in_its_text(void **state)
{
    const char *text = "{\n  \"a\": [1, {\"\\\"k\": \"v\"}],\n  \"ü\": 2\n}";
    bf_json *root = parsed(*state, text);
    bf_json *k = bf_json_first(bf_json_at(bf_json_get(root, "a"), 1));
    struct bf_loc value = bf_json_locate(bf_sv_of(text), "t", root, k, false);
    struct bf_loc name = bf_json_locate(bf_sv_of(text), "t", root, k, true);
    struct bf_loc last = bf_json_locate(bf_sv_of(text), "t", root, bf_json_get(root, "ü"), false);

    assert_int_equal(value.line, 2);
    assert_int_equal(value.col, 20);
    assert_int_equal(value.end_col, 23);
    assert_int_equal(name.col, 13);
    assert_int_equal(last.line, 3);
    assert_int_equal(last.col, 8);
}

static void the_length_of_a_tree_is_that_of_its_text(void **state)
{
    bf_json *root = bf_json_new_array(*state);

    for (size_t i = 0; i < 3000; i++) { /* 0: "[]"; at last many times what a buffer holds back */
        struct bf_sv text = bf_json_text_of(*state, root);
        size_t used = bf_arena_used(*state);
        struct bf_json_length length = bf_json_length(*state, root);
        if (length.bytes != text.len || length.characters != bf_utf8_count(text)) {
            fail_msg("%zu: %zu bytes, %zu characters", i, length.bytes, length.characters);
        }
        assert_int_equal(bf_arena_used(*state), used);
        for (size_t k = 0; k < i; k++) {
            bf_json *item = bf_json_add_object(root, NULL);
            bf_json_add_str(item, "이름", BF_SV("a\"\xff가"));
            bf_json_add_i64(item, "n", (int64_t)k);
        }
        i += i / 2;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_keep_their_text, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_refused_with_its_place, setup, teardown),
        cmocka_unit_test_setup_teardown(what_other_parsers_let_pass_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_hundred_and_twenty_eight_levels_are_read_and_one_more_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_walks_objects_and_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(equality_is_of_values_and_not_of_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_merge_patch_follows_rfc_7396, setup, teardown),
        cmocka_unit_test_setup_teardown(built_text_is_valid_whatever_the_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(an_integer_may_be_written_as_number_or_text, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_node_is_found_in_its_text, setup, teardown),
        cmocka_unit_test_setup_teardown(the_length_of_a_tree_is_that_of_its_text, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

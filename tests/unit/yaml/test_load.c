#include <stdlib.h>

#include "tests/unit/yaml/yaml_help.h"

static const struct bf_value *at(const struct loaded *loaded, const char *key)
{
    return bf_value_get(loaded->root, bf_sv_of(key));
}

static void an_empty_text_is_an_empty_map(void **state)
{
    static const char *const texts[] = {"", "# only a comment\n", "---\n", "\xEF\xBB\xBF", "~"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(texts); i++) {
        struct loaded loaded = load(texts[i]);
        assert_int_equal(loaded.code, BF_OK);
        assert_int_equal(loaded.root->kind, BF_VALUE_MAP);
        assert_int_equal(loaded.root->count, 0);
        loaded_free(&loaded);
    }
}

static void a_byte_order_mark_is_no_character(void **state)
{
    (void)state;
    struct loaded loaded = load(
        "\xEF\xBB\xBF"
        "a: 1\n");

    assert_int_equal(loaded.root->pairs[0].key_loc.col, 1);
    assert_true(bf_sv_is(loaded.root->pairs[0].key, "a"));
    loaded_free(&loaded);
}

static void columns_count_characters(void **state)
{
    (void)state;
    struct loaded loaded = load("\xC3\xA9: [\xE6\x97\xA5, b]\n");
    const struct bf_value *list = loaded.root->pairs[0].value;

    assert_int_equal(list->items[1]->loc.col, 8);
    assert_int_equal(list->items[0]->loc.end_col, 6);
    loaded_free(&loaded);
}

static void an_alias_is_the_node_once_more(void **state)
{
    (void)state;
    struct loaded loaded = load("a: &x {k: 1}\nb: *x\n");

    assert_int_equal(loaded.code, BF_OK);
    assert_ptr_equal(at(&loaded, "a"), at(&loaded, "b"));
    loaded_free(&loaded);
}

static void an_anchor_that_comes_twice_is_refused_as_by_pyyaml(void **state)
{
    (void)state;
    assert_tells("a: &x 1\nb: &x 2\nc: *x\n", "2:4 yaml.syntax");
    assert_hint("a: &x 1\nb: &x 2\n", "a name of its own");
}

static void a_key_beside_a_merge_wins_and_merged_keys_come_first(void **state)
{
    (void)state;
    struct loaded loaded = load("q: &q {k: 1, m: 2}\nb: {z: 0, <<: *q, k: 5}\n");
    const struct bf_value *b = at(&loaded, "b");

    assert_int_equal(loaded.code, BF_OK);
    assert_int_equal(b->count, 3);
    assert_true(bf_sv_is(b->pairs[0].key, "k"));
    assert_int_equal(b->pairs[0].value->integer, 5);
    assert_true(bf_sv_is(b->pairs[1].key, "m"));
    assert_true(bf_sv_is(b->pairs[2].key, "z"));
    loaded_free(&loaded);
}

static void the_first_map_of_a_merge_list_wins(void **state)
{
    (void)state;
    struct loaded loaded = load("p: &p {k: 1}\nq: &q {k: 2, l: 3}\nb: {<<: [*p, *q]}\n");
    const struct bf_value *b = at(&loaded, "b");

    assert_int_equal(bf_value_get(b, BF_SV("k"))->integer, 1);
    assert_int_equal(bf_value_get(b, BF_SV("l"))->integer, 3);
    loaded_free(&loaded);
}

static void a_merge_of_a_merge_brings_all_keys(void **state)
{
    (void)state;
    struct loaded loaded = load("p: &p {k: 1}\nq: &q\n  <<: *p\n  l: 2\nb:\n  <<: *q\n  k: 9\n");
    const struct bf_value *b = at(&loaded, "b");

    assert_int_equal(b->count, 2);
    assert_int_equal(bf_value_get(b, BF_SV("k"))->integer, 9);
    loaded_free(&loaded);
}

static void a_quoted_merge_key_is_a_key(void **state)
{
    (void)state;
    struct loaded loaded = load("a: {'<<': 1}\n");

    assert_true(bf_sv_is(at(&loaded, "a")->pairs[0].key, "<<"));
    loaded_free(&loaded);
}

static void merging_what_is_no_map_is_an_error(void **state)
{
    (void)state;
    assert_tells("a: {<<: 1}\n", "1:9 yaml.syntax");
    assert_tells("a: &x [1]\nb: {<<: *x}\n", "1:4 yaml.syntax");
    assert_tells("b: {<<: [{a: 1}, 2]}\n", "1:9 yaml.syntax");
    assert_tells("b: [<<, a]\n", "1:5 yaml.syntax");
}

static void a_key_twice_is_an_error_at_the_second(void **state)
{
    (void)state;
    assert_tells("x: 1\ny: {a: 1, a: 2}\n", "2:11 yaml.duplicate_key");
    assert_tells("1: a\n'1': b\n", "2:1 yaml.duplicate_key");
}

static void all_duplicates_are_told_at_once(void **state)
{
    (void)state;
    struct loaded loaded = load("a: 1\na: 2\nb: {c: 1, c: 2}\nd: !x 1\n");

    assert_int_equal(loaded.code, BF_EINVALID);
    assert_int_equal(bf_diags_total(loaded.diags), 3);
    assert_non_null(loaded.root);
    loaded_free(&loaded);
}

static void a_boolean_or_null_as_a_key_is_an_error(void **state)
{
    (void)state;
    assert_tells("on: 1\n", "1:1 yaml.key_type");
    assert_tells("a: {No: 1}\n", "1:5 yaml.key_type");
    assert_tells("~: 1\n", "1:1 yaml.key_type");
    assert_tells("? [a]\n: 1\n", "1:3 yaml.key_type");
    assert_hint("on: 1\n", "\"on\"");
}

static void a_number_as_a_key_is_its_text(void **state)
{
    (void)state;
    struct loaded loaded = load("0x10: a\n1.50: b\n010: c\n");

    assert_int_equal(loaded.code, BF_OK);
    assert_int_equal(bf_diags_total(loaded.diags), 0);
    assert_true(bf_sv_is(loaded.root->pairs[0].key, "0x10"));
    assert_true(bf_sv_is(loaded.root->pairs[1].key, "1.50"));
    loaded_free(&loaded);
}

static void an_unquoted_interpolation_in_a_flow_map_gets_the_hint_to_quote(void **state)
{
    (void)state;
    assert_tells("a: {b: ${x}}\n", "1:9 yaml.syntax");
    assert_hint("a: {b: ${x}}\n", "needs quotes");
    assert_hint("a: [s3://${x}/y]\n", "needs quotes");
    assert_hint("a: {b: ???}\n", "needs quotes");
}

static void an_unquoted_question_mark_in_a_flow_list_is_an_error(void **state)
{
    (void)state;
    assert_tells("a: {cron: 0 9 ? * MON *}\n", "1:11 yaml.syntax");
    struct loaded loaded = load("a: ${x}/y\ncron: 0 9 ? * MON *\n");
    assert_int_equal(loaded.code, BF_OK);
    loaded_free(&loaded);
}

static void a_tab_gets_the_hint_to_use_blanks(void **state)
{
    (void)state;
    assert_tells("a:\n\tb: 1\n", "2:1 yaml.syntax");
    assert_hint("a:\n\tb: 1\n", "no tabs");
}

static void common_slips_get_a_hint(void **state)
{
    (void)state;
    assert_hint("cron: * 9 * * ? *\n", "quotes");
    assert_hint("a: @x\n", "quotes");
    assert_hint("a: b: c\n", "quotes");
    assert_hint("a: *images\n", "quotes");
    assert_hint("b: &images 1\na: *image\n", "*images");
    assert_hint("a: \"C:\\dir\"\n", "single quotes");
}

static void a_second_document_is_refused(void **state)
{
    (void)state;
    assert_tells("a: 1\n---\nb: 2\n", "2:1 yaml.syntax");
    struct loaded loaded = load("---\na: 1\n...\n");
    assert_int_equal(loaded.code, BF_OK);
    loaded_free(&loaded);
}

static void an_alias_inside_of_its_own_node_is_refused(void **state)
{
    (void)state;
    assert_tells("a: &x [*x]\n", "1:8 yaml.syntax");
}

static void text_that_is_no_utf8_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_tells("a: 1\nb: \xff\n", "2:4 yaml.encoding");
    assert_tells("a: \xC0\x80\n", "1:4 yaml.encoding");
    assert_tells("a: \x01\n", "1:4 yaml.encoding");
    struct loaded loaded = load_sv((struct bf_sv){.ptr = "a: b\0c", .len = 6});
    assert_string_equal(told(&loaded, 0), "1:5 yaml.encoding");
    loaded_free(&loaded);
}

static void a_text_over_one_mebibyte_is_refused(void **state)
{
    size_t size = (size_t)BF_YAML_MAX_BYTES + 1;
    char *text = malloc(size);
    (void)state;
    memset(text, ' ', size);
    struct loaded loaded = load_sv((struct bf_sv){.ptr = text, .len = size});
    assert_string_equal(told(&loaded, 0), "1:1 yaml.too_large");
    loaded_free(&loaded);
    loaded = load_sv((struct bf_sv){.ptr = text, .len = size - 1});
    assert_int_equal(loaded.code, BF_OK);
    loaded_free(&loaded);
    free(text);
}

static void nesting_has_a_limit_in_every_style(void **state)
{
    char *text = malloc(40000);
    (void)state;
    memset(text, '[', 10000);
    struct loaded loaded = load_sv((struct bf_sv){.ptr = text, .len = 10000});
    assert_string_equal(told(&loaded, 0), "1:201 yaml.too_large");
    assert_null(loaded.root);
    loaded_free(&loaded);
    for (size_t i = 0; i < 20000; i++) {
        text[i] = i % 2 == 0 ? '-' : ' ';
    }
    loaded = load_sv((struct bf_sv){.ptr = text, .len = 20000});
    assert_string_equal(told(&loaded, 0), "1:401 yaml.too_large");
    loaded_free(&loaded);
    memset(text, '[', 200);
    memset(text + 200, ']', 200);
    loaded = load_sv((struct bf_sv){.ptr = text, .len = 400});
    assert_int_equal(loaded.code, BF_OK);
    loaded_free(&loaded);
    free(text);
}

static void aliases_that_explode_are_refused(void **state)
{
    (void)state;
    struct loaded loaded = load(
        "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d]\n");

    assert_int_equal(loaded.code, BF_EINVALID);
    assert_int_equal(bf_diags_total(loaded.diags), 1);
    assert_string_equal(bf_diags_at(loaded.diags, 0)->code, "yaml.too_large");
    loaded_free(&loaded);
}

static void a_map_of_thousands_of_keys_loads(void **state)
{
    struct bf_arena *arena = bf_arena_new((size_t)64 << 20);
    struct bf_buf text = bf_buf_new(arena, (size_t)1 << 20);
    (void)state;
    for (unsigned i = 0; i < 40000; i++) {
        bf_buf_printf(&text, "key-%u: %u\n", i, i);
    }
    struct loaded loaded = load_sv(bf_buf_sv(&text));
    assert_int_equal(loaded.code, BF_OK);
    assert_int_equal(bf_value_get(loaded.root, BF_SV("key-39999"))->integer, 39999);
    loaded_free(&loaded);
    bf_buf_addz(&text, "key-17: again\n");
    loaded = load_sv(bf_buf_sv(&text));
    assert_string_equal(told(&loaded, 0), "40001:1 yaml.duplicate_key");
    loaded_free(&loaded);
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_an_empty_map),
        cmocka_unit_test(a_byte_order_mark_is_no_character),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(an_alias_is_the_node_once_more),
        cmocka_unit_test(an_anchor_that_comes_twice_is_refused_as_by_pyyaml),
        cmocka_unit_test(a_key_beside_a_merge_wins_and_merged_keys_come_first),
        cmocka_unit_test(the_first_map_of_a_merge_list_wins),
        cmocka_unit_test(a_merge_of_a_merge_brings_all_keys),
        cmocka_unit_test(a_quoted_merge_key_is_a_key),
        cmocka_unit_test(merging_what_is_no_map_is_an_error),
        cmocka_unit_test(a_key_twice_is_an_error_at_the_second),
        cmocka_unit_test(all_duplicates_are_told_at_once),
        cmocka_unit_test(a_boolean_or_null_as_a_key_is_an_error),
        cmocka_unit_test(a_number_as_a_key_is_its_text),
        cmocka_unit_test(an_unquoted_interpolation_in_a_flow_map_gets_the_hint_to_quote),
        cmocka_unit_test(an_unquoted_question_mark_in_a_flow_list_is_an_error),
        cmocka_unit_test(a_tab_gets_the_hint_to_use_blanks),
        cmocka_unit_test(common_slips_get_a_hint),
        cmocka_unit_test(a_second_document_is_refused),
        cmocka_unit_test(an_alias_inside_of_its_own_node_is_refused),
        cmocka_unit_test(text_that_is_no_utf8_is_refused_with_its_place),
        cmocka_unit_test(a_text_over_one_mebibyte_is_refused),
        cmocka_unit_test(nesting_has_a_limit_in_every_style),
        cmocka_unit_test(aliases_that_explode_are_refused),
        cmocka_unit_test(a_map_of_thousands_of_keys_loads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

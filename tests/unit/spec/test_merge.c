#include "tests/unit/spec/resolve_help.h"

#define KEY "interpolation.key"

static void maps_merge_and_keep_the_order_of_the_base(void **state)
{
    (void)state;
    assert_resolves_2("b: 1\na: {x: 1, y: {z: 1}}\n", "c: 3\na: {y: {w: 2}, x: 9}\n", "",
                      "{\"b\":1,\"a\":{\"x\":9,\"y\":{\"z\":1,\"w\":2}},\"c\":3}");
}

static void everything_else_is_replaced(void **state)
{
    (void)state;
    assert_resolves_2("l: [1, 2, 3]\n", "l: [4]\n", "l", "[4]");
    assert_resolves_2("l: [1, 2, 3]\n", "l: {a: 1}\n", "l", "{\"a\":1}");
    assert_resolves_2("l: {a: 1}\n", "l: [1]\n", "l", "[1]");
    assert_resolves_2("l: {a: 1}\n", "l: text\n", "l", "\"text\"");
    assert_resolves_2("l: 5\n", "l: {a: 1}\n", "l", "{\"a\":1}");
    assert_resolves_2("l: ~\n", "l: {a: 1}\n", "l", "{\"a\":1}");
    assert_resolves_2("l: '?\?\?'\n", "l: {a: 1}\n", "l", "{\"a\":1}");
}

static void null_sets_null_and_three_marks_set_nothing(void **state)
{
    (void)state;
    assert_resolves_2("a: {b: 1}\n", "a: ~\n", "a", "null");
    assert_resolves_2("a: {b: 1}\n", "a: {b: null}\n", "a", "{\"b\":null}");
    assert_resolves_2("a: {b: 1}\n", "a: '?\?\?'\n", "a", "{\"b\":1}");
    assert_resolves_2("a: {b: 1}\n", "a: {b: '?\?\?'}\n", "a.b", "1");
    assert_resolves_2("a: 1\n", "b: '?\?\?'\n", "b", "interpolation.missing");
    assert_resolves_2("a: '?\?\?'\n", "a: 3\n", "a", "3");
}

static void interpolation_comes_after_the_merge(void **state)
{
    (void)state;
    assert_resolves_2("d: 1\ni: ${d}\n", "d: 2\n", "i", "2");
    assert_resolves_2("m: {a: 1, r: '${.a}'}\n", "m: {a: 5}\n", "m.r", "5");
    assert_resolves_2("a: ${b}\nb: 1\n", "a: 7\n", "a", "7");
    assert_resolves_2("a: ${b}\nb: {x: 1}\n", "a: [1]\n", "a", "[1]");
    assert_resolves_2("a: {x: 1}\nb: {y: 2}\n", "a: ${b}\n", "a", "{\"y\":2}");
    assert_resolves_2("a: ${b}\nb: 1\n", "a: ~\n", "a", "null");
}

static void an_interpolation_of_a_map_is_expanded_under_a_map(void **state)
{
    (void)state;
    assert_resolves_2("a: ${b}\nb: {x: 1, y: {z: 1}}\n", "a: {y: {w: 2}}\n", "",
                      "{\"a\":{\"x\":1,\"y\":{\"z\":1,\"w\":2}},\"b\":{\"x\":1,\"y\":{\"z\":1}}}");
    /* The target is read after all files are merged, whatever the order of the keys. */
    assert_resolves_2("a: ${b}\nb: {x: 1}\n", "a: {y: 2}\nb: {x: 5}\n", "a", "{\"x\":5,\"y\":2}");
    assert_resolves_2("a: ${b}\nb: ${c}\nc: {x: 1}\n", "a: {y: 2}\n", "a.x", "1");
    assert_resolves_2("a: ${b}\nb: ${c}\nc: {x: 1}\n", "a: {y: 2}\nb: {v: 3}\n", "a",
                      "{\"x\":1,\"v\":3,\"y\":2}");
    assert_resolves_2("a: ${b}\nb: {x: 1}\nr: ${a.y}\n", "a: {y: 2}\n", "r", "2");
    assert_resolves_2("a: ${oc.create:${b}}\nb: {x: 1}\n", "a: {y: 2}\n", "a", "{\"x\":1,\"y\":2}");
    assert_resolves_2("a: x${a.y}\n", "a: {y: 2}\n", "a.y", "2"); /* text is no map */
    assert_resolves_2("a: ${m.${k}}\nk: b\nm: {b: {x: 1}}\n", "a: {y: 2}\n", "a",
                      "{\"x\":1,\"y\":2}");
}

static void an_interpolation_of_no_map_gives_way_to_a_map(void **state)
{
    (void)state;
    assert_resolves_2("a: ${b}\nb: 5\n", "a: {y: 2}\n", "a", "{\"y\":2}");
    assert_resolves_2("a: ${b}\nb: [1]\n", "a: {y: 2}\n", "a", "{\"y\":2}");
    assert_resolves_2("a: ${nope}\n", "a: {y: 2}\n", "a", "{\"y\":2}");
    assert_resolves_2("a: x-${b}\nb: 5\n", "a: {y: 2}\n", "a", "{\"y\":2}");
    assert_resolves_2("a: ${b}\nb: ${a}\n", "a: {y: 2}\n", "a", "interpolation.cycle");
    assert_resolves_2("a: ${b}\nb: ${a}\n", "a: {y: 2}\nb: {z: 3}\n", "a.y", "interpolation.cycle");
}

static void three_files_merge_from_left_to_right(void **state)
{
    const char *docs[] = {"a: 1\nb: {x: 1}\n", "a: 2\nb: {y: 2}\n", "a: 3\nb: {x: 9}\n"};
    struct resolved r = resolve_all(docs, 3, "");
    (void)state;

    assert_string_equal(r.text, "{\"a\":3,\"b\":{\"x\":9,\"y\":2}}");
    bf_arena_destroy(&r.arena);
}

static void anchors_copy_the_text_and_references_do_not(void **state)
{
    (void)state;
    assert_resolves("a: &q {k: 1, m: '${.k}'}\nb: {<<: *q, k: 5}\n", "b.m", "5");
    assert_resolves("a: &q {k: 1, m: '${..n}'}\nn: 3\nc: {d: *q, n: 4}\n", "c.d.m", "4");
    assert_resolves("a: {k: 1, m: '${.k}'}\nb: ${a}\n", "b.m", "1");
}

static void a_path_is_read_without_touching_the_rest(void **state)
{
    (void)state;
    assert_resolves("a: 1\nbad: ${nope}\nworse: ${\n", "a", "1");
    assert_resolves("a: {b: 1, bad: '${nope}'}\n", "a.b", "1");
    assert_resolves("a: {b: 1, bad: '${nope}'}\n", "a", KEY);
    assert_resolves("a: 1\n", "b", KEY);
    assert_resolves("a: [1, 2]\n", "a[1]", "2");
    assert_resolves("a: [1, 2]\n", "a.-1", "2");
    assert_resolves("[1, 2]\n", "0", "1");
    assert_resolves("just text\n", "", "\"just text\"");
}

static void the_yaml_form_loads_to_the_same_values(void **state)
{
    const char *text =
        "s: 'a: b'\nn: 0x1F\nt: 'yes'\ne: ''\nl: [1, [2, {a: b, c: []}], {}]\n"
        "x: '\\${y} \\\\\\${z}'\np: 'v-${param:a}'\nr: ${step:\"a b.c\"}\nm: ~\n"
        "'on': \"tab\\there\"\nu: \"\\u00e9\"\n";
    struct resolved first = resolve_all(&text, 1, "");
    struct bf_buf yaml = bf_buf_new(first.arena, 1 << 20);
    (void)state;

    bf_value_print_yaml(&yaml, first.value);
    const char *again = yaml.ptr;
    struct resolved second = resolve_all(&again, 1, "");
    assert_string_equal(second.text, first.text);
    bf_arena_destroy(&second.arena);
    bf_arena_destroy(&first.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_merge_and_keep_the_order_of_the_base),
        cmocka_unit_test(everything_else_is_replaced),
        cmocka_unit_test(null_sets_null_and_three_marks_set_nothing),
        cmocka_unit_test(interpolation_comes_after_the_merge),
        cmocka_unit_test(an_interpolation_of_a_map_is_expanded_under_a_map),
        cmocka_unit_test(an_interpolation_of_no_map_gives_way_to_a_map),
        cmocka_unit_test(three_files_merge_from_left_to_right),
        cmocka_unit_test(anchors_copy_the_text_and_references_do_not),
        cmocka_unit_test(a_path_is_read_without_touching_the_rest),
        cmocka_unit_test(the_yaml_form_loads_to_the_same_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

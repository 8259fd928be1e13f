#include "tests/unit/yaml/yaml_help.h"

/* In each text the scalar under "a" holds one "${x}": where does it stand in the file? */
static const struct {
    const char *text;
    unsigned line, col, end_col;
} places[] = {
    {"a: ${x}\n", 1, 4, 8},
    {"a: pre ${x} post\n", 1, 8, 12},
    {"a: '${x}'\n", 1, 5, 9},
    {"a: 'it''s ${x}'\n", 1, 11, 15},
    {"a: \"\\t\\x41\\u00e9 ${x}\"\n", 1, 18, 22},
    {"a: \"\xC3\xA9 ${x}\"\n", 1, 7, 11},
    {"a: one\n  two ${x}\n", 2, 7, 11},
    {"a: one\n\n\n  two ${x}\n", 4, 7, 11},
    {"a: 'one\n  two ${x}'\n", 2, 7, 11},
    {"a: \"one \\\n   two ${x}\"\n", 2, 8, 12},
    {"a: |\n  one\n  ${x}\n", 3, 3, 7},
    {"a: |2-\n    one\n  ${x}\n", 3, 3, 7},
    {"a: >\n  one\n  two ${x}\n", 3, 7, 11},
    {"a: >  # folded\n\n  one\n\n  two ${x}\n", 5, 7, 11},
    {"a: &anchor ${x}\n", 1, 12, 16},
    {"a: !!str\n  ${x}\n", 2, 3, 7},
    {"a: |\n  one\n     deeper ${x}\n", 3, 13, 17},
};

static void a_place_inside_of_a_scalar_is_found_in_every_style(void **state)
{
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(places); i++) {
        struct loaded loaded = load(places[i].text);
        const struct bf_value *a = bf_value_get(loaded.root, BF_SV("a"));
        assert_non_null(a);
        size_t from = bf_sv_search(a->text, BF_SV("${x}"));
        assert_true(from < a->text.len);
        struct bf_yaml_walk walk = bf_yaml_walk_start(a);
        struct bf_loc loc = bf_yaml_walk_span(&walk, from, from + 4);
        if (loc.line != places[i].line || loc.col != places[i].col ||
            loc.end_col != places[i].end_col) {
            fail_msg("%s: %u:%u-%u", places[i].text, loc.line, loc.col, loc.end_col);
        }
        loaded_free(&loaded);
    }
}

static void a_walk_finds_many_places_in_one_pass(void **state)
{
    (void)state;
    struct loaded loaded = load("a: >\n  ${x} ${x}\n  ${x}\n");
    const struct bf_value *a = bf_value_get(loaded.root, BF_SV("a"));
    struct bf_yaml_walk walk = bf_yaml_walk_start(a);

    assert_int_equal(bf_yaml_walk_span(&walk, 0, 4).col, 3);
    assert_int_equal(bf_yaml_walk_span(&walk, 5, 9).col, 8);
    assert_int_equal(bf_yaml_walk_span(&walk, 10, 14).line, 3);
    assert_int_equal(bf_yaml_walk_span(&walk, 0, 4).line, 2); /* also back again */
    loaded_free(&loaded);
}

static void nodes_know_their_first_character(void **state)
{
    (void)state;
    struct loaded loaded = load("m:\n  k: 1\nl:\n  - 'q'\nf: {a: [b]}\n");
    const struct bf_value *m = bf_value_get(loaded.root, BF_SV("m"));
    const struct bf_value *l = bf_value_get(loaded.root, BF_SV("l"));
    const struct bf_value *f = bf_value_get(loaded.root, BF_SV("f"));

    assert_int_equal(m->loc.line, 2);
    assert_int_equal(m->loc.col, 3);
    assert_int_equal(l->items[0]->loc.col, 5);
    assert_int_equal(l->items[0]->loc.end_col, 8);
    assert_int_equal(f->loc.col, 4);
    assert_int_equal(f->pairs[0].value->loc.col, 8);
    loaded_free(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_inside_of_a_scalar_is_found_in_every_style),
        cmocka_unit_test(a_walk_finds_many_places_in_one_pass),
        cmocka_unit_test(nodes_know_their_first_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

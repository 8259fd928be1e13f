#include "shapes/pattern.h"

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

static void a_pattern_is_of_all_of_a_text_and_counts_characters(void **state)
{
    const struct {
        const char *pattern;
        struct bf_sv text;
        bool matches;
    } cases[] = {{"[a-z]{2}", BF_SV("ab"), true},       {"[a-z]{2}", BF_SV("abc"), false},
                 {"[a-z]{2}", BF_SV(" ab"), false},     {"a|ab", BF_SV("ab"), true},
                 {".{2}", BF_SV("가나"), true},         {".{2}", BF_SV("가"), false},
                 {".{2}", BF_SV("a\n"), true},          {"a", BF_SV("a\n"), false},
                 {".{2}", BF_SV("a\0"), false},         {"(b.*)?", BF_SV(""), true},
                 {".*(^|/)[0-9]+", BF_SV("12"), true},  {".*(^|/)[0-9]+", BF_SV("x/12"), true},
                 {".*(^|/)[0-9]+", BF_SV("x12"), false}};
    struct bf_patterns *patterns = bf_patterns_new(*state);

    for (size_t round = 0; round < 2; round++) { /* compiled, and compiled already */
        for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
            if (bf_pattern_matches(patterns, cases[i].pattern, cases[i].text) != cases[i].matches) {
                fail_msg("%s: case %zu", cases[i].pattern, i);
            }
        }
    }
}

static void a_long_text_is_looked_at_to_its_end(void **state)
{
    enum { LENGTH = 1 << 20 };
    static const char pattern[] = "(.*[^a-z])?key[a-z]{16}([^a-z].*)?";
    struct bf_patterns *patterns = bf_patterns_new(*state);
    char *text = bf_arena_alloc(*state, LENGTH, 1);

    for (size_t i = 0; i < LENGTH; i++) {
        text[i] = "key "[i % 4];
    }
    assert_false(bf_pattern_matches(patterns, pattern, (struct bf_sv){text, LENGTH}));
    memcpy(text + LENGTH - 20, " keyabcdefghijklmnop", 20);
    assert_true(bf_pattern_matches(patterns, pattern, (struct bf_sv){text, LENGTH}));
}

static void what_is_no_pattern_is_told_apart(void **state)
{
    struct bf_patterns *patterns = bf_patterns_new(*state);

    assert_true(bf_pattern_compiles(patterns, "[a-z]+"));
    assert_false(bf_pattern_compiles(patterns, "[a-z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pattern_is_of_all_of_a_text_and_counts_characters, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_long_text_is_looked_at_to_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_pattern_is_told_apart, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "spec/source.h"
#include "tests/support/cmocka_headers.h"

static int setup(void **state)
{
    *state = bf_arena_new(16 << 20);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;
    bf_arena_destroy(&arena);
    return 0;
}

static void assert_text(struct bf_sv found, const char *expected)
{
    assert_int_equal(found.len, strlen(expected));
    assert_memory_equal(found.ptr, expected, found.len);
}

/* The digests were made with coreutils: find ... | sort | xargs sha256sum | sha256sum. */
static void the_address_is_that_of_sha256sum(void **state)
{
    struct bf_source_file files[] = {
        {BF_SV("b/c.py"), BF_SV("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
         0},
        {BF_SV("a.py"), BF_SV("4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"),
         2},
    };
    struct bf_sv hash = bf_source_hash(*state, files, 2);
    assert_text(hash, "04da2b2f2738bd3bfba47f4e569629fb0f28bec564a7926b948580ac6a27f9a0");
}

static void the_order_of_the_files_does_not_count(void **state)
{
    struct bf_source_file one[] = {{BF_SV("a"), BF_SV("11"), 1}, {BF_SV("b"), BF_SV("22"), 1}};
    struct bf_source_file two[] = {{BF_SV("b"), BF_SV("22"), 1}, {BF_SV("a"), BF_SV("11"), 1}};
    struct bf_sv first = bf_source_hash(*state, one, 2), second = bf_source_hash(*state, two, 2);
    assert_true(bf_sv_eq(first, second));
    two[0].path = BF_SV("c");
    assert_false(bf_sv_eq(first, bf_source_hash(*state, two, 2)));
}

static void what_editors_and_interpreters_leave_is_ignored(void **state)
{
    (void)state;
    assert_true(bf_source_ignored(BF_SV(".git/config")));
    assert_true(bf_source_ignored(BF_SV("a/__pycache__/x.py")));
    assert_true(bf_source_ignored(BF_SV(".ipynb_checkpoints/n.ipynb")));
    assert_true(bf_source_ignored(BF_SV("a/b.pyc")));
    assert_true(bf_source_ignored(BF_SV("a/.DS_Store")));
    assert_false(bf_source_ignored(BF_SV(".gitignore")));
    assert_false(bf_source_ignored(BF_SV("a.git/x")));
    assert_false(bf_source_ignored(BF_SV("pycache/x.py")));
    assert_false(bf_source_ignored(BF_SV(".git")));
    assert_false(bf_source_ignored(BF_SV("x.pyc/readme")));
}

static void names_with_control_characters_are_refused(void **state)
{
    (void)state;
    assert_true(bf_source_name_ok(BF_SV("a b/\xc3\xa9.py")));
    assert_false(bf_source_name_ok(BF_SV("a\nb")));
    assert_false(bf_source_name_ok(BF_SV("a\\b")));
    assert_false(bf_source_name_ok(BF_SV("a\x7f")));
    assert_false(bf_source_name_ok(BF_SV("\xff")));
    assert_false(bf_source_name_ok(BF_SV("")));
}

static void paths_are_cleaned(void **state)
{
    assert_text(bf_source_clean(*state, BF_SV("./a//b/../c/")), "a/c");
    assert_text(bf_source_clean(*state, BF_SV("../../x")), "../../x");
    assert_text(bf_source_clean(*state, BF_SV("a/../../x")), "../x");
    assert_text(bf_source_clean(*state, BF_SV("")), ".");
    assert_text(bf_source_clean(*state, BF_SV("./")), ".");
}

static void a_file_has_its_name_in_the_key(void **state)
{
    struct bf_source_file file = {BF_SV("table.csv"), BF_SV("11"), 1};
    struct bf_source source = {.sha256 = BF_SV("abc"),
                               .listing = {.state = BF_SOURCE_FILE, .files = &file, .count = 1}};
    assert_text(bf_source_key(*state, BF_SV("team/"), &source), "team/code/abc/table.csv");
    source.listing.state = BF_SOURCE_DIR;
    assert_text(bf_source_key(*state, BF_SV(""), &source), "code/abc/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_address_is_that_of_sha256sum, setup, teardown),
        cmocka_unit_test_setup_teardown(the_order_of_the_files_does_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(what_editors_and_interpreters_leave_is_ignored, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(names_with_control_characters_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_are_cleaned, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_has_its_name_in_the_key, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

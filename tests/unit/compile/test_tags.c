#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "compile/compile.h"

/* The tags of the pipeline resource that tell where it came from. */

static struct bf_sv value_of(struct bf_arena *arena, const struct bf_origin *origin,
                             const char *key)
{
    struct bf_pipeline pipeline = {.project = BF_SV("demo")};
    bf_json *tags = bf_pipeline_tags(arena, &pipeline, origin);
    for (const bf_json *tag = bf_json_first(tags); tag != NULL; tag = bf_json_next(tag)) {
        if (bf_sv_is(bf_json_str(tag, "Key"), key)) {
            return bf_json_str(tag, "Value");
        }
    }
    return (struct bf_sv){0};
}

static void assert_tag(void **state, const char *source, const char *expected)
{
    struct bf_origin origin = {.source = bf_sv_of(source)};
    struct bf_sv value = value_of(*state, &origin, "buzzflow:source");
    if (!bf_sv_is(value, expected)) {
        fail_msg("'" BF_SV_FMT "' instead of '%s'", BF_SV_ARG(value), expected);
    }
}

static void a_source_that_a_tag_can_hold_stays(void **state)
{
    assert_tag(state, "specs/ads/ctr-daily.pipeline.yaml", "specs/ads/ctr-daily.pipeline.yaml");
    assert_tag(state, "specs/\xec\xb6\x94\xec\xb2\x9c.pipeline.yaml",
               "specs/\xec\xb6\x94\xec\xb2\x9c.pipeline.yaml");
}

static void what_a_tag_cannot_hold_becomes_an_underscore(void **state)
{
    assert_tag(state, "specs/ctr (1)!.pipeline.yaml", "specs/ctr _1__.pipeline.yaml");
    assert_tag(state, "specs/\xff.yaml", "specs/_.yaml");
}

static void a_long_source_is_cut_after_256_characters_and_not_inside_of_one(void **state)
{
    char source[3 * 300 + 1] = {0}, expected[3 * 256 + 1] = {0};
    for (size_t i = 0; i < 300; i++) {
        memcpy(source + (3 * i), "\xec\xb6\x94", 3);
    }
    memcpy(expected, source, sizeof expected - 1);
    assert_tag(state, source, expected);
}

static void an_empty_member_of_the_origin_gives_no_tag(void **state)
{
    struct bf_origin origin = {.version = BF_SV("v1")};
    assert_true(bf_sv_is(value_of(*state, &origin, "buzzflow:version"), "v1"));
    assert_int_equal(value_of(*state, &origin, "buzzflow:commit").len, 0);
}

static int set_up(void **state)
{
    *state = bf_arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    bf_arena_destroy((struct bf_arena **)state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_source_that_a_tag_can_hold_stays),
        TEST(what_a_tag_cannot_hold_becomes_an_underscore),
        TEST(a_long_source_is_cut_after_256_characters_and_not_inside_of_one),
        TEST(an_empty_member_of_the_origin_gives_no_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

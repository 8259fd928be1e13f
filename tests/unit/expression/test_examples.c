/* Every example of the language's definition: tests/data/{run-time-expressions,cron}.examples.json
 */
#include "expression/expression.h"
#include "tests/support/cmocka_headers.h"
#include "tests/support/files.h"
#include "time/cron.h"
#include "time/instant.h"
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

static bf_json *load(struct bf_arena *arena, const char *path)
{
    bf_json *root = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, test_read_file(arena, path), path, &root, &err) != BF_OK) {
        fail_msg("%s: %s", path, err.msg);
    }
    return root;
}

static void check_expression(struct bf_arena *arena, const bf_json *example)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    struct bf_sv value = BF_SV("");
    struct bf_sv id = bf_json_str(example, "id");
    enum bf_expr_kind kind = bf_expr_parse(arena, bf_json_str(example, "expr"), &expr, &error);

    if (kind == BF_EXPR_OK) {
        kind = bf_expr_eval(arena, expr, bf_json_get(example, "context"), &value, &error);
    }
    struct bf_sv wanted = bf_json_str(example, "error");
    bool good = wanted.len == 0
                    ? kind == BF_EXPR_OK && bf_sv_eq(value, bf_json_str(example, "expect"))
                    : bf_sv_is(wanted, bf_expr_kind_name(kind));
    if (!good) {
        fail_msg(BF_SV_FMT ": %s '" BF_SV_FMT "' " BF_SV_FMT, BF_SV_ARG(id),
                 bf_expr_kind_name(kind), BF_SV_ARG(value), BF_SV_ARG(error.message));
    }
}

static void every_expression_example_has_its_value_or_its_error(void **state)
{
    bf_json *root = load(*state, TEST_DATA "/run-time-expressions.examples.json");
    size_t count = 0;

    for (const bf_json *example = bf_json_first(bf_json_get(root, "cases")); example != NULL;
         example = bf_json_next(example)) {
        check_expression(*state, example);
        count++;
    }
    assert_true(count >= 28);
}

static void check_instant(const bf_json *wanted, int64_t found, struct bf_sv id)
{
    struct bf_err err = {0};
    int64_t instant = 0;

    assert_int_equal(bf_instant_parse(bf_json_text(wanted), &instant, &err), BF_OK);
    if (instant != found) {
        fail_msg(BF_SV_FMT ": %lld is not " BF_SV_FMT, BF_SV_ARG(id), (long long)found,
                 BF_SV_ARG(bf_json_text(wanted)));
    }
}

/* The start of the data interval: the fire before the first. */
static void check_interval(const struct bf_firing *firing, const bf_json *example)
{
    const bf_json *wanted = bf_json_get(example, "interval_start_of_first");
    struct bf_err err = {0};
    int64_t first = 0;
    int64_t before = 0;

    assert_int_equal(
        bf_instant_parse(bf_json_text(bf_json_first(bf_json_get(example, "next"))), &first, &err),
        BF_OK);
    bool found = bf_previous_fire(firing, first, &before);
    assert_int_equal(found, bf_json_kind(wanted) == BF_JSON_STRING);
    if (found) {
        check_instant(wanted, before, bf_json_str(example, "id"));
    }
}

static void check_cron(struct bf_arena *arena, const bf_json *example)
{
    struct bf_when when;
    struct bf_firing firing = {.when = &when};
    struct bf_err err = {0};
    struct bf_sv id = bf_json_str(example, "id");
    int64_t at = 0;

    assert_int_equal(bf_when_parse(bf_json_str(example, "expression"), &when, &err), BF_OK);
    assert_int_equal(bf_zone_load(arena, bf_json_str(example, "timezone"), &firing.zone, &err),
                     BF_OK);
    assert_int_equal(bf_instant_parse(bf_json_str(example, "after"), &at, &err), BF_OK);
    for (const bf_json *next = bf_json_first(bf_json_get(example, "next")); next != NULL;
         next = bf_json_next(next)) {
        assert_true(bf_next_fire(&firing, at, &at));
        check_instant(next, at, id);
    }
    int64_t further = 0;
    if (bf_json_true(bf_json_get(example, "ends"))) {
        assert_false(bf_next_fire(&firing, at, &further));
    }
    check_interval(&firing, example);
}

static void every_cron_example_fires_as_it_says(void **state)
{
    bf_json *root = load(*state, TEST_DATA "/cron.examples.json");
    size_t count = 0;

    for (const bf_json *example = bf_json_first(bf_json_get(root, "cases")); example != NULL;
         example = bf_json_next(example)) {
        check_cron(*state, example);
        count++;
    }
    assert_true(count >= 15);
}

static void every_invalid_cron_example_is_refused(void **state)
{
    bf_json *root = load(*state, TEST_DATA "/cron.examples.json");
    size_t count = 0;

    for (const bf_json *example = bf_json_first(bf_json_get(root, "invalid")); example != NULL;
         example = bf_json_next(example)) {
        struct bf_when when;
        struct bf_err err = {0};
        assert_int_equal(bf_when_parse(bf_json_str(example, "expression"), &when, &err),
                         BF_EINVALID);
        count++;
    }
    assert_true(count >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_expression_example_has_its_value_or_its_error),
        cmocka_unit_test(every_cron_example_fires_as_it_says),
        cmocka_unit_test(every_invalid_cron_example_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

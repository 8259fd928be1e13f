#include <stdio.h>

#include "compile/compile.h"
#include "spec/field.h"
#include "spec/spec.h"
#include "tests/support/cmocka_headers.h"

/* What the command line does not show: the rules of a stack, environments, listings of code. */

struct world {
    struct bf_arena *arena;
    struct bf_diags *diags;
    struct bf_spec spec;
    size_t visits;                    /* pipelines that were built */
    struct bf_source_listing listing; /* what is found of every source */
};

static int setup(void **state)
{
    struct world *world = test_malloc(sizeof *world);
    *world = (struct world){0};
    world->arena = bf_arena_new(64 << 20);
    world->diags = bf_diags_new(world->arena);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    bf_arena_destroy(&world->arena);
    test_free(world);
    return 0;
}

#define TOP                                                                                        \
    "version: 1\nname: p\nproject: demo\n"                                                         \
    "storage: {bucket: good-bucket}\nrole: arn:aws:iam::123456789012:role/good\n"
#define STEPS "steps: {f: {type: fail, message: x}}\n"

static void visit(void *context, const struct bf_pipeline *pipeline)
{
    (void)pipeline;
    ((struct world *)context)->visits++;
}

static enum bf_code list(void *context, struct bf_source *source, struct bf_err *err)
{
    (void)err;
    source->listing = ((struct world *)context)->listing;
    return BF_OK;
}

static enum bf_code load(struct world *world, const char *text, struct bf_spec_options options)
{
    static const struct bf_variables none = {0};
    struct bf_err err = {0};
    options.context = world;
    options.visit = visit;
    options.keep = true;
    world->visits = 0;
    options.file = (struct bf_text){.name = "p.yaml", .text = bf_sv_of(text)};
    options.variables = &none;
    return bf_spec_load(world->arena, &options, world->diags, &world->spec, &err);
}

static size_t count_of(const struct world *world, const char *code)
{
    size_t found = 0;
    for (size_t i = 0; i < bf_diags_total(world->diags); i++) {
        found += strcmp(bf_diags_at(world->diags, i)->code, code) == 0 ? 1 : 0;
    }
    return found;
}

static void assert_sv(struct bf_sv found, const char *expected)
{
    assert_int_equal(found.len, strlen(expected));
    assert_memory_equal(found.ptr, expected, found.len);
}

/* ---- environments ---- */

static void an_undeclared_stack_environment_is_the_base_with_a_note(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {
        .environment = BF_SV("production"), .rule = BF_ENVIRONMENT_STACK, .must_build = true};
    assert_int_equal(load(world, TOP STEPS "environments: {research: {name: r}}\n", options),
                     BF_OK);
    assert_int_equal(count_of(world, "environment.base"), 1);
    assert_int_equal(bf_diags_count(world->diags, BF_NOTE), 1);
    assert_non_null(world->spec.pipeline);
    assert_sv(world->spec.pipeline->name, "p");
    assert_int_equal(world->visits, 2);
}

static void a_stack_that_requires_it_refuses_an_undeclared_environment(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {.environment = BF_SV("production"),
                                      .rule = BF_ENVIRONMENT_STACK_DECLARED};
    assert_int_equal(load(world, TOP STEPS, options), BF_EINVALID);
    assert_int_equal(count_of(world, "environment.unknown"), 1);
}

static void the_chosen_environment_is_merged(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {.environment = BF_SV("production")};
    assert_int_equal(load(world,
                          TOP STEPS "environments:\n  production: {name: q, steps: {f: null, g: "
                                    "{type: fail, message: y}}}\n",
                          options),
                     BF_OK);
    assert_sv(world->spec.pipeline->name, "q");
    assert_int_equal(world->spec.pipeline->step_count, 1);
    assert_sv(world->spec.pipeline->steps[0]->name, "g");
}

static void a_base_with_missing_values_is_a_template(void **state)
{
    struct world *world = *state;
    const char *text =
        TOP "description: '?\?\?'\n" STEPS "environments: {production: {description: given}}\n";
    struct bf_spec_options options = {0};
    assert_int_equal(load(world, text, options), BF_OK);
    assert_int_equal(world->visits, 1);
    assert_null(world->spec.pipeline);
    options.must_build = true;
    assert_int_equal(load(world, text, options), BF_EINVALID);
    assert_int_equal(count_of(world, "interpolation.missing"), 1);
}

static void a_template_without_environments_is_missing_something(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    assert_int_equal(load(world, TOP "description: '?\?\?'\n" STEPS, options), BF_EINVALID);
    assert_int_equal(count_of(world, "interpolation.missing"), 1);
}

static void a_mistake_of_several_environments_is_told_once(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    assert_int_equal(
        load(world, TOP "descripton: x\n" STEPS "environments: {a: {name: a}, b: {name: b}}\n",
             options),
        BF_EINVALID);
    bf_diags_sort(world->diags);
    assert_int_equal(count_of(world, "spec.unknown_field"), 1);
}

static void a_variable_that_one_environment_reads_is_used(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    const char *text = TOP "variables: {a: 1, b: two}\n" STEPS
                           "environments: {x: {name: x, description: \"${variables.b}\"}}\n";
    assert_int_equal(load(world, text, options), BF_OK);
    assert_int_equal(count_of(world, "variables.unused"), 1);
}

/* ---- a stack's lists ---- */

static void a_stack_allows_its_buckets_and_roles(void **state)
{
    struct world *world = *state;
    struct bf_sv buckets[] = {BF_SV("other"), BF_SV("good-bucket")};
    struct bf_sv roles[] = {BF_SV("arn:aws:iam::123456789012:role/good")};
    struct bf_stack_rules stack = {.buckets = {buckets, 2}, .roles = {roles, 1}};
    struct bf_spec_options options = {.stack = &stack};
    assert_int_equal(load(world, TOP STEPS, options), BF_OK);
}

static void a_stack_refuses_other_buckets_and_roles(void **state)
{
    struct world *world = *state;
    struct bf_sv buckets[] = {BF_SV("other")};
    struct bf_sv roles[] = {BF_SV("arn:aws:iam::123456789012:role/other")};
    struct bf_stack_rules stack = {.buckets = {buckets, 1}, .roles = {roles, 1}};
    struct bf_spec_options options = {.stack = &stack};
    assert_int_equal(load(world, TOP STEPS, options), BF_EINVALID);
    assert_int_equal(count_of(world, "storage.not_allowed"), 1);
    assert_int_equal(count_of(world, "role.not_allowed"), 1);
}

static void only_what_is_deployed_is_held_against_the_lists(void **state)
{
    struct world *world = *state;
    struct bf_sv buckets[] = {BF_SV("prod-bucket")};
    struct bf_stack_rules stack = {.buckets = {buckets, 1}};
    struct bf_spec_options options = {.stack = &stack, .environment = BF_SV("production")};
    assert_int_equal(load(world,
                          TOP STEPS
                          "environments: {production: {name: q, storage: {bucket: prod-bucket}}}\n",
                          options),
                     BF_OK);
}

/* ---- typed schedules and triggers ---- */

static void a_schedule_has_its_defaults(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    assert_int_equal(load(world, TOP STEPS "schedules: {s: {rate: 1h30m}}\n", options), BF_OK);
    const struct bf_schedule *schedule = &world->spec.pipeline->schedules[0];
    assert_int_equal(world->spec.pipeline->schedule_count, 1);
    assert_int_equal(schedule->kind, BF_SCHEDULE_RATE);
    assert_int_equal(schedule->rate, 5400);
    assert_sv(bf_schedule_expression(world->arena, schedule), "rate(90 minutes)");
    assert_sv(schedule->timezone, "UTC");
    assert_sv(schedule->overlap, "skip");
    assert_sv(schedule->catchup.mode, "none");
    assert_int_equal(schedule->catchup.limit, 10);
    assert_int_equal(schedule->catchup.window, 7 * 86400);
    assert_int_equal(schedule->max_active, 1);
    assert_int_equal(schedule->start_by, 1800);
    assert_true(schedule->enabled);
}

static void short_names_of_an_event_become_paths(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    const char *text = TOP STEPS
        "triggers:\n"
        "  t:\n"
        "    event: glue.job_failed\n"
        "    where: {job: 'etl-*', severity: '!INFO', attempt: [1, 2]}\n"
        "    key: {time: '%F,-1d'}\n";
    assert_int_equal(load(world, text, options), BF_OK);
    const struct bf_trigger *trigger = &world->spec.pipeline->triggers[0];
    bf_json *pattern = bf_event_pattern(world->arena, &trigger->events[0]);
    assert_sv(bf_json_text_of(world->arena, pattern),
              "{\"source\":[\"aws.glue\"],\"detail-type\":[\"Glue Job State Change\"],"
              "\"detail\":{\"state\":[\"FAILED\",\"TIMEOUT\"],\"jobName\":[{\"prefix\":\"etl-\"}],"
              "\"severity\":[{\"anything-but\":[\"INFO\"]}],\"attempt\":[1,2]}}");
    assert_sv(trigger->events[0].key.time, "%F,-1d");
}

/* ---- code ---- */

#define WITH_CODE                                                                                  \
    TOP "steps:\n  a:\n    type: processing\n    image: i\n    compute: {instance_type: "          \
        "ml.m5.large}\n    code: {source: ./src/, entrypoint: run.py}\n    outputs: {o: {}}\n"

static enum bf_code check_listing(struct world *world, struct bf_source_listing listing)
{
    struct bf_spec_options options = {.list = list};
    world->listing = listing;
    enum bf_code code = load(world, WITH_CODE, options);
    assert_int_equal(world->spec.source_count, 1);
    assert_sv(world->spec.sources[0]->path, "src");
    return code;
}

static void code_nobody_looks_at_has_no_mistakes_and_no_address(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {0};
    assert_int_equal(load(world, WITH_CODE, options), BF_OK);
    assert_int_equal(world->spec.source_count, 1);
    assert_int_equal(world->spec.sources[0]->sha256.len, 0);
}

static enum bf_code no_network(void *context, struct bf_source *source, struct bf_err *err)
{
    (void)context;
    return bf_err_set(err, BF_ENET, BF_NOWHERE, "cannot look at " BF_SV_FMT,
                      BF_SV_ARG(source->path));
}

static void where_looking_at_code_fails_the_load_fails(void **state)
{
    struct world *world = *state;
    struct bf_spec_options options = {.list = no_network};
    assert_int_equal(load(world, WITH_CODE, options), BF_ENET);
    assert_int_equal(bf_diags_total(world->diags), 0);
}

static void code_that_is_there_has_an_address(void **state)
{
    struct world *world = *state;
    struct bf_source_file file = {BF_SV("run.py"), BF_SV("11"), 1};
    struct bf_source_listing listing = {.state = BF_SOURCE_DIR, .files = &file, .count = 1};
    assert_int_equal(check_listing(world, listing), BF_OK);
    assert_int_equal(world->spec.sources[0]->sha256.len, 64);
}

static void too_much_code_is_refused(void **state)
{
    struct world *world = *state;
    struct bf_source_listing listing = {.state = BF_SOURCE_TOO_LARGE};
    assert_int_equal(check_listing(world, listing), BF_EINVALID);
    assert_int_equal(count_of(world, "code.too_large"), 1);
}

static void a_file_in_place_of_a_directory_is_refused(void **state)
{
    struct world *world = *state;
    struct bf_source_file file = {BF_SV("src"), BF_SV("11"), 1};
    struct bf_source_listing listing = {.state = BF_SOURCE_FILE, .files = &file, .count = 1};
    assert_int_equal(check_listing(world, listing), BF_EINVALID);
    assert_int_equal(count_of(world, "code.source_missing"), 1);
}

/* ---- durations ---- */

static void durations_are_largest_first_with_a_unit(void **state)
{
    (void)state;
    int64_t seconds = 0;
    assert_true(bf_duration_parse(BF_SV("1h30m"), &seconds));
    assert_int_equal(seconds, 5400);
    assert_true(bf_duration_parse(BF_SV("2w1d"), &seconds));
    assert_int_equal(seconds, 15 * 86400);
    static const char *const wrong[] = {"",    "1",   "h",   "1m1h", "1h1h", "1.5h",
                                        "-1h", "1 h", "1h ", "1H",   "1h30"};
    for (size_t i = 0; i < BF_COUNTOF(wrong); i++) {
        if (bf_duration_parse(bf_sv_of(wrong[i]), &seconds)) {
            fail_msg("'%s' is taken for a duration", wrong[i]);
        }
    }
    /* Well-formed, and more than any field allows: its range says so. */
    static const char *const long_ones[] = {"99999999999999999999w", "9007199254740993s",
                                            "9007199254740992s1s"};
    for (size_t i = 0; i < BF_COUNTOF(long_ones) - 1; i++) {
        assert_true(bf_duration_parse(bf_sv_of(long_ones[i]), &seconds));
        assert_true(seconds == INT64_C(1) << 53);
    }
    assert_false(bf_duration_parse(bf_sv_of(long_ones[2]), &seconds));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_undeclared_stack_environment_is_the_base_with_a_note),
        TEST(a_stack_that_requires_it_refuses_an_undeclared_environment),
        TEST(the_chosen_environment_is_merged),
        TEST(a_base_with_missing_values_is_a_template),
        TEST(a_template_without_environments_is_missing_something),
        TEST(a_mistake_of_several_environments_is_told_once),
        TEST(a_variable_that_one_environment_reads_is_used),
        TEST(a_stack_allows_its_buckets_and_roles),
        TEST(a_stack_refuses_other_buckets_and_roles),
        TEST(only_what_is_deployed_is_held_against_the_lists),
        TEST(a_schedule_has_its_defaults),
        TEST(short_names_of_an_event_become_paths),
        TEST(code_that_is_there_has_an_address),
        TEST(code_nobody_looks_at_has_no_mistakes_and_no_address),
        TEST(where_looking_at_code_fails_the_load_fails),
        TEST(too_much_code_is_refused),
        TEST(a_file_in_place_of_a_directory_is_refused),
        TEST(durations_are_largest_first_with_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

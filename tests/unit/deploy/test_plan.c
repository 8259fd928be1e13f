#include "deploy/internal.h"
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

static bf_json *json(struct bf_arena *arena, const char *text)
{
    bf_json *root = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, bf_sv_of(text), NULL, &root, &err) != BF_OK) {
        fail_msg("%s: %s", text, err.msg);
    }
    return root;
}

static const char cron[] =
    "{\"ScheduleExpression\":\"cron(0 9 ? * MON *)\",\"ScheduleExpressionTimezone\":\"Asia/Seoul\","
    "\"State\":\"ENABLED\",\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"},\"Target\":{\"Arn\":\"q\","
    "\"RoleArn\":\"r\",\"Input\":\"i\",\"RetryPolicy\":{\"MaximumRetryAttempts\":185}}}";

static struct bf_wanted wanted_hello(struct bf_arena *arena)
{
    struct bf_wanted wanted = {
        .name = BF_SV("hello"),
        .pipeline = BF_PIPELINE_PUT,
        .role = BF_SV("arn:role"),
        .definition = BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[]}"),
        .tags = json(arena, "[{\"Key\":\"team\",\"Value\":\"ctr\"}]"),
        .schedules = BF_NEW_N(arena, struct bf_named_json, 1),
        .schedule_count = 1,
    };

    wanted.schedules[0] =
        (struct bf_named_json){.name = BF_SV("hello.weekly"), .body = json(arena, cron)};
    return wanted;
}

static struct bf_live live_hello(struct bf_arena *arena)
{
    struct bf_live live = {
        .exists = true,
        .arn = BF_SV("arn:pipeline/hello"),
        .role = BF_SV("arn:role"),
        .definition = BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[]}"),
        .tags = json(arena, "[{\"Key\":\"team\",\"Value\":\"ctr\"}]"),
        .schedules = BF_NEW_N(arena, struct bf_named_json, 2),
        .schedule_count = 1,
    };

    live.schedules[0] =
        (struct bf_named_json){.name = BF_SV("hello.weekly"), .body = json(arena, cron)};
    return live;
}

static const char *titles(struct bf_arena *arena, const struct bf_plan *plan)
{
    struct bf_buf out = bf_buf_new(arena, 4096);

    for (size_t i = 0; i < plan->count; i++) {
        bf_buf_add(&out, bf_change_title(arena, &plan->changes[i]));
        bf_buf_addc(&out, ';');
    }
    return out.ptr;
}

static const char *plan_titles(struct bf_arena *arena, const struct bf_live *live,
                               const struct bf_wanted *wanted)
{
    const struct bf_plan plan = bf_plan_make(arena, live, wanted);

    return titles(arena, &plan);
}

static void a_new_pipeline_is_created_before_its_schedules(void **state)
{
    const struct bf_live live = {0};
    const struct bf_wanted wanted = wanted_hello(*state);

    assert_string_equal(plan_titles(*state, &live, &wanted),
                        "created pipeline hello;created schedule hello.weekly;");
}

static void what_is_as_wanted_is_not_written(void **state)
{
    const struct bf_live live = live_hello(*state);
    const struct bf_wanted wanted = wanted_hello(*state);

    assert_string_equal(plan_titles(*state, &live, &wanted), "");
}

static void equal_json_in_another_order_is_no_change(void **state)
{
    struct bf_live live = live_hello(*state);
    const struct bf_wanted wanted = wanted_hello(*state);

    live.definition = BF_SV("{ \"Steps\" : [ ], \"Version\":\"2020-12-01\" }");
    assert_string_equal(plan_titles(*state, &live, &wanted), "");
}

static void each_difference_is_one_write(void **state)
{
    static const char updated[] = "updated pipeline hello;";
    struct bf_arena *arena = *state;
    const struct bf_wanted wanted = wanted_hello(arena);
    struct bf_live live = live_hello(arena);

    live.definition = BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[{}]}");
    assert_string_equal(plan_titles(arena, &live, &wanted), updated);
    live = live_hello(arena);
    live.definition = BF_SV("no json");
    assert_string_equal(plan_titles(arena, &live, &wanted), updated);
    live = live_hello(arena);
    live.role = BF_SV("arn:other");
    assert_string_equal(plan_titles(arena, &live, &wanted), updated);
    live = live_hello(arena);
    live.tags = json(arena, "[{\"Key\":\"team\",\"Value\":\"ads\"}]");
    assert_string_equal(plan_titles(arena, &live, &wanted), "set tags of pipeline hello;");
    live = live_hello(arena);
    live.schedules[0].body = json(arena, "{\"ScheduleExpression\":\"cron(0 8 ? * MON *)\"}");
    assert_string_equal(plan_titles(arena, &live, &wanted), "updated schedule hello.weekly;");
    live = live_hello(arena);
    live.schedule_count = 0;
    assert_string_equal(plan_titles(arena, &live, &wanted), "created schedule hello.weekly;");
}

static void description_and_parallelism_are_compared_where_they_are_wanted(void **state)
{
    struct bf_wanted wanted = wanted_hello(*state);
    struct bf_live live = live_hello(*state);

    live.description = BF_SV("by hand");
    live.max_parallel = 7;
    assert_string_equal(plan_titles(*state, &live, &wanted), "");
    wanted.description = BF_SV("daily");
    assert_string_equal(plan_titles(*state, &live, &wanted), "updated pipeline hello;");
    wanted.description = live.description;
    wanted.max_parallel = 3;
    assert_string_equal(plan_titles(*state, &live, &wanted), "updated pipeline hello;");
}

static void only_our_own_tags_are_removed(void **state)
{
    struct bf_wanted wanted = wanted_hello(*state);
    struct bf_live live = live_hello(*state);

    live.tags = json(*state,
                     "[{\"Key\":\"team\",\"Value\":\"ctr\"},{\"Key\":\"old\",\"Value\":\"1\"},"
                     "{\"Key\":\"finance\",\"Value\":\"42\"}]");
    assert_string_equal(plan_titles(*state, &live, &wanted), "");
    wanted.droppable_tags = json(*state, "[\"team\",\"old\",\"gone\"]");
    const struct bf_plan plan = bf_plan_make(*state, &live, &wanted);
    assert_string_equal(titles(*state, &plan), "removed tags of pipeline hello;");
    assert_true(bf_json_equal(plan.changes[0].body, json(*state, "[\"old\"]")));
}

static void an_orphaned_schedule_is_deleted_last(void **state)
{
    const struct bf_wanted wanted = wanted_hello(*state);
    struct bf_live live = live_hello(*state);

    live.schedules[0].name = BF_SV("hello.nightly");
    assert_string_equal(plan_titles(*state, &live, &wanted),
                        "created schedule hello.weekly;deleted schedule hello.nightly;");
}

static void a_removal_takes_schedules_and_the_pipeline_where_wanted(void **state)
{
    const struct bf_live live = live_hello(*state);
    struct bf_wanted wanted = {.name = BF_SV("hello"), .pipeline = BF_PIPELINE_LEAVE};

    assert_string_equal(plan_titles(*state, &live, &wanted), "deleted schedule hello.weekly;");
    wanted.pipeline = BF_PIPELINE_DELETE;
    assert_string_equal(plan_titles(*state, &live, &wanted),
                        "deleted schedule hello.weekly;deleted pipeline hello;");
    assert_string_equal(plan_titles(*state, &(struct bf_live){0}, &wanted), "");
}

static void an_update_keeps_what_somebody_else_set(void **state)
{
    const bf_json *live = json(*state,
                               "{\"ScheduleExpression\":\"cron(0 8 ? * MON *)\",\"EndDate\":99,"
                               "\"KmsKeyArn\":\"k\",\"Target\":{\"Arn\":\"old\",\"RoleArn\":\"r\","
                               "\"DeadLetterConfig\":{\"Arn\":\"dlq\"}}}");
    const bf_json *merged = bf_schedule_merge(*state, live, json(*state, cron));

    assert_true(bf_sv_is(bf_json_str(merged, "ScheduleExpression"), "cron(0 9 ? * MON *)"));
    assert_true(bf_sv_is(bf_json_str(merged, "KmsKeyArn"), "k"));
    assert_true(bf_sv_is(bf_json_str(merged, "Target.Arn"), "q"));
    assert_true(bf_sv_is(bf_json_str(merged, "Target.DeadLetterConfig.Arn"), "dlq"));
    assert_null(bf_json_get(merged, "EndDate")); /* ours, and not wanted any more */
}

static void a_rate_keeps_the_start_it_has(void **state)
{
    const bf_json *live =
        json(*state, "{\"ScheduleExpression\":\"rate(1 hours)\",\"StartDate\":1000}");
    const bf_json *wanted =
        json(*state, "{\"ScheduleExpression\":\"rate(2 hours)\",\"StartDate\":2000}");
    const bf_json *daily = json(*state, "{\"ScheduleExpression\":\"cron(0 0 * * ? *)\"}");
    int64_t start = 0;

    assert_true(bf_json_i64(bf_json_get(bf_schedule_merge(*state, live, wanted), "StartDate"), 0,
                            9999, &start));
    assert_int_equal(start, 1000);
    assert_true(bf_json_i64(bf_json_get(bf_schedule_merge(*state, daily, wanted), "StartDate"), 0,
                            9999, &start));
    assert_int_equal(start, 2000);
    assert_null(bf_json_get(bf_schedule_merge(*state, live, daily), "StartDate"));
}

static void keys_of_code_are_relative_to_the_file(void **state)
{
    static const struct {
        const char *file, *path, *key; /* NULL: refused */
    } cases[] = {
        {"specs/hello.pipeline.yaml", "hello", "specs/hello"},
        {"specs/a/b.pipeline.yaml", "../common/x.py", "specs/common/x.py"},
        {"specs/a/b.pipeline.yaml", "../../shared", "shared"},
        {"specs/a/b.pipeline.yaml", "./train/", "specs/a/train"},
        {"platform.yaml", "common", "common"},
        {"specs/hello.pipeline.yaml", "../..", NULL},
        {"specs/hello.pipeline.yaml", "..", NULL}, /* the whole bucket */
        {"specs/hello.pipeline.yaml", "../../x", NULL},
        {"platform.yaml", "../x", NULL},
        {"specs/hello.pipeline.yaml", "/etc", NULL},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_sv key = {0};
        const bool ok = bf_code_key(*state, bf_sv_of(cases[i].file), bf_sv_of(cases[i].path), &key);
        if (ok != (cases[i].key != NULL) || (ok && !bf_sv_is(key, cases[i].key))) {
            fail_msg("%s of %s: %s", cases[i].path, cases[i].file, bf_sv_z(*state, key));
        }
    }
}

static void pipeline_files_are_told_by_their_key(void **state)
{
    (void)state;
    assert_true(bf_deploy_is_spec(BF_SV("specs/hello.pipeline.yaml")));
    assert_true(bf_deploy_is_spec(BF_SV("specs/team/ctr/daily.pipeline.yaml")));
    assert_false(bf_deploy_is_spec(BF_SV("specs/.pipeline.yaml")));
    assert_false(bf_deploy_is_spec(BF_SV("specs/hello.yaml")));
    assert_false(bf_deploy_is_spec(BF_SV("hello.pipeline.yaml")));
    assert_false(bf_deploy_is_spec(BF_SV("platform.yaml")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_new_pipeline_is_created_before_its_schedules),
        T(what_is_as_wanted_is_not_written),
        T(equal_json_in_another_order_is_no_change),
        T(each_difference_is_one_write),
        T(description_and_parallelism_are_compared_where_they_are_wanted),
        T(only_our_own_tags_are_removed),
        T(an_orphaned_schedule_is_deleted_last),
        T(a_removal_takes_schedules_and_the_pipeline_where_wanted),
        T(an_update_keeps_what_somebody_else_set),
        T(a_rate_keeps_the_start_it_has),
        T(keys_of_code_are_relative_to_the_file),
        T(pipeline_files_are_told_by_their_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

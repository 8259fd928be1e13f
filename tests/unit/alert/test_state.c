#include <string.h>

#include "alert/links.h"
#include "alert/plan.h"
#include "alert/state.h"
#include "base/arena.h"
#include "tests/support/cmocka_headers.h"
#include "json/json.h"

#define PIPELINE "arn:aws:sagemaker:us-west-2:123456789012:pipeline/hello"
#define RUN      PIPELINE "/execution/abcdef123456"

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

static bf_json *json(struct bf_arena *arena, const char *text)
{
    bf_json *out = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, bf_sv_of(text), NULL, &out, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    return out;
}

/* ---- states ---- */

struct sight {
    enum bf_run_status status;
    int64_t changed, step_start, ended;
};

static struct bf_run_view view_of(const struct sight *s, struct bf_step_view *step)
{
    *step = (struct bf_step_view){
        .name = BF_SV("greet"), .status = BF_STEP_FAILED, .start = s->step_start, .end = s->ended};
    return (struct bf_run_view){.status = s->status,
                                .changed = s->changed,
                                .ended = s->ended,
                                .steps = step,
                                .step_count = s->step_start != 0,
                                .pipeline = BF_SV("hello"),
                                .execution_arn = BF_SV(RUN)};
}

/* What was seen, in this order; the state after it. */
static struct bf_alert_state after(const struct sight *sights, size_t count)
{
    struct bf_alert_state state = {0}, next = {0};

    for (size_t i = 0; i < count; i++) {
        struct bf_step_view step;
        struct bf_run_view view = view_of(&sights[i], &step);
        if (bf_alert_advance(&state, &view, &next) != BF_MOVE_STALE) {
            state = next;
        }
    }
    return state;
}

static const struct sight running = {BF_RUN_EXECUTING, 100, 101, 0};
static const struct sight stopping = {BF_RUN_STOPPING, 150, 101, 0};
static const struct sight failed = {BF_RUN_FAILED, 200, 101, 200};
static const struct sight retried = {BF_RUN_EXECUTING, 300, 301, 0};
static const struct sight failed_again = {BF_RUN_FAILED, 400, 301, 400};

static void every_order_of_sights_ends_in_the_last_state(void **state)
{
    const struct sight *all[] = {&running, &stopping, &failed, &failed};
    int order[4] = {0};

    (void)state;
    for (int n = 0; n < 4 * 4 * 4 * 4; n++) { /* with repetitions; the failure is among them */
        struct sight sights[4];
        bool seen = false;
        for (int i = 0, rest = n; i < 4; i++, rest /= 4) {
            order[i] = rest % 4;
            sights[i] = *all[order[i]];
            seen = seen || order[i] >= 2;
        }
        struct bf_alert_state end = after(sights, 4);
        if (seen && (end.status != BF_RUN_FAILED || end.attempt != 1 || end.ended != 200)) {
            fail_msg("order %d %d %d %d ends in %d, attempt %d", order[0], order[1], order[2],
                     order[3], (int)end.status, (int)end.attempt);
        }
    }
}

static void a_late_sight_of_executing_does_not_turn_a_failure_back(void **state)
{
    struct sight sights[] = {running, failed, running};

    (void)state;
    assert_int_equal(after(sights, 3).status, BF_RUN_FAILED);
    assert_int_equal(after(sights, 3).attempt, 1);
}

static void a_retry_is_a_new_attempt_also_when_its_beginning_was_missed(void **state)
{
    struct sight seen[] = {failed, retried, failed_again}, missed[] = {failed, failed_again};
    struct sight late[] = {failed, retried, failed};

    (void)state;
    assert_int_equal(after(seen, 3).attempt, 2);
    assert_int_equal(after(seen, 3).status, BF_RUN_FAILED);
    assert_int_equal(after(missed, 2).attempt, 2);
    assert_int_equal(after(late, 3).attempt, 2);
}

static void a_state_survives_being_written_and_read(void **state)
{
    struct bf_alert_state a = {
        .attempt = 3, .status = BF_RUN_STOPPED, .ended = 77, .first_failure = true};
    struct bf_alert_state b = bf_alert_state_read(bf_alert_state_write(*state, &a));

    assert_int_equal(b.attempt, 3);
    assert_int_equal(b.status, BF_RUN_STOPPED);
    assert_int_equal(b.ended, 77);
    assert_true(b.first_failure);
    assert_false(b.recovered);
    assert_int_equal(bf_alert_state_read(NULL).attempt, 0);
    assert_int_equal(bf_alert_state_read(json(*state, "{\"attempt\":\"x\"}")).attempt, 0);
}

/* ---- history ---- */

struct end {
    const char *arn;
    enum bf_run_status status;
    int64_t ended;
};

static bf_json *lived(struct bf_arena *arena, bf_json *history, const struct end *end,
                      struct bf_alert_state *state)
{
    struct bf_run_view view = {.execution_arn = bf_sv_of(end->arn),
                               .status = end->status,
                               .ended = end->ended,
                               .version = 2,
                               .parameters = json(arena, "{\"who\":\"x\"}")};
    *state = (struct bf_alert_state){.attempt = 1, .status = end->status};
    bf_json *next = bf_alert_history(arena, history, &view, state);

    return next == NULL ? history : next;
}

static void people_are_mentioned_at_the_first_failure_after_a_success_only(void **state)
{
    struct bf_alert_state s = {0};
    bf_json *h = NULL;

    h = lived(*state, h, &(struct end){"a", BF_RUN_FAILED, 10}, &s);
    assert_true(s.first_failure);
    h = lived(*state, h, &(struct end){"b", BF_RUN_FAILED, 20}, &s);
    assert_false(s.first_failure);
    h = lived(*state, h, &(struct end){"c", BF_RUN_STOPPED, 25}, &s);
    assert_false(s.first_failure);
    h = lived(*state, h, &(struct end){"d", BF_RUN_SUCCEEDED, 30}, &s);
    assert_true(s.recovered);
    h = lived(*state, h, &(struct end){"e", BF_RUN_SUCCEEDED, 40}, &s);
    assert_false(s.recovered);
    h = lived(*state, h, &(struct end){"f", BF_RUN_FAILED, 50}, &s);
    assert_true(s.first_failure);
    assert_true(bf_sv_is(bf_json_str(h, "last_success.arn"), "e"));
    /* the same end again says the same, and an older one that comes late says nothing */
    h = lived(*state, h, &(struct end){"f", BF_RUN_FAILED, 50}, &s);
    assert_true(s.first_failure);
    h = lived(*state, h, &(struct end){"g", BF_RUN_SUCCEEDED, 45}, &s);
    assert_false(s.recovered);
    assert_true(bf_sv_is(bf_json_str(h, "last.arn"), "f"));
}

/* ---- who hears of what ---- */

static void a_record_without_alerts_has_the_defaults(void **state)
{
    struct bf_alert_plan plan = bf_alert_plan(*state, json(*state, "{}"), BF_SV("#ml"));

    assert_int_equal(plan.channel_count, 1);
    assert_true(bf_sv_is(plan.channels[0], "#ml"));
    assert_true(plan.live);
    assert_true(plan.wants[BF_ALERT_FAILED] && plan.wants[BF_ALERT_STOPPED]);
    assert_false(plan.wants[BF_ALERT_SUCCEEDED]);
    assert_int_equal(plan.mentions.len, 0);
    assert_int_equal(bf_alert_plan(*state, NULL, (struct bf_sv){0}).channel_count, 0);
}

static void alerts_of_the_record_are_obeyed(void **state)
{
    struct bf_alert_plan plan = bf_alert_plan(
        *state,
        json(*state,
             "{\"alerts\":{\"slack\":[\"#a\",\"C1\",\"#a\"],\"live\":false,\"events\":"
             "[\"succeeded\",\"nonsense\"],\"mention\":[\"U1\",\"S2\",\"here\",\"<!x>\","
             "\"channel\",\"u3\"]}}"),
        BF_SV("#ml"));

    assert_int_equal(plan.channel_count, 2);
    assert_false(plan.live);
    assert_false(plan.wants[BF_ALERT_FAILED]);
    assert_true(plan.wants[BF_ALERT_SUCCEEDED]);
    assert_true(bf_sv_is(plan.mentions, "<@U1> <!subteam^S2> <!here> <!channel>"));
}

/* ---- links ---- */

static void arns_of_executions_are_taken_apart_and_others_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "arn",
                                      PIPELINE,
                                      RUN "/x",
                                      PIPELINE "/execution/",
                                      "arn:aws:s3:::pipeline/x/execution/y",
                                      "arn:evil:sagemaker:r:1:pipeline/x/execution/y"};
    struct bf_execution_arn out;

    (void)state;
    assert_true(bf_execution_arn_parse(BF_SV(RUN), &out));
    assert_true(bf_sv_is(out.pipeline, "hello"));
    assert_true(bf_sv_is(out.id, "abcdef123456"));
    assert_true(bf_sv_is(out.pipeline_arn, PIPELINE));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(bf_execution_arn_parse(bf_sv_of(bad[i]), &out));
    }
}

static void links_lead_to_the_right_host_and_are_encoded_twice(void **state)
{
    struct bf_arn aws, china, gov, other;

    assert_true(bf_arn_parse(BF_SV("arn:aws:sagemaker:us-west-2:1:x"), &aws));
    assert_true(bf_arn_parse(BF_SV("arn:aws-cn:sagemaker:cn-north-1:1:x"), &china));
    assert_true(bf_arn_parse(BF_SV("arn:aws-us-gov:sagemaker:us-gov-west-1:1:x"), &gov));
    assert_true(bf_arn_parse(BF_SV("arn:aws-iso:sagemaker:us-iso-east-1:1:x"), &other));
    assert_true(bf_sv_is(
        bf_link_logs(*state, &aws, BF_SV("/aws/sagemaker/ProcessingJobs"), BF_SV("job/algo-1-17")),
        "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logsV2:"
        "log-groups/log-group/$252Faws$252Fsagemaker$252FProcessingJobs/log-events/"
        "job$252Falgo-1-17"));
    assert_true(bf_sv_starts(bf_link_logs(*state, &china, BF_SV("/g"), (struct bf_sv){0}),
                             BF_SV("https://cn-north-1.console.amazonaws.cn/cloudwatch/")));
    assert_true(bf_sv_starts(bf_link_logs(*state, &gov, BF_SV("/g"), (struct bf_sv){0}),
                             BF_SV("https://us-gov-west-1.console.amazonaws-us-gov.com/")));
    assert_int_equal(bf_link_logs(*state, &other, BF_SV("/g"), (struct bf_sv){0}).len, 0);
    assert_true(bf_sv_ends(
        bf_link_logs(*state, &aws, BF_SV("/aws/lambda/f"), BF_SV("2026/03/01/[$LATEST]ab")),
        BF_SV("2026$252F03$252F01$252F$255B$2524LATEST$255Dab")));
}

static void jobs_are_known_by_their_arns(void **state)
{
    static const struct {
        const char *arn, *group, *page;
    } cases[] = {
        {"arn:aws:sagemaker:us-west-2:1:processing-job/p", "/aws/sagemaker/ProcessingJobs",
         "#/processing-jobs/p"},
        {"arn:aws:sagemaker:us-west-2:1:training-job/t", "/aws/sagemaker/TrainingJobs", "#/jobs/t"},
        {"arn:aws:sagemaker:us-west-2:1:transform-job/x", "/aws/sagemaker/TransformJobs",
         "#/transform-jobs/x"},
        {"arn:aws:sagemaker:us-west-2:1:hyper-parameter-tuning-job/h",
         "/aws/sagemaker/TrainingJobs", "#/hyper-tuning-jobs/h"},
        {"arn:aws:lambda:us-west-2:1:function:f:7", "/aws/lambda/f", "#/functions/f"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_job job = bf_job_of_arn(bf_sv_of(cases[i].arn));
        assert_true(bf_sv_is(bf_job_log_group(*state, &job), cases[i].group));
        assert_true(bf_sv_ends(bf_link_job(*state, &job), bf_sv_of(cases[i].page)));
    }
    assert_int_equal(bf_job_of_arn(BF_SV("arn:aws:sagemaker:us-west-2:1:model/m")).kind,
                     BF_JOB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_sights_ends_in_the_last_state),
        cmocka_unit_test(a_late_sight_of_executing_does_not_turn_a_failure_back),
        cmocka_unit_test(a_retry_is_a_new_attempt_also_when_its_beginning_was_missed),
        cmocka_unit_test(a_state_survives_being_written_and_read),
        cmocka_unit_test(people_are_mentioned_at_the_first_failure_after_a_success_only),
        cmocka_unit_test(a_record_without_alerts_has_the_defaults),
        cmocka_unit_test(alerts_of_the_record_are_obeyed),
        cmocka_unit_test(arns_of_executions_are_taken_apart_and_others_refused),
        cmocka_unit_test(links_lead_to_the_right_host_and_are_encoded_twice),
        cmocka_unit_test(jobs_are_known_by_their_arns),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

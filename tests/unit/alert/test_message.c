#include <string.h>

#include "alert/cause.h"
#include "alert/finding.h"
#include "alert/message.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "slack/text.h"
#include "tests/support/cmocka_headers.h"
#include "json/json.h"

#define PIPELINE "arn:aws:sagemaker:us-west-2:123456789012:pipeline/ctr"
#define RUN      PIPELINE "/execution/abcdef123456"
#define JOB      "arn:aws:sagemaker:us-west-2:123456789012:processing-job/j1"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)256 << 20U);
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

static struct bf_run_facts failed_facts(struct bf_arena *arena)
{
    return (struct bf_run_facts){
        .execution_arn = BF_SV(RUN),
        .environment = BF_SV("research"),
        .attempt = 1,
        .execution = json(arena,
                          "{\"PipelineExecutionStatus\":\"Failed\",\"CreationTime\":"
                          "1772476205.1,\"LastModifiedTime\":1772479999,"
                          "\"PipelineExecutionDisplayName\":\"nightly-20260303T033000\","
                          "\"CreatedBy\":{\"DomainId\":\"d-1\"}}"),
        .steps = json(arena,
                      "[{\"StepName\":\"b\",\"StartTime\":1772476300,\"EndTime\":1772476900,"
                      "\"StepStatus\":\"Failed\",\"FailureReason\":\"late\"},"
                      "{\"StepName\":\"a\",\"StartTime\":1772476210,\"EndTime\":1772476500,"
                      "\"StepStatus\":\"Failed\",\"FailureReason\":\"AlgorithmError: , exit code: "
                      "1\",\"Metadata\":{\"ProcessingJob\":{\"Arn\":\"" JOB "\"}}}]"),
        .parameters = json(arena,
                           "[{\"Name\":\"day\",\"Value\":\"2026-03-02\"},"
                           "{\"Name\":\"run_date\",\"Value\":\"today\"},"
                           "{\"Name\":\"db_password\",\"Value\":\"hunter2\"}]"),
        .record = json(
            arena,
            "{\"version\":4,\"pipeline\":\"ctr\",\"project\":\"ads\","
            "\"schedules\":{\"nightly\":{\"timezone\":\"Asia/Seoul\",\"parameters\":{\"run_date\":"
            "\"${date:%F}\"}}},"
            "\"steps\":{\"a\":{\"file\":\"ctr.pipeline.yaml\",\"line\":12},"
            "\"c\":{}}}")};
}

static struct bf_run_view view_of(struct bf_arena *arena, const struct bf_run_facts *facts)
{
    struct bf_run_view view = {0};
    struct bf_err err = {0};

    if (bf_run_view(arena, facts, &view, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    return view;
}

static bool says(struct bf_arena *arena, const struct bf_words *words, const char *text)
{
    struct bf_sv all = bf_json_text_of(arena, words->blocks);

    return bf_sv_search(all, bf_sv_of(text)) != all.len;
}

static void the_step_that_ended_first_is_the_one_that_failed(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_run_view view = view_of(*state, &facts);

    assert_int_equal(view.step_count, 2); /* c never ran, and the run is over */
    assert_true(bf_sv_is(view.steps[0].name, "a"));
    assert_true(bf_sv_is(view.failed->name, "a"));
    assert_int_equal(view.ended, 1772476900); /* the last step's end, not the last change */
    assert_true(bf_sv_is(view.trigger, "schedule nightly"));
    assert_int_equal(view.scheduled, 1772476200);
}

static void the_root_message_tells_the_run_in_one_screen(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_run_view view = view_of(*state, &facts);
    struct bf_words root = bf_message_root(*state, &view);

    assert_true(says(*state, &root, "ctr failed in a after 11 min 35 s"));
    assert_true(says(*state, &root, "schedule nightly for *Tue 2026-03-03 03:30 KST*"));
    assert_true(says(*state, &root, "`day=2026-03-02`"));
    assert_true(says(*state, &root, "ctr.pipeline.yaml:12"));
    assert_true(says(*state, &root, "studio-d-1.studio.us-west-2.sagemaker.aws"));
    assert_false(says(*state, &root, "hunter2"));
    assert_true(bf_json_count(root.blocks) <= 10);
}

static void steps_that_wait_are_shown_while_the_run_goes_on(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);

    facts.execution = json(*state,
                           "{\"PipelineExecutionStatus\":\"Executing\","
                           "\"CreationTime\":\"2026-03-02T18:30:05Z\"}");
    facts.steps = json(*state,
                       "[{\"StepName\":\"a\",\"StepStatus\":\"Executing\",\"StartTime\":"
                       "\"2026-03-02T18:30:10.123000+00:00\"}]");
    struct bf_run_view view = view_of(*state, &facts);
    struct bf_words root = bf_message_root(*state, &view);
    assert_int_equal(view.created, 1772476205);
    assert_true(says(*state, &root, "is running"));
    assert_true(says(*state, &root, ":white_circle: `c`"));
    assert_true(says(*state, &root, "`a` since 18:30 UTC"));
    /* the same facts, the same message: nothing is updated for the clock's sake */
    struct bf_words again = bf_message_root(*state, &view);
    assert_true(bf_json_equal(root.blocks, again.blocks));
}

static struct bf_words failure_of(struct bf_arena *arena, const struct bf_run_view *view,
                                  const char *log, struct bf_failure_facts *facts)
{
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);
    struct bf_sv rest = bf_sv_of(log);
    struct bf_logs_found logs = {0};
    struct bf_job_words words = {0};

    while (rest.len != 0) {
        bf_cause_event(scan, BF_SV("j1/algo-1-1772476300"), 1, bf_sv_cut(&rest, '\n'));
        logs.events++;
    }
    logs.cause = bf_cause_scan_end(scan);
    struct bf_run_finding *finding = BF_NEW(arena, struct bf_run_finding);
    *finding = bf_finding_of(arena, view, &logs, &words);
    facts->step = view->failed;
    facts->cause = &finding->cause;
    facts->from_log = finding->from_log;
    return bf_message_failure(arena, view, facts);
}

static const char log_text[] =
    "INFO <!channel> start\n"
    "Traceback (most recent call last):\n"
    "  File \"/opt/ml/code/prep.py\", line 17, in main\n"
    "    x = row[\"user\"] ``` <b>\n"
    "KeyError: 'user'\n";

static void the_answer_begins_with_the_exception_and_its_place(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_run_view view = view_of(*state, &facts);
    struct bf_failure_facts failure = {
        .times = 3,
        .same_as = BF_SV(PIPELINE "/execution/old1"),
        .last_success = json(*state,
                             "{\"ended_at\":1772390000,\"version\":3,\"parameters\":"
                             "{\"day\":\"2026-03-01\",\"run_date\":\"old\"}}"),
        .mentions = BF_SV("<@U1>")};
    struct bf_words words = failure_of(*state, &view, log_text, &failure);
    struct bf_sv head = bf_json_str(bf_json_at(words.blocks, 0), "text.text");

    assert_true(bf_sv_starts(head, BF_SV("<@U1>\nStep `a` failed after 4 min 50 s:\n`KeyError: "
                                         "'user'`\nin `prep.py` line 17 in `main`")));
    assert_true(says(*state, &words, "same error as run `old1`, 3 times in 7 days"));
    assert_true(says(*state, &words, "deployment 3 → 4"));
    assert_true(says(*state, &words, "day=2026-03-02"));
    assert_false(says(*state, &words, "run_date=today")); /* the schedule computes it: no news */
    assert_true(says(*state, &words, "ctr.pipeline.yaml:12"));
    /* what a log says pings nobody: it stands in a box without markup, and nowhere else */
    for (const bf_json *b = bf_json_first(words.blocks); b != NULL; b = bf_json_next(b)) {
        struct bf_sv text = bf_json_text_of(*state, b);
        assert_true(bf_sv_is(bf_json_str(b, "type"), "rich_text") ||
                    bf_sv_search(text, BF_SV("<!channel>")) == text.len);
    }
}

static void a_failure_without_any_log_is_told_by_its_reason(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_failure_facts failure = {0};

    facts.steps =
        json(*state,
             "[{\"StepName\":\"train\",\"EndTime\":1772476500,\"StepStatus\":\"Failed\","
             "\"FailureReason\":\"ClientError: Failed to invoke sagemaker:CreateTrainingJob. "
             "Error Details: The account-level service limit 'ml.t3.large for training job "
             "usage' is 1 Instances\"}]");
    struct bf_run_view view = view_of(*state, &facts);
    struct bf_words words = failure_of(*state, &view, "", &failure);
    assert_true(says(*state, &words, "account-level service limit"));
    assert_true(says(*state, &words, "Service Quotas"));
    assert_true(says(*state, &words, "a retry may succeed"));
}

static void the_services_verdict_beats_a_log_that_only_ends(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_logs_found logs = {
        .events = 1, .cause = {.class = BF_CAUSE_KILLED, .message = BF_SV("Terminated")}};
    struct bf_job_words words = {.reason = BF_SV("MaxRuntimeExceeded")};
    struct bf_run_view view = view_of(*state, &facts);

    assert_int_equal(bf_finding_of(*state, &view, &logs, &words).cause.class, BF_CAUSE_TIMEOUT);
    logs.cause = (struct bf_cause){.class = BF_CAUSE_USER_CODE, .exception = BF_SV("KeyError")};
    assert_int_equal(bf_finding_of(*state, &view, &logs, &words).cause.class, BF_CAUSE_USER_CODE);
}

/* ---- any input, valid Block Kit ---- */

static void check_limits(const bf_json *blocks)
{
    size_t total = 0;

    assert_true(bf_json_count(blocks) >= 1 && bf_json_count(blocks) <= 10);
    for (const bf_json *b = bf_json_first(blocks); b != NULL; b = bf_json_next(b)) {
        struct bf_sv text = bf_json_str(b, "text.text");
        size_t most = bf_sv_is(bf_json_str(b, "type"), "header") ? 150 : 3000;
        if (bf_sv_is(bf_json_str(b, "type"), "context")) {
            text = bf_json_text(bf_json_path(b, BF_SV("elements.0.text")));
        } else if (bf_sv_is(bf_json_str(b, "type"), "rich_text")) {
            text = bf_json_text(bf_json_path(b, BF_SV("elements.0.elements.0.text")));
        }
        assert_true(text.len != 0 && bf_slack_length(text) <= most);
        total += bf_slack_length(text);
    }
    assert_true(total <= 9000);
}

static struct bf_sv garbage(struct bf_arena *arena, const char *piece, size_t bytes)
{
    struct bf_buf out = bf_buf_new(arena, bytes + 64);

    while (out.len + strlen(piece) < bytes) {
        bf_buf_addz(&out, piece);
    }
    return bf_buf_sv(&out);
}

static void hostile_facts_make_valid_messages(void **state)
{
    static const char *const pieces[] = {"<!channel> ",      "&", "`",   "*_~`", "가나다 ", "\n",
                                         "\xf0\x9f\x94\xa5", "x", "```", "|>"};
    struct bf_arena *arena = *state;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct bf_run_facts facts = failed_facts(arena);
        struct bf_sv text = garbage(arena, pieces[i], 20000);
        bf_json *steps = bf_json_new_array(arena), *parameters = bf_json_new_array(arena);
        for (int k = 0; k < 300; k++) {
            bf_json *step = bf_json_add_object(steps, NULL);
            (void)bf_json_add_str(step, "StepName", bf_sv_slice(text, 0, 60));
            (void)bf_json_add_str(step, "StepStatus", BF_SV("Failed"));
            (void)bf_json_add_str(step, "FailureReason", text);
            bf_json *parameter = bf_json_add_object(parameters, NULL);
            (void)bf_json_add_str(
                parameter, "Name",
                bf_sv_printf(arena, "p%d" BF_SV_FMT, k, BF_SV_ARG(bf_sv_slice(text, 0, 30))));
            (void)bf_json_add_str(parameter, "Value", text);
        }
        facts.steps = steps;
        facts.parameters = parameters;
        facts.environment = text;
        struct bf_run_view view = view_of(arena, &facts);
        struct bf_failure_facts failure = {.note = text, .same_as = text, .times = 9};
        struct bf_words root = bf_message_root(arena, &view);
        struct bf_words reply = failure_of(arena, &view, text.ptr, &failure);
        check_limits(root.blocks);
        check_limits(reply.blocks);
        assert_true(bf_message_mail(arena, &view).len <= 20000);
    }
}

static void an_answer_without_a_known_status_is_refused(void **state)
{
    struct bf_run_facts facts = failed_facts(*state);
    struct bf_run_view view = {0};
    struct bf_err err = {0};

    facts.execution = json(*state, "{\"PipelineExecutionStatus\":\"Dancing\"}");
    assert_int_equal(bf_run_view(*state, &facts, &view, &err), BF_EINVALID);
    assert_non_null(strstr(err.msg, "Dancing"));
    facts.execution_arn = BF_SV("arn:nonsense");
    assert_int_equal(bf_run_view(*state, &facts, &view, &err), BF_EINVALID);
}

static void durations_are_short_words(void **state)
{
    assert_true(bf_sv_is(bf_view_duration(*state, 0), "0 s"));
    assert_true(bf_sv_is(bf_view_duration(*state, 59), "59 s"));
    assert_true(bf_sv_is(bf_view_duration(*state, 60), "1 min"));
    assert_true(bf_sv_is(bf_view_duration(*state, 3661), "1 h 01 min"));
    assert_true(bf_sv_is(bf_view_duration(*state, 90061), "1 d 01 h"));
    assert_true(bf_sv_is(bf_view_duration(*state, -5), "0 s"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_step_that_ended_first_is_the_one_that_failed),
        cmocka_unit_test(the_root_message_tells_the_run_in_one_screen),
        cmocka_unit_test(steps_that_wait_are_shown_while_the_run_goes_on),
        cmocka_unit_test(the_answer_begins_with_the_exception_and_its_place),
        cmocka_unit_test(a_failure_without_any_log_is_told_by_its_reason),
        cmocka_unit_test(the_services_verdict_beats_a_log_that_only_ends),
        cmocka_unit_test(hostile_facts_make_valid_messages),
        cmocka_unit_test(an_answer_without_a_known_status_is_refused),
        cmocka_unit_test(durations_are_short_words),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

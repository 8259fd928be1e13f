/* Steps over steps: ForEach, Cleanup, and what a step waits for. */
#include "shapes/shapes.h"
#include "tests/support/cmocka_headers.h"
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

/* The first finding about a definition of ${steps}; "" says that there is none. */
static void assert_says(struct bf_arena *arena, const char *steps, const char *says)
{
    struct bf_sv text = bf_sv_printf(arena, "{\"Version\":\"2020-12-01\",\"Steps\":[%s]}", steps);
    struct bf_findings findings = {0};
    struct bf_err err = {0};
    bf_json *node = NULL;

    if (bf_json_parse(arena, text, "definition.json", &node, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    bf_definition_check(bf_shapes_new(arena), node, &findings);
    if (says[0] == '\0') {
        if (findings.first != NULL) {
            fail_msg("%s: %s", findings.first->path.ptr, findings.first->message.ptr);
        }
        return;
    }
    if (findings.first == NULL) {
        fail_msg("nothing is found, expected: %s", says);
    }
    if (strstr(findings.first->message.ptr, says) == NULL) {
        fail_msg("'%s' does not say '%s'", findings.first->message.ptr, says);
    }
    if (findings.first->next != NULL) {
        fail_msg("one mistake, and also: %s", findings.first->next->message.ptr);
    }
}

#define CALL(name, arguments, more)                                                                \
    "{\"Name\":\"" name "\",\"Type\":\"Lambda\",\"FunctionArn\":\"f\",\"Arguments\":{" arguments   \
    "},\"OutputParameters\":[{\"OutputName\":\"n\",\"OutputType\":\"Float\"}]" more "}"
#define EACH(arguments, body)                                                                      \
    "{\"Name\":\"each\",\"Type\":\"ForEach\",\"Arguments\":{" arguments ",\"ForEachBody\":[" body  \
    "]}}"
#define ITEMS       "\"IterableItems\":[\"a\",1],\"MaxConcurrency\":5"
#define BEST(field) ",\"Selector\":{\"Pick\":\"MaxBy\",\"Field\":{\"Get\":\"" field "\"}}"
#define BODY        CALL("work", "\"x\":{\"Get\":\"ForEach.CurrentItem.a['b'][0]\"}", "")
#define READ(path)  CALL("use", "\"x\":{\"Get\":\"Steps.each." path "\"}", "")

static void a_body_runs_once_per_item(void **state)
{
    assert_says(*state, EACH(ITEMS, BODY), "");
    assert_says(*state, EACH(ITEMS BEST("IterationOutput.work.OutputParameters['n']"), BODY), "");
    assert_says(*state, EACH("\"MaxConcurrency\":5", BODY), "'IterableItems' is missing");
    assert_says(*state, EACH("\"IterableItems\":[],\"MaxConcurrency\":5", BODY), "has 0 items");
    assert_says(*state, EACH("\"IterableItems\":\"a\",\"MaxConcurrency\":5", BODY), "an array");
    assert_says(*state, EACH("\"IterableItems\":[{\"a\":1}],\"MaxConcurrency\":5", BODY),
                "a single value");
    assert_says(*state, EACH("\"IterableItems\":[1]", BODY), "'MaxConcurrency' is missing");
    assert_says(*state, EACH("\"IterableItems\":[1],\"MaxConcurrency\":51", BODY), "1 to 50");
    assert_says(*state, EACH(ITEMS ",\"Items\":1", BODY), "'Items' is not known");
    assert_says(*state, EACH(ITEMS, ""), "has 0 items");
    assert_says(
        *state,
        EACH(ITEMS, "{\"Name\":\"f\",\"Type\":\"Fail\",\"Arguments\":{\"ErrorMessage\":\"x\"}}"),
        "a Fail step cannot stand in the body");
    assert_says(*state, EACH(ITEMS, BODY) "," CALL("work-7", "", ""),
                "the name of a run of 'work'");
    assert_says(*state, EACH(ITEMS, BODY) "," CALL("work-x", "", ""), "");
}

static void a_selector_compares_what_a_step_of_the_body_gives(void **state)
{
    assert_says(*state, EACH(ITEMS BEST("IterationOutput.word.OutputParameters['n']"), BODY),
                "has no step 'word'");
    assert_says(*state, EACH(ITEMS BEST("IterationOutput.work.OutputParameters['m']"), BODY),
                "declares no output 'm'");
    assert_says(*state, EACH(ITEMS BEST("IterationOutput.work"), BODY), "no such property");
    assert_says(*state, EACH(ITEMS BEST("Steps.work.OutputParameters['n']"), BODY),
                "Field is a Get of 'IterationOutput");
    assert_says(*state,
                EACH(ITEMS ",\"Selector\":{\"Pick\":\"Max\",\"Field\":{\"Get\":"
                           "\"IterationOutput.work.OutputParameters['n']\"}}",
                     BODY),
                "allowed: MaxBy, MinBy");
}

static void the_item_is_known_in_the_body_only(void **state)
{
    assert_says(*state, CALL("a", "\"x\":{\"Get\":\"ForEach.CurrentItem\"}", ""),
                "stands only in the body");
    assert_says(*state, EACH(ITEMS, CALL("w", "\"x\":{\"Get\":\"ForEach.Item\"}", "")),
                "there is 'ForEach.CurrentItem'");
    assert_says(*state, EACH(ITEMS, CALL("w", "\"x\":{\"Get\":\"ForEach.CurrentItem..a\"}", "")),
                "there is 'ForEach.CurrentItem'");
}

static void results_are_read_from_the_whole(void **state)
{
    assert_says(*state, EACH(ITEMS, BODY) "," READ("FailedStepCount"), "");
    assert_says(*state,
                EACH(ITEMS, BODY) "," READ("IterationOutputs[1].work.OutputParameters['n']"), "");
    assert_says(*state,
                EACH(ITEMS BEST("IterationOutput.work.OutputParameters['n']"),
                     BODY) "," READ("Selected.OutputParameters['n']"),
                "");
    assert_says(*state, EACH(ITEMS, BODY) "," READ("Counts"), "no property 'Counts'");
    assert_says(*state, EACH(ITEMS, BODY) "," READ("IterationOutputs.work.OutputParameters['n']"),
                "no property");
    assert_says(*state,
                EACH(ITEMS, BODY) "," READ("IterationOutputs[x].work.OutputParameters['n']"),
                "IterationOutputs[0]");
    assert_says(*state, EACH(ITEMS, BODY) "," READ("IterationOutputs[0].w.OutputParameters['n']"),
                "has no step 'w'");
    assert_says(*state, EACH(ITEMS, BODY) "," READ("Selected.OutputParameters['n']"),
                "has no Selector");
    assert_says(*state,
                EACH(ITEMS, BODY) "," CALL(
                    "use", "\"x\":{\"Get\":\"Steps.work.OutputParameters['n']\"}", ""),
                "runs once per item");
    assert_says(*state, EACH(ITEMS, BODY) "," CALL("use", "", ",\"DependsOn\":[\"work\"]"),
                "depend on 'each'");
}

static void what_the_body_waits_for_the_whole_waits_for(void **state)
{
    assert_says(*state, EACH(ITEMS, CALL("w", "", ",\"DependsOn\":[\"a\"]")) "," CALL("a", "", ""),
                "");
    assert_says(*state,
                EACH(ITEMS, CALL("w", "", ",\"DependsOn\":[\"a\"]")) "," CALL(
                    "a", "", ",\"DependsOn\":[\"each\"]"),
                "wait for each other");
}

static void a_step_waits_for_an_outcome(void **state)
{
#define AFTER(item) CALL("a", "", "") "," CALL("b", "", ",\"DependsOn\":[" item "]")
    assert_says(*state, AFTER("{\"Step\":\"a\",\"Trigger\":\"Failed\"}"), "");
    assert_says(*state, AFTER("\"a\""), "");
    assert_says(*state, AFTER("{\"Step\":\"a\",\"Trigger\":\"Fails\"}"), "allowed: Completed");
    assert_says(*state, AFTER("{\"Step\":\"a\"}"), "Trigger' is missing");
    assert_says(*state, AFTER("{\"Trigger\":\"Any\"}"), "Step' is missing");
    assert_says(*state, AFTER("{\"Step\":\"c\",\"Trigger\":\"Any\"}"), "no step 'c'");
    assert_says(*state, AFTER("{\"Name\":\"a\",\"Step\":\"a\",\"Trigger\":\"Any\"}"),
                "'Name' is not known");
    assert_says(*state, AFTER("7"), "an array of step names");
}

static void cleanup_deletes_what_steps_wrote(void **state)
{
#define TRANSFORM                                                                                  \
    "{\"Name\":\"t\",\"Type\":\"Transform\",\"Arguments\":{\"ModelName\":\"m\","                   \
    "\"TransformInput\":{"                                                                         \
    "\"DataSource\":{\"S3DataSource\":{\"S3DataType\":\"S3Prefix\",\"S3Uri\":\"s3://b/i\"}}},"     \
    "\"TransformOutput\":{\"S3OutputPath\":\"s3://b/o\"},\"TransformResources\":{"                 \
    "\"InstanceType\":\"ml.m5.large\",\"InstanceCount\":1}}}"
#define CLEANUP(resources)                                                                         \
    TRANSFORM ",{\"Name\":\"c\",\"Type\":\"Cleanup\",\"Arguments\":{" resources "}}"
    assert_says(*state,
                CLEANUP("\"Resources\":{\"S3\":[{\"StepName\":\"t\",\"S3Uris\":[\"s3://b/o/x\","
                        "{\"Get\":\"Steps.t.TransformOutput.S3OutputPath\"}]}]}"),
                "");
    assert_says(*state, CLEANUP(""), "'Resources' is missing");
    assert_says(*state, CLEANUP("\"Resources\":{\"S3\":[]}"), "has 0 items");
    assert_says(
        *state,
        CLEANUP(
            "\"Resources\":{\"Efs\":[],\"S3\":[{\"StepName\":\"t\",\"S3Uris\":[\"s3://b/o/x\"]}]}"),
        "'Efs' is not known");
    assert_says(*state, CLEANUP("\"Resources\":{\"S3\":[{\"StepName\":\"t\"}]}"),
                "'S3Uris' is missing");
    assert_says(*state, CLEANUP("\"Resources\":{\"S3\":[{\"StepName\":\"u\"}]}"), "no step 'u'");
    assert_says(*state,
                CLEANUP("\"Resources\":{\"S3\":[{\"StepName\":\"t\",\"S3Uris\":[\"b/o\"]}]}"),
                "the place of an object");
}

static void types_without_published_arguments_are_let_through(void **state)
{
    assert_says(*state,
                "{\"Name\":\"q\",\"Type\":\"Athena\",\"Arguments\":{\"QueryString\":\"select 1\"}}",
                "are not known to this version");
    assert_says(*state, "{\"Name\":\"q\",\"Type\":\"Athene\",\"Arguments\":{}}",
                "unknown step type");
}

static void a_job_is_a_request_with_a_document(void **state)
{
#define JOB(category)                                                                              \
    "{\"Name\":\"j\",\"Type\":\"Job\",\"Arguments\":{\"RoleArn\":\"arn:aws:iam::123456789012:"     \
    "role/"                                                                                        \
    "r\",\"JobCategory\":\"" category                                                              \
    "\",\"JobConfigSchemaVersion\":\"1.0.0\","                                                     \
    "\"JobConfigDocument\":\"{}\"}}," CALL(                                                        \
        "use", "\"x\":{\"Get\":\"Steps.j.JobConfigDocument.OutputModelPackageArn\"}", "")
    assert_says(*state, JOB("AgentRFT"), "");
    assert_says(*state, JOB("Agent"), "allowed: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_runs_once_per_item, setup, teardown),
        cmocka_unit_test_setup_teardown(a_selector_compares_what_a_step_of_the_body_gives, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_item_is_known_in_the_body_only, setup, teardown),
        cmocka_unit_test_setup_teardown(results_are_read_from_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_body_waits_for_the_whole_waits_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_step_waits_for_an_outcome, setup, teardown),
        cmocka_unit_test_setup_teardown(cleanup_deletes_what_steps_wrote, setup, teardown),
        cmocka_unit_test_setup_teardown(types_without_published_arguments_are_let_through, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_job_is_a_request_with_a_document, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

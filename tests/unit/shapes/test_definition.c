/* Definitions that the service accepts, and the same with one thing broken. */
#include <stdio.h>
#include <stdlib.h>

#include "shapes/internal.h"
#include "shapes/shapes.h"
#include "tests/support/cmocka_headers.h"
#include "json/json.h"

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

static struct bf_sv read_file(struct bf_arena *arena, const char *name)
{
    struct bf_sv path = bf_sv_printf(arena, "%s/definitions/%s", TEST_DATA, name);
    char *text = bf_arena_alloc(arena, 1U << 20U, 1);
    FILE *file = fopen(path.ptr, "rb");

    assert_non_null(file);
    size_t n = fread(text, 1, 1U << 20U, file);
    (void)fclose(file);
    return (struct bf_sv){text, n};
}

static bf_json *parse(struct bf_arena *arena, struct bf_sv text)
{
    bf_json *node = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, text, "definition.json", &node, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    return node;
}

static struct bf_findings check(struct bf_arena *arena, const bf_json *definition)
{
    struct bf_findings findings = {0};

    bf_definition_check(bf_shapes_new(arena), definition, &findings);
    return findings;
}

static void assert_clean(struct bf_arena *arena, const bf_json *definition)
{
    struct bf_findings findings = check(arena, definition);

    for (const struct bf_finding *f = findings.first; f != NULL; f = f->next) {
        if (!f->warning) {
            fail_msg("%s at %s: %s", f->code, f->path.ptr, f->message.ptr);
        }
    }
}

static void the_project_s_own_definitions_pass(void **state)
{
    static const char *const names[] = {"hello.definition.json", "ctr-daily.definition.json",
                                        "ctr-daily.production.definition.json"};

    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        assert_clean(*state, parse(*state, read_file(*state, names[i])));
    }
}

static void definitions_of_the_sagemaker_sdk_pass(void **state)
{
    static const char names[] =
        "sdk-train-register sdk-services sdk-checks sdk-automl sdk-deployment "
        "sdk-processors sdk-datasets sdk-training sdk-tuning sdk-prefixes sdk-registration "
        "sdk-serial-inference sdk-baselines sdk-monitoring sdk-variables sdk-failures "
        "sdk-retries sdk-clusters sdk-calls sdk-notebooks sdk-functions "
        "sdk-serial-registration sdk-forecast sdk-comprehend sdk-lifecycle sdk-autopilot "
        "sdk-best-models sdk-wrangling sdk-drift sdk-monitored-transform sdk-encoded "
        "sdk-latest-model sdk3/foreach sdk3/triggers sdk3/serverless sdk3/processing";
    struct bf_sv rest = bf_sv_of(names);

    while (rest.len > 0) {
        struct bf_sv name = bf_sv_cut(&rest, ' ');
        struct bf_sv file = bf_sv_printf(*state, BF_SV_FMT ".json", BF_SV_ARG(name));
        assert_clean(*state, parse(*state, read_file(*state, file.ptr)));
    }
}

static void every_pattern_of_the_table_compiles(void **state)
{
    struct bf_patterns *patterns = bf_patterns_new(*state);
    size_t count = 0;

    for (size_t i = 0; i < bf_shape_count; i++) {
        if (bf_shapes[i].pattern != NULL) {
            count++;
            if (!bf_pattern_compiles(patterns, bf_shapes[i].pattern)) {
                fail_msg("%s: %s", bf_shapes[i].name, bf_shapes[i].pattern);
            }
        }
    }
    assert_true(count > 100);
}

/* {what is replaced in the text of a definition, by what, the code that must come} */
struct mutant {
    const char *from, *to, *code;
};

static bf_json *mutate(struct bf_arena *arena, struct bf_sv text, const struct mutant *m)
{
    size_t at = bf_sv_search(text, bf_sv_of(m->from));

    if (at == text.len) {
        fail_msg("'%s' is not in the definition", m->from);
    }
    struct bf_buf out = bf_buf_new(arena, 2U << 20U);
    bf_buf_add(&out, bf_sv_slice(text, 0, at));
    bf_buf_addz(&out, m->to);
    bf_buf_add(&out, bf_sv_from(text, at + strlen(m->from)));
    return parse(arena, bf_buf_sv(&out));
}

static void one_broken_member_anywhere_is_found(void **state)
{
    static const struct mutant mutants[] = {
        {"\"Version\": \"2020-12-01\"", "\"Version\": \"2021-01-01\"", "definition.version"},
        {"\"Metadata\": {}", "\"Metadata\": []", "shape.type"},
        {"\"Metadata\": {}", "\"Metadatas\": {}", "shape.unknown_member"},
        {"\"Type\": \"Float\"", "\"Type\": \"Double\"", "shape.enum"},
        {"\"DefaultValue\": 0.72", "\"DefaultValue\": \"0.72\"", "definition.parameter"},
        {"\"DefaultValue\": \"ml.m5.4xlarge\"", "\"DefaultValue\": \"ml.m5.large\"",
         "definition.parameter"},
        {"\"Name\": \"min_auc\"", "\"Name\": \"epochs\"", "definition.parameter"},
        {"\"Name\": \"query\"", "\"Name\": \"a b\"", "shape.pattern"},
        {"\"Name\": \"preprocess\"", "\"Name\": \"query\"", "definition.step"},
        {"\"Type\": \"Processing\"", "\"Type\": \"Procesing\"", "definition.step"},
        {"\"VolumeSizeInGB\": 30", "\"VolumeSizeInGB\": 0", "shape.range"},
        {"\"VolumeSizeInGB\": 30", "\"VolumeSizeInGb\": 30", "shape.missing_member"},
        {"\"VolumeSizeInGB\": 30", "\"VolumeSizeInGB\": \"30\"", "shape.type"},
        {"\"VolumeSizeInGB\": 30", "\"VolumeSizeInGB\": null", "shape.type"},
        {"\"InstanceType\": \"ml.m5.xlarge\"", "\"InstanceType\": \"m5.xlarge\"", "shape.enum"},
        {"\"S3InputMode\": \"File\"", "\"S3InputMode\": \"file\"", "shape.enum"},
        {"\"Get\": \"Parameters.run_date\"", "\"Get\": \"Parameters.run_dat\"",
         "definition.reference"},
        {"\"Get\": \"Execution.PipelineName\"", "\"Get\": \"Execution.Pipeline\"",
         "definition.reference"},
        {"\"Get\": \"Steps.train.ModelArtifacts.S3ModelArtifacts\"",
         "\"Get\": \"Steps.train.ModelArtifact.S3ModelArtifacts\"", "definition.reference"},
        {"\"Get\": \"Steps.train.ModelArtifacts.S3ModelArtifacts\"",
         "\"Get\": \"Steps.trains.ModelArtifacts.S3ModelArtifacts\"", "definition.reference"},
        {"\"Get\": \"Steps.train.ModelArtifacts.S3ModelArtifacts\"",
         "\"Get\": \"Steps.train.ModelArtifacts\"", "definition.reference"},
        {"\"Get\": \"Steps.evaluate.PropertyFiles.metrics\"",
         "\"Get\": \"Steps.evaluate.PropertyFiles.metric\"", "definition.reference"},
        {"\"OutputName\": \"report\"", "\"OutputName\": \"repot\"", "definition.reference"},
        {"\"Step.THROTTLING\"", "\"Step.THROTTLED\"", "shape.enum"},
        {"\"MaxAttempts\": 5", "\"MaxAttempts\": 21", "shape.range"},
        {"\"Enabled\": true", "\"Enabled\": \"true\"", "shape.type"},
        {"\"TrainingInputMode\": \"File\"", "\"TrainingInputMode\": \"Files\"", "shape.enum"},
        {"\"Subnets\": [", "\"SubnetIds\": [", "shape.missing_member"},
        {"\"Key\": \"team\"", "\"key\": \"team\"", "shape.unknown_member"},
        {"\"ModelPackageGroupName\": \"ctr-models\"", "\"ModelPackageName\": \"ctr-models\"",
         "shape.refused"},
        {"\"OutputType\": \"String\"", "\"OutputType\": \"Text\"", "shape.enum"},
        {"\"Type\": \"Not\"", "\"Type\": \"Nor\"", "shape.enum"},
        {"\"Condition\": {", "\"Expression\": {", "shape.missing_member"},
        {"\"IfSteps\": [", "\"ThenSteps\": [", "shape.unknown_member"},
        {"\"ErrorMessage\"", "\"Message\"", "shape.missing_member"},
        {"\"StoppingCondition\": {\n          \"MaxRuntimeInSeconds\": 14400",
         "\"Stopping\": {\n          \"MaxRuntimeInSeconds\": 14400", "shape.missing_member"},
        {"Outputs['train'].S3Output.S3Uri", "Outputs['trains'].S3Output.S3Uri",
         "definition.reference"},
        {"\"ModelPackageGroupName\"", "\"ModelPackageGroup\"", "shape.unknown_member"},
        {"\"ModelPackageGroupName\": \"ctr-models\"",
         "\"ModelPackageGroupName\": \"ctr-models\", \"CertifyForMarketplace\": false",
         "shape.refused"},
        {"\"Version\": \"2020-12-01\",", "", "definition.version"},
        {"\"Description\": \"Athena result of one day\"",
         "\"Description\": {\"Get\": \"Parameters.run_date\"}", "shape.type"},
        {"\"ExpireAfter\": \"PT20H\"", "\"ExpireAfter\": {\"Get\": \"Parameters.run_date\"}",
         "shape.type"},
        {"\"MaxWaitTimeInSeconds\": 21600", "\"MaxWaitTimeInSeconds\": 100", "definition.step"},
        {"\"On\": \"\"", "\"Sep\": \"\"", "shape.type"},
        {"\"VolumeSizeInGB\": 30", "\"VolumeSizeInGB\": {\"Get\": \"Parameters.run_date\"}",
         "shape.type"},
        {"\"VolumeSizeInGB\": 30",
         "\"VolumeSizeInGB\": {\"Std:Join\": {\"On\": \"\", \"Values\": [30]}}", "shape.type"},
        {"\"InstanceType\": \"ml.m5.xlarge\"", "\"InstanceType\": \"ml.m99.xlarge\"",
         "definition.instance_type"},
        {"\"ImageUri\": \"123456789012.dkr.ecr.us-west-2.amazonaws.com/query:3\"",
         "\"ImageUri\": {\"Get\": \"Parameters.min_auc\"}", "definition.wrap"},
        {"\"ImageUri\": \"123456789012.dkr.ecr.us-west-2.amazonaws.com/query:3\"",
         "\"ImageUri\": [\"a\"]", "shape.type"},
        {"\"RoleArn\": \"arn:aws:iam::123456789012:role/ml-research\"",
         "\"RoleArn\": \"ml-research\"", "shape.length"},
    };
    struct bf_sv text = read_file(*state, "ctr-daily.definition.json");

    for (size_t i = 0; i < BF_COUNTOF(mutants); i++) {
        struct bf_findings findings = check(*state, mutate(*state, text, &mutants[i]));
        bool found = false;
        for (const struct bf_finding *f = findings.first; f != NULL; f = f->next) {
            found = found || strcmp(f->code, mutants[i].code) == 0;
        }
        if (!found) {
            fail_msg("'%s' -> '%s': %s was expected, found %s", mutants[i].from, mutants[i].to,
                     mutants[i].code,
                     findings.first == NULL ? "nothing" : findings.first->message.ptr);
        }
    }
}

#define FAIL_STEP(name, message)                                                                   \
    "{\"Name\":\"" name "\",\"Type\":\"Fail\",\"Arguments\":{\"ErrorMessage\":" message "}}"
#define CALL_STEP(name, needs)                                                                     \
    "{\"Name\":\"" name                                                                            \
    "\",\"Type\":\"Lambda\",\"FunctionArn\":\"arn:aws:lambda:us-west-2:123456789012:function:f\"," \
    "\"Arguments\":{},\"OutputParameters\":[],\"DependsOn\":[" needs "]}"
#define CONDITION(name, then_steps, else_steps)                                                    \
    "{\"Name\":\"" name                                                                            \
    "\",\"Type\":\"Condition\",\"Arguments\":{\"Conditions\":[{\"Type\":\"Equals\","               \
    "\"LeftValue\":1,\"RightValue\":1}],\"IfSteps\":[" then_steps "],\"ElseSteps\":[" else_steps   \
    "]}}"

static void assert_first(struct bf_arena *arena, const char *steps, const char *code,
                         const char *says, bool warning)
{
    struct bf_sv text = bf_sv_printf(arena, "{\"Version\":\"2020-12-01\",\"Steps\":[%s]}", steps);
    struct bf_findings findings = check(arena, parse(arena, text));

    assert_non_null(findings.first);
    assert_string_equal(findings.first->code, code);
    if (strstr(findings.first->message.ptr, says) == NULL) {
        fail_msg("'%s' does not say '%s'", findings.first->message.ptr, says);
    }
    assert_int_equal(findings.first->warning, warning);
}

static void steps_that_wait_for_each_other_are_a_cycle(void **state)
{
    assert_first(*state,
                 CALL_STEP("a", "\"b\"") "," CALL_STEP("b", "\"c\"") "," CALL_STEP("c", "\"a\""),
                 "definition.cycle", "a -> b -> c -> a", false);
    assert_first(*state, CALL_STEP("a", "\"a\""), "definition.cycle", "a -> a", false);
}

static void a_step_that_needs_both_branches_never_runs(void **state)
{
    assert_first(
        *state,
        CONDITION("if", CALL_STEP("x", ""), CALL_STEP("y", "")) "," CALL_STEP("z", "\"x\",\"y\""),
        "definition.branch", "'z' can never run", false);
    assert_first(*state, CONDITION("if", CALL_STEP("x", ""), CALL_STEP("y", "\"x\"")),
                 "definition.branch", "'y' can never run", false);
    assert_first(*state,
                 CONDITION("if", CALL_STEP("x", ""), CALL_STEP("y", "")) "," CALL_STEP(
                     "u", "\"x\"") "," CALL_STEP("v", "\"u\",\"y\""),
                 "definition.branch", "", true);
}

static void a_step_that_needs_one_branch_is_a_warning(void **state)
{
    assert_first(*state, CONDITION("if", CALL_STEP("x", ""), "") "," CALL_STEP("z", "\"x\""),
                 "definition.branch", "runs only with that branch", true);
}

static void what_may_work_is_advice_and_no_mistake(void **state)
{
    static const struct mutant mutants[] = {
        {"\"InstanceType\": \"ml.m5.xlarge\"", "\"InstanceType\": \"ml.m99.xlarge\"", ""},
        {"\"ImageUri\": \"123456789012.dkr.ecr.us-west-2.amazonaws.com/query:3\"",
         "\"ImageUri\": {\"Get\": \"Parameters.min_auc\"}", ""},
    };
    struct bf_sv text = read_file(*state, "ctr-daily.definition.json");

    for (size_t i = 0; i < BF_COUNTOF(mutants); i++) {
        assert_clean(*state, mutate(*state, text, &mutants[i]));
    }
}

static void a_condition_may_have_no_steps_and_no_experiment_may_be_null(void **state)
{
    struct bf_sv text =
        bf_sv_printf(*state,
                     "{\"Version\":\"2020-12-01\",\"PipelineExperimentConfig\":null,"
                     "\"MlflowConfig\":null,"
                     "\"Steps\":[%s]}",
                     CONDITION("if", "", ""));

    assert_clean(*state, parse(*state, text));
}

static void a_name_of_the_experiment_has_a_default(void **state)
{
    static const struct {
        const char *config, *code;
    } cases[] = {
        {"{}", NULL},
        {"{\"ExperimentName\":\"a\"}", NULL},
        {"{\"TrialName\":{\"Get\":\"Execution.PipelineExecutionId\"}}", NULL},
        {"{\"TrialName\":null}", "shape.type"},
        {"{\"Trial\":\"a\"}", "shape.unknown_member"},
        {"{\"ExperimentName\":\"a_b\"}", "shape.pattern"},
        {"{\"ExperimentName\":{\"Get\":\"Steps.if.Outcome\"}}", "definition.reference"},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_findings findings = check(
            *state, parse(*state, bf_sv_printf(*state,
                                               "{\"Version\":\"2020-12-01\","
                                               "\"PipelineExperimentConfig\":%s,\"Steps\":[%s]}",
                                               cases[i].config, CONDITION("if", "", ""))));
        if (cases[i].code == NULL) {
            assert_null(findings.first);
        } else {
            assert_string_equal(findings.first->code, cases[i].code);
        }
    }
}

static void a_version_that_is_no_text_is_named_as_such(void **state)
{
    struct bf_findings findings = check(
        *state, parse(*state, BF_SV("{\"Version\":null,\"Steps\":[" CONDITION("if", "", "") "]}")));

    assert_string_equal(findings.first->code, "definition.version");
    assert_non_null(strstr(findings.first->message.ptr, "found null"));
    assert_null(findings.first->next);
}

static void a_model_package_may_stand_alone_and_take_every_type(void **state)
{
#define REGISTER(type, more)                                                                       \
    "{\"Name\":\"r\",\"Type\":\"RegisterModel\",\"Arguments\":{" more                              \
    "\"InferenceSpecification\":{\"Containers\":[{\"Image\":\"i\"}],\"SupportedContentTypes\":["   \
    "\"*\"],\"SupportedResponseMIMETypes\":[\"" type                                               \
    "\"],\"SupportedTransformInstanceTypes\":[\"*\"]}}}"

    assert_clean(
        *state,
        parse(*state, BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[" REGISTER("*", "") "]}")));
    assert_first(*state, REGISTER("text/csv", ""), "shape.pattern", "is '*'", true);
    assert_first(*state, REGISTER("csv", "\"ModelPackageGroupName\":\"g\","), "shape.pattern",
                 "must match", false);
}

static void an_expiry_has_each_unit_once_and_in_order(void **state)
{
    static const struct {
        const char *after;
        bool good;
    } cases[] = {{"P30D", true},   {"30d", true},    {"5y", true},      {"T16m", true},
                 {"30dT5h", true}, {"PT1H", true},   {"P1DT12H", true}, {"10d", true},
                 {"P30d", true},   {"1h", true},     {"30d30d", false}, {"P1D1Y", false},
                 {"PT", false},    {"P", false},     {"", false},       {"T", false},
                 {"30", false},    {"P1.5D", false}, {"a day", false},  {"P1DT", false}};

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_sv text = bf_sv_printf(
            *state,
            "{\"Version\":\"2020-12-01\",\"Steps\":[{\"Name\":\"a\",\"Type\":\"Lambda\","
            "\"FunctionArn\":\"f\",\"Arguments\":{},\"CacheConfig\":{\"Enabled\":true,"
            "\"ExpireAfter\":\"%s\"}}]}",
            cases[i].after);
        if ((check(*state, parse(*state, text)).first == NULL) != cases[i].good) {
            fail_msg("'%s' is %s", cases[i].after, cases[i].good ? "good" : "bad");
        }
    }
}

static void a_step_on_emr_is_retried_for_its_own_limits(void **state)
{
#define EMR_STEP(error)                                                                            \
    "{\"Name\":\"e\",\"Type\":\"EMR\",\"Arguments\":{\"ClusterId\":\"j-1\",\"StepConfig\":{"       \
    "\"HadoopJarStep\":{\"Jar\":\"a.jar\"}}},\"RetryPolicies\":[{\"ExceptionType\":[\"" error      \
    "\"],\"MaxAttempts\":2}]}"

    assert_clean(*state, parse(*state, BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[" EMR_STEP(
                                           "Emr.RESOURCE_LIMIT") "]}")));
    assert_clean(*state, parse(*state, BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[" EMR_STEP(
                                           "Step.THROTTLING") "]}")));
    assert_first(*state, EMR_STEP("SageMaker.CAPACITY_ERROR"), "shape.enum", "cannot be retried",
                 false);
}

static void an_association_names_what_its_own_step_creates(void **state)
{
#define RECORD(end)                                                                                \
    "{\"Name\":\"l\",\"Type\":\"Lineage\",\"Arguments\":{\"Contexts\":[{\"ContextName\":\"c\","    \
    "\"ContextType\":\"t\",\"Source\":{\"SourceUri\":\"s3://b/"                                    \
    "k\"}}],\"Associations\":[{\"Source\":{" end                                                   \
    "},\"Destination\":{\"Arn\":\"arn:aws:sagemaker:us-west-2:123456789012:action/a\"}}]}}"

    assert_clean(*state, parse(*state, BF_SV("{\"Version\":\"2020-12-01\",\"Steps\":[" RECORD(
                                           "\"Name\":\"c\",\"Type\":\"Context\"") "]}")));
    assert_first(*state, RECORD("\"Name\":\"d\",\"Type\":\"Context\""), "definition.reference",
                 "creates no Context 'd'", false);
    assert_first(*state, RECORD("\"Name\":\"c\",\"Type\":\"Action\""), "definition.reference",
                 "creates no Action 'c'", false);
}

static void nothing_may_depend_on_a_fail_step(void **state)
{
    assert_first(*state, FAIL_STEP("f", "\"no\"") "," CALL_STEP("a", "\"f\""),
                 "definition.reference", "Fail step", false);
}

static void a_chain_of_a_thousand_steps_is_checked(void **state)
{
    struct bf_buf steps = bf_buf_new(*state, 1U << 20U);

    for (int i = 0; i < 1000; i++) {
        bf_buf_printf(&steps,
                      "%s{\"Name\":\"s%d\",\"Type\":\"Lambda\",\"FunctionArn\":"
                      "\"arn:aws:lambda:us-west-2:123456789012:function:f\","
                      "\"Arguments\":{},"
                      "\"OutputParameters\":[],\"DependsOn\":[\"s%d\"]}",
                      i == 0 ? "" : ",", i, i == 999 ? 998 : i + 1);
    }
    assert_first(*state, steps.ptr, "definition.cycle", "s998 -> s999 -> s998", false);
}

static void properties_of_each_type_are_known(void **state)
{
    static const struct {
        const char *type, *path;
        bool good;
    } cases[] = {
        {"Processing", "ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri", true},
        {"Processing", "ProcessingOutputConfig.Outputs['x.y'].S3Output.S3Uri", true},
        {"Processing", "ProcessingOutputConfig.Outputs[0].S3Output.S3Uri", true},
        {"Processing", "ProcessingOutputConfig.Outputs['x'].S3Output", false},
        {"Processing", "ProcessingOutputConfig.Outputs.x", false},
        {"Processing", "ProcessingOutputConfig.Outputs['x", false},
        {"Processing", "ProcessingOutputConfig..Outputs", false},
        {"Processing", "ExitMessage", true},
        {"Training", "FinalMetricDataList['valid:auc'].Value", true},
        {"Training", "Environment['A']", true},
        {"Tuning", "BestTrainingJob.TrainingJobName", true},
        {"Tuning", "TrainingJobSummaries[49].TrainingJobName", true},
        {"Tuning", "TrainingJobSummaries[50].TrainingJobName", false},
        {"Training", "VpcConfig.Subnets[0]", true},
        {"Training", "VpcConfig.Subnets['a']", false},
        {"EMR", "Status.State", true},
        {"Tuning", "BestTrainingJob.S3ModelArtifacts", false},
        {"RegisterModel", "ModelPackageVersion", true},
        {"Lambda", "OutputParameters['x']", true},
        {"Lambda", "FunctionArn", false},
        {"QualityCheck", "CalculatedBaselineStatistics", true},
        {"ClarifyCheck", "CalculatedBaselineStatistics", false},
        {"Condition", "Outcome", true},
        {"Fail", "ErrorMessage", false},
        {"EMR", "ClusterId", true},
        {"AutoML", "BestCandidate.InferenceContainers[0].Image", true},
    };
    struct bf_sv why;
    struct bf_sv hint;

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        bool good = bf_property_check(*state, bf_step_type(bf_sv_of(cases[i].type)),
                                      bf_sv_of(cases[i].path), &why, &hint);
        if (good != cases[i].good) {
            fail_msg("%s %s: %s", cases[i].type, cases[i].path, why.ptr);
        }
        assert_true(good || why.len != 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_project_s_own_definitions_pass),
        TEST(definitions_of_the_sagemaker_sdk_pass),
        TEST(every_pattern_of_the_table_compiles),
        TEST(one_broken_member_anywhere_is_found),
        TEST(steps_that_wait_for_each_other_are_a_cycle),
        TEST(a_step_that_needs_both_branches_never_runs),
        TEST(a_step_that_needs_one_branch_is_a_warning),
        TEST(what_may_work_is_advice_and_no_mistake),
        TEST(a_condition_may_have_no_steps_and_no_experiment_may_be_null),
        TEST(a_name_of_the_experiment_has_a_default),
        TEST(a_version_that_is_no_text_is_named_as_such),
        TEST(a_model_package_may_stand_alone_and_take_every_type),
        TEST(an_expiry_has_each_unit_once_and_in_order),
        TEST(a_step_on_emr_is_retried_for_its_own_limits),
        TEST(an_association_names_what_its_own_step_creates),
        TEST(nothing_may_depend_on_a_fail_step),
        TEST(a_chain_of_a_thousand_steps_is_checked),
        TEST(properties_of_each_type_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

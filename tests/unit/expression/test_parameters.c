/* What is known of an expression without its value, and the parameters of one run together. */
#include "expression/params.h"
#include "tests/unit/expression/context.h"

static void lookups_are_listed_with_their_arguments(void **state)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    bf_json *context = json(*state, context_text);

    assert_int_equal(
        bf_expr_parse(*state,
                      BF_SV("${ssm:/${param:region}} ${ssm:/kr} ${if:true,a,${pipeline.last:p}} "
                            "${model.latest:g,Rejected} ${default:${ssm:/${last.x}},y} "
                            "${s3.latest:s3://b/${date:%F}/,\"(x)\"}"),
                      &expr, &error),
        BF_EXPR_OK);
    struct bf_lookups found = bf_expr_lookups(*state, expr, context);
    assert_int_equal(found.count, 4); /* one comes twice, one has no value here */
    assert_true(bf_sv_is(found.items[0].key, "ssm:/kr"));
    assert_int_equal(found.items[0].kind, BF_LOOKUP_SSM);
    assert_true(bf_sv_is(found.items[1].key, "pipeline.last:p"));
    assert_true(bf_sv_is(found.items[1].qualifier, "Succeeded"));
    assert_true(bf_sv_is(found.items[2].qualifier, "Rejected"));
    assert_true(bf_sv_is(found.items[3].subject, "s3://b/2026-03-02/"));
    assert_true(bf_sv_is(found.items[3].qualifier, "(x)"));
}

static void uses_are_listed_in_reading_order(void **state)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};

    assert_int_equal(bf_expr_parse(*state,
                                   BF_SV("${param:a} ${default:${param:b},${trigger.key}} "
                                         "${eq:${run.kind},${param:a}}"),
                                   &expr, &error),
                     BF_EXPR_OK);
    struct bf_expr_uses params = bf_expr_params(*state, expr);
    assert_int_equal(params.count, 3);
    assert_true(bf_sv_is(params.items[0].name, "a"));
    assert_true(bf_sv_is(params.items[1].name, "b"));
    assert_int_equal(params.items[1].column, 22);
    struct bf_expr_uses variables = bf_expr_variables(*state, expr);
    assert_int_equal(variables.count, 2);
    assert_true(bf_sv_is(variables.items[0].name, "trigger.key"));
}

static void the_check_finds_what_no_run_would_reach(void **state)
{
    static const struct failing cases[] = {
        {"${default:${schedule.tme},x}", BF_EXPR_UNKNOWN_VARIABLE, 11},
        {"${run.kindd}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${last.success}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${params.x}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${if:${eq:a,b},${add:x,1},2}", BF_EXPR_NOT_INTEGER, 22},
        {"${default:a,${diff:d,2026-02-30,20260101}}", BF_EXPR_BAD_DATE, 22},
        {"${extract:${trigger.key},\"(\"}", BF_EXPR_SYNTAX, 27},
        {"${param:${trigger.key}}", BF_EXPR_SYNTAX, 9},
        {"${ssm:/${ssm:/a}}", BF_EXPR_LOOKUP_FAILED, 1},
        {"${trigger.anything.at.all} ${last.success.interval_end} ${run.index}", BF_EXPR_OK, 0},
        {"${date.of:${trigger.key},%F,-1d,Europe/Paris}", BF_EXPR_OK, 0},
    };

    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        const struct bf_expr *expr = NULL;
        struct bf_expr_error error = {0};
        assert_int_equal(bf_expr_parse(*state, bf_sv_of(cases[i].text), &expr, &error), BF_EXPR_OK);
        enum bf_expr_kind kind = bf_expr_check(*state, expr, &error);
        if (kind != cases[i].kind || (kind != BF_EXPR_OK && error.column != cases[i].column)) {
            fail_msg("%s: %s at %zu: " BF_SV_FMT, cases[i].text, bf_expr_kind_name(kind),
                     error.column, BF_SV_ARG(error.message));
        }
    }
}

static void configuration_interpolations_are_told_by_their_look(void **state)
{
    static const struct {
        const char *text, *what; /* NULL: there is none */
    } cases[] = {
        {"s3://b/${variables.x}/", "${variables.x}"},
        {"${.x}", "${.x}"},
        {"${..x.y}", "${..x.y}"},
        {"${oc.env:HOME}", "${oc.env:HOME}"},
        {"${oc.select:a,b}", "${oc.select:a,b}"},
        {"${steps[0].x}", "${steps[0].x}"},
        {"${default:${last.success.time},${variables.x}}", "${variables.x}"},
        {"${lower:\"${name}\"}", "${name}"},
        {"${param.x}", "${param.x}"},
        {"${schedule.time} ${run.kind} ${last.x} ${trigger.key}", NULL},
        {"${trigger[detail]}", NULL},
        {"${date:%F} ${param:x} ${dat:%F} ${octopus:x}", NULL},
        {"\\${variables.x}", NULL},
        {"\\\\${variables.x}", "${variables.x}"},
        {"plain $x {y}", NULL},
        {"${date:%F,${x}}", "${x}"},
    };

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_sv what = {0};
        size_t column = 0;
        bool found = bf_expr_configuration(bf_sv_of(cases[i].text), &column, &what);
        if (found != (cases[i].what != NULL) || (found && !bf_sv_is(what, cases[i].what))) {
            fail_msg("%s: found '" BF_SV_FMT "'", cases[i].text, BF_SV_ARG(what));
        }
    }
}

static void parameters_are_computed_in_the_order_of_need(void **state)
{
    struct bf_param_text params[] = {
        {.name = BF_SV("path"), .text = BF_SV("s3://b/${param:day}/${param:region}/${param:n}")},
        {.name = BF_SV("day"), .text = BF_SV("${date:%F,-${param:back}d}")},
        {.name = BF_SV("back"), .text = BF_SV("${add:${param:n},-6}")},
        {.name = BF_SV("region"), .text = BF_SV("us")}, /* hides the default */
    };
    bf_json *context = json(*state, context_text);
    struct bf_params_error error;

    assert_true(bf_params_eval(*state, params, BF_COUNTOF(params), context, &error));
    assert_true(bf_sv_is(params[0].value, "s3://b/2026-03-01/us/7"));
    assert_true(bf_sv_is(bf_json_str(context, "param.region"), "us"));
}

static void parameters_that_need_each_other_are_refused(void **state)
{
    struct bf_param_text params[] = {
        {.name = BF_SV("a"), .text = BF_SV("${param:b}")},
        {.name = BF_SV("b"), .text = BF_SV("x${default:${param:c},1}")},
        {.name = BF_SV("c"), .text = BF_SV("${param:b}")},
    };
    struct bf_params_error error;

    assert_false(bf_params_eval(*state, params, BF_COUNTOF(params), json(*state, "{}"), &error));
    assert_true(error.cycle);
    assert_true(bf_sv_search(error.error.message, BF_SV("b -> c -> b")) < error.error.message.len);
}

static void a_wrong_parameter_is_named(void **state)
{
    struct bf_param_text params[] = {
        {.name = BF_SV("good"), .text = BF_SV("1")},
        {.name = BF_SV("bad"), .text = BF_SV("${date:%F,1d}")},
    };
    struct bf_params_error error;

    assert_false(
        bf_params_eval(*state, params, BF_COUNTOF(params), json(*state, context_text), &error));
    assert_true(bf_sv_is(error.name, "bad"));
    assert_false(error.cycle);
    assert_int_equal(error.error.kind, BF_EXPR_BAD_SHIFT);
    params[1].text = BF_SV("${date:");
    assert_false(
        bf_params_eval(*state, params, BF_COUNTOF(params), json(*state, context_text), &error));
    assert_true(bf_sv_is(error.name, "bad"));
    assert_int_equal(error.error.kind, BF_EXPR_SYNTAX);
}

static void lookups_of_all_parameters_are_listed_once(void **state)
{
    struct bf_param_text params[] = {
        {.name = BF_SV("a"), .text = BF_SV("${ssm:/x/${param:env}}")},
        {.name = BF_SV("b"), .text = BF_SV("${ssm:/x/prod} ${ssm:/y}")},
        {.name = BF_SV("env"), .text = BF_SV("${lower:PROD}")},
        {.name = BF_SV("c"),
         .text = BF_SV("${pipeline.last:${param:a}}")}, /* would need an answer */
    };
    struct bf_lookups found = bf_params_lookups(*state, params, BF_COUNTOF(params),
                                                json(*state, "{\"param\":{\"a\":\"d\"}}"));

    assert_int_equal(found.count, 2);
    assert_true(bf_sv_is(found.items[0].key, "ssm:/x/prod"));
    assert_true(bf_sv_is(found.items[1].key, "ssm:/y"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookups_are_listed_with_their_arguments),
        cmocka_unit_test(uses_are_listed_in_reading_order),
        cmocka_unit_test(the_check_finds_what_no_run_would_reach),
        cmocka_unit_test(configuration_interpolations_are_told_by_their_look),
        cmocka_unit_test(parameters_are_computed_in_the_order_of_need),
        cmocka_unit_test(parameters_that_need_each_other_are_refused),
        cmocka_unit_test(a_wrong_parameter_is_named),
        cmocka_unit_test(lookups_of_all_parameters_are_listed_once),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

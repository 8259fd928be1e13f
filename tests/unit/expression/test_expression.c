#include "base/buf.h"
#include "base/utf8.h"
#include "expression/ere.h"
#include "expression/expression.h"
#include "tests/unit/expression/context.h"

static enum bf_expr_kind eval(struct bf_arena *arena, const char *text, struct bf_sv *value,
                              struct bf_expr_error *error)
{
    const struct bf_expr *expr = NULL;
    enum bf_expr_kind kind = bf_expr_parse(arena, bf_sv_of(text), &expr, error);

    if (kind != BF_EXPR_OK) {
        return kind;
    }
    return bf_expr_eval(arena, expr, json(arena, context_text), value, error);
}

struct valued {
    const char *text, *value;
};

static void check_values(struct bf_arena *arena, const struct valued *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bf_sv value = BF_SV("");
        struct bf_expr_error error = {0};
        enum bf_expr_kind kind = eval(arena, cases[i].text, &value, &error);
        if (kind != BF_EXPR_OK) {
            fail_msg("%s: %s: " BF_SV_FMT, cases[i].text, bf_expr_kind_name(kind),
                     BF_SV_ARG(error.message));
        }
        if (!bf_sv_is(value, cases[i].value)) {
            fail_msg("%s: '" BF_SV_FMT "', not '%s'", cases[i].text, BF_SV_ARG(value),
                     cases[i].value);
        }
    }
}

static void check_errors(struct bf_arena *arena, const struct failing *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bf_sv value = BF_SV("");
        struct bf_expr_error error = {0};
        enum bf_expr_kind kind = eval(arena, cases[i].text, &value, &error);
        if (kind != cases[i].kind || error.column != cases[i].column || error.kind != kind ||
            error.message.len == 0) {
            fail_msg("%s: %s at %zu: " BF_SV_FMT " (value '" BF_SV_FMT "')", cases[i].text,
                     bf_expr_kind_name(kind), error.column, BF_SV_ARG(error.message),
                     BF_SV_ARG(value));
        }
    }
}

static void text_and_backslashes_are_omegaconfs(void **state)
{
    static const struct valued cases[] = {
        {"", ""},
        {"plain 100% \\d c:\\x $5 $", "plain 100% \\d c:\\x $5 $"},
        {"\\${a}", "${a}"},
        {"\\\\${run.attempt}", "\\0"},
        {"\\\\\\${x}", "\\${x}"},
        {"${lower:\"A\\\"B\"}", "a\"b"},
        {"${lower:'it\\'s'}", "it's"},
        {"${lower:'A\\\"B'}", "a\\\"b"},
        {"${lower:\"A\\\\\"}", "a\\"},
        {"${lower:\"\\${X}\"}", "${x}"},
        {"${lower:\"\\\\${run.kind}\"}", "\\schedule"},
        {"${lower:\"\\d\"}", "\\d"},
        {"${lower:  A  B  }", "a  b"},
        {"${lower:\"  A \"}", "  a "},
        {"${lower:  \" A\"  }", " a"},
        {"${lower:\"\"}", ""},
        {"${lower:\"\xC3\x84(){}[]\"}", "\xC3\x84(){}[]"},
        {"${lower:A:B/C_d-e+f.$g%h*@?|}", "a:b/c_d-e+f.$g%h*@?|"},
        {"${lower:X${run.kind}Y${run.attempt}}", "xscheduley0"},
        {"${lower:${lower:${lower:\"${lower:Q}\"}}}", "q"},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
}

static void variables_are_walked_and_printed_as_text(void **state)
{
    static const struct valued cases[] = {
        {"${schedule.time}|${schedule.timezone}|${schedule.name}",
         "2026-03-01T15:30:00Z|Asia/Seoul|s"},
        {"${trigger.detail.items.0.ok}|${trigger.detail.items.1}", "true|b"},
        {"${trigger.detail-type}|${trigger.detail.rate}|${run.attempt}", "t|1.50|0"},
        {"${param:region}|${param:n}", "kr|7"},
    };
    static const struct failing errors[] = {
        {"a ${trigger.detail.items.2}", BF_EXPR_UNKNOWN_VARIABLE, 3},
        {"${trigger.detail.items.x}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${trigger.detail.items}", BF_EXPR_NOT_SCALAR, 1},
        {"${trigger.detail}", BF_EXPR_NOT_SCALAR, 1},
        {"${trigger.detail.nil}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${last.success.time}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${variables.x}", BF_EXPR_UNKNOWN_VARIABLE, 1}, /* in the context, but no root */
        {"${param.region}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${calendar.weekend.0}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${param:nope}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${param:none}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${param:list}", BF_EXPR_NOT_SCALAR, 1},
        {"${schedule}", BF_EXPR_NOT_SCALAR, 1},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void broken_text_is_a_syntax_error_at_its_place(void **state)
{
    static const struct failing cases[] = {
        {"ab ${date:%F", BF_EXPR_SYNTAX, 4},
        {"${", BF_EXPR_SYNTAX, 1},
        {"${}", BF_EXPR_SYNTAX, 3},
        {"${ run.kind}", BF_EXPR_SYNTAX, 3},
        {"${run..kind}", BF_EXPR_SYNTAX, 12},
        {"${.run}", BF_EXPR_SYNTAX, 7},
        {"${run.}", BF_EXPR_SYNTAX, 7},
        {"${a[0]}", BF_EXPR_SYNTAX, 4},
        {"${:x}", BF_EXPR_SYNTAX, 3},
        {"${${run.kind}:x}", BF_EXPR_SYNTAX, 3},
        {"${lower:}", BF_EXPR_SYNTAX, 9},
        {"${lower: }", BF_EXPR_SYNTAX, 10},
        {"${eq:a,}", BF_EXPR_SYNTAX, 8},
        {"${eq:,a}", BF_EXPR_SYNTAX, 6},
        {"${lower:a=b}", BF_EXPR_SYNTAX, 10},
        {"${lower:(a)}", BF_EXPR_SYNTAX, 9},
        {"${lower:a\\b}", BF_EXPR_SYNTAX, 10},
        {"${lower:a\"b\"}", BF_EXPR_SYNTAX, 10},
        {"${lower:\xC3\xA4}", BF_EXPR_SYNTAX, 9},
        {"\xC3\xA4${lower:\"a\"b}", BF_EXPR_SYNTAX, 13},
        {"${lower:\"a}", BF_EXPR_SYNTAX, 9},
        {"${lower:'a\"}", BF_EXPR_SYNTAX, 9},
        {"${lower:\"a\\\"}", BF_EXPR_SYNTAX, 9},
        {"${lower:a\nb}", BF_EXPR_SYNTAX, 10},
        /* syntax goes before everything */
        {"${nope.x} ${dat:%F} ${lower:=}", BF_EXPR_SYNTAX, 29},
        {"${extract:a,\"(\"}", BF_EXPR_SYNTAX, 1},
    };

    check_errors(*state, cases, BF_COUNTOF(cases));
}

static void names_and_arguments_are_checked_in_every_branch(void **state)
{
    static const struct failing cases[] = {
        {"x ${dat:%F}", BF_EXPR_UNKNOWN_RESOLVER, 3},
        {"${oc.env:HOME}", BF_EXPR_UNKNOWN_RESOLVER, 1},
        {"${default:a,${dat:%F}}", BF_EXPR_UNKNOWN_RESOLVER, 13},
        {"${if:true,a,${date:%F,1d}}", BF_EXPR_BAD_SHIFT, 23},
        {"${if:true,a,${date.in:Asia/Soul,%F}}", BF_EXPR_UNKNOWN_ZONE, 23},
        {"${default:a,${date:%E}}", BF_EXPR_BAD_FORMAT, 20},
        {"${date:%F,+1d,x}", BF_EXPR_ARITY, 1},
        {"${date.in:UTC}", BF_EXPR_ARITY, 1},
        {"${if:true,a}", BF_EXPR_ARITY, 1},
        {"${in:a}", BF_EXPR_ARITY, 1},
        {"${lower:a,b}", BF_EXPR_ARITY, 1},
        {"${dates:%F,/d,/d+1d}", BF_EXPR_ARITY, 1},
        /* in reading order */
        {"${last.x} ${dat:%F}", BF_EXPR_UNKNOWN_VARIABLE, 1},
        {"${dat:%F} ${last.x}", BF_EXPR_UNKNOWN_RESOLVER, 1},
    };

    check_errors(*state, cases, BF_COUNTOF(cases));
}

static void shifts_follow_the_calendar(void **state)
{
    static const struct valued cases[] = {
        {"${date:%F,-1d/d} ${date:%F,/d-1d}", "2026-03-01 2026-03-01"},
        {"${date:%F,/y} ${date:%F,/Q} ${date:%F,/M} ${date:%F,/w}",
         "2026-01-01 2026-01-01 2026-03-01 2026-03-02"},
        {"${date:%T,/H} ${date:%T,/h} ${date:%T,+29m+59s/m}", "00:00:00 00:00:00 00:59:00"},
        {"${date:%F,+1y} ${date:%F,-1Q} ${date:%F,+2w}", "2027-03-02 2025-12-02 2026-03-16"},
        {"${date:%FT%T,+24H} ${date:%FT%T,-1h}", "2026-03-03T00:30:00 2026-03-01T23:30:00"},
        {"${date:%F,+0b} ${date:%F,-0b} ${date:%F,+1b} ${date:%F,-1b}",
         "2026-03-03 2026-02-27 2026-03-03 2026-02-27"},
        {"${date:%F,/M+1M-1b}", "2026-03-31"},
        {"${date.of:2024-02-29,%F,+1y} ${date.of:2024-02-29,%F,-4y}", "2025-02-28 2020-02-29"},
        {"${date.of:2026-11-01T06:30:00Z,iso,+0d,America/New_York}", "2026-11-01T01:30:00-05:00"},
        {"${date.of:2026-11-01T06:30:00Z,iso,+1d-1d,America/New_York}",
         "2026-11-01T01:30:00-04:00"},
        {"${date.of:2026-11-01T06:30:00Z,iso,/m,America/New_York}", "2026-11-01T01:30:00-05:00"},
        {"${date.of:2026-04-04T15:15:00Z,iso,/H,Australia/Lord_Howe}", "2026-04-05T01:00:00+11:00"},
        {"${date.of:2026-04-24,iso,+0d,Africa/Cairo}", "2026-04-24T01:00:00+03:00"},
        {"${date.of:2026-04-25,iso,-1d/d,Africa/Cairo}", "2026-04-24T01:00:00+03:00"},
        {"${date.of:9998-12-31,%F,+1y}", "9999-12-31"},
    };
    static const struct failing errors[] = {
        {"${date:%F,1d}", BF_EXPR_BAD_SHIFT, 11},
        {"${date:%F,+d}", BF_EXPR_BAD_SHIFT, 11},
        {"${date:%F,+1}", BF_EXPR_BAD_SHIFT, 13},
        {"${date:%F,+1x}", BF_EXPR_BAD_SHIFT, 13},
        {"${date:%F,/b}", BF_EXPR_BAD_SHIFT, 12},
        {"${date:%F,/s}", BF_EXPR_BAD_SHIFT, 12},
        {"${date:%F,+1d -1d}", BF_EXPR_BAD_SHIFT, 14},
        {"${date:%F,\"\"}", BF_EXPR_BAD_SHIFT, 12},
        {"${date:%F,+1d/}", BF_EXPR_BAD_SHIFT, 15},
        {"${date:%F,+9999y}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date:%F,-2026y}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date:%F,+99999999999999999999999s}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date:%F,+99999999999999999999999b}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date:%F,+9223372036854775807M}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date:%F,+9223372036854775807w}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date.of:0001-01-01,%F,/w-1d}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${date.of:0001-01-01,utc,+0d,Asia/Seoul}", BF_EXPR_OUT_OF_RANGE, 1},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void every_conversion_prints(void **state)
{
    static const struct valued cases[] = {
        {"${date:%Y %y %m %d %j %H %M %S %s %G %V %u %q %a %b %z %:z %F %T %%}",
         "2026 26 03 02 061 00 30 00 1772379000 2026 10 1 1 Mon Mar +0900 +09:00 2026-03-02 "
         "00:30:00 %"},
        {"${date:iso} ${date:utc}", "2026-03-02T00:30:00+09:00 2026-03-01T15:30:00Z"},
        {"${date:utc,/d}", "2026-03-01T15:00:00Z"},
        {"${date.in:America/St_Johns,%z}", "-0330"},
        {"${date.of:1900-01-01T00:00:00,%z %:z,+0d,Asia/Seoul}", "+082752 +08:27:52"},
        {"${date:\"(%F)\"}", "(2026-03-02)"},
        {"${date.of:0987-06-05,%Y %y %s}", "0987 87 -31007089672"},
    };
    static const struct failing errors[] = {
        {"${date:%}", BF_EXPR_BAD_FORMAT, 8},     {"${date:%F%}", BF_EXPR_BAD_FORMAT, 10},
        {"${date:%:}", BF_EXPR_BAD_FORMAT, 8},    {"${date:%F %:F}", BF_EXPR_BAD_FORMAT, 11},
        {"${date:%e}", BF_EXPR_BAD_FORMAT, 8},    {"${date:YYYY}", BF_EXPR_BAD_FORMAT, 8},
        {"${date:\"\"}", BF_EXPR_BAD_FORMAT, 9},  {"${date:ISO}", BF_EXPR_BAD_FORMAT, 8},
        {"${date:%\xC3\xA4}", BF_EXPR_SYNTAX, 9},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void lists_of_dates_are_half_open_and_do_not_drift(void **state)
{
    static const struct valued cases[] = {
        {"${dates:%d,/d,/d+3d,1d}", "02,03,04"},
        {"${dates:%d,/d,/d+3d,1d,\" - \"}", "02 - 03 - 04"},
        {"${dates:%d,/d,/d+3d,1d,\"\"}", "020304"},
        {"${dates:%F,+0d,+0d,1d}", ""},
        {"${dates:%F,+1d,+0d,1d}", ""},
        {"${dates:%H,/d,/d+1d,6H}", "00,06,12,18"},
        {"${dates:%F,/d,/d+7d,1b}", "2026-03-03,2026-03-04,2026-03-05,2026-03-06"},
        {"${dates:%Y,+7970y,+7973y,2y}", "9996,9998"},
    };
    static const struct failing errors[] = {
        {"${dates:%F,/d,/d+3d,+1d}", BF_EXPR_BAD_SHIFT, 21},
        {"${dates:%F,/d,/d+3d,0d}", BF_EXPR_BAD_SHIFT, 21},
        {"${dates:%F,/d,/d+3d,1d2H}", BF_EXPR_BAD_SHIFT, 21},
        {"${dates:%F,/d,/d+3d,1}", BF_EXPR_BAD_SHIFT, 21},
        {"${dates:%F,d,/d+3d,1d}", BF_EXPR_BAD_SHIFT, 12},
        {"${dates:%F,/d,/d+3000y,1s}", BF_EXPR_TOO_LONG, 1},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void differences_count_whole_units_towards_zero(void **state)
{
    static const struct valued cases[] = {
        {"${diff:d,2026-03-01,2026-03-10} ${diff:d,2026-03-10,2026-03-01}", "9 -9"},
        {"${diff:d,2026-03-01T12:00:00,2026-03-02T11:59:59}", "0"},
        {"${diff:d,2026-03-02T11:59:59,2026-03-01T12:00:00}", "0"},
        {"${diff:w,2026-03-01,2026-03-15} ${diff:w,2026-03-15,2026-03-02}", "2 -1"},
        {"${diff:M,2026-01-31,2026-02-28} ${diff:M,2026-01-31,2026-03-30}", "1 1"},
        {"${diff:M,2026-03-31,2026-02-28} ${diff:y,2024-02-29,2025-02-28}", "-1 1"},
        {"${diff:y,2026-03-01,2020-03-02}", "-5"},
        {"${diff:H,2026-03-01T00:00:00Z,2026-03-01T01:59:59Z}", "1"},
        {"${diff:m,2026-03-01T00:00:59Z,2026-03-01T00:00:00Z}", "0"},
        {"${diff:s,20260302,20260301}", "-86400"},
        {"${diff:b,2026-02-27,2026-03-06} ${diff:b,2026-03-06,2026-02-27}", "4 -4"},
        {"${diff:d,0001-01-02,9999-12-31}", "3652057"},
    };
    static const struct failing errors[] = {
        {"${diff:Q,2026-03-01,2026-03-10}", BF_EXPR_BAD_SHIFT, 8},
        {"${diff:dd,2026-03-01,2026-03-10}", BF_EXPR_BAD_SHIFT, 8},
        {"${diff:d,2026-02-29,2026-03-10}", BF_EXPR_BAD_DATE, 10},
        {"${diff:d,2026-02-28,today}", BF_EXPR_BAD_DATE, 21},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void a_day_is_as_long_as_its_zone_says(void **state)
{
    bf_json *context = json(*state,
                            "{\"schedule\":{\"time\":\"2026-03-08T14:00:00Z\","
                            "\"timezone\":\"America/New_York\"}}");
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    struct bf_sv value;

    assert_int_equal(bf_expr_parse(*state,
                                   BF_SV("${diff:H,${date:iso,/d},${date:iso,/d+1d}} "
                                         "${diff:d,2026-03-07T12:00:00,2026-03-08T12:00:00}"),
                                   &expr, &error),
                     BF_EXPR_OK);
    assert_int_equal(bf_expr_eval(*state, expr, context, &value, &error), BF_EXPR_OK);
    assert_true(bf_sv_is(value, "23 1"));
}

static void defaults_skip_missing_variables_only(void **state)
{
    static const struct valued cases[] = {
        {"${default:${last.success.time},${trigger.x},none}", "none"},
        {"${default:${param:region},x} ${default:${param:nope},x}", "kr x"},
        {"${default:a${last.x}b,c}", "c"},
        {"${default:${date.of:${last.success.time},%F},c}", "c"},
        {"${default:\"\",x}", ""},
        {"${default:a,${add:1.5,1}}", "a"},
    };
    static const struct failing errors[] = {
        {"${default:${last.a},${last.b}}", BF_EXPR_UNKNOWN_VARIABLE, 21},
        {"${default:${trigger.detail},x}", BF_EXPR_NOT_SCALAR, 11},
        {"${default:${add:1.5,1},x}", BF_EXPR_NOT_INTEGER, 17},
        {"${default:${ssm:/nope},x}", BF_EXPR_LOOKUP_FAILED, 11},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void conditions_numbers_and_texts_are_computed(void **state)
{
    static const struct valued cases[] = {
        {"${if:true,a,b} ${if:false,a,b} ${if:${eq:x,x},a,b}", "a b a"},
        {"${if:true,a,${last.x}}", "a"},
        {"${eq:1,1.0} ${eq:a,A} ${eq:\"\",\"\"}", "false false true"},
        {"${in:b,a,b,c} ${in:d,a,b,c}", "true false"},
        {"${add:1,-2} ${sub:1,2} ${mul:-3,4} ${add:+007,1}", "-1 -1 -12 8"},
        {"${sub:-9223372036854775807,1}", "-9223372036854775808"},
        {"${extract:\"events/dt=2026-02-28/x\",\"dt=([0-9-]+)\"} ${extract:abc,b.}",
         "2026-02-28 bc"},
        {"[${extract:abc,\"(x)?b\"}]", "[]"},
        {"${lower:ABC-x} ${replace:a-b-c,-,_} ${replace:aaa,aa,b} ${replace:abc,\"\",x}",
         "abc-x a_b_c ba abc"},
        {"${replace:a-b,-,\"\"}", "ab"},
    };
    static const struct failing errors[] = {
        {"${if:yes,a,b}", BF_EXPR_NOT_BOOLEAN, 6},
        {"${if:\"\",a,b}", BF_EXPR_NOT_BOOLEAN, 7},
        {"${if:TRUE,a,b}", BF_EXPR_NOT_BOOLEAN, 6},
        {"${add:1.5,1}", BF_EXPR_NOT_INTEGER, 7},
        {"${mul:1,\"\"}", BF_EXPR_NOT_INTEGER, 10},
        {"${mul:1,-}", BF_EXPR_NOT_INTEGER, 9},
        {"${add:9223372036854775807,1}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${sub:-9223372036854775808,1}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${mul:9223372036854775807,2}", BF_EXPR_OUT_OF_RANGE, 1},
        {"${add:9223372036854775808,1}", BF_EXPR_OUT_OF_RANGE, 7},
        {"${extract:abc,x}", BF_EXPR_NO_MATCH, 1},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void lookups_are_answered_from_the_context(void **state)
{
    static const struct valued cases[] = {
        {"${ssm:/a/b}", "v"},
        {"${ssm:/${param:region}}", "KR"},
        {"${s3.latest:s3://b/p/,\"dt=([0-9]+)\"}", "20260101"},
        {"${model.latest:g,Rejected}", "arn"},
        {"${default:${ssm:/${param:nope}},x}", "x"},
    };
    static const struct failing errors[] = {
        {"${ssm:/nope}", BF_EXPR_LOOKUP_FAILED, 1},
        {"${ssm:/bad}", BF_EXPR_LOOKUP_FAILED, 1},
        {"${ssm:/x/${ssm:/a/b}}", BF_EXPR_LOOKUP_FAILED, 1},
        {"${ssm:${lower:${ssm:/a/b}}}", BF_EXPR_LOOKUP_FAILED, 1},
    };

    check_values(*state, cases, BF_COUNTOF(cases));
    check_errors(*state, errors, BF_COUNTOF(errors));
}

static void values_and_texts_are_bounded(void **state)
{
    struct bf_buf text = bf_buf_new(*state, 100000);
    struct bf_expr_error error = {0};
    const struct bf_expr *expr = NULL;
    struct bf_sv value;

    for (int i = 0; i < BF_EXPR_VALUE_MAX; i++) {
        bf_buf_addz(&text, "\xC3\xA4"); /* characters count, not bytes */
    }
    assert_int_equal(eval(*state, text.ptr, &value, &error), BF_EXPR_OK);
    bf_buf_addc(&text, 'x');
    assert_int_equal(eval(*state, text.ptr, &value, &error), BF_EXPR_TOO_LONG);
    bf_buf_fill(&text, 'x', BF_EXPR_TEXT_MAX);
    assert_int_equal(bf_expr_parse(*state, bf_buf_sv(&text), &expr, &error), BF_EXPR_TOO_LONG);
    bf_buf_clear(&text);
    for (int i = 0; i < 100; i++) {
        bf_buf_addz(&text, "${lower:");
    }
    assert_int_equal(bf_expr_parse(*state, bf_buf_sv(&text), &expr, &error), BF_EXPR_SYNTAX);
}

static void values_that_double_on_the_way_are_stopped(void **state)
{
    struct bf_buf text = bf_buf_new(*state, 8000);
    struct bf_expr_error error = {0};
    struct bf_sv value;

    for (int i = 0; i < 20; i++) {
        bf_buf_addz(&text, "${replace:");
    }
    bf_buf_addz(&text, "a");
    for (int i = 0; i < 20; i++) {
        bf_buf_addz(&text, ",a,aaaa}");
    }
    assert_int_equal(eval(*state, text.ptr, &value, &error), BF_EXPR_TOO_LONG);
}

static void regular_expressions_are_bounded(void **state)
{
    static const char *const refused[] = {
        "(", "[", "a{100}{100}", "(a{40}){40}", "(a)\\1", "a{99999}",
    };
    const struct bf_ere *ere = NULL;
    struct bf_err err = {0};

    for (size_t i = 0; i < BF_COUNTOF(refused); i++) {
        if (bf_ere_compile(*state, bf_sv_of(refused[i]), &ere, &err) == BF_OK) {
            fail_msg("accepted '%s'", refused[i]);
        }
    }
    assert_int_equal(bf_ere_compile(*state, BF_SV("dt=([0-9]{4})-[0-9]{2}"), &ere, &err), BF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_backslashes_are_omegaconfs),
        cmocka_unit_test(variables_are_walked_and_printed_as_text),
        cmocka_unit_test(broken_text_is_a_syntax_error_at_its_place),
        cmocka_unit_test(names_and_arguments_are_checked_in_every_branch),
        cmocka_unit_test(shifts_follow_the_calendar),
        cmocka_unit_test(every_conversion_prints),
        cmocka_unit_test(lists_of_dates_are_half_open_and_do_not_drift),
        cmocka_unit_test(differences_count_whole_units_towards_zero),
        cmocka_unit_test(a_day_is_as_long_as_its_zone_says),
        cmocka_unit_test(defaults_skip_missing_variables_only),
        cmocka_unit_test(conditions_numbers_and_texts_are_computed),
        cmocka_unit_test(lookups_are_answered_from_the_context),
        cmocka_unit_test(values_and_texts_are_bounded),
        cmocka_unit_test(values_that_double_on_the_way_are_stopped),
        cmocka_unit_test(regular_expressions_are_bounded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

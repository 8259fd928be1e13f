#include "base/buf.h"
#include "tests/support/cmocka_headers.h"
#include "time/civil.h"
#include "time/cron.h"
#include "time/instant.h"

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

static int64_t instant(const char *text)
{
    struct bf_err err;
    int64_t out = 0;

    assert_int_equal(bf_instant_parse(bf_sv_of(text), &out, &err), BF_OK);
    return out;
}

static struct bf_when when(const char *text)
{
    struct bf_when out = {0};
    struct bf_err err = {0};

    if (bf_when_parse(bf_sv_of(text), &out, &err) != BF_OK) {
        fail_msg("%s: %s", text, err.msg);
    }
    return out;
}

static const struct bf_zone *zone(struct bf_arena *arena, const char *name)
{
    const struct bf_zone *out = NULL;
    struct bf_err err = {0};

    assert_int_equal(bf_zone_load(arena, bf_sv_of(name), &out, &err), BF_OK);
    return out;
}

/* The next fires, joined with blanks; at most ${count}. */
static const char *fires(struct bf_arena *arena, const char *text, const char *zone_name,
                         const char *after, int count)
{
    struct bf_when parsed = when(text);
    struct bf_firing firing = {&parsed, zone(arena, zone_name), instant(after)};
    struct bf_sv out = BF_SV("");
    int64_t at = instant(after);

    for (int i = 0; i < count && bf_next_fire(&firing, at, &at); i++) {
        out = bf_sv_printf(arena, BF_SV_FMT "%s" BF_SV_FMT, BF_SV_ARG(out), i == 0 ? "" : " ",
                           BF_SV_ARG(bf_instant_print(arena, at)));
    }
    return bf_sv_z(arena, out);
}

static void days_that_few_months_have_are_found(void **state)
{
    assert_string_equal(fires(*state, "0 0 29 2 ? *", "UTC", "2096-03-01T00:00:00Z", 2),
                        "2104-02-29T00:00:00Z 2108-02-29T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 31 * ? *", "UTC", "2026-01-31T00:00:00Z", 2),
                        "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 31W * ? *", "UTC", "2026-01-01T00:00:00Z", 2),
                        "2026-01-30T00:00:00Z 2026-03-31T00:00:00Z");
    /* a 29 February that is a fifth Friday */
    assert_string_equal(fires(*state, "0 0 ? 2 FRI#5 *", "UTC", "2026-01-01T00:00:00Z", 2),
                        "2036-02-29T00:00:00Z 2064-02-29T00:00:00Z");
}

static void the_nearest_weekday_stays_within_its_month(void **state)
{
    assert_string_equal(fires(*state, "0 0 1W 8 ? 2026", "UTC", "2026-01-01T00:00:00Z", 1),
                        "2026-08-03T00:00:00Z"); /* a Saturday */
    assert_string_equal(fires(*state, "0 0 31W 5 ? 2026", "UTC", "2026-01-01T00:00:00Z", 1),
                        "2026-05-29T00:00:00Z"); /* a Sunday */
    assert_string_equal(fires(*state, "0 0 15w 8 ? 2026", "UTC", "2026-01-01T00:00:00Z", 1),
                        "2026-08-14T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 16W 8 ? 2026", "UTC", "2026-01-01T00:00:00Z", 1),
                        "2026-08-17T00:00:00Z");
}

static void the_last_days_are_found_in_all_forms(void **state)
{
    assert_string_equal(fires(*state, "0 0 L-2 2 ? *", "UTC", "2027-06-01T00:00:00Z", 2),
                        "2028-02-27T00:00:00Z 2029-02-26T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 L-30 * ? 2026", "UTC", "2026-01-15T00:00:00Z", 2),
                        "2026-03-01T00:00:00Z 2026-05-01T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 LW 5 ? *", "UTC", "2026-01-01T00:00:00Z", 1),
                        "2026-05-29T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 ? * SUNL *", "UTC", "2026-03-01T00:00:00Z", 2),
                        "2026-03-29T00:00:00Z 2026-04-26T00:00:00Z");
    assert_string_equal(fires(*state, "0 0 ? * L *", "UTC", "2026-03-01T00:00:00Z", 2),
                        "2026-03-07T00:00:00Z 2026-03-14T00:00:00Z");
}

static void what_aws_does_not_document_is_marked(void **state)
{
    (void)state;
    assert_true(when("0 0 LW * ? *").cron.not_aws);
    assert_true(when("0 0 L-3 * ? *").cron.not_aws);
    assert_false(when("0 0 L * ? *").cron.not_aws);
    assert_false(when("0 0 1W * ? *").cron.not_aws);
}

static void ranges_wrap_and_steps_begin_at_their_first(void **state)
{
    assert_string_equal(fires(*state, "0 22-2/2 * * ? *", "UTC", "2026-03-01T00:30:00Z", 4),
                        "2026-03-01T02:00:00Z 2026-03-01T22:00:00Z 2026-03-02T00:00:00Z "
                        "2026-03-02T02:00:00Z");
    assert_string_equal(fires(*state, "50/5 0 1 1 ? *", "UTC", "2026-01-01T00:50:00Z", 2),
                        "2026-01-01T00:55:00Z 2027-01-01T00:50:00Z");
    assert_string_equal(fires(*state, "0 0 ? * SAT-SUN *", "UTC", "2026-03-01T00:00:00Z", 2),
                        "2026-03-07T00:00:00Z 2026-03-08T00:00:00Z");
    assert_string_equal(fires(*state, "5,1,3 0 1 JAN ? 2027", "UTC", "2026-01-01T00:00:00Z", 9),
                        "2027-01-01T00:01:00Z 2027-01-01T00:03:00Z 2027-01-01T00:05:00Z");
}

static void a_schedule_that_never_fires_ends_at_once(void **state)
{
    assert_string_equal(fires(*state, "0 0 30 2 ? *", "UTC", "2026-01-01T00:00:00Z", 1), "");
    assert_string_equal(fires(*state, "0 0 1 1 ? 1970", "UTC", "2026-01-01T00:00:00Z", 1), "");
    assert_string_equal(fires(*state, "59 23 31 12 ? 2199", "UTC", "2199-12-31T23:58:00Z", 2),
                        "2199-12-31T23:59:00Z");
    assert_string_equal(fires(*state, "* * * * ? *", "UTC", "2199-12-31T23:59:00Z", 2), "");
}

static void a_gap_is_skipped_and_an_overlap_fires_once_at_the_first(void **state)
{
    /* every half hour: the repeated hour in New York fires once */
    assert_string_equal(
        fires(*state, "0/30 1-2 * * ? *", "America/New_York", "2026-11-01T04:00:00Z", 5),
        "2026-11-01T05:00:00Z 2026-11-01T05:30:00Z 2026-11-01T07:00:00Z 2026-11-01T07:30:00Z "
        "2026-11-02T06:00:00Z");
    assert_string_equal(
        fires(*state, "0/30 2 * * ? *", "America/New_York", "2026-03-08T00:00:00Z", 2),
        "2026-03-09T06:00:00Z 2026-03-09T06:30:00Z");
    assert_string_equal(
        fires(*state, "15 2 * * ? *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 1),
        "2026-10-04T15:15:00Z"); /* 02:15 of 4 October is in the gap of half an hour */
    assert_string_equal(fires(*state, "0 0 * * ? *", "Africa/Cairo", "2026-04-22T22:00:00Z", 1),
                        "2026-04-24T21:00:00Z"); /* 24 April begins at 01:00 */
    assert_string_equal(fires(*state, "0 12 30 * ? *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1),
                        "2012-01-29T22:00:00Z"); /* Samoa had no 30 December 2011 */
}

static void the_previous_fire_is_found_within_an_overlap(void **state)
{
    struct bf_when parsed = when("45 1 * * ? *");
    struct bf_firing firing = {&parsed, zone(*state, "America/New_York"), 0};
    int64_t found = 0;

    /* 01:30 for the second time: 01:45 has fired, once */
    assert_true(bf_previous_fire(&firing, instant("2026-11-01T06:30:00Z"), &found));
    assert_int_equal(found, instant("2026-11-01T05:45:00Z"));
    assert_true(bf_previous_fire(&firing, found, &found));
    assert_int_equal(found, instant("2026-10-31T05:45:00Z"));
}

static void there_is_nothing_before_the_first_fire(void **state)
{
    struct bf_when parsed = when("0 0 1 1 ? 1970");
    struct bf_firing firing = {&parsed, bf_zone_utc(), 0};
    int64_t found = 0;

    (void)state;
    assert_true(bf_previous_fire(&firing, 1, &found));
    assert_int_equal(found, 0);
    assert_false(bf_previous_fire(&firing, 0, &found));
    assert_true(bf_next_fire(&firing, -1, &found));
    assert_true(bf_next_fire(&firing, BF_SECOND_MIN, &found));
    assert_false(bf_next_fire(&firing, BF_SECOND_MAX, &found));
    assert_true(bf_previous_fire(&firing, BF_SECOND_MAX, &found));
}

/* Fires by looking at every minute, with nothing of the search. */
static bool fires_by_minute(const struct bf_cron *cron, const struct bf_zone *zone, int64_t at)
{
    int64_t local = bf_zone_local(zone, at);
    struct bf_civil c = bf_civil_of(local);
    bool day = (cron->days >> (unsigned)c.date.day & 1U) != 0 ||
               (cron->weekdays >> (unsigned)bf_weekday(bf_day_of_seconds(local)) & 1U) != 0;

    return c.second == 0 && day && (cron->minutes >> (unsigned)c.minute & 1U) != 0 &&
           (cron->hours >> (unsigned)c.hour & 1U) != 0 &&
           (cron->months >> (unsigned)c.date.month & 1U) != 0 &&
           bf_zone_resolve(zone, local).instant == at;
}

static void searching_agrees_with_looking_at_every_minute(void **state)
{
    static const char *const crons[] = {"7/13 * * * ? *", "30 0-3 ? * SUN *", "0 2 * 3,11 ? *",
                                        "0/20 23-1 1,8,31 * ? *", "59 23 ? 3-4 FRI-MON *"};
    static const char *const zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe",
                                        "Africa/Cairo", "America/Havana"};
    /* around the changes of the clock: New York and Havana, Lord Howe, Cairo, and back */
    static const char *const starts[] = {"2026-03-06T00:00:00Z", "2026-04-03T00:00:00Z",
                                         "2026-04-22T00:00:00Z", "2026-10-02T00:00:00Z",
                                         "2026-10-28T00:00:00Z"};

    for (size_t i = 0; i < BF_COUNTOF(crons) * BF_COUNTOF(zones) * BF_COUNTOF(starts); i++) {
        struct bf_when parsed = when(crons[i % BF_COUNTOF(crons)]);
        const char *name = zones[i / BF_COUNTOF(crons) % BF_COUNTOF(zones)];
        struct bf_firing firing = {&parsed, zone(*state, name), 0};
        int64_t begin = instant(starts[i / (BF_COUNTOF(crons) * BF_COUNTOF(zones))]);
        int64_t next = begin;
        int64_t previous = 0;
        assert_true(bf_next_fire(&firing, begin - 1, &next));
        for (int64_t at = begin; at < begin + INT64_C(6) * BF_SECONDS_PER_DAY; at += 60) {
            if (!fires_by_minute(&parsed.cron, firing.zone, at)) {
                continue;
            }
            assert_int_equal(next, at);
            assert_true(bf_previous_fire(&firing, at + 1, &previous));
            assert_int_equal(previous, at);
            assert_true(bf_next_fire(&firing, at, &next));
            assert_true(bf_previous_fire(&firing, next, &previous));
            assert_int_equal(previous, at);
        }
    }
}

static void a_skipped_wall_time_is_told(void **state)
{
    struct bf_when parsed = when("30 2 * * ? *");
    struct bf_firing firing = {&parsed, zone(*state, "America/New_York"), 0};
    int64_t local = 0;
    int64_t transition = 0;

    assert_true(bf_next_skipped(&firing, instant("2026-01-01T00:00:00Z"),
                                instant("2026-12-31T00:00:00Z"), &local, &transition));
    assert_int_equal(local, bf_seconds_of((struct bf_civil){{2026, 3, 8}, 2, 30, 0}));
    assert_int_equal(transition, instant("2026-03-08T07:00:00Z"));
    assert_false(
        bf_next_skipped(&firing, transition, instant("2026-12-31T00:00:00Z"), &local, &transition));
}

static void rates_are_elapsed_time_from_their_start(void **state)
{
    struct bf_when parsed = when("rate(1 days)");
    struct bf_firing firing = {&parsed, zone(*state, "America/New_York"),
                               instant("2026-03-07T12:00:00Z")};
    int64_t found = 0;

    assert_true(bf_next_fire(&firing, firing.start - 1, &found));
    assert_int_equal(found, firing.start);
    assert_true(bf_next_fire(&firing, firing.start, &found));
    assert_int_equal(found, instant("2026-03-08T12:00:00Z")); /* whatever the clock does */
    assert_true(bf_previous_fire(&firing, found, &found));
    assert_int_equal(found, firing.start);
    assert_false(bf_previous_fire(&firing, firing.start, &found));
    assert_false(bf_next_fire(&firing, BF_SECOND_MAX, &found));
    assert_int_equal(when("rate(90 minutes)").period, 5400);
    assert_int_equal(when("rate(1 hour)").period, 3600);
    assert_int_equal(when(" rate(2  days) ").period, 172800);
}

static void at_fires_once_in_its_zone(void **state)
{
    assert_string_equal(
        fires(*state, "at(2026-03-02T00:30:00)", "Asia/Seoul", "2026-01-01T00:00:00Z", 3),
        "2026-03-01T15:30:00Z");
    assert_string_equal(
        fires(*state, "at(2026-03-02T00:30:00)", "Asia/Seoul", "2026-03-01T15:30:00Z", 3), "");
}

static void wrong_expressions_are_refused_with_their_field(void **state)
{
    static const struct {
        const char *text, *said;
        unsigned column;
    } cases[] = {
        {"0 0 1 * MON *", "exactly one", 9},
        {"0 0 * * * *", "exactly one", 9},
        {"0 0 ? * ? *", "exactly one", 9},
        {"cron(0 0 ? * 0 *)", "day-of-week: 0 is out of range", 14},
        {"0 0 ? * 8 *", "day-of-week: 8 is out of range", 9},
        {"0 0 0 * ? *", "day-of-month: 0 is out of range", 5},
        {"0 0 32 * ? *", "day-of-month: 32", 5},
        {"60 0 1 * ? *", "minutes: 60", 1},
        {"0 24 1 * ? *", "hours: 24", 3},
        {"0 0 1 13 ? *", "month: 13", 7},
        {"0 0 1 0 ? *", "month: 0", 7},
        {"0 0 1 * ? 1969", "year: 1969", 11},
        {"0 0 1 * ? 2200", "year: 2200", 11},
        {"0/0 * * * ? *", "at least 1", 3},
        {"0 0 ? * 3#1,6#3 *", "cannot be combined", 9},
        {"0 0 ? * 3#6 *", "1 to 5", 9},
        {"0 0 ? * 3#0 *", "1 to 5", 9},
        {"0 0 ? * MON,6L *", "cannot be combined", 13},
        {"0 0 1W,15 * ? *", "cannot be combined", 5},
        {"0 0 L,15 * ? *", "cannot be combined", 5},
        {"0 0 32W * ? *", "32 is out of range", 5},
        {"0 0 W * ? *", "a value is missing", 5},
        {"0 0 L-31 * ? *", "1 to 30", 5},
        {"0 0 ? * MONN *", "did you mean 'MON'", 9},
        {"0 0 ? JANU 2 *", "did you mean 'JAN'", 7},
        {"0 0 ? * 2/2 *", "steps are not in AWS's table", 11},
        {"? 0 1 * ? *", "'?' stands alone", 1},
        {"0 0 1,? * ? *", "'?' stands alone", 7},
        {"0 L 1 * ? *", "hours: 'L'", 3},
        {"0 0 ? * 3W *", "day-of-week: '3W'", 9},
        {"0 0 1#2 * ? *", "cannot be combined", 5},
        {"0 0 1, * ? *", "a value is missing", 5},
        {"0 0 1- * ? *", "a value is missing", 5},
        {"0 0 -1 * ? *", "a value is missing", 5},
        {"0 0 +1 * ? *", "'+1'", 5},
        {"0 0 1/ * ? *", "at least 1", 7},
        {"0 0 1/-2 * ? *", "at least 1", 7},
        {"0 0 99999999999999999999 * ? *", "no value", 5},
        {"0 0 1 * ?", "5 fields", 1},
        {"0 0 0 1 * ? *", "7 fields", 1},
        {"", "0 fields", 1},
        {"cron()", "0 fields", 6},
        {"cron(0 0 1 * ? *", "not closed", 0},
        {"quartz(0)", "no schedule expression", 0},
        {"rate(0 minutes)", "at least 1", 0},
        {"rate(5 weeks)", "minutes, hours or days", 0},
        {"rate(1.5 hours)", "whole number", 0},
        {"rate(-1 hours)", "at least 1", 0},
        {"rate(5minutes)", "minutes, hours or days", 0},
        {"rate(99999999999999 days)", "whole number", 0},
        {"at(2026-02-29T00:00:00)", "date and time that exists", 0},
        {"at(2026-02-28T00:00:00Z)", "without a zone", 0},
        {"at(2026-02-28)", "YYYY-MM-DDThh:mm:ss", 0},
        {"at(2026-02-28T00:00:00.5)", "YYYY-MM-DDThh:mm:ss", 0},
    };

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_when out;
        struct bf_err err = {0};
        enum bf_code code = bf_when_parse(bf_sv_of(cases[i].text), &out, &err);
        if (code != BF_EINVALID || strstr(err.msg, cases[i].said) == NULL ||
            err.loc.col != cases[i].column) {
            fail_msg("%s: code %d, column %u: %s", cases[i].text, (int)code, err.loc.col, err.msg);
        }
    }
}

static void an_expression_that_is_too_long_is_refused(void **state)
{
    struct bf_buf text = bf_buf_new(*state, 1000);
    struct bf_when out;
    struct bf_err err = {0};

    bf_buf_addz(&text, "0 0 1");
    bf_buf_fill(&text, ' ', 300);
    bf_buf_addz(&text, "* ? *");
    assert_int_equal(bf_when_parse(bf_buf_sv(&text), &out, &err), BF_EINVALID);
    assert_non_null(strstr(err.msg, "at most 256"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_few_months_have_are_found),
        cmocka_unit_test(the_nearest_weekday_stays_within_its_month),
        cmocka_unit_test(the_last_days_are_found_in_all_forms),
        cmocka_unit_test(what_aws_does_not_document_is_marked),
        cmocka_unit_test(ranges_wrap_and_steps_begin_at_their_first),
        cmocka_unit_test(a_schedule_that_never_fires_ends_at_once),
        cmocka_unit_test(a_gap_is_skipped_and_an_overlap_fires_once_at_the_first),
        cmocka_unit_test(the_previous_fire_is_found_within_an_overlap),
        cmocka_unit_test(there_is_nothing_before_the_first_fire),
        cmocka_unit_test(searching_agrees_with_looking_at_every_minute),
        cmocka_unit_test(a_skipped_wall_time_is_told),
        cmocka_unit_test(rates_are_elapsed_time_from_their_start),
        cmocka_unit_test(at_fires_once_in_its_zone),
        cmocka_unit_test(wrong_expressions_are_refused_with_their_field),
        cmocka_unit_test(an_expression_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

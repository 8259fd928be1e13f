#include "tests/support/cmocka_headers.h"
#include "time/calendar.h"
#include "time/civil.h"
#include "time/instant.h"

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

static void every_day_of_the_years_is_a_date_and_back(void **state)
{
    struct bf_date last = {0, 12, 31};

    (void)state;
    for (int64_t day = BF_DAY_MIN; day <= BF_DAY_MAX; day++) {
        struct bf_date date = bf_date_of(day);
        bool next_day =
            date.year == last.year && date.month == last.month && date.day == last.day + 1;
        bool next_month = date.year == last.year && date.month == last.month + 1 && date.day == 1 &&
                          last.day == bf_days_in_month(last.year, last.month);
        bool next_year = date.year == last.year + 1 && date.month == 1 && date.day == 1 &&
                         last.month == 12 && last.day == 31;
        assert_true(next_day || next_month || next_year);
        assert_true(bf_date_valid(date));
        assert_int_equal(bf_day_of(date), day);
        last = date;
    }
    assert_int_equal(last.year, BF_YEAR_MAX);
}

static void known_days_have_their_weekday_and_iso_week(void **state)
{
    static const struct {
        struct bf_date date;
        int weekday, iso_year, iso_week, year_day;
    } cases[] = {
        {{1970, 1, 1}, 4, 1970, 1, 1},      {{2000, 2, 29}, 2, 2000, 9, 60},
        {{2024, 12, 30}, 1, 2025, 1, 365},  {{2021, 1, 3}, 7, 2020, 53, 3},
        {{2027, 1, 1}, 5, 2026, 53, 1},     {{1, 1, 1}, 1, 1, 1, 1},
        {{9999, 12, 31}, 5, 9999, 52, 365},
    };

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        int64_t day = bf_day_of(cases[i].date);
        assert_int_equal(bf_weekday(day), cases[i].weekday);
        assert_int_equal(bf_iso_week_of(day).year, cases[i].iso_year);
        assert_int_equal(bf_iso_week_of(day).week, cases[i].iso_week);
        assert_int_equal(bf_year_day(day), cases[i].year_day);
    }
}

static void seconds_before_1970_round_towards_the_past(void **state)
{
    struct bf_civil c = bf_civil_of(-1);

    (void)state;
    assert_int_equal(c.date.year, 1969);
    assert_int_equal(c.hour, 23);
    assert_int_equal(c.second, 59);
    assert_int_equal(bf_seconds_of(c), -1);
    assert_int_equal(bf_day_of_seconds(-86400), -1);
    assert_int_equal(bf_second_of_day(-86400), 0);
}

static void months_are_clamped_to_the_last_day_and_bounded_by_the_years(void **state)
{
    int64_t day = bf_day_of((struct bf_date){2024, 1, 31});
    int64_t out = 0;

    (void)state;
    assert_true(bf_add_months(day, 1, &out));
    assert_int_equal(out, bf_day_of((struct bf_date){2024, 2, 29}));
    assert_true(bf_add_months(day, -11, &out));
    assert_int_equal(out, bf_day_of((struct bf_date){2023, 2, 28}));
    assert_false(bf_add_months(day, -2024 * 12, &out));
    assert_false(bf_add_months(day, INT64_MAX, &out));
    assert_false(bf_add_months(day, INT64_MIN, &out));
    assert_true(bf_add_months(day, -2023 * 12, &out));
}

static void times_are_read_in_every_shape(void **state)
{
    static const struct {
        const char *text;
        enum bf_time_shape shape;
        int64_t value;
    } cases[] = {
        {"2026-03-01T15:30:00Z", BF_TIME_INSTANT, 1772379000},
        {"2026-03-02T00:30:00+09:00", BF_TIME_INSTANT, 1772379000},
        {"2026-03-01T10:30:00.999999-05:00", BF_TIME_INSTANT, 1772379000},
        {"2026-03-01T15:30Z", BF_TIME_INSTANT, 1772379000},
        {"2026-03-01T15:30:00", BF_TIME_LOCAL, 1772379000},
        {"2026-03-01", BF_TIME_DATE, 20513},
        {"20260301", BF_TIME_DATE, 20513},
        {"2024-02-29", BF_TIME_DATE, 19782},
    };
    struct bf_err err;

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_time_text out = {0};
        assert_int_equal(bf_time_parse(bf_sv_of(cases[i].text), &out, &err), BF_OK);
        assert_int_equal(out.shape, cases[i].shape);
        assert_int_equal(out.value, cases[i].value);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "2026-3-1",
        "202603011",
        "2026-03-01 15:30:00Z",
        "2026-03-01t15:30:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T15:60:00Z",
        "2026-03-01T15:30:60Z",
        "2026-03-01T15:30:00z",
        "2026-03-01T15:30:00+0900",
        "2026-03-01T15:30:00+24:00",
        "2026-03-01T15:30:00.Z",
        "2026-03-01T15",
        "2026-03-01T",
        "20260301T000000",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-03-01Z",
        "-2026-03-01",
    };
    struct bf_err err;

    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(cases); i++) {
        struct bf_time_text out;
        if (bf_time_parse(bf_sv_of(cases[i]), &out, &err) == BF_OK) {
            fail_msg("accepted '%s'", cases[i]);
        }
    }
}

static void an_instant_needs_its_offset_and_a_date_its_dashes(void **state)
{
    struct bf_err err;
    int64_t out = 0;

    (void)state;
    assert_int_equal(bf_instant_parse(BF_SV("2026-03-01T15:30:00"), &out, &err), BF_EINVALID);
    assert_int_equal(bf_date_parse(BF_SV("20260301"), &out, &err), BF_EINVALID);
    assert_int_equal(bf_date_parse(BF_SV("2026-03-01"), &out, &err), BF_OK);
    assert_int_equal(out, 20513);
}

static void instants_are_printed(void **state)
{
    struct bf_arena *arena = *state;

    assert_string_equal(bf_instant_print(arena, 1772379000).ptr, "2026-03-01T15:30:00Z");
    assert_string_equal(bf_instant_print(arena, BF_SECOND_MIN).ptr, "0001-01-01T00:00:00Z");
    assert_string_equal(bf_instant_print_offset(arena, 1772379000, 32400).ptr,
                        "2026-03-02T00:30:00+09:00");
    assert_string_equal(bf_instant_print_offset(arena, 0, -12600).ptr, "1969-12-31T20:30:00-03:30");
    assert_string_equal(bf_instant_print_offset(arena, 0, 30472).ptr,
                        "1970-01-01T08:27:52+08:27:52");
    assert_string_equal(bf_local_print_compact(arena, 1772411400).ptr, "20260302T003000");
}

static struct bf_calendar korean(struct bf_arena *arena)
{
    int64_t holidays[] = {
        bf_day_of((struct bf_date){2026, 3, 2}),
        bf_day_of((struct bf_date){2026, 1, 1}),
        bf_day_of((struct bf_date){2026, 2, 28}), /* a Saturday: counts once, as weekend */
        bf_day_of((struct bf_date){2026, 1, 1}),
    };
    struct bf_calendar calendar;
    struct bf_err err;

    assert_int_equal(bf_calendar_make(arena, 1U << 6U | 1U << 7U, holidays, BF_COUNTOF(holidays),
                                      &calendar, &err),
                     BF_OK);
    assert_int_equal(calendar.holiday_count, 2);
    return calendar;
}

static int64_t naive_add(const struct bf_calendar *calendar, int64_t day, int n)
{
    int step = n < 0 ? -1 : 1;

    for (int left = n < 0 ? -n : n; left > 0;) {
        day += step;
        left -= bf_calendar_is_business(calendar, day) ? 1 : 0;
    }
    return day;
}

static void business_days_agree_with_counting_them_one_by_one(void **state)
{
    struct bf_calendar calendar = korean(*state);
    int64_t begin = bf_day_of((struct bf_date){2025, 12, 20});

    for (int64_t day = begin; day < begin + 100; day++) {
        for (int n = 1; n <= 30; n++) {
            int64_t out = 0;
            assert_true(bf_calendar_add(&calendar, day, (uint64_t)n, false, &out));
            assert_int_equal(out, naive_add(&calendar, day, n));
            assert_int_equal(bf_calendar_count(&calendar, day, out), n);
            assert_true(bf_calendar_add(&calendar, day, (uint64_t)n, true, &out));
            assert_int_equal(out, naive_add(&calendar, day, -n));
        }
    }
}

static void zero_business_days_stay_or_roll(void **state)
{
    struct bf_calendar calendar = korean(*state);
    int64_t friday = bf_day_of((struct bf_date){2026, 2, 27});
    int64_t tuesday = friday + 4; /* Monday 2 March is a holiday */
    int64_t out = 0;

    assert_true(bf_calendar_add(&calendar, friday, 0, false, &out));
    assert_int_equal(out, friday);
    for (int64_t day = friday + 1; day < tuesday; day++) {
        assert_true(bf_calendar_add(&calendar, day, 0, false, &out));
        assert_int_equal(out, tuesday);
        assert_true(bf_calendar_add(&calendar, day, 0, true, &out));
        assert_int_equal(out, friday);
    }
}

static void a_calendar_without_business_days_has_none(void **state)
{
    struct bf_calendar calendar;
    struct bf_err err;
    int64_t out = 0;

    assert_int_equal(bf_calendar_make(*state, 0xFE, NULL, 0, &calendar, &err), BF_OK);
    assert_false(bf_calendar_add(&calendar, 0, 1, false, &out));
    assert_false(bf_calendar_add(&calendar, 0, 0, true, &out));
    assert_int_equal(bf_calendar_count(&calendar, 0, 1000), 0);
    assert_int_equal(bf_calendar_make(*state, 1U << 8U, NULL, 0, &calendar, &err), BF_EINVALID);
}

static void business_days_end_with_the_years(void **state)
{
    struct bf_calendar calendar = korean(*state);
    int64_t out = 0;

    assert_false(bf_calendar_add(&calendar, BF_DAY_MAX, 1, false, &out));
    assert_false(bf_calendar_add(&calendar, BF_DAY_MIN, 1, true, &out));
    assert_false(bf_calendar_add(&calendar, 0, UINT64_MAX, false, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_the_years_is_a_date_and_back),
        cmocka_unit_test(known_days_have_their_weekday_and_iso_week),
        cmocka_unit_test(seconds_before_1970_round_towards_the_past),
        cmocka_unit_test(months_are_clamped_to_the_last_day_and_bounded_by_the_years),
        cmocka_unit_test(times_are_read_in_every_shape),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(an_instant_needs_its_offset_and_a_date_its_dashes),
        cmocka_unit_test(instants_are_printed),
        cmocka_unit_test(business_days_agree_with_counting_them_one_by_one),
        cmocka_unit_test(zero_business_days_stay_or_roll),
        cmocka_unit_test(a_calendar_without_business_days_has_none),
        cmocka_unit_test(business_days_end_with_the_years),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

#include "time/civil.h"

bool bf_is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int bf_days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && bf_is_leap_year(year) ? 29 : days[month - 1];
}

bool bf_date_valid(struct bf_date date)
{
    return date.year >= BF_YEAR_MIN && date.year <= BF_YEAR_MAX && date.month >= 1 &&
           date.month <= 12 && date.day >= 1 && date.day <= bf_days_in_month(date.year, date.month);
}

/* Division that rounds towards the past, for a positive divisor. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * Years are counted from March, so that the leap day is the last day of a year, in eras of 400
 * years = 146097 days. Month n of such a year (0 = March) begins on day (153 n + 2) / 5.
 */
int64_t bf_day_of(struct bf_date date)
{
    int64_t year = date.month <= 2 ? (int64_t)date.year - 1 : date.year;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct bf_date bf_date_of(int64_t day)
{
    int64_t shifted = day + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct bf_date date = {
        .day = (int)(of_year - (153 * month + 2) / 5 + 1),
        .month = (int)(month < 10 ? month + 3 : month - 9),
    };

    date.year = (int)(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
    return date;
}

int bf_weekday(int64_t day)
{
    int64_t from_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return (int)(from_monday < 0 ? from_monday + 7 : from_monday) + 1;
}

int bf_year_day(int64_t day)
{
    return (int)(day - bf_day_of((struct bf_date){bf_date_of(day).year, 1, 1})) + 1;
}

struct bf_iso_week bf_iso_week_of(int64_t day)
{
    int64_t thursday = day - bf_weekday(day) + 4; /* a week belongs to the year of its Thursday */

    return (struct bf_iso_week){bf_date_of(thursday).year, (bf_year_day(thursday) - 1) / 7 + 1};
}

int64_t bf_day_of_seconds(int64_t seconds)
{
    return floor_div(seconds, BF_SECONDS_PER_DAY);
}

int bf_second_of_day(int64_t seconds)
{
    return (int)(seconds - bf_day_of_seconds(seconds) * BF_SECONDS_PER_DAY);
}

struct bf_civil bf_civil_of(int64_t seconds)
{
    int of_day = bf_second_of_day(seconds);

    return (struct bf_civil){
        .date = bf_date_of(bf_day_of_seconds(seconds)),
        .hour = of_day / 3600,
        .minute = of_day / 60 % 60,
        .second = of_day % 60,
    };
}

int64_t bf_seconds_of(struct bf_civil civil)
{
    return bf_day_of(civil.date) * BF_SECONDS_PER_DAY + (int64_t)civil.hour * 3600 +
           (int64_t)civil.minute * 60 + civil.second;
}

bool bf_add_months(int64_t day, int64_t months, int64_t *out)
{
    struct bf_date date = bf_date_of(day);
    int64_t limit = (int64_t)(BF_YEAR_MAX + 1) * 12;

    if (months > limit || months < -limit) {
        return false;
    }
    int64_t total = (int64_t)date.year * 12 + (date.month - 1) + months;
    if (total < (int64_t)BF_YEAR_MIN * 12 || total >= limit) {
        return false;
    }
    date.year = (int)(total / 12);
    date.month = (int)(total % 12) + 1;
    int last = bf_days_in_month(date.year, date.month);
    date.day = date.day > last ? last : date.day;
    *out = bf_day_of(date);
    return true;
}

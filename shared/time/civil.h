#ifndef BF_TIME_CIVIL_H
#define BF_TIME_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The proleptic Gregorian calendar without zones. Three shapes of time are used everywhere:
 *
 *   instant   int64_t, Unix seconds (no leap seconds)
 *   local     int64_t, seconds since 1970-01-01T00:00:00 on the wall clock of some zone
 *   day       int64_t, days since 1970-01-01 on the calendar of some zone
 *
 * Years run from BF_YEAR_MIN to BF_YEAR_MAX; functions that could leave the range say what they do.
 */
enum { BF_YEAR_MIN = 1, BF_YEAR_MAX = 9999 };

enum { BF_SECONDS_PER_DAY = 86400 };

/** 1 January of BF_YEAR_MIN and 31 December of BF_YEAR_MAX. */
#define BF_DAY_MIN INT64_C(-719162)
#define BF_DAY_MAX INT64_C(2932896)

/** The same as seconds: the first and the last second of the range. */
#define BF_SECOND_MIN (BF_DAY_MIN * BF_SECONDS_PER_DAY)
#define BF_SECOND_MAX (BF_DAY_MAX * BF_SECONDS_PER_DAY + BF_SECONDS_PER_DAY - 1)

struct bf_date {
    int year;  /* 1 ... 9999 */
    int month; /* 1 ... 12 */
    int day;   /* 1 ... 31 */
};

struct bf_civil {
    struct bf_date date;
    int hour, minute, second;
};

/** Is it a date of the calendar, within the years above? */
bool bf_date_valid(struct bf_date date);

int bf_days_in_month(int year, int month);
bool bf_is_leap_year(int year);

/** ${date} must have a month of 1 to 12; any day number is counted on from the first. */
int64_t bf_day_of(struct bf_date date);

/** The inverse, for any day within ten million years. */
struct bf_date bf_date_of(int64_t day);

/** ISO weekday, 1 = Monday ... 7 = Sunday. */
int bf_weekday(int64_t day);

/** Day of the year, 1 ... 366. */
int bf_year_day(int64_t day);

struct bf_iso_week {
    int year; /* the ISO year, which differs from the calendar's around New Year */
    int week; /* 1 ... 53 */
};

struct bf_iso_week bf_iso_week_of(int64_t day);

/** The day of a local time or of an instant taken as UTC: rounds towards the past. */
int64_t bf_day_of_seconds(int64_t seconds);

/** Seconds since midnight, 0 ... 86399. */
int bf_second_of_day(int64_t seconds);

struct bf_civil bf_civil_of(int64_t seconds);
int64_t bf_seconds_of(struct bf_civil civil);

/**
 * ${months} later (earlier when negative); a day beyond the end of the target month becomes its
 * last day. false, and *out untouched: the year would leave the range.
 */
bool bf_add_months(int64_t day, int64_t months, int64_t *out);

#endif /* BF_TIME_CIVIL_H */

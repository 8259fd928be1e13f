#include "time/calendar.h"

#include <inttypes.h>
#include <stdlib.h>

#include "time/civil.h"

static int by_day(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool is_weekend(const struct bf_calendar *calendar, int64_t day)
{
    return (calendar->weekend >> (unsigned)bf_weekday(day) & 1U) != 0;
}

enum bf_code bf_calendar_make(struct bf_arena *arena, unsigned weekend, const int64_t *holidays,
                              size_t holiday_count, struct bf_calendar *out, struct bf_err *err)
{
    struct bf_calendar made = {.weekend = weekend};

    if ((weekend & ~0xFEU) != 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "a weekend day is no ISO weekday (1 = Monday ... 7 = Sunday)");
    }
    if (holiday_count > BF_HOLIDAYS_MAX) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "%zu holidays; at most %d are taken",
                          holiday_count, BF_HOLIDAYS_MAX);
    }
    int64_t *sorted = BF_NEW_N(arena, int64_t, holiday_count + 1);
    for (size_t i = 0; i < holiday_count; i++) {
        sorted[i] = holidays[i];
    }
    qsort(sorted, holiday_count, sizeof(*sorted), by_day);
    size_t kept = 0;
    for (size_t i = 0; i < holiday_count; i++) {
        if (!is_weekend(&made, sorted[i]) && (kept == 0 || sorted[kept - 1] != sorted[i])) {
            sorted[kept++] = sorted[i];
        }
    }
    made.holidays = sorted;
    made.holiday_count = kept;
    *out = made;
    return BF_OK;
}

/* Number of holidays on or before ${day}. */
static int64_t holidays_until(const struct bf_calendar *calendar, int64_t day)
{
    size_t low = 0;
    size_t high = calendar->holiday_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->holidays[middle] <= day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (int64_t)low;
}

bool bf_calendar_is_business(const struct bf_calendar *calendar, int64_t day)
{
    return !is_weekend(calendar, day) &&
           holidays_until(calendar, day) == holidays_until(calendar, day - 1);
}

/* Business days from the first day of the year 1 to ${day}, both included. */
static int64_t business_until(const struct bf_calendar *calendar, int64_t day)
{
    int64_t days = day - BF_DAY_MIN + 1;
    int64_t count = 0;

    for (unsigned weekday = 1; weekday <= 7; weekday++) {
        count += (calendar->weekend >> weekday & 1U) != 0 ? 0 : days / 7;
    }
    for (int64_t rest = days % 7; rest > 0; rest--) {
        count += is_weekend(calendar, day - rest + 1) ? 0 : 1;
    }
    return count - holidays_until(calendar, day);
}

int64_t bf_calendar_count(const struct bf_calendar *calendar, int64_t from, int64_t to)
{
    return business_until(calendar, to) - business_until(calendar, from);
}

/* The first day that is the ${nth} business day since the year 1. */
static bool nth_business(const struct bf_calendar *calendar, int64_t nth, int64_t *out)
{
    int64_t low = BF_DAY_MIN;
    int64_t high = BF_DAY_MAX;

    if (nth < 1 || nth > business_until(calendar, BF_DAY_MAX)) {
        return false;
    }
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (business_until(calendar, middle) >= nth) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *out = low;
    return true;
}

bool bf_calendar_add(const struct bf_calendar *calendar, int64_t day, uint64_t n, bool negative,
                     int64_t *out)
{
    int64_t passed = business_until(calendar, day);
    bool business = bf_calendar_is_business(calendar, day);

    if (n > (uint64_t)(BF_DAY_MAX - BF_DAY_MIN)) {
        return false;
    }
    if (n == 0 && business) {
        *out = day;
        return true;
    }
    if (!negative) {
        return nth_business(calendar, passed + (n == 0 ? 1 : (int64_t)n), out);
    }
    if (n == 0) {
        return nth_business(calendar, passed, out);
    }
    return nth_business(calendar, passed - (int64_t)n + (business ? 0 : 1), out);
}

#include "time/cron.h"

#include "time/civil.h"
#include "time/cron_internal.h"

enum { MINUTES_PER_DAY = 1440 };

/* The weekday nearest to day ${day}, within the month. */
static int nearest_workday(int64_t first, int length, int day)
{
    switch (bf_weekday(first + day - 1)) {
    case 6:
        return day == 1 ? 3 : day - 1;
    case 7:
        return day == length ? day - 2 : day + 1;
    default:
        return day;
    }
}

static uint32_t bit_of_day(int day, int length)
{
    return day >= 1 && day <= length ? 1U << (unsigned)day : 0;
}

uint32_t bf_cron_month_days(const struct bf_cron *cron, int year, int month)
{
    int64_t first = bf_day_of((struct bf_date){year, month, 1});
    int length = bf_days_in_month(year, month);
    int weekday = bf_weekday(first);
    unsigned index = (unsigned)(year - BF_CRON_YEAR_MIN);
    uint32_t found = 0;

    if (((unsigned)cron->years[index / 8] >> index % 8 & 1U) == 0 ||
        (cron->months >> (unsigned)month & 1U) == 0) {
        return 0;
    }
    int named = 1 + (cron->number - weekday + 7) % 7; /* first day with weekday .number */
    switch (cron->kind) {
    case BF_CRON_DAYS:
        return cron->days & ((2U << (unsigned)length) - 1U);
    case BF_CRON_LAST:
        return bit_of_day(length - cron->number, length);
    case BF_CRON_WORKDAY:
        return cron->number > length
                   ? 0
                   : bit_of_day(nearest_workday(first, length, cron->number), length);
    case BF_CRON_LASTWORKDAY:
        return bit_of_day(nearest_workday(first, length, length), length);
    case BF_CRON_LASTOF:
        return bit_of_day(named + (length - named) / 7 * 7, length);
    case BF_CRON_NTHOF:
        return bit_of_day(named + (cron->nth - 1) * 7, length);
    case BF_CRON_WEEKDAYS:
    default:
        for (int day = 1; day <= length; day++) {
            unsigned today = (unsigned)((weekday + day - 2) % 7 + 1);
            found |= (cron->weekdays >> today & 1U) != 0 ? 1U << (unsigned)day : 0;
        }
        return found;
    }
}

static bool fires_at_minute(const struct bf_cron *cron, int minute_of_day)
{
    return (cron->hours >> (unsigned)(minute_of_day / 60) & 1U) != 0 &&
           (cron->minutes >> (unsigned)(minute_of_day % 60) & 1U) != 0;
}

/* Of the minutes of a local day, from ${minute} in steps of ${step}, the first that fires within.
 */
static bool fire_in_day(const struct bf_firing *firing, int64_t day, int minute, int step,
                        int64_t bound, int64_t *out)
{
    for (; minute >= 0 && minute < MINUTES_PER_DAY; minute += step) {
        if (!fires_at_minute(&firing->when->cron, minute)) {
            continue;
        }
        int64_t local = day * BF_SECONDS_PER_DAY + (int64_t)minute * 60;
        struct bf_local_time at = bf_zone_resolve(firing->zone, local);
        bool beyond = step > 0 ? at.instant > bound : at.instant < bound;
        if (at.kind != BF_LOCAL_NEVER && beyond) {
            *out = at.instant;
            return true;
        }
    }
    return false;
}

/*
 * Days are searched, month by month, to the end of the years that cron knows: no limit of tries
 * that a leap day or a rare weekday could exceed. At most 2760 months.
 */
static bool next_cron(const struct bf_firing *firing, int64_t after, int64_t *out)
{
    int64_t local = bf_zone_local(firing->zone, after);
    int64_t earliest = bf_day_of((struct bf_date){BF_CRON_YEAR_MIN, 1, 1}) * BF_SECONDS_PER_DAY;
    local = local < earliest ? earliest : local;
    int64_t from = bf_day_of_seconds(local);
    struct bf_date date = bf_date_of(from);

    while (date.year <= BF_CRON_YEAR_MAX) {
        uint32_t days = bf_cron_month_days(&firing->when->cron, date.year, date.month);
        for (int day = date.day; day <= 31 && days >> (unsigned)day != 0; day++) {
            int64_t today = bf_day_of((struct bf_date){date.year, date.month, day});
            int minute = today == from ? bf_second_of_day(local) / 60 : 0;
            if ((days >> (unsigned)day & 1U) != 0 &&
                fire_in_day(firing, today, minute, 1, after, out)) {
                return true;
            }
        }
        date = (struct bf_date){date.year + date.month / 12, date.month % 12 + 1, 1};
    }
    return false;
}

static bool previous_cron(const struct bf_firing *firing, int64_t before, int64_t *out)
{
    /* Just after the clock was set back, later wall times have fired already: begin with the
     * offset of the day before if that shows a later time. */
    int64_t local = bf_zone_local(firing->zone, before);
    int64_t other = before + bf_zone_offset(firing->zone, before - BF_SECONDS_PER_DAY);
    int64_t latest = bf_day_of((struct bf_date){BF_CRON_YEAR_MAX, 12, 31}) * BF_SECONDS_PER_DAY +
                     BF_SECONDS_PER_DAY - 1;
    local = local < other ? other : local;
    local = local > latest ? latest : local;
    int64_t from = bf_day_of_seconds(local);
    struct bf_date date = bf_date_of(from);

    while (date.year >= BF_CRON_YEAR_MIN) {
        uint32_t days = bf_cron_month_days(&firing->when->cron, date.year, date.month);
        for (int day = date.day; day >= 1; day--) {
            int64_t today = bf_day_of((struct bf_date){date.year, date.month, day});
            int minute = today == from ? bf_second_of_day(local) / 60 : MINUTES_PER_DAY - 1;
            if ((days >> (unsigned)day & 1U) != 0 &&
                fire_in_day(firing, today, minute, -1, before, out)) {
                return true;
            }
        }
        date = date.month == 1 ? (struct bf_date){date.year - 1, 12, 31}
                               : (struct bf_date){date.year, date.month - 1, 31};
    }
    return false;
}

bool bf_next_fire(const struct bf_firing *firing, int64_t after, int64_t *out)
{
    const struct bf_when *when = firing->when;
    int64_t found = 0;

    switch (when->kind) {
    case BF_WHEN_RATE:
        found = firing->start;
        if (after >= firing->start) {
            found += ((after - firing->start) / when->period + 1) * when->period;
        }
        break;
    case BF_WHEN_AT:
        found = bf_zone_instant(firing->zone, when->local);
        break;
    case BF_WHEN_CRON:
    default:
        return next_cron(firing, after, out);
    }
    if (found <= after || found > BF_SECOND_MAX) {
        return false;
    }
    *out = found;
    return true;
}

bool bf_previous_fire(const struct bf_firing *firing, int64_t before, int64_t *out)
{
    const struct bf_when *when = firing->when;
    int64_t found = 0;

    switch (when->kind) {
    case BF_WHEN_RATE:
        found = firing->start;
        if (before > firing->start) {
            found += (before - 1 - firing->start) / when->period * when->period;
        }
        break;
    case BF_WHEN_AT:
        found = bf_zone_instant(firing->zone, when->local);
        break;
    case BF_WHEN_CRON:
    default:
        return previous_cron(firing, before, out);
    }
    if (found >= before) {
        return false;
    }
    *out = found;
    return true;
}

static bool lists_local(const struct bf_cron *cron, int64_t local)
{
    struct bf_date date = bf_date_of(bf_day_of_seconds(local));

    return date.year >= BF_CRON_YEAR_MIN && date.year <= BF_CRON_YEAR_MAX &&
           fires_at_minute(cron, bf_second_of_day(local) / 60) &&
           (bf_cron_month_days(cron, date.year, date.month) >> (unsigned)date.day & 1U) != 0;
}

bool bf_next_skipped(const struct bf_firing *firing, int64_t after, int64_t until, int64_t *local,
                     int64_t *transition)
{
    int64_t at = after;

    if (firing->when->kind != BF_WHEN_CRON) {
        return false;
    }
    for (;;) {
        int64_t change = bf_zone_next_change(firing->zone, at);
        if (change > until) {
            return false;
        }
        int64_t begin = change + bf_zone_offset(firing->zone, change - 1);
        int64_t end = change + bf_zone_offset(firing->zone, change);
        for (int64_t wall = begin + (60 - begin % 60) % 60; wall < end; wall += 60) {
            if (lists_local(&firing->when->cron, wall)) {
                *local = wall;
                *transition = change;
                return true;
            }
        }
        at = change;
    }
}

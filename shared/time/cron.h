#ifndef BF_TIME_CRON_H
#define BF_TIME_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"
#include "time/zone.h"

/*
 * When a schedule fires: cron, rate and at of EventBridge Scheduler.
 * Sources: EventBridge user guide "Cron expressions reference", Scheduler user guide "Schedule
 * types" and "Daylight savings time on EventBridge Scheduler".
 *
 *   cron  six fields: minutes hours day-of-month month day-of-week year, in a zone. A wall time in
 *         a gap is skipped, in an overlap it fires once, at the first.
 *   rate  a whole number of minutes, hours or days of elapsed time, counted from a start.
 *   at    one local date and time. In a gap: forward by its length (the guide is silent).
 */
enum bf_when_kind { BF_WHEN_CRON, BF_WHEN_RATE, BF_WHEN_AT };

/** How the day field that is not "?" picks days. */
enum bf_cron_day {
    BF_CRON_DAYS,        /* days of the month, set in .days */
    BF_CRON_LAST,        /* L, L-n: .number days before the last day of the month */
    BF_CRON_WORKDAY,     /* nW: the weekday nearest to day .number */
    BF_CRON_LASTWORKDAY, /* LW */
    BF_CRON_WEEKDAYS,    /* weekdays, set in .weekdays */
    BF_CRON_LASTOF,      /* xL: the last weekday .number of the month */
    BF_CRON_NTHOF,       /* x#k: the .nth weekday .number of the month */
};

struct bf_cron {
    uint64_t minutes;      /* bit n: minute n */
    uint32_t hours;        /* bit n: hour n */
    uint32_t days;         /* bit n: day n of the month */
    uint32_t months;       /* bit n: month n */
    uint32_t weekdays;     /* bit n: ISO weekday n, 1 = Monday (not cron's 1 = Sunday) */
    uint8_t years[29];     /* bit y - 1970 */
    enum bf_cron_day kind; /* which of the day rules holds */
    int number, nth;       /* weekdays in ISO numbers */
    bool not_aws;          /* L-n or LW: computed, but not in AWS's table; deserves a warning */
};

struct bf_when {
    enum bf_when_kind kind;
    struct bf_cron cron;
    int64_t period; /* rate: seconds, a multiple of 60 */
    int64_t local;  /* at: local seconds */
};

enum { BF_WHEN_TEXT_MAX = 256 }; /* Scheduler's limit of ScheduleExpression */

/** "cron(...)", "rate(90 minutes)", "at(2026-03-01T09:00:00)", or six bare cron fields. */
BF_NODISCARD enum bf_code bf_when_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err);

/**
 * The six fields alone. BF_EINVALID; the message says which field, what was found and what is
 * allowed. err->loc.col is the column (from 1) within ${fields}, with line 1.
 */
BF_NODISCARD enum bf_code bf_cron_parse(struct bf_sv fields, struct bf_when *out,
                                        struct bf_err *err);

/** "5 minutes", "1 hour", "1 hours", "7 days" (singular and plural alike). */
BF_NODISCARD enum bf_code bf_rate_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err);

/** "2026-03-01T09:00:00": local time, no zone, no fraction. */
BF_NODISCARD enum bf_code bf_at_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err);

/** What a schedule's times are computed from. */
struct bf_firing {
    const struct bf_when *when;
    const struct bf_zone *zone;
    int64_t start; /* rate only: StartDate, its first fire */
};

/** The first fire after ${after} (exclusive). false: there is none, the schedule has ended. */
bool bf_next_fire(const struct bf_firing *firing, int64_t after, int64_t *out);

/** The last fire before ${before} (exclusive): the start of the interval. false: none. */
bool bf_previous_fire(const struct bf_firing *firing, int64_t before, int64_t *out);

/**
 * A wall time of a cron that is listed but does not exist (gap), among those whose transition is
 * after ${after} and not after ${until}: its local seconds, and the transition's instant, from
 * which the search can go on. false: there is none. Only the first of a day is told.
 */
bool bf_next_skipped(const struct bf_firing *firing, int64_t after, int64_t until, int64_t *local,
                     int64_t *transition);

#endif /* BF_TIME_CRON_H */

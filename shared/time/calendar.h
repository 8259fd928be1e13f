#ifndef BF_TIME_CALENDAR_H
#define BF_TIME_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/** Business days: neither weekend nor holiday. Days are days since 1970-01-01 (civil.h). */
struct bf_calendar {
    unsigned weekend;        /* bit n (1 = Monday ... 7 = Sunday): ISO weekday n is weekend */
    const int64_t *holidays; /* sorted, each once, none on a weekend */
    size_t holiday_count;
};

enum { BF_HOLIDAYS_MAX = 10000 };

/**
 * ${weekend} is a set of bits as above; none and all seven are possible. ${holidays} are days in
 * any order. A bit outside 1 ... 7 or too many holidays: BF_EINVALID.
 */
BF_NODISCARD enum bf_code bf_calendar_make(struct bf_arena *arena, unsigned weekend,
                                           const int64_t *holidays, size_t holiday_count,
                                           struct bf_calendar *out, struct bf_err *err);

bool bf_calendar_is_business(const struct bf_calendar *calendar, int64_t day);

/** Business days in (from, to]; minus those in (to, from] when ${to} is before ${from}. */
int64_t bf_calendar_count(const struct bf_calendar *calendar, int64_t from, int64_t to);

/**
 * ${n} business days on (back when ${negative}). n = 0: the day itself if it is a business day,
 * else the next (the previous when ${negative}). false: there is none within the years 1 ... 9999.
 */
bool bf_calendar_add(const struct bf_calendar *calendar, int64_t day, uint64_t n, bool negative,
                     int64_t *out);

#endif /* BF_TIME_CALENDAR_H */

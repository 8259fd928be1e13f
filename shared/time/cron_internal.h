#ifndef BF_TIME_CRON_INTERNAL_H
#define BF_TIME_CRON_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "time/cron.h"

enum { BF_CRON_YEAR_MIN = 1970, BF_CRON_YEAR_MAX = 2199 };

/** The days of a month on which the cron fires: bit n is day n. 0 also when the month is not its.
 */
uint32_t bf_cron_month_days(const struct bf_cron *cron, int year, int month);

#endif /* BF_TIME_CRON_INTERNAL_H */

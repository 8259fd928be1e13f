#ifndef BF_TIME_ZONE_INTERNAL_H
#define BF_TIME_ZONE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "time/zone.h"

enum {
    BF_ZONE_TYPES_MAX = 256,
    BF_ZONE_OFFSET_MAX = 26 * 3600, /* RFC 9636: from -25:59:59 to +25:59:59 */
};

/** One kind of local time. */
struct bf_zone_type {
    int offset; /* seconds east of UTC */
    bool dst;
    struct bf_sv abbreviation;
};

/** When a POSIX rule changes: a day of any year and a time of day. */
struct bf_rule_day {
    enum { BF_RULE_JULIAN, BF_RULE_ZERO, BF_RULE_MONTH } kind; /* Jn, n, Mm.w.d */
    int day; /* Jn: 1 ... 365, 29 February never counts; n: 0 ... 365; M: 0 = Sunday ... 6 */
    int month, week; /* M: 1 ... 12, 1 ... 5 (5: the last) */
    int time;        /* seconds from midnight, -167 h ... 167 h */
};

/** The footer: what holds beyond the last transition. */
struct bf_zone_rule {
    bool present;
    bool has_dst;
    struct bf_zone_type standard, summer;
    struct bf_rule_day start, end; /* of summer, on the wall clock that it ends */
};

struct bf_zone {
    struct bf_sv name;
    size_t transition_count;
    const int64_t *transitions; /* instants, rising */
    const uint8_t *indexes;     /* the type from each transition on */
    size_t type_count;          /* at least 1; type 0 holds before the first transition */
    const struct bf_zone_type *types;
    struct bf_zone_rule rule;
};

/** A stretch of time with one type: from <= t < to. */
struct bf_zone_segment {
    int64_t from, to; /* INT64_MIN, INT64_MAX: without bound */
    const struct bf_zone_type *type;
};

/** The stretch in which ${instant} lies. */
struct bf_zone_segment bf_zone_segment_at(const struct bf_zone *zone, int64_t instant);

/** The same by the rule alone; neighbours of equal type are not joined. */
struct bf_zone_segment bf_rule_segment_at(const struct bf_zone_rule *rule, int64_t instant);

/** A POSIX TZ string in the forms that TZif footers have; summer time needs its dates. */
bool bf_rule_parse(struct bf_sv text, struct bf_zone_rule *out);

#endif /* BF_TIME_ZONE_INTERNAL_H */

#ifndef BF_TIME_ZONE_H
#define BF_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/*
 * Time zones. The IANA database is embedded (tzdata_generated.c, made by tools/gen_tzdata.py from
 * the PyPI package tzdata), because libc answers UTC, without an error, for a name it does not
 * know or when the image has no zoneinfo. Whole history, and the footer's POSIX rule beyond the
 * last transition (RFC 9636).
 */
struct bf_zone;

/** Version of the embedded database: "2026f". Static. */
const char *bf_tzdb_version(void);

/** The name of entry ${index} in byte order, NULL past the end: to list the zones. Static. */
const char *bf_tzdb_name(size_t index);

/**
 * A zone by its name in the database ("Asia/Seoul", "UTC"; case counts, as in the database).
 * Never a path or a POSIX string. Unknown: BF_EINVALID; the message has the nearest name if there
 * is one. The zone lives in the arena; loading takes microseconds.
 */
BF_NODISCARD enum bf_code bf_zone_load(struct bf_arena *arena, struct bf_sv name,
                                       const struct bf_zone **out, struct bf_err *err);

/** Does the database have it? */
bool bf_zone_exists(struct bf_sv name);

/** The likely meaning of a name that does not exist; empty: no idea. Static text. */
struct bf_sv bf_zone_nearest(struct bf_sv name);

/**
 * A zone from the bytes of a TZif file, version 2 or later. Everything is checked: counts against
 * the length (at most 64 KiB), order of transitions, indexes, offsets below 26 h, the footer.
 * Damaged: BF_EINVALID. The zone keeps copies.
 */
BF_NODISCARD enum bf_code bf_zone_parse(struct bf_arena *arena, struct bf_sv name,
                                        struct bf_sv tzif, const struct bf_zone **out,
                                        struct bf_err *err);

/** UTC, without an arena. */
const struct bf_zone *bf_zone_utc(void);

struct bf_sv bf_zone_name(const struct bf_zone *zone);

/** Seconds east of UTC at an instant. */
int bf_zone_offset(const struct bf_zone *zone, int64_t instant);

/** The designation in force at an instant, "KST", "EDT", "+0545". Lives as long as the zone. */
struct bf_sv bf_zone_abbreviation(const struct bf_zone *zone, int64_t instant);

/** The wall clock at an instant, as local seconds. */
int64_t bf_zone_local(const struct bf_zone *zone, int64_t instant);

/** The first instant after ${instant} at which the clock or its name changes; INT64_MAX: never. */
int64_t bf_zone_next_change(const struct bf_zone *zone, int64_t instant);

enum bf_local_kind {
    BF_LOCAL_ONCE,
    BF_LOCAL_TWICE, /* overlap: the clock was set back */
    BF_LOCAL_NEVER, /* gap: the clock was set forward */
};

struct bf_local_time {
    enum bf_local_kind kind;
    int64_t instant; /* once: that one. Twice: the earlier. Never: forward by the gap's length */
    int64_t other;   /* twice: the later. Never: the transition itself. Once: as instant */
};

/** Which instants show ${local} on the wall clock. .instant is Temporal's "compatible" rule. */
struct bf_local_time bf_zone_resolve(const struct bf_zone *zone, int64_t local);

/** bf_zone_resolve().instant. */
int64_t bf_zone_instant(const struct bf_zone *zone, int64_t local);

/** The first instant of a local date (01:00 where midnight is skipped). */
int64_t bf_zone_day_start(const struct bf_zone *zone, int64_t day);

#endif /* BF_TIME_ZONE_H */

#include "time/zone.h"

#include "base/utf8.h"
#include "time/civil.h"
#include "time/tzdata.h"
#include "time/zone_internal.h"

static const struct bf_zone_type utc_type = {.abbreviation = {"UTC", 3}};
static const struct bf_zone utc = {.name = {"UTC", 3}, .type_count = 1, .types = &utc_type};

const struct bf_zone *bf_zone_utc(void)
{
    return &utc;
}

struct bf_sv bf_zone_name(const struct bf_zone *zone)
{
    return zone->name;
}

struct bf_zone_segment bf_zone_segment_at(const struct bf_zone *zone, int64_t instant)
{
    size_t low = 0;
    size_t high = zone->transition_count;

    while (low < high) { /* the number of transitions at or before the instant */
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle] <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct bf_zone_segment found = {INT64_MIN, INT64_MAX, &zone->types[0]};
    if (low > 0) {
        found.from = zone->transitions[low - 1];
        found.type = &zone->types[zone->indexes[low - 1]];
    }
    if (low < zone->transition_count) {
        found.to = zone->transitions[low];
        return found;
    }
    if (zone->rule.present) {
        struct bf_zone_segment ruled = bf_rule_segment_at(&zone->rule, instant);
        ruled.from = ruled.from < found.from ? found.from : ruled.from;
        return ruled;
    }
    return found;
}

int bf_zone_offset(const struct bf_zone *zone, int64_t instant)
{
    return bf_zone_segment_at(zone, instant).type->offset;
}

struct bf_sv bf_zone_abbreviation(const struct bf_zone *zone, int64_t instant)
{
    return bf_zone_segment_at(zone, instant).type->abbreviation;
}

int64_t bf_zone_local(const struct bf_zone *zone, int64_t instant)
{
    return instant + bf_zone_offset(zone, instant);
}

int64_t bf_zone_next_change(const struct bf_zone *zone, int64_t instant)
{
    return bf_zone_segment_at(zone, instant).to;
}

struct bf_local_time bf_zone_resolve(const struct bf_zone *zone, int64_t local)
{
    struct bf_local_time found = {.kind = BF_LOCAL_NEVER};
    struct bf_zone_segment segment = bf_zone_segment_at(zone, local - BF_ZONE_OFFSET_MAX);

    for (;;) {
        int64_t instant = local - segment.type->offset;
        if (instant >= segment.from && instant < segment.to) {
            if (found.kind == BF_LOCAL_ONCE) {
                found.kind = BF_LOCAL_TWICE;
                found.other = instant;
                return found;
            }
            found = (struct bf_local_time){BF_LOCAL_ONCE, instant, instant};
        } else if (instant >= segment.to && found.kind == BF_LOCAL_NEVER) {
            /* As long as nothing matches: with the offset before the gap, it is after its end. */
            found.instant = instant;
            found.other = segment.to;
        }
        if (segment.to > local + BF_ZONE_OFFSET_MAX) {
            return found;
        }
        segment = bf_zone_segment_at(zone, segment.to);
    }
}

int64_t bf_zone_instant(const struct bf_zone *zone, int64_t local)
{
    return bf_zone_resolve(zone, local).instant;
}

int64_t bf_zone_day_start(const struct bf_zone *zone, int64_t day)
{
    struct bf_local_time midnight = bf_zone_resolve(zone, day * BF_SECONDS_PER_DAY);

    return midnight.kind == BF_LOCAL_NEVER ? midnight.other : midnight.instant;
}

/* ---- the database ---- */

const char *bf_tzdb_version(void)
{
    return bf_tzdata_version;
}

const char *bf_tzdb_name(size_t index)
{
    return index < bf_tzdata_count ? bf_tzdata_names[index].ptr : NULL;
}

static bool find(struct bf_sv name, size_t *index)
{
    size_t low = 0;
    size_t high = bf_tzdata_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bf_sv_cmp(bf_tzdata_names[middle], name);
        if (order == 0) {
            *index = middle;
            return true;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool bf_zone_exists(struct bf_sv name)
{
    size_t index = 0;

    return find(name, &index);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool equal_but_for_case(struct bf_sv a, struct bf_sv b)
{
    for (size_t i = 0; i < a.len && a.len == b.len && a.ptr != NULL && b.ptr != NULL; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return a.len == b.len;
}

/* "Seoul" of "Asia/Seoul". */
static struct bf_sv last_part(struct bf_sv name)
{
    for (size_t at = bf_sv_find(name, '/'); at < name.len; at = bf_sv_find(name, '/')) {
        name = bf_sv_from(name, at + 1);
    }
    return name;
}

/*
 * What people call a zone and the database does not. The name that is nearest by its letters would
 * be another zone: EST for KST.
 */
static const char *const nicknames[][2] = {
    {"KST", "Asia/Seoul"},          {"JST", "Asia/Tokyo"},        {"SGT", "Asia/Singapore"},
    {"HKT", "Asia/Hong_Kong"},      {"IST", "Asia/Kolkata"},      {"PST", "America/Los_Angeles"},
    {"PDT", "America/Los_Angeles"}, {"MDT", "America/Denver"},    {"CST", "America/Chicago"},
    {"CDT", "America/Chicago"},     {"EDT", "America/New_York"},  {"BST", "Europe/London"},
    {"CEST", "Europe/Berlin"},      {"AEST", "Australia/Sydney"}, {"AEDT", "Australia/Sydney"},
};

struct bf_sv bf_zone_nearest(struct bf_sv name)
{
    for (size_t i = 0; i < BF_COUNTOF(nicknames); i++) {
        if (equal_but_for_case(name, bf_sv_of(nicknames[i][0]))) {
            return bf_sv_of(nicknames[i][1]);
        }
    }
    for (size_t i = 0; i < bf_tzdata_count && name.len > 0; i++) {
        if (equal_but_for_case(name, bf_tzdata_names[i])) {
            return bf_tzdata_names[i];
        }
    }
    for (size_t i = 0; i < bf_tzdata_count && name.len > 0; i++) {
        if (equal_but_for_case(name, last_part(bf_tzdata_names[i]))) {
            return bf_tzdata_names[i];
        }
    }
    return bf_nearest(name, bf_tzdata_names, bf_tzdata_count);
}

enum bf_code bf_zone_load(struct bf_arena *arena, struct bf_sv name, const struct bf_zone **out,
                          struct bf_err *err)
{
    size_t index = 0;

    if (!find(name, &index)) {
        struct bf_sv shown = bf_sv_slice(name, 0, 64);
        struct bf_sv near = bf_zone_nearest(name);
        if (near.len != 0) {
            return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                              "unknown time zone '" BF_SV_FMT "'; did you mean '" BF_SV_FMT "'?",
                              BF_SV_ARG(shown), BF_SV_ARG(near));
        }
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "unknown time zone '" BF_SV_FMT
                          "'; allowed are the names of the IANA "
                          "database (%s), such as Asia/Seoul or UTC",
                          BF_SV_ARG(shown), bf_tzdata_version);
    }
    struct bf_tzdata_entry entry = bf_tzdata_entries[index];
    char *bytes = bf_arena_alloc(arena, (size_t)entry.length + 1, 1);
    for (size_t i = 0; i < entry.length; i++) {
        uint64_t word = bf_tzdata_words[entry.word + i / 8];
        bytes[i] = (char)(unsigned char)(word >> (8 * (7 - i % 8)) & 0xFFU);
    }
    return bf_zone_parse(arena, bf_tzdata_names[index], (struct bf_sv){bytes, entry.length}, out,
                         err);
}

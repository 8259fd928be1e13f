/* TZif files, RFC 9636. Only the second block, with 64-bit times, is read. */
#include <stdlib.h>

#include "time/zone.h"
#include "time/zone_internal.h"

enum { TZIF_MAX = 65536, HEADER = 44 };

struct counts {
    size_t isut, isstd, leap, time, type, chars;
};

struct reader {
    struct bf_sv rest;
    struct bf_arena *arena;
    struct bf_err *err;
};

static enum bf_code damaged(struct reader *in, const char *what)
{
    return bf_err_set(in->err, BF_EINVALID, BF_NOWHERE, "damaged TZif data: %s", what);
}

static uint32_t be32(const char *p)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++) {
        value = value << 8U | (unsigned char)p[i];
    }
    return value;
}

/* Two's complement of ${top} as the sign bit, without the conversions that C leaves open. */
static int64_t signed_of(uint64_t value, uint64_t top)
{
    return (value & top) == 0 ? (int64_t)value : -(int64_t)(2 * top - 1 - value) - 1;
}

static int64_t be64(const char *p)
{
    return signed_of((uint64_t)be32(p) << 32U | be32(p + 4), UINT64_C(1) << 63U);
}

static enum bf_code read_header(struct reader *in, struct counts *counts)
{
    size_t *fields[] = {&counts->isut, &counts->isstd, &counts->leap,
                        &counts->time, &counts->type,  &counts->chars};

    if (in->rest.len < HEADER || !bf_sv_starts(in->rest, BF_SV("TZif"))) {
        return damaged(in, "no header");
    }
    if (in->rest.ptr[4] < '2') {
        return damaged(in, "version 1 has no 64-bit times");
    }
    for (size_t i = 0; i < BF_COUNTOF(fields); i++) {
        *fields[i] = be32(in->rest.ptr + 20 + 4 * i);
        if (*fields[i] > TZIF_MAX) {
            return damaged(in, "a count is larger than the data");
        }
    }
    in->rest = bf_sv_from(in->rest, HEADER);
    return BF_OK;
}

static size_t block_size(const struct counts *n, size_t time_size)
{
    return n->time * (time_size + 1) + n->type * 6 + n->chars + n->leap * (time_size + 4) +
           n->isstd + n->isut;
}

static enum bf_code read_transitions(struct reader *in, const struct counts *n,
                                     struct bf_zone *zone)
{
    int64_t *transitions = BF_NEW_N(in->arena, int64_t, n->time + 1);
    uint8_t *indexes = BF_NEW_N(in->arena, uint8_t, n->time + 1);
    const char *index = in->rest.ptr + n->time * 8;

    for (size_t i = 0; i < n->time; i++) {
        transitions[i] = be64(in->rest.ptr + i * 8);
        indexes[i] = (uint8_t)index[i];
        if (i > 0 && transitions[i] <= transitions[i - 1]) {
            return damaged(in, "transitions out of order");
        }
        if (indexes[i] >= n->type) {
            return damaged(in, "a transition to a type that is not there");
        }
    }
    zone->transitions = transitions;
    zone->indexes = indexes;
    zone->transition_count = n->time;
    in->rest = bf_sv_from(in->rest, n->time * 9);
    return BF_OK;
}

static enum bf_code read_types(struct reader *in, const struct counts *n, struct bf_zone *zone)
{
    struct bf_zone_type *types = BF_NEW_N(in->arena, struct bf_zone_type, n->type);
    struct bf_sv chars = bf_sv_slice(in->rest, n->type * 6, n->type * 6 + n->chars);

    chars = bf_sv_dup(in->arena, chars);
    for (size_t i = 0; i < n->type; i++) {
        const char *p = in->rest.ptr + i * 6;
        int64_t offset = signed_of(be32(p), UINT64_C(1) << 31U);
        struct bf_sv name = bf_sv_from(chars, (unsigned char)p[5]);
        if (offset <= -BF_ZONE_OFFSET_MAX || offset >= BF_ZONE_OFFSET_MAX) {
            return damaged(in, "an offset of more than a day");
        }
        if (bf_sv_find(name, '\0') == name.len) {
            return damaged(in, "a designation without an end");
        }
        types[i].offset = (int)offset;
        types[i].dst = p[4] != 0;
        types[i].abbreviation = bf_sv_slice(name, 0, bf_sv_find(name, '\0'));
    }
    zone->types = types;
    zone->type_count = n->type;
    return BF_OK;
}

static enum bf_code read_footer(struct reader *in, struct bf_zone *zone)
{
    struct bf_sv text = in->rest;

    if (text.len < 2 || text.ptr[0] != '\n' || text.ptr[text.len - 1] != '\n') {
        return damaged(in, "no footer");
    }
    text = bf_sv_dup(in->arena, bf_sv_slice(text, 1, text.len - 1));
    if (text.len != 0 && !bf_rule_parse(text, &zone->rule)) {
        return damaged(in, "a footer that is no POSIX rule with dates");
    }
    return BF_OK;
}

enum bf_code bf_zone_parse(struct bf_arena *arena, struct bf_sv name, struct bf_sv tzif,
                           const struct bf_zone **out, struct bf_err *err)
{
    struct reader in = {tzif, arena, err};
    struct counts n = {0};
    struct bf_zone *zone = BF_NEW(arena, struct bf_zone);

    if (tzif.len > TZIF_MAX) {
        return damaged(&in, "more than 64 KiB");
    }
    BF_TRY(read_header(&in, &n));
    if (block_size(&n, 4) > in.rest.len) {
        return damaged(&in, "the first block is cut off");
    }
    in.rest = bf_sv_from(in.rest, block_size(&n, 4));
    BF_TRY(read_header(&in, &n));
    if (block_size(&n, 8) > in.rest.len) {
        return damaged(&in, "the second block is cut off");
    }
    if (n.type == 0 || n.type > BF_ZONE_TYPES_MAX || n.leap != 0) {
        return damaged(&in, n.leap != 0 ? "leap seconds, which Unix time does not have"
                                        : "no types, or more than 256");
    }
    struct bf_sv footer = bf_sv_from(in.rest, block_size(&n, 8));
    zone->name = bf_sv_dup(arena, name);
    BF_TRY(read_transitions(&in, &n, zone));
    BF_TRY(read_types(&in, &n, zone));
    in.rest = footer;
    BF_TRY(read_footer(&in, zone));
    *out = zone;
    return BF_OK;
}

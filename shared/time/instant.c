#include "time/instant.h"

#include <stdio.h>
#include <stdlib.h>

#include "time/civil.h"

/* Exactly ${width} digits at the start of *text, cut off it. */
static bool take_digits(struct bf_sv *text, size_t width, int *out)
{
    int value = 0;

    if (text->len < width) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        char c = text->ptr[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *text = bf_sv_from(*text, width);
    *out = value;
    return true;
}

static bool take_char(struct bf_sv *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c) {
        return false;
    }
    *text = bf_sv_from(*text, 1);
    return true;
}

static bool take_date(struct bf_sv *text, bool dashes, int64_t *day)
{
    struct bf_date date = {0};

    if (!take_digits(text, 4, &date.year) || (dashes && !take_char(text, '-')) ||
        !take_digits(text, 2, &date.month) || (dashes && !take_char(text, '-')) ||
        !take_digits(text, 2, &date.day) || !bf_date_valid(date)) {
        return false;
    }
    *day = bf_day_of(date);
    return true;
}

static bool take_fraction(struct bf_sv *text)
{
    int digit = 0;

    if (!take_char(text, '.')) {
        return true;
    }
    if (!take_digits(text, 1, &digit)) {
        return false;
    }
    while (take_digits(text, 1, &digit)) {
    }
    return true;
}

static bool take_clock(struct bf_sv *text, int64_t *seconds)
{
    int hour = 0;
    int minute = 0;
    int second = 0;

    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute)) {
        return false;
    }
    if (take_char(text, ':') && (!take_digits(text, 2, &second) || !take_fraction(text))) {
        return false;
    }
    *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool take_offset(struct bf_sv *text, int64_t *offset)
{
    int hour = 0;
    int minute = 0;
    bool west = text->len > 0 && text->ptr[0] == '-';

    *offset = 0;
    if (take_char(text, 'Z')) {
        return true;
    }
    if (!(take_char(text, '+') || take_char(text, '-')) || !take_digits(text, 2, &hour) ||
        !take_char(text, ':') || !take_digits(text, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *offset = (int64_t)hour * 3600 + (int64_t)minute * 60;
    *offset = west ? -*offset : *offset;
    return true;
}

static bool parse(struct bf_sv text, struct bf_time_text *out)
{
    int64_t day = 0;
    int64_t seconds = 0;
    int64_t offset = 0;
    bool dashes = text.len > 4 && text.ptr[4] == '-';

    if (!take_date(&text, dashes, &day)) {
        return false;
    }
    if (text.len == 0) {
        *out = (struct bf_time_text){BF_TIME_DATE, day};
        return true;
    }
    if (!dashes || !take_char(&text, 'T') || !take_clock(&text, &seconds)) {
        return false;
    }
    seconds += day * BF_SECONDS_PER_DAY;
    if (text.len == 0) {
        *out = (struct bf_time_text){BF_TIME_LOCAL, seconds};
        return true;
    }
    if (!take_offset(&text, &offset) || text.len != 0) {
        return false;
    }
    *out = (struct bf_time_text){BF_TIME_INSTANT, seconds - offset};
    return seconds - offset >= BF_SECOND_MIN && seconds - offset <= BF_SECOND_MAX;
}

enum bf_code bf_time_parse(struct bf_sv text, struct bf_time_text *out, struct bf_err *err)
{
    if (!parse(text, out)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT
                          "' is no date or time that exists; write 2026-07-15, "
                          "20260715, 2026-07-15T12:00:00, or an instant with Z or +09:00",
                          BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    return BF_OK;
}

enum bf_code bf_instant_parse(struct bf_sv text, int64_t *out, struct bf_err *err)
{
    struct bf_time_text time;

    if (!parse(text, &time) || time.shape != BF_TIME_INSTANT) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT
                          "' is no instant; write 2026-03-01T15:30:00Z or "
                          "2026-03-02T00:30:00+09:00",
                          BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    *out = time.value;
    return BF_OK;
}

enum bf_code bf_date_parse(struct bf_sv text, int64_t *day, struct bf_err *err)
{
    struct bf_sv rest = text;
    int64_t found = 0;

    if (!take_date(&rest, true, &found) || rest.len != 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT "' is no date that exists; write YYYY-MM-DD",
                          BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    *day = found;
    return BF_OK;
}

struct bf_sv bf_instant_print(struct bf_arena *arena, int64_t instant)
{
    struct bf_civil c = bf_civil_of(instant);

    return bf_sv_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.date.year, c.date.month,
                        c.date.day, c.hour, c.minute, c.second);
}

struct bf_sv bf_instant_print_offset(struct bf_arena *arena, int64_t instant, int offset)
{
    struct bf_civil c = bf_civil_of(instant + offset);
    int east = abs(offset);
    char seconds[8] = "";

    if (east % 60 != 0) {
        (void)snprintf(seconds, sizeof(seconds), ":%02d", east % 60);
    }
    return bf_sv_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d%s", c.date.year,
                        c.date.month, c.date.day, c.hour, c.minute, c.second,
                        offset < 0 ? '-' : '+', east / 3600, east / 60 % 60, seconds);
}

struct bf_sv bf_local_print_compact(struct bf_arena *arena, int64_t local)
{
    struct bf_civil c = bf_civil_of(local);

    return bf_sv_printf(arena, "%04d%02d%02dT%02d%02d%02d", c.date.year, c.date.month, c.date.day,
                        c.hour, c.minute, c.second);
}

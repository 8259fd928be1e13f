#include "expression/dates.h"
#include "expression/tree.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "time/civil.h"

struct named {
    struct bf_sv name, format;
};

static const struct named named_formats[] = {
    {{"iso", 3}, {"%FT%T%:z", 8}},     {{"utc", 3}, {"%FT%TZ", 6}},    {{"ds", 2}, {"%F", 2}},
    {{"ds_nodash", 9}, {"%Y%m%d", 6}}, {{"hour", 4}, {"%Y%m%d%H", 8}}, {{"month", 5}, {"%Y-%m", 5}},
    {{"isoweek", 7}, {"%G-W%V", 6}},   {{"epoch", 5}, {"%s", 2}},
};

/* What the conversions print. */
struct moment {
    struct bf_civil civil;
    int64_t instant, day;
    int offset;
};

static struct bf_sv format_of(struct bf_sv format)
{
    for (size_t i = 0; i < BF_COUNTOF(named_formats); i++) {
        if (bf_sv_eq(format, named_formats[i].name)) {
            return named_formats[i].format;
        }
    }
    return format;
}

static struct bf_sv nearest_name(struct bf_sv format)
{
    struct bf_sv names[BF_COUNTOF(named_formats)];

    for (size_t i = 0; i < BF_COUNTOF(named_formats); i++) {
        names[i] = named_formats[i].name;
    }
    return bf_nearest(format, names, BF_COUNTOF(names));
}

/* Length of the conversion at ${at}, with its percent sign; 0: there is no such conversion. */
static size_t conversion(struct bf_sv format, size_t at)
{
    char letter = (char)(at + 1 < format.len ? format.ptr[at + 1] : '\0');

    if (letter == ':') {
        return at + 2 < format.len && format.ptr[at + 2] == 'z' ? 3 : 0;
    }
    return letter != '\0' && strchr("YymdjHMSsFTGVuqabz%", letter) != NULL ? 2 : 0;
}

enum bf_expr_kind bf_format_check(struct bf_arena *arena, struct bf_sv format,
                                  struct bf_expr_error *error, size_t *offset)
{
    struct bf_sv pattern = format_of(format);
    bool any = false;

    *offset = 0;
    for (size_t at = bf_sv_find(pattern, '%'); at < pattern.len;) {
        size_t length = conversion(pattern, at);
        if (length == 0) {
            *offset = at;
            return bf_expr_fail(arena, error, BF_EXPR_BAD_FORMAT,
                                "unknown conversion '" BF_SV_FMT
                                "'; allowed are %%Y %%y %%m %%d "
                                "%%j %%H %%M %%S %%s %%F %%T %%G %%V %%u %%q %%a %%b %%z %%:z %%%%",
                                BF_SV_ARG(bf_utf8_truncate(bf_sv_slice(pattern, at, at + 5), 5)));
        }
        any = true;
        at += length;
        at += bf_sv_find(bf_sv_from(pattern, at), '%');
    }
    if (any) {
        return BF_EXPR_OK;
    }
    (void)bf_expr_fail(arena, error, BF_EXPR_BAD_FORMAT,
                       "'" BF_SV_FMT
                       "' is no format; write conversions such as %%Y-%%m-%%d, or "
                       "one of iso utc ds ds_nodash hour month isoweek epoch",
                       BF_SV_ARG(bf_sv_slice(pattern, 0, 64)));
    struct bf_sv near = nearest_name(pattern);
    if (near.len != 0) {
        bf_expr_hint(arena, error, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(near));
    }
    return BF_EXPR_BAD_FORMAT;
}

static void write_offset(struct bf_buf *out, int offset, const char *colon)
{
    int east = abs(offset);

    bf_buf_printf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', east / 3600, colon, east / 60 % 60);
    if (east % 60 != 0) { /* local mean time */
        bf_buf_printf(out, "%s%02d", colon, east % 60);
    }
}

static void write_date(struct bf_buf *out, char letter, const struct moment *m)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct bf_date date = m->civil.date;

    switch (letter) {
    case 'Y':
        bf_buf_printf(out, "%04d", date.year);
        break;
    case 'y':
        bf_buf_printf(out, "%02d", date.year % 100);
        break;
    case 'm':
        bf_buf_printf(out, "%02d", date.month);
        break;
    case 'd':
        bf_buf_printf(out, "%02d", date.day);
        break;
    case 'F':
        bf_buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
        break;
    case 'j':
        bf_buf_printf(out, "%03d", bf_year_day(m->day));
        break;
    case 'G':
        bf_buf_printf(out, "%04d", bf_iso_week_of(m->day).year);
        break;
    case 'V':
        bf_buf_printf(out, "%02d", bf_iso_week_of(m->day).week);
        break;
    case 'u':
        bf_buf_printf(out, "%d", bf_weekday(m->day));
        break;
    case 'q':
        bf_buf_printf(out, "%d", (date.month - 1) / 3 + 1);
        break;
    case 'a':
        bf_buf_addz(out, weekdays[bf_weekday(m->day) - 1]);
        break;
    default: /* 'b' */
        bf_buf_addz(out, months[date.month - 1]);
        break;
    }
}

static void write_conversion(struct bf_buf *out, char letter, const struct moment *m)
{
    const struct bf_civil *c = &m->civil;

    switch (letter) {
    case 'H':
        bf_buf_printf(out, "%02d", c->hour);
        break;
    case 'M':
        bf_buf_printf(out, "%02d", c->minute);
        break;
    case 'S':
        bf_buf_printf(out, "%02d", c->second);
        break;
    case 'T':
        bf_buf_printf(out, "%02d:%02d:%02d", c->hour, c->minute, c->second);
        break;
    case 's':
        bf_buf_printf(out, "%" PRId64, m->instant);
        break;
    case 'z':
        write_offset(out, m->offset, "");
        break;
    case ':':
        write_offset(out, m->offset, ":");
        break;
    case '%':
        bf_buf_addc(out, '%');
        break;
    default:
        write_date(out, letter, m);
        break;
    }
}

enum bf_expr_kind bf_format_write(const struct bf_date_env *env, struct bf_sv format,
                                  int64_t instant, struct bf_buf *out)
{
    size_t at = 0;
    enum bf_expr_kind kind = bf_format_check(env->arena, format, env->error, &at);
    const struct bf_zone *zone = bf_sv_is(format, "utc") ? bf_zone_utc() : env->zone;
    struct bf_sv pattern = format_of(format);
    struct moment m = {.instant = instant, .offset = bf_zone_offset(zone, instant)};

    if (kind != BF_EXPR_OK) {
        return kind;
    }
    if (instant + m.offset < BF_SECOND_MIN || instant + m.offset > BF_SECOND_MAX) {
        return bf_expr_fail(env->arena, env->error, BF_EXPR_OUT_OF_RANGE,
                            "the date leaves the years 0001 to 9999");
    }
    m.civil = bf_civil_of(instant + m.offset);
    m.day = bf_day_of_seconds(instant + m.offset);
    for (at = 0; at < pattern.len;) {
        size_t percent = at + bf_sv_find(bf_sv_from(pattern, at), '%');
        bf_buf_add(out, bf_sv_slice(pattern, at, percent));
        if (percent < pattern.len) {
            write_conversion(out, pattern.ptr[percent + 1], &m);
            percent += conversion(pattern, percent);
        }
        at = percent;
    }
    return BF_EXPR_OK;
}

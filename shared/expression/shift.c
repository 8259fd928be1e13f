#include "expression/dates.h"
#include "expression/tree.h"
#include "time/civil.h"
#include "time/instant.h"

/* A term is "+3d", "-1b" or "/M". */
struct term {
    bool floor, negative;
    uint64_t count;
    char unit;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_unit(char c, const char *units)
{
    return c != '\0' && strchr(units, c) != NULL;
}

/* Digits at *at; a number that is too large for anything becomes UINT64_MAX. */
static bool take_count(struct bf_sv text, size_t *at, uint64_t *count)
{
    size_t begin = *at;

    *count = 0;
    for (; *at < text.len && is_digit(text.ptr[*at]); (*at)++) {
        uint64_t digit = (uint64_t)(text.ptr[*at] - '0');
        bool fits = *count <= (UINT64_MAX - digit) / 10;
        *count = fits ? *count * 10 + digit : UINT64_MAX;
    }
    return *at > begin;
}

static bool next_term(struct bf_sv text, size_t *at, struct term *term)
{
    size_t begin = *at;
    char sign = text.ptr[begin];

    *term = (struct term){.floor = sign == '/', .negative = sign == '-'};
    (*at)++;
    if (!term->floor && ((sign != '+' && sign != '-') || !take_count(text, at, &term->count))) {
        *at = begin;
        return false;
    }
    if (*at >= text.len || !is_unit(text.ptr[*at], term->floor ? "yQMwdHhm" : "yQMwdbHhms")) {
        return false;
    }
    term->unit = text.ptr[(*at)++];
    term->unit = (char)(term->unit == 'h' ? 'H' : term->unit);
    return true;
}

enum bf_expr_kind bf_shift_check(struct bf_arena *arena, struct bf_sv shift,
                                 struct bf_expr_error *error, size_t *offset)
{
    struct term term;

    *offset = 0;
    while (*offset < shift.len) {
        if (next_term(shift, offset, &term)) {
            continue;
        }
        struct bf_sv shown = bf_sv_slice(shift, 0, 64);
        bool unsigned_count = is_digit(shift.ptr[*offset < shift.len ? *offset : 0]);
        (void)bf_expr_fail(arena, error, BF_EXPR_BAD_SHIFT,
                           "'" BF_SV_FMT
                           "' is no shift; allowed are terms such as -1d, +2b or /M "
                           "(units y Q M w d b H m s, floors y Q M w d H m), without blanks",
                           BF_SV_ARG(shown));
        if (unsigned_count && *offset == 0) {
            bf_expr_hint(arena, error, "the sign is required: '+" BF_SV_FMT "' or '-" BF_SV_FMT "'",
                         BF_SV_ARG(shown), BF_SV_ARG(shown));
        }
        return BF_EXPR_BAD_SHIFT;
    }
    if (shift.len == 0) {
        return bf_expr_fail(arena, error, BF_EXPR_BAD_SHIFT,
                            "an empty shift; leave it out, or "
                            "write terms such as -1d or /M");
    }
    return BF_EXPR_OK;
}

static enum bf_expr_kind out_of_range(const struct bf_date_env *env)
{
    return bf_expr_fail(env->arena, env->error, BF_EXPR_OUT_OF_RANGE,
                        "the date leaves the years 0001 to 9999");
}

static enum bf_expr_kind no_calendar(const struct bf_date_env *env)
{
    (void)bf_expr_fail(env->arena, env->error, BF_EXPR_NO_CALENDAR,
                       "business days (b) need a calendar, and there is none");
    bf_expr_hint(env->arena, env->error, "add 'calendar' with 'weekend' and 'holidays'");
    return BF_EXPR_NO_CALENDAR;
}

static bool in_range(const struct bf_zone *zone, int64_t instant)
{
    int64_t limit =
        INT64_C(2) * BF_SECONDS_PER_DAY; /* first, so that the addition cannot overflow */

    if (instant < BF_SECOND_MIN - limit || instant > BF_SECOND_MAX + limit) {
        return false;
    }
    int64_t local = bf_zone_local(zone, instant);
    return local >= BF_SECOND_MIN && local <= BF_SECOND_MAX;
}

static enum bf_expr_kind add_exact(const struct bf_date_env *env, const struct term *term,
                                   int64_t *instant)
{
    int64_t unit = term->unit == 'H' ? 3600 : term->unit == 'm' ? 60 : 1;

    if (term->count > (uint64_t)((BF_SECOND_MAX - BF_SECOND_MIN) / unit)) {
        return out_of_range(env);
    }
    int64_t seconds = (int64_t)term->count * unit;
    *instant += term->negative ? -seconds : seconds;
    return in_range(env->zone, *instant) ? BF_EXPR_OK : out_of_range(env);
}

static bool add_days(int64_t days_each, const struct term *term, int64_t *day)
{
    if (term->count > (uint64_t)(BF_DAY_MAX - BF_DAY_MIN)) {
        return false;
    }
    int64_t days = (int64_t)term->count * days_each;
    *day += term->negative ? -days : days;
    return *day >= BF_DAY_MIN && *day <= BF_DAY_MAX;
}

static bool add_months(int64_t months_each, const struct term *term, int64_t *day)
{
    if (term->count > (uint64_t)BF_YEAR_MAX * 12) {
        return false;
    }
    int64_t months = (int64_t)term->count * months_each;
    return bf_add_months(*day, term->negative ? -months : months, day);
}

/* Calendar terms keep the wall time and move the local date. */
static enum bf_expr_kind add_calendar(const struct bf_date_env *env, const struct term *term,
                                      int64_t *instant)
{
    int64_t local = bf_zone_local(env->zone, *instant);
    int64_t day = bf_day_of_seconds(local);
    bool fits = false;

    if (term->unit == 'b') {
        if (env->calendar == NULL) {
            return no_calendar(env);
        }
        fits = bf_calendar_add(env->calendar, day, term->count, term->negative, &day);
    } else if (term->count == 0) {
        return BF_EXPR_OK;
    } else if (term->unit == 'd' || term->unit == 'w') {
        fits = add_days(term->unit == 'w' ? 7 : 1, term, &day);
    } else {
        fits = add_months(term->unit == 'y' ? 12 : term->unit == 'Q' ? 3 : 1, term, &day);
    }
    if (!fits) {
        return out_of_range(env);
    }
    *instant = bf_zone_instant(env->zone, day * BF_SECONDS_PER_DAY + bf_second_of_day(local));
    return in_range(env->zone, *instant) ? BF_EXPR_OK : out_of_range(env);
}

/* Hours and minutes are cut off the wall clock; the offset is kept while it is valid there. */
static int64_t floor_clock(const struct bf_zone *zone, int64_t instant, int unit)
{
    int offset = bf_zone_offset(zone, instant);
    int64_t local = instant + offset;
    int64_t cut = local - bf_second_of_day(local) % unit;

    return bf_zone_offset(zone, cut - offset) == offset ? cut - offset : bf_zone_instant(zone, cut);
}

static int64_t floor_day(int64_t day, char unit)
{
    struct bf_date date = bf_date_of(day);

    switch (unit) {
    case 'y':
        return bf_day_of((struct bf_date){date.year, 1, 1});
    case 'Q':
        return bf_day_of((struct bf_date){date.year, (date.month - 1) / 3 * 3 + 1, 1});
    case 'M':
        return bf_day_of((struct bf_date){date.year, date.month, 1});
    case 'w':
        return day - bf_weekday(day) + 1;
    default:
        return day;
    }
}

static enum bf_expr_kind apply_floor(const struct bf_date_env *env, char unit, int64_t *instant)
{
    if (unit == 'H' || unit == 'm') {
        *instant = floor_clock(env->zone, *instant, unit == 'H' ? 3600 : 60);
    } else {
        int64_t day = bf_day_of_seconds(bf_zone_local(env->zone, *instant));
        *instant = bf_zone_day_start(env->zone, floor_day(day, unit));
    }
    return in_range(env->zone, *instant) ? BF_EXPR_OK : out_of_range(env);
}

static enum bf_expr_kind apply_term(const struct bf_date_env *env, const struct term *term,
                                    int64_t *instant)
{
    if (term->floor) {
        return apply_floor(env, term->unit, instant);
    }
    if (term->unit == 'H' || term->unit == 'm' || term->unit == 's') {
        return add_exact(env, term, instant);
    }
    return add_calendar(env, term, instant);
}

enum bf_expr_kind bf_shift_apply(const struct bf_date_env *env, struct bf_sv shift,
                                 int64_t *instant)
{
    struct term term;
    size_t at = 0;
    enum bf_expr_kind kind = bf_shift_check(env->arena, shift, env->error, &at);

    for (at = 0; kind == BF_EXPR_OK && at < shift.len && next_term(shift, &at, &term);) {
        kind = apply_term(env, &term, instant);
    }
    return kind;
}

enum bf_expr_kind bf_date_step_parse(struct bf_arena *arena, struct bf_sv text,
                                     struct bf_date_step *out, struct bf_expr_error *error,
                                     size_t *offset)
{
    size_t at = 0;
    bool counted = take_count(text, &at, &out->count);

    *offset = 0;
    if (!counted || at + 1 != text.len || !is_unit(text.ptr[at], "yQMwdbHhms")) {
        (void)bf_expr_fail(arena, error, BF_EXPR_BAD_SHIFT,
                           "'" BF_SV_FMT
                           "' is no step; a count and a unit (y Q M w d b H m s) are "
                           "allowed, such as 1d",
                           BF_SV_ARG(bf_sv_slice(text, 0, 64)));
        if (text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-')) {
            bf_expr_hint(arena, error, "a step has no sign");
        }
        return BF_EXPR_BAD_SHIFT;
    }
    out->unit = (char)(text.ptr[at] == 'h' ? 'H' : text.ptr[at]);
    if (out->count == 0) {
        return bf_expr_fail(arena, error, BF_EXPR_BAD_SHIFT, "a step of 0 never ends");
    }
    return BF_EXPR_OK;
}

enum bf_expr_kind bf_date_step_from(const struct bf_date_env *env, struct bf_date_step step,
                                    uint64_t times, int64_t from, int64_t *out)
{
    bool overflows = times != 0 && step.count > UINT64_MAX / times;
    struct term term = {.unit = step.unit, .count = overflows ? UINT64_MAX : step.count * times};

    *out = from;
    return apply_term(env, &term, out);
}

enum bf_expr_kind bf_base_instant(const struct bf_date_env *env, struct bf_sv text, int64_t *out)
{
    struct bf_time_text time;
    struct bf_err err;

    if (bf_time_parse(text, &time, &err) != BF_OK) {
        return bf_expr_fail(env->arena, env->error, BF_EXPR_BAD_DATE, "%s", err.msg);
    }
    if (time.shape == BF_TIME_DATE) {
        *out = bf_zone_day_start(env->zone, time.value);
    } else if (time.shape == BF_TIME_LOCAL) {
        *out = bf_zone_instant(env->zone, time.value);
    } else {
        *out = time.value;
    }
    return BF_EXPR_OK;
}

enum bf_expr_kind bf_diff_unit_check(struct bf_arena *arena, struct bf_sv unit,
                                     struct bf_expr_error *error)
{
    if (unit.len == 1 && is_unit(unit.ptr[0], "yMwdbHhms")) {
        return BF_EXPR_OK;
    }
    return bf_expr_fail(arena, error, BF_EXPR_BAD_SHIFT,
                        "'" BF_SV_FMT "' is no unit of diff; allowed are H h m s d w M y b",
                        BF_SV_ARG(bf_sv_slice(unit, 0, 64)));
}

/* How many whole units lie between the local dates, give or take one. */
static int64_t guess(const struct bf_zone *zone, char unit, int64_t a, int64_t b)
{
    int64_t day_a = bf_day_of_seconds(bf_zone_local(zone, a));
    int64_t day_b = bf_day_of_seconds(bf_zone_local(zone, b));

    if (unit == 'd' || unit == 'w') {
        return (day_b - day_a) / (unit == 'w' ? 7 : 1);
    }
    struct bf_date x = bf_date_of(day_a);
    struct bf_date y = bf_date_of(day_b);
    int64_t months = (int64_t)(y.year - x.year) * 12 + y.month - x.month;
    return months / (unit == 'y' ? 12 : 1);
}

/* Does a + n units, in the direction of n's sign, not pass b? Nothing lies beyond the years. */
static bool reaches(const struct bf_date_env *env, char unit, int64_t n, bool back, int64_t a,
                    int64_t b)
{
    struct term term = {.unit = unit, .negative = back, .count = (uint64_t)n};
    int64_t moved = a;

    if (n == 0) {
        return true;
    }
    return apply_term(env, &term, &moved) == BF_EXPR_OK && (back ? moved >= b : moved <= b);
}

static int64_t whole_units(const struct bf_date_env *env, char unit, int64_t a, int64_t b)
{
    bool back = b < a;
    int64_t n = guess(env->zone, unit, a, b);

    n = (back ? -n : n) + 1;
    while (n > 0 && !reaches(env, unit, n, back, a, b)) {
        n--;
    }
    return back ? -n : n;
}

enum bf_expr_kind bf_diff(const struct bf_date_env *env, struct bf_sv unit, int64_t a, int64_t b,
                          int64_t *out)
{
    enum bf_expr_kind kind = bf_diff_unit_check(env->arena, unit, env->error);

    if (kind != BF_EXPR_OK) {
        return kind;
    }
    switch (unit.ptr[0]) {
    case 'H':
    case 'h':
        *out = (b - a) / 3600;
        return BF_EXPR_OK;
    case 'm':
        *out = (b - a) / 60;
        return BF_EXPR_OK;
    case 's':
        *out = b - a;
        return BF_EXPR_OK;
    case 'b':
        if (env->calendar == NULL) {
            return no_calendar(env);
        }
        *out = bf_calendar_count(env->calendar, bf_day_of_seconds(bf_zone_local(env->zone, a)),
                                 bf_day_of_seconds(bf_zone_local(env->zone, b)));
        return BF_EXPR_OK;
    default:
        *out = whole_units(env, unit.ptr[0], a, b);
        return BF_EXPR_OK;
    }
}

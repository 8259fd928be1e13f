#include <math.h>

#include "event/event.h"

/* Seconds up to here (year 5138), milliseconds from here on (1973). */
#define SECONDS_BELOW 1e11

struct stamp {
    int64_t year, month, day, hour, minute, second;
};

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    /* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" */
    y -= m <= 2;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int64_t month_days(int64_t y, int64_t m)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return m == 2 && leap ? 29 : days[m - 1];
}

/* ${width} digits, then the character ${after} unless it is 0. */
static bool digits(struct bf_sv *text, size_t width, char after, int64_t *out)
{
    const size_t need = width + (after != 0 ? 1 : 0);

    *out = 0;
    if (text->len < need || (after != 0 && text->ptr[width] != after)) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text->ptr[i] - '0');
    }
    *text = bf_sv_from(*text, need);
    return true;
}

/* "Z", "+09:00", "-0530": seconds east of UTC. */
static bool offset_of(struct bf_sv text, int64_t *out)
{
    int64_t hours = 0, minutes = 0;

    *out = 0;
    if (bf_sv_is(text, "Z") || bf_sv_is(text, "z")) {
        return true;
    }
    if (text.len < 5 || (text.ptr[0] != '+' && text.ptr[0] != '-')) {
        return false;
    }
    const int64_t sign = text.ptr[0] == '-' ? -1 : 1;
    text = bf_sv_from(text, 1);
    if (!digits(&text, 2, text.len == 5 ? ':' : 0, &hours) || !digits(&text, 2, 0, &minutes) ||
        text.len != 0 || hours > 23 || minutes > 59) {
        return false;
    }
    *out = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool parse_iso(struct bf_sv text, int64_t *out)
{
    struct stamp t;
    int64_t offset = 0;

    if (!digits(&text, 4, '-', &t.year) || !digits(&text, 2, '-', &t.month) ||
        !digits(&text, 2, 'T', &t.day) || !digits(&text, 2, ':', &t.hour) ||
        !digits(&text, 2, ':', &t.minute) || !digits(&text, 2, 0, &t.second)) {
        return false;
    }
    if (text.len != 0 && text.ptr[0] == '.') {
        size_t end = 1;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
            end++;
        }
        if (end == 1) {
            return false;
        }
        text = bf_sv_from(text, end);
    }
    if (!offset_of(text, &offset) || t.month < 1 || t.month > 12 || t.day < 1 ||
        t.day > month_days(t.year, t.month) || t.hour > 23 || t.minute > 59 || t.second > 60) {
        return false;
    }
    *out = days_from_civil(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 +
           t.second - offset;
    return true;
}

static bool from_number(double value, int64_t *out)
{
    if (!isfinite(value) || value < 0 || value >= 1e15) {
        return false;
    }
    *out = (int64_t)(value < SECONDS_BELOW ? value : value / 1000);
    return true;
}

bool bf_event_time(const bf_json *node, int64_t *out)
{
    const struct bf_sv text = bf_json_text(node);
    int64_t whole = 0;

    switch (bf_json_kind(node)) {
    case BF_JSON_NUMBER:
        return from_number(bf_json_number(node), out);
    case BF_JSON_STRING:
        if (bf_sv_i64(text, 0, INT64_C(1000000000000000), &whole)) {
            return from_number((double)whole, out);
        }
        return parse_iso(text, out);
    default:
        return false;
    }
}

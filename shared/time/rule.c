/* The POSIX TZ string in a TZif footer: "EST5EDT,M3.2.0,M11.1.0", "<+0545>-5:45", "IST-1GMT0,..."
 */
#include "time/civil.h"
#include "time/zone_internal.h"

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(struct bf_sv text)
{
    return (char)(text.len == 0 ? '\0' : text.ptr[0]);
}

static bool take(struct bf_sv *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c) {
        return false;
    }
    *text = bf_sv_from(*text, 1);
    return true;
}

/* "EST" or "<+0545>": at least three characters. */
static bool take_name(struct bf_sv *text, struct bf_sv *name)
{
    bool quoted = take(text, '<');
    size_t n = 0;

    while (n < text->len) {
        char c = text->ptr[n];
        if (!(is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-')))) {
            break;
        }
        n++;
    }
    *name = bf_sv_slice(*text, 0, n);
    *text = bf_sv_from(*text, n);
    return n >= 3 && (!quoted || take(text, '>'));
}

static bool take_number(struct bf_sv *text, int max, int *out)
{
    int value = 0;
    size_t n = 0;

    while (n < text->len && is_digit(text->ptr[n]) && n < 4) {
        value = value * 10 + (text->ptr[n] - '0');
        n++;
    }
    *text = bf_sv_from(*text, n);
    *out = value;
    return n > 0 && value <= max;
}

/* [+-]h[h][:mm[:ss]] in seconds. */
static bool take_clock(struct bf_sv *text, int max_hours, int *out)
{
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    bool negative = take(text, '-');

    if (!negative) {
        (void)take(text, '+');
    }
    if (!take_number(text, max_hours, &hours)) {
        return false;
    }
    if (take(text, ':')) {
        if (!take_number(text, 59, &minutes)) {
            return false;
        }
        if (take(text, ':') && !take_number(text, 59, &seconds)) {
            return false;
        }
    }
    *out = hours * 3600 + minutes * 60 + seconds;
    *out = negative ? -*out : *out;
    return true;
}

static bool take_month_day(struct bf_sv *text, struct bf_rule_day *out)
{
    out->kind = BF_RULE_MONTH;
    return take_number(text, 12, &out->month) && out->month >= 1 && take(text, '.') &&
           take_number(text, 5, &out->week) && out->week >= 1 && take(text, '.') &&
           take_number(text, 6, &out->day);
}

static bool take_day(struct bf_sv *text, struct bf_rule_day *out)
{
    out->time = 2 * 3600;
    if (take(text, 'M')) {
        if (!take_month_day(text, out)) {
            return false;
        }
    } else if (take(text, 'J')) {
        out->kind = BF_RULE_JULIAN;
        if (!take_number(text, 365, &out->day) || out->day < 1) {
            return false;
        }
    } else {
        out->kind = BF_RULE_ZERO;
        if (!take_number(text, 365, &out->day)) {
            return false;
        }
    }
    return !take(text, '/') || take_clock(text, 167, &out->time);
}

bool bf_rule_parse(struct bf_sv text, struct bf_zone_rule *out)
{
    struct bf_zone_rule rule = {.present = true};
    int west = 0;

    if (!take_name(&text, &rule.standard.abbreviation) || !take_clock(&text, 24, &west)) {
        return false;
    }
    rule.standard.offset = -west; /* POSIX counts hours west of Greenwich */
    if (text.len != 0) {
        rule.has_dst = true;
        rule.summer.dst = true;
        if (!take_name(&text, &rule.summer.abbreviation)) {
            return false;
        }
        rule.summer.offset = rule.standard.offset + 3600;
        if (peek(text) != ',') {
            if (!take_clock(&text, 24, &west)) {
                return false;
            }
            rule.summer.offset = -west;
        }
        if (!take(&text, ',') || !take_day(&text, &rule.start) || !take(&text, ',') ||
            !take_day(&text, &rule.end)) {
            return false;
        }
    }
    *out = rule;
    return text.len == 0;
}

/* The wall clock at which the rule changes in ${year}, as local seconds. */
static int64_t rule_local(const struct bf_rule_day *rule, int year)
{
    int64_t new_year = bf_day_of((struct bf_date){year, 1, 1});
    int64_t day = new_year + rule->day;

    if (rule->kind == BF_RULE_JULIAN) {
        day = new_year + rule->day - 1 + (rule->day >= 60 && bf_is_leap_year(year) ? 1 : 0);
    } else if (rule->kind == BF_RULE_MONTH) {
        int64_t first = bf_day_of((struct bf_date){year, rule->month, 1});
        int ahead = (rule->day - bf_weekday(first) % 7 + 7) % 7;
        day = first + ahead + (int64_t)(rule->week - 1) * 7;
        day -= day >= first + bf_days_in_month(year, rule->month) ? 7 : 0;
    }
    return day * BF_SECONDS_PER_DAY + rule->time;
}

struct bf_zone_segment bf_rule_segment_at(const struct bf_zone_rule *rule, int64_t instant)
{
    struct bf_zone_segment found = {INT64_MIN, INT64_MAX, &rule->standard};

    if (!rule->has_dst) {
        return found;
    }
    int year = bf_date_of(bf_day_of_seconds(instant + rule->standard.offset)).year;
    /* Three years, because a change may be written up to a week outside of its own. */
    for (int y = year - 1; y <= year + 1; y++) {
        int64_t starts = rule_local(&rule->start, y) - rule->standard.offset;
        int64_t ends = rule_local(&rule->end, y) - rule->summer.offset;
        const struct bf_zone_segment changes[] = {
            {ends, INT64_MAX, &rule->standard},
            {starts, INT64_MAX, &rule->summer}, /* wins a tie: summer time all the year round */
        };
        for (size_t i = 0; i < BF_COUNTOF(changes); i++) {
            if (changes[i].from <= instant && changes[i].from >= found.from) {
                found.from = changes[i].from;
                found.type = changes[i].type;
            }
            if (changes[i].from > instant && changes[i].from < found.to) {
                found.to = changes[i].from;
            }
        }
    }
    return found;
}

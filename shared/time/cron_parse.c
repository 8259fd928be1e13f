/* The six fields of cron: see cron.h for the sources of the rules. */
#include "base/utf8.h"
#include "time/cron.h"
#include "time/cron_internal.h"

enum { FIELDS = 6, DAY_OF_MONTH = 2, DAY_OF_WEEK = 4, NAMES_MAX = 12 };

/* What a field may hold. */
struct field {
    const char *name;
    const char *allowed;
    int min, max;
    struct bf_sv names[NAMES_MAX]; /* of min, min + 1, ... */
};

static const struct field fields[FIELDS] = {
    {.name = "minutes", .allowed = "0-59 and , - * /", .min = 0, .max = 59},
    {.name = "hours", .allowed = "0-23 and , - * /", .min = 0, .max = 23},
    {.name = "day-of-month", .allowed = "1-31 and , - * ? / L W", .min = 1, .max = 31},
    {.name = "month",
     .allowed = "1-12 or JAN-DEC and , - * /",
     .min = 1,
     .max = 12,
     .names = {{"JAN", 3},
               {"FEB", 3},
               {"MAR", 3},
               {"APR", 3},
               {"MAY", 3},
               {"JUN", 3},
               {"JUL", 3},
               {"AUG", 3},
               {"SEP", 3},
               {"OCT", 3},
               {"NOV", 3},
               {"DEC", 3}}},
    {.name = "day-of-week",
     .allowed = "1-7 or SUN-SAT (1 is Sunday) and , - * ? L #",
     .min = 1,
     .max = 7,
     .names = {{"SUN", 3}, {"MON", 3}, {"TUE", 3}, {"WED", 3}, {"THU", 3}, {"FRI", 3}, {"SAT", 3}}},
    {.name = "year",
     .allowed = "1970-2199 and , - * /",
     .min = BF_CRON_YEAR_MIN,
     .max = BF_CRON_YEAR_MAX},
};

/* One field being read. */
struct part {
    const struct field *field;
    struct bf_sv text;  /* all of the field */
    const char *origin; /* where the six fields begin, for columns */
    uint8_t set[30];    /* bit n: the value field->min + n */
    struct bf_err *err;
};

static struct bf_loc place(const struct part *part, struct bf_sv at)
{
    size_t column = (size_t)(at.ptr - part->origin) + 1;

    return (struct bf_loc){
        .line = 1, .col = (unsigned)column, .end_col = (unsigned)(column + at.len)};
}

static enum bf_code refuse(const struct part *part, struct bf_sv at, const char *why)
{
    return bf_err_set(part->err, BF_EINVALID, place(part, at),
                      "cron field %s is '" BF_SV_FMT "': %s; allowed: %s", part->field->name,
                      BF_SV_ARG(bf_sv_slice(part->text, 0, 64)), why, part->field->allowed);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool is_word(struct bf_sv text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < n && text.len == n; i++) {
        if (upper(text.ptr[i]) != word[i]) {
            return false;
        }
    }
    return text.len == n;
}

/* Decimal digits with leading zeros, no sign. */
static bool number_of(struct bf_sv text, int64_t max, int64_t *out)
{
    return text.len > 0 && text.ptr != NULL && is_digit(text.ptr[0]) &&
           bf_sv_i64(text, 0, max, out);
}

static enum bf_code refuse_name(const struct part *part, struct bf_sv text)
{
    char folded[NAMES_MAX];
    struct bf_sv near = {0};

    for (size_t i = 0; i < text.len && text.len <= sizeof(folded); i++) {
        folded[i] = upper(text.ptr[i]);
    }
    if (text.len <= sizeof(folded)) {
        near = bf_nearest((struct bf_sv){folded, text.len}, part->field->names, NAMES_MAX);
    }
    if (near.len == 0) {
        return bf_err_set(part->err, BF_EINVALID, place(part, text),
                          "cron field %s: '" BF_SV_FMT "' is no value of it; allowed: %s",
                          part->field->name, BF_SV_ARG(bf_sv_slice(text, 0, 64)),
                          part->field->allowed);
    }
    return bf_err_set(part->err, BF_EINVALID, place(part, text),
                      "cron field %s: '" BF_SV_FMT "' is no value of it; did you mean '" BF_SV_FMT
                      "'? allowed: %s",
                      part->field->name, BF_SV_ARG(bf_sv_slice(text, 0, 64)), BF_SV_ARG(near),
                      part->field->allowed);
}

static enum bf_code read_value(const struct part *part, struct bf_sv text, int *out)
{
    const struct field *field = part->field;
    int64_t number = 0;

    for (int i = 0; i < NAMES_MAX && field->names[i].len != 0; i++) {
        if (is_word(text, field->names[i].ptr)) {
            *out = field->min + i;
            return BF_OK;
        }
    }
    if (text.len == 0) {
        return refuse(part, part->text, "a value is missing");
    }
    if (!number_of(text, INT32_MAX, &number)) {
        return refuse_name(part, text);
    }
    if (number < field->min || number > field->max) {
        return bf_err_set(part->err, BF_EINVALID, place(part, text),
                          "cron field %s: %d is out of range; allowed: %s", field->name,
                          (int)number, field->allowed);
    }
    *out = (int)number;
    return BF_OK;
}

static enum bf_code read_step(const struct part *part, struct bf_sv text, int *out)
{
    int64_t step = 0;

    if (part->field == &fields[DAY_OF_WEEK]) {
        return refuse(part, text, "steps are not in AWS's table for weekdays; list the days");
    }
    if (!number_of(text, INT32_MAX, &step) || step < 1) {
        return refuse(part, text, "the step behind '/' must be a whole number of at least 1");
    }
    *out = (int)step;
    return BF_OK;
}

/* From ${first} to ${last}, over the end of the field and on from its beginning if it is before. */
static void add_range(struct part *part, int first, int last, int step)
{
    int min = part->field->min;
    int size = part->field->max - min + 1;
    int length = (last - first + size) % size;

    for (int64_t ahead = 0; ahead <= length; ahead += step) {
        unsigned bit = (unsigned)((first - min + (int)ahead) % size);
        part->set[bit / 8] = (uint8_t)(part->set[bit / 8] | 1U << bit % 8);
    }
}

static bool holds_special(const struct part *part, struct bf_sv member)
{
    bool days = part->field == &fields[DAY_OF_MONTH];
    bool weekdays = part->field == &fields[DAY_OF_WEEK];

    for (size_t i = 0; i < member.len && member.ptr != NULL; i++) {
        char c = upper(member.ptr[i]);
        bool last = i + 1 == member.len || i == 0;
        if (c == '#' || (days && (c == 'L' || c == 'W')) || (weekdays && c == 'L' && last)) {
            return true;
        }
    }
    return false;
}

static enum bf_code read_member(struct part *part, struct bf_sv member)
{
    size_t slash = bf_sv_find(member, '/');
    struct bf_sv range = bf_sv_slice(member, 0, slash);
    size_t dash = bf_sv_find(range, '-');
    int first = part->field->min;
    int last = part->field->max;
    int step = 1;

    if (bf_sv_find(member, '?') < member.len) {
        return refuse(part, member, "'?' stands alone, in one of the two day fields");
    }
    if (holds_special(part, member)) {
        return refuse(part, member,
                      "'L', 'W' and '#' cannot be combined with other values, and "
                      "belong to the day fields");
    }
    if (!bf_sv_is(range, "*")) {
        BF_TRY(read_value(part, bf_sv_slice(range, 0, dash), &first));
        last = slash < member.len ? last : first;
        if (dash < range.len) {
            BF_TRY(read_value(part, bf_sv_from(range, dash + 1), &last));
        }
    }
    if (slash < member.len) {
        BF_TRY(read_step(part, bf_sv_from(member, slash + 1), &step));
    }
    add_range(part, first, last, step);
    return BF_OK;
}

static enum bf_code read_list(struct part *part)
{
    struct bf_sv rest = part->text;
    bool more = true;

    while (more) {
        size_t comma = bf_sv_find(rest, ',');
        more = comma < rest.len;
        BF_TRY(read_member(part, bf_sv_slice(rest, 0, comma)));
        rest = bf_sv_from(rest, comma + 1);
    }
    return BF_OK;
}

static uint64_t bits(const struct part *part)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 8; i++) {
        value |= (uint64_t)part->set[i] << (8 * i);
    }
    return value << (unsigned)part->field->min;
}

/* cron counts 1 = Sunday, we count 1 = Monday ... 7 = Sunday. */
static int iso_weekday(int cron_weekday)
{
    return cron_weekday == 1 ? 7 : cron_weekday - 1;
}

static enum bf_code read_days(struct part *part, struct bf_cron *cron)
{
    struct bf_sv text = part->text;
    struct bf_sv head = bf_sv_slice(text, 0, text.len - 1);
    int64_t back = 0;

    if (bf_sv_find(text, ',') == text.len) {
        if (is_word(text, "L")) {
            cron->kind = BF_CRON_LAST;
            return BF_OK;
        }
        if (is_word(text, "LW")) {
            cron->kind = BF_CRON_LASTWORKDAY;
            cron->not_aws = true;
            return BF_OK;
        }
        if (text.len > 2 && upper(text.ptr[0]) == 'L' && text.ptr[1] == '-') {
            if (!number_of(bf_sv_from(text, 2), 30, &back) || back < 1) {
                return refuse(part, text, "'L-n' takes 1 to 30 days before the last");
            }
            cron->kind = BF_CRON_LAST;
            cron->number = (int)back;
            cron->not_aws = true;
            return BF_OK;
        }
        if (upper(text.ptr[text.len - 1]) == 'W') {
            cron->kind = BF_CRON_WORKDAY;
            return read_value(part, head, &cron->number);
        }
    }
    cron->kind = BF_CRON_DAYS;
    BF_TRY(read_list(part));
    cron->days = (uint32_t)bits(part);
    return BF_OK;
}

static enum bf_code read_nth(struct part *part, size_t hash, struct bf_cron *cron)
{
    int64_t nth = 0;

    BF_TRY(read_value(part, bf_sv_slice(part->text, 0, hash), &cron->number));
    if (!number_of(bf_sv_from(part->text, hash + 1), 5, &nth) || nth < 1) {
        return refuse(part, part->text, "behind '#' stands a number from 1 to 5");
    }
    cron->kind = BF_CRON_NTHOF;
    cron->number = iso_weekday(cron->number);
    cron->nth = (int)nth;
    return BF_OK;
}

static enum bf_code read_weekdays(struct part *part, struct bf_cron *cron)
{
    struct bf_sv text = part->text;
    size_t hash = bf_sv_find(text, '#');

    if (bf_sv_find(text, ',') == text.len) {
        if (is_word(text, "L")) {
            cron->kind = BF_CRON_WEEKDAYS;
            cron->weekdays = 1U << 6U; /* Saturday, the last day of the week */
            return BF_OK;
        }
        if (hash < text.len) {
            return read_nth(part, hash, cron);
        }
        if (upper(text.ptr[text.len - 1]) == 'L') {
            BF_TRY(read_value(part, bf_sv_slice(text, 0, text.len - 1), &cron->number));
            cron->kind = BF_CRON_LASTOF;
            cron->number = iso_weekday(cron->number);
            return BF_OK;
        }
    }
    BF_TRY(read_list(part));
    cron->kind = BF_CRON_WEEKDAYS;
    for (int day = 1; day <= 7; day++) {
        cron->weekdays |=
            (bits(part) >> (unsigned)day & 1U) != 0 ? 1U << (unsigned)iso_weekday(day) : 0;
    }
    return BF_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t split(struct bf_sv text, struct bf_sv parts[FIELDS])
{
    size_t count = 0;
    size_t at = 0;

    while (at < text.len) {
        while (at < text.len && is_blank(text.ptr[at])) {
            at++;
        }
        size_t from = at;
        while (at < text.len && !is_blank(text.ptr[at])) {
            at++;
        }
        if (at > from) {
            if (count < FIELDS) {
                parts[count] = bf_sv_slice(text, from, at);
            }
            count++;
        }
    }
    return count;
}

static enum bf_code read_field(struct part *part, size_t index, struct bf_cron *cron)
{
    if (index == DAY_OF_MONTH) {
        return read_days(part, cron);
    }
    if (index == DAY_OF_WEEK) {
        return read_weekdays(part, cron);
    }
    BF_TRY(read_list(part));
    switch (index) {
    case 0:
        cron->minutes = bits(part);
        break;
    case 1:
        cron->hours = (uint32_t)bits(part);
        break;
    case 3:
        cron->months = (uint32_t)bits(part);
        break;
    default:
        memcpy(cron->years, part->set, sizeof(cron->years));
        break;
    }
    return BF_OK;
}

enum bf_code bf_cron_parse(struct bf_sv text, struct bf_when *out, struct bf_err *err)
{
    struct bf_sv parts[FIELDS] = {0};
    struct bf_when when = {.kind = BF_WHEN_CRON};
    size_t count = text.len > BF_WHEN_TEXT_MAX ? 0 : split(text, parts);

    if (count != FIELDS) {
        return bf_err_set(err, BF_EINVALID, (struct bf_loc){.line = 1, .col = 1},
                          "cron has %zu field%s in '" BF_SV_FMT
                          "'; it takes six: minutes hours "
                          "day-of-month month day-of-week year",
                          count, count == 1 ? "" : "s", BF_SV_ARG(bf_sv_slice(text, 0, 64)));
    }
    bool any_day = bf_sv_is(parts[DAY_OF_MONTH], "?");
    bool any_weekday = bf_sv_is(parts[DAY_OF_WEEK], "?");
    for (size_t i = 0; i < FIELDS; i++) {
        struct part part = {.field = &fields[i], .text = parts[i], .origin = text.ptr, .err = err};
        if (!(i == DAY_OF_MONTH && any_day) && !(i == DAY_OF_WEEK && any_weekday)) {
            BF_TRY(read_field(&part, i, &when.cron));
        }
    }
    if (any_day == any_weekday) {
        struct part part = {.origin = text.ptr};
        return bf_err_set(err, BF_EINVALID, place(&part, parts[DAY_OF_WEEK]),
                          "cron fields day-of-month '" BF_SV_FMT "' and day-of-week '" BF_SV_FMT
                          "': exactly one of the two must be '?'",
                          BF_SV_ARG(parts[DAY_OF_MONTH]), BF_SV_ARG(parts[DAY_OF_WEEK]));
    }
    *out = when;
    return BF_OK;
}

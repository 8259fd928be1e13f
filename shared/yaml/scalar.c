#include "yaml/scalar.h"

#include <math.h>
#include <stdlib.h>

/* A number's text under inspection: at(n) is the byte n further on, '\0' behind the end. */
struct scan {
    struct bf_sv text;
    size_t pos;
};

static char peek(const struct scan *scan)
{
    if (scan->pos < scan->text.len) {
        return scan->text.ptr[scan->pos];
    }
    return '\0';
}

static bool at_end(const struct scan *scan)
{
    return scan->pos == scan->text.len;
}

static bool skip(struct scan *scan, char c)
{
    if (peek(scan) != c) {
        return false;
    }
    scan->pos++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Skip all bytes of ${set}; how many there were. */
static size_t skip_all(struct scan *scan, const char *set)
{
    size_t from = scan->pos;

    while (peek(scan) != '\0' && strchr(set, peek(scan)) != NULL) {
        scan->pos++;
    }
    return scan->pos - from;
}

static void skip_sign(struct scan *scan)
{
    if (peek(scan) == '+' || peek(scan) == '-') {
        scan->pos++;
    }
}

/* (:[0-5]?[0-9])+ ; false, and nothing is skipped: not there */
static bool skip_sixties(struct scan *scan)
{
    struct scan next = *scan;

    if (peek(&next) != ':') {
        return false;
    }
    while (skip(&next, ':')) {
        char first = peek(&next);
        if (!is_digit(first)) {
            return false;
        }
        next.pos++;
        if (is_digit(peek(&next))) {
            if (first > '5') {
                return false;
            }
            next.pos++;
        }
    }
    *scan = next;
    return true;
}

static bool one_of(struct bf_sv text, const char *const *words)
{
    char first = '\0';

    if (text.len != 0) {
        first = text.ptr[0];
    }
    for (; *words != NULL; words++) {
        if (first == **words && bf_sv_is(text, *words)) {
            return true;
        }
    }
    return false;
}

static bool resolve_bool(struct bf_value *node, enum bf_yaml_surprise *surprise)
{
    static const char *const truths[] = {"true", "True", "TRUE", NULL};
    static const char *const lies[] = {"false", "False", "FALSE", NULL};
    static const char *const yes[] = {"yes", "Yes", "YES", "on", "On", "ON", NULL};
    static const char *const no[] = {"no", "No", "NO", "off", "Off", "OFF", NULL};
    bool word = one_of(node->text, yes) || one_of(node->text, no);

    if (!word && !one_of(node->text, truths) && !one_of(node->text, lies)) {
        return false;
    }
    node->kind = BF_VALUE_BOOL;
    node->boolean = one_of(node->text, truths) || one_of(node->text, yes);
    *surprise = word ? BF_YAML_WORD_IS_BOOL : BF_YAML_NO_SURPRISE;
    return true;
}

static bool resolve_null(struct bf_value *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};

    if (!one_of(node->text, nulls)) {
        return false;
    }
    node->kind = BF_VALUE_NULL;
    return true;
}

static unsigned digit_value(char c)
{
    if (is_digit(c)) {
        return (unsigned)(c - '0');
    }
    return (unsigned)((c | 0x20) - 'a') + 10;
}

/* A number as it grows: exact where 64 bits hold it, and as a double. */
struct sum {
    uint64_t exact;
    double wide;
    bool fits;
};

static struct sum times_plus(struct sum sum, unsigned factor, struct sum more)
{
    struct sum out = {.wide = sum.wide * (double)factor + more.wide};

    out.fits = sum.fits && more.fits && !__builtin_mul_overflow(sum.exact, factor, &out.exact) &&
               !__builtin_add_overflow(out.exact, more.exact, &out.exact);
    return out;
}

/* In base 60 each ':' opens the next lower place, which is read in decimal. */
static void set_integer(struct bf_value *node, struct bf_sv digits, unsigned base, bool negative)
{
    const struct sum zero = {.fits = true};
    struct sum value = zero, place = zero;

    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        if (c == ':') {
            value = times_plus(value, 60, place);
            place = zero;
        } else if (c != '_') {
            struct sum digit = {.exact = digit_value(c), .wide = digit_value(c), .fits = true};
            place = times_plus(place, base == 60 ? 10 : base, digit);
        }
    }
    value = times_plus(value, 60, place);
    node->kind = BF_VALUE_INT;
    node->wide = !value.fits || value.exact > (uint64_t)INT64_MAX + (negative ? 1U : 0U);
    if (node->wide) {
        node->number = negative ? -value.wide : value.wide;
        return;
    }
    node->integer = negative ? (int64_t)(0 - value.exact) : (int64_t)value.exact;
}

static bool looks_like_an_account(struct bf_sv text)
{
    size_t digits = 0;

    while (digits < text.len && is_digit(text.ptr[digits])) {
        digits++;
    }
    return digits == 12 && text.len == 12;
}

static bool only_underscores(struct bf_sv text)
{
    struct scan scan = {.text = text};

    (void)skip_all(&scan, "_");
    return at_end(&scan);
}

static bool resolve_int(struct bf_value *node, enum bf_yaml_surprise *surprise)
{
    struct scan scan = {.text = node->text};
    unsigned base = 10;

    skip_sign(&scan);
    bool negative = scan.pos == 1 && node->text.ptr[0] == '-';
    size_t from = scan.pos;
    if (skip(&scan, '0')) {
        if (peek(&scan) == 'b' || peek(&scan) == 'x') {
            base = peek(&scan) == 'b' ? 2 : 16;
            from = ++scan.pos;
            size_t n = skip_all(&scan, base == 2 ? "01_" : "0123456789abcdefABCDEF_");
            if (n == 0 || !at_end(&scan)) {
                return false;
            }
            if (only_underscores(bf_sv_from(node->text, from))) {
                *surprise = BF_YAML_NO_DIGITS;
                return false;
            }
        } else if (skip_all(&scan, "01234567_") != 0) {
            base = 8;
        }
    } else if (is_digit(peek(&scan))) {
        (void)skip_all(&scan, "0123456789_");
        base = skip_sixties(&scan) ? 60 : 10;
    } else {
        return false;
    }
    if (!at_end(&scan)) {
        return false;
    }
    set_integer(node, bf_sv_from(node->text, from), base, negative);
    if (base == 8) {
        *surprise = BF_YAML_OCTAL;
    } else if (base == 60) {
        *surprise = BF_YAML_SEXAGESIMAL;
    } else if (base == 10 && looks_like_an_account(node->text)) {
        *surprise = BF_YAML_LIKE_AN_ACCOUNT;
    }
    return true;
}

/* [0-9]+(_[0-9]+)*, as OmegaConf wants the digits before an exponent without sign or point */
static bool well_grouped(struct bf_sv digits)
{
    char before = '_';

    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] == '_' && before == '_') {
            return false;
        }
        before = digits.ptr[i];
    }
    return before != '_';
}

/* Behind the mantissa: nothing, or an exponent; without a sign only where ${loose}. */
static bool skip_exponent(struct scan *scan, bool loose)
{
    if (at_end(scan)) {
        return true;
    }
    if (!skip(scan, 'e') && !skip(scan, 'E')) {
        return false;
    }
    bool is_signed = peek(scan) == '+' || peek(scan) == '-';
    skip_sign(scan);
    return (is_signed || loose) && skip_all(scan, "0123456789") != 0 && at_end(scan);
}

static bool is_float(struct bf_sv text, bool *sixties)
{
    struct scan scan = {.text = text};

    *sixties = false;
    if (peek(&scan) == '.') { /* PyYAML has no sign here: "-.5" is a string */
        scan.pos++;
        return is_digit(peek(&scan)) && skip_all(&scan, "0123456789_") != 0 &&
               skip_exponent(&scan, false);
    }
    skip_sign(&scan);
    size_t from = scan.pos;
    if (!is_digit(peek(&scan))) {
        return false;
    }
    (void)skip_all(&scan, "0123456789_");
    bool grouped = well_grouped(bf_sv_slice(text, from, scan.pos));
    if (skip_sixties(&scan)) {
        *sixties = true;
        if (!skip(&scan, '.')) {
            return false;
        }
        (void)skip_all(&scan, "0123456789_");
        return at_end(&scan);
    }
    if (skip(&scan, '.')) {
        (void)skip_all(&scan, "0123456789_");
        return skip_exponent(&scan, grouped);
    }
    return grouped && !at_end(&scan) && skip_exponent(&scan, true);
}

static double parse_double(struct bf_arena *arena, struct bf_sv text)
{
    char *z = bf_arena_alloc(arena, text.len + 1, 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_') {
            z[n++] = text.ptr[i];
        }
    }
    return strtod(z, NULL);
}

static double parse_sixties(struct bf_arena *arena, struct bf_sv text)
{
    bool negative = text.ptr[0] == '-';
    struct bf_sv rest = bf_sv_from(text, negative || text.ptr[0] == '+' ? 1 : 0);
    double value = 0;

    while (rest.len != 0) {
        value = value * 60 + parse_double(arena, bf_sv_cut(&rest, ':'));
    }
    return negative ? -value : value;
}

static bool resolve_special_float(struct bf_value *node)
{
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    bool has_sign = node->text.len != 0 && (node->text.ptr[0] == '-' || node->text.ptr[0] == '+');

    if (one_of(node->text, nans)) {
        node->number = (double)NAN;
    } else if (one_of(bf_sv_from(node->text, has_sign ? 1 : 0), infinities)) {
        node->number = node->text.ptr[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    } else {
        return false;
    }
    node->kind = BF_VALUE_FLOAT;
    return true;
}

static bool resolve_float(struct bf_arena *arena, struct bf_value *node,
                          enum bf_yaml_surprise *surprise)
{
    bool sixties = false;

    if (resolve_special_float(node)) {
        return true;
    }
    if (!is_float(node->text, &sixties)) {
        return false;
    }
    node->kind = BF_VALUE_FLOAT;
    node->number = sixties ? parse_sixties(arena, node->text) : parse_double(arena, node->text);
    *surprise = sixties ? BF_YAML_SEXAGESIMAL : BF_YAML_NO_SURPRISE;
    return true;
}

enum bf_yaml_surprise bf_yaml_resolve_plain(struct bf_arena *arena, struct bf_value *node)
{
    enum bf_yaml_surprise surprise = BF_YAML_NO_SURPRISE;

    if (!resolve_bool(node, &surprise) && !resolve_int(node, &surprise) && !resolve_null(node) &&
        !resolve_float(arena, node, &surprise)) {
        node->kind = BF_VALUE_STRING;
    }
    return surprise;
}

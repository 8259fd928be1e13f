#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/job.h"

static size_t digits(struct bf_sv text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9') {
        at++;
    }
    return at;
}

/** The grammar of RFC 8259 section 6. */
static bool is_json_number(struct bf_sv text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t end = digits(text, at);
    if (end == at || (text.ptr[at] == '0' && end > at + 1)) {
        return false;
    }
    if (end < text.len && text.ptr[end] == '.') {
        at = end + 1;
        end = digits(text, at);
        if (end == at) {
            return false;
        }
    }
    if (end < text.len && (text.ptr[end] == 'e' || text.ptr[end] == 'E')) {
        at = end + 1;
        if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-')) {
            at++;
        }
        end = digits(text, at);
        if (end == at) {
            return false;
        }
    }
    return end == text.len;
}

/** The digits of ${text} in front of "e", without point and sign. */
static size_t mantissa(const char *text, char *digits)
{
    size_t count = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text >= '0' && *text <= '9') {
            digits[count++] = *text;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    digits[count] = '\0';
    return count;
}

/** The fewest digits that read back as the same double; an exponent where that is shorter. */
static struct bf_sv shortest(struct bf_arena *arena, double number)
{
    char text[40], digits[40];
    for (int precision = 0; precision <= 16; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    const char *sign = text[0] == '-' ? "-" : "";
    int count = (int)mantissa(text, digits),
        exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    if (exponent < -6 || exponent > 20) {
        return bf_sv_printf(arena, "%s%c%s%se%d", sign, digits[0], count > 1 ? "." : "", digits + 1,
                            exponent);
    }
    if (exponent < 0) {
        return bf_sv_printf(arena, "%s0.%.*s%s", sign, -exponent - 1, "000000", digits);
    }
    if (exponent + 1 >= count) {
        return bf_sv_printf(arena, "%s%s%.*s", sign, digits, exponent + 1 - count,
                            "00000000000000000000");
    }
    return bf_sv_printf(arena, "%s%.*s.%s", sign, exponent + 1, digits, digits + exponent + 1);
}

/** Decimal digits without "_" and "+". */
static struct bf_sv plain_digits(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf buf = bf_buf_new(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_' && text.ptr[i] != '+') {
            bf_buf_addc(&buf, text.ptr[i]);
        }
    }
    return bf_buf_sv(&buf);
}

/** The base that the prefix of an integer tells; *from: the first digit. */
static unsigned base_of(struct bf_sv text, size_t *from)
{
    *from = text.ptr[0] == '-' || text.ptr[0] == '+' ? 1 : 0;
    if (bf_sv_find(text, ':') < text.len || text.ptr[*from] != '0' || *from + 1 == text.len) {
        return 10;
    }
    char letter = text.ptr[*from + 1];
    *from += letter == 'x' || letter == 'b' ? 2 : 1;
    return letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
}

static unsigned digit_of(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

enum { BILLION = 1000000000, BASED_MAX = 4096 };

/** The decimal digits of an integer of another base that is too wide for int64. */
static struct bf_sv based_digits(struct bf_arena *arena, struct bf_sv text, unsigned base,
                                 size_t from)
{
    uint32_t *limbs =
        BF_NEW_N(arena, uint32_t, text.len / 7 + 2); /* the lowest nine digits first */
    size_t count = 1;
    for (size_t i = from; i < text.len; i++) {
        if (text.ptr[i] == '_') {
            continue;
        }
        uint64_t carry = digit_of(text.ptr[i]);
        for (size_t n = 0; n < count || carry > 0; n++) {
            carry += (uint64_t)limbs[n] * base;
            limbs[n] = (uint32_t)(carry % BILLION);
            carry /= BILLION;
            count = n < count ? count : n + 1;
        }
    }
    struct bf_buf buf = bf_buf_new(arena, count * 9 + 2);
    bf_buf_printf(&buf, "%s%u", text.ptr[0] == '-' ? "-" : "", (unsigned)limbs[count - 1]);
    for (size_t n = count - 1; n > 0; n--) {
        bf_buf_printf(&buf, "%09u", (unsigned)limbs[n - 1]);
    }
    return bf_buf_sv(&buf);
}

bool bf_number_finite(const struct bf_value *value)
{
    size_t from = 0;
    if (isfinite(bf_value_double(value))) {
        return true;
    }
    return value->kind == BF_VALUE_INT && bf_sv_find(value->text, ':') == value->text.len &&
           (base_of(value->text, &from) == 10 || value->text.len <= BASED_MAX);
}

struct bf_sv bf_number_text(struct bf_arena *arena, const struct bf_value *value)
{
    if (value->kind != BF_VALUE_INT && value->kind != BF_VALUE_FLOAT) {
        return value->text; /* true, false, null */
    }
    if (is_json_number(value->text)) {
        return value->text;
    }
    if (!bf_number_finite(value)) {
        return BF_SV("0");
    }
    if (value->kind == BF_VALUE_INT && !value->wide) {
        return bf_sv_printf(arena, "%lld", (long long)value->integer);
    }
    size_t from = 0;
    unsigned base = value->kind == BF_VALUE_INT ? base_of(value->text, &from) : 10;
    if (base != 10 && value->text.len <= BASED_MAX) {
        return based_digits(arena, value->text, base, from);
    }
    struct bf_sv plain = plain_digits(arena, value->text);
    return value->kind == BF_VALUE_INT && is_json_number(plain)
               ? plain
               : shortest(arena, bf_value_double(value));
}

#include <stdio.h>
#include <stdlib.h>

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

/** The shortest decimal text that reads back as the same double. */
static struct bf_sv shortest(struct bf_arena *arena, double number)
{
    char text[40];
    for (int precision = 1; precision <= 17; precision++) {
        (void)snprintf(text, sizeof text, "%.*g", precision, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    return bf_sv_printf(arena, "%s", text);
}

/** Decimal digits without "_" and "+": an integer that is too wide for int64. */
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

struct bf_sv bf_number_text(struct bf_arena *arena, const struct bf_value *value)
{
    if (value->kind != BF_VALUE_INT && value->kind != BF_VALUE_FLOAT) {
        return value->text; /* true, false, null */
    }
    if (is_json_number(value->text)) {
        return value->text;
    }
    if (value->kind == BF_VALUE_INT && !value->wide) {
        return bf_sv_printf(arena, "%lld", (long long)value->integer);
    }
    struct bf_sv plain = plain_digits(arena, value->text);
    return value->kind == BF_VALUE_INT && is_json_number(plain)
               ? plain
               : shortest(arena, bf_value_double(value));
}

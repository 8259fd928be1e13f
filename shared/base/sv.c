#include "base/sv.h"

#include <stdarg.h>
#include <stdio.h>

int bf_sv_cmp(struct bf_sv a, struct bf_sv b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

size_t bf_sv_find(struct bf_sv a, char c)
{
    const char *hit = a.len == 0 ? NULL : memchr(a.ptr, c, a.len);

    return hit == NULL ? a.len : (size_t)(hit - a.ptr);
}

size_t bf_sv_search(struct bf_sv a, struct bf_sv needle)
{
    for (size_t i = 0; i + needle.len <= a.len; i++) {
        if (bf_sv_eq(bf_sv_slice(a, i, i + needle.len), needle)) {
            return i;
        }
    }
    return a.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bf_sv bf_sv_trim(struct bf_sv a)
{
    while (a.len != 0 && is_blank(a.ptr[0])) {
        a = bf_sv_from(a, 1);
    }
    while (a.len != 0 && is_blank(a.ptr[a.len - 1])) {
        a.len--;
    }
    return a;
}

struct bf_sv bf_sv_cut(struct bf_sv *rest, char sep)
{
    size_t at = bf_sv_find(*rest, sep);
    struct bf_sv head = bf_sv_slice(*rest, 0, at);

    *rest = bf_sv_from(*rest, at == rest->len ? at : at + 1);
    return head;
}

struct bf_sv bf_sv_dup(struct bf_arena *arena, struct bf_sv a)
{
    char *copy = bf_arena_alloc(arena, a.len + 1, 1);

    if (a.len != 0) {
        memcpy(copy, a.ptr, a.len);
    }
    return (struct bf_sv){.ptr = copy, .len = a.len};
}

const char *bf_sv_z(struct bf_arena *arena, struct bf_sv a)
{
    return bf_sv_dup(arena, a).ptr;
}

struct bf_sv bf_sv_printf(struct bf_arena *arena, const char *fmt, ...)
{
    char small[256]; /* most texts are short: written once, not measured first */
    va_list ap;

    va_start(ap, fmt);
    int want = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (want < 0) {
        return BF_SV("");
    }
    size_t size = (size_t)want + 1;
    if (size <= sizeof(small)) {
        return bf_sv_dup(arena, (struct bf_sv){.ptr = small, .len = (size_t)want});
    }
    char *text = bf_arena_alloc(arena, size, 1);
    va_start(ap, fmt);
    (void)vsnprintf(text, size, fmt, ap);
    va_end(ap);
    return (struct bf_sv){.ptr = text, .len = (size_t)want};
}

bool bf_sv_i64(struct bf_sv a, int64_t min, int64_t max, int64_t *out)
{
    bool negative = a.len != 0 && a.ptr[0] == '-';
    size_t i = negative || (a.len != 0 && a.ptr[0] == '+') ? 1 : 0;
    int64_t value = 0;

    if (i == a.len) {
        return false;
    }
    for (; i < a.len; i++) {
        if (a.ptr[i] < '0' || a.ptr[i] > '9') {
            return false;
        }
        int digit = a.ptr[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) { /* downwards: INT64_MIN fits */
            return false;
        }
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value)) {
        return false;
    }
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

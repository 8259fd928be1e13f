#include "runtime/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST = 4096 };

struct text text_new(size_t max)
{
    return (struct text){.max = max};
}

void text_free(struct text *text)
{
    free(text->ptr);
    *text = text_new(text->max);
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->full = false;
    if (text->ptr != NULL) {
        text->ptr[0] = '\0';
    }
}

bool text_reserve(struct text *text, size_t more)
{
    if (more > text->max - text->len) {
        text->full = true;
        return false;
    }
    size_t want = text->len + more + 1;
    if (want <= text->cap) {
        return true;
    }
    size_t cap = text->cap == 0 ? TEXT_FIRST : text->cap;
    while (cap < want) {
        cap *= 2;
    }
    char *bigger = realloc(text->ptr, cap);
    if (bigger == NULL) {
        text->full = true;
        return false;
    }
    text->ptr = bigger;
    text->cap = cap;
    return true;
}

bool text_add(struct text *text, const char *bytes, size_t len)
{
    if (!text_reserve(text, len)) {
        return false;
    }
    if (len != 0) {
        memcpy(text->ptr + text->len, bytes, len);
    }
    text->len += len;
    text->ptr[text->len] = '\0';
    return true;
}

bool text_addz(struct text *text, const char *z)
{
    return text_add(text, z, strlen(z));
}

bool text_printf(struct text *text, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int want = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (want < 0 || !text_reserve(text, (size_t)want)) {
        return false;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text->ptr + text->len, (size_t)want + 1, fmt, ap);
    va_end(ap);
    text->len += (size_t)want;
    return true;
}

/* Length and code point of the character at ${p}; 0 for what is no UTF-8 (RFC 3629, section 4). */
static size_t utf8_next(const unsigned char *p, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = 0;

    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        n = 2;
        *code = p[0] & 0x1FU;
    } else if ((p[0] & 0xF0U) == 0xE0) {
        n = 3;
        *code = p[0] & 0x0FU;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        n = 4;
        *code = p[0] & 0x07U;
    }
    if (n == 0 || n > left) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0U) != 0x80) {
            return 0;
        }
        *code = (*code << 6U) | (p[i] & 0x3FU);
    }
    bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < least[n] || *code > 0x10FFFF || surrogate ? 0 : n;
}

static bool add_char(struct text *text, const char *bytes, size_t n, uint32_t code, bool ascii)
{
    if (code == '"' || code == '\\') {
        return text_printf(text, "\\%c", (char)code);
    }
    if (code < 0x20 || code == 0x7f) {
        return code == '\n' ? text_addz(text, "\\n") : text_printf(text, "\\u%04x", code);
    }
    if (!ascii || code < 0x80) {
        return text_add(text, bytes, n);
    }
    if (code < 0x10000) {
        return text_printf(text, "\\u%04x", code);
    }
    return text_printf(text, "\\u%04x\\u%04x", 0xD800 + ((code - 0x10000) >> 10U),
                       0xDC00 + ((code - 0x10000) & 0x3FFU));
}

bool text_json(struct text *text, const char *bytes, size_t len, bool ascii)
{
    bool ok = text_addz(text, "\"");

    for (size_t i = 0; ok && i < len;) {
        uint32_t code = 0;
        size_t n = utf8_next((const unsigned char *)bytes + i, len - i, &code);
        if (n == 0) {
            ok = add_char(text, "\xEF\xBF\xBD", 3, 0xFFFD, ascii);
            n = 1;
        } else {
            ok = add_char(text, bytes + i, n, code, ascii);
        }
        i += n;
    }
    return ok && text_addz(text, "\"");
}

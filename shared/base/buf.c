#include "base/buf.h"

#include <stdio.h>

#include "base/utf8.h"

enum { BF_BUF_FIRST = 64, BF_BUF_WAITS = 32 * 1024 };

struct bf_buf bf_buf_new(struct bf_arena *arena, size_t max)
{
    return (struct bf_buf){.arena = arena,
                           .ptr = bf_arena_alloc(arena, BF_BUF_FIRST, 1),
                           .cap = BF_BUF_FIRST,
                           .max = max};
}

bool bf_buf_flush(struct bf_buf *buf)
{
    if (buf->drain != NULL && !buf->full) {
        buf->full = !buf->drain(buf->to, bf_buf_sv(buf));
        buf->len = 0;
        buf->ptr[0] = '\0';
    }
    return !buf->full;
}

/* What reserve() seldom has to do: hand on, grow, or be full. */
static bool make_room(struct bf_buf *buf, size_t more)
{
    if (buf->len >= BF_BUF_WAITS) {
        (void)bf_buf_flush(buf);
    }
    if (buf->full || more > buf->max - buf->len) {
        buf->full = true;
        return false;
    }
    if (buf->len + more + 1 > buf->cap) {
        size_t cap = buf->cap;
        while (cap < buf->len + more + 1) {
            cap *= 2;
        }
        buf->ptr = bf_arena_resize(buf->arena, buf->ptr, buf->cap, cap);
        buf->cap = cap;
    }
    return true;
}

/* Room for ${more} bytes and the NUL; false once the cap is reached. */
static inline bool reserve(struct bf_buf *buf, size_t more)
{
    bool there = !buf->full && buf->len < BF_BUF_WAITS && more < buf->cap - buf->len &&
                 more <= buf->max - buf->len;

    return there || make_room(buf, more);
}

void bf_buf_add(struct bf_buf *buf, struct bf_sv text)
{
    if (text.len != 0 && reserve(buf, text.len)) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): what has bytes has a place */
        memcpy(buf->ptr + buf->len, text.ptr, text.len);
        buf->len += text.len;
        buf->ptr[buf->len] = '\0';
    }
}

void bf_buf_addz(struct bf_buf *buf, const char *text)
{
    bf_buf_add(buf, bf_sv_of(text));
}

void bf_buf_addc(struct bf_buf *buf, char c)
{
    if (reserve(buf, 1)) {
        buf->ptr[buf->len++] = c;
        buf->ptr[buf->len] = '\0';
    }
}

void bf_buf_fill(struct bf_buf *buf, char c, size_t n)
{
    if (n != 0 && reserve(buf, n)) {
        memset(buf->ptr + buf->len, c, n);
        buf->len += n;
        buf->ptr[buf->len] = '\0';
    }
}

void bf_buf_vprintf(struct bf_buf *buf, const char *fmt, va_list ap)
{
    va_list again;

    if (!reserve(buf, 0)) {
        return;
    }
    /* Most texts fit into the room that is there: written once, not measured first. */
    size_t room = buf->cap - buf->len;
    va_copy(again, ap);
    int want = vsnprintf(buf->ptr + buf->len, room, fmt, again);
    va_end(again);
    bool fits = want >= 0 && (size_t)want < room && (size_t)want <= buf->max - buf->len;
    if (!fits) {
        buf->ptr[buf->len] = '\0';
    }
    if (want > 0 && !fits && reserve(buf, (size_t)want)) {
        (void)vsnprintf(buf->ptr + buf->len, (size_t)want + 1, fmt, ap);
        fits = true;
    }
    buf->len += fits ? (size_t)want : 0;
}

void bf_buf_printf(struct bf_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    bf_buf_vprintf(buf, fmt, ap);
    va_end(ap);
}

/* So many bytes at the start of ${text} are characters of ASCII that stand for themselves. */
static size_t plain_prefix(struct bf_sv text)
{
    size_t i = 0;

    while (i < text.len && text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f && text.ptr[i] != '"' &&
           text.ptr[i] != '\\') {
        i++;
    }
    return i;
}

/* The first character of ${text}, which is not empty; returns its bytes. */
static size_t add_json_char(struct bf_buf *buf, struct bf_sv text)
{
    size_t n = bf_utf8_next(text, NULL);
    unsigned char c = (unsigned char)text.ptr[0]; /* NOLINT(clang-analyzer-core.NullDereference) */

    if (n == 0) {
        bf_buf_addz(buf, "\xEF\xBF\xBD");
        return 1;
    }
    if (c == '"' || c == '\\') {
        bf_buf_printf(buf, "\\%c", c);
    } else if (c == '\n') {
        bf_buf_addz(buf, "\\n");
    } else if (c == '\t') {
        bf_buf_addz(buf, "\\t");
    } else if (c == '\r') {
        bf_buf_addz(buf, "\\r");
    } else if (c < 0x20 || c == 0x7f) {
        bf_buf_printf(buf, "\\u%04x", c);
    } else {
        bf_buf_add(buf, bf_sv_slice(text, 0, n));
    }
    return n;
}

void bf_buf_json(struct bf_buf *buf, struct bf_sv text)
{
    bf_buf_addc(buf, '"');
    while (text.len != 0) {
        size_t plain = plain_prefix(text);
        bf_buf_add(buf, bf_sv_slice(text, 0, plain));
        text = bf_sv_from(text, plain);
        if (text.len != 0) {
            text = bf_sv_from(text, add_json_char(buf, text));
        }
    }
    bf_buf_addc(buf, '"');
}

void bf_buf_clear(struct bf_buf *buf)
{
    buf->len = 0;
    buf->full = false;
    buf->ptr[0] = '\0';
}

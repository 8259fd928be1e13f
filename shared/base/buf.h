#ifndef BF_BASE_BUF_H
#define BF_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"

/**
 * Text under construction, with a cap. The bytes live in the arena and are
 * always followed by a NUL that len does not count. Once an append would pass
 * the cap nothing more is taken: ${full} stays true, and what is there is a
 * prefix of the appended pieces, never a cut piece.
 */
struct bf_buf {
    struct bf_arena *arena;
    char *ptr; /* never NULL */
    size_t len, cap, max;
    bool full;
    bool (*drain)(void *to, struct bf_sv text); /* NULL: the text stays here */
    void *to;
};

/** An empty buffer that takes at most ${max} bytes. */
struct bf_buf bf_buf_new(struct bf_arena *arena, size_t max);

void bf_buf_add(struct bf_buf *buf, struct bf_sv text);
void bf_buf_addz(struct bf_buf *buf, const char *text);
void bf_buf_addc(struct bf_buf *buf, char c);
void bf_buf_fill(struct bf_buf *buf, char c, size_t n);
void bf_buf_printf(struct bf_buf *buf, const char *fmt, ...) BF_PRINTF(2, 3);
void bf_buf_vprintf(struct bf_buf *buf, const char *fmt, va_list ap) BF_PRINTF(2, 0);

/**
 * Append ${text} as a JSON string with its quotes. Bytes that are no UTF-8
 * become U+FFFD, control characters \u00XX; everything else stays as it is.
 */
void bf_buf_json(struct bf_buf *buf, struct bf_sv text);

/**
 * A buffer whose ${drain} is set hands its text on whenever there is much of it, so that long
 * output takes no memory: ${len} and ${max} are then of what waits. Hand on the rest as well;
 * false, and ${full}, once ${drain} has failed.
 */
bool bf_buf_flush(struct bf_buf *buf);

/** Forget the text, keep the memory and the cap. */
void bf_buf_clear(struct bf_buf *buf);

static inline struct bf_sv bf_buf_sv(const struct bf_buf *buf)
{
    return (struct bf_sv){.ptr = buf->ptr, .len = buf->len};
}

#endif /* BF_BASE_BUF_H */

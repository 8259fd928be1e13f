#include "slack/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "base/utf8.h"

static const char ellipsis[] = "\xe2\x80\xa6";

/* Bytes of the character at the start of ${text} (1 for what is no UTF-8) and its UTF-16 units. */
static size_t character(struct bf_sv text, size_t *units)
{
    uint32_t code = 0;
    size_t n = bf_utf8_next(text, &code);

    *units = n == 4 ? 2 : 1;
    return n == 0 ? 1 : n;
}

static size_t escaped_units(struct bf_sv text, size_t units)
{
    switch (text.ptr[0]) {
    case '&':
        return 5;
    case '<':
    case '>':
        return 4;
    default:
        return units;
    }
}

size_t bf_slack_length(struct bf_sv text)
{
    size_t total = 0, units = 0;

    while (text.len != 0) {
        size_t n = character(text, &units);
        total += units;
        text = bf_sv_from(text, n);
    }
    return total;
}

struct bf_sv bf_slack_clip(struct bf_arena *arena, struct bf_sv text, size_t max)
{
    struct bf_sv rest = text;
    size_t used = 0, units = 0, fits = 0; /* fits: bytes that leave room for the ellipsis */

    while (rest.len != 0) {
        size_t n = character(rest, &units);
        used += escaped_units(rest, units);
        if (used > max) {
            return bf_sv_printf(arena, BF_SV_FMT "%s", BF_SV_ARG(bf_sv_slice(text, 0, fits)),
                                ellipsis);
        }
        rest = bf_sv_from(rest, n);
        if (used < max) {
            fits = text.len - rest.len;
        }
    }
    return text;
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == '\x7f';
}

void bf_slack_escape(struct bf_buf *out, struct bf_sv text)
{
    size_t units = 0;

    while (text.len != 0) {
        size_t n = character(text, &units);
        if (text.ptr[0] == '&') {
            bf_buf_addz(out, "&amp;");
        } else if (text.ptr[0] == '<') {
            bf_buf_addz(out, "&lt;");
        } else if (text.ptr[0] == '>') {
            bf_buf_addz(out, "&gt;");
        } else if ((unsigned char)text.ptr[0] >= 0x80 && n == 1) {
            bf_buf_addz(out, "\xef\xbf\xbd");
        } else if (!is_control(text.ptr[0])) {
            bf_buf_add(out, bf_sv_slice(text, 0, n));
        }
        text = bf_sv_from(text, n);
    }
}

static struct bf_sv replaced(struct bf_arena *arena, struct bf_sv text, char from, char to)
{
    struct bf_sv copy = bf_sv_dup(arena, text);
    char *bytes = bf_arena_alloc(arena, copy.len + 1, 1);

    for (size_t i = 0; i < copy.len; i++) {
        bytes[i] = copy.ptr[i];
        if (bytes[i] == '\n' || bytes[i] == '\t') {
            bytes[i] = ' ';
        }
        if (bytes[i] == from) {
            bytes[i] = to;
        }
    }
    return (struct bf_sv){.ptr = bytes, .len = copy.len};
}

void bf_slack_code_span(struct bf_buf *out, struct bf_sv text)
{
    bf_buf_addc(out, '`');
    bf_slack_escape(out, replaced(out->arena, text, '`', '\''));
    bf_buf_addc(out, '`');
}

void bf_slack_link(struct bf_buf *out, struct bf_sv url, struct bf_sv text)
{
    bf_buf_addc(out, '<');
    bf_buf_add(out, url);
    bf_buf_addc(out, '|');
    bf_slack_escape(out, replaced(out->arena, text, '|', ' '));
    bf_buf_addc(out, '>');
}

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "crypto/crypto.h"
#include "json/json.h"

enum { FINGERPRINT_ROOM = 16384 };

static void add_or_null(bf_json *object, const char *key, struct bf_sv text)
{
    if (text.len == 0) {
        (void)bf_json_add_null(object, key);
    } else {
        (void)bf_json_add_str(object, key, text);
    }
}

static void add_line(bf_json *object, const char *key, int64_t line)
{
    if (line == 0) {
        (void)bf_json_add_null(object, key);
    } else {
        (void)bf_json_add_i64(object, key, line);
    }
}

bf_json *bf_cause_json(struct bf_arena *arena, const struct bf_cause *cause)
{
    bf_json *out = bf_json_new_object(arena);

    (void)bf_json_add_str(out, "class", bf_sv_of(bf_cause_class_name(cause->class)));
    add_or_null(out, "exception", cause->exception);
    add_or_null(out, "message", cause->message);
    add_or_null(out, "file", cause->file);
    add_line(out, "line", cause->line);
    bf_json *frames = bf_json_add_array(out, "frames");
    for (size_t i = 0; i < cause->frame_count; i++) {
        const struct bf_cause_frame *frame = &cause->frames[i];
        bf_json *item = bf_json_add_object(frames, NULL);
        (void)bf_json_add_str(item, "file", frame->file);
        add_line(item, "line", frame->line);
        add_or_null(item, "function", frame->function);
        add_or_null(item, "source", frame->source);
        (void)bf_json_add_bool(item, "user", frame->user);
    }
    add_or_null(out, "excerpt", cause->excerpt);
    add_or_null(out, "rank", cause->rank);
    add_or_null(out, "host", cause->host);
    (void)bf_json_add_i64(out, "also", (int64_t)cause->also);
    add_or_null(out, "advice", bf_sv_of(bf_cause_advice(cause->class)));
    return out;
}

/*
 * Message without what changes from run to run: numbers, hex, quoted text and paths become '#'.
 */
static void add_stable(struct bf_buf *out, struct bf_sv text)
{
    size_t i = 0;

    while (i < text.len) {
        char c = bf_at(text, i);
        bool digit = c >= '0' && c <= '9';
        if (c == '\'' || c == '"') {
            size_t end = bf_sv_find(bf_sv_from(text, i + 1), c);
            bf_buf_addc(out, '#');
            i += end + 2;
        } else if (digit || c == '/') {
            bf_buf_addc(out, '#');
            while (i < text.len && text.ptr[i] != ' ' && text.ptr[i] != ',' && text.ptr[i] != ')' &&
                   text.ptr[i] != '\n') {
                i++;
            }
        } else {
            bf_buf_addc(out, c);
            i++;
        }
    }
}

struct bf_sv bf_cause_fingerprint(struct bf_arena *arena, const struct bf_cause *cause)
{
    struct bf_buf text = bf_buf_new(arena, FINGERPRINT_ROOM);

    bf_buf_addz(&text, bf_cause_class_name(cause->class));
    bf_buf_addc(&text, '\n');
    bf_buf_add(&text, cause->exception);
    bf_buf_addc(&text, '\n');
    add_stable(&text, bf_sv_slice(cause->message, 0, bf_sv_find(cause->message, '\n')));
    for (size_t i = 0; i < cause->frame_count; i++) {
        if (cause->frames[i].user) {
            bf_buf_addc(&text, '\n');
            bf_buf_add(&text, cause->frames[i].function);
        }
    }
    return bf_sv_slice(bf_sha256_hex(arena, bf_buf_sv(&text)), 0, 16);
}

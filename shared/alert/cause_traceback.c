#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause_parts.h"
#include "base/sv.h"

enum {
    STRAYS = 3,         /* foreign lines inside a traceback */
    MESSAGE_LINES = 40, /* of an exception's message */
};

/* ---- lines of a Python traceback ---- */

static struct bf_sv without_prefix(const struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv prefix = bf_capped_sv(&m->prefix);

    if (prefix.len == 0 || line.len < prefix.len) {
        return line;
    }
    for (size_t i = 0; i < prefix.len; i++) {
        char a = prefix.ptr[i], b = line.ptr[i];
        bool digits = a >= '0' && a <= '9' && b >= '0' && b <= '9';
        if (a != b && !digits) {
            return line;
        }
    }
    return bf_sv_from(line, prefix.len);
}

static void add_source(struct bf_machine *m, struct bf_sv text)
{
    struct bf_kept_frame *frame = bf_frames_last(&m->cur->frames);

    if (frame != NULL && frame->source.len < 200) {
        bf_capped_add(&frame->source, frame->source.len == 0 ? (struct bf_sv){0} : BF_SV("\n"));
        bf_capped_add(&frame->source, text);
    }
}

void bf_machine_set_exception(struct bf_machine *m, struct bf_sv name, struct bf_sv message)
{
    bf_capped_set(&m->cur->exception, name);
    bf_capped_set(&m->cur->message, message);
    /* pydantic, torch and the like go on below, not always indented */
    m->open_message = bf_finishes(message, ":") || bf_has(message, "validation error");
    m->message_lines = 1;
    m->blank = false;
    m->state = BF_IN_MESSAGE;
}

void bf_machine_add_frame(struct bf_machine *m, const struct bf_code_place *place, size_t indent)
{
    bf_frames_add(&m->cur->frames, place, bf_py_is_user(place->file));
    m->cur->frames.any_launcher = m->cur->frames.any_launcher || bf_py_is_launcher(place->file);
    m->need_source = true;
    m->maybe.len = 0;
    m->flush_left = indent == 0;
}

static bool try_exception(struct bf_machine *m, struct bf_sv t, size_t indent)
{
    struct bf_sv name = {0}, message = {0};
    enum bf_strength strength = bf_py_exception(t, &name, &message);
    size_t base = m->indent;

    if (strength == BF_NO || indent > base + 1) {
        return false;
    }
    if (strength == BF_WEAK && (m->strays != 0 || m->cur->frames.count == 0 || indent > base)) {
        return false;
    }
    if (strength == BF_WEAK && m->need_source) { /* "self.model: Model = load()", or "Stop: x" */
        bf_capped_set(&m->maybe, t);
        return false;
    }
    bf_machine_set_exception(m, name, message);
    return true;
}

bool bf_machine_frames_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv body = without_prefix(m, line), t = bf_ltrim(body);
    size_t indent = body.len - t.len;
    struct bf_code_place place = {0};
    struct bf_telling tells;

    if (t.len == 0) {
        return true;
    }
    if (bf_py_header(t) != SIZE_MAX) {
        return m->cur->frames.count == 0; /* two ranks that share a stream begin alike */
    }
    if (bf_py_frame(t, &place)) {
        bf_machine_add_frame(m, &place, indent);
        return true;
    }
    if (bf_line_is_toolkit(line)) {
        return false;
    }
    if (bf_py_carets(t)) {
        add_source(m, body);
        return true;
    }
    if (bf_begins(t, "[Previous line repeated") || try_exception(m, t, indent)) {
        return true;
    }
    if (indent > m->indent || m->need_source) { /* also where a launcher stripped the line */
        if (m->need_source) {
            add_source(m, body);
        }
        m->need_source = false;
        return true;
    }
    m->strays++;
    return m->strays <= STRAYS && !(bf_line_tells(line, &tells) && tells.hard);
}

static bool is_link(struct bf_sv t)
{
    return bf_begins(t, "The above exception was the direct cause") ||
           bf_begins(t, "During handling of the above exception") || bf_begins(t, "-- Process ");
}

/* The end of the text that a worker's process sent: its frames are the place of the error. */
static void close_remote(struct bf_machine *m)
{
    if (m->in_remote) {
        bf_frames_copy(&m->cur->worker, &m->cur->frames);
        m->worker_closed = true;
        m->in_remote = false;
    }
}

bool bf_machine_message_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv body = without_prefix(m, line), t = bf_ltrim(body);
    size_t indent = body.len - t.len;
    struct bf_code_place place = {0};

    if (t.len == 0) {
        m->blank = true;
        return true;
    }
    if (is_link(t)) {
        m->link = true;
        return true;
    }
    if (bf_sv_is(bf_sv_trim(t), "\"\"\"") || bf_sv_is(bf_sv_trim(t), "'''")) {
        close_remote(m);
        return true;
    }
    if (bf_py_header(t) != SIZE_MAX) {
        if (!m->link && !bf_begins(t, "Original Traceback")) {
            return false;
        }
        bool inner = m->in_remote;
        bf_machine_segment(m);
        m->in_remote = inner;
        return true;
    }
    if (!m->blank && indent >= 2 && bf_py_frame(t, &place)) { /* Ray: frames without a header */
        bf_machine_segment(m);
        bf_machine_add_frame(m, &place, indent);
        return true;
    }
    if (bf_line_is_toolkit(line) || m->blank || m->message_lines >= MESSAGE_LINES) {
        return false;
    }
    if (indent > m->indent ||
        (m->open_message && m->message_lines < 8 && !bf_line_is_record(t) && !bf_begins(t, ": "))) {
        t = bf_sv_trim(bf_begins(t, "what():") ? bf_sv_from(t, 7) : t); /* C++ */
        bf_capped_add(&m->cur->message, m->cur->message.len == 0 ? (struct bf_sv){0} : BF_SV("\n"));
        bf_capped_add(&m->cur->message, t);
        m->message_lines++;
        return true;
    }
    return false;
}

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"

enum { EXCERPT_ROOM = 64 * 1024 };

static void add_line(struct bf_buf *out, struct bf_sv text)
{
    if (text.len != 0) {
        bf_buf_add(out, text);
        bf_buf_addc(out, '\n');
    }
}

static void add_java_frame(struct bf_buf *out, const struct bf_kept_frame *frame)
{
    bf_buf_printf(out, "\tat " BF_SV_FMT "(" BF_SV_FMT, BF_SV_ARG(bf_capped_sv(&frame->function)),
                  BF_SV_ARG(bf_capped_sv(&frame->file)));
    if (frame->line != 0) {
        bf_buf_printf(out, ":%lld", (long long)frame->line);
    }
    bf_buf_addz(out, ")\n");
}

static void add_python_frame(struct bf_buf *out, const struct bf_kept_frame *frame)
{
    bf_buf_printf(out, "  File \"" BF_SV_FMT "\", line %lld", BF_SV_ARG(bf_capped_sv(&frame->file)),
                  (long long)frame->line);
    if (frame->function.len != 0) {
        bf_buf_printf(out, ", in " BF_SV_FMT, BF_SV_ARG(bf_capped_sv(&frame->function)));
    }
    bf_buf_addc(out, '\n');
    add_line(out, bf_capped_sv(&frame->source));
}

/* Frames of libraries are folded, but for the deepest one. */
static void add_frames(struct bf_buf *out, const struct bf_frames *frames, bool java)
{
    size_t n = frames->count < BF_CAUSE_FRAMES ? frames->count : BF_CAUSE_FRAMES, folded = 0;

    if (frames->count > n) {
        bf_buf_printf(out, "  ... %zu frames above\n", frames->count - n);
    }
    for (size_t i = 0; i < n; i++) {
        const struct bf_kept_frame *frame =
            &frames->items[(frames->count - n + i) % BF_CAUSE_FRAMES];
        bool deepest = java ? i == 0 : i + 1 == n;
        if (!frame->user && !deepest) {
            folded++;
            continue;
        }
        if (folded != 0) {
            bf_buf_printf(out, "  ... %zu frame%s of libraries\n", folded, folded == 1 ? "" : "s");
            folded = 0;
        }
        if (java) {
            add_java_frame(out, frame);
        } else {
            add_python_frame(out, frame);
        }
    }
    if (folded != 0) {
        bf_buf_printf(out, "  ... %zu frame%s of libraries\n", folded, folded == 1 ? "" : "s");
    }
}

static void add_exception(struct bf_buf *out, const struct bf_trace *trace)
{
    if (trace->exception.len == 0) {
        bf_buf_addz(out, "(the last line of the traceback is not in the log)\n");
        return;
    }
    bf_buf_add(out, bf_capped_sv(&trace->exception));
    if (trace->message.len != 0) {
        bf_buf_addz(out, ": ");
        bf_buf_add(out, bf_capped_sv(&trace->message));
    }
    bf_buf_addc(out, '\n');
}

struct bf_sv bf_trace_excerpt(struct bf_arena *arena, const struct bf_trace *trace)
{
    struct bf_buf out = bf_buf_new(arena, EXCERPT_ROOM);
    const struct bf_frames *frames = trace->worker_valid ? &trace->worker : &trace->frames;

    bf_buf_add(&out, bf_capped_sv(&trace->before));
    if (trace->java) {
        add_exception(&out, trace);
        add_frames(&out, frames, true);
    } else {
        if (frames->count != 0) {
            bf_buf_addz(&out, "Traceback (most recent call last):\n");
        }
        add_frames(&out, frames, false);
        add_exception(&out, trace);
    }
    if (trace->leaf.len != 0) {
        bf_buf_addz(&out, "first of the group: ");
        add_line(&out, bf_capped_sv(&trace->leaf));
    }
    if (trace->cause.len != 0) {
        bf_buf_addz(&out, trace->java ? "thrown as: " : "caused by: ");
        bf_buf_add(&out, bf_capped_sv(&trace->cause));
    }
    bf_buf_add(&out, bf_capped_sv(&trace->after));
    return bf_buf_sv(&out);
}

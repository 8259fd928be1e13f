#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/arena.h"
#include "base/sv.h"

enum {
    EXCEPTION_MAX = 220,
    MESSAGE_MAX = 2000,
    CAUSE_MAX = 600,
    FILE_MAX = 240,
    FUNCTION_MAX = 120,
    SOURCE_MAX = 320,
    AROUND_MAX = 1600,
};

static struct bf_frames frames_new(struct bf_arena *arena)
{
    struct bf_frames frames = {.items = BF_NEW_N(arena, struct bf_kept_frame, BF_CAUSE_FRAMES)};

    for (size_t i = 0; i < BF_CAUSE_FRAMES; i++) {
        frames.items[i].file = bf_capped_new(arena, FILE_MAX);
        frames.items[i].function = bf_capped_new(arena, FUNCTION_MAX);
        frames.items[i].source = bf_capped_new(arena, SOURCE_MAX);
    }
    return frames;
}

struct bf_trace *bf_trace_new(struct bf_arena *arena)
{
    struct bf_trace *trace = BF_NEW(arena, struct bf_trace);

    trace->exception = bf_capped_new(arena, EXCEPTION_MAX);
    trace->message = bf_capped_new(arena, MESSAGE_MAX);
    trace->cause = bf_capped_new(arena, CAUSE_MAX);
    trace->leaf = bf_capped_new(arena, AROUND_MAX);
    trace->before = bf_capped_new(arena, AROUND_MAX);
    trace->after = bf_capped_new(arena, AROUND_MAX);
    trace->outer_file = bf_capped_new(arena, FILE_MAX);
    trace->frames = frames_new(arena);
    trace->worker = frames_new(arena);
    return trace;
}

static void frames_clear(struct bf_frames *frames)
{
    frames->count = 0;
    frames->any_launcher = false;
}

void bf_trace_clear(struct bf_trace *trace)
{
    struct bf_capped *const texts[] = {&trace->exception, &trace->message, &trace->cause,
                                       &trace->leaf,      &trace->before,  &trace->after,
                                       &trace->outer_file};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        texts[i]->len = 0;
    }
    frames_clear(&trace->frames);
    frames_clear(&trace->worker);
    trace->tier = BF_TIER_NOISE;
    trace->java = trace->group = trace->logged = trace->noise = trace->worker_valid = false;
    trace->echo = 0;
    trace->after_lines = 0;
    trace->outer_line = 0;
    trace->time_ms = 0;
}

void bf_frames_copy(struct bf_frames *to, const struct bf_frames *from)
{
    size_t n = from->count < BF_CAUSE_FRAMES ? from->count : BF_CAUSE_FRAMES;

    for (size_t i = 0; i < n; i++) {
        bf_capped_set(&to->items[i].file, bf_capped_sv(&from->items[i].file));
        bf_capped_set(&to->items[i].function, bf_capped_sv(&from->items[i].function));
        bf_capped_set(&to->items[i].source, bf_capped_sv(&from->items[i].source));
        to->items[i].line = from->items[i].line;
        to->items[i].user = from->items[i].user;
    }
    to->count = from->count;
    to->any_launcher = from->any_launcher;
}

void bf_trace_copy(struct bf_trace *to, const struct bf_trace *from)
{
    struct bf_trace texts = *to; /* keep the memory of the copy's texts */

    *to = *from;
    to->exception = texts.exception;
    to->message = texts.message;
    to->cause = texts.cause;
    to->leaf = texts.leaf;
    to->before = texts.before;
    to->after = texts.after;
    to->outer_file = texts.outer_file;
    to->frames = texts.frames;
    to->worker = texts.worker;
    bf_capped_set(&to->exception, bf_capped_sv(&from->exception));
    bf_capped_set(&to->message, bf_capped_sv(&from->message));
    bf_capped_set(&to->cause, bf_capped_sv(&from->cause));
    bf_capped_set(&to->leaf, bf_capped_sv(&from->leaf));
    bf_capped_set(&to->before, bf_capped_sv(&from->before));
    bf_capped_set(&to->after, bf_capped_sv(&from->after));
    bf_capped_set(&to->outer_file, bf_capped_sv(&from->outer_file));
    bf_frames_copy(&to->frames, &from->frames);
    bf_frames_copy(&to->worker, &from->worker);
}

void bf_frames_add(struct bf_frames *frames, const struct bf_code_place *place, bool user)
{
    struct bf_kept_frame *frame = &frames->items[frames->count % BF_CAUSE_FRAMES];

    bf_capped_set(&frame->file, place->file);
    bf_capped_set(&frame->function, place->function);
    frame->source.len = 0;
    frame->line = place->line;
    frame->user = user;
    frames->count++;
}

struct bf_kept_frame *bf_frames_last(const struct bf_frames *frames)
{
    return frames->count == 0 ? NULL : &frames->items[(frames->count - 1) % BF_CAUSE_FRAMES];
}

/* Python prints the deepest frame last, Java first. */
struct bf_kept_frame *bf_frames_user(const struct bf_frames *frames, bool java)
{
    size_t n = frames->count < BF_CAUSE_FRAMES ? frames->count : BF_CAUSE_FRAMES;
    struct bf_kept_frame *found = NULL;

    for (size_t i = 0; i < n; i++) {
        struct bf_kept_frame *frame = &frames->items[(frames->count - n + i) % BF_CAUSE_FRAMES];
        if (frame->user) {
            found = frame;
            if (java) {
                break;
            }
        }
    }
    return found;
}

#include "alert/cause.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/cause_parts.h"
#include "alert/redact.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "base/utf8.h"

enum { MACHINES = 64, LINE_MAX_BYTES = 16 * 1024, MESSAGE_OUT = 1500 };

struct bf_cause_scan {
    struct bf_arena *arena;
    struct bf_machine *machines[MACHINES];
    size_t count;
    struct bf_capped line; /* the line at hand, cleaned */
    struct bf_capped unescaped;
    const struct bf_filter *filter;
    uint64_t seq;
    int64_t newest_ms;
};

struct bf_cause_scan *bf_cause_scan_new(struct bf_arena *arena)
{
    struct bf_cause_scan *scan = BF_NEW(arena, struct bf_cause_scan);

    scan->arena = arena;
    scan->line = bf_capped_new(arena, LINE_MAX_BYTES);
    scan->unescaped = bf_capped_new(arena, LINE_MAX_BYTES);
    scan->filter = bf_filter_new(arena);
    return scan;
}

/* ---- events to lines ---- */

static struct bf_machine *machine_of(struct bf_cause_scan *scan, struct bf_sv source,
                                     const struct bf_line_origin *origin)
{
    for (size_t i = 0; i < scan->count; i++) {
        struct bf_machine *m = scan->machines[i];
        bool named = origin->rank.len != 0;
        if (bf_sv_eq(m->source, source) && bf_sv_eq(bf_capped_sv(&m->rank), origin->rank) &&
            (named || bf_sv_eq(bf_capped_sv(&m->host), origin->host))) {
            return m;
        }
    }
    if (scan->count == MACHINES) { /* more ranks than anyone reads: they share the last one */
        return scan->machines[MACHINES - 1];
    }
    struct bf_machine *m = BF_NEW(scan->arena, struct bf_machine);
    bf_machine_init(m, scan->arena, scan->filter);
    m->source = source;
    bf_capped_set(&m->rank, bf_sv_slice(origin->rank, 0, 16));
    bf_capped_set(&m->host, bf_sv_slice(origin->host, 0, 64));
    scan->machines[scan->count++] = m;
    return m;
}

static void one_line(struct bf_cause_scan *scan, struct bf_sv source, int64_t time_ms,
                     struct bf_sv raw, bool transient)
{
    struct bf_line_origin origin = {0};
    struct bf_sv line = bf_line_clean(raw, &scan->line);

    bf_line_take_origin(&line, &origin);
    struct bf_machine *m = machine_of(scan, source, &origin);
    m->seq = ++scan->seq;
    m->time_ms = time_ms;
    m->transient = transient;
    bf_machine_line(m, line);
}

/*
 * What a later "\r" overwrites is a progress bar, or a line of a runtime that joins its lines by
 * "\r" (AWS Lambda): the machines see it, but it is no output to quote.
 */
static void split_returns(struct bf_cause_scan *scan, struct bf_sv source, int64_t time_ms,
                          struct bf_sv rest)
{
    while (bf_sv_ends(rest, BF_SV("\r"))) {
        rest.len--;
    }
    for (;;) {
        size_t at = bf_sv_find(rest, '\r');
        one_line(scan, source, time_ms, bf_sv_slice(rest, 0, at), at != rest.len);
        if (at == rest.len) {
            return;
        }
        rest = bf_sv_from(rest, at + 1);
    }
}

/* A logger that writes JSON puts a whole traceback into one string: undo its escapes. */
static struct bf_sv json_unescaped(struct bf_capped *out, struct bf_sv text)
{
    out->len = 0;
    for (size_t i = 0; i < text.len && out->len < out->cap; i++) {
        char next = bf_at(text, i + 1);
        if (text.ptr[i] != '\\' || next == '\0') {
            out->ptr[out->len++] = text.ptr[i];
            continue;
        }
        i++;
        if (next == 'n' || next == 'r') {
            next = '\n';
        } else if (next == 't') {
            next = '\t';
        }
        out->ptr[out->len++] = next;
    }
    return bf_capped_sv(out);
}

void bf_cause_event(struct bf_cause_scan *scan, struct bf_sv source, int64_t time_ms,
                    struct bf_sv text)
{
    text = bf_sv_slice(text, 0, BF_CAUSE_EVENT);
    if (time_ms > scan->newest_ms) {
        scan->newest_ms = time_ms;
    }
    if (text.len != 0 && text.len <= LINE_MAX_BYTES && bf_at(text, 0) == '{' &&
        bf_has(text, "(most recent call last):\\n")) {
        struct bf_sv record = bf_sv_slice(text, 0, bf_sv_find(text, '\\'));
        text = json_unescaped(&scan->unescaped, bf_sv_from(text, record.len));
        one_line(scan, source, time_ms, BF_SV("ERROR"), true);
        one_line(scan, source, time_ms, BF_SV("Traceback (most recent call last):"), true);
    }
    for (;;) {
        size_t at = bf_sv_find(text, '\n');
        split_returns(scan, source, time_ms, bf_sv_slice(text, 0, at));
        if (at == text.len) {
            return;
        }
        text = bf_sv_from(text, at + 1);
        if (text.len == 0) {
            return;
        }
    }
}

/* ---- the choice ---- */

struct pick {
    const struct bf_machine *machine;
    const struct bf_trace *trace; /* NULL: the tale, or nothing */
    const struct bf_tale *tale;
    enum bf_tier tier;
    uint64_t seq;
    int64_t time_ms;
};

static const struct bf_trace *trace_of(const struct bf_machine *m, bool launcher)
{
    /* Ranks that share one stream under a launcher: the first error of the last breath. */
    bool breath = m->has_first && m->has_last && m->first->program == m->last->program;

    return launcher && breath && m->last->tier == BF_TIER_REAL ? m->first
           : m->has_last                                       ? m->last
                                                               : NULL;
}

static bool tale_wins(const struct bf_machine *m, const struct bf_trace *trace, enum bf_tier tier)
{
    if (!m->tale.present) {
        return false;
    }
    if (trace == NULL || tier <= BF_TIER_WRAPPER) {
        return m->tale.tells.hard || trace == NULL || tier <= BF_TIER_SURVIVED;
    }
    return m->tale.tells.hard && m->tale.program > trace->program;
}

static struct pick pick_of(const struct bf_machine *m, bool launcher)
{
    const struct bf_trace *trace = trace_of(m, launcher);
    enum bf_tier tier = trace == NULL ? BF_TIER_NOISE : bf_machine_tier(m, trace);
    struct pick pick = {.machine = m};

    if (tale_wins(m, trace, tier)) {
        pick.tale = &m->tale;
        pick.tier = BF_TIER_REAL;
        pick.seq = m->tale.seq;
        pick.time_ms = m->tale.time_ms;
    } else if (trace != NULL && tier > BF_TIER_SURVIVED) {
        pick.trace = trace;
        pick.tier = tier;
        pick.seq = trace->seq;
        pick.time_ms = trace->time_ms;
    }
    return pick;
}

static bool better(const struct pick *a, const struct pick *b)
{
    if (a->tier != b->tier) {
        return a->tier > b->tier;
    }
    if (a->time_ms != 0 && b->time_ms != 0 && a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms;
    }
    return a->seq < b->seq;
}

static struct pick choose(const struct bf_cause_scan *scan)
{
    struct pick best = {0};
    bool launcher = false;

    for (size_t i = 0; i < scan->count; i++) {
        launcher = launcher || scan->machines[i]->launcher;
    }
    for (size_t i = 0; i < scan->count; i++) {
        struct pick pick = pick_of(scan->machines[i], launcher);
        if (pick.trace != NULL && pick.trace->echo != 0 && pick.tier == BF_TIER_REAL &&
            scan->count > 1) {
            pick.tier = BF_TIER_ECHO;
        }
        if ((pick.trace != NULL || pick.tale != NULL) &&
            (best.machine == NULL || better(&pick, &best))) {
            best = pick;
        }
    }
    return best;
}

static size_t count_also(const struct bf_cause_scan *scan, const struct pick *chosen)
{
    size_t also = 0;

    for (size_t i = 0; i < scan->count; i++) {
        const struct bf_machine *m = scan->machines[i];
        const struct bf_trace *trace = trace_of(m, false);
        if (m == chosen->machine || trace == NULL || chosen->trace == NULL) {
            continue;
        }
        also +=
            bf_sv_eq(bf_capped_sv(&trace->exception), bf_capped_sv(&chosen->trace->exception)) &&
            bf_sv_eq(bf_capped_sv(&trace->message), bf_capped_sv(&chosen->trace->message));
    }
    return also;
}

/* ---- the answer ---- */

static struct bf_sv cleaned(struct bf_arena *arena, struct bf_sv text, size_t max)
{
    struct bf_sv safe = bf_redact(arena, text);
    struct bf_sv cut = bf_utf8_truncate(safe, max);

    return bf_sv_trim(cut);
}

/* The end of a text: what stands last tells most. */
static struct bf_sv end_of(struct bf_sv text, size_t max)
{
    if (text.len <= max) {
        return text;
    }
    text = bf_sv_from(text, text.len - max);
    size_t line = bf_sv_find(text, '\n');
    return line == text.len ? text : bf_sv_from(text, line + 1);
}

static void take_frames(struct bf_arena *arena, struct bf_cause *out,
                        const struct bf_frames *frames)
{
    size_t n = frames->count < BF_CAUSE_FRAMES ? frames->count : BF_CAUSE_FRAMES;

    out->frames = BF_NEW_N(arena, struct bf_cause_frame, n);
    out->frame_count = n;
    out->frames_skipped = frames->count - n;
    for (size_t i = 0; i < n; i++) {
        const struct bf_kept_frame *frame =
            &frames->items[(frames->count - n + i) % BF_CAUSE_FRAMES];
        struct bf_sv source = bf_capped_sv(&frame->source);
        source = bf_sv_slice(source, 0, bf_sv_find(source, '\n'));
        out->frames[i] =
            (struct bf_cause_frame){.file = cleaned(arena, bf_capped_sv(&frame->file), 400),
                                    .function = cleaned(arena, bf_capped_sv(&frame->function), 200),
                                    .source = cleaned(arena, source, 400),
                                    .line = frame->line,
                                    .user = frame->user};
    }
}

static void from_trace(struct bf_arena *arena, const struct bf_trace *trace, struct bf_cause *out)
{
    const struct bf_frames *frames = trace->worker_valid ? &trace->worker : &trace->frames;
    struct bf_kept_frame *user = bf_frames_user(frames, trace->java);
    struct bf_sv exception = bf_capped_sv(&trace->exception);
    struct bf_sv message = bf_sv_trim(bf_capped_sv(&trace->message));

    if (user == NULL && trace->worker_valid) {
        user = bf_frames_user(&trace->frames, false);
    }
    struct bf_sv tells = trace->group ? bf_capped_sv(&trace->leaf) : message;
    out->class = bf_cause_classify(exception, tells);
    if (out->class == BF_CAUSE_UNKNOWN && trace->group) {
        out->class = bf_cause_classify(bf_sv_slice(tells, 0, bf_sv_find(tells, ':')), tells);
    }
    if (out->class == BF_CAUSE_UNKNOWN) {
        out->class = BF_CAUSE_USER_CODE;
    }
    out->exception = cleaned(arena, exception, 300);
    out->message = cleaned(arena, message, MESSAGE_OUT);
    take_frames(arena, out, frames);
    if (user != NULL) {
        out->file = cleaned(arena, bf_capped_sv(&user->file), 400);
        out->line = user->line;
    } else if (trace->outer_line != 0) {
        out->file = cleaned(arena, bf_capped_sv(&trace->outer_file), 400);
        out->line = trace->outer_line;
    }
    /* What is too long loses lines in front: the exception stands at the end. */
    struct bf_sv excerpt = bf_redact(arena, bf_trace_excerpt(arena, trace));
    out->excerpt = bf_sv_trim(end_of(excerpt, BF_CAUSE_EXCERPT));
    out->wrapper = trace->tier == BF_TIER_WRAPPER;
}

/* The last distinct lines of a rank, oldest first. */
static struct bf_sv tail_of(struct bf_arena *arena, const struct bf_machine *m)
{
    struct bf_buf out = bf_buf_new(arena, (size_t)BF_RING * 512);
    size_t n = m->ring_count < BF_RING ? m->ring_count : BF_RING;

    for (size_t i = 0; i < n; i++) {
        struct bf_sv line = bf_capped_sv(&m->ring[(m->ring_count - n + i) % BF_RING]);
        bool again = false;
        for (size_t k = i + 1; k < n && !again; k++) {
            again = bf_sv_eq(line, bf_capped_sv(&m->ring[(m->ring_count - n + k) % BF_RING]));
        }
        if (!again) {
            bf_buf_add(&out, line);
            bf_buf_addc(&out, '\n');
        }
    }
    return bf_buf_sv(&out);
}

static void from_tale(struct bf_arena *arena, const struct bf_machine *m,
                      const struct bf_tale *tale, struct bf_cause *out)
{
    struct bf_sv around = bf_redact(arena, tail_of(arena, m)), text = bf_capped_sv(&tale->text);

    out->class = tale->tells.class;
    out->message = cleaned(arena, text, MESSAGE_OUT);
    if (!bf_has(around, bf_sv_z(arena, out->message))) {
        around = bf_sv_printf(arena, BF_SV_FMT BF_SV_FMT "\n", BF_SV_ARG(around),
                              BF_SV_ARG(out->message));
    }
    out->excerpt = bf_sv_trim(end_of(around, BF_CAUSE_EXCERPT));
    if (tale->rank.len != 0) {
        out->rank = bf_sv_dup(arena, bf_capped_sv(&tale->rank));
    }
    if (tale->fault_line != 0) {
        out->file = cleaned(arena, bf_capped_sv(&tale->fault_file), 400);
        out->line = tale->fault_line;
        out->frames = BF_NEW(arena, struct bf_cause_frame);
        out->frames[0] = (struct bf_cause_frame){
            .file = out->file,
            .function = cleaned(arena, bf_capped_sv(&tale->fault_function), 200),
            .line = out->line,
            .user = true};
        out->frame_count = 1;
    }
}

/*
 * An exception that a program logged and survived is no cause; but where not one of the last lines
 * sounds like an error, it is the best there is.
 */
static const struct bf_trace *survived(const struct bf_cause_scan *scan)
{
    const struct bf_trace *best = NULL;

    for (size_t i = 0; i < scan->count; i++) {
        const struct bf_machine *m = scan->machines[i];
        if (m->has_last && m->last->tier >= BF_TIER_REAL &&
            (best == NULL || m->last->seq > best->seq)) {
            best = m->last;
        }
    }
    return best;
}

/* Nothing tells: the wrapper's words, else the last lines of the one who spoke last. */
static void from_nothing(struct bf_arena *arena, const struct bf_cause_scan *scan,
                         struct bf_cause *out)
{
    const struct bf_machine *m = NULL;
    bool exited = false;

    for (size_t i = 0; i < scan->count; i++) {
        if (scan->machines[i]->ring_count != 0 && (m == NULL || scan->machines[i]->seq > m->seq)) {
            m = scan->machines[i];
        }
    }
    for (size_t i = 0; i < scan->count; i++) {
        const struct bf_machine *w = scan->machines[i];
        exited = exited || w->exited;
        if (w->wrapped_exception.len != 0) {
            out->exception = cleaned(arena, bf_capped_sv(&w->wrapped_exception), 300);
            out->message = cleaned(arena, bf_capped_sv(&w->wrapped_message), MESSAGE_OUT);
            out->class = bf_cause_classify(out->exception, out->message);
            out->class = out->class == BF_CAUSE_UNKNOWN ? BF_CAUSE_USER_CODE : out->class;
            out->wrapper = true;
        }
    }
    if (m == NULL) {
        return;
    }
    struct bf_sv tail = bf_redact(arena, tail_of(arena, m)), rest = tail, last = {0}, bad = {0};
    out->excerpt = bf_sv_trim(end_of(tail, BF_CAUSE_EXCERPT));
    while (rest.len != 0) {
        struct bf_sv line = bf_sv_cut(&rest, '\n');
        last = line.len != 0 ? line : last;
        bad = bf_line_sounds_bad(line) ? line : bad;
    }
    if (out->exception.len == 0 && bad.len == 0 && survived(scan) != NULL) {
        from_trace(arena, survived(scan), out);
    } else if (out->exception.len == 0) {
        out->message = bf_sv_trim(bad.len != 0 ? bad : last);
        out->class = bf_cause_classify((struct bf_sv){0}, bad);
        /* The program ended itself, with words of its own; that is a weak sign, like a wrapper's */
        out->wrapper = true;
        if (out->class == BF_CAUSE_UNKNOWN && (bad.len != 0 || exited)) {
            out->class = BF_CAUSE_USER_CODE;
        }
    }
}

struct bf_cause bf_cause_scan_end(struct bf_cause_scan *scan)
{
    struct bf_cause out = {.newest_ms = scan->newest_ms};

    for (size_t i = 0; i < scan->count; i++) {
        bf_machine_end(scan->machines[i]);
    }
    struct pick pick = choose(scan);
    if (pick.trace == NULL && pick.tale == NULL) {
        from_nothing(scan->arena, scan, &out);
        return out;
    }
    if (pick.machine->rank.len != 0) {
        out.rank = bf_capped_sv(&pick.machine->rank);
    }
    out.host =
        pick.machine->host.len != 0 ? bf_capped_sv(&pick.machine->host) : pick.machine->source;
    out.time_ms = pick.time_ms;
    out.also = count_also(scan, &pick);
    if (pick.tale != NULL) {
        from_tale(scan->arena, pick.machine, pick.tale, &out);
    } else {
        from_trace(scan->arena, pick.trace, &out);
    }
    return out;
}

struct bf_cause bf_cause_of_reason(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);

    bf_cause_event(scan, (struct bf_sv){0}, 0, text);
    struct bf_cause cause = bf_cause_scan_end(scan);
    if (cause.class == BF_CAUSE_UNKNOWN ||
        (cause.class == BF_CAUSE_USER_CODE && cause.exception.len == 0)) {
        enum bf_cause_class class = bf_cause_classify((struct bf_sv){0}, text);
        cause.class = class;
    }
    return cause;
}

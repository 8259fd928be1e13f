#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/arena.h"
#include "base/sv.h"

enum {
    RING_LINE = 400,
    PREV_MAX = 1200,
    PREFIX_MAX = 200,
    HEAD_LIFE = 12,     /* lines between a Java header and its first frame */
    NOISE_LIFE = 4,     /* lines between "Exception ignored in" and its traceback */
    SURVIVED_AFTER = 3, /* lines of output after which a logged exception was survived */
    AFTER_LINES = 5,    /* kept behind a traceback */
    BEFORE_LINES = 8,   /* kept in front of it */
};

void bf_machine_init(struct bf_machine *m, struct bf_arena *arena, const struct bf_filter *filter)
{
    *m = (struct bf_machine){.arena = arena, .filter = filter};
    m->rank = bf_capped_new(arena, 16);
    m->host = bf_capped_new(arena, 64);
    m->cur = bf_trace_new(arena);
    m->last = bf_trace_new(arena);
    m->first = bf_trace_new(arena);
    m->tale.text = bf_capped_new(arena, PREV_MAX);
    m->tale.rank = bf_capped_new(arena, 16);
    m->tale.fault_file = bf_capped_new(arena, 240);
    m->tale.fault_function = bf_capped_new(arena, 120);
    for (size_t i = 0; i < BF_RING; i++) {
        m->ring[i] = bf_capped_new(arena, RING_LINE);
    }
    m->prev = bf_capped_new(arena, PREV_MAX);
    m->prefix = bf_capped_new(arena, PREFIX_MAX);
    m->java_head = bf_capped_new(arena, PREV_MAX);
    m->table_rank = bf_capped_new(arena, 16);
    m->leaf_place = bf_capped_new(arena, 400);
    m->maybe = bf_capped_new(arena, PREV_MAX);
    m->wrapped_exception = bf_capped_new(arena, 220);
    m->wrapped_message = bf_capped_new(arena, PREV_MAX);
}

/* ---- begin and end of a trace ---- */

void bf_machine_begin(struct bf_machine *m, bool logged)
{
    size_t n = m->ring_count < BF_RING ? m->ring_count : BF_RING;
    size_t from = n > BEFORE_LINES ? m->ring_count - BEFORE_LINES : m->ring_count - n;

    bf_trace_clear(m->cur);
    for (size_t i = from; i < m->ring_count; i++) {
        bf_capped_add(&m->cur->before, bf_capped_sv(&m->ring[i % BF_RING]));
        bf_capped_add(&m->cur->before, BF_SV("\n"));
    }
    m->cur->logged = logged;
    m->cur->noise = m->noise_age != 0;
    m->noise_age = 0;
    m->maybe.len = 0;
    m->strays = 0;
    m->message_lines = 0;
    m->blank = m->link = m->in_remote = m->worker_closed = false;
    m->need_source = m->flush_left = m->open_message = m->leaf_done = false;
    m->state = BF_IN_FRAMES;
}

/* A further traceback of the chain takes the place of the one before it. */
void bf_machine_segment(struct bf_machine *m)
{
    struct bf_trace *t = m->cur;

    if (t->exception.len != 0 && !m->worker_closed) {
        bf_capped_add(&t->cause, bf_capped_sv(&t->exception));
        bf_capped_add(&t->cause, BF_SV(": "));
        bf_capped_add(&t->cause, bf_sv_slice(bf_capped_sv(&t->message), 0, 300));
        bf_capped_add(&t->cause, BF_SV("\n"));
    }
    m->maybe.len = 0;
    t->worker_valid = m->worker_closed;
    m->worker_closed = false;
    t->exception.len = t->message.len = 0;
    t->frames.count = 0;
    t->frames.any_launcher = false;
    m->strays = m->message_lines = 0;
    m->blank = m->link = m->need_source = m->flush_left = m->open_message = false;
    m->state = BF_IN_FRAMES;
}

static enum bf_tier first_tier(const struct bf_trace *t)
{
    struct bf_sv exception = bf_capped_sv(&t->exception), message = bf_capped_sv(&t->message);
    struct bf_kept_frame *user = bf_frames_user(&t->frames, t->java);

    if (t->noise) {
        return BF_TIER_NOISE;
    }
    if (bf_is_wrapper(exception, message) || (!t->java && user == NULL && t->frames.any_launcher)) {
        return BF_TIER_WRAPPER;
    }
    return t->echo == 2 ? BF_TIER_ECHO : BF_TIER_REAL;
}

enum bf_tier bf_machine_tier(const struct bf_machine *m, const struct bf_trace *trace)
{
    if (trace->logged && trace->tier >= BF_TIER_WRAPPER &&
        m->program > trace->program + SURVIVED_AFTER) {
        return BF_TIER_SURVIVED;
    }
    return trace->tier;
}

static bool replaces(const struct bf_machine *m, const struct bf_trace *trace)
{
    if (!m->has_last) {
        return true;
    }
    enum bf_tier old = bf_machine_tier(m, m->last);
    if (trace->tier != old) {
        return trace->tier > old;
    }
    /* In the same breath as a real error, a closed connection is its consequence. */
    return !(trace->echo == 1 && m->last->echo == 0 && m->last->program == m->program);
}

void bf_machine_finish(struct bf_machine *m)
{
    struct bf_trace *t = m->cur;

    struct bf_sv name = {0}, message = {0};

    if (t->exception.len == 0 && m->maybe.len != 0 &&
        bf_py_exception(bf_capped_sv(&m->maybe), &name, &message) != BF_NO) {
        bf_capped_set(&t->exception, name);
        bf_capped_set(&t->message, message);
    }
    m->state = BF_IDLE;
    m->prev.len = 0; /* the line before a traceback tells whether a logger wrote it */
    t->seq = m->seq;
    t->program = m->program;
    t->time_ms = m->time_ms;
    t->echo = bf_echo(bf_capped_sv(&t->exception), bf_capped_sv(&t->message));
    t->tier = first_tier(t);
    if (t->exception.len == 0 && t->frames.count == 0) {
        return; /* a header and nothing else */
    }
    bool new_cluster = !m->has_first || (m->has_last && m->last->program != m->program);
    if (t->tier == BF_TIER_REAL && (new_cluster || m->first->tier < BF_TIER_REAL)) {
        bf_trace_copy(m->first, t);
        m->has_first = true;
    }
    if (replaces(m, t)) {
        m->cur = m->last;
        m->last = t;
        m->has_last = true;
    }
}

/* ---- lines outside of tracebacks ---- */

static void remember(struct bf_machine *m, struct bf_sv line)
{
    if (m->transient) {
        return;
    }
    bf_capped_set(&m->ring[m->ring_count % BF_RING], line);
    m->ring_count++;
    if (m->has_last && m->last->after_lines < AFTER_LINES) {
        bf_capped_add(&m->last->after, bf_sv_slice(line, 0, 200));
        bf_capped_add(&m->last->after, BF_SV("\n"));
        m->last->after_lines++;
    }
}

/* Later tales win, but what a shell adds in the same breath does not replace the first word. */
static void tell(struct bf_machine *m, struct bf_sv line, const struct bf_telling *tells)
{
    struct bf_tale *tale = &m->tale;
    bool same_breath = tale->present && tale->program == m->program;

    if (same_breath && (tale->tells.hard || !tells->hard)) {
        return;
    }
    if (tale->present && tale->tells.hard && !tells->hard) {
        return;
    }
    tale->present = true;
    tale->tells = *tells;
    bf_capped_set(&tale->rank, tells->rank.len != 0 ? tells->rank : bf_capped_sv(&m->table_rank));
    bf_capped_set(&tale->text, bf_sv_trim(line));
    tale->fault_file.len = 0;
    tale->fault_line = 0;
    tale->seq = m->seq;
    tale->program = m->program;
    tale->time_ms = m->time_ms;
}

/* Lambda writes the exception before its traceback: "[ERROR] KeyError: 'user'". */
static void exception_before(struct bf_machine *m)
{
    struct bf_sv prev = bf_capped_sv(&m->prev), name = {0}, message = {0};

    if (!bf_begins(prev, "[ERROR] ")) {
        return;
    }
    if (bf_py_exception(bf_sv_from(prev, 8), &name, &message) != BF_NO && name.ptr[0] >= 'A' &&
        name.ptr[0] <= 'Z') {
        bf_capped_set(&m->cur->exception, name);
        bf_capped_set(&m->cur->message, message);
        m->cur->logged = false;
    }
}

static void begin_python(struct bf_machine *m, struct bf_sv line, size_t at)
{
    struct bf_sv before = bf_sv_slice(line, 0, at), t = bf_ltrim(before);
    bool group = bf_finishes(before, "Exception Group ");
    bool bare = t.len == 0 || group || bf_has(t, "Exception: ") || bf_has(t, "Original ") ||
                bf_begins(t, "traceback :");

    bf_machine_begin(m, bf_line_is_record(before) || bf_line_is_record(bf_capped_sv(&m->prev)));
    bf_capped_set(&m->prefix, bare ? (struct bf_sv){0} : before);
    m->indent = t.len == 0 ? at : 0;
    if (bf_begins(t, "traceback :")) { /* torchrun's table indents what it quotes */
        m->indent = before.len - t.len;
    }
    m->in_remote = m->remote_next;
    m->remote_next = false;
    exception_before(m);
    if (group) {
        m->cur->group = true;
        m->in_parts = false;
        m->indent = 0;
        m->leaf_place.len = 0;
        m->state = BF_IN_GROUP;
    }
}

/* faulthandler's frames begin with the most recent one. */
static bool fault_line(struct bf_machine *m, struct bf_sv t)
{
    struct bf_code_place place = {0};

    if (bf_has(t, "(most recent call first)")) {
        m->fault = bf_begins(t, "Current thread") || m->tale.fault_line == 0;
        if (bf_begins(t, "Current thread")) {
            m->tale.fault_line = 0;
        }
        return true;
    }
    if (!m->fault || !bf_py_frame(t, &place)) {
        m->fault = false;
        return false;
    }
    if (m->tale.present && m->tale.fault_line == 0 && bf_py_is_user(place.file)) {
        bf_capped_set(&m->tale.fault_file, place.file);
        bf_capped_set(&m->tale.fault_function, place.function);
        m->tale.fault_line = place.line;
    }
    return true;
}

static bool cpp_line(struct bf_machine *m, struct bf_sv t)
{
    static const char thrown[] = "terminate called after throwing an instance of '";

    if (bf_begins(t, thrown)) {
        struct bf_sv type = bf_after(t, thrown);
        bf_machine_begin(m, false);
        bf_machine_set_exception(m, bf_sv_slice(type, 0, bf_sv_find(type, '\'')),
                                 (struct bf_sv){0});
        m->indent = 0;
        m->prefix.len = 0;
        return true;
    }
    return false;
}

static void keep_wrapped(struct bf_machine *m, struct bf_sv text)
{
    struct bf_sv name = {0}, message = {0};
    struct bf_sv t = bf_sv_trim(text);

    if (bf_finishes(t, "\"")) {
        t.len--;
    }
    if (bf_py_exception(t, &name, &message) == BF_STRONG) {
        bf_capped_set(&m->wrapped_exception, name);
        bf_capped_set(&m->wrapped_message, message);
    }
}

static void toolkit_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_telling tells;

    if (bf_begins(line, "ErrorMessage \"")) {
        keep_wrapped(m, bf_sv_from(line, 14));
        m->in_error_message = !(bf_finishes(line, "\"") && line.len > 14);
    }
    m->exited = m->exited || (bf_begins(line, "ExitCode ") && !bf_sv_is(line, "ExitCode 0"));
    if (!bf_begins(line, "Command \"") && bf_line_tells(line, &tells) && tells.hard) {
        tell(m, line, &tells);
    }
}

static void table_line(struct bf_machine *m, struct bf_sv t)
{
    /* torchrun's summary: "rank      : 1 (local_rank: 1)" */
    if (bf_begins(t, "rank ")) {
        struct bf_sv number = bf_ltrim(bf_after(t, ":"));
        bf_capped_set(&m->table_rank, bf_sv_slice(number, 0, bf_sv_find(number, ' ')));
    }
    if (bf_has(t, "torch.distributed.elastic") || bf_has(t, "ChildFailedError")) {
        m->launcher = true;
    }
}

static void plain_line(struct bf_machine *m, struct bf_sv line, struct bf_sv t)
{
    struct bf_telling tells;
    struct bf_sv name = {0}, message = {0};

    table_line(m, t);
    if (bf_line_announces_noise(t)) {
        m->noise_age = NOISE_LIFE;
        return;
    }
    if (bf_java_header(t, &name, &message)) {
        if (m->java_head_age == 0 || !bf_line_is_record(bf_capped_sv(&m->prev))) {
            bf_capped_set(&m->java_head, t);
        }
        m->java_head_age = HEAD_LIFE;
    }
    if (bf_begins(t, "usage: ") || bf_begins(t, "Usage: ")) {
        m->usage_age = 30;
    }
    if (!m->transient && bf_line_tells(line, &tells)) {
        if (!bf_line_is_record(line) || tells.hard || bf_begins(t, "ERROR: ") ||
            bf_begins(t, "[ERROR]")) {
            tell(m, line, &tells);
            remember(m, line);
            return;
        }
    }
    /* ": java..." belongs to the Py4JJavaError above it */
    if (!bf_line_is_noise(line) && !bf_begins(line, ": ") && !m->transient) {
        remember(m, line);
        m->program++;
    }
}

static void idle_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv t = bf_ltrim(line);
    struct bf_code_place place = {0};
    size_t header = bf_py_header(line);

    if (t.len == 0) {
        return;
    }
    if (header != SIZE_MAX) {
        table_line(m, t);
        begin_python(m, line, header);
        return;
    }
    if (m->remote_next && (bf_begins(t, "\"\"\"") || bf_begins(t, "'''"))) {
        return;
    }
    m->remote_next = bf_finishes(bf_sv_trim(t), "RemoteTraceback:");
    if (m->remote_next) {
        return;
    }
    if (bf_line_is_toolkit(line)) {
        toolkit_line(m, line);
        return;
    }
    if (fault_line(m, t)) {
        return;
    }
    /* A SyntaxError of the script itself has no header, and its frame no function. */
    if (bf_py_frame(t, &place) && (line.len - t.len >= 2 || place.function.len == 0)) {
        bf_machine_begin(m, false);
        m->prefix.len = 0;
        m->indent = 0;
        bf_machine_add_frame(m, &place, line.len - t.len);
        return;
    }
    if (cpp_line(m, t) || bf_machine_java_start(m, t)) {
        return;
    }
    if (m->java_head_age == 0 && bf_java_frame(t, &place)) {
        return; /* what Java adds below a Python traceback */
    }
    plain_line(m, line, t);
}

/* ---- every line ---- */

static bool private_key(struct bf_machine *m, struct bf_sv line)
{
    if (bf_has(line, "-----BEGIN ") && bf_has(line, "PRIVATE KEY")) {
        m->pem = !bf_has(line, "-----END ");
        return true;
    }
    if (m->pem) {
        m->pem = !bf_has(line, "-----END ") && bf_py_header(line) == SIZE_MAX;
        return true;
    }
    return false;
}

static bool state_line(struct bf_machine *m, struct bf_sv line)
{
    switch (m->state) {
    case BF_IN_FRAMES:
        return bf_machine_frames_line(m, line);
    case BF_IN_MESSAGE:
        return bf_machine_message_line(m, line);
    case BF_IN_GROUP:
        return bf_machine_group_line(m, line);
    case BF_IN_JAVA:
        return bf_machine_java_line(m, line);
    default:
        return false;
    }
}

/* A line that neither tells anything by its words nor by its form. */
static bool is_plain(const struct bf_machine *m, struct bf_sv line)
{
    char first = bf_at(line, 0);
    bool letter = (first >= 'a' && first <= 'z') || (first >= '0' && first <= '9') ||
                  (first >= 'A' && first <= 'Z') || first == '[' || first == '(';

    return m->state == BF_IDLE && letter && !m->pem && !m->in_error_message && !m->transient &&
           !m->fault && !m->remote_next && !bf_filter_hits(m->filter, line);
}

static void take_plain(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv name = {0}, message = {0};

    if (bf_java_header(line, &name, &message)) {
        bf_capped_set(&m->java_head, line);
        m->java_head_age = HEAD_LIFE;
    }
    remember(m, line);
    m->program++;
    bf_capped_set(&m->prev, line);
}

void bf_machine_line(struct bf_machine *m, struct bf_sv line)
{
    if (is_plain(m, line)) {
        m->java_head_age -= m->java_head_age != 0;
        m->noise_age -= m->noise_age != 0;
        m->usage_age -= m->usage_age != 0;
        take_plain(m, line);
        return;
    }
    if (private_key(m, line)) {
        return;
    }
    if (m->in_error_message) {
        keep_wrapped(m, line);
        m->in_error_message = !bf_finishes(line, "\"") && !bf_begins(line, "Command \"");
        return;
    }
    m->java_head_age -= m->java_head_age != 0;
    m->noise_age -= m->noise_age != 0;
    m->usage_age -= m->usage_age != 0;
    if (m->state != BF_IDLE && !state_line(m, line)) {
        bf_machine_finish(m);
    }
    if (m->state == BF_IDLE) {
        idle_line(m, line);
        if (line.len != 0) {
            bf_capped_set(&m->prev, line);
        }
    }
}

void bf_machine_end(struct bf_machine *m)
{
    if (m->state != BF_IDLE) {
        bf_machine_finish(m);
    }
}

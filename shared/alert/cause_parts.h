#ifndef BF_ALERT_CAUSE_PARTS_H
#define BF_ALERT_CAUSE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "base/arena.h"
#include "base/sv.h"

/*
 * Private to the files cause*.c. Reading single lines is pure (cause_line.c cause_python.c
 * cause_java.c cause_tell.c), the state machine of one rank is cause_scan.c, the choice among the
 * ranks cause.c.
 */

/* ---- text of bounded length, memory taken once ---- */

struct bf_capped {
    char *ptr;
    size_t len, cap;
};

struct bf_capped bf_capped_new(struct bf_arena *arena, size_t cap);
/*
 * What does not fit is cut before the word that the edge is in: half a secret is no secret that
 * bf_redact() knows.
 */
void bf_capped_set(struct bf_capped *text, struct bf_sv value);
void bf_capped_add(struct bf_capped *text, struct bf_sv value);

static inline struct bf_sv bf_capped_sv(const struct bf_capped *text)
{
    return (struct bf_sv){.ptr = text->ptr, .len = text->len};
}

/* ---- lines ---- */

/* The byte at ${i}; NUL behind the end. */
static inline char bf_at(struct bf_sv text, size_t i)
{
    if (text.ptr == NULL || i >= text.len) {
        return '\0';
    }
    return text.ptr[i];
}

bool bf_has(struct bf_sv text, const char *needle); /* anywhere in it */
bool bf_has_nocase(struct bf_sv text, const char *lower);
bool bf_begins(struct bf_sv text, const char *prefix);
bool bf_finishes(struct bf_sv text, const char *suffix);
struct bf_sv bf_ltrim(struct bf_sv text); /* without blanks and tabs in front */
/* From behind the first ${needle} on; the empty view when it is not there. */
struct bf_sv bf_after(struct bf_sv text, const char *needle);

/* The rank and the host that a launcher wrote in front of the line; both may stay empty. */
struct bf_line_origin {
    struct bf_sv rank, host;
};
void bf_line_take_origin(struct bf_sv *line, struct bf_line_origin *out);

/* Without escape sequences and control characters; no-break spaces become blanks. Into ${out}. */
struct bf_sv bf_line_clean(struct bf_sv raw, struct bf_capped *out);

/* ---- Python ---- */

enum bf_strength { BF_NO, BF_WEAK, BF_STRONG };

struct bf_code_place {
    struct bf_sv file, function;
    int64_t line;
};

/* Position behind which "Traceback (most recent call last):" ends the line; SIZE_MAX: it does not.
 */
size_t bf_py_header(struct bf_sv line);
bool bf_py_frame(struct bf_sv trimmed, struct bf_code_place *out);
bool bf_py_carets(struct bf_sv trimmed);
/* BF_STRONG: certainly "name: message"; BF_WEAK: it may be, directly below a frame. */
enum bf_strength bf_py_exception(struct bf_sv trimmed, struct bf_sv *name, struct bf_sv *message);
bool bf_py_is_user(struct bf_sv file);
bool bf_py_is_launcher(struct bf_sv file);

/* ---- Java ---- */

bool bf_java_frame(struct bf_sv trimmed, struct bf_code_place *out);
/* "com.acme.X: message", also behind 'Exception in thread "main" ' and ": ". */
bool bf_java_header(struct bf_sv trimmed, struct bf_sv *name, struct bf_sv *message);
bool bf_java_is_user(struct bf_sv function);

/* ---- what lines tell ---- */

/*
 * Most lines of a log tell nothing. This filter says so after one look at each: it knows four
 * letters of every word that the functions below look for. False: none of them would find
 * anything.
 */
struct bf_filter {
    uint64_t bits[1024];
};
struct bf_filter *bf_filter_new(struct bf_arena *arena);
bool bf_filter_hits(const struct bf_filter *filter, struct bf_sv line);

struct bf_telling {
    enum bf_cause_class class;
    bool hard;         /* the process is certainly dead: signals, the kernel */
    struct bf_sv rank; /* empty: not said */
};

/* A line that tells the cause without an exception. */
bool bf_line_tells(struct bf_sv line, struct bf_telling *out);
bool bf_line_is_toolkit(struct bf_sv line); /* the training toolkit's own */
bool bf_line_is_noise(struct bf_sv line);  /* rulers, launchers, warnings: no output of a program */
bool bf_line_is_record(struct bf_sv line); /* of a logger, warning or worse */
bool bf_line_sounds_bad(struct bf_sv line); /* error, failed, cannot, ... */
/* The next traceback comes from the shutdown of the interpreter, or was survived for certain. */
bool bf_line_announces_noise(struct bf_sv line);

enum bf_tier {
    BF_TIER_NOISE,
    BF_TIER_SURVIVED,
    BF_TIER_WRAPPER,
    BF_TIER_ECHO,
    BF_TIER_REAL,
};

/* An echo of an error of another rank: 0 no, 1 perhaps, 2 certainly. */
int bf_echo(struct bf_sv exception, struct bf_sv message);
bool bf_is_wrapper(struct bf_sv exception, struct bf_sv message);

/* ---- one rank of one stream ---- */

struct bf_kept_frame {
    struct bf_capped file, function, source;
    int64_t line;
    bool user;
};

struct bf_frames {
    struct bf_kept_frame *items; /* a ring of BF_CAUSE_FRAMES */
    size_t count;                /* so many there were */
    bool any_launcher;
};

struct bf_trace {
    enum bf_tier tier;
    bool java, group, logged, noise, worker_valid;
    int echo;
    struct bf_capped exception, message, cause; /* cause: the links of the chain before */
    struct bf_capped leaf;                      /* of a group: its first error, with its place */
    struct bf_capped before, after;             /* lines around it */
    size_t after_lines;
    struct bf_frames frames, worker;
    struct bf_capped outer_file; /* Java below Python: where the user's Python called it */
    int64_t outer_line;
    uint64_t seq, program; /* when it ended */
    int64_t time_ms;
};

struct bf_tale { /* a telling line */
    bool present;
    struct bf_telling tells;
    struct bf_capped text, rank;
    struct bf_capped fault_file, fault_function; /* faulthandler's user frame */
    int64_t fault_line;
    uint64_t seq, program;
    int64_t time_ms;
};

enum { BF_RING = 20 };

enum bf_machine_state { BF_IDLE, BF_IN_FRAMES, BF_IN_MESSAGE, BF_IN_GROUP, BF_IN_JAVA };

struct bf_machine {
    struct bf_arena *arena;
    const struct bf_filter *filter;
    struct bf_sv source;
    struct bf_capped rank, host;
    enum bf_machine_state state;
    struct bf_trace *cur, *last, *first;
    bool has_last, has_first, launcher;
    struct bf_tale tale;
    struct bf_capped ring[BF_RING]; /* last lines of the program */
    size_t ring_count;
    struct bf_capped prev, prefix, java_head, table_rank;
    unsigned java_head_age, noise_age, usage_age;
    uint64_t program; /* lines of the program's own output so far */
    uint64_t seq;     /* of the current line */
    int64_t time_ms;
    size_t indent, strays, message_lines;
    bool blank, link, remote_next, in_remote, worker_closed, need_source, flush_left, open_message;
    bool leaf_done, suppressed, fault, pem, in_error_message, transient;
    bool in_parts;                   /* of a group */
    bool exited;                     /* the toolkit saw an exit code that is not 0 */
    size_t java_total, parent_total; /* frames of this and of the enclosing Java trace */
    struct bf_capped leaf_place;
    struct bf_capped maybe; /* below a frame: its source, or an exception of an unusual name */
    struct bf_capped wrapped_exception, wrapped_message; /* out of the toolkit's ErrorMessage */
};

void bf_machine_init(struct bf_machine *m, struct bf_arena *arena, const struct bf_filter *filter);
void bf_machine_line(struct bf_machine *m, struct bf_sv line);
void bf_machine_end(struct bf_machine *m);
/* The trace's tier as it looks now: what was logged and survived sinks. */
enum bf_tier bf_machine_tier(const struct bf_machine *m, const struct bf_trace *trace);

/* cause_trace.c: traces and their frames */
struct bf_trace *bf_trace_new(struct bf_arena *arena);
void bf_trace_clear(struct bf_trace *trace);
void bf_trace_copy(struct bf_trace *to, const struct bf_trace *from);
void bf_frames_add(struct bf_frames *frames, const struct bf_code_place *place, bool user);
void bf_frames_copy(struct bf_frames *to, const struct bf_frames *from);
struct bf_kept_frame *bf_frames_last(const struct bf_frames *frames);            /* NULL: none */
struct bf_kept_frame *bf_frames_user(const struct bf_frames *frames, bool java); /* NULL: none */

/* cause_java.c: JAVA state of the machine; false: the line ended it and is to be read again */
bool bf_machine_java_line(struct bf_machine *m, struct bf_sv line);
bool bf_machine_java_start(struct bf_machine *m, struct bf_sv trimmed);
/* cause_group.c: the same for exception groups */
bool bf_machine_group_line(struct bf_machine *m, struct bf_sv line);
/* cause_scan.c, for those */
void bf_machine_begin(struct bf_machine *m, bool logged);
void bf_machine_finish(struct bf_machine *m);
void bf_machine_segment(struct bf_machine *m);
/* cause_traceback.c: the lines of a Python traceback, and of its exception's message */
void bf_machine_add_frame(struct bf_machine *m, const struct bf_code_place *place, size_t indent);
bool bf_machine_frames_line(struct bf_machine *m, struct bf_sv line);
bool bf_machine_message_line(struct bf_machine *m, struct bf_sv line);
void bf_machine_set_exception(struct bf_machine *m, struct bf_sv name, struct bf_sv message);

/* cause_excerpt.c */
struct bf_sv bf_trace_excerpt(struct bf_arena *arena, const struct bf_trace *trace);

#endif /* BF_ALERT_CAUSE_PARTS_H */

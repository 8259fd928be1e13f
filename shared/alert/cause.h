#ifndef BF_ALERT_CAUSE_H
#define BF_ALERT_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * The cause of a failure, out of log lines.
 *
 *   struct bf_cause_scan *scan = bf_cause_scan_new(arena);
 *   for each event:  bf_cause_event(scan, stream, time_ms, text);
 *   struct bf_cause cause = bf_cause_scan_end(scan);
 *
 * One pass, time linear in the text, memory bounded (about 10 MB) whatever comes: events are split
 * into lines, freed of progress bars (\r), colours and rank prefixes, and each rank of each
 * stream goes through a state machine for Python, Java, C++ aborts and the lines of shells,
 * pip, argparse and the kernel. What counts as the cause:
 *
 *   several tracebacks        the last; not what comes from atexit, __del__, "Exception ignored",
 *                             a launcher, or was logged and survived
 *   chained                   the last of the chain
 *   a worker's error          the exception, and the frame of the worker's own traceback
 *   wrappers                  never, if the log has anything better
 *   exception group           the group; its first leaf is in the excerpt
 *   Java                      the last "Caused by" and its first frame of the user's code
 *   several ranks or hosts    the earliest real error; "connection closed", NCCL and the like
 *                             after it are echoes
 *   no exception              the telling line ("Killed", an exit code, argparse, pip, a shell)
 *
 * A user frame is one outside the standard library, site-packages, <frozen ...>, the compiled
 * sources of wheels and the training toolkit. Everything returned is redacted (redact.h).
 */
enum bf_cause_class {
    BF_CAUSE_UNKNOWN,
    BF_CAUSE_USER_CODE,
    BF_CAUSE_OUT_OF_MEMORY,
    BF_CAUSE_GPU_OUT_OF_MEMORY,
    BF_CAUSE_DISK_FULL,
    BF_CAUSE_DEPENDENCY_MISSING,
    BF_CAUSE_DATA_ERROR,
    BF_CAUSE_ACCESS_DENIED,
    BF_CAUSE_MISSING_S3_KEY,
    BF_CAUSE_TIMEOUT,
    BF_CAUSE_CAPACITY,
    BF_CAUSE_QUOTA,
    BF_CAUSE_PLATFORM,
    BF_CAUSE_KILLED,
    BF_CAUSE_SIGNAL,
};

enum {
    BF_CAUSE_EVENT = 1024 * 1024, /* bytes of one event that are looked at */
    BF_CAUSE_EXCERPT = 2900,      /* bytes of an excerpt */
    BF_CAUSE_FRAMES = 24,         /* the deepest ones are kept */
};

struct bf_cause_frame {
    struct bf_sv file, function, source; /* function and source may be empty */
    int64_t line;                        /* 0: not known */
    bool user;
};

struct bf_cause {
    enum bf_cause_class class;
    struct bf_sv exception; /* "acme.errors.FeatureStoreError"; empty: none */
    struct bf_sv message;   /* the exception's, or the telling line */
    struct bf_sv file;      /* of the deepest user frame; empty: none */
    int64_t line;           /* 0: none */
    struct bf_cause_frame *frames;
    size_t frame_count, frames_skipped; /* outermost first */
    struct bf_sv excerpt;               /* the telling lines and those around them */
    struct bf_sv rank, host;            /* empty: the log does not say */
    size_t also;                        /* further ranks that ended with the same error */
    bool wrapper;      /* only a wrapper's words were found: look further, if there is more */
    int64_t time_ms;   /* of the last line of the cause; 0: unknown */
    int64_t newest_ms; /* newest event of all; 0: unknown */
};

struct bf_cause_scan;

BF_NONNULL_RETURN struct bf_cause_scan *bf_cause_scan_new(struct bf_arena *arena);

/**
 * One log event: any bytes, several lines or one. ${source} names its stream (one machine; the
 * text is the caller's to keep until the end), events of a stream come in their order, those of
 * different streams in any. ${time_ms} is 0 when unknown.
 */
void bf_cause_event(struct bf_cause_scan *scan, struct bf_sv source, int64_t time_ms,
                    struct bf_sv text);

/** The cause, in the scan's arena; class unknown and the last lines when nothing tells. */
struct bf_cause bf_cause_scan_end(struct bf_cause_scan *scan);

/** The same for a service's own words: FailureReason, ExitMessage, an exit code. */
struct bf_cause bf_cause_of_reason(struct bf_arena *arena, struct bf_sv text);

/**
 * Take an ISO 8601 time with zone (2026-11-23T16:45:15.491Z, +00:00) and the blank after it off
 * the front of ${line}: milliseconds since 1970. 0, and the line as it was: it has none.
 */
int64_t bf_cause_take_time(struct bf_sv *line);

/** "user_code" and so on: the words of the classes. */
const char *bf_cause_class_name(enum bf_cause_class class);

/** What to do about it, one sentence; empty for user_code and unknown. */
const char *bf_cause_advice(enum bf_cause_class class);

/** Whether the same run may succeed when it is started again as it is. */
bool bf_cause_retryable(enum bf_cause_class class);

/**
 * The class that words of an exception and its message stand for; BF_CAUSE_UNKNOWN: they do not
 * tell. ${exception} may be empty.
 */
enum bf_cause_class bf_cause_classify(struct bf_sv exception, struct bf_sv message);

/**
 * The same error, the same 16 hex digits: exception, message without numbers, quoted values,
 * addresses and paths, and the user frames' functions.
 */
struct bf_sv bf_cause_fingerprint(struct bf_arena *arena, const struct bf_cause *cause);

/** {class, exception, message, file, line, frames, excerpt, rank, host, also, advice}. */
bf_json *bf_cause_json(struct bf_arena *arena, const struct bf_cause *cause);

#endif /* BF_ALERT_CAUSE_H */

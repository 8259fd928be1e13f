#include "alert/finding.h"

#include <stdbool.h>
#include <stddef.h>

#include "alert/cause.h"
#include "alert/logs.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"

enum { WORDS_ROOM = 64 * 1024 };

/* Reasons of the service that no log of the container adds anything to. */
static bool is_final(enum bf_cause_class class)
{
    return class == BF_CAUSE_QUOTA || class == BF_CAUSE_CAPACITY || class == BF_CAUSE_PLATFORM;
}

static bool is_weak(const struct bf_cause *cause)
{
    bool cut = cause->exception.len == 0 && cause->message.len == 0;

    return cause->class == BF_CAUSE_UNKNOWN || cause->wrapper || cut;
}

static void add_words(struct bf_buf *out, struct bf_sv text)
{
    if (text.len != 0) {
        bf_buf_add(out, text);
        bf_buf_addc(out, '\n');
    }
}

static struct bf_cause said_by(struct bf_arena *arena, const struct bf_run_view *view,
                               const struct bf_job_words *words)
{
    struct bf_buf text = bf_buf_new(arena, WORDS_ROOM);

    add_words(&text, view->failed == NULL ? view->reason : view->failed->reason);
    add_words(&text, words->reason);
    add_words(&text, words->exit_message);
    return bf_cause_of_reason(arena, bf_buf_sv(&text));
}

struct bf_run_finding bf_finding_of(struct bf_arena *arena, const struct bf_run_view *view,
                                    const struct bf_logs_found *logs,
                                    const struct bf_job_words *words)
{
    struct bf_cause said = said_by(arena, view, words);
    const struct bf_cause *found = &logs->cause;
    struct bf_run_finding out = {.from_log = logs->events != 0};

    if (!out.from_log) {
        out.cause = said;
        out.missing = !is_final(said.class);
        return out;
    }
    out.cause = *found;
    bool from_outside = found->class == BF_CAUSE_KILLED || found->class == BF_CAUSE_OUT_OF_MEMORY;
    bool service_knows = is_final(said.class) || said.class == BF_CAUSE_TIMEOUT;
    if (service_knows && (is_weak(found) || (from_outside && found->exception.len == 0))) {
        out.cause.class = said.class;
        out.cause.message = said.message;
        out.cause.exception = (struct bf_sv){0};
    } else if (is_weak(found) && said.class != BF_CAUSE_UNKNOWN) {
        out.cause = said;
        out.cause.excerpt = found->excerpt;
    }
    out.missing = is_weak(found) && !service_knows;
    return out;
}

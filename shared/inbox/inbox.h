#ifndef BF_INBOX_INBOX_H
#define BF_INBOX_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/aws.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "event/event.h"

/**
 * The loop of every function over its messages. For each message, in order, on its own:
 *
 *     text -> events -> handler, once for each event -> a code and a verdict
 *
 *   BF_OK               done: not in the answer, so Lambda deletes it
 *   BF_OK and "later"   sent again to our queue with a delay, then done
 *   permanent error     sent to the dead-letter queue by us, now, with the error as message
 *                       attributes (error, reason, message, function, request_id, message_id,
 *                       receive_count), then done
 *   transient error     in batchItemFailures; it becomes visible again after err->retry_after, or
 *                       1 s, 2 s, 4 s ... 15 min by its receive count
 *
 * A code is transient or permanent by bf_code_is_transient(); BF_EDENIED from a call of ours and
 * whatever else a handler knows better: verdict->kind. One bad message never keeps the others
 * from being handled; a message for which there is no time left goes back unharmed (visible at
 * once). Text that is no event at all (not JSON, unknown form) is permanent.
 *
 * Delivery is at least once: a handler sees the same event again after a crash, after a lost
 * answer, and when a later event of the same message failed.
 */

/** What a handler gets for one event. */
struct bf_inbox_call {
    struct bf_arena *arena;   /* lives until the message is finished */
    struct bf_aws *aws;       /* on that arena, with the invocation's deadline and log */
    const struct bf_log *log; /* carries the request id */
    const struct bf_message *message;
    const struct bf_event *event;
    struct bf_sv request_id; /* of the invocation: the owner of claims */
    int64_t deadline_ms;     /* ms since 1970 by the host's clock; 0: none */
};

enum bf_verdict_kind {
    BF_VERDICT_BY_CODE, /* BF_OK: done; else by bf_code_is_transient() */
    BF_VERDICT_PERMANENT,
    BF_VERDICT_TRANSIENT,
    BF_VERDICT_LATER, /* with BF_OK: come again after ${delay} */
};

struct bf_verdict {
    enum bf_verdict_kind kind;
    int64_t delay;     /* LATER: seconds, 0 to 900. TRANSIENT: seconds, 0: by backoff */
    struct bf_sv body; /* LATER: what is sent instead of the message's body; empty: the same */
};

/** ${verdict} comes zeroed. An error always has its cause in ${err}. */
typedef enum bf_code bf_inbox_handler(void *state, const struct bf_inbox_call *call,
                                      struct bf_verdict *verdict, struct bf_err *err);

struct bf_inbox {
    const char *function; /* "deploy_spec": in dead letters and logs */
    struct bf_aws_session *session;
    struct bf_sv queue_url, dead_letter_url; /* empty: only bare events can be handled */
    bf_inbox_handler *handle;
    void *state;
    size_t arena_limit; /* bytes that handling one message may take; 0: BF_INBOX_ARENA */
};

struct bf_invocation {
    struct bf_sv event; /* as it came */
    struct bf_sv request_id;
    int64_t deadline_ms; /* 0: none */
    struct bf_log log;
};

enum {
    BF_INBOX_RESERVE_MS = 2000, /* kept free before the deadline, for what the loop has to send */
    BF_INBOX_BACKOFF_MAX = 900, /* seconds */
    BF_INBOX_ARENA = 160 << 20, /* bytes; what is taken grows with the message, this is the end */
};

/**
 * Handle one invocation. For SQS the answer is {"batchItemFailures":[{"itemIdentifier":ID}...]}
 * and the code is BF_OK, also when every message failed. For a bare event the answer is
 * {"status":"done"} or {"status":"later","delay":N}, and a failure is returned as such: whoever
 * called gets it. ${arena} holds the invocation; the messages have an arena of their own.
 */
BF_NODISCARD enum bf_code bf_inbox_run(const struct bf_inbox *inbox, struct bf_arena *arena,
                                       const struct bf_invocation *invocation,
                                       struct bf_buf *answer, struct bf_err *err);

/** Seconds until the next try: 1, 2, 4, ... 900 for receive counts 1, 2, 3, ... */
int64_t bf_inbox_backoff(int64_t receive_count);

#endif /* BF_INBOX_INBOX_H */

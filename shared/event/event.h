#ifndef BF_EVENT_EVENT_H
#define BF_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * What wakes a function, out of its envelopes. Two layers, both pure:
 *
 *     bf_batch_parse()    the invocation: SQS records -> messages (or one bare message)
 *     bf_event_parse()    the text of one message: SNS, S3, EventBridge, Scheduler -> events
 *
 * Everything returned lives in the arena. Unknown members are kept in ->json and do not matter.
 */

/* ---- the invocation ---- */

enum {
    BF_BATCH_MAX = 10000,        /* messages of one invocation (SQS with a batch window) */
    BF_EVENT_MAX_RECORDS = 1000, /* events of one message */
    BF_EVENT_MAX_TEXT = 6291556, /* bytes of an invocation */
    BF_EVENT_NESTING = 4,        /* envelopes within envelopes */
};

/** A message as SQS gave it, or the bare event of somebody who calls the function directly. */
struct bf_message {
    bool bare;            /* no SQS around it: sam local, "buzzflow invoke", the console */
    struct bf_sv id;      /* messageId; empty when bare */
    struct bf_sv receipt; /* receiptHandle */
    struct bf_sv body;    /* bytes as they came */
    struct bf_sv queue_arn;
    int64_t receive_count;     /* ApproximateReceiveCount, 1 at the first; 1 when bare */
    int64_t sent_ms;           /* SentTimestamp, ms since 1970; 0: not said */
    int64_t received_ms;       /* ApproximateFirstReceiveTimestamp; 0: not said */
    const bf_json *attributes; /* messageAttributes: {"name":{"stringValue",..}}; NULL: none */
};

struct bf_batch {
    struct bf_message *items;
    size_t count;
    bool bare; /* one message without SQS */
};

/**
 * ${text} is an SQS event when it has Records and each has eventSource "aws:sqs"; everything
 * else is one bare message. BF_ESYNTAX: no JSON; BF_EINVALID: a record of an SQS event without
 * messageId or body; BF_ETOOLARGE: more than BF_BATCH_MAX records or BF_EVENT_MAX_TEXT bytes.
 */
BF_NODISCARD enum bf_code bf_batch_parse(struct bf_arena *arena, struct bf_sv text,
                                         struct bf_batch *out, struct bf_err *err);

/* ---- one message ---- */

enum bf_event_kind {
    BF_EVENT_S3,      /* an object was created or removed; ->object */
    BF_EVENT_S3_TEST, /* S3's s3:TestEvent after a notification was set up: nothing to do */
    BF_EVENT_BUS,     /* EventBridge: ->source, ->detail_type, ->detail */
    BF_EVENT_OWN,     /* one of our messages, {"kind": ...}: ->name is the kind */
};

struct bf_event_object {
    bool removed;
    struct bf_sv bucket;
    struct bf_sv key;        /* raw: form-decoded where the source encodes it */
    struct bf_sv version_id; /* empty: the bucket has no versions */
    struct bf_sv sequencer;  /* order of the events of one key: bf_sequencer_cmp(); may be empty */
    struct bf_sv etag;       /* without quotes; empty for removals by notification */
    int64_t size;            /* bytes; -1: not said */
};

struct bf_event {
    enum bf_event_kind kind;
    const bf_json *json; /* the inner event, an object */
    struct bf_sv name;   /* OWN: "schedule", "pipeline_failed"; S3: "ObjectCreated:Put", ... */
    struct bf_event_object object; /* S3 */

    /* EventBridge */
    struct bf_sv source, detail_type, id, account, region;
    const bf_json *detail; /* an object; also when it came as text ("detail":"{}") */

    bool has_time;
    int64_t time; /* seconds since 1970: when it happened, as the event says */
};

struct bf_events {
    struct bf_event *items;
    size_t count;
};

/**
 * Take ${text} out of its envelopes: SNS (as Lambda's record, as SQS delivery without raw mode,
 * or raw), SQS (a dead letter that was sent again whole), then
 *   S3 notification     Records[] with eventSource "aws:s3", major eventVersion 2; keys decoded
 *                       ('+' is a blank, then %XX; S3 user guide, "Event message structure")
 *   S3 by EventBridge   "Object Created", "Object Deleted" of aws.s3: also BF_EVENT_S3, with
 *                       ->source and ->detail set; the key is taken as it is
 *   EventBridge         an object with "source" and "detail-type"
 *   our own             an object with a string "kind"
 * BF_ESYNTAX: no JSON (of the whole or of an inner text). BF_EINVALID: none of these, or a
 * required member is missing; the message says which, and what was found.
 */
BF_NODISCARD enum bf_code bf_event_parse(struct bf_arena *arena, struct bf_sv text,
                                         struct bf_events *out, struct bf_err *err);

/**
 * A time in any of the four forms AWS's events use, as seconds since 1970:
 *   "2026-03-01T00:00:00Z" (also with fraction or offset), a string of epoch milliseconds,
 *   an integer of epoch milliseconds, a float of epoch milliseconds.
 * Numbers below 10^11 are seconds (the API's answers count seconds). False for anything else.
 */
BF_NODISCARD bool bf_event_time(const bf_json *node, int64_t *out);

/** Words for logs: "s3 ObjectCreated:Put s3://b/k", "schedule hello.weekly". No payload. */
struct bf_sv bf_event_title(struct bf_arena *arena, const struct bf_event *event);

#endif /* BF_EVENT_EVENT_H */

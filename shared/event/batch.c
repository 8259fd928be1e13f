#include "event/event.h"

#include <inttypes.h>

static bool is_sqs(const bf_json *root)
{
    const bf_json *records = bf_json_get(root, "Records");

    if (bf_json_kind(records) != BF_JSON_ARRAY || bf_json_count(records) == 0) {
        return false;
    }
    for (const bf_json *r = bf_json_first(records); r != NULL; r = bf_json_next(r)) {
        if (!bf_sv_is(bf_json_str(r, "eventSource"), "aws:sqs")) {
            return false;
        }
    }
    return true;
}

static int64_t number_or(const bf_json *object, const char *key, int64_t otherwise)
{
    int64_t value = 0;

    if (bf_json_i64(bf_json_get(object, key), 0, INT64_MAX, &value)) {
        return value;
    }
    return otherwise;
}

static enum bf_code read_record(const bf_json *record, struct bf_message *out, struct bf_err *err)
{
    const bf_json *attributes = bf_json_get(record, "attributes");
    const bf_json *body = bf_json_get(record, "body");

    BF_TRY(bf_json_need_str(record, "messageId", &out->id, err));
    if (bf_json_kind(body) != BF_JSON_STRING) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "body is %s, expected a string",
                          bf_json_kind_name(body));
    }
    out->body = bf_json_text(body);
    out->receipt = bf_json_str(record, "receiptHandle");
    out->queue_arn = bf_json_str(record, "eventSourceARN");
    out->receive_count = number_or(attributes, "ApproximateReceiveCount", 1);
    out->sent_ms = number_or(attributes, "SentTimestamp", 0);
    out->received_ms = number_or(attributes, "ApproximateFirstReceiveTimestamp", 0);
    out->attributes = bf_json_get(record, "messageAttributes");
    return BF_OK;
}

enum bf_code bf_batch_parse(struct bf_arena *arena, struct bf_sv text, struct bf_batch *out,
                            struct bf_err *err)
{
    bf_json *root = NULL;

    *out = (struct bf_batch){0};
    if (text.len > BF_EVENT_MAX_TEXT) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                          "the event has %zu bytes, at most %d are taken", text.len,
                          BF_EVENT_MAX_TEXT);
    }
    if (bf_json_parse(arena, text, NULL, &root, err) != BF_OK) {
        return bf_err_wrap(err, "the event is no JSON");
    }
    if (!is_sqs(root)) {
        out->bare = true;
        out->count = 1;
        out->items = BF_NEW(arena, struct bf_message);
        out->items[0] = (struct bf_message){.bare = true, .body = text, .receive_count = 1};
        return BF_OK;
    }

    const bf_json *records = bf_json_get(root, "Records");
    const size_t count = bf_json_count(records);

    if (count > BF_BATCH_MAX) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "%zu SQS records, at most %d are taken",
                          count, BF_BATCH_MAX);
    }
    out->items = BF_NEW_N(arena, struct bf_message, count);
    for (const bf_json *r = bf_json_first(records); r != NULL; r = bf_json_next(r)) {
        if (read_record(r, &out->items[out->count], err) != BF_OK) {
            return bf_err_wrap(err, "SQS record %zu", out->count);
        }
        out->count++;
    }
    return BF_OK;
}

/* Any bytes as an invocation: messages and events within the limits, or a clear error. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
    if (!truth) {
        abort();
    }
}

static void check_event(struct bf_arena *arena, const struct bf_event *event)
{
    must(event->json != NULL);
    must(event->kind != BF_EVENT_BUS || bf_json_kind(event->detail) == BF_JSON_OBJECT);
    must(event->kind != BF_EVENT_S3 || event->object.bucket.len != 0);
    must(bf_utf8_valid_prefix(event->object.key) == event->object.key.len);
    must(event->object.size >= -1);
    must(bf_event_title(arena, event).len != 0);
}

static void check_message(struct bf_arena *arena, const struct bf_message *message)
{
    struct bf_events events;
    struct bf_err err = {0};
    const enum bf_code code = bf_event_parse(arena, message->body, &events, &err);

    must(message->receive_count >= 0);
    if (code != BF_OK) {
        must(err.code == code && err.msg[0] != '\0' && events.count == 0);
        return;
    }
    must(events.count >= 1);
    for (size_t i = 0; i < events.count; i++) {
        check_event(arena, &events.items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_batch batch;
    struct bf_err err = {0};
    const enum bf_code code =
        bf_batch_parse(arena, (struct bf_sv){.ptr = (const char *)data, .len = size}, &batch, &err);

    if (code != BF_OK) {
        must(err.code == code && err.msg[0] != '\0');
    }
    for (size_t i = 0; code == BF_OK && i < batch.count; i++) {
        check_message(arena, &batch.items[i]);
    }
    bf_arena_destroy(&arena);
    return 0;
}

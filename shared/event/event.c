#include "event/event.h"

#include "base/buf.h"
#include "event/internal.h"

/* What was found along the way in. */
struct unwrap {
    struct bf_arena *arena;
    struct bf_events *out;
    size_t cap;
};

static enum bf_code take_text(struct unwrap *u, struct bf_sv text, int depth, struct bf_err *err);

static struct bf_event *push(struct unwrap *u)
{
    struct bf_events *out = u->out;

    out->items = bf_arena_grow(u->arena, out->items, out->count, &u->cap, sizeof(*out->items));
    struct bf_event *event = &out->items[out->count++];
    *event = (struct bf_event){.object.size = -1};
    return event;
}

static void set_time(struct bf_event *event, const bf_json *node)
{
    event->has_time = bf_event_time(node, &event->time);
}

/* ---- S3 ---- */

static int64_t size_of(const bf_json *s3)
{
    int64_t size = 0;

    return bf_json_i64(bf_json_path(s3, BF_SV("object.size")), 0, INT64_MAX, &size) ? size : -1;
}

static enum bf_code take_s3_record(struct unwrap *u, const bf_json *record, struct bf_err *err)
{
    const struct bf_sv version = bf_json_str(record, "eventVersion");
    const bf_json *s3 = bf_json_get(record, "s3");
    struct bf_event *event = push(u);
    struct bf_event_object *object = &event->object;
    struct bf_sv key = {0};

    /* S3 user guide: "equal-to comparison on the major version" */
    if (!bf_sv_starts(version, BF_SV("2."))) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "eventVersion of an S3 record is '" BF_SV_FMT "', expected 2.x",
                          BF_SV_ARG(version));
    }
    BF_TRY(bf_json_need_str(record, "eventName", &event->name, err));
    BF_TRY(bf_json_need_str(s3, "bucket.name", &object->bucket, err));
    BF_TRY(bf_json_need_str(s3, "object.key", &key, err));
    if (!bf_form_decode(u->arena, key, &object->key)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "object.key of an S3 record is not form-encoded: '" BF_SV_FMT "'",
                          BF_SV_ARG(bf_sv_slice(key, 0, 200)));
    }
    event->kind = BF_EVENT_S3;
    event->json = record;
    event->region = bf_json_str(record, "awsRegion");
    object->removed = bf_sv_starts(event->name, BF_SV("ObjectRemoved:")) ||
                      bf_sv_starts(event->name, BF_SV("LifecycleExpiration:"));
    object->version_id = bf_json_str(s3, "object.versionId");
    object->sequencer = bf_json_str(s3, "object.sequencer");
    object->etag = bf_json_str(s3, "object.eTag");
    object->size = size_of(s3);
    set_time(event, bf_json_get(record, "eventTime"));
    return BF_OK;
}

/* S3's own EventBridge events: kebab-case, and the key is not encoded. */
static enum bf_code add_bus_object(struct bf_event *event, struct bf_err *err)
{
    struct bf_event_object *object = &event->object;
    const bf_json *detail = event->detail;

    BF_TRY(bf_json_need_str(detail, "bucket.name", &object->bucket, err));
    BF_TRY(bf_json_need_str(detail, "object.key", &object->key, err));
    event->kind = BF_EVENT_S3;
    event->name = event->detail_type;
    object->removed = bf_sv_is(event->detail_type, "Object Deleted");
    object->version_id = bf_json_str(detail, "object.version-id");
    object->sequencer = bf_json_str(detail, "object.sequencer");
    object->etag = bf_json_str(detail, "object.etag");
    object->size = size_of(detail);
    return BF_OK;
}

/* ---- EventBridge ---- */

static enum bf_code take_bus(struct unwrap *u, const bf_json *root, struct bf_err *err)
{
    const bf_json *detail = bf_json_get(root, "detail");
    struct bf_event *event = push(u);

    if (bf_json_kind(detail) == BF_JSON_STRING) { /* EventBridge Scheduler writes "{}" */
        bf_json *inner = NULL;
        if (bf_json_parse(u->arena, bf_json_text(detail), NULL, &inner, err) != BF_OK) {
            return bf_err_wrap(err, "detail is text, but no JSON");
        }
        detail = inner;
    }
    if (bf_json_kind(detail) != BF_JSON_OBJECT) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "detail is %s, expected an object",
                          bf_json_kind_name(detail));
    }
    event->kind = BF_EVENT_BUS;
    event->json = root;
    event->detail = detail;
    event->source = bf_json_str(root, "source");
    event->detail_type = bf_json_str(root, "detail-type");
    event->name = event->detail_type;
    event->id = bf_json_str(root, "id");
    event->account = bf_json_str(root, "account");
    event->region = bf_json_str(root, "region");
    set_time(event, bf_json_get(root, "time"));
    if (bf_sv_is(event->source, "aws.s3") && (bf_sv_is(event->detail_type, "Object Created") ||
                                              bf_sv_is(event->detail_type, "Object Deleted"))) {
        return add_bus_object(event, err);
    }
    return BF_OK;
}

/* ---- envelopes ---- */

/* NOLINTBEGIN(misc-no-recursion): at most BF_EVENT_NESTING deep */

static enum bf_code take_record(struct unwrap *u, const bf_json *record, int depth,
                                struct bf_err *err)
{
    struct bf_sv text = {0};

    if (bf_sv_is(bf_json_str(record, "eventSource"), "aws:s3")) {
        return take_s3_record(u, record, err);
    }
    if (bf_sv_is(bf_json_str(record, "EventSource"), "aws:sns")) {
        BF_TRY(bf_json_need_str(record, "Sns.Message", &text, err));
        return take_text(u, text, depth + 1, err);
    }
    if (bf_sv_is(bf_json_str(record, "eventSource"), "aws:sqs")) {
        BF_TRY(bf_json_need_str(record, "body", &text, err));
        return take_text(u, text, depth + 1, err);
    }
    return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                      "eventSource of a record is '" BF_SV_FMT
                      "', expected aws:s3, aws:sns or aws:sqs",
                      BF_SV_ARG(bf_sv_slice(bf_json_str(record, "eventSource"), 0, 100)));
}

static enum bf_code take_records(struct unwrap *u, const bf_json *records, int depth,
                                 struct bf_err *err)
{
    size_t at = 0;

    if (bf_json_kind(records) != BF_JSON_ARRAY || bf_json_count(records) == 0 ||
        bf_json_count(records) > BF_EVENT_MAX_RECORDS) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "Records is %s with %zu items, expected an array of 1 to %d",
                          bf_json_kind_name(records), bf_json_count(records), BF_EVENT_MAX_RECORDS);
    }
    for (const bf_json *r = bf_json_first(records); r != NULL; r = bf_json_next(r)) {
        if (take_record(u, r, depth, err) != BF_OK) {
            return bf_err_wrap(err, "record %zu", at);
        }
        at++;
    }
    return BF_OK;
}

static bool is_sns(const bf_json *root)
{
    return bf_sv_is(bf_json_str(root, "Type"), "Notification") &&
           bf_json_str(root, "TopicArn").len != 0 &&
           bf_json_kind(bf_json_get(root, "Message")) == BF_JSON_STRING;
}

static enum bf_code take(struct unwrap *u, const bf_json *root, int depth, struct bf_err *err)
{
    if (bf_json_kind(root) != BF_JSON_OBJECT) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "the event is %s, expected an object",
                          bf_json_kind_name(root));
    }
    if (bf_json_get(root, "Records") != NULL) {
        return take_records(u, bf_json_get(root, "Records"), depth, err);
    }
    if (is_sns(root)) {
        return take_text(u, bf_json_str(root, "Message"), depth + 1, err);
    }
    if (bf_json_str(root, "source").len != 0 && bf_json_str(root, "detail-type").len != 0) {
        return take_bus(u, root, err);
    }
    if (bf_sv_is(bf_json_str(root, "Event"), "s3:TestEvent")) {
        struct bf_event *event = push(u);
        event->kind = BF_EVENT_S3_TEST;
        event->json = root;
        event->name = BF_SV("s3:TestEvent");
        event->object.bucket = bf_json_str(root, "Bucket");
        set_time(event, bf_json_get(root, "Time"));
        return BF_OK;
    }
    if (bf_json_str(root, "kind").len != 0) {
        struct bf_event *event = push(u);
        event->kind = BF_EVENT_OWN;
        event->json = root;
        event->name = bf_json_str(root, "kind");
        set_time(event, bf_json_get(root, "time"));
        return BF_OK;
    }
    return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                      "an object that is no event we know: neither Records, nor Type and Message, "
                      "nor source and detail-type, nor kind");
}

static enum bf_code take_text(struct unwrap *u, struct bf_sv text, int depth, struct bf_err *err)
{
    bf_json *root = NULL;

    if (depth > BF_EVENT_NESTING) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "more than %d envelopes in one another",
                          BF_EVENT_NESTING);
    }
    BF_TRY(bf_json_parse(u->arena, text, NULL, &root, err));
    return take(u, root, depth, err);
}

/* NOLINTEND(misc-no-recursion) */

enum bf_code bf_event_parse(struct bf_arena *arena, struct bf_sv text, struct bf_events *out,
                            struct bf_err *err)
{
    struct unwrap u = {.arena = arena, .out = out};

    *out = (struct bf_events){0};
    if (text.len > BF_EVENT_MAX_TEXT) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                          "the event has %zu bytes, at most %d are taken", text.len,
                          BF_EVENT_MAX_TEXT);
    }
    enum bf_code code = take_text(&u, text, 0, err);
    if (code != BF_OK) {
        *out = (struct bf_events){0};
    }
    return code;
}

struct bf_sv bf_event_title(struct bf_arena *arena, const struct bf_event *event)
{
    const struct bf_sv pipeline = bf_json_str(event->json, "pipeline");
    const struct bf_sv schedule = bf_json_str(event->json, "schedule");

    switch (event->kind) {
    case BF_EVENT_S3:
    case BF_EVENT_S3_TEST:
        return bf_sv_printf(arena, "s3 " BF_SV_FMT " s3://" BF_SV_FMT "/" BF_SV_FMT,
                            BF_SV_ARG(event->name), BF_SV_ARG(event->object.bucket),
                            BF_SV_ARG(event->object.key));
    case BF_EVENT_BUS:
        return bf_sv_printf(arena, BF_SV_FMT " '" BF_SV_FMT "' " BF_SV_FMT,
                            BF_SV_ARG(event->source), BF_SV_ARG(event->detail_type),
                            BF_SV_ARG(event->id));
    case BF_EVENT_OWN:
        break;
    }
    return bf_sv_printf(arena, BF_SV_FMT " " BF_SV_FMT "%s" BF_SV_FMT, BF_SV_ARG(event->name),
                        BF_SV_ARG(pipeline), schedule.len == 0 ? "" : ".", BF_SV_ARG(schedule));
}

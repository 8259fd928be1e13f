#include "inbox/inbox.h"

#include "aws/sqs.h"

enum { MAX_ATTRIBUTE = 1024 };

/* One invocation under way. */
struct loop {
    const struct bf_inbox *inbox;
    const struct bf_invocation *invocation;
    struct bf_arena *arena; /* of the message at hand */
    struct bf_aws aws;
};

int64_t bf_inbox_backoff(int64_t receive_count)
{
    int64_t seconds = 1;

    for (int64_t i = 1; i < receive_count && seconds < BF_INBOX_BACKOFF_MAX; i++) {
        seconds *= 2;
    }
    return seconds < BF_INBOX_BACKOFF_MAX ? seconds : BF_INBOX_BACKOFF_MAX;
}

static struct bf_aws aws_for(const struct loop *loop, int64_t deadline_ms)
{
    return (struct bf_aws){.session = loop->inbox->session,
                           .arena = loop->arena,
                           .log = &loop->invocation->log,
                           .deadline_ms = deadline_ms};
}

/* What handlers may use: the rest is for what the loop has to send afterwards. */
static int64_t handler_deadline(const struct loop *loop)
{
    const int64_t deadline = loop->invocation->deadline_ms;

    return deadline == 0 ? 0 : deadline - BF_INBOX_RESERVE_MS;
}

/* ---- what becomes of a message ---- */

/* The message goes back: visible again after ${seconds}. */
static void give_back(struct loop *loop, const struct bf_message *message, int64_t seconds)
{
    struct bf_err err = {0};

    if (loop->inbox->queue_url.len == 0 || message->receipt.len == 0) {
        return;
    }
    /* Should this fail, the message comes back when its visibility ends: later, not never. */
    if (bf_sqs_change_visibility(&loop->aws, loop->inbox->queue_url, message->receipt, seconds,
                                 &err) != BF_OK) {
        bf_log(&loop->invocation->log, BF_LOG_WARN, "message " BF_SV_FMT ": %s",
               BF_SV_ARG(message->id), err.msg);
    }
}

static enum bf_code bury(struct loop *loop, const struct bf_message *message,
                         const struct bf_err *why, struct bf_err *err)
{
    bf_json *attributes = bf_json_new_object(loop->arena);
    const struct bf_sv text = bf_sv_slice(bf_sv_of(why->msg), 0, MAX_ATTRIBUTE);

    if (loop->inbox->dead_letter_url.len == 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "no dead-letter queue: BUZZFLOW_DEAD_LETTER_QUEUE_URL is not set");
    }
    bf_json_add_str(attributes, "error", bf_sv_of(bf_code_text(why->code)));
    bf_json_add_str(attributes, "reason", bf_sv_of(why->reason));
    bf_json_add_str(attributes, "message", text);
    bf_json_add_str(attributes, "function", bf_sv_of(loop->inbox->function));
    bf_json_add_str(attributes, "request_id", loop->invocation->request_id);
    bf_json_add_str(attributes, "message_id", message->id);
    bf_json_add_str(attributes, "receive_count",
                    bf_sv_printf(loop->arena, "%lld", (long long)message->receive_count));
    const struct bf_sqs_message dead = {
        .queue_url = loop->inbox->dead_letter_url, .body = message->body, .attributes = attributes};
    return bf_sqs_send(&loop->aws, &dead, NULL, err);
}

static enum bf_code send_later(struct loop *loop, const struct bf_message *message,
                               const struct bf_verdict *verdict, struct bf_err *err)
{
    if (loop->inbox->queue_url.len == 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "cannot come back later: BUZZFLOW_QUEUE_URL is not set");
    }
    const struct bf_sqs_message again = {.queue_url = loop->inbox->queue_url,
                                         .body =
                                             verdict->body.len != 0 ? verdict->body : message->body,
                                         .delay = verdict->delay};
    return bf_sqs_send(&loop->aws, &again, NULL, err);
}

/* ---- one message ---- */

static enum bf_code handle_events(struct loop *loop, const struct bf_message *message,
                                  struct bf_verdict *verdict, struct bf_err *err)
{
    struct bf_events events;
    struct bf_aws aws = aws_for(loop, handler_deadline(loop));
    struct bf_inbox_call call = {
        .arena = loop->arena,
        .aws = &aws,
        .log = &loop->invocation->log,
        .message = message,
        .request_id = loop->invocation->request_id,
        .deadline_ms = handler_deadline(loop),
    };

    if (bf_event_parse(loop->arena, message->body, &events, err) != BF_OK) {
        verdict->kind = BF_VERDICT_PERMANENT;
        return err->code;
    }
    for (size_t i = 0; i < events.count; i++) {
        struct bf_verdict one = {0};
        call.event = &events.items[i];
        bf_log(call.log, BF_LOG_DEBUG, "event " BF_SV_FMT,
               BF_SV_ARG(bf_event_title(loop->arena, call.event)));
        enum bf_code code = loop->inbox->handle(loop->inbox->state, &call, &one, err);
        if (code != BF_OK || one.kind == BF_VERDICT_LATER) {
            *verdict = one;
        }
        if (code != BF_OK) {
            return code;
        }
    }
    return BF_OK;
}

static bool is_permanent(const struct bf_verdict *verdict, enum bf_code code)
{
    if (verdict->kind == BF_VERDICT_BY_CODE || verdict->kind == BF_VERDICT_LATER) {
        return !bf_code_is_transient(code);
    }
    return verdict->kind == BF_VERDICT_PERMANENT;
}

static int64_t wait_of(const struct bf_message *message, const struct bf_verdict *verdict,
                       const struct bf_err *err)
{
    if (verdict->kind == BF_VERDICT_TRANSIENT && verdict->delay > 0) {
        return verdict->delay;
    }
    return err->retry_after > 0 ? (int64_t)err->retry_after
                                : bf_inbox_backoff(message->receive_count);
}

/* Whether the message is finished; false: it stays in the queue. */
static bool settle(struct loop *loop, const struct bf_message *message,
                   const struct bf_verdict *verdict, enum bf_code code, struct bf_err *err)
{
    const struct bf_log *log = &loop->invocation->log;
    struct bf_err failed = {0};

    if (code == BF_OK) {
        if (verdict->kind != BF_VERDICT_LATER ||
            send_later(loop, message, verdict, &failed) == BF_OK) {
            return true;
        }
        bf_log(log, BF_LOG_ERROR, "message " BF_SV_FMT ": %s", BF_SV_ARG(message->id), failed.msg);
        give_back(loop, message, verdict->delay > 0 ? verdict->delay : 1);
        return false;
    }
    if (is_permanent(verdict, code)) {
        bf_log(log, BF_LOG_ERROR, "message " BF_SV_FMT " to the dead letters: %s",
               BF_SV_ARG(message->id), err->msg);
        if (bury(loop, message, err, &failed) == BF_OK) {
            return true;
        }
        bf_log(log, BF_LOG_ERROR, "message " BF_SV_FMT " stays: %s", BF_SV_ARG(message->id),
               failed.msg);
        give_back(loop, message, bf_inbox_backoff(message->receive_count));
        return false;
    }
    const int64_t wait = wait_of(message, verdict, err);
    bf_log(log, BF_LOG_WARN, "message " BF_SV_FMT " again in %lld s: %s", BF_SV_ARG(message->id),
           (long long)wait, err->msg);
    give_back(loop, message, wait);
    return false;
}

static bool time_left(const struct loop *loop)
{
    return bf_aws_left_ms(&loop->aws) > BF_INBOX_RESERVE_MS;
}

/* ---- the invocation ---- */

static enum bf_code run_bare(struct loop *loop, const struct bf_message *message,
                             struct bf_buf *answer, struct bf_err *err)
{
    struct bf_verdict verdict = {0};

    BF_TRY(handle_events(loop, message, &verdict, err));
    if (verdict.kind == BF_VERDICT_LATER) {
        bf_buf_printf(answer, "{\"status\":\"later\",\"delay\":%lld}", (long long)verdict.delay);
    } else {
        bf_buf_addz(answer, "{\"status\":\"done\"}");
    }
    return BF_OK;
}

static bool run_message(struct loop *loop, const struct bf_message *message)
{
    struct bf_verdict verdict = {0};
    struct bf_err err = {0};

    if (!time_left(loop)) {
        bf_log(&loop->invocation->log, BF_LOG_WARN, "message " BF_SV_FMT ": no time left for it",
               BF_SV_ARG(message->id));
        give_back(loop, message, 0);
        return false;
    }
    enum bf_code code = handle_events(loop, message, &verdict, &err);
    return settle(loop, message, &verdict, code, &err);
}

static void add_failure(struct bf_buf *answer, struct bf_sv id, size_t before)
{
    bf_buf_addz(answer, before == 0 ? "{\"itemIdentifier\":" : ",{\"itemIdentifier\":");
    bf_buf_json(answer, id);
    bf_buf_addz(answer, "}");
}

enum bf_code bf_inbox_run(const struct bf_inbox *inbox, struct bf_arena *arena,
                          const struct bf_invocation *invocation, struct bf_buf *answer,
                          struct bf_err *err)
{
    struct loop loop = {.inbox = inbox, .invocation = invocation};
    struct bf_batch batch;
    size_t failed = 0;

    BF_TRY(bf_batch_parse(arena, invocation->event, &batch, err));
    loop.arena = bf_arena_new(inbox->arena_limit != 0 ? inbox->arena_limit : BF_INBOX_ARENA);
    loop.aws = aws_for(&loop, invocation->deadline_ms);
    if (batch.bare) {
        enum bf_code code = run_bare(&loop, &batch.items[0], answer, err);
        bf_arena_destroy(&loop.arena);
        return code;
    }
    bf_buf_addz(answer, "{\"batchItemFailures\":[");
    for (size_t i = 0; i < batch.count; i++) {
        if (!run_message(&loop, &batch.items[i])) {
            add_failure(answer, batch.items[i].id, failed);
            failed++;
        }
        bf_arena_reset(loop.arena);
    }
    bf_buf_addz(answer, "]}");
    bf_arena_destroy(&loop.arena);
    if (answer->full) { /* a malformed answer would make Lambda retry the whole batch anyway */
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "the answer about %zu messages", failed);
    }
    return BF_OK;
}

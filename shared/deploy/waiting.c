#include "aws/sqs.h"
#include "deploy/work.h"

enum { MAX_WAITING = 100 };

static struct bf_ledger_key own_key(const struct bf_work *w)
{
    return bf_key_waiting(w->d->aws->arena, w->reading.spec.pipeline->name, w->wish->key);
}

enum bf_code bf_waiting_begin(struct bf_work *w, struct bf_err *err)
{
    struct bf_ledger_item item = {.key = own_key(w),
                                  .document = bf_json_new_object(w->d->aws->arena)};

    bf_json_add_str(item.document, "bucket", w->wish->bucket);
    bf_json_add_str(item.document, "key", w->wish->key);
    return bf_ledger_overwrite(&w->ledger, &item, BF_LEDGER_FOREVER, err);
}

enum bf_code bf_waiting_end(struct bf_work *w, struct bf_err *err)
{
    const struct bf_ledger_key key = own_key(w);

    return bf_ledger_delete(&w->ledger, &key, err);
}

enum bf_code bf_deploy_again(const struct bf_deployer *deployer, struct bf_sv bucket,
                             struct bf_sv key, struct bf_err *err)
{
    struct bf_arena *arena = deployer->aws->arena;
    bf_json *message = bf_json_new_object(arena);

    bf_json_add_str(message, "kind", BF_SV("redeploy"));
    bf_json_add_str(message, "bucket", bucket);
    bf_json_add_str(message, "key", key);
    const struct bf_sqs_message again = {.queue_url = deployer->stack->queue_url,
                                         .body = bf_json_text_of(arena, message)};
    return bf_sqs_send(deployer->aws, &again, NULL, err);
}

/*
 * Each is asked for before it is forgotten, so that a crash in between asks twice and not never.
 * One that was removed or renamed while it waited is asked for in vain, which does no harm.
 */
enum bf_code bf_waiting_wake(struct bf_work *w, struct bf_sv pipeline, struct bf_err *err)
{
    const struct bf_ledger_range range = {.pk = bf_key_pipeline(w->d->aws->arena, pipeline).pk,
                                          .sk_prefix = BF_SV("waiting#"),
                                          .max = MAX_WAITING};
    struct bf_ledger_items waiting = {0};

    if (w->d->stack->queue_url.len == 0) { /* called by hand: there is no queue to put it into */
        return BF_OK;
    }
    BF_TRY(bf_ledger_query(&w->ledger, &range, &waiting, err));
    for (size_t i = 0; i < waiting.count; i++) {
        const bf_json *document = waiting.items[i].document;
        BF_TRY(bf_deploy_again(w->d, bf_json_str(document, "bucket"), bf_json_str(document, "key"),
                               err));
        BF_TRY(bf_ledger_delete(&w->ledger, &waiting.items[i].key, err));
    }
    return BF_OK;
}

#include "ledger/internal.h"

enum bf_code bf_ledger_pipeline(struct bf_ledger *ledger, struct bf_sv name,
                                struct bf_ledger_item *out, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_pipeline(ledger->aws->arena, name);

    return bf_ledger_get(ledger, &key, out, err);
}

enum bf_code bf_ledger_pipeline_by_arn(struct bf_ledger *ledger, struct bf_sv arn,
                                       struct bf_ledger_item *out, struct bf_err *err)
{
    const struct bf_ledger_key key = bf_key_pipeline_arn(ledger->aws->arena, arn);
    struct bf_ledger_item index = {0};

    *out = (struct bf_ledger_item){0};
    BF_TRY(bf_ledger_get(ledger, &key, &index, err));
    struct bf_sv name = bf_json_str(index.document, "pipeline");
    if (name.len == 0) {
        return BF_OK;
    }
    BF_TRY(bf_ledger_pipeline(ledger, name, out, err));
    /* The index outlives a record whose writing failed half-way, or that moved to another ARN. */
    if (!bf_sv_eq(bf_json_str(out->document, "arn"), arn)) {
        *out = (struct bf_ledger_item){.key = out->key};
    }
    return BF_OK;
}

static enum bf_code put_index(struct bf_ledger *ledger, struct bf_ledger_key key, struct bf_sv name,
                              struct bf_sv arn, struct bf_err *err)
{
    struct bf_ledger_item index = {.key = key, .document = bf_json_new_object(ledger->aws->arena)};

    (void)bf_json_add_str(index.document, "pipeline", name);
    (void)bf_json_add_str(index.document, "arn", arn);
    return bf_ledger_overwrite(ledger, &index, BF_LEDGER_FOREVER, err);
}

enum bf_code bf_ledger_put_pipeline(struct bf_ledger *ledger, struct bf_ledger_item *item,
                                    struct bf_err *err)
{
    struct bf_arena *arena = ledger->aws->arena;
    struct bf_sv name = {0};
    struct bf_sv arn = {0};

    BF_TRY(bf_json_need_str(item->document, "pipeline", &name, err));
    BF_TRY(bf_json_need_str(item->document, "arn", &arn, err));
    item->key = bf_key_pipeline(arena, name);
    /* The index first: an index without a record is taken for nothing, a record without is lost. */
    BF_TRY(put_index(ledger, bf_key_pipeline_arn(arena, arn), name, arn, err));
    BF_TRY(put_index(ledger, bf_key_pipeline_index(arena, name), name, arn, err));
    return bf_ledger_put(ledger, item, BF_LEDGER_FOREVER, err);
}

enum bf_code bf_ledger_delete_pipeline(struct bf_ledger *ledger, struct bf_sv name,
                                       struct bf_err *err)
{
    struct bf_arena *arena = ledger->aws->arena;
    struct bf_ledger_item record = {0};

    BF_TRY(bf_ledger_pipeline(ledger, name, &record, err));
    struct bf_sv arn = bf_json_str(record.document, "arn");
    if (arn.len != 0) {
        const struct bf_ledger_key by_arn = bf_key_pipeline_arn(arena, arn);
        BF_TRY(bf_ledger_delete(ledger, &by_arn, err));
    }
    const struct bf_ledger_key index = bf_key_pipeline_index(arena, name);
    BF_TRY(bf_ledger_delete(ledger, &index, err));
    return bf_ledger_delete(ledger, &record.key, err);
}

enum bf_code bf_ledger_pipelines(struct bf_ledger *ledger, size_t max, struct bf_ledger_items *out,
                                 struct bf_err *err)
{
    const struct bf_ledger_range range = {.pk = BF_SV("pipelines"), .max = max};

    return bf_ledger_query(ledger, &range, out, err);
}

#include "deploy/work.h"
#include "time/instant.h"

bf_json *bf_outcome_new(const struct bf_work *w, const char *status)
{
    struct bf_arena *arena = w->d->aws->arena;
    bf_json *record = bf_json_new_object(arena);
    const struct bf_sv version =
        w->reading.version_id.len != 0 ? w->reading.version_id : w->wish->version_id;

    bf_json_add_str(record, "bucket", w->wish->bucket);
    bf_json_add_str(record, "key", w->wish->key);
    bf_json_add_str(record, "version_id", version);
    bf_json_add_str(record, "sequencer", w->sequencer);
    bf_json_add_str(record, "platform_version_id", w->reading.platform_version_id);
    bf_json_add_str(record, "environment", w->d->stack->environment);
    bf_json_add_str(record, "status", bf_sv_of(status));
    bf_json_add_str(record, "at", bf_instant_print(arena, w->now));
    if (w->reading.spec.pipeline != NULL) {
        bf_json_add_str(record, "pipeline", w->reading.spec.pipeline->name);
    }
    return record;
}

/* What a later removal has to take away: the last deployment that succeeded says it. */
static void carry_over(const struct bf_work *w, bf_json *record)
{
    static const char *const kept[] = {"deployed_pipeline", "on_delete"};

    for (size_t i = 0; i < BF_COUNTOF(kept); i++) {
        const bf_json *value = bf_json_get(w->latest.document, kept[i]);
        if (value != NULL && bf_json_get(record, kept[i]) == NULL) {
            bf_json_add_copy(record, kept[i], value);
        }
    }
}

enum bf_code bf_outcome_history(struct bf_work *w, bf_json *record, struct bf_err *err)
{
    const struct bf_sv sequencer = bf_json_str(record, "sequencer");
    struct bf_ledger_item item = {
        .key = bf_key_spec_history(w->d->aws->arena, w->wish->key,
                                   sequencer.len != 0 ? sequencer : bf_json_str(record, "at")),
        .document = record,
    };

    BF_TRY(bf_ledger_overwrite(&w->ledger, &item, BF_LEDGER_FOREVER, err));
    w->out->record = record;
    return BF_OK;
}

enum bf_code bf_outcome_write(struct bf_work *w, bf_json *record, struct bf_err *err)
{
    carry_over(w, record);
    w->latest.document = record;
    BF_TRY(bf_outcome_history(w, record, err));
    return bf_ledger_overwrite(&w->ledger, &w->latest, BF_LEDGER_FOREVER, err);
}

#include "run/context.h"
#include "run/work.h"
#include "time/instant.h"

void bf_set_str(bf_json *object, const char *key, struct bf_sv value)
{
    bf_json_remove(object, key);
    bf_json_add_str(object, key, value);
}

enum bf_code bf_lane_open(const struct bf_runner *r, struct bf_sv pipeline, struct bf_sv schedule,
                          struct bf_lane *out, struct bf_err *err)
{
    struct bf_ledger_item item;

    *out = (struct bf_lane){.r = r,
                            .ledger = {.aws = r->aws, .table = r->table},
                            .pipeline = pipeline,
                            .schedule = schedule};
    BF_TRY(bf_ledger_pipeline(&out->ledger, pipeline, &item, err));
    out->record = item.document;
    out->settings = bf_run_schedule(item.document, schedule);
    out->now = bf_instant_print(r->aws->arena, bf_aws_time(r->aws, NULL));
    return BF_OK;
}

struct bf_slot_rules bf_lane_rules(const struct bf_lane *lane)
{
    struct bf_slot_rules rules = {.overlap = bf_json_str(lane->settings, "overlap")};

    if (!bf_json_i64(bf_json_get(lane->settings, "max_active"), 1, 20, &rules.max_active)) {
        rules.max_active = 1;
    }
    return rules;
}

enum bf_code bf_lane_slots(struct bf_lane *lane, struct bf_ledger_item *out, struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    const struct bf_ledger_key key = bf_key_queue(arena, lane->pipeline, lane->schedule);

    BF_TRY(bf_ledger_get(&lane->ledger, &key, out, err));
    if (out->document == NULL) {
        out->document = bf_slots_new(arena);
    }
    return BF_OK;
}

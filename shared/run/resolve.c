#include "expression/params.h"
#include "run/context.h"
#include "run/lookups.h"
#include "run/work.h"
#include "time/instant.h"
#include "time/zone.h"

static enum bf_code last_success(struct bf_lane *lane, const bf_json **out, struct bf_err *err)
{
    const struct bf_ledger_key key =
        bf_key_watermark(lane->r->aws->arena, lane->pipeline, lane->schedule);
    struct bf_ledger_item item;

    BF_TRY(bf_ledger_get(&lane->ledger, &key, &item, err));
    *out = bf_json_get(item.document, "last_success");
    return BF_OK;
}

static struct bf_param_text *texts_of(struct bf_lane *lane, size_t *count)
{
    const bf_json *parameters = bf_json_get(lane->settings, "parameters");
    struct bf_param_text *texts =
        BF_NEW_N(lane->r->aws->arena, struct bf_param_text, bf_json_count(parameters) + 1);

    *count = 0;
    for (const bf_json *p = bf_json_first(parameters); p != NULL; p = bf_json_next(p)) {
        texts[(*count)++] = (struct bf_param_text){.name = bf_json_key(p), .text = bf_json_text(p)};
    }
    return texts;
}

/* Computed parameters and, in the context, the answers they rest on. */
static enum bf_code compute(struct bf_lane *lane, struct bf_param_text *texts, size_t count,
                            bf_json *context, struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    const struct bf_lookups lookups = bf_params_lookups(arena, texts, count, context);
    struct bf_params_error error;

    BF_TRY(bf_run_lookups(lane->r, &lookups, bf_json_get(context, "lookups"), err));
    if (!bf_params_eval(arena, texts, count, context, &error)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "pipeline " BF_SV_FMT ", schedule " BF_SV_FMT ", parameter " BF_SV_FMT
                          ", column %zu: " BF_SV_FMT " (%s)%s" BF_SV_FMT,
                          BF_SV_ARG(lane->pipeline), BF_SV_ARG(lane->schedule),
                          BF_SV_ARG(error.name), error.error.column, BF_SV_ARG(error.error.message),
                          bf_expr_kind_name(error.error.kind),
                          error.error.hint.len == 0 ? "" : "; ", BF_SV_ARG(error.error.hint));
    }
    return BF_OK;
}

static enum bf_code facts_of(struct bf_lane *lane, const struct bf_due *due,
                             struct bf_context_facts *out, struct bf_err *err)
{
    const struct bf_sv uri = bf_json_str(lane->record, "calendar.holidays_uri");
    struct bf_ledger_item slots;
    bf_json *holidays = NULL;

    *out = (struct bf_context_facts){.record = lane->record,
                                     .schedule = lane->schedule,
                                     .scheduled_time = due->scheduled_time,
                                     .kind = BF_SV("schedule")};
    BF_TRY(last_success(lane, &out->last_success, err));
    BF_TRY(bf_lane_slots(lane, &slots, err));
    out->index = bf_slots_count(slots.document);
    if (uri.len != 0) {
        BF_TRY(bf_run_holidays_of(lane->r, uri, &holidays, err));
        out->holidays = holidays;
    }
    return BF_OK;
}

static void add_values(struct bf_arena *arena, bf_json *run, const struct bf_param_text *texts,
                       size_t count)
{
    bf_json *parameters = bf_json_add_object(run, "parameters");

    for (size_t i = 0; i < count; i++) {
        bf_json_add_str(parameters, bf_sv_z(arena, texts[i].name), texts[i].value);
    }
}

static enum bf_code make_run(struct bf_lane *lane, const struct bf_due *due, struct bf_sv token,
                             bf_json **out, struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    struct bf_context_facts facts;
    bf_json *context = NULL;
    size_t count = 0;
    struct bf_param_text *texts = texts_of(lane, &count);
    int64_t local = 0;

    BF_TRY(facts_of(lane, due, &facts, err));
    BF_TRY(bf_run_context(arena, &facts, &context, err));
    BF_TRY(compute(lane, texts, count, context, err));
    BF_TRY(bf_run_local(arena, lane->settings, due->scheduled_time, &local, err));

    bf_json *run = bf_json_new_object(arena);
    bf_json_add_str(run, "token", token);
    bf_json_add_str(run, "environment", lane->r->environment);
    bf_json_add_str(run, "pipeline", lane->pipeline);
    bf_json_add_str(run, "arn", bf_json_str(lane->record, "arn"));
    bf_json_add_str(run, "kind", facts.kind);
    bf_json_add_str(run, "name", lane->schedule);
    bf_json_add_i64(run, "attempt", 0);
    bf_json_add_str(run, "scheduled_time", bf_instant_print(arena, due->scheduled_time));
    bf_json_add_str(run, "timezone", bf_json_str(lane->settings, "timezone"));
    bf_json_add_str(
        run, "local_time",
        bf_instant_print_offset(arena, due->scheduled_time, (int)(local - due->scheduled_time)));
    bf_json_add_i64(run, "index", facts.index);
    bf_json_add_copy(run, "record_version", bf_json_get(lane->record, "version"));
    add_values(arena, run, texts, count);
    bf_json_add_copy(run, "lookups", bf_json_get(context, "lookups"));
    if (facts.holidays != NULL) {
        bf_json_add_copy(run, "holidays", facts.holidays);
    }
    bf_json_add_str(run, "display_name", bf_run_display_name(arena, lane->schedule, local));
    bf_json_add_str(run, "status", BF_SV("resolved"));
    bf_json_add_str(run, "resolved_at", lane->now);
    *out = run;
    return BF_OK;
}

enum bf_code bf_run_resolve(struct bf_lane *lane, const struct bf_due *due,
                            struct bf_ledger_item *out, struct bf_err *err)
{
    struct bf_arena *arena = lane->r->aws->arena;
    const struct bf_run_id id = {
        .environment = lane->r->environment,
        .pipeline = lane->pipeline,
        .kind = BF_SV("schedule"),
        .name = lane->schedule,
        .key = bf_instant_print(arena, due->scheduled_time),
    };
    const struct bf_sv token = bf_run_token(arena, &id);
    const struct bf_ledger_key key = bf_key_run(arena, token);
    struct bf_err lost = {0};

    BF_TRY(bf_ledger_get(&lane->ledger, &key, out, err));
    if (out->document != NULL) {
        return BF_OK;
    }
    BF_TRY(make_run(lane, due, token, &out->document, err));
    enum bf_code code = bf_ledger_put(&lane->ledger, out, BF_LEDGER_RUN_DAYS, &lost);
    if (code == BF_ECONFLICT) { /* somebody was faster: his values are the run's */
        return bf_ledger_get(&lane->ledger, &key, out, err);
    }
    if (code != BF_OK) {
        *err = lost;
    }
    return code;
}

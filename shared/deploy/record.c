#include "crypto/crypto.h"
#include "deploy/internal.h"
#include "time/instant.h"
#include "time/zone.h"

enum { DIAGNOSTICS_MAX = 200 * 1024 /* bytes of JSON; a document has room for 380 KB */ };

bf_json *bf_record_diagnostics(struct bf_arena *arena, struct bf_diags *diags)
{
    struct bf_buf lines = bf_buf_new(arena, DIAGNOSTICS_MAX);
    bf_json *out = bf_json_new_array(arena);

    bf_diags_print_json(diags, &lines);
    struct bf_sv rest = bf_buf_sv(&lines);
    while (rest.len != 0) {
        const struct bf_sv line = bf_sv_cut(&rest, '\n');
        struct bf_err ignored = {0};
        bf_json *item = NULL;
        /* A full buffer may end within a line: that one is no JSON, and left out. */
        if (line.len != 0 && bf_json_parse(arena, line, NULL, &item, &ignored) == BF_OK) {
            bf_json_add_copy(out, NULL, item);
        }
    }
    return out;
}

static void add_texts(bf_json *parent, const char *key, const struct bf_texts *texts)
{
    bf_json *array = bf_json_add_array(parent, key);

    for (size_t i = 0; i < texts->count; i++) {
        bf_json_add_str(array, NULL, texts->items[i]);
    }
}

static void add_alerts(bf_json *record, const struct bf_alerts *alerts)
{
    bf_json *out = bf_json_add_object(record, "alerts");

    add_texts(out, "slack", &alerts->slack);
    bf_json_add_bool(out, "live", alerts->live);
    add_texts(out, "events", &alerts->events);
    if (alerts->owner.len != 0) {
        bf_json_add_str(out, "owner", alerts->owner);
    }
    add_texts(out, "mention", &alerts->mention);
}

static void add_steps(struct bf_arena *arena, bf_json *record, const struct bf_pipeline *pipeline)
{
    bf_json *steps = bf_json_add_object(record, "steps");

    for (size_t i = 0; i < pipeline->step_count; i++) {
        const struct bf_step *step = pipeline->steps[i];
        bf_json *out = bf_json_add_object(steps, bf_sv_z(arena, step->name));
        bf_json_add_str(out, "type", bf_sv_of(bf_step_kind_word(step->kind)));
        bf_json_add_str(out, "file", bf_sv_of(step->loc.file));
        bf_json_add_i64(out, "line", (int64_t)step->loc.line);
    }
}

static void add_parameters(struct bf_arena *arena, bf_json *record,
                           const struct bf_pipeline *pipeline)
{
    bf_json *parameters = bf_json_add_object(record, "parameters");

    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct bf_parameter *p = &pipeline->parameters[i];
        bf_json *out = bf_json_add_object(parameters, bf_sv_z(arena, p->name));
        bf_json_add_str(out, "type", bf_sv_of(bf_parameter_type_word(p->type)));
        if (p->fallback != NULL && p->fallback->kind != BF_VALUE_NULL) {
            bf_json_add_str(out, "default", p->fallback->text);
        }
    }
}

static void add_calendar(bf_json *record, const struct bf_business_days *calendar)
{
    if (!calendar->given) {
        return;
    }
    bf_json *out = bf_json_add_object(record, "calendar");
    bf_json *weekend = bf_json_add_array(out, "weekend");
    for (size_t i = 0; i < calendar->weekend_count; i++) {
        bf_json_add_i64(weekend, NULL, calendar->weekend[i]);
    }
    add_texts(out, "holidays", &calendar->holidays);
    if (calendar->holidays_uri.len != 0) {
        bf_json_add_str(out, "holidays_uri", calendar->holidays_uri);
    }
}

static void add_arguments(struct bf_arena *arena, bf_json *parent,
                          const struct bf_arguments *arguments)
{
    bf_json *out = bf_json_add_object(parent, "parameters");

    for (size_t i = 0; i < arguments->count; i++) {
        bf_json_add_str(out, bf_sv_z(arena, arguments->items[i].name), arguments->items[i].text);
    }
}

/* "2026-03-01T00:00:00Z" of a local time of the file; null without one. */
static enum bf_code add_instant(struct bf_arena *arena, bf_json *parent, const char *key,
                                const struct bf_schedule *s, struct bf_sv local, struct bf_err *err)
{
    const struct bf_zone *zone = NULL;
    struct bf_time_text text;

    if (local.len == 0) {
        bf_json_add_null(parent, key);
        return BF_OK;
    }
    BF_TRY(bf_zone_load(arena, s->timezone, &zone, err));
    BF_TRY(bf_time_parse(local, &text, err));
    bf_json_add_str(parent, key, bf_instant_print(arena, bf_zone_instant(zone, text.value)));
    return BF_OK;
}

static enum bf_code add_schedule(struct bf_arena *arena, const struct bf_history *history,
                                 bf_json *schedules, const struct bf_schedule *s,
                                 struct bf_err *err)
{
    static const char *const kinds[] = {
        [BF_SCHEDULE_CRON] = "cron", [BF_SCHEDULE_RATE] = "rate", [BF_SCHEDULE_AT] = "at"};
    bf_json *out = bf_json_add_object(schedules, bf_sv_z(arena, s->name));

    bf_json_add_str(out, "kind", bf_sv_of(kinds[s->kind]));
    bf_json_add_str(out, "expression",
                    s->kind == BF_SCHEDULE_RATE ? bf_schedule_expression(arena, s) : s->expression);
    bf_json_add_str(out, "timezone", s->timezone);
    add_arguments(arena, out, &s->parameters);
    bf_json_add_str(out, "overlap", s->overlap);
    bf_json *catchup = bf_json_add_object(out, "catchup");
    bf_json_add_str(catchup, "mode", s->catchup.mode);
    bf_json_add_i64(catchup, "limit", s->catchup.limit);
    bf_json_add_i64(catchup, "window", s->catchup.window);
    bf_json_add_i64(out, "max_active", s->max_active);
    bf_json_add_i64(out, "start_by", s->start_by);
    bf_json_add_bool(out, "enabled", s->enabled);
    if (s->kind == BF_SCHEDULE_RATE && s->start.len == 0) {
        bf_json_add_str(out, "start", bf_instant_print(arena, bf_rate_start(history, s)));
    } else {
        BF_TRY(add_instant(arena, out, "start", s, s->start, err));
    }
    return add_instant(arena, out, "end", s, s->end, err);
}

static void add_trigger(struct bf_arena *arena, bf_json *triggers, const struct bf_trigger *t)
{
    static const char *const kinds[] = {[BF_TRIGGER_EVENT] = "event",
                                        [BF_TRIGGER_ALL_OF] = "all_of",
                                        [BF_TRIGGER_ANY_OF] = "any_of"};
    bf_json *out = bf_json_add_object(triggers, bf_sv_z(arena, t->name));

    bf_json_add_str(out, "kind", bf_sv_of(kinds[t->kind]));
    bf_json_add_str(out, "timezone", t->timezone);
    add_arguments(arena, out, &t->parameters);
    bf_json_add_str(out, "repeat", t->repeat);
    bf_json_add_str(out, "overlap", t->overlap);
    bf_json_add_bool(out, "enabled", t->enabled);
    bf_json_add_bool(out, "applied", false); /* its EventBridge rule is not written yet */
}

static void add_source(bf_json *record, const struct bf_provenance *from, struct bf_sv sha256)
{
    bf_json *source = bf_json_add_object(record, "source");

    bf_json_add_str(source, "bucket", from->wish->bucket);
    bf_json_add_str(source, "key", from->wish->key);
    bf_json_add_str(source, "version_id", from->reading->version_id);
    bf_json_add_str(source, "sequencer", from->sequencer);
    bf_json_add_str(source, "platform_version_id", from->reading->platform_version_id);
    bf_json_add_str(source, "commit", from->reading->commit);
    bf_json_add_str(source, "sha256", sha256);
}

/* A deployment that is carried out again after a crash is the same one. */
static int64_t version_of(const struct bf_provenance *from)
{
    const bf_json *old = bf_json_get(from->history.record, "source");
    int64_t version = 0;

    if (!bf_json_i64(bf_json_get(from->history.record, "version"), 0, INT64_MAX - 1, &version)) {
        return 1;
    }
    const bool again =
        bf_sv_eq(bf_json_str(old, "key"), from->wish->key) &&
        bf_sv_eq(bf_json_str(old, "version_id"), from->reading->version_id) &&
        bf_sv_eq(bf_json_str(old, "sequencer"), from->sequencer) &&
        bf_sv_eq(bf_json_str(old, "platform_version_id"), from->reading->platform_version_id);
    return again ? version : version + 1;
}

/* What the file alone says. */
static enum bf_code add_file(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                             const struct bf_history *history, bf_json *record, struct bf_err *err)
{
    add_alerts(record, &pipeline->alerts);
    add_steps(arena, record, pipeline);
    add_parameters(arena, record, pipeline);
    add_calendar(record, &pipeline->calendar);
    bf_json *schedules = bf_json_add_object(record, "schedules");
    for (size_t i = 0; i < pipeline->schedule_count; i++) {
        BF_TRY(add_schedule(arena, history, schedules, &pipeline->schedules[i], err));
    }
    bf_json *triggers = bf_json_add_object(record, "triggers");
    for (size_t i = 0; i < pipeline->trigger_count; i++) {
        add_trigger(arena, triggers, &pipeline->triggers[i]);
    }
    return BF_OK;
}

enum bf_code bf_deploy_record(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                              int64_t now, bf_json **out, struct bf_err *err)
{
    const struct bf_history history = {.now = now};
    bf_json *record = bf_json_new_object(arena);

    bf_json_add_str(record, "pipeline", pipeline->name);
    bf_json_add_str(record, "project", pipeline->project);
    bf_json_add_str(record, "environment", pipeline->environment);
    *out = record;
    return add_file(arena, pipeline, &history, record, err);
}

enum bf_code bf_record_make(struct bf_arena *arena, const struct bf_provenance *from, bf_json **out,
                            struct bf_err *err)
{
    const struct bf_pipeline *pipeline = from->reading->spec.pipeline;
    bf_json *record = bf_json_new_object(arena);

    bf_json_add_i64(record, "version", version_of(from));
    bf_json_add_str(record, "pipeline", pipeline->name);
    bf_json_add_str(record, "arn", from->arn);
    bf_json_add_str(record, "project", pipeline->project);
    bf_json_add_str(record, "environment", from->stack->environment);
    add_source(record, from, bf_pipeline_sha256(arena, pipeline));
    bf_json_add_str(record, "deployed_at", bf_instant_print(arena, from->history.now));
    bf_json_add_str(record, "definition_sha256",
                    bf_sha256_hex(arena, from->reading->definition_text));
    bf_json_add_str(record, "on_delete", pipeline->on_delete);
    bf_json *tags = bf_json_add_array(record, "tags"); /* ours to remove when no longer wanted */
    for (size_t i = 0; pipeline->tags != NULL && i < pipeline->tags->count; i++) {
        bf_json_add_str(tags, NULL, pipeline->tags->pairs[i].key);
    }
    *out = record;
    return add_file(arena, pipeline, &from->history, record, err);
}

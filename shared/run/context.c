#include "run/context.h"

#include "time/calendar.h"
#include "time/cron.h"
#include "time/instant.h"
#include "time/zone.h"

const bf_json *bf_run_schedule(const bf_json *record, struct bf_sv name)
{
    return bf_json_get_sv(bf_json_get(record, "schedules"), name);
}

static void add_calendar(const struct bf_context_facts *facts, bf_json *context)
{
    const bf_json *calendar = bf_json_get(facts->record, "calendar");

    if (calendar == NULL) {
        return;
    }
    bf_json *out = bf_json_add_object(context, "calendar");
    const bf_json *holidays =
        facts->holidays != NULL ? facts->holidays : bf_json_get(calendar, "holidays");
    if (bf_json_get(calendar, "weekend") != NULL) {
        bf_json_add_copy(out, "weekend", bf_json_get(calendar, "weekend"));
    }
    if (holidays != NULL) {
        bf_json_add_copy(out, "holidays", holidays);
    }
}

static void add_defaults(struct bf_arena *arena, const bf_json *record, bf_json *context)
{
    bf_json *out = bf_json_add_object(context, "param");
    const bf_json *parameters = bf_json_get(record, "parameters");

    for (const bf_json *p = bf_json_first(parameters); p != NULL; p = bf_json_next(p)) {
        if (bf_json_kind(bf_json_get(p, "default")) == BF_JSON_STRING) {
            bf_json_add_str(out, bf_sv_z(arena, bf_json_key(p)), bf_json_str(p, "default"));
        }
    }
}

enum bf_code bf_run_context(struct bf_arena *arena, const struct bf_context_facts *facts,
                            bf_json **out, struct bf_err *err)
{
    const bf_json *schedule = bf_run_schedule(facts->record, facts->schedule);
    bf_json *context = bf_json_new_object(arena);

    if (schedule == NULL) {
        return bf_err_set(err, BF_ENOTFOUND, BF_NOWHERE, "no schedule '" BF_SV_FMT "'",
                          BF_SV_ARG(facts->schedule));
    }
    bf_json *when = bf_json_add_object(context, "schedule");
    bf_json_add_str(when, "time", bf_instant_print(arena, facts->scheduled_time));
    bf_json_add_str(when, "timezone", bf_json_str(schedule, "timezone"));
    bf_json_add_str(when, "name", facts->schedule);
    bf_json *run = bf_json_add_object(context, "run");
    bf_json_add_str(run, "kind", facts->kind);
    bf_json_add_i64(run, "attempt", facts->attempt);
    bf_json_add_i64(run, "index", facts->index);
    bf_json_add_str(run, "pipeline", bf_json_str(facts->record, "pipeline"));
    bf_json_add_str(run, "environment", bf_json_str(facts->record, "environment"));
    if (facts->last_success != NULL) {
        bf_json *last = bf_json_add_object(context, "last");
        bf_json_add_copy(last, "success", facts->last_success);
    }
    add_defaults(arena, facts->record, context);
    add_calendar(facts, context);
    bf_json_add_object(context, "lookups");
    *out = context;
    return BF_OK;
}

enum bf_code bf_run_firing(struct bf_arena *arena, const bf_json *schedule, struct bf_firing *out,
                           struct bf_err *err)
{
    const struct bf_sv kind = bf_json_str(schedule, "kind");
    const struct bf_sv expression = bf_json_str(schedule, "expression");
    struct bf_when *when = BF_NEW(arena, struct bf_when);
    const struct bf_sv start = bf_json_str(schedule, "start");

    *out = (struct bf_firing){.when = when};
    BF_TRY(bf_zone_load(arena, bf_json_str(schedule, "timezone"), &out->zone, err));
    if (start.len != 0) {
        BF_TRY(bf_instant_parse(start, &out->start, err));
    }
    if (bf_sv_is(kind, "cron")) {
        return bf_cron_parse(expression, when, err);
    }
    if (bf_sv_is(kind, "at")) {
        return bf_at_parse(expression, when, err);
    }
    return bf_when_parse(expression, when, err); /* "rate(90 minutes)" */
}

enum bf_code bf_run_local(struct bf_arena *arena, const bf_json *schedule, int64_t instant,
                          int64_t *out, struct bf_err *err)
{
    const struct bf_zone *zone = NULL;

    BF_TRY(bf_zone_load(arena, bf_json_str(schedule, "timezone"), &zone, err));
    *out = bf_zone_local(zone, instant);
    return BF_OK;
}

enum bf_code bf_run_holidays(struct bf_arena *arena, struct bf_sv text, bf_json **out,
                             struct bf_err *err)
{
    bf_json *dates = bf_json_new_array(arena);
    size_t count = 0;

    for (unsigned line = 1; text.len != 0; line++) {
        struct bf_sv entry = bf_sv_trim(bf_sv_cut(&text, '\n'));
        struct bf_sv rest = bf_sv_slice(entry, 0, bf_sv_find(entry, '#'));
        const struct bf_sv date = bf_sv_trim(bf_sv_slice(rest, 0, 10));
        int64_t day = 0;

        if (bf_sv_trim(rest).len == 0) {
            continue;
        }
        if (bf_date_parse(date, &day, err) != BF_OK) {
            return bf_err_wrap(err, "holidays, line %u", line);
        }
        if (++count > BF_HOLIDAYS_MAX) {
            return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "more than %d holidays",
                              BF_HOLIDAYS_MAX);
        }
        bf_json_add_str(dates, NULL, date);
    }
    *out = dates;
    return BF_OK;
}

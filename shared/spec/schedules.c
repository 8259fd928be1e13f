#include "base/utf8.h"
#include "spec/check.h"
#include "spec/meant.h"
#include "spec/rules.h"
#include "time/cron.h"
#include "time/zone.h"

/* Schedules: what a row cannot say, and the typed form. */

/** A local time; false: reported. */
static bool check_local(struct bf_check *check, const struct bf_spot *spot, const char *code,
                        struct bf_when *when)
{
    struct bf_err err = {0};
    if (spot->value == NULL || spot->value->kind != BF_VALUE_STRING) {
        return false;
    }
    if (bf_at_parse(spot->value->text, when, &err) == BF_OK) {
        return true;
    }
    struct bf_diag *diag =
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' is no local date and time that exists",
                       BF_SV_ARG(bf_utf8_truncate(spot->value->text, 100)));
    bf_diag_hint(check->diags, diag,
                 "write YYYY-MM-DDThh:mm:ss without a zone, such as 2026-03-01T09:00:00");
    return false;
}

static bool check_cron(struct bf_check *check, const struct bf_spot *spot, struct bf_when *when)
{
    struct bf_err err = {0};
    if (spot->value->kind != BF_VALUE_STRING) {
        return false;
    }
    if (bf_cron_parse(spot->value->text, when, &err) == BF_OK) {
        if (when->cron.not_aws) {
            bf_check_report(check, BF_WARNING, spot, "schedule.cron",
                            "'L-n' and 'LW' are computed here, but AWS does not document them: "
                            "the service may refuse the schedule");
        }
        return true;
    }
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "schedule.cron",
                                   bf_value_place(spot->value, err.loc.col), "%s", err.msg);
    bf_value_note_chain(check->diags, diag, spot->value);
    if (bf_sv_starts(spot->value->text, BF_SV("cron("))) {
        bf_diag_hint(check->diags, diag, "write the six fields without cron()");
    } else if (bf_pattern_matches(check->patterns, "[ \t]*([^ \t]+[ \t]+){4}[^ \t]+[ \t]*",
                                  spot->value->text)) {
        bf_diag_hint(check->diags, diag,
                     "AWS wants the year as sixth field, and '?' in one of the two day fields: "
                     "0 9 * * ? *");
    }
    return false;
}

static bool read_when(struct bf_check *check, const struct bf_spot *spot,
                      struct bf_schedule *schedule, struct bf_when *when)
{
    struct bf_spot cron = bf_spot_at(spot, "cron"), rate = bf_spot_at(spot, "rate");
    struct bf_spot at = bf_spot_at(spot, "at");
    int given = (cron.value != NULL) + (rate.value != NULL) + (at.value != NULL);
    if (given == 0 &&
        (bf_field_is_misspelt(bf_fields_schedule, spot->value, "cron", check->kind) ||
         bf_field_is_misspelt(bf_fields_schedule, spot->value, "rate", check->kind))) {
        return false;
    }
    if (given != 1) {
        bf_diag(check->diags, BF_ERROR, "schedule.kind", spot->loc,
                "schedule '" BF_SV_FMT "' needs exactly one of 'cron', 'rate' and 'at'",
                BF_SV_ARG(spot->key));
        return false;
    }
    if (cron.value != NULL) {
        schedule->kind = BF_SCHEDULE_CRON;
        schedule->expression = cron.value->text;
        return check_cron(check, &cron, when);
    }
    if (at.value != NULL) {
        schedule->kind = BF_SCHEDULE_AT;
        schedule->expression = at.value->text;
        return check_local(check, &at, "schedule.at", when);
    }
    schedule->kind = BF_SCHEDULE_RATE;
    schedule->expression = rate.value->text;
    schedule->rate = bf_read_seconds(spot, "rate", NULL);
    *when = (struct bf_when){.kind = BF_WHEN_RATE, .period = schedule->rate};
    return schedule->rate >= 60 && schedule->rate % 60 == 0;
}

/* ---- the next fires ---- */

enum { TRIED_FIRES = 3 };

struct window {
    int64_t from, to; /* instants; INT64_MAX: open */
};

/** "start" and "end"; false: one is wrong, which was reported. */
static bool read_window(struct bf_check *check, const struct bf_spot *spot, struct bf_when *first,
                        struct bf_when *last)
{
    struct bf_spot start = bf_spot_at(spot, "start"), end = bf_spot_at(spot, "end");
    bool started = start.value == NULL || check_local(check, &start, "spec.pattern", first);
    bool ended = end.value == NULL || check_local(check, &end, "spec.pattern", last);
    return started && ended;
}

static struct window window_of(struct bf_check *check, const struct bf_spot *spot,
                               const struct bf_zone *zone)
{
    struct bf_when first = {0}, last = {0};
    struct window window = {.from = check->options->has_now ? check->options->now : 0,
                            .to = INT64_MAX};
    (void)read_window(check, spot, &first, &last);
    if (bf_spot_at(spot, "start").value != NULL) {
        int64_t from = bf_zone_instant(zone, first.local) - 1;
        window.from = from > window.from ? from : window.from;
    }
    if (bf_spot_at(spot, "end").value != NULL) {
        window.to = bf_zone_instant(zone, last.local);
    }
    return window;
}

static void try_fires(struct bf_check *check, const struct bf_spot *spot,
                      const struct bf_schedule *schedule, const struct bf_when *when)
{
    const struct bf_zone *zone = NULL;
    struct bf_err err = {0};
    if (bf_zone_load(check->arena, schedule->timezone, &zone, &err) != BF_OK) {
        return;
    }
    struct window window = window_of(check, spot, zone);
    struct bf_firing firing = {.when = when, .zone = zone, .start = window.from + when->period};
    int64_t time = window.from;
    for (int i = 0; i < TRIED_FIRES; i++) {
        if (!bf_next_fire(&firing, time, &time) || time > window.to) {
            if (i == 0) {
                bf_diag(check->diags, BF_WARNING, "schedule.never_fires", spot->loc,
                        "schedule '" BF_SV_FMT "' never fires%s", BF_SV_ARG(spot->key),
                        check->options->has_now ? " from now on" : "");
            }
            return;
        }
        if (check->options->has_now &&
            !bf_try_arguments(check, &schedule->parameters, schedule->name, schedule->timezone,
                              time)) {
            return; /* the next one would say the same again */
        }
    }
}

static void check_name(struct bf_check *check, const struct bf_spot *spot)
{
    size_t length = check->pipeline->name.len + 1 + spot->key.len;
    if (length > 64) {
        bf_diag(check->diags, BF_ERROR, "spec.length", spot->loc,
                "'" BF_SV_FMT "." BF_SV_FMT
                "', the name of the Scheduler schedule, has %zu "
                "characters; at most 64 are allowed",
                BF_SV_ARG(check->pipeline->name), BF_SV_ARG(spot->key), length);
    }
}

static void read_catchup(const struct bf_spot *spot, struct bf_catchup *catchup)
{
    struct bf_spot written = bf_spot_at(spot, "catchup");
    const struct bf_value *mode = bf_object_get(written.value, "mode", "mode");
    bool map = written.value != NULL && written.value->kind == BF_VALUE_MAP;
    catchup->mode = mode != NULL && mode->kind == BF_VALUE_STRING ? mode->text : BF_SV("none");
    catchup->limit = bf_read_int(map ? &written : NULL, "limit", 10);
    catchup->window = bf_read_seconds(map ? &written : NULL, "window", "7d");
}

void bf_rule_schedule(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_pipeline *pipeline = check->pipeline;
    struct bf_schedule *schedule = &pipeline->schedules[pipeline->schedule_count++];
    struct bf_when when = {0};
    *schedule = (struct bf_schedule){
        .name = spot->key,
        .loc = spot->loc,
        .timezone = bf_read_text(spot, "timezone", "UTC"),
        .overlap = bf_read_text(spot, "overlap", "skip"),
        .max_active = bf_read_int(spot, "max_active", 1),
        .start_by = bf_read_seconds(spot, "start_by", "30m"),
        .start = bf_read_text(spot, "start", ""),
        .end = bf_read_text(spot, "end", ""),
        .jitter = bf_read_seconds(spot, "jitter", NULL),
        .enabled = bf_read_bool(spot, "enabled", true),
    };
    check_name(check, spot);
    read_catchup(spot, &schedule->catchup);
    bool timed = read_when(check, spot, schedule, &when);
    bool zoned = bf_check_timezone(check, spot);
    struct bf_spot parameters = bf_spot_at(spot, "parameters");
    schedule->parameters = bf_read_arguments(check, &parameters, NULL);
    bf_check_all_given(check, spot, &schedule->parameters);
    struct bf_when first = {0}, last = {0};
    bool bounded = read_window(check, spot, &first, &last);
    if (timed && zoned && bounded) {
        try_fires(check, spot, schedule, &when);
    }
}

struct bf_sv bf_schedule_expression(struct bf_arena *arena, const struct bf_schedule *schedule)
{
    switch (schedule->kind) {
    case BF_SCHEDULE_CRON:
        return bf_sv_printf(arena, "cron(" BF_SV_FMT ")", BF_SV_ARG(schedule->expression));
    case BF_SCHEDULE_AT:
        return bf_sv_printf(arena, "at(" BF_SV_FMT ")", BF_SV_ARG(schedule->expression));
    case BF_SCHEDULE_RATE:
        break;
    }
    long long minutes = (long long)(schedule->rate / 60);
    return bf_sv_printf(arena, "rate(%lld %s)", minutes, minutes == 1 ? "minute" : "minutes");
}

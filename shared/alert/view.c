#include "alert/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/links.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/zone.h"
#include "json/json.h"

/* ---- words ---- */

static const char *const run_words[] = {"Executing", "Stopping", "Succeeded", "Failed", "Stopped"};
static const char *const step_words[] = {"Waiting", "Starting", "Executing", "Succeeded",
                                         "Failed",  "Stopping", "Stopped"};

bool bf_run_status_of(struct bf_sv text, enum bf_run_status *out)
{
    for (size_t i = 0; i < sizeof(run_words) / sizeof(run_words[0]); i++) {
        if (bf_sv_is(text, run_words[i])) {
            *out = (enum bf_run_status)i;
            return true;
        }
    }
    return false;
}

const char *bf_run_status_name(enum bf_run_status status)
{
    return run_words[status];
}

static enum bf_step_status step_status_of(struct bf_sv text)
{
    for (size_t i = 0; i < sizeof(step_words) / sizeof(step_words[0]); i++) {
        if (bf_sv_is(text, step_words[i])) {
            return (enum bf_step_status)i;
        }
    }
    return BF_STEP_EXECUTING; /* a word of the future: it is there and has not ended */
}

/* ---- times ---- */

int64_t bf_view_time(const bf_json *node)
{
    struct bf_err ignored = {0};
    int64_t out = 0;

    if (bf_json_kind(node) == BF_JSON_NUMBER) {
        double seconds = bf_json_number(node);
        return seconds > 0 && seconds < 253402300800.0 ? (int64_t)seconds : 0;
    }
    if (bf_json_kind(node) == BF_JSON_STRING &&
        bf_instant_parse(bf_json_text(node), &out, &ignored) == BF_OK) {
        return out;
    }
    return 0;
}

struct bf_sv bf_view_duration(struct bf_arena *arena, int64_t seconds)
{
    long long s = seconds < 0 ? 0 : (long long)seconds;

    if (s < 60) {
        return bf_sv_printf(arena, "%lld s", s);
    }
    if (s < 3600) {
        return s % 60 == 0 ? bf_sv_printf(arena, "%lld min", s / 60)
                           : bf_sv_printf(arena, "%lld min %lld s", s / 60, s % 60);
    }
    if (s < 86400) {
        return bf_sv_printf(arena, "%lld h %02lld min", s / 3600, s % 3600 / 60);
    }
    return bf_sv_printf(arena, "%lld d %02lld h", s / 86400, s % 86400 / 3600);
}

struct bf_sv bf_view_clock(struct bf_arena *arena, int64_t instant, struct bf_sv timezone)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const struct bf_zone *zone = bf_zone_utc();
    struct bf_err ignored = {0};

    if (timezone.len == 0 || bf_zone_load(arena, timezone, &zone, &ignored) != BF_OK) {
        zone = bf_zone_utc();
    }
    int64_t local = bf_zone_local(zone, instant);
    struct bf_civil c = bf_civil_of(local);
    int weekday = bf_weekday(bf_day_of_seconds(local));
    return bf_sv_printf(arena, "%s %04d-%02d-%02d %02d:%02d " BF_SV_FMT, days[weekday - 1],
                        c.date.year, c.date.month, c.date.day, c.hour, c.minute,
                        BF_SV_ARG(bf_zone_abbreviation(zone, instant)));
}

/* ---- steps ---- */

/* Metadata has one member, of one of a dozen names; whatever has an ARN of a job in it is it. */
static struct bf_job job_of(const bf_json *metadata)
{
    for (const bf_json *m = bf_json_first(metadata); m != NULL; m = bf_json_next(m)) {
        static const char *const members[] = {"Arn", "CheckJobArn", "arn"};
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
            struct bf_job job = bf_job_of_arn(bf_json_str(m, members[i]));
            if (job.kind != BF_JOB_NONE) {
                return job;
            }
        }
    }
    return (struct bf_job){0};
}

static struct bf_step_view step_of(const bf_json *step, const bf_json *record)
{
    struct bf_step_view view = {
        .name = bf_json_str(step, "StepName"),
        .status = step_status_of(bf_json_str(step, "StepStatus")),
        .start = bf_view_time(bf_json_get(step, "StartTime")),
        .end = bf_view_time(bf_json_get(step, "EndTime")),
        .reason = bf_json_str(step, "FailureReason"),
        .job = job_of(bf_json_get(step, "Metadata")),
        .cached = bf_json_kind(bf_json_get(step, "CacheHitResult")) == BF_JSON_OBJECT &&
                  bf_json_count(bf_json_get(step, "CacheHitResult")) != 0,
        .outcome = bf_json_str(step, "Metadata.Condition.Outcome"),
        .log_path = bf_json_str(step, "Metadata.EMR.LogFilePath"),
    };
    const bf_json *place = bf_json_get_sv(bf_json_get(record, "steps"), view.name);

    if (view.reason.len == 0) { /* a Fail step has only its own message */
        view.reason = bf_json_str(step, "Metadata.Fail.ErrorMessage");
    }
    if (!bf_json_i64(bf_json_get(step, "AttemptCount"), 0, 1000, &view.attempts)) {
        view.attempts = 0;
    }
    view.file = bf_json_str(place, "file");
    if (!bf_json_i64(bf_json_get(place, "line"), 0, INT32_MAX, &view.line)) {
        view.line = 0;
    }
    return view;
}

static bool has_step(const struct bf_run_view *view, struct bf_sv name)
{
    for (size_t i = 0; i < view->step_count; i++) {
        if (bf_sv_eq(view->steps[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Insertion by start: the list comes nearly sorted, one way or the other. */
static void insert(struct bf_run_view *view, struct bf_step_view step)
{
    size_t at = view->step_count;

    while (at != 0 && view->steps[at - 1].start > step.start && step.start != 0) {
        view->steps[at] = view->steps[at - 1];
        at--;
    }
    view->steps[at] = step;
    view->step_count++;
}

static void add_steps(struct bf_arena *arena, const struct bf_run_facts *facts,
                      struct bf_run_view *view)
{
    view->steps = BF_NEW_N(arena, struct bf_step_view, BF_VIEW_STEPS);
    for (const bf_json *s = bf_json_first(facts->steps);
         s != NULL && view->step_count < BF_VIEW_STEPS; s = bf_json_next(s)) {
        insert(view, step_of(s, facts->record));
    }
    const bf_json *wanted = bf_json_get(facts->record, "steps");
    for (const bf_json *s = bf_json_first(wanted);
         s != NULL && view->step_count < BF_VIEW_STEPS && !bf_run_ended(view->status);
         s = bf_json_next(s)) {
        if (!has_step(view, bf_json_key(s))) {
            view->steps[view->step_count++] = (struct bf_step_view){.name = bf_json_key(s)};
        }
    }
    /* The first to end failed by itself; its siblings were stopped, or fail because of it. */
    for (size_t i = 0; i < view->step_count; i++) {
        const struct bf_step_view *step = &view->steps[i];
        if (step->status == BF_STEP_FAILED &&
            (view->failed == NULL || (step->end != 0 && step->end < view->failed->end))) {
            view->failed = step;
        }
    }
}

/* ---- the run ---- */

static void add_parameters(struct bf_arena *arena, const struct bf_run_facts *facts,
                           struct bf_run_view *view)
{
    const bf_json *own = bf_json_get(facts->run, "parameters");

    view->parameters = bf_json_new_object(arena);
    for (const bf_json *p = bf_json_first(facts->parameters); p != NULL; p = bf_json_next(p)) {
        struct bf_sv name = bf_json_str(p, "Name");
        if (name.len != 0 && bf_json_get_sv(view->parameters, name) == NULL) {
            (void)bf_json_add_str(view->parameters, bf_sv_z(arena, name), bf_json_str(p, "Value"));
        }
    }
    for (const bf_json *p = bf_json_first(own); p != NULL; p = bf_json_next(p)) {
        if (bf_json_get_sv(view->parameters, bf_json_key(p)) == NULL) {
            (void)bf_json_add_str(view->parameters, bf_sv_z(arena, bf_json_key(p)),
                                  bf_json_text(p));
        }
    }
}

/* The display name of a scheduled run is SCHEDULE-20260302T003000, local time. */
static bool from_display_name(struct bf_arena *arena, const bf_json *record, struct bf_sv name,
                              struct bf_run_view *view)
{
    size_t dash = name.len;

    while (dash != 0 && name.ptr[dash - 1] != '-') {
        dash--;
    }
    if (dash < 2 || name.len - dash != 15 || name.ptr[dash + 8] != 'T') {
        return false;
    }
    struct bf_sv schedule = bf_sv_slice(name, 0, dash - 1);
    const bf_json *known = bf_json_get_sv(bf_json_get(record, "schedules"), schedule);
    if (known == NULL) {
        return false;
    }
    view->timezone = bf_json_str(known, "timezone");
    view->computed = bf_json_get(known, "parameters");
    view->trigger = bf_sv_printf(arena, "schedule " BF_SV_FMT, BF_SV_ARG(schedule));
    struct bf_sv at = bf_sv_from(name, dash);
    struct bf_sv text = bf_sv_printf(arena, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", at.ptr, at.ptr + 4,
                                     at.ptr + 6, at.ptr + 9, at.ptr + 11, at.ptr + 13);
    struct bf_time_text time = {0};
    struct bf_err ignored = {0};
    const struct bf_zone *zone = bf_zone_utc();
    if (bf_time_parse(text, &time, &ignored) == BF_OK && time.shape == BF_TIME_LOCAL &&
        (view->timezone.len == 0 ||
         bf_zone_load(arena, view->timezone, &zone, &ignored) == BF_OK)) {
        view->scheduled = bf_zone_instant(zone, time.value);
    }
    return true;
}

static void add_trigger(struct bf_arena *arena, const struct bf_run_facts *facts,
                        struct bf_run_view *view)
{
    struct bf_sv kind = bf_json_str(facts->run, "kind"), name = bf_json_str(facts->run, "name");

    if (kind.len != 0 && name.len != 0) {
        const bf_json *schedule = bf_json_get_sv(bf_json_get(facts->record, "schedules"), name);
        view->trigger =
            bf_sv_printf(arena, BF_SV_FMT " " BF_SV_FMT, BF_SV_ARG(kind), BF_SV_ARG(name));
        view->scheduled = bf_view_time(bf_json_get(facts->run, "scheduled_time"));
        view->timezone = bf_json_str(facts->run, "timezone");
        view->computed = bf_json_get(schedule, "parameters");
        if (view->timezone.len == 0) {
            view->timezone = bf_json_str(schedule, "timezone");
        }
        return;
    }
    if (!from_display_name(arena, facts->record, view->name, view)) {
        view->trigger = BF_SV("by hand");
    }
}

static struct bf_sv last_part(struct bf_sv text, char sep)
{
    size_t at = text.len;

    while (at != 0 && text.ptr[at - 1] != sep) {
        at--;
    }
    return bf_sv_from(text, at);
}

/* When it ended: the API tells the last change, which later changes of its name move. */
static int64_t end_of(const struct bf_run_view *view, int64_t changed)
{
    int64_t last = 0;

    for (size_t i = 0; i < view->step_count; i++) {
        last = view->steps[i].end > last ? view->steps[i].end : last;
    }
    return last != 0 ? last : changed;
}

enum bf_code bf_run_view(struct bf_arena *arena, const struct bf_run_facts *facts,
                         struct bf_run_view *out, struct bf_err *err)
{
    const bf_json *e = facts->execution;
    struct bf_run_view view = {.environment = facts->environment,
                               .project = bf_json_str(facts->record, "project"),
                               .execution_arn = facts->execution_arn,
                               .created = bf_view_time(bf_json_get(e, "CreationTime")),
                               .changed = bf_view_time(bf_json_get(e, "LastModifiedTime")),
                               .attempt = facts->attempt,
                               .reason = bf_json_str(e, "FailureReason"),
                               .name = bf_json_str(e, "PipelineExecutionDisplayName"),
                               .started_by = bf_json_str(e, "CreatedBy.UserProfileName"),
                               .domain = bf_json_str(e, "CreatedBy.DomainId"),
                               .owner = bf_json_str(facts->record, "alerts.owner")};

    if (!bf_execution_arn_parse(facts->execution_arn, &view.arn)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT "' is not the ARN of a pipeline execution",
                          BF_SV_ARG(bf_sv_slice(facts->execution_arn, 0, 200)));
    }
    if (!bf_run_status_of(bf_json_str(e, "PipelineExecutionStatus"), &view.status)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "PipelineExecutionStatus of " BF_SV_FMT " is '" BF_SV_FMT
                          "', expected Executing, Stopping, Stopped, Failed or Succeeded",
                          BF_SV_ARG(facts->execution_arn),
                          BF_SV_ARG(bf_json_str(e, "PipelineExecutionStatus")));
    }
    view.pipeline = bf_json_str(facts->record, "pipeline");
    if (view.pipeline.len == 0) {
        view.pipeline = view.arn.pipeline;
    }
    if (view.started_by.len == 0) {
        view.started_by = last_part(bf_json_str(e, "CreatedBy.IamIdentity.Arn"), '/');
    }
    if (!bf_json_i64(bf_json_get(facts->record, "version"), 0, INT32_MAX, &view.version)) {
        view.version = 0;
    }
    add_steps(arena, facts, &view);
    if (bf_run_ended(view.status)) {
        view.ended = end_of(&view, view.changed);
    }
    add_parameters(arena, facts, &view);
    add_trigger(arena, facts, &view);
    *out = view;
    return BF_OK;
}

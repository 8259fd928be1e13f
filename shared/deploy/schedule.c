#include "deploy/internal.h"
#include "time/instant.h"
#include "time/zone.h"

enum {
    /* As long as Scheduler can: the rerun queue may be away for hours and nothing is lost. */
    MAX_EVENT_AGE = 86400,
    MAX_RETRIES = 185,
};

struct bf_sv bf_schedule_full_name(struct bf_arena *arena, struct bf_sv pipeline,
                                   struct bf_sv schedule)
{
    return bf_sv_printf(arena, BF_SV_FMT "." BF_SV_FMT, BF_SV_ARG(pipeline), BF_SV_ARG(schedule));
}

int64_t bf_rate_start(const struct bf_history *history, const struct bf_schedule *schedule)
{
    const bf_json *old = bf_json_get_sv(bf_json_get(history->record, "schedules"), schedule->name);
    struct bf_err ignored = {0};
    int64_t start = 0;

    if (bf_sv_is(bf_json_str(old, "kind"), "rate") &&
        bf_instant_parse(bf_json_str(old, "start"), &start, &ignored) == BF_OK) {
        return start;
    }
    return history->now;
}

/* A local time of the file as an instant. */
static enum bf_code instant_of(const struct bf_zone *zone, struct bf_sv local, int64_t *out,
                               struct bf_err *err)
{
    struct bf_time_text text;

    BF_TRY(bf_time_parse(local, &text, err));
    if (text.shape != BF_TIME_LOCAL) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT "' is no local time of the form YYYY-MM-DDThh:mm:ss",
                          BF_SV_ARG(local));
    }
    *out = bf_zone_instant(zone, text.value);
    return BF_OK;
}

static enum bf_code add_bounds(const struct bf_schedule *schedule, const struct bf_zone *zone,
                               const struct bf_history *history, bf_json *body, struct bf_err *err)
{
    int64_t at = 0;

    if (schedule->start.len != 0) {
        BF_TRY(instant_of(zone, schedule->start, &at, err));
        bf_json_add_i64(body, "StartDate", at);
    } else if (schedule->kind == BF_SCHEDULE_RATE) {
        bf_json_add_i64(body, "StartDate", bf_rate_start(history, schedule));
    }
    if (schedule->end.len != 0) {
        BF_TRY(instant_of(zone, schedule->end, &at, err));
        bf_json_add_i64(body, "EndDate", at);
    }
    return BF_OK;
}

/* What rerun gets. The words in <> are replaced by Scheduler when it fires. */
static struct bf_sv message_of(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                               const struct bf_schedule *schedule)
{
    bf_json *message = bf_json_new_object(arena);

    bf_json_add_str(message, "kind", BF_SV("schedule"));
    bf_json_add_str(message, "pipeline", pipeline->name);
    bf_json_add_str(message, "schedule", schedule->name);
    bf_json_add_str(message, "schedule_arn", BF_SV("<aws.scheduler.schedule-arn>"));
    bf_json_add_str(message, "scheduled_time", BF_SV("<aws.scheduler.scheduled-time>"));
    bf_json_add_str(message, "execution_id", BF_SV("<aws.scheduler.execution-id>"));
    bf_json_add_str(message, "attempt", BF_SV("<aws.scheduler.attempt-number>"));
    return bf_json_text_of(arena, message);
}

static void add_target(const struct bf_stack *stack, struct bf_sv message, bf_json *body)
{
    bf_json *target = bf_json_add_object(body, "Target");

    bf_json_add_str(target, "Arn", stack->rerun_queue_arn);
    bf_json_add_str(target, "RoleArn", stack->scheduler_role_arn);
    bf_json_add_str(target, "Input", message);
    bf_json *retry = bf_json_add_object(target, "RetryPolicy");
    bf_json_add_i64(retry, "MaximumEventAgeInSeconds", MAX_EVENT_AGE);
    bf_json_add_i64(retry, "MaximumRetryAttempts", MAX_RETRIES);
}

static void add_window(const struct bf_schedule *schedule, bf_json *body)
{
    bf_json *window = bf_json_add_object(body, "FlexibleTimeWindow");

    bf_json_add_str(window, "Mode", schedule->jitter > 0 ? BF_SV("FLEXIBLE") : BF_SV("OFF"));
    if (schedule->jitter > 0) {
        bf_json_add_i64(window, "MaximumWindowInMinutes", schedule->jitter / 60);
    }
}

enum bf_code bf_schedule_bodies(struct bf_arena *arena, const struct bf_stack *stack,
                                const struct bf_pipeline *pipeline,
                                const struct bf_history *history, struct bf_wanted *out,
                                struct bf_err *err)
{
    out->schedules = BF_NEW_N(arena, struct bf_named_json, pipeline->schedule_count + 1);
    out->schedule_count = 0;
    for (size_t i = 0; i < pipeline->schedule_count; i++) {
        const struct bf_schedule *s = &pipeline->schedules[i];
        const struct bf_zone *zone = NULL;
        bf_json *body = bf_json_new_object(arena);

        BF_TRY(bf_zone_load(arena, s->timezone, &zone, err));
        bf_json_add_str(body, "ScheduleExpression", bf_schedule_expression(arena, s));
        bf_json_add_str(body, "ScheduleExpressionTimezone", s->timezone);
        bf_json_add_str(body, "State", s->enabled ? BF_SV("ENABLED") : BF_SV("DISABLED"));
        bf_json_add_str(
            body, "Description",
            bf_sv_printf(arena, "buzzflow: starts pipeline " BF_SV_FMT, BF_SV_ARG(pipeline->name)));
        add_window(s, body);
        BF_TRY(add_bounds(s, zone, history, body, err));
        add_target(stack, message_of(arena, pipeline, s), body);
        out->schedules[out->schedule_count++] = (struct bf_named_json){
            .name = bf_schedule_full_name(arena, pipeline->name, s->name), .body = body};
    }
    return BF_OK;
}

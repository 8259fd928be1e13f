/* date, date.in, date.of, dates, diff. */
#include <inttypes.h>

#include "expression/eval.h"
#include "time/instant.h"

enum bf_expr_kind bf_eval_calendar(struct bf_eval *ev)
{
    const bf_json *calendar = bf_json_get(ev->context, "calendar");
    const bf_json *weekend = bf_json_get(calendar, "weekend");
    const bf_json *holidays = bf_json_get(calendar, "holidays");
    struct bf_err err = {0};
    int64_t number = 0;
    size_t count = 0;

    if (bf_json_kind(calendar) != BF_JSON_OBJECT || ev->has_calendar) {
        return BF_EXPR_OK;
    }
    if (bf_json_count(weekend) > 7 || bf_json_count(holidays) > BF_HOLIDAYS_MAX) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_NO_CALENDAR,
                            "the calendar has more than 7 weekend days or %d holidays",
                            BF_HOLIDAYS_MAX);
    }
    unsigned days = 0;
    int64_t *dates = BF_NEW_N(ev->arena, int64_t, bf_json_count(holidays) + 1);
    for (const bf_json *day = bf_json_first(weekend); day != NULL; day = bf_json_next(day)) {
        if (!bf_json_i64(day, 1, 7, &number)) {
            return bf_expr_fail(ev->arena, ev->error, BF_EXPR_NO_CALENDAR,
                                "the calendar's weekend holds '" BF_SV_FMT
                                "'; allowed are 1 (Monday) to 7",
                                BF_SV_ARG(bf_sv_slice(bf_json_text(day), 0, 64)));
        }
        days |= 1U << (unsigned)number;
    }
    for (const bf_json *day = bf_json_first(holidays); day != NULL; day = bf_json_next(day)) {
        if (bf_date_parse(bf_json_text(day), &dates[count++], &err) != BF_OK) {
            return bf_expr_fail(ev->arena, ev->error, BF_EXPR_NO_CALENDAR,
                                "the calendar's holidays: %s", err.msg);
        }
    }
    if (bf_calendar_make(ev->arena, days, dates, count, &ev->calendar, &err) != BF_OK) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_NO_CALENDAR, "%s", err.msg);
    }
    ev->has_calendar = true;
    return BF_EXPR_OK;
}

static enum bf_expr_kind zone_named(struct bf_eval *ev, struct bf_sv name,
                                    const struct bf_zone **out)
{
    struct bf_err err = {0};

    for (struct bf_known_zone *known = ev->zones; known != NULL; known = known->next) {
        if (bf_sv_eq(name, bf_zone_name(known->zone))) {
            *out = known->zone;
            return BF_EXPR_OK;
        }
    }
    if (bf_zone_load(ev->arena, name, out, &err) != BF_OK) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_UNKNOWN_ZONE, "%s", err.msg);
    }
    struct bf_known_zone *known = BF_NEW(ev->arena, struct bf_known_zone);
    *known = (struct bf_known_zone){ev->zones, *out};
    ev->zones = known;
    return BF_EXPR_OK;
}

static enum bf_expr_kind schedule_zone(struct bf_eval *ev, const struct bf_zone **out)
{
    const bf_json *name = bf_json_path(ev->context, BF_SV("schedule.timezone"));

    if (bf_json_kind(name) == BF_JSON_NONE) {
        *out = bf_zone_utc();
        return BF_EXPR_OK;
    }
    return zone_named(ev, bf_json_text(name), out);
}

static enum bf_expr_kind schedule_time(struct bf_eval *ev, int64_t *out)
{
    const bf_json *time = bf_json_path(ev->context, BF_SV("schedule.time"));
    struct bf_err err = {0};

    if (bf_json_kind(time) == BF_JSON_NONE) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_UNKNOWN_VARIABLE,
                            "'schedule.time' has no value in this run");
    }
    if (bf_instant_parse(bf_json_text(time), out, &err) != BF_OK) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_BAD_DATE, "schedule.time: %s", err.msg);
    }
    return BF_EXPR_OK;
}

/* What a date resolver works with: BASE and ZONE where they are written, else the schedule's. */
static enum bf_expr_kind prepare(struct bf_eval *ev, const struct bf_sv *zone,
                                 const struct bf_sv *base, struct bf_date_env *env,
                                 int64_t *instant)
{
    enum bf_expr_kind kind = bf_eval_calendar(ev);

    *env = (struct bf_date_env){.arena = ev->arena, .error = ev->error};
    env->calendar = ev->has_calendar ? &ev->calendar : NULL;
    if (kind == BF_EXPR_OK) {
        kind = zone == NULL ? schedule_zone(ev, &env->zone) : zone_named(ev, *zone, &env->zone);
    }
    if (kind == BF_EXPR_OK && instant != NULL) {
        kind = base == NULL ? schedule_time(ev, instant) : bf_base_instant(env, *base, instant);
    }
    return kind;
}

static enum bf_expr_kind print(struct bf_eval *ev, const struct bf_date_env *env,
                               struct bf_sv format, int64_t instant, struct bf_sv *out)
{
    struct bf_buf text = bf_buf_new(ev->arena, BF_EXPR_INTERMEDIATE_MAX);
    enum bf_expr_kind kind = bf_format_write(env, format, instant, &text);

    *out = bf_buf_sv(&text);
    if (kind == BF_EXPR_OK && text.full) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_TOO_LONG,
                            "a value on the way is longer than %d bytes", BF_EXPR_INTERMEDIATE_MAX);
    }
    return kind;
}

/* date:FORMAT[,SHIFT]; date.in:ZONE,FORMAT[,SHIFT]; date.of:BASE,FORMAT[,SHIFT[,ZONE]] */
static enum bf_expr_kind eval_date(struct bf_eval *ev, const struct bf_expr_node *call,
                                   enum bf_resolver_id id, const struct bf_sv *args,
                                   struct bf_sv *out)
{
    size_t format = id == BF_RESOLVE_DATE ? 0 : 1;
    const struct bf_sv *base = id == BF_RESOLVE_DATE_OF ? &args[0] : NULL;
    const struct bf_sv *zone = id == BF_RESOLVE_DATE_IN ? &args[0] : NULL;
    struct bf_date_env env;
    int64_t instant = 0;

    if (id == BF_RESOLVE_DATE_OF && call->arg_count == 4) {
        zone = &args[3];
    }
    enum bf_expr_kind kind = prepare(ev, zone, base, &env, &instant);
    if (kind == BF_EXPR_OK && call->arg_count > format + 1) {
        kind = bf_shift_apply(&env, args[format + 1], &instant);
    }
    return kind == BF_EXPR_OK ? print(ev, &env, args[format], instant, out) : kind;
}

static enum bf_expr_kind eval_list(struct bf_eval *ev, const struct bf_expr_node *call,
                                   const struct bf_sv *args, struct bf_sv *out)
{
    struct bf_buf list = bf_buf_new(ev->arena, BF_EXPR_INTERMEDIATE_MAX);
    struct bf_sv separator = call->arg_count == 5 ? args[4] : BF_SV(",");
    struct bf_date_env env;
    struct bf_date_step step = {0};
    int64_t from = 0;
    size_t offset = 0;
    enum bf_expr_kind kind = prepare(ev, NULL, NULL, &env, &from);
    int64_t to = from;

    if (kind == BF_EXPR_OK) {
        kind = bf_shift_apply(&env, args[1], &from);
    }
    if (kind == BF_EXPR_OK) {
        kind = bf_shift_apply(&env, args[2], &to);
    }
    if (kind == BF_EXPR_OK) {
        kind = bf_date_step_parse(ev->arena, args[3], &step, ev->error, &offset);
    }
    int64_t last = INT64_MIN;
    for (uint64_t k = 0; kind == BF_EXPR_OK && !list.full; k++) {
        int64_t element = 0;
        enum bf_expr_kind stepped = bf_date_step_from(&env, step, k, from, &element);
        if (stepped == BF_EXPR_OUT_OF_RANGE || (stepped == BF_EXPR_OK && element >= to)) {
            break; /* what lies beyond the years lies beyond TO */
        }
        if (stepped == BF_EXPR_OK && element == last) {
            continue; /* from a day that is none, +0b and +1b are the same business day */
        }
        bf_buf_add(&list, k == 0 ? BF_SV("") : separator);
        kind = stepped == BF_EXPR_OK ? bf_format_write(&env, args[0], element, &list) : stepped;
        last = element;
    }
    *out = bf_buf_sv(&list);
    if (kind == BF_EXPR_OK && list.full) {
        return bf_expr_fail(ev->arena, ev->error, BF_EXPR_TOO_LONG,
                            "the list is longer than %d bytes", BF_EXPR_INTERMEDIATE_MAX);
    }
    return kind;
}

static enum bf_expr_kind eval_diff(struct bf_eval *ev, const struct bf_sv *args, struct bf_sv *out)
{
    struct bf_date_env env;
    int64_t a = 0;
    int64_t b = 0;
    int64_t result = 0;
    enum bf_expr_kind kind = prepare(ev, NULL, NULL, &env, NULL);

    if (kind == BF_EXPR_OK) {
        kind = bf_base_instant(&env, args[1], &a);
    }
    if (kind == BF_EXPR_OK) {
        kind = bf_base_instant(&env, args[2], &b);
    }
    if (kind == BF_EXPR_OK) {
        kind = bf_diff(&env, args[0], a, b, &result);
    }
    *out = bf_sv_printf(ev->arena, "%" PRId64, result);
    return kind;
}

enum bf_expr_kind bf_eval_dates(struct bf_eval *ev, const struct bf_expr_node *call,
                                enum bf_resolver_id id, const struct bf_sv *args, struct bf_sv *out)
{
    switch (id) {
    case BF_RESOLVE_DATES:
        return eval_list(ev, call, args, out);
    case BF_RESOLVE_DIFF:
        return eval_diff(ev, args, out);
    default:
        return eval_date(ev, call, id, args, out);
    }
}

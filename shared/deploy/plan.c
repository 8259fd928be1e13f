#include "deploy/plan.h"

struct planner {
    struct bf_arena *arena;
    struct bf_plan *plan;
    size_t cap;
};

static void push(struct planner *p, enum bf_change_kind kind, struct bf_sv name,
                 const bf_json *body)
{
    struct bf_plan *plan = p->plan;

    plan->changes =
        bf_arena_grow(p->arena, plan->changes, plan->count, &p->cap, sizeof(*plan->changes));
    plan->changes[plan->count++] = (struct bf_change){.kind = kind, .name = name, .body = body};
}

/* ---- tags ---- */

struct bf_sv bf_tag_of(const bf_json *tags, struct bf_sv key, bool *found)
{
    for (const bf_json *t = bf_json_first(tags); t != NULL; t = bf_json_next(t)) {
        if (bf_sv_eq(bf_json_str(t, "Key"), key)) {
            if (found != NULL) {
                *found = true;
            }
            return bf_json_str(t, "Value");
        }
    }
    if (found != NULL) {
        *found = false;
    }
    return (struct bf_sv){0};
}

static void plan_tags(struct planner *p, const struct bf_live *live, const struct bf_wanted *wanted)
{
    bf_json *add = bf_json_new_array(p->arena);
    bf_json *drop = bf_json_new_array(p->arena);
    bool found = false;

    for (const bf_json *t = bf_json_first(wanted->tags); t != NULL; t = bf_json_next(t)) {
        struct bf_sv value = bf_tag_of(live->tags, bf_json_str(t, "Key"), &found);
        if (!found || !bf_sv_eq(value, bf_json_str(t, "Value"))) {
            bf_json_add_copy(add, NULL, t);
        }
    }
    for (const bf_json *k = bf_json_first(wanted->droppable_tags); k != NULL; k = bf_json_next(k)) {
        bool is_live = false;
        (void)bf_tag_of(wanted->tags, bf_json_text(k), &found);
        (void)bf_tag_of(live->tags, bf_json_text(k), &is_live);
        if (!found && is_live) {
            bf_json_add_copy(drop, NULL, k);
        }
    }
    if (bf_json_count(add) != 0) {
        push(p, BF_ADD_TAGS, wanted->name, add);
    }
    if (bf_json_count(drop) != 0) {
        push(p, BF_DELETE_TAGS, wanted->name, drop);
    }
}

/* ---- the pipeline ---- */

static bool same_definition(struct bf_arena *arena, struct bf_sv a, struct bf_sv b)
{
    bf_json *left = NULL, *right = NULL;
    struct bf_err ignored = {0};

    if (bf_sv_eq(a, b)) {
        return true;
    }
    return bf_json_parse(arena, a, NULL, &left, &ignored) == BF_OK &&
           bf_json_parse(arena, b, NULL, &right, &ignored) == BF_OK && bf_json_equal(left, right);
}

static bool pipeline_differs(struct bf_arena *arena, const struct bf_live *live,
                             const struct bf_wanted *wanted)
{
    /* An update cannot take a description or a parallelism away: what is not wanted, stays. */
    const bool description =
        wanted->description.len != 0 && !bf_sv_eq(live->description, wanted->description);
    const bool parallel = wanted->max_parallel != 0 && live->max_parallel != wanted->max_parallel;

    return description || parallel || !bf_sv_eq(live->role, wanted->role) ||
           !same_definition(arena, live->definition, wanted->definition);
}

static void plan_pipeline(struct planner *p, const struct bf_live *live,
                          const struct bf_wanted *wanted)
{
    if (wanted->pipeline != BF_PIPELINE_PUT) {
        return;
    }
    if (!live->exists) {
        push(p, BF_CREATE_PIPELINE, wanted->name, NULL); /* with its tags */
        return;
    }
    /* Tags first: permission to update goes by buzzflow:environment, which an adopted one lacks. */
    plan_tags(p, live, wanted);
    if (pipeline_differs(p->arena, live, wanted)) {
        push(p, BF_UPDATE_PIPELINE, wanted->name, NULL);
    }
}

/* ---- schedules ---- */

static const bf_json *body_of(const struct bf_named_json *list, size_t count, struct bf_sv name)
{
    for (size_t i = 0; i < count; i++) {
        if (bf_sv_eq(list[i].name, name)) {
            return list[i].body;
        }
    }
    return NULL;
}

static void take_over(bf_json *target, const bf_json *from, const char *key)
{
    const bf_json *value = bf_json_get(from, key);

    bf_json_remove(target, key);
    if (value != NULL) {
        bf_json_add_copy(target, key, value);
    }
}

bf_json *bf_schedule_merge(struct bf_arena *arena, const bf_json *live, const bf_json *wanted)
{
    static const char *const ours[] = {"ScheduleExpression",
                                       "ScheduleExpressionTimezone",
                                       "State",
                                       "FlexibleTimeWindow",
                                       "EndDate",
                                       "Description"};
    bf_json *out = bf_json_new_object(arena);
    const bool rate = bf_sv_starts(bf_json_str(wanted, "ScheduleExpression"), BF_SV("rate(")) &&
                      bf_sv_starts(bf_json_str(live, "ScheduleExpression"), BF_SV("rate("));

    bf_json_merge(out, live == NULL ? wanted : live);
    if (live == NULL) {
        return out;
    }
    for (size_t i = 0; i < BF_COUNTOF(ours); i++) {
        take_over(out, wanted, ours[i]);
    }
    if (!rate || bf_json_get(live, "StartDate") == NULL) {
        take_over(out, wanted, "StartDate");
    }
    bf_json *target = bf_json_get(out, "Target");
    if (target == NULL) {
        take_over(out, wanted, "Target");
        return out;
    }
    const bf_json *members = bf_json_get(wanted, "Target");
    for (const bf_json *m = bf_json_first(members); m != NULL; m = bf_json_next(m)) {
        take_over(target, members, bf_sv_z(arena, bf_json_key(m)));
    }
    return out;
}

static void plan_schedules(struct planner *p, const struct bf_live *live,
                           const struct bf_wanted *wanted)
{
    for (size_t i = 0; i < wanted->schedule_count; i++) {
        const struct bf_named_json *s = &wanted->schedules[i];
        const bf_json *old = body_of(live->schedules, live->schedule_count, s->name);
        bf_json *merged = bf_schedule_merge(p->arena, old, s->body);
        if (old == NULL) {
            push(p, BF_CREATE_SCHEDULE, s->name, merged);
        } else if (!bf_json_equal(old, merged)) {
            push(p, BF_UPDATE_SCHEDULE, s->name, merged);
        }
    }
    for (size_t i = 0; i < live->schedule_count; i++) {
        if (body_of(wanted->schedules, wanted->schedule_count, live->schedules[i].name) == NULL) {
            push(p, BF_DELETE_SCHEDULE, live->schedules[i].name, NULL);
        }
    }
}

struct bf_plan bf_plan_make(struct bf_arena *arena, const struct bf_live *live,
                            const struct bf_wanted *wanted)
{
    struct bf_plan plan = {0};
    struct planner p = {.arena = arena, .plan = &plan};

    plan_pipeline(&p, live, wanted);
    plan_schedules(&p, live, wanted);
    if (wanted->pipeline == BF_PIPELINE_DELETE && live->exists) {
        push(&p, BF_DELETE_PIPELINE, wanted->name, NULL);
    }
    return plan;
}

struct bf_sv bf_change_title(struct bf_arena *arena, const struct bf_change *change)
{
    static const char *const words[] = {
        [BF_CREATE_PIPELINE] = "created pipeline", [BF_UPDATE_PIPELINE] = "updated pipeline",
        [BF_ADD_TAGS] = "set tags of pipeline",    [BF_DELETE_TAGS] = "removed tags of pipeline",
        [BF_CREATE_SCHEDULE] = "created schedule", [BF_UPDATE_SCHEDULE] = "updated schedule",
        [BF_DELETE_SCHEDULE] = "deleted schedule", [BF_DELETE_PIPELINE] = "deleted pipeline",
    };

    return bf_sv_printf(arena, "%s " BF_SV_FMT, words[change->kind], BF_SV_ARG(change->name));
}

#include <stdlib.h>

#include "base/utf8.h"
#include "shapes/shapes.h"
#include "spec/check.h"
#include "spec/job.h"
#include "spec/meant.h"

/* The steps of a file: finding them, and checking the fields of each. */

const struct bf_step *bf_pipeline_step(const struct bf_pipeline *pipeline, struct bf_sv name)
{
    size_t low = 0, high = pipeline->by_name == NULL ? 0 : pipeline->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bf_sv_cmp(pipeline->by_name[middle]->name, name);
        if (order == 0) {
            return pipeline->by_name[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct bf_step *const *x = a, *const *y = b;
    int order = bf_sv_cmp((*x)->name, (*y)->name);
    return order != 0 ? order : ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

void bf_index_steps(struct bf_check *check)
{
    struct bf_pipeline *pipeline = check->pipeline;
    size_t count = pipeline->step_count;
    pipeline->by_name = BF_NEW_N(check->arena, struct bf_step *, count + 1);
    for (size_t i = 0; i < count; i++) {
        pipeline->by_name[i] = pipeline->steps[i];
    }
    check->needed_by = BF_NEW_N(check->arena, size_t, count + 1);
    if (count > 0) {
        qsort(pipeline->by_name, count, sizeof(struct bf_step *), by_name);
    }
}

bool bf_step_is_fail(const struct bf_step *step)
{
    const struct bf_value *type =
        step->kind == BF_STEP_RAW ? bf_step_get(step, "sagemaker.Type") : NULL;
    return step->kind == BF_STEP_FAIL || (type != NULL && bf_sv_is(type->text, "Fail"));
}

static enum bf_step_kind kind_of(const struct bf_value *own)
{
    const struct bf_value *type = bf_value_get(own, BF_SV("type"));
    for (unsigned kind = 0; type != NULL && kind < BF_STEP_KINDS; kind++) {
        if (type->kind == BF_VALUE_STRING &&
            bf_sv_is(type->text, bf_step_kind_word((enum bf_step_kind)kind))) {
            return (enum bf_step_kind)kind;
        }
    }
    return BF_STEP_KINDS;
}

static void add_step(struct bf_check *check, struct bf_step *step)
{
    struct bf_pipeline *pipeline = check->pipeline;
    pipeline->steps = bf_arena_grow(check->arena, pipeline->steps, pipeline->step_count,
                                    &check->step_cap, sizeof(void *));
    step->index = pipeline->step_count;
    pipeline->steps[pipeline->step_count++] = step;
}

static void check_step_name(struct bf_check *check, struct bf_step *step)
{
    const struct bf_step *first = NULL;
    size_t at = bf_index_find(check->arena, &check->named_index, check->named, sizeof *check->named,
                              check->pipeline->step_count, step->name);
    if (at != BF_INDEX_NONE) {
        first = check->named[at].step;
    }
    if (!bf_pattern_matches(check->patterns, BF_PATTERN_NAME, step->name)) {
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "spec.pattern", step->loc,
                    "'" BF_SV_FMT "' cannot be the name of a step", BF_SV_ARG(step->name));
        bf_diag_hint(check->diags, diag, "letters, digits, - and _, at most 64");
        step->wrong = true;
    }
    if (first != NULL) {
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "step.duplicate_name", step->loc,
                    "there is another step '" BF_SV_FMT "'; names are unique over all branches",
                    BF_SV_ARG(step->name));
        bf_diag_note(check->diags, diag, first->loc, "the first one is here");
        step->wrong = true;
    }
}

/** The fields of a step that is no map. */
static const struct bf_value unread = {.kind = BF_VALUE_MAP};

/* A step without fields is something too: its name, its place in the order. */
enum { STEP_ITSELF = 3 };

/** The values in the fields of a step; *largest is the field that has most of them. */
static size_t values_of(const struct bf_check *check, const struct bf_step *step,
                        const struct bf_pair **largest)
{
    const struct bf_value *common = bf_value_get(check->pipeline->root, BF_SV("common"));
    size_t values = STEP_ITSELF;
    values += bf_step_has_packages(check->pipeline, step) ? common->count : 0;
    for (size_t i = 0; i < step->fields->count; i++) {
        const struct bf_pair *pair = &step->fields->pairs[i];
        bool branch = bf_sv_is(pair->key, "then") || bf_sv_is(pair->key, "else");
        size_t here = branch ? 1 : pair->value->size;
        *largest =
            !branch && (*largest == NULL || here > (*largest)->value->size) ? pair : *largest;
        values += here;
    }
    return values;
}

/** False, and a mistake once: the steps hold too many values, or one field of this step does. */
static bool count_values(struct bf_check *check, const struct bf_step *step)
{
    const struct bf_pair *largest = NULL;
    check->step_values += values_of(check, step, &largest);
    if (check->step_values <= BF_STEP_VALUES_MAX) {
        return true;
    }
    check->blind = true; /* nobody knows what the steps from here on use */
    if (largest != NULL && largest->value->size > BF_STEP_VALUES_MAX) {
        bf_diag(check->diags, BF_ERROR, "spec.length", largest->key_loc,
                "'" BF_SV_FMT "' holds %u values; a field of a step takes %d",
                BF_SV_ARG(largest->key), largest->value->size, BF_STEP_VALUES_MAX);
        return false;
    }
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "spec.length", step->loc,
                                   "the steps up to '" BF_SV_FMT
                                   "' hold %zu values; all steps of a file take %d together",
                                   BF_SV_ARG(step->name), check->step_values, BF_STEP_VALUES_MAX);
    bf_diag_hint(check->diags, diag,
                 "what a step takes over from 'defaults', 'tags' and 'common' counts each time");
    return false;
}

static struct bf_step *new_step(struct bf_check *check, const struct bf_pair *pair)
{
    struct bf_step *step = BF_NEW(check->arena, struct bf_step);
    step->name = pair->key;
    step->loc = pair->key_loc;
    step->own = pair->value->kind == BF_VALUE_MAP ? pair->value : &unread;
    step->kind = kind_of(step->own);
    step->fields = step->own;
    step->unchecked = check->step_values > BF_STEP_VALUES_MAX;
    if (!step->unchecked) {
        step->fields = bf_step_inherit(check, step->kind, step->own);
        step->unchecked = !count_values(check, step);
    }
    return step;
}

static void remember(struct bf_check *check, struct bf_step *step)
{
    check->named = bf_arena_grow(check->arena, check->named, check->pipeline->step_count,
                                 &check->named_cap, sizeof *check->named);
    check->named[check->pipeline->step_count] =
        (struct bf_named_step){.name = step->name, .step = step};
    add_step(check, step);
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void collect_branch(struct bf_check *check, const struct bf_spot *spot,
                           struct bf_step *condition, enum bf_branch branch)
{
    struct bf_spot steps = bf_spot_at(spot, branch == BF_BRANCH_THEN ? "then" : "else");
    if (steps.value != NULL) {
        bf_collect_steps(check, &steps, condition, branch);
    }
}

static bool is_reference(const struct bf_value *value)
{
    return value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
void bf_collect_steps(struct bf_check *check, const struct bf_spot *spot, struct bf_step *parent,
                      enum bf_branch branch)
{
    if (spot->value->kind == BF_VALUE_ERROR) {
        return;
    }
    if (spot->value->kind != BF_VALUE_MAP) {
        struct bf_diag *diag = bf_check_error(
            check, spot, is_reference(spot->value) ? "reference.not_scalar" : "spec.type",
            "'" BF_SV_FMT "' must be a map of steps, not %s", BF_SV_ARG(spot->key),
            bf_value_kind_name(spot->value));
        bf_hint_no_map(check, diag, NULL, spot->value);
        return;
    }
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        struct bf_spot at = {.parent = spot,
                             .key = pair->key,
                             .value = pair->value,
                             .own = pair->value,
                             .loc = pair->key_loc};
        if (pair->value->kind == BF_VALUE_NULL) {
            continue;
        }
        if (pair->value->kind != BF_VALUE_MAP && pair->value->kind != BF_VALUE_ERROR) {
            struct bf_arena_mark mark = bf_arena_mark(check->scratch);
            struct bf_diag *diag = bf_check_error(
                check, &at, is_reference(pair->value) ? "reference.not_scalar" : "spec.type",
                "step '" BF_SV_FMT "' must be a map, not %s", BF_SV_ARG(pair->key),
                bf_value_kind_name(pair->value));
            if (bf_field_find(bf_fields_step, pair->key, BF_STEP_KINDS) != NULL) {
                bf_diag_hint(check->diags, diag,
                             "'" BF_SV_FMT "' is a field of steps: indent it below its step",
                             BF_SV_ARG(pair->key));
            }
            bf_arena_rewind(check->scratch, mark);
        }
        if (check->step_values > BF_STEP_VALUES_MAX && pair->value->kind != BF_VALUE_MAP) {
            continue; /* behind all that is checked, and no step */
        }
        struct bf_step *step = new_step(check, pair);
        step->parent = parent;
        step->branch = branch;
        step->wrong = step->unchecked || step->own == &unread;
        check_step_name(check, step);
        remember(check, step);
        if (step->kind == BF_STEP_CONDITION) {
            collect_branch(check, &at, step, BF_BRANCH_THEN);
            collect_branch(check, &at, step, BF_BRANCH_ELSE);
        }
    }
}

/* ---- defaults ---- */

static void not_in_defaults(struct bf_check *check, const struct bf_pair *pair)
{
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "defaults.not_allowed", pair->key_loc,
                "'" BF_SV_FMT
                "' cannot stand in 'defaults'; allowed are: image compute timeout "
                "env code retry cache common",
                BF_SV_ARG(pair->key));
    if (bf_sv_is(pair->key, "network") || bf_sv_is(pair->key, "tags") ||
        bf_sv_is(pair->key, "role")) {
        bf_diag_hint(check->diags, diag,
                     "write it at the top level: it holds for every step there");
        return;
    }
    struct bf_sv names[32];
    size_t count = 0;
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        if ((field->flags & BF_DEFAULTS) != 0 && count < BF_COUNTOF(names)) {
            names[count++] = bf_sv_of(field->name);
        }
    }
    struct bf_sv nearest = bf_nearest(pair->key, names, count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

/** Of two rows the one that allows more (timeout); the other is checked on the steps it is for. */
static const struct bf_field *default_row(struct bf_sv name)
{
    const struct bf_field *found = NULL;
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        if (bf_sv_is(name, field->name) && (found == NULL || field->max > found->max)) {
            found = field;
        }
    }
    return found;
}

void bf_check_defaults(struct bf_check *check, const struct bf_spot *spot)
{
    check->partial = true;
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        const struct bf_field *field = default_row(pair->key);
        if (field == NULL || (field->flags & BF_DEFAULTS) == 0) {
            not_in_defaults(check, pair);
            continue;
        }
        struct bf_spot child = {.parent = NULL,
                                .key = pair->key,
                                .value = pair->value,
                                .own = pair->value,
                                .loc = pair->key_loc};
        if (pair->value->kind != BF_VALUE_NULL) {
            bf_check_value(check, field, &child);
        }
    }
    check->partial = false;
}

/* ---- the fields of a step ---- */

/** The names of the steps that have a type, be it a wrong one, listed once. */
static void list_typed_steps(struct bf_check *check)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    check->typed_names = BF_NEW_N(check->arena, struct bf_sv, pipeline->step_count + 1);
    for (size_t i = 0; i < pipeline->step_count; i++) {
        if (bf_object_get(pipeline->steps[i]->own, "type", NULL) != NULL) {
            check->typed_names[check->typed_count++] = pipeline->steps[i]->name;
        }
    }
}

/** A step without a type is often an overlay's: of a step whose name is spelt otherwise. */
static void hint_step_name(struct bf_check *check, struct bf_diag *diag)
{
    if (!bf_hint_wanted(check)) {
        return;
    }
    if (check->typed_names == NULL) {
        list_typed_steps(check);
    }
    struct bf_sv nearest = bf_nearest(check->step->name, check->typed_names, check->typed_count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean the step '" BF_SV_FMT "'?",
                     BF_SV_ARG(nearest));
    }
}

static void check_untyped(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_field *type = bf_field_find(bf_fields_step, BF_SV("type"), BF_STEP_KINDS);
    struct bf_spot at = bf_spot_at(spot, "type");
    if (at.value != NULL) {
        bf_check_value(check, type, &at);
    } else if (!bf_field_is_misspelt(bf_fields_step, spot->value, "type", BF_STEP_KINDS)) {
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                    "step '" BF_SV_FMT "' needs the field 'type'", BF_SV_ARG(check->step->name));
        hint_step_name(check, diag);
    }
    check->partial = true; /* without a type only the names can be checked */
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        bf_mark_references(check, pair->value);
        if (bf_field_find(bf_fields_step, pair->key, BF_STEP_KINDS) == NULL) {
            struct bf_value one = {.kind = BF_VALUE_MAP, .count = 1, .pairs = pair};
            struct bf_spot only = *spot;
            only.value = &one;
            bf_check_fields(check, bf_fields_step, &only, "a step");
        }
    }
    check->partial = false;
}

/** The steps of branches are looked at by themselves. */
static bool own_holds_error(const struct bf_value *fields)
{
    bool found = false;
    for (size_t i = 0; i < fields->count && !found; i++) {
        const struct bf_pair *pair = &fields->pairs[i];
        bool branch = bf_sv_is(pair->key, "then") || bf_sv_is(pair->key, "else");
        found = branch ? pair->value->kind == BF_VALUE_ERROR : bf_value_holds_error(pair->value);
    }
    return found;
}

static const char *const step_words[BF_STEP_KINDS] = {
    [BF_STEP_PROCESSING] = "a processing step",
    [BF_STEP_TRAINING] = "a training step",
    [BF_STEP_TUNING] = "a tuning step",
    [BF_STEP_TRANSFORM] = "a transform step",
    [BF_STEP_MODEL] = "a model step",
    [BF_STEP_REGISTER] = "a register step",
    [BF_STEP_CONDITION] = "a condition step",
    [BF_STEP_FAIL] = "a fail step",
    [BF_STEP_LAMBDA] = "a lambda step",
    [BF_STEP_CALLBACK] = "a callback step",
    [BF_STEP_QUALITY_CHECK] = "a quality_check step",
    [BF_STEP_CLARIFY_CHECK] = "a clarify_check step",
    [BF_STEP_EMR] = "an emr step",
    [BF_STEP_ENDPOINT_CONFIG] = "an endpoint_config step",
    [BF_STEP_ENDPOINT] = "an endpoint step",
    [BF_STEP_RAW] = "a raw step",
};

static void check_step(struct bf_check *check, struct bf_step *step)
{
    struct bf_spot spot = {.value = step->fields, .own = step->own, .loc = step->loc};
    size_t before = bf_diags_count(check->diags, BF_ERROR);
    struct bf_arena_mark mark = bf_arena_mark(check->scratch);
    if (step->unchecked) {
        return;
    }
    check->step = step;
    check->kind = step->kind;
    if (step->kind == BF_STEP_KINDS) {
        if (step->own != &unread) {
            check_untyped(check, &spot);
        }
    } else {
        bf_check_fields(check, bf_fields_step, &spot, step_words[step->kind]);
        bf_check_whole_step(check, &spot);
    }
    step->wrong = step->wrong || check->shared_wrong || step->kind == BF_STEP_KINDS ||
                  bf_diags_count(check->diags, BF_ERROR) > before || own_holds_error(step->fields);
    bf_arena_rewind(check->scratch, mark);
}

void bf_check_steps(struct bf_check *check)
{
    for (size_t i = 0; i < check->pipeline->step_count; i++) {
        check_step(check, check->pipeline->steps[i]);
    }
    check->step = NULL;
    check->kind = BF_STEP_KINDS;
    if (check->pipeline->step_count > 50) {
        const struct bf_pair *steps = bf_value_pair(check->pipeline->root, BF_SV("steps"));
        bf_diag(check->diags, BF_WARNING, "step.count", steps->key_loc,
                "the file has %zu steps; SageMaker may refuse more than 50",
                check->pipeline->step_count);
    }
}

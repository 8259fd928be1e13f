#include "spec/check.h"

/* Run-time references, checked where they stand. */

static struct bf_loc reference_loc(const struct bf_spot *spot, const struct bf_reference *ref)
{
    return ref->loc.line == 0 ? spot->value->loc : ref->loc;
}

static bool type_fits(enum bf_yield wanted, enum bf_yield yield)
{
    if (wanted == BF_YIELD_STRING || wanted == BF_YIELD_ANY || yield == BF_YIELD_ANY) {
        return true;
    }
    return wanted == yield || (wanted == BF_YIELD_NUMBER && yield == BF_YIELD_INTEGER);
}

static const char *yield_words(enum bf_yield yield)
{
    static const char *const words[] = {
        [BF_YIELD_STRING] = "a string", [BF_YIELD_INTEGER] = "an integer",
        [BF_YIELD_NUMBER] = "a number", [BF_YIELD_BOOLEAN] = "a boolean",
        [BF_YIELD_ANY] = "any value",
    };
    return words[yield];
}

static void report_reference(struct bf_check *check, const struct bf_spot *spot,
                             const struct bf_reference *ref, const struct bf_mistake *mistake)
{
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, mistake->code, reference_loc(spot, ref),
                                   BF_SV_FMT, BF_SV_ARG(mistake->message));
    for (const struct bf_link *link = ref->chain; link != NULL; link = link->next) {
        bf_diag_note(check->diags, diag, link->loc, "the reference comes from '" BF_SV_FMT "'",
                     BF_SV_ARG(link->path));
    }
    if (mistake->hint.len > 0) {
        bf_diag_hint(check->diags, diag, BF_SV_FMT, BF_SV_ARG(mistake->hint));
    }
}

static void check_reference(struct bf_check *check, const struct bf_spot *spot,
                            const struct bf_reference *ref, enum bf_yield wanted)
{
    struct bf_target target;
    struct bf_mistake mistake;
    if (!bf_reference_resolve(check->scratch, check->pipeline, ref, &target, &mistake)) {
        report_reference(check, spot, ref, &mistake);
        return;
    }
    if (!type_fits(wanted, target.yield)) {
        mistake.code = "reference.type";
        mistake.message =
            bf_sv_printf(check->scratch, "'" BF_SV_FMT "' wants %s, and '" BF_SV_FMT "' is %s",
                         BF_SV_ARG(bf_spot_name(check, spot)), yield_words(wanted),
                         BF_SV_ARG(ref->argument), yield_words(target.yield));
        report_reference(check, spot, ref, &mistake);
    }
    if (target.parameter != NULL && check->parameter_used != NULL) {
        check->parameter_used[target.parameter - check->pipeline->parameters] = true;
    }
    if (target.step != NULL) {
        bf_check_need(check, target.step, reference_loc(spot, ref));
    }
}

void bf_check_references(struct bf_check *check, const struct bf_spot *spot, enum bf_yield wanted)
{
    bool alone = spot->value->kind == BF_VALUE_REFERENCE;
    for (size_t i = 0; i < spot->value->count; i++) {
        if (spot->value->parts[i].ref != NULL) {
            struct bf_arena_mark mark = bf_arena_mark(check->scratch);
            check_reference(check, spot, spot->value->parts[i].ref,
                            alone ? wanted : BF_YIELD_STRING);
            bf_arena_rewind(check->scratch, mark);
        }
    }
}

static void mark_used(struct bf_check *check, const struct bf_reference *ref)
{
    struct bf_target target = {0};
    struct bf_mistake mistake;
    struct bf_arena_mark mark = bf_arena_mark(check->scratch);
    bool known = bf_reference_resolve(check->scratch, check->pipeline, ref, &target, &mistake);
    bf_arena_rewind(check->scratch, mark); /* of the target only what the file owns is read */
    if (!known) {
        return;
    }
    if (target.parameter != NULL) {
        check->parameter_used[target.parameter - check->pipeline->parameters] = true;
    }
    if (target.step != NULL) { /* of no step: it counts as used, and orders nothing */
        struct bf_step *step = check->step;
        check->step = NULL;
        bf_check_need(check, target.step, ref->loc);
        check->step = step;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
void bf_mark_references(struct bf_check *check, const struct bf_value *value)
{
    bool parts = value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
    for (size_t i = 0; i < value->count; i++) {
        if (parts && value->parts[i].ref != NULL) {
            mark_used(check, value->parts[i].ref);
        } else if (value->kind == BF_VALUE_MAP) {
            bf_mark_references(check, value->pairs[i].value);
        } else if (value->kind == BF_VALUE_LIST) {
            bf_mark_references(check, value->items[i]);
        }
    }
}

void bf_check_need(struct bf_check *check, const struct bf_step *to, struct bf_loc loc)
{
    if (check->partial) {
        return; /* "defaults": counted on the steps that take it over */
    }
    size_t from = check->step == NULL ? SIZE_MAX : check->step->index + 1;
    if (check->needed_by[to->index] == from) {
        return; /* told before, in this step */
    }
    check->needed_by[to->index] = from;
    check->needs = bf_arena_grow(check->arena, check->needs, check->need_count, &check->need_cap,
                                 sizeof *check->needs);
    check->needs[check->need_count++] = (struct bf_need){.from = check->step, .to = to, .loc = loc};
}

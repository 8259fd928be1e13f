#include "spec/check.h"
#include "spec/job.h"
#include "spec/rules.h"

void bf_rule_retry_error(struct bf_check *check, const struct bf_spot *spot)
{
    bool written = spot->own != NULL && check->kind != BF_STEP_KINDS;
    if (written && !bf_retry_supported(check->kind, spot->value->text)) {
        bf_check_error(check, spot, "retry.unsupported",
                       "a step of type %s cannot retry '" BF_SV_FMT "'",
                       bf_step_kind_word(check->kind), BF_SV_ARG(spot->value->text));
    }
}

void bf_rule_policy(struct bf_check *check, const struct bf_spot *spot)
{
    if (bf_spot_at(spot, "attempts").value != NULL && bf_spot_at(spot, "within").value != NULL) {
        bf_diag(check->diags, BF_ERROR, "retry.both", spot->loc,
                "a policy has 'attempts' or 'within', not both");
    }
}

/** A word of "errors", and what has been written of it so far. */
struct written_error {
    bool before, here; /* in a policy before this one; in this one */
};

enum { ERRORS_MAX = 8 };

/** The position of a word in the row's; what is none of them has been reported. */
static size_t error_at(const struct bf_word *words, struct bf_sv text)
{
    for (size_t i = 0; words[i].word != NULL && i < ERRORS_MAX; i++) {
        if (bf_sv_is(text, words[i].word)) {
            return i;
        }
    }
    return ERRORS_MAX;
}

static void check_repeated(struct bf_check *check, const struct bf_value *policy,
                           const struct bf_word *words, struct written_error *seen)
{
    const struct bf_value *errors = bf_object_get(policy, "errors", NULL);
    for (size_t i = 0; errors != NULL && errors->kind == BF_VALUE_LIST && i < errors->count; i++) {
        const struct bf_value *error = errors->items[i];
        size_t at = error->kind == BF_VALUE_STRING ? error_at(words, error->text) : ERRORS_MAX;
        if (at == ERRORS_MAX) {
            continue;
        }
        if (seen[at].before || seen[at].here) {
            struct bf_arena_mark mark = bf_arena_mark(check->scratch);
            struct bf_spot spot = {.value = error, .own = error, .loc = error->loc};
            bf_check_error(
                check, &spot, "retry.duplicate", "'" BF_SV_FMT "' is %s", BF_SV_ARG(error->text),
                seen[at].before ? "in more than one policy: which one counts?" : "written twice");
            bf_arena_rewind(check->scratch, mark);
        }
        seen[at].here = true;
    }
    for (size_t i = 0; i < ERRORS_MAX; i++) {
        seen[i].before = seen[i].before || seen[i].here;
        seen[i].here = false;
    }
}

void bf_rule_retry(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_field *errors = bf_field_find(bf_fields_retry, BF_SV("errors"), BF_STEP_KINDS);
    struct written_error seen[ERRORS_MAX] = {0};
    for (size_t i = 0; i < spot->value->count; i++) {
        check_repeated(check, spot->value->items[i], errors->item->words, seen);
    }
}

/** Transform jobs after a model step: ModelName is new in each run. */
static bool model_of_this_run(struct bf_check *check)
{
    const struct bf_value *model = check->step == NULL ? NULL : bf_step_get(check->step, "model");
    for (size_t i = 0; model != NULL && i < model->count; i++) {
        bool parts = model->kind == BF_VALUE_REFERENCE || model->kind == BF_VALUE_JOINED;
        if (parts && model->parts[i].ref != NULL && model->parts[i].ref->kind == BF_REF_STEP) {
            return true;
        }
    }
    return false;
}

void bf_rule_cache(struct bf_check *check, const struct bf_spot *spot)
{
    if (spot->value->kind != BF_VALUE_STRING || check->kind != BF_STEP_TRANSFORM) {
        return;
    }
    if (model_of_this_run(check)) {
        struct bf_diag *diag = bf_check_report(check, BF_WARNING, spot, "cache.never_hits",
                                               "the cache of step '" BF_SV_FMT
                                               "' never hits: its model is made anew in each run",
                                               BF_SV_ARG(check->step->name));
        if (spot->own == NULL) {
            bf_diag_hint(check->diags, diag, "'cache: null' on the step takes the default away");
        }
    }
}

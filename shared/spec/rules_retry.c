#include "spec/check.h"
#include "spec/job.h"
#include "spec/rules.h"

static bool list_holds(const struct bf_value *list, struct bf_sv word)
{
    for (size_t i = 0; list != NULL && list->kind == BF_VALUE_LIST && i < list->count; i++) {
        if (bf_sv_eq(list->items[i]->text, word)) {
            return true;
        }
    }
    return false;
}

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

static void check_repeated(struct bf_check *check, const struct bf_value *policies, size_t at)
{
    const struct bf_value *errors = bf_object_get(policies->items[at], "errors", NULL);
    for (size_t i = 0; errors != NULL && errors->kind == BF_VALUE_LIST && i < errors->count; i++) {
        const struct bf_value *error = errors->items[i];
        bool twice = false, here = false;
        for (size_t j = 0; j < i; j++) {
            here = here || bf_sv_eq(errors->items[j]->text, error->text);
        }
        for (size_t before = 0; before < at; before++) {
            twice = twice ||
                    list_holds(bf_object_get(policies->items[before], "errors", NULL), error->text);
        }
        if ((twice || here) && error->kind == BF_VALUE_STRING) {
            struct bf_spot spot = {.value = error, .own = error, .loc = error->loc};
            bf_check_error(check, &spot, "retry.duplicate", "'" BF_SV_FMT "' is %s",
                           BF_SV_ARG(error->text),
                           twice ? "in more than one policy: which one counts?" : "written twice");
        }
    }
}

void bf_rule_retry(struct bf_check *check, const struct bf_spot *spot)
{
    for (size_t i = 0; i < spot->value->count; i++) {
        check_repeated(check, spot->value, i);
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
        bf_check_report(check, BF_WARNING, spot, "cache.never_hits",
                        "this cache never hits: the model is made anew in each run");
    }
}

#include "spec/check.h"
#include "spec/meant.h"
#include "spec/rules.h"

#include "base/utf8.h"

/* ---- tune ---- */

static void check_objective(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot objective = bf_spot_at(spot, "objective");
    const struct bf_value *metrics = bf_step_get(check->step, "metrics");
    if (objective.value == NULL || objective.value->kind != BF_VALUE_STRING || metrics == NULL ||
        metrics->kind != BF_VALUE_MAP || metrics->count == 0) {
        return;
    }
    struct bf_sv *names = BF_NEW_N(check->scratch, struct bf_sv, metrics->count);
    for (size_t i = 0; i < metrics->count; i++) {
        names[i] = metrics->pairs[i].key;
    }
    struct bf_sv name = objective.value->text;
    if (bf_object_get(metrics, bf_sv_z(check->scratch, name), NULL) != NULL) {
        return;
    }
    struct bf_diag *diag =
        bf_check_error(check, &objective, "tune.objective",
                       "'" BF_SV_FMT "' is none of the step's metrics", BF_SV_ARG(name));
    struct bf_sv nearest = bf_nearest(name, names, metrics->count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

static void check_jobs(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot jobs = bf_spot_at(spot, "jobs"), parallel = bf_spot_at(spot, "parallel");
    const struct bf_value *strategy = bf_object_get(spot->value, "strategy", NULL);
    bool grid = strategy != NULL && bf_sv_is(strategy->text, "grid");
    if (jobs.value == NULL && !grid) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "'tune' needs the field 'jobs'");
    }
    if (jobs.value != NULL && parallel.value != NULL && jobs.value->kind == BF_VALUE_INT &&
        parallel.value->kind == BF_VALUE_INT && parallel.value->integer > jobs.value->integer) {
        bf_check_error(check, &parallel, "spec.range",
                       "'tune.parallel' must be at most 'tune.jobs' (%lld), not %lld",
                       (long long)jobs.value->integer, (long long)parallel.value->integer);
    }
}

static void check_range_names(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *ranges = bf_object_get(spot->value, "ranges", NULL);
    const struct bf_value *fixed = bf_step_get(check->step, "hyperparameters");
    for (size_t i = 0; ranges != NULL && ranges->kind == BF_VALUE_MAP && i < ranges->count; i++) {
        const struct bf_pair *pair = &ranges->pairs[i];
        const struct bf_pair *other =
            fixed == NULL || fixed->kind != BF_VALUE_MAP ? NULL : bf_value_pair(fixed, pair->key);
        if (other == NULL || other->value->kind == BF_VALUE_NULL) {
            continue;
        }
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "tune.duplicate", pair->key_loc,
                    "'" BF_SV_FMT "' is searched and fixed at the same time", BF_SV_ARG(pair->key));
        bf_diag_note(check->diags, diag, other->key_loc, "it is fixed in 'hyperparameters' here");
    }
}

void bf_rule_tune(struct bf_check *check, const struct bf_spot *spot)
{
    if (check->step == NULL) {
        return;
    }
    check_objective(check, spot);
    check_jobs(check, spot);
    check_range_names(check, spot);
}

static bool is_number(const struct bf_value *value)
{
    return value != NULL && (value->kind == BF_VALUE_INT || value->kind == BF_VALUE_FLOAT);
}

void bf_rule_range(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot min = bf_spot_at(spot, "min"), max = bf_spot_at(spot, "max");
    struct bf_spot values = bf_spot_at(spot, "values");
    bool bounds = min.value != NULL || max.value != NULL;
    bool scaled = bf_spot_at(spot, "scale").value != NULL || bf_spot_at(spot, "kind").value != NULL;
    struct bf_sv name = bf_spot_name(check, spot);
    if (values.value != NULL && (bounds || scaled)) {
        bf_diag(check->diags, BF_ERROR, "tune.range", spot->loc,
                "'" BF_SV_FMT "' has 'values' and %s: it is one or the other", BF_SV_ARG(name),
                bounds ? "'min' or 'max'" : "'scale' or 'kind'");
        return;
    }
    if (values.value == NULL && (min.value == NULL || max.value == NULL)) {
        bf_diag(check->diags, BF_ERROR, "tune.range", spot->loc,
                "'" BF_SV_FMT "' needs 'min' and 'max', or 'values'", BF_SV_ARG(name));
        return;
    }
    if (is_number(min.value) && is_number(max.value) &&
        bf_value_double(min.value) > bf_value_double(max.value)) {
        bf_diag(check->diags, BF_ERROR, "tune.range", spot->loc,
                "the 'min' of '" BF_SV_FMT "' (" BF_SV_FMT ") is greater than its 'max' (" BF_SV_FMT
                ")",
                BF_SV_ARG(name), BF_SV_ARG(min.value->text), BF_SV_ARG(max.value->text));
    }
}

/* ---- models and endpoints ---- */

void bf_rule_container(struct bf_check *check, const struct bf_spot *spot)
{
    if (spot->value->kind != BF_VALUE_MAP) {
        return; /* a list: each of its items comes here */
    }
    bool image = bf_spot_at(spot, "image").value != NULL;
    bool data = bf_spot_at(spot, "data").value != NULL;
    bool package = check->kind == BF_STEP_MODEL && bf_spot_at(spot, "package").value != NULL;
    if (!image && !package &&
        !bf_field_is_misspelt(bf_fields_container, spot->value, "image", check->kind)) {
        const char *besides = check->kind == BF_STEP_MODEL ? ", or 'package' alone" : "";
        bf_diag(check->diags, BF_ERROR, "model.container", spot->loc, "a container needs 'image'%s",
                besides);
    } else if (package && (image || data)) {
        bf_diag(check->diags, BF_ERROR, "model.container", spot->loc,
                "a container with 'package' has no 'image' and no 'data'");
    }
}

void bf_rule_variant(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot instances = bf_spot_at(spot, "instance_type");
    struct bf_spot serverless = bf_spot_at(spot, "serverless"), count = bf_spot_at(spot, "count");
    struct bf_sv name = bf_spot_name(check, spot);
    if (instances.value == NULL && serverless.value == NULL) {
        bool misspelt =
            bf_field_is_misspelt(bf_fields_variant, spot->value, "instance_type", check->kind) ||
            bf_field_is_misspelt(bf_fields_variant, spot->value, "serverless", check->kind);
        if (!misspelt) {
            bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                    "'" BF_SV_FMT "' needs 'instance_type' or 'serverless'", BF_SV_ARG(name));
        }
    } else if (instances.value != NULL && serverless.value != NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.unknown_field", spot->loc,
                "'" BF_SV_FMT "' has 'instance_type' and 'serverless': it takes one of them",
                BF_SV_ARG(name));
    } else if (serverless.value != NULL && count.value != NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.unknown_field", count.loc,
                "'" BF_SV_FMT "' is serverless: it has no 'count'", BF_SV_ARG(name));
    }
}

#include "shapes/shapes.h"
#include "spec/check.h"
#include "spec/rules.h"

/* quality_check, clarify_check, emr and raw. */

static void need(struct bf_check *check, const char *field, const char *why)
{
    if (bf_step_get(check->step, field) == NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", check->step->loc,
                "a %s step with check: %s needs the field '%s'", bf_step_kind_word(check->kind),
                why, field);
    }
}

/** A field that another kind of check has a use for. */
static void refuse(struct bf_check *check, const char *field, struct bf_sv word, const char *only)
{
    const struct bf_pair *pair = bf_value_pair(check->step->own, bf_sv_of(field));
    if (pair != NULL && pair->value->kind != BF_VALUE_NULL) {
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "step.not_for_type", pair->key_loc,
                    "a step with check: " BF_SV_FMT " has no '%s'", BF_SV_ARG(word), field);
        bf_diag_hint(check->diags, diag, "it goes with check: %s", only);
    }
}

void bf_rule_check(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv word = spot->value->text;
    if (check->step == NULL) {
        return;
    }
    if (bf_sv_is(word, "model_quality")) {
        need(check, "problem", "model_quality");
    }
    if (bf_sv_is(word, "data_quality")) {
        refuse(check, "problem", word, "model_quality");
    }
    if (bf_sv_is(word, "data_bias")) {
        refuse(check, "model", word, "model_bias or explainability");
    }
    if (bf_sv_is(word, "model_bias")) {
        need(check, "model", "model_bias");
    }
    if (bf_sv_is(word, "explainability")) {
        need(check, "model", "explainability");
    }
}

void bf_rule_dataset(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_pair *format = bf_value_pair(spot->value, BF_SV("format"));
    if (check->kind == BF_STEP_CLARIFY_CHECK && format != NULL &&
        format->value->kind != BF_VALUE_NULL) {
        struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "step.not_for_type", format->key_loc,
                                       "the dataset of a clarify_check step has no 'format'");
        bf_diag_hint(check->diags, diag, "Clarify reads it from 'config'");
    }
    if (check->kind == BF_STEP_QUALITY_CHECK &&
        bf_object_get(spot->value, "format", NULL) == NULL) {
        struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                                       "'dataset' of a quality check needs the field 'format'");
        bf_diag_hint(check->diags, diag, "{from: ..., format: {csv: {header: true}}}");
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static const struct bf_value *first_reference(const struct bf_value *value)
{
    if (value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED) {
        return value;
    }
    const struct bf_value *found = NULL;
    for (size_t i = 0; i < value->count && found == NULL; i++) {
        found =
            first_reference(value->kind == BF_VALUE_MAP ? value->pairs[i].value : value->items[i]);
    }
    return found;
}

void bf_rule_format(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *reference = first_reference(spot->value);
    if (spot->value->kind != BF_VALUE_MAP) {
        bf_check_error(check, spot, reference == spot->value ? "reference.not_scalar" : "spec.type",
                       "'dataset.format' must be a map, not %s", bf_value_kind_name(spot->value));
    } else if (reference != NULL) {
        struct bf_spot at = {.value = reference, .own = reference, .loc = reference->loc};
        bf_check_error(check, &at, "reference.not_here",
                       "'dataset.format' becomes JSON text: no run-time reference here");
    }
}

void bf_rule_config(struct bf_check *check, const struct bf_spot *spot)
{
    if (!check->partial) {
        (void)bf_use_source(check, spot, true, false);
    }
}

static void refuse_members(struct bf_check *check, const struct bf_value *members)
{
    static const char *const refused[] = {"Name", "Steps", "AutoTerminationPolicy",
                                          "KeepJobFlowAliveWhenNoSteps", "TerminationProtected"};
    for (size_t i = 0; i < BF_COUNTOF(refused); i++) {
        const struct bf_pair *pair = bf_value_pair(members, bf_sv_of(refused[i]));
        if (pair != NULL && pair->value->kind != BF_VALUE_NULL) {
            bf_diag(check->diags, BF_ERROR, "shape.refused", pair->key_loc,
                    "'%s' cannot stand in 'cluster_config': the pipeline sets it", refused[i]);
        }
    }
}

void bf_rule_cluster_config(struct bf_check *check, const struct bf_spot *spot)
{
    bf_rule_raw(check, spot);
    refuse_members(check, spot->value);
    /* Two of them are members of Instances in RunJobFlow. */
    refuse_members(check, bf_value_get(spot->value, BF_SV("Instances")));
}

void bf_rule_sagemaker(struct bf_check *check, const struct bf_spot *spot)
{
    static const char *const ours[] = {"Name", "DependsOn", "DisplayName", "Description"};
    static const char *const words[] = {"the key in 'steps'", "depends_on", "display_name",
                                        "description"};
    bf_rule_raw(check, spot);
    if (spot->value->kind != BF_VALUE_MAP) {
        return;
    }
    for (size_t i = 0; i < BF_COUNTOF(ours); i++) {
        const struct bf_pair *pair = bf_value_pair(spot->value, bf_sv_of(ours[i]));
        if (pair != NULL) {
            struct bf_diag *diag =
                bf_diag(check->diags, BF_ERROR, "spec.unknown_field", pair->key_loc,
                        "'%s' is not a field of 'sagemaker'", ours[i]);
            bf_diag_hint(check->diags, diag, "it is written on the step: %s", words[i]);
        }
    }
    struct bf_spot type = bf_spot_at(spot, "Type");
    if (type.value == NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "'sagemaker' needs the field 'Type'");
    } else if (type.value->kind == BF_VALUE_REFERENCE || type.value->kind == BF_VALUE_JOINED) {
        bf_check_error(check, &type, "reference.not_here",
                       "'sagemaker.Type' must be known when the file is compiled: no run-time "
                       "reference here");
    } else if (type.value->kind != BF_VALUE_STRING && type.value->kind != BF_VALUE_ERROR) {
        bf_check_error(check, &type, "spec.type", "'sagemaker.Type' must be a string, not %s",
                       bf_value_kind_name(type.value));
    } else if (type.value->kind == BF_VALUE_STRING && bf_step_type(type.value->text) == NULL) {
        struct bf_diag *diag = bf_check_error(check, &type, "step.unknown_type",
                                              "SageMaker has no step type '" BF_SV_FMT "'",
                                              BF_SV_ARG(type.value->text));
        struct bf_sv nearest = bf_step_type_nearest(type.value->text);
        if (nearest.len > 0) {
            bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
        }
    }
}

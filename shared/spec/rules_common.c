#include "spec/rules.h"

#include "base/utf8.h"
#include "spec/check.h"
#include "time/instant.h"

static bool literal(const struct bf_spot *spot)
{
    return spot->value->kind == BF_VALUE_STRING;
}

static bool allowed(const struct bf_texts *texts, struct bf_sv text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (bf_sv_eq(texts->items[i], text)) {
            return true;
        }
    }
    return texts->count == 0;
}

void bf_rule_role(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_stack_rules *stack = check->stack;
    if (stack != NULL && literal(spot) && !allowed(&stack->roles, spot->value->text)) {
        bf_check_error(check, spot, "role.not_allowed",
                       "this stack may not pass the role '" BF_SV_FMT "'",
                       BF_SV_ARG(spot->value->text));
    }
}

/** An experiment is named when the run starts: no step has ended then. */
void bf_rule_experiment(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    bool parts = value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
    for (size_t i = 0; parts && i < value->count; i++) {
        const struct bf_reference *ref = value->parts[i].ref;
        if (ref != NULL && (ref->kind == BF_REF_STEP || ref->kind == BF_REF_REPORT)) {
            struct bf_diag *diag = bf_diag(
                check->diags, BF_ERROR, "reference.not_here",
                ref->loc.line == 0 ? value->loc : ref->loc,
                "'" BF_SV_FMT "' must be known when the run starts: no reference to a step here",
                BF_SV_ARG(bf_spot_name(check, spot)));
            bf_diag_hint(check->diags, diag, "${param:...} and ${execution:...} are allowed");
            return;
        }
    }
}

void bf_rule_bucket(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_stack_rules *stack = check->stack;
    if (stack != NULL && !allowed(&stack->buckets, spot->value->text)) {
        bf_check_error(check, spot, "storage.not_allowed",
                       "this stack may not keep data in the bucket '" BF_SV_FMT "'",
                       BF_SV_ARG(spot->value->text));
    }
}

/** A field that nobody knows, which is reported: one of the two may be meant by it. */
static bool has_unknown(const struct bf_value *map, const struct bf_field *fields)
{
    for (size_t i = 0; i < map->count; i++) {
        if (bf_field_find(fields, map->pairs[i].key, BF_STEP_KINDS) == NULL) {
            return true;
        }
    }
    return false;
}

void bf_rule_network(struct bf_check *check, const struct bf_spot *spot)
{
    bool subnets = bf_spot_at(spot, "subnets").value != NULL;
    bool groups = bf_spot_at(spot, "security_group_ids").value != NULL;
    bool here = check->step == NULL || spot->own == NULL ||
                bf_value_get(spot->own, BF_SV("subnets")) != NULL ||
                bf_value_get(spot->own, BF_SV("security_group_ids")) != NULL;
    if (subnets != groups && here &&
        !has_unknown(spot->value, bf_fields_network)) { /* else it is said at the top level */
        bf_diag(check->diags, BF_ERROR, "network.incomplete", spot->loc,
                "'network' has %s but no %s: they come together",
                subnets ? "subnets" : "security_group_ids",
                subnets ? "security_group_ids" : "subnets");
    }
}

/* The service's class is [\p{L}\p{Z}\p{N}_.:/=+\-@]*; of ASCII that is this, and what is not ASCII
 * is left to the service. */
#define TAG_TEXT "([a-zA-Z0-9 _.:/=+@-]|[^ -~])*"

void bf_rule_tag(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv text = spot->value->text;
    if (!bf_pattern_matches(check->patterns, TAG_TEXT, text)) {
        bf_check_error(check, spot, "tags.pattern",
                       "the value of a tag cannot be '" BF_SV_FMT
                       "'; letters, digits, blanks and _ . : / = + - @ are allowed",
                       BF_SV_ARG(bf_utf8_truncate(text, 300)));
    }
}

static void check_tag_key(struct bf_check *check, const struct bf_pair *pair)
{
    struct bf_sv key = pair->key;
    size_t length = bf_utf8_count(key);
    /* AWS refuses its prefix in any case. */
    if (bf_pattern_matches(check->patterns, "[aA][wW][sS]:.*|buzzflow:.*", key)) {
        bf_diag(check->diags, BF_ERROR, "tags.reserved", pair->key_loc,
                "tags that begin with 'aws:' or 'buzzflow:' are reserved: '" BF_SV_FMT "'",
                BF_SV_ARG(key));
        return;
    }
    if (length < 1 || length > 128 || !bf_pattern_matches(check->patterns, TAG_TEXT, key)) {
        bf_diag(check->diags, BF_ERROR, "tags.pattern", pair->key_loc,
                "'" BF_SV_FMT
                "' cannot be the name of a tag: 1 to 128 letters, digits, blanks "
                "and _ . : / = + - @",
                BF_SV_ARG(bf_utf8_truncate(key, 300)));
    }
}

void bf_rule_tags(struct bf_check *check, const struct bf_spot *spot)
{
    size_t count = 0;
    for (size_t i = 0; i < spot->value->count; i++) {
        if (spot->value->pairs[i].value->kind != BF_VALUE_NULL) {
            check_tag_key(check, &spot->value->pairs[i]);
            count++;
        }
    }
    if (count > 40) {
        bf_diag(check->diags, BF_ERROR, "tags.count", spot->loc,
                "%zu tags; at most 40 are allowed (the service's other 10 are ours)", count);
    }
}

void bf_rule_channel(struct bf_check *check, const struct bf_spot *spot)
{
    if (!literal(spot)) {
        return;
    }
    struct bf_sv text = spot->value->text;
    size_t length = bf_utf8_count(text);
    bool name = length >= 2 && length <= 81 &&
                bf_pattern_matches(check->patterns, "#[^A-Z #@,.:;'\"]+", text);
    if (!name && !bf_pattern_matches(check->patterns, "[CGD][A-Z0-9]{6,}", text)) {
        struct bf_diag *diag =
            bf_check_error(check, spot, "alerts.slack", "'" BF_SV_FMT "' is no Slack channel",
                           BF_SV_ARG(bf_utf8_truncate(text, 200)));
        bf_diag_hint(check->diags, diag,
                     "write \"#name\" (in quotes, lower case) or the channel's id, C0123ABCD");
    }
}

void bf_rule_holiday(struct bf_check *check, const struct bf_spot *spot)
{
    int64_t day = 0;
    struct bf_err err = {0};
    if (literal(spot) && bf_date_parse(spot->value->text, &day, &err) != BF_OK) {
        bf_check_error(check, spot, "spec.pattern", "'" BF_SV_FMT "' is no date YYYY-MM-DD",
                       BF_SV_ARG(bf_utf8_truncate(spot->value->text, 100)));
    }
}

static void unknown_step(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    struct bf_sv name = spot->value->text;
    struct bf_diag *diag = bf_check_error(check, spot, "reference.unknown",
                                          "there is no step '" BF_SV_FMT "'", BF_SV_ARG(name));
    if (!bf_hint_wanted(check)) {
        return;
    }
    struct bf_sv *names = BF_NEW_N(check->scratch, struct bf_sv, pipeline->step_count + 1);
    for (size_t i = 0; i < pipeline->step_count; i++) {
        names[i] = pipeline->steps[i]->name;
    }
    struct bf_sv nearest = bf_nearest(name, names, pipeline->step_count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

void bf_rule_depends_on(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_step *step = bf_pipeline_step(check->pipeline, spot->value->text);
    if (step == NULL) {
        unknown_step(check, spot);
        return;
    }
    if (bf_step_is_fail(step)) {
        bf_check_error(check, spot, "fail.depended_on",
                       "nothing can depend on '" BF_SV_FMT "': the run ends with it",
                       BF_SV_ARG(step->name));
        return;
    }
    bf_check_need(check, step, spot->value->loc);
}

void bf_rule_raw(struct bf_check *check, const struct bf_spot *spot)
{
    if (spot->value->kind != BF_VALUE_MAP) {
        bool reference =
            spot->value->kind == BF_VALUE_REFERENCE || spot->value->kind == BF_VALUE_JOINED;
        bf_check_error(check, spot, reference ? "reference.not_scalar" : "spec.type",
                       "'" BF_SV_FMT "' must be a map of SageMaker's members, not %s",
                       BF_SV_ARG(bf_spot_name(check, spot)), bf_value_kind_name(spot->value));
    }
}

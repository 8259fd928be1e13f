#include "spec/rules.h"

#include "base/utf8.h"
#include "shapes/shapes.h"
#include "spec/check.h"
#include "spec/job.h"

/* ---- instance types ---- */

struct type_place {
    bf_step_set steps;
    const char *request, *path; /* members; a list is passed through */
};

static const struct type_place type_places[] = {
    {BF_ON(PROCESSING) | BF_ON(QUALITY_CHECK) | BF_ON(CLARIFY_CHECK), "CreateProcessingJob",
     "ProcessingResources.ClusterConfig.InstanceType"},
    {BF_ON(TRAINING) | BF_ON(TUNING), "CreateTrainingJob", "ResourceConfig.InstanceType"},
    {BF_ON(TRANSFORM), "CreateTransformJob", "TransformResources.InstanceType"},
    {BF_ON(ENDPOINT_CONFIG), "CreateEndpointConfig", "ProductionVariants.InstanceType"},
    {BF_ON(REGISTER), "CreateModelPackage",
     "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes"},
    {BF_ON(REGISTER), "CreateModelPackage",
     "InferenceSpecification.SupportedTransformInstanceTypes"},
};

static const struct bf_shape *shape_at(const struct type_place *place)
{
    const struct bf_shape *shape = bf_shape_root(place->request);
    struct bf_sv rest = bf_sv_of(place->path);
    while (shape != NULL && rest.len > 0) {
        while (shape->kind == BF_SHAPE_LIST) {
            shape = &bf_shapes[shape->item];
        }
        const struct bf_member *member = bf_shape_member(shape, bf_sv_cut(&rest, '.'));
        shape = member == NULL ? NULL : &bf_shapes[member->shape];
    }
    while (shape != NULL && shape->kind == BF_SHAPE_LIST) {
        shape = &bf_shapes[shape->item];
    }
    return shape;
}

static bool holds_word(const struct bf_shape *shape, struct bf_sv word)
{
    for (size_t i = 0; shape != NULL && shape->words != NULL && i < shape->count; i++) {
        if (bf_sv_is(word, shape->words[i])) {
            return true;
        }
    }
    return false;
}

static bool known_type(enum bf_step_kind kind, struct bf_sv type, struct bf_sv *nearest)
{
    for (size_t i = 0; i < BF_COUNTOF(type_places); i++) {
        bool counts =
            kind == BF_STEP_KINDS || (type_places[i].steps & ((bf_step_set)1 << kind)) != 0;
        const struct bf_shape *shape = counts ? shape_at(&type_places[i]) : NULL;
        if (holds_word(shape, type)) {
            return true;
        }
        struct bf_sv names[512];
        size_t count = 0;
        for (size_t w = 0;
             shape != NULL && shape->words != NULL && w < shape->count && count < BF_COUNTOF(names);
             w++) {
            names[count++] = bf_sv_of(shape->words[w]);
        }
        *nearest = nearest->len > 0 ? *nearest : bf_nearest(type, names, count);
    }
    return false;
}

void bf_rule_instance_type(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv type = spot->value->text, nearest = {0};
    if (spot->value->kind != BF_VALUE_STRING) {
        return;
    }
    if (!bf_sv_starts(type, BF_SV("ml."))) {
        bf_check_error(check, spot, "compute.instance_type",
                       "'" BF_SV_FMT "' is no instance type of SageMaker: they begin with 'ml.'",
                       BF_SV_ARG(bf_utf8_truncate(type, 100)));
        return;
    }
    if (known_type(check->kind, type, &nearest)) {
        return;
    }
    struct bf_diag *diag = bf_check_report(check, BF_WARNING, spot, "compute.instance_type",
                                           "the API model lists no instance type '" BF_SV_FMT
                                           "' here; it may be newer",
                                           BF_SV_ARG(bf_utf8_truncate(type, 100)));
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

void bf_rule_compute(struct bf_check *check, const struct bf_spot *spot)
{
    /* In "defaults" they may stand beside each other: other types skip one of them, or both. */
    if (check->kind == BF_STEP_TRAINING && bf_spot_at(spot, "spot").value != NULL &&
        bf_spot_at(spot, "keep_alive").value != NULL) {
        bf_diag(check->diags, BF_ERROR, "compute.spot_keep_alive", spot->loc,
                "spot instances cannot be kept: 'spot' or 'keep_alive', not both");
    }
}

void bf_rule_spot(struct bf_check *check, const struct bf_spot *spot)
{
    if (bf_spot_at(spot, "checkpoint_path").value != NULL &&
        bf_spot_at(spot, "checkpoint").value == NULL && !check->partial) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "'" BF_SV_FMT "' needs the field 'checkpoint' beside 'checkpoint_path'",
                BF_SV_ARG(bf_spot_name(check, spot)));
    }
}

/* ---- code ---- */

void bf_rule_source(struct bf_check *check, const struct bf_spot *spot)
{
    if (!check->partial) {
        (void)bf_use_source(check, spot, false, true);
    }
}

void bf_rule_location(struct bf_check *check, const struct bf_spot *spot)
{
    if (!check->partial) {
        (void)bf_use_source(check, spot, true, true);
    }
}

/** The part of an entrypoint that names a file of the source: itself, or an item "./x"; NULL. */
static const struct bf_value *names_file(const struct bf_value *entrypoint)
{
    if (entrypoint->kind == BF_VALUE_STRING) {
        return entrypoint;
    }
    for (size_t i = 0; entrypoint->kind == BF_VALUE_LIST && i < entrypoint->count; i++) {
        if (bf_sv_starts(bf_command_text(entrypoint->items[i]), BF_SV("./"))) {
            return entrypoint->items[i];
        }
    }
    return NULL;
}

void bf_rule_code(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot source = bf_spot_at(spot, "source"), entry = bf_spot_at(spot, "entrypoint");
    if (check->step == NULL || entry.value == NULL) {
        return;
    }
    if (entry.value->kind == BF_VALUE_REFERENCE || entry.value->kind == BF_VALUE_JOINED) {
        bf_check_error(check, &entry, "reference.not_here",
                       "'code.entrypoint' names a file that must be known when the file is "
                       "compiled");
        return;
    }
    struct bf_spot file = {.value = names_file(entry.value), .loc = entry.loc};
    if (source.value == NULL && file.value != NULL) {
        struct bf_diag *diag =
            bf_check_error(check, &file, "code.entrypoint_missing",
                           "'code.entrypoint' names a file, but there is no 'code.source'");
        bf_diag_hint(check->diags, diag, "a file of the image is written as a list without ./");
    }
    if (check->kind == BF_STEP_TUNING && entry.value->kind == BF_VALUE_LIST) {
        bf_check_error(check, &entry, "spec.type",
                       "'code.entrypoint' of a tuning step must be a string, the name of a file");
    }
}

enum { ARGUMENTS_MAX = 100 };

/** "--day: x" in a map becomes "----day x", which no program knows. */
static void warn_of_dashes(struct bf_check *check, const struct bf_value *arguments)
{
    for (size_t i = 0; arguments->kind == BF_VALUE_MAP && i < arguments->count; i++) {
        const struct bf_pair *pair = &arguments->pairs[i];
        if (!bf_sv_starts(pair->key, BF_SV("-")) || pair->value->kind == BF_VALUE_NULL) {
            continue;
        }
        struct bf_sv bare = pair->key;
        while (bf_sv_starts(bare, BF_SV("-"))) {
            bare = bf_sv_from(bare, 1);
        }
        struct bf_sv shown = bf_utf8_truncate(pair->key, 100);
        struct bf_diag *diag = bf_diag(check->diags, BF_WARNING, "arguments.dashes", pair->key_loc,
                                       "the argument '" BF_SV_FMT "' becomes '--" BF_SV_FMT "'",
                                       BF_SV_ARG(shown), BF_SV_ARG(shown));
        if (bare.len > 0 && !bf_sv_starts(bf_sv_from(pair->key, 1), BF_SV("-"))) {
            bf_diag_hint(check->diags, diag,
                         "a short option needs the form of a list: [" BF_SV_FMT ", ...]",
                         BF_SV_ARG(shown));
        } else if (bare.len > 0) {
            bf_diag_hint(check->diags, diag,
                         "a map's keys are written without dashes: '" BF_SV_FMT "'",
                         BF_SV_ARG(bf_utf8_truncate(bare, 100)));
        }
    }
}

void bf_rule_arguments(struct bf_check *check, const struct bf_spot *spot)
{
    if (check->step == NULL) {
        return;
    }
    warn_of_dashes(check, spot->value);
    size_t count = bf_step_argument_count(check->step);
    if (count > ARGUMENTS_MAX) {
        bf_diag(check->diags, BF_ERROR, "arguments.length", spot->loc,
                "%zu arguments; at most %d are allowed", count, ARGUMENTS_MAX);
        return;
    }
    struct bf_pieces pieces = bf_step_arguments(check->scratch, check->step);
    for (size_t i = 0; i < pieces.count; i++) {
        struct bf_sv text =
            pieces.items[i].value == NULL ? pieces.items[i].text : pieces.items[i].value->text;
        size_t length = bf_utf8_count(text);
        if (length > 256) {
            bf_diag(check->diags, BF_ERROR, "arguments.length", pieces.items[i].loc,
                    "an argument has %zu characters; at most 256 are allowed", length);
        }
    }
}

/* ---- environment ---- */

bool bf_secret_name(struct bf_check *check, struct bf_sv name)
{
    struct bf_buf upper = bf_buf_new(check->scratch, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '-') {
            c = '_';
        } else if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        bf_buf_addc(&upper, c);
    }
    return bf_pattern_matches(check->patterns, "(.*_)?SECRET_ACCESS_KEY|.*_(SECRET|PASSWORD|TOKEN)",
                              bf_buf_sv(&upper));
}

bool bf_looks_secret(struct bf_check *check, struct bf_sv text)
{
    return bf_sv_search(text, BF_SV("PRIVATE KEY-----")) < text.len ||
           bf_pattern_matches(check->patterns,
                              "(.*[^A-Z0-9])?(AKIA|ASIA)[A-Z0-9]{16}([^A-Z0-9].*)?", text) ||
           bf_pattern_matches(check->patterns, "xox[abpr]-[A-Za-z0-9-]{10,}|ghp_[A-Za-z0-9]{36}",
                              text);
}

void bf_rule_env_value(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv text = spot->value->text;
    if (spot->value->kind != BF_VALUE_STRING || text.len == 0) {
        return;
    }
    /* An ARN or a name of a secret is what should be passed. */
    bool named = bf_secret_name(check, spot->key) && !bf_sv_starts(text, BF_SV("arn:"));
    if (named || bf_looks_secret(check, text)) {
        struct bf_diag *diag =
            bf_check_report(check, BF_WARNING, spot, "secret.literal",
                            "the value of '" BF_SV_FMT
                            "' looks like a secret: everyone who may describe the "
                            "pipeline can read it",
                            BF_SV_ARG(spot->key));
        bf_diag_hint(check->diags, diag, "pass the ARN of a secret, and read it in the container");
    }
}

/* ---- inputs and reports ---- */

void bf_rule_inputs(struct bf_check *check, const struct bf_spot *spot)
{
    bool channel = check->kind == BF_STEP_TRAINING || check->kind == BF_STEP_TUNING;
    const char *pattern = channel ? BF_PATTERN_CHANNEL : BF_PATTERN_NAME;
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        if (!bf_pattern_matches(check->patterns, pattern, pair->key)) {
            struct bf_diag *diag =
                bf_diag(check->diags, BF_ERROR, "spec.pattern", pair->key_loc,
                        "'" BF_SV_FMT "' cannot be the name of an input", BF_SV_ARG(pair->key));
            bf_diag_hint(check->diags, diag, "names there match %s", pattern);
        }
    }
}

void bf_rule_report_output(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *outputs =
        check->step == NULL ? NULL : bf_step_get(check->step, "outputs");
    struct bf_sv name = spot->value->text;
    if (bf_object_get(outputs, bf_sv_z(check->scratch, name), NULL) != NULL) {
        return;
    }
    struct bf_diag *diag = bf_check_error(
        check, spot, "report.output", "the step has no output '" BF_SV_FMT "'", BF_SV_ARG(name));
    if (!bf_hint_wanted(check)) {
        return;
    }
    size_t count = outputs == NULL || outputs->kind != BF_VALUE_MAP ? 0 : outputs->count;
    struct bf_sv *names = BF_NEW_N(check->scratch, struct bf_sv, count + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = outputs->pairs[i].key;
    }
    struct bf_sv nearest = bf_nearest(name, names, count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

void bf_rule_report_file(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_sv path = spot->value->text;
    struct bf_sv clean = bf_source_clean(check->scratch, path);
    bool below = !bf_sv_starts(clean, BF_SV("/")) && !bf_sv_is(clean, "..") &&
                 !bf_sv_starts(clean, BF_SV("../")) && !bf_sv_is(clean, ".") &&
                 bf_sv_search(path, BF_SV("://")) == path.len;
    if (!below) {
        struct bf_diag *diag = bf_check_error(
            check, spot, "spec.pattern", "'" BF_SV_FMT "' cannot be '" BF_SV_FMT "'",
            BF_SV_ARG(bf_spot_name(check, spot)), BF_SV_ARG(bf_utf8_truncate(path, 200)));
        bf_diag_hint(check->diags, diag, "a path below the output, such as metrics.json");
    }
}

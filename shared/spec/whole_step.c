#include "base/utf8.h"
#include "spec/check.h"
#include "spec/job.h"

/* Rules over several fields of one step. */

#define JOBS   (BF_ON(PROCESSING) | BF_ON(TRAINING) | BF_ON(TUNING))
#define CHECKS (BF_ON(QUALITY_CHECK) | BF_ON(CLARIFY_CHECK))

static bool on(const struct bf_check *check, bf_step_set set)
{
    return (set & ((bf_step_set)1 << check->kind)) != 0;
}

/** The place of the field, or of the step where it is not written. */
static struct bf_loc place(const struct bf_spot *step, const char *field)
{
    return bf_spot_at(step, field).loc;
}

/* ---- environment ---- */

struct env_limit {
    bf_step_set steps;
    size_t entries, key, value;
};

static const struct env_limit env_limits[] = {
    {BF_ON(PROCESSING) | CHECKS, 100, 256, 256},
    {BF_ON(TRAINING), 100, 512, 512},
    {BF_ON(TUNING), 48, 512, 512},
    {BF_ON(TRANSFORM), 16, 1024, 10240},
};

static void check_env_lengths(struct bf_check *check, const struct env_limit *limit,
                              const struct bf_pieces *env)
{
    for (size_t i = 0; i < env->count; i++) {
        const struct bf_piece *piece = &env->items[i];
        size_t key = bf_utf8_count(piece->name);
        struct bf_sv text = piece->value == NULL ? piece->text : piece->value->text;
        size_t value = bf_utf8_count(text);
        struct bf_loc loc = piece->loc.line == 0 ? check->step->loc : piece->loc;
        if (key > limit->key) {
            bf_diag(check->diags, BF_ERROR, "env.length", loc,
                    "the name of a variable has %zu characters; at most %zu are allowed", key,
                    limit->key);
        }
        if (value > limit->value) {
            bf_diag(check->diags, BF_ERROR, "env.length",
                    piece->value == NULL ? loc : piece->value->loc,
                    "the value of '" BF_SV_FMT "' has %zu characters; at most %zu are allowed",
                    BF_SV_ARG(piece->name), value, limit->value);
        }
    }
}

static void check_env(struct bf_check *check, const struct bf_spot *spot)
{
    for (size_t i = 0; i < BF_COUNTOF(env_limits); i++) {
        const struct env_limit *limit = &env_limits[i];
        if (!on(check, limit->steps)) {
            continue;
        }
        struct bf_pieces env = bf_step_environment(check->scratch, check->pipeline, check->step);
        check_env_lengths(check, limit, &env);
        if (env.count > limit->entries) {
            bf_diag(check->diags, BF_ERROR, "env.count", place(spot, "env"),
                    "%zu environment variables with buzzflow's own; a %s step takes %zu", env.count,
                    bf_step_kind_word(check->kind), limit->entries);
        }
    }
}

/* ---- inputs ---- */

static void check_taken(struct bf_check *check, const struct bf_inputs *inputs,
                        struct bf_index *index, size_t at)
{
    const struct bf_input *input = &inputs->items[at];
    if (input->origin == BF_INPUT_WRITTEN) {
        return;
    }
    size_t found = bf_index_find(check->scratch, index, inputs->items, sizeof *inputs->items,
                                 inputs->count, input->name);
    if (found == at) {
        return;
    }
    const struct bf_input *first = &inputs->items[found];
    bool written = first->origin == BF_INPUT_WRITTEN;
    struct bf_loc loc = written ? first->loc : input->loc;
    const char *by = input->origin == BF_INPUT_CODE ? "the code of the step" : "a shared package";
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "common.name_taken", loc,
                                   "the name '" BF_SV_FMT "' is taken by %s",
                                   BF_SV_ARG(input->name), written ? by : "the code of the step");
    if (written) {
        bf_diag_note(check->diags, diag, input->loc, "it is here");
    }
}

static void check_inputs(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_inputs inputs = bf_step_inputs(check->scratch, check->pipeline, check->step);
    struct bf_index index = {0};
    for (size_t i = 0; i < inputs.count; i++) {
        check_taken(check, &inputs, &index, i);
    }
    size_t written = 0; /* a transform step has no code: that is said elsewhere */
    while (written < inputs.count && inputs.items[written].origin == BF_INPUT_WRITTEN) {
        written++;
    }
    if (check->kind == BF_STEP_TRANSFORM && written != 1) {
        bf_diag(check->diags, BF_ERROR, "inputs.count", place(spot, "inputs"),
                "a transform step takes exactly one input, not %zu", written);
    }
    size_t most = check->kind == BF_STEP_PROCESSING ? 10 : 20;
    if (on(check, JOBS) && inputs.count > most) {
        bf_diag(check->diags, BF_ERROR, "inputs.count", place(spot, "inputs"),
                "%zu inputs with code and shared packages; a %s step takes %zu", inputs.count,
                bf_step_kind_word(check->kind), most);
    }
}

/* ---- spot and cache ---- */

static void check_spot(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot compute = bf_spot_at(spot, "compute");
    if (compute.value == NULL || compute.value->kind != BF_VALUE_MAP) {
        return;
    }
    struct bf_spot cheap = bf_spot_at(&compute, "spot");
    if (cheap.value == NULL || cheap.value->kind != BF_VALUE_MAP) {
        return;
    }
    struct bf_spot wait = bf_spot_at(&cheap, "max_wait");
    const struct bf_value *timeout = bf_step_get(check->step, "timeout");
    struct bf_sv limit = timeout == NULL ? BF_SV("1d") : timeout->text;
    int64_t longest = 0, run = 0;
    if (wait.value == NULL || wait.value->kind != BF_VALUE_STRING ||
        (timeout != NULL && timeout->kind != BF_VALUE_STRING) ||
        !bf_duration_parse(wait.value->text, &longest) || !bf_duration_parse(limit, &run)) {
        return;
    }
    if (longest < run) {
        bf_check_error(
            check, &wait, "compute.spot_wait",
            "'compute.spot.max_wait' (" BF_SV_FMT ") must be at least 'timeout' (" BF_SV_FMT "%s)",
            BF_SV_ARG(wait.value->text), BF_SV_ARG(limit), timeout == NULL ? " by default" : "");
    }
}

static void fleeting(struct bf_check *check, struct bf_loc loc)
{
    bf_diag(check->diags, BF_WARNING, "cache.never_hits", loc,
            "this differs from run to run, so that the cache of step '" BF_SV_FMT "' never hits",
            BF_SV_ARG(check->step->name));
}

/** In SageMaker's words, as raw parts may have it: {Get: Execution.StartDateTime}. */
static bool is_written_get(const struct bf_value *value)
{
    const struct bf_value *get = bf_value_get(value, BF_SV("Get"));
    return value->count == 1 && get != NULL && get->kind == BF_VALUE_STRING &&
           bf_sv_starts(get->text, BF_SV("Execution."));
}

/** Members of a request in raw parts that no cache looks at: where outputs go, and labels. */
static bool is_uncached(struct bf_sv member)
{
    static const char *const members[] = {"ProcessingOutputConfig", "OutputDataConfig",
                                          "TransformOutput", "ExperimentConfig", "Tags"};
    bool found = false;
    for (size_t i = 0; i < BF_COUNTOF(members); i++) {
        found = found || bf_sv_is(member, members[i]);
    }
    return found;
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void warn_fleeting(struct bf_check *check, const struct bf_value *value)
{
    bool parts = value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
    if (value->kind == BF_VALUE_MAP && is_written_get(value)) {
        fleeting(check, value->pairs[0].value->loc);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (parts && value->parts[i].ref != NULL && value->parts[i].ref->kind == BF_REF_EXECUTION) {
            fleeting(check,
                     value->parts[i].ref->loc.line == 0 ? value->loc : value->parts[i].ref->loc);
            return;
        }
        if (value->kind == BF_VALUE_MAP && !is_uncached(value->pairs[i].key)) {
            warn_fleeting(check, value->pairs[i].value);
        } else if (value->kind == BF_VALUE_LIST) {
            warn_fleeting(check, value->items[i]);
        }
    }
}

/** A hash (32 hex digits, or 7 and more between separators: a commit) or a version in the key. */
static bool pinned(struct bf_check *check, struct bf_sv uri)
{
    return bf_pattern_matches(check->patterns, ".*[0-9a-f]{32}.*", uri) ||
           bf_pattern_matches(check->patterns, ".*[/_.@-][0-9a-f]{7,}([/_.@-].*)?", uri) ||
           bf_pattern_matches(check->patterns,
                              ".*(^|[/_.@-])[vV]?[0-9]+([._-][0-9A-Za-z]+)*([/_.@-].*)?", uri);
}

static void check_cache(struct bf_check *check, const struct bf_spot *spot)
{
    static const char *const keyed[] = {
        "arguments",
        "env",
        "inputs",
        "hyperparameters",
        "code.entrypoint",
        "compute.spot.checkpoint",
        "filter",
        "dataset",
        "args",
        "raw",
    };
    const struct bf_value *cache = bf_step_get(check->step, "cache");
    if (cache == NULL || cache->kind != BF_VALUE_STRING) {
        return;
    }
    for (size_t i = 0; i < BF_COUNTOF(keyed); i++) {
        const struct bf_value *value = bf_step_get(check->step, keyed[i]);
        if (value != NULL) {
            warn_fleeting(check, value);
        }
    }
    struct bf_inputs inputs = bf_step_inputs(check->scratch, check->pipeline, check->step);
    for (size_t i = 0; i < inputs.count; i++) {
        const struct bf_input *input = &inputs.items[i];
        struct bf_spot at = {.parent = spot,
                             .key = input->name,
                             .value = input->value,
                             .own = input->value,
                             .loc = input->loc};
        if (input->origin != BF_INPUT_WRITTEN && input->value->kind == BF_VALUE_STRING &&
            bf_sv_starts(input->value->text, BF_SV("s3://")) &&
            !pinned(check, bf_sv_from(input->value->text, 5))) {
            bf_check_report(check, BF_WARNING, &at, "code.mutable",
                            "the key has no hash and no version: new code under it would hit the "
                            "cache of the old");
        }
    }
}

/* ---- the other types ---- */

static size_t branch_size(const struct bf_step *step, const char *name)
{
    const struct bf_value *steps = bf_step_get(step, name);
    size_t count = 0;
    for (size_t i = 0; steps != NULL && steps->kind == BF_VALUE_MAP && i < steps->count; i++) {
        count += steps->pairs[i].value->kind == BF_VALUE_NULL ? 0 : 1;
    }
    bool unknown = steps != NULL && steps->kind != BF_VALUE_MAP;
    return unknown ? 1 : count;
}

static void check_condition_step(struct bf_check *check, const struct bf_spot *spot)
{
    if (branch_size(check->step, "then") == 0 && branch_size(check->step, "else") == 0) {
        bf_diag(check->diags, BF_ERROR, "condition.empty", spot->loc,
                "a condition needs a step in 'then' or in 'else'");
    }
}

static void check_emr(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot cluster = bf_spot_at(spot, "cluster");
    struct bf_spot config = bf_spot_at(spot, "cluster_config"), role = bf_spot_at(spot, "role");
    if (cluster.value == NULL && config.value == NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "an emr step needs 'cluster' or 'cluster_config'");
    } else if (cluster.value != NULL && config.value != NULL) {
        struct bf_diag *diag =
            bf_diag(check->diags, BF_ERROR, "spec.unknown_field", spot->loc,
                    "this emr step has 'cluster' and 'cluster_config': it takes one of them");
        bf_diag_hint(
            check->diags, diag,
            "'cluster' is the id of a running one, 'cluster_config' makes one for the step");
    }
    if (role.value != NULL && cluster.value == NULL && config.value != NULL) {
        bf_diag(check->diags, BF_ERROR, "step.not_for_type", role.loc,
                "'role' of an emr step goes with 'cluster' only");
    }
}

static void check_tuning(struct bf_check *check)
{
    static const char *const ours[] = {"sagemaker_program", "sagemaker_submit_directory"};
    const struct bf_value *fixed = bf_step_get(check->step, "hyperparameters");
    const struct bf_value *ranges = bf_step_get(check->step, "tune.ranges");
    if (bf_step_get(check->step, "code.entrypoint") == NULL) {
        return;
    }
    for (size_t i = 0; i < BF_COUNTOF(ours); i++) {
        const struct bf_pair *pair = bf_value_pair(fixed, bf_sv_of(ours[i]));
        if (pair == NULL || pair->value->kind == BF_VALUE_NULL) {
            pair = bf_value_pair(ranges, bf_sv_of(ours[i]));
        }
        if (pair != NULL && pair->value->kind != BF_VALUE_NULL) {
            bf_diag(check->diags, BF_ERROR, "tune.duplicate", pair->key_loc,
                    "'%s' is set by 'code.entrypoint'", ours[i]);
        }
    }
}

void bf_check_whole_step(struct bf_check *check, const struct bf_spot *spot)
{
    check_env(check, spot);
    if (on(check, JOBS | BF_ON(TRANSFORM))) {
        check_inputs(check, spot);
    }
    if (on(check, BF_ON(TRAINING) | BF_ON(TUNING))) {
        check_spot(check, spot);
    }
    check_cache(check, spot);
    if (check->kind == BF_STEP_CONDITION) {
        check_condition_step(check, spot);
    }
    if (check->kind == BF_STEP_EMR) {
        check_emr(check, spot);
    }
    if (check->kind == BF_STEP_TUNING) {
        check_tuning(check);
    }
}

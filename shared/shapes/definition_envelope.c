/* The frame of a step: what stands beside its arguments. */
#include <stdio.h>

#include "base/utf8.h"
#include "shapes/definition.h"

/* The service is lenient: "P30D", "30d", "T16m", "30dT5h" are all in its documentation. */
static const char duration[] =
    "(?i)(?=.*[0-9])P?(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?(\\d+H)?(\\d+S)?"
    "(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+S)?)?";

static void check_cache(struct definition *def, const struct def_step *s, const bf_json *cache)
{
    static const char *const members[] = {"Enabled", "ExpireAfter", NULL};
    const bf_json *enabled = bf_json_get(cache, "Enabled");
    const bf_json *expires = bf_json_get(cache, "ExpireAfter");
    struct bf_sv path = def_path(def, s->path, "CacheConfig");

    if (!s->type->cache) {
        (void)DEF_REPORT(def, "definition.step", cache, path, "a %s step has no cache",
                         s->type->name);
        return;
    }
    if (!def_only_members(def, cache, path, members)) {
        return;
    }
    if (enabled == NULL) {
        (void)DEF_REPORT(def, "shape.missing_member", cache, path,
                         "'Enabled' is missing in " BF_SV_FMT, BF_SV_ARG(path));
    } else if (bf_json_kind(enabled) != BF_JSON_BOOL) {
        def_report_kind(def, enabled, def_path(def, path, "Enabled"), "a boolean");
    }
    if (bf_is_expression(expires)) {
        def_report_kind(def, expires, def_path(def, path, "ExpireAfter"), "a literal text");
    } else {
        def_check_pattern(def, expires, def_path(def, path, "ExpireAfter"), duration,
                          "an ISO 8601 duration");
    }
}

static const struct {
    const char *name;
    const char *types; /* between blanks; NULL: every type with retry */
} errors[] = {
    {"Step.SERVICE_FAULT", NULL},
    {"Step.THROTTLING", NULL},
    {"SageMaker.JOB_INTERNAL_ERROR", " Processing Training Transform "},
    {"SageMaker.CAPACITY_ERROR", " Processing Training Tuning AutoML Transform Job "},
    {"SageMaker.RESOURCE_LIMIT", " Processing Training Tuning AutoML Transform Job "},
    {"Emr.RESOURCE_LIMIT", " EMR "},
};

static bool error_allowed(struct bf_sv name, const char *type)
{
    char word[80];

    for (size_t i = 0; i < BF_COUNTOF(errors); i++) {
        if (bf_sv_is(name, errors[i].name)) {
            (void)snprintf(word, sizeof(word), " %s ", type);
            return errors[i].types == NULL || strstr(errors[i].types, word) != NULL;
        }
    }
    return false;
}

/* Whether an item before ${item}, of its policy or one before it, is the same. */
static bool is_retried_before(const bf_json *policies, const bf_json *policy, const bf_json *item)
{
    for (const bf_json *p = bf_json_first(policies); p != NULL; p = bf_json_next(p)) {
        for (const bf_json *o = bf_json_first(bf_json_get(p, "ExceptionType"));
             o != NULL && o != item; o = bf_json_next(o)) {
            if (bf_json_equal(o, item)) {
                return true;
            }
        }
        if (p == policy) {
            return false;
        }
    }
    return false;
}

static void check_exceptions(struct definition *def, const struct def_step *s,
                             const bf_json *policies, const bf_json *policy, struct bf_sv path)
{
    const bf_json *list = bf_json_get(policy, "ExceptionType");
    size_t index = 0;

    path = def_path(def, path, "ExceptionType");
    if (bf_json_kind(list) != BF_JSON_ARRAY || bf_json_count(list) == 0) {
        (void)DEF_REPORT(def, "shape.type", list == NULL ? policy : list, path,
                         "ExceptionType must be an array with at least one exception");
        return;
    }
    for (const bf_json *e = bf_json_first(list); e != NULL; e = bf_json_next(e), index++) {
        struct bf_sv at = bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index);
        if (bf_json_kind(e) != BF_JSON_STRING || !error_allowed(bf_json_text(e), s->type->name)) {
            (void)DEF_REPORT(def, "shape.enum", e, at,
                             "'" BF_SV_FMT "' cannot be retried by a %s step",
                             BF_SV_ARG(bf_utf8_truncate(bf_json_text(e), 80)), s->type->name);
        }
        if (is_retried_before(policies, policy, e)) {
            (void)DEF_REPORT(def, "definition.step", e, at,
                             "'" BF_SV_FMT "' is there twice: one policy retries it",
                             BF_SV_ARG(bf_utf8_truncate(bf_json_text(e), 80)));
        }
    }
}

static void check_retry_number(struct definition *def, const bf_json *policy, struct bf_sv path,
                               const char *name, int64_t least, int64_t most)
{
    const bf_json *node = bf_json_get(policy, name);
    int64_t value = 0;

    if (node != NULL &&
        (bf_json_kind(node) != BF_JSON_NUMBER || !bf_json_i64(node, least, most, &value))) {
        (void)DEF_REPORT(def, "shape.range", node, def_path(def, path, name),
                         "%s must be a whole number of %lld to %lld, found %s", name,
                         (long long)least, (long long)most, bf_json_text_of(def->arena, node).ptr);
    }
}

static void check_policy(struct definition *def, const struct def_step *s, const bf_json *policies,
                         const bf_json *policy, struct bf_sv path)
{
    static const char *const members[] = {"ExceptionType", "IntervalSeconds", "BackoffRate",
                                          "MaxAttempts",   "ExpireAfterMin",  NULL};
    const bf_json *rate = bf_json_get(policy, "BackoffRate");

    if (!def_only_members(def, policy, path, members)) {
        return;
    }
    check_exceptions(def, s, policies, policy, path);
    check_retry_number(def, policy, path, "IntervalSeconds", 0, 43200);
    check_retry_number(def, policy, path, "MaxAttempts", 1, 20);
    check_retry_number(def, policy, path, "ExpireAfterMin", 1, 14400);
    if (rate != NULL && (bf_json_kind(rate) != BF_JSON_NUMBER || bf_json_number(rate) < 0)) {
        (void)DEF_REPORT(def, "shape.range", rate, def_path(def, path, "BackoffRate"),
                         "BackoffRate must be a number that is not negative, found %s",
                         bf_json_text_of(def->arena, rate).ptr);
    }
    if (bf_json_get(policy, "MaxAttempts") != NULL &&
        bf_json_get(policy, "ExpireAfterMin") != NULL) {
        (void)DEF_REPORT(def, "definition.step", policy, path,
                         "MaxAttempts and ExpireAfterMin exclude each other");
    }
}

static void check_retry(struct definition *def, const struct def_step *s, const bf_json *policies)
{
    struct bf_sv path = def_path(def, s->path, "RetryPolicies");
    size_t index = 0;

    if (!s->type->retry) {
        (void)DEF_REPORT(def, "definition.step", policies, path, "a %s step is not retried",
                         s->type->name);
        return;
    }
    if (!def_is_array(def, policies, path)) {
        return;
    }
    for (const bf_json *p = bf_json_first(policies); p != NULL; p = bf_json_next(p), index++) {
        check_policy(def, s, policies, p,
                     bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index));
    }
}

static bool has_output(const struct def_step *s, struct bf_sv name)
{
    const bf_json *outputs =
        bf_json_path(s->node, BF_SV("Arguments.ProcessingOutputConfig.Outputs"));

    for (const bf_json *o = bf_json_first(outputs); o != NULL; o = bf_json_next(o)) {
        if (bf_sv_eq(bf_json_str(o, "OutputName"), name)) {
            return true;
        }
    }
    return false;
}

static void check_property_file(struct definition *def, const struct def_step *s,
                                const bf_json *file, struct bf_sv path)
{
    static const char *const members[] = {"PropertyFileName", "OutputName", "FilePath", NULL};
    struct bf_sv output = bf_json_str(file, "OutputName");

    if (!def_only_members(def, file, path, members)) {
        return;
    }
    for (size_t i = 0; members[i] != NULL; i++) {
        const bf_json *member = bf_json_get(file, members[i]);
        if (member == NULL) {
            (void)DEF_REPORT(def, "shape.missing_member", file, path,
                             "'%s' is missing in " BF_SV_FMT, members[i], BF_SV_ARG(path));
        }
        def_check_plain_text(def, member, def_path(def, path, members[i]), 1, 1024);
    }
    if (output.len != 0 && !has_output(s, output)) {
        (void)DEF_REPORT(def, "definition.reference", bf_json_get(file, "OutputName"), path,
                         "the step has no output '" BF_SV_FMT "'", BF_SV_ARG(output));
    }
}

static void check_property_files(struct definition *def, const struct def_step *s,
                                 const bf_json *files)
{
    struct bf_sv path = def_path(def, s->path, "PropertyFiles");
    size_t index = 0;

    if (!def_is_array(def, files, path)) {
        return;
    }
    for (const bf_json *f = bf_json_first(files); f != NULL; f = bf_json_next(f), index++) {
        struct bf_sv at = bf_sv_printf(def->arena, BF_SV_FMT "[%zu]", BF_SV_ARG(path), index);
        struct bf_sv name = bf_json_str(f, "PropertyFileName");
        check_property_file(def, s, f, at);
        for (const bf_json *g = bf_json_first(files); g != f && name.len != 0;
             g = bf_json_next(g)) {
            if (bf_sv_eq(name, bf_json_str(g, "PropertyFileName"))) {
                (void)DEF_REPORT(def, "definition.step", f, at,
                                 "the property file '" BF_SV_FMT "' is there twice",
                                 BF_SV_ARG(name));
            }
        }
    }
}

/* The name of a step, alone or with how that step must have ended: {"Step", "Trigger"}. NULL:
 * reported. Source: sagemaker-mlops, workflow/step_dependency.py. */
static const bf_json *dependency(struct definition *def, const bf_json *item, struct bf_sv path)
{
    static const char *const members[] = {"Step", "Trigger", NULL};
    static const char *const triggers[] = {"Completed", "Failed", "Stopped", "Any", NULL};
    const bf_json *name = item;

    if (bf_json_kind(item) == BF_JSON_OBJECT) {
        const bf_json *trigger = bf_json_get(item, "Trigger");
        const char *const *word = triggers;
        name = bf_json_get(item, "Step");
        if (!def_only_members(def, item, path, members) ||
            !def_need_kind(def, trigger, item, def_path(def, path, "Trigger"), BF_JSON_STRING) ||
            !def_need_kind(def, name, item, def_path(def, path, "Step"), BF_JSON_STRING)) {
            return NULL;
        }
        while (*word != NULL && !bf_sv_is(bf_json_text(trigger), *word)) {
            word++;
        }
        if (*word == NULL) {
            (void)DEF_REPORT(def, "shape.enum", trigger, def_path(def, path, "Trigger"),
                             "Trigger is '" BF_SV_FMT "', allowed: Completed, Failed, Stopped, Any",
                             BF_SV_ARG(bf_utf8_truncate(bf_json_text(trigger), 60)));
        }
    } else if (bf_json_kind(item) != BF_JSON_STRING) {
        def_report_kind(def, item, path, "an array of step names");
        return NULL;
    }
    return name;
}

static void check_depends_on(struct definition *def, size_t at, const bf_json *list)
{
    struct bf_sv path = def_path(def, def->steps[at].path, "DependsOn");

    if (bf_json_kind(list) != BF_JSON_ARRAY) {
        def_report_kind(def, list, path, "an array of step names");
        return;
    }
    for (const bf_json *item = bf_json_first(list); item != NULL; item = bf_json_next(item)) {
        const bf_json *d = dependency(def, item, path);
        if (d == NULL) {
            continue;
        }
        int target = def_find(def, bf_json_text(d));
        if (target == NO_STEP) {
            def_report_reference(def, d, path,
                                 bf_sv_printf(def->arena, "there is no step '" BF_SV_FMT "'",
                                              BF_SV_ARG(bf_utf8_truncate(bf_json_text(d), 80))),
                                 def_nearest_step(def, bf_json_text(d)));
            continue;
        }
        def_need(def, at, target);
        if (def_is_in_body_of_another(def, (int)at, target)) {
            const struct def_step *each = &def->steps[def->steps[target].parent];
            def_report_reference(def, d, path,
                                 bf_sv_printf(def->arena,
                                              "the step '" BF_SV_FMT
                                              "' runs once per item: depend on '" BF_SV_FMT "'",
                                              BF_SV_ARG(bf_json_text(d)), BF_SV_ARG(each->name)),
                                 BF_SV(""));
        }
        if (def->steps[target].type != NULL && strcmp(def->steps[target].type->name, "Fail") == 0) {
            (void)DEF_REPORT(def, "definition.reference", d, path,
                             "no step may depend on the Fail step '" BF_SV_FMT "'",
                             BF_SV_ARG(bf_json_text(d)));
        }
    }
}

void def_check_envelope(struct definition *def, size_t at)
{
    static const char *const common[] = {"Name",        "Type",         "Arguments",
                                         "DependsOn",   "DisplayName",  "Description",
                                         "CacheConfig", "RetryPolicies"};
    const struct def_step *s = &def->steps[at];
    const char *allowed[BF_COUNTOF(common) + 12] = {NULL};
    size_t n = BF_COUNTOF(common);

    memcpy((void *)allowed, (const void *)common, sizeof(common));
    for (size_t i = 0; s->type->beside[i] != NULL; i++) {
        allowed[n++] = s->type->beside[i];
    }
    bool processing = strcmp(s->type->name, "Processing") == 0;
    if (processing) {
        allowed[n] = "PropertyFiles";
    }
    (void)def_only_members(def, s->node, s->path, allowed);
    def_check_plain_text(def, bf_json_get(s->node, "DisplayName"),
                         def_path(def, s->path, "DisplayName"), 0, 256);
    def_check_plain_text(def, bf_json_get(s->node, "Description"),
                         def_path(def, s->path, "Description"), 0, 3072);
    if (bf_json_get(s->node, "CacheConfig") != NULL) {
        check_cache(def, s, bf_json_get(s->node, "CacheConfig"));
    }
    if (bf_json_get(s->node, "RetryPolicies") != NULL) {
        check_retry(def, s, bf_json_get(s->node, "RetryPolicies"));
    }
    if (processing && bf_json_get(s->node, "PropertyFiles") != NULL) {
        check_property_files(def, s, bf_json_get(s->node, "PropertyFiles"));
    }
    if (bf_json_get(s->node, "DependsOn") != NULL) {
        check_depends_on(def, at, bf_json_get(s->node, "DependsOn"));
    }
}

/*
 * Steps that act on other steps: ForEach runs its body once per item, Cleanup deletes what steps
 * wrote. Source: sagemaker-python-sdk, sagemaker-mlops src/sagemaker/mlops/workflow (for_each_step,
 * cleanup_step).
 */
#include "base/utf8.h"
#include "shapes/definition.h"

enum { ITEMS_MAX = 100, CONCURRENCY_MAX = 50 };

static bool is_type(const struct def_step *s, const char *name)
{
    return s->type != NULL && strcmp(s->type->name, name) == 0;
}

int def_for_each_of(const struct definition *def, int step)
{
    int parent = step == NO_STEP ? NO_STEP : def->steps[step].parent;

    return parent != NO_STEP && is_type(&def->steps[parent], "ForEach") ? parent : NO_STEP;
}

bool def_is_in_body_of_another(const struct definition *def, int reader, int step)
{
    int each = def_for_each_of(def, step);

    return each != NO_STEP && def_for_each_of(def, reader) != each;
}

static void missing(struct definition *def, const bf_json *holder, struct bf_sv path,
                    const char *name)
{
    (void)DEF_REPORT(def, "shape.missing_member", holder, path, "'%s' is missing in " BF_SV_FMT,
                     name, BF_SV_ARG(path));
}

/* An array of ${least} to ${most} items; absent: reported at ${holder}. */
static bool check_list(struct definition *def, const bf_json *holder, const char *name,
                       struct bf_sv path, size_t most)
{
    const bf_json *list = bf_json_get(holder, name);
    struct bf_sv at = def_path(def, path, name);

    if (list == NULL) {
        missing(def, holder, path, name);
        return false;
    }
    if (!def_is_array(def, list, at)) {
        return false;
    }
    size_t count = bf_json_count(list);
    if (count == 0 || count > most) {
        (void)DEF_REPORT(def, "shape.length", list, at,
                         "'" BF_SV_FMT "' has %zu items, allowed are 1 to %zu", BF_SV_ARG(at),
                         count, most);
    }
    return true;
}

/* ---- ForEach ---- */

static void check_items(struct definition *def, const bf_json *arguments, struct bf_sv path)
{
    const bf_json *items = bf_json_get(arguments, "IterableItems");
    size_t index = 0;

    if (bf_is_expression(items) || !check_list(def, arguments, "IterableItems", path, ITEMS_MAX)) {
        return; /* an expression gives the text of a JSON array at the run */
    }
    for (const bf_json *x = bf_json_first(items); x != NULL; x = bf_json_next(x), index++) {
        def_check_scalar(
            def, x,
            bf_sv_printf(def->arena, BF_SV_FMT ".IterableItems[%zu]", BF_SV_ARG(path), index));
    }
}

/* The step of the body that has the name; NO_STEP: none. */
static int body_step(const struct definition *def, int each, struct bf_sv name)
{
    int found = def_find(def, name);

    return found != NO_STEP && def->steps[found].parent == each ? found : NO_STEP;
}

/* What a body step gives, "NAME.PATH"; ${what} is what the reader has written. */
static void check_output(struct definition *def, int each, struct bf_sv output, const bf_json *node,
                         struct bf_sv path, struct bf_sv what)
{
    struct bf_sv rest = output;
    struct bf_sv name = bf_sv_cut(&rest, '.');
    int step = body_step(def, each, name);
    struct bf_sv why = {0};
    struct bf_sv hint = {0};

    if (step == NO_STEP) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena,
                         "'" BF_SV_FMT "': the body of '" BF_SV_FMT "' has no step '" BF_SV_FMT "'",
                         BF_SV_ARG(what), BF_SV_ARG(def->steps[each].name), BF_SV_ARG(name)),
            BF_SV(""));
        return;
    }
    const struct def_step *s = &def->steps[step];
    struct bf_sv undeclared = def_undeclared_output(s, rest);
    if (s->type != NULL && !bf_property_check(def->arena, s->type, rest, &why, &hint)) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena,
                         "'" BF_SV_FMT "': no such property of the step '" BF_SV_FMT
                         "' (%s): " BF_SV_FMT,
                         BF_SV_ARG(what), BF_SV_ARG(name), s->type->name, BF_SV_ARG(why)),
            hint);
    } else if (undeclared.len != 0) {
        def_report_reference(def, node, path,
                             bf_sv_printf(def->arena,
                                          "'" BF_SV_FMT "': the step '" BF_SV_FMT
                                          "' declares no output '" BF_SV_FMT "'",
                                          BF_SV_ARG(what), BF_SV_ARG(name), BF_SV_ARG(undeclared)),
                             BF_SV(""));
    }
}

/* "IterationOutput.STEP.PATH", the text of a Get; empty: not one. */
static struct bf_sv selected_output(const bf_json *selector)
{
    struct bf_sv text = bf_json_str(bf_json_get(selector, "Field"), "Get");
    struct bf_sv prefix = BF_SV("IterationOutput.");

    return bf_sv_starts(text, prefix) ? bf_sv_from(text, prefix.len) : BF_SV("");
}

static void check_selector(struct definition *def, int each, const bf_json *selector,
                           struct bf_sv path)
{
    static const char *const members[] = {"Pick", "Field", NULL};
    const bf_json *pick = bf_json_get(selector, "Pick");
    const bf_json *field = bf_json_get(selector, "Field");

    if (!def_only_members(def, selector, path, members)) {
        return;
    }
    if (pick == NULL) {
        missing(def, selector, path, "Pick");
    } else if (!bf_sv_is(bf_json_text(pick), "MaxBy") && !bf_sv_is(bf_json_text(pick), "MinBy")) {
        (void)DEF_REPORT(def, "shape.enum", pick, def_path(def, path, "Pick"),
                         "Pick is '" BF_SV_FMT "', allowed: MaxBy, MinBy",
                         BF_SV_ARG(bf_utf8_truncate(bf_json_text(pick), 60)));
    }
    if (field == NULL) {
        missing(def, selector, path, "Field");
    } else if (!bf_is_expression(field) || selected_output(selector).len == 0) {
        def_report_reference(
            def, field, def_path(def, path, "Field"),
            BF_SV("Field is a Get of 'IterationOutput.STEP.PATH', of a step of the body"),
            BF_SV(""));
    } else {
        check_output(def, each, selected_output(selector), field, def_path(def, path, "Field"),
                     bf_json_str(field, "Get"));
    }
}

/* The runs of a body are steps as well, named STEP-0, STEP-1 ... */
static void check_run_names(struct definition *def, int step)
{
    struct bf_sv name = def->steps[step].name;

    for (size_t i = 0; i < def->step_count; i++) {
        struct bf_sv other = def->steps[i].name;
        int64_t number = 0;
        if (other.len > name.len + 1 && bf_sv_starts(other, name) && other.ptr[name.len] == '-' &&
            bf_sv_i64(bf_sv_from(other, name.len + 1), 0, INT64_MAX, &number)) {
            (void)DEF_REPORT(def, "definition.step", bf_json_get(def->steps[i].node, "Name"),
                             def->steps[i].path,
                             "'" BF_SV_FMT "' is the name of a run of '" BF_SV_FMT
                             "', which stands in the body of a ForEach step",
                             BF_SV_ARG(other), BF_SV_ARG(name));
        }
    }
}

static void check_body(struct definition *def, int each)
{
    static const char *const refused[] = {"Condition", "Fail", "ForEach"};

    for (size_t i = 0; i < def->step_count; i++) {
        const struct def_step *s = &def->steps[i];
        if (s->parent != each) {
            continue;
        }
        for (size_t k = 0; k < BF_COUNTOF(refused); k++) {
            if (is_type(s, refused[k])) {
                (void)DEF_REPORT(def, "definition.step", s->node, s->path,
                                 "a %s step cannot stand in the body of a ForEach step",
                                 refused[k]);
            }
        }
        if (s->name.len != 0) {
            check_run_names(def, (int)i);
        }
    }
}

void def_check_for_each(struct definition *def, const struct def_step *s, const bf_json *arguments,
                        struct bf_sv path)
{
    static const char *const members[] = {"IterableItems", "MaxConcurrency", "Selector",
                                          "ForEachBody", NULL};
    const bf_json *most = bf_json_get(arguments, "MaxConcurrency");
    const bf_json *selector = bf_json_get(arguments, "Selector");
    int each = (int)(s - def->steps);
    int64_t number = 0;

    (void)def_only_members(def, arguments, path, members);
    check_items(def, arguments, path);
    if (most == NULL) {
        missing(def, arguments, path, "MaxConcurrency");
    } else if (bf_json_kind(most) != BF_JSON_NUMBER ||
               !bf_json_i64(most, 1, CONCURRENCY_MAX, &number)) {
        (void)DEF_REPORT(def, "shape.range", most, def_path(def, path, "MaxConcurrency"),
                         "MaxConcurrency must be a whole number of 1 to %d, found %s",
                         CONCURRENCY_MAX, bf_json_text_of(def->arena, most).ptr);
    }
    (void)check_list(def, arguments, "ForEachBody", path, SIZE_MAX);
    check_body(def, each);
    if (selector != NULL) {
        check_selector(def, each, selector, def_path(def, path, "Selector"));
    }
}

/* A path behind a value: ".name", "[0]", "['name']", any number of them. */
static bool is_path(struct definition *def, struct bf_sv rest)
{
    static const char path[] = "(\\.[A-Za-z_][A-Za-z0-9_\\-]*|\\[\\d{1,6}\\]|\\['[^'\\]]*'\\])*";

    return bf_pattern_matches(def->shapes->patterns, path, rest);
}

void def_check_current_item(struct definition *def, int at, const bf_json *node, struct bf_sv path)
{
    struct bf_sv item = BF_SV("ForEach.CurrentItem");
    struct bf_sv text = bf_json_str(node, "Get");

    if (!bf_sv_starts(text, item) || !is_path(def, bf_sv_from(text, item.len))) {
        def_report_reference(
            def, node, path,
            bf_sv_printf(def->arena,
                         "'" BF_SV_FMT
                         "': of a ForEach there is 'ForEach.CurrentItem' and what lies in it",
                         BF_SV_ARG(bf_utf8_truncate(text, 80))),
            BF_SV(""));
    } else if (def_for_each_of(def, at) == NO_STEP) {
        def_report_reference(
            def, node, path,
            BF_SV("'ForEach.CurrentItem' stands only in the body of a ForEach step"), BF_SV(""));
    }
}

bool def_check_for_each_property(struct definition *def, int each, const bf_json *node,
                                 struct bf_sv path, struct bf_sv property)
{
    struct bf_sv rest = property;
    struct bf_sv first = bf_sv_cut(&rest, '.');
    const bf_json *selector = bf_json_path(def->steps[each].node, BF_SV("Arguments.Selector"));

    if (bf_sv_starts(first, BF_SV("IterationOutputs["))) {
        struct bf_sv number = bf_sv_from(first, strlen("IterationOutputs["));
        int64_t index = 0;
        if (!bf_sv_ends(number, BF_SV("]")) ||
            !bf_sv_i64(bf_sv_slice(number, 0, number.len - 1), 0, 1000000, &index)) {
            def_report_reference(def, node, path,
                                 BF_SV("the outputs of a run are 'IterationOutputs[0].STEP.PATH'"),
                                 BF_SV(""));
        } else {
            check_output(def, each, rest, node, path, property);
        }
        return true;
    }
    if (!bf_sv_is(first, "Selected")) {
        return false;
    }
    struct bf_sv field = selected_output(selector);
    if (selector == NULL) {
        def_report_reference(def, node, path,
                             bf_sv_printf(def->arena,
                                          "'" BF_SV_FMT "' has no Selector: nothing is selected",
                                          BF_SV_ARG(def->steps[each].name)),
                             BF_SV(""));
    } else if (field.len != 0) { /* else it is reported at the selector */
        struct bf_sv body = bf_sv_cut(&field, '.');
        check_output(
            def, each,
            bf_sv_printf(def->arena, BF_SV_FMT "." BF_SV_FMT, BF_SV_ARG(body), BF_SV_ARG(rest)),
            node, path, property);
    }
    return true;
}

/* ---- Cleanup ---- */

static void check_source(struct definition *def, size_t at, const bf_json *source,
                         struct bf_sv path)
{
    static const char *const members[] = {"StepName", "S3Uris", NULL};
    static const char object[] = "s3://[^/]+/.+";
    const bf_json *name = bf_json_get(source, "StepName");
    const bf_json *uris = bf_json_get(source, "S3Uris");
    size_t index = 0;

    if (!def_only_members(def, source, path, members) ||
        !def_need_kind(def, name, source, def_path(def, path, "StepName"), BF_JSON_STRING)) {
        return;
    }
    int target = def_find(def, bf_json_text(name));
    if (target == NO_STEP) {
        def_report_reference(def, name, def_path(def, path, "StepName"),
                             bf_sv_printf(def->arena, "there is no step '" BF_SV_FMT "'",
                                          BF_SV_ARG(bf_utf8_truncate(bf_json_text(name), 80))),
                             def_nearest_step(def, bf_json_text(name)));
        return;
    }
    def_need(def, at, target);
    const struct def_step *s = &def->steps[target];
    if (uris == NULL && (is_type(s, "Processing") || is_type(s, "Transform"))) {
        (void)DEF_REPORT(def, "shape.missing_member", source, path,
                         "'S3Uris' is missing in " BF_SV_FMT
                         ": what a %s step wrote is deleted by its exact places",
                         BF_SV_ARG(path), s->type->name);
    }
    if (uris == NULL || !check_list(def, source, "S3Uris", path, SIZE_MAX)) {
        return;
    }
    for (const bf_json *u = bf_json_first(uris); u != NULL; u = bf_json_next(u), index++) {
        def_check_pattern(
            def, u, bf_sv_printf(def->arena, BF_SV_FMT ".S3Uris[%zu]", BF_SV_ARG(path), index),
            object, "the place of an object");
    }
}

void def_check_cleanup(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path)
{
    static const char *const members[] = {"Resources", NULL};
    static const char *const kinds[] = {"S3", NULL};
    const bf_json *resources = bf_json_get(arguments, "Resources");
    struct bf_sv at = def_path(def, path, "Resources");
    size_t index = 0;

    (void)def_only_members(def, arguments, path, members);
    if (resources == NULL) {
        missing(def, arguments, path, "Resources");
        return;
    }
    if (!def_only_members(def, resources, at, kinds) ||
        !check_list(def, resources, "S3", at, SIZE_MAX)) {
        return;
    }
    for (const bf_json *x = bf_json_first(bf_json_get(resources, "S3")); x != NULL;
         x = bf_json_next(x), index++) {
        check_source(def, (size_t)(s - def->steps), x,
                     bf_sv_printf(def->arena, BF_SV_FMT ".S3[%zu]", BF_SV_ARG(at), index));
    }
}

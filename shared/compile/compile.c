#include "compile/compile.h"

#include "base/utf8.h"
#include "crypto/crypto.h"
#include "shapes/shapes.h"
#include "spec/field.h"

const struct bf_backend *bf_backend_find(struct bf_sv name)
{
    static const struct bf_backend *const backends[] = {&bf_backend_sagemaker};
    for (size_t i = 0; i < BF_COUNTOF(backends); i++) {
        if (bf_sv_is(name, backends[i]->name)) {
            return backends[i];
        }
    }
    return NULL;
}

struct bf_sv bf_definition_text(struct bf_arena *arena, const bf_json *definition)
{
    return bf_json_text_of(arena, definition);
}

struct bf_sv bf_definition_pretty(struct bf_arena *arena, const bf_json *definition)
{
    struct bf_buf buf = bf_buf_new(arena, 64 << 20);
    bf_json_print_pretty(&buf, definition);
    bf_buf_addc(&buf, '\n');
    return bf_buf_sv(&buf);
}

/* ---- from a place in the definition to one in the file ---- */

static const struct bf_step *nth_child(const struct bf_pipeline *pipeline,
                                       const struct bf_step *parent, enum bf_branch branch,
                                       int64_t index)
{
    for (size_t i = 0; i < pipeline->step_count; i++) {
        const struct bf_step *step = pipeline->steps[i];
        if (step->parent == parent && step->branch == branch && index-- == 0) {
            return step;
        }
    }
    return NULL;
}

/** Take "Steps[2].Arguments.IfSteps[0].Type" to the step and what is left, "Type". */
static const struct bf_step *step_of(const struct bf_pipeline *pipeline, struct bf_sv *path)
{
    static const struct {
        const char *prefix;
        enum bf_branch branch;
    } lists[] = {{"Steps[", BF_BRANCH_NONE},
                 {"Arguments.IfSteps[", BF_BRANCH_THEN},
                 {"Arguments.ElseSteps[", BF_BRANCH_ELSE}};
    const struct bf_step *found = NULL;
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < BF_COUNTOF(lists) && !more; i++) {
            struct bf_sv prefix = bf_sv_of(lists[i].prefix);
            int64_t index = 0;
            size_t end = bf_sv_find(*path, ']');
            const struct bf_step *next = NULL;
            if (bf_sv_starts(*path, prefix) &&
                bf_sv_i64(bf_sv_slice(*path, prefix.len, end), 0, INT32_MAX, &index)) {
                next = nth_child(pipeline, found, lists[i].branch, index);
            }
            if (next != NULL) {
                found = next;
                *path = bf_sv_from(*path, end + 2);
                more = true;
            }
        }
    }
    return found;
}

/** As deep into the step's raw parts as the path goes. */
static struct bf_loc raw_place(const struct bf_step *step, struct bf_sv path)
{
    const struct bf_value *at = step->own;
    struct bf_loc loc = step->loc;
    const struct bf_pair *pair =
        bf_value_pair(at, step->kind == BF_STEP_RAW ? BF_SV("sagemaker") : BF_SV("raw"));
    if (step->kind != BF_STEP_RAW && bf_sv_starts(path, BF_SV("Arguments."))) {
        (void)bf_sv_cut(&path, '.');
    }
    while (pair != NULL) {
        loc = pair->key_loc;
        struct bf_sv name = bf_sv_cut(&path, '.');
        at = pair->value;
        pair = bf_value_pair(at, bf_sv_slice(name, 0, bf_sv_find(name, '[')));
    }
    return loc;
}

static void report_finding(struct bf_diags *diags, const struct bf_pipeline *pipeline,
                           const struct bf_finding *finding)
{
    struct bf_sv path = finding->path;
    const struct bf_step *step = step_of(pipeline, &path);
    struct bf_loc loc = step == NULL ? pipeline->name_loc : raw_place(step, path);
    struct bf_sv where = finding->path;
    bool told = bf_sv_search(finding->message, where) < finding->message.len;
    /* Steps of our own making have been checked in the words of the file. */
    if (finding->warning && bf_sv_starts(bf_sv_of(finding->code), BF_SV("definition.")) &&
        (step == NULL || step->kind != BF_STEP_RAW)) {
        return;
    }
    struct bf_diag *diag =
        bf_diag(diags, finding->warning ? BF_WARNING : BF_ERROR, finding->code, loc,
                BF_SV_FMT "%s" BF_SV_FMT "%s", BF_SV_ARG(finding->message), told ? "" : " (at ",
                BF_SV_ARG(told ? BF_SV("") : where), told ? "" : ")");
    if (finding->hint.len > 0) {
        bf_diag_hint(diags, diag, BF_SV_FMT, BF_SV_ARG(finding->hint));
    }
}

static void check_size(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                       const bf_json *definition, struct bf_diags *diags)
{
    struct bf_sv text = bf_definition_text(arena, definition);
    size_t length = bf_utf8_count(text);
    struct bf_loc loc = {.file = pipeline->name_loc.file, .line = 1, .col = 1};
    if (length > BF_DEFINITION_MAX) {
        bf_diag(diags, BF_ERROR, "definition.size", loc,
                "the definition has %zu characters; SageMaker takes %d", length, BF_DEFINITION_MAX);
    } else if (text.len >= BF_DEFINITION_INLINE) {
        bf_diag(diags, BF_NOTE, "definition.size", loc,
                "the definition has %zu bytes: it is passed through S3", text.len);
    }
}

enum bf_code bf_compile(struct bf_arena *arena, const struct bf_backend *backend,
                        const struct bf_pipeline *pipeline, struct bf_diags *diags, bf_json **out)
{
    size_t before = bf_diags_count(diags, BF_ERROR);
    struct bf_findings findings = {0};
    bf_json *definition = backend->compile(arena, pipeline, diags);
    if (definition == NULL) {
        return BF_EINVALID;
    }
    bf_definition_check(bf_shapes_new(arena), definition, &findings);
    for (const struct bf_finding *finding = findings.first; finding != NULL;
         finding = finding->next) {
        report_finding(diags, pipeline, finding);
    }
    check_size(arena, pipeline, definition, diags);
    if (bf_diags_count(diags, BF_ERROR) > before) {
        return BF_EINVALID;
    }
    *out = definition;
    return BF_OK;
}

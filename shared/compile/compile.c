#include "compile/compile.h"

#include "compile/place.h"
#include "crypto/crypto.h"
#include "shapes/shapes.h"

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
    return bf_buf_sv(&buf);
}

/* ---- what the checker of definitions found, in the words of the file ---- */

/** Codes of definitions, as the language calls them. */
static const char *code_of(const char *code)
{
    static const char *const ours[][2] = {{"definition.reference", "reference.unknown"},
                                          {"definition.cycle", "reference.cycle"},
                                          {"definition.branch", "reference.branch"},
                                          {"definition.step", "shape.refused"},
                                          {"definition.parameter", "parameter.default"}};
    for (size_t i = 0; i < BF_COUNTOF(ours); i++) {
        if (bf_sv_is(bf_sv_of(code), ours[i][0])) {
            return ours[i][1];
        }
    }
    return code;
}

/**
 * In a pipeline with mistakes most findings follow from them. What does not: shapes of steps
 * without a mistake of their own, and of what is written in raw parts.
 */
static bool follows(const struct bf_finding *finding, const struct bf_file_place *place)
{
    struct bf_sv code = bf_sv_of(finding->code);
    bool shape = bf_sv_starts(code, BF_SV("shape.")), step = bf_sv_is(code, "definition.step");
    bool missing = bf_sv_is(code, "shape.missing_member");
    if (place->step == NULL || (!shape && !step)) {
        return true;
    }
    return place->step->wrong && (step || missing || !place->in_raw);
}

static void report_finding(struct bf_diags *diags, const struct bf_pipeline *pipeline,
                           const struct bf_finding *finding)
{
    struct bf_sv code = bf_sv_of(finding->code);
    bool key = bf_sv_is(code, "shape.unknown_member") || bf_sv_is(code, "shape.missing_member") ||
               bf_sv_is(code, "shape.refused");
    struct bf_file_place place = bf_definition_place(pipeline, finding->path, key);
    struct bf_sv where = finding->path;
    bool told = bf_sv_search(finding->message, where) < finding->message.len;
    /* The checks have warned of branches and counts already, in the words of the file; the size is
       told of the whole file (check_size). */
    if ((finding->warning && bf_sv_starts(code, BF_SV("definition."))) ||
        bf_sv_is(code, "definition.size") || (pipeline->wrong && follows(finding, &place))) {
        return;
    }
    struct bf_diag *diag =
        bf_diag(diags, finding->warning ? BF_WARNING : BF_ERROR, code_of(finding->code), place.loc,
                BF_SV_FMT "%s" BF_SV_FMT "%s", BF_SV_ARG(finding->message), told ? "" : " (at ",
                BF_SV_ARG(told ? BF_SV("") : where), told ? "" : ")");
    if (finding->hint.len > 0) {
        bf_diag_hint(diags, diag, BF_SV_FMT, BF_SV_ARG(finding->hint));
    }
}

static void check_size(const struct bf_pipeline *pipeline, struct bf_json_length length,
                       struct bf_diags *diags)
{
    struct bf_loc loc = {.file = pipeline->name_loc.file, .line = 1, .col = 1};
    if (length.characters > BF_DEFINITION_MAX) {
        bf_diag(diags, BF_ERROR, "definition.size", loc,
                "the definition has %zu characters; SageMaker takes %d", length.characters,
                BF_DEFINITION_MAX);
    } else if (length.bytes >= BF_DEFINITION_INLINE) {
        bf_diag(diags, BF_NOTE, "definition.size", loc,
                "the definition has %zu bytes: it is passed through S3", length.bytes);
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
    if (pipeline->wrong) {
        return BF_EINVALID;
    }
    check_size(pipeline, findings.length, diags);
    if (bf_diags_count(diags, BF_ERROR) > before) {
        return BF_EINVALID;
    }
    *out = definition;
    return BF_OK;
}

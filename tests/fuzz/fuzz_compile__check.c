/* Any text is either mistakes with their places, or a pipeline whose definition is valid JSON, the
 * same each time. */
#include <stdint.h>
#include <stdlib.h>

#include "compile/compile.h"
#include "spec/spec.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

struct run {
    struct bf_arena *arena;
    struct bf_diags *diags;
    struct bf_buf out; /* the definitions, then everything that is printed */
};

/* Every source is there: a file x.json, else a directory with a main.py. */
static enum bf_code list(void *context, struct bf_source *source, struct bf_err *err)
{
    struct bf_source_file *file = BF_NEW(((struct run *)context)->arena, struct bf_source_file);
    (void)err;
    *file = (struct bf_source_file){.path = BF_SV("main.py"),
                                    .sha256 = BF_SV("e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
                                                    "649b934ca495991b7852b855")};
    source->listing = (struct bf_source_listing){
        .state = bf_sv_ends(source->path, BF_SV(".json")) ? BF_SOURCE_FILE : BF_SOURCE_DIR,
        .files = file,
        .count = 1};
    return BF_OK;
}

static void compile(void *context, const struct bf_pipeline *pipeline)
{
    struct run *run = context;
    bf_json *definition = NULL, *again = NULL;
    struct bf_err err = {0};
    if (bf_compile(run->arena, &bf_backend_sagemaker, pipeline, run->diags, &definition) != BF_OK) {
        return;
    }
    require(!pipeline->wrong);
    struct bf_sv text = bf_definition_text(run->arena, definition);
    require(bf_json_parse(run->arena, text, "definition", &again, &err) == BF_OK);
    bf_buf_add(&run->out, text);
}

static struct bf_sv run(struct bf_arena *arena, struct bf_sv text)
{
    struct run run = {
        .arena = arena, .diags = bf_diags_new(arena), .out = bf_buf_new(arena, (size_t)64 << 20U)};
    struct bf_spec spec = {0};
    struct bf_variables variables = {0};
    struct bf_err err = {0};
    struct bf_spec_options options = {.file = {.name = "f.yaml", .text = text},
                                      .variables = &variables,
                                      .now = 1772323200,
                                      .has_now = true,
                                      .keep = true,
                                      .context = &run,
                                      .list = list,
                                      .visit = compile};
    enum bf_code loaded = bf_spec_load(arena, &options, run.diags, &spec, &err);
    require((loaded == BF_OK) == (bf_diags_count(run.diags, BF_ERROR) == 0));
    require(spec.pipeline == NULL || spec.pipeline->wrong == (loaded != BF_OK));
    bf_diags_print_text(run.diags, &run.out, false);
    return bf_buf_sv(&run.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)1 << 30U);
    struct bf_sv text = {(const char *)data, size};
    struct bf_sv first = run(arena, text);

    require(bf_sv_eq(first, run(arena, text)));
    bf_arena_destroy(&arena);
    return 0;
}

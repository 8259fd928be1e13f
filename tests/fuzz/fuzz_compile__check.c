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

/* Every source is there: a file x.json, else a directory with a main.py. */
static void find_sources(struct bf_arena *arena, const struct bf_spec *spec)
{
    for (size_t i = 0; i < spec->source_count; i++) {
        struct bf_source *source = spec->sources[i];
        struct bf_source_file *file = BF_NEW(arena, struct bf_source_file);
        *file = (struct bf_source_file){.path = BF_SV("main.py"),
                                        .sha256 = BF_SV("e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
                                                        "649b934ca495991b7852b855")};
        source->listing = (struct bf_source_listing){
            .state = bf_sv_ends(source->path, BF_SV(".json")) ? BF_SOURCE_FILE : BF_SOURCE_DIR,
            .files = file,
            .count = 1};
    }
}

static void compile_all(struct bf_arena *arena, const struct bf_spec *spec, struct bf_diags *diags,
                        struct bf_buf *out)
{
    for (size_t i = 0; i < spec->count; i++) {
        bf_json *definition = NULL, *again = NULL;
        struct bf_err err = {0};
        if (bf_compile(arena, &bf_backend_sagemaker, spec->all[i], diags, &definition) != BF_OK) {
            continue;
        }
        struct bf_sv text = bf_definition_text(arena, definition);
        require(bf_json_parse(arena, text, "definition", &again, &err) == BF_OK);
        bf_buf_add(out, text);
    }
}

/** Everything that is printed, and the definitions. */
static struct bf_sv run(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_buf out = bf_buf_new(arena, (size_t)64 << 20U);
    struct bf_spec spec = {0};
    struct bf_variables variables = {0};
    struct bf_spec_options options = {.file = {.name = "f.yaml", .text = text},
                                      .variables = &variables,
                                      .now = 1772323200,
                                      .has_now = true};
    enum bf_code loaded = bf_spec_load(arena, &options, diags, &spec);
    require((loaded == BF_OK) == (bf_diags_count(diags, BF_ERROR) == 0));
    find_sources(arena, &spec);
    enum bf_code found = bf_spec_check_sources(arena, &spec, diags);
    compile_all(arena, &spec, diags, &out);
    require((loaded == BF_OK && found == BF_OK) || out.len == 0);
    bf_diags_print_text(diags, &out, false);
    return bf_buf_sv(&out);
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

#include "cli/load_spec.h"

#include <time.h>

#include "cli/arguments.h"
#include "cli/disk.h"
#include "cli/variables.h"
#include "compile/compile.h"
#include "time/instant.h"

static enum bf_code read_text(struct bf_arena *arena, const char *file, struct bf_text *text,
                              struct bf_err *err)
{
    text->name = file;
    /* More than allowed, so that the loader says what is wrong, and where. */
    return bf_read_file(arena, file, (size_t)BF_YAML_MAX_BYTES * 16, &text->text, err);
}

static enum bf_code read_now(const struct bf_spec_request *request, struct bf_spec_options *options,
                             struct bf_err *err)
{
    options->has_now = request->fires;
    if (!request->fires) {
        return BF_OK;
    }
    if (request->now != NULL) {
        if (bf_instant_parse(bf_sv_of(request->now), &options->now, err) != BF_OK) {
            return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                              "--now is an instant such as 2026-03-01T00:00:00Z, not '%s'",
                              request->now);
        }
        return BF_OK;
    }
    options->now = (int64_t)time(NULL);
    return BF_OK;
}

enum { SCRATCH_MAX = 1 << 30 };

/** What the loader's two questions need. */
struct caller {
    struct bf_arena *arena;
    struct bf_diags *diags;
};

static enum bf_code list(void *context, struct bf_source *source, struct bf_err *err)
{
    return bf_disk_list(((struct caller *)context)->arena, source, err);
}

static void try_compile(void *context, const struct bf_pipeline *pipeline)
{
    bf_json *definition = NULL;
    struct bf_arena *scratch = bf_arena_new(SCRATCH_MAX); /* one definition at a time */
    (void)!bf_compile(scratch, &bf_backend_sagemaker, pipeline, ((struct caller *)context)->diags,
                      &definition);
    bf_arena_destroy(&scratch);
}

enum bf_code bf_load_spec(struct bf_arena *arena, const struct bf_spec_request *request,
                          struct bf_diags *diags, struct bf_spec *out, struct bf_err *err)
{
    struct bf_text platform = {0};
    struct bf_variables variables = bf_process_variables(arena);
    struct caller caller = {.arena = arena, .diags = diags};
    struct bf_spec_options options = {.environment = bf_sv_of(request->environment),
                                      .rule = request->rule,
                                      .variables = &variables,
                                      .must_build = request->must_build,
                                      .context = &caller,
                                      .list = list,
                                      .keep = !request->try_all,
                                      .visit = request->try_all ? try_compile : NULL};
    *out = (struct bf_spec){0};
    BF_TRY(read_text(arena, request->file, &options.file, err));
    if (request->platform != NULL) {
        BF_TRY(read_text(arena, request->platform, &platform, err));
        options.platform = &platform;
    }
    BF_TRY(read_now(request, &options, err));
    return bf_spec_load(arena, &options, diags, out, err);
}

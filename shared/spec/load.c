#include "spec/load.h"

/* From texts to checked pipelines: layers, environments, and one pipeline for each of them. */

enum { SCRATCH_MAX = 1 << 28, ENVIRONMENT_MAX = 1 << 29 };

/* ---- the layers as they are written ---- */

static void check_platform(struct bf_loader *loader)
{
    const struct bf_value *platform = loader->spec->files.platform;
    for (size_t i = 0; platform != NULL && i < platform->count; i++) {
        const struct bf_pair *pair = &platform->pairs[i];
        const struct bf_field *field = bf_field_find(bf_fields_top, pair->key, BF_STEP_KINDS);
        if (field != NULL && (field->flags & BF_PLATFORM) == 0) {
            bf_diag(loader->diags, BF_ERROR, "platform.not_allowed", pair->key_loc,
                    "'" BF_SV_FMT
                    "' cannot stand in a platform file; allowed are: storage role "
                    "network tags common mlflow defaults alerts calendar variables environments",
                    BF_SV_ARG(pair->key));
        }
    }
}

static void check_overlay(struct bf_loader *loader, const struct bf_environment *environment)
{
    for (size_t i = 0; i < environment->overlay->count; i++) {
        const struct bf_pair *pair = &environment->overlay->pairs[i];
        const struct bf_field *field = bf_field_find(bf_fields_top, pair->key, BF_STEP_KINDS);
        bool platform_only =
            environment->platform && field != NULL && (field->flags & BF_PLATFORM) == 0;
        if (field != NULL && (field->flags & BF_BASE_ONLY) != 0) {
            bf_diag(loader->diags, BF_ERROR, "environment.not_allowed", pair->key_loc,
                    "'" BF_SV_FMT "' cannot differ between environments", BF_SV_ARG(pair->key));
        } else if (platform_only) {
            bf_diag(loader->diags, BF_ERROR, "platform.not_allowed", pair->key_loc,
                    "'" BF_SV_FMT "' cannot stand in a platform file", BF_SV_ARG(pair->key));
        }
    }
}

/* ---- one environment ---- */

static struct bf_sv text_at(const struct bf_value *map, const char *key, struct bf_loc *loc)
{
    const struct bf_value *value = bf_object_get(map, key, NULL);
    if (value != NULL && loc != NULL) {
        *loc = value->loc;
    }
    bool text = value != NULL && value->kind == BF_VALUE_STRING;
    return text ? value->text : (struct bf_sv){0};
}

static void read_top(struct bf_pipeline *pipeline, const struct bf_value *root)
{
    const struct bf_value *storage = bf_object_get(root, "storage", NULL);
    const struct bf_value *parallel = bf_object_get(root, "max_parallel_steps", NULL);
    const struct bf_value *tags = bf_object_get(root, "tags", NULL);
    pipeline->root = root;
    pipeline->name = text_at(root, "name", &pipeline->name_loc);
    pipeline->project = text_at(root, "project", NULL);
    pipeline->description = text_at(root, "description", NULL);
    pipeline->role = text_at(root, "role", NULL);
    pipeline->on_delete = text_at(root, "on_delete", NULL);
    pipeline->bucket = text_at(storage, "bucket", NULL);
    pipeline->prefix = text_at(storage, "prefix", NULL);
    pipeline->kms_key = text_at(storage, "kms_key", NULL);
    pipeline->tags = tags != NULL && tags->kind == BF_VALUE_MAP ? tags : NULL;
    if (pipeline->on_delete.len == 0) {
        pipeline->on_delete = BF_SV("keep");
    }
    if (parallel != NULL && parallel->kind == BF_VALUE_INT && !parallel->wide) {
        pipeline->max_parallel_steps = parallel->integer;
    }
}

static size_t entries(const struct bf_value *root, const char *key)
{
    const struct bf_value *map = bf_object_get(root, key, NULL);
    return map != NULL && map->kind == BF_VALUE_MAP ? map->count : 0;
}

static size_t written_entries(const struct bf_value *map)
{
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        count += map->pairs[i].value->kind == BF_VALUE_NULL ? 0 : 1;
    }
    return count;
}

/** An environment under check. */
struct layer {
    struct bf_sv environment; /* empty: the base */
    bool chosen, kept;
    struct bf_arena *arena; /* ends with it, unless it is kept */
};

static struct bf_pipeline *build(struct bf_loader *loader, const struct layer *layer,
                                 const struct bf_value *root)
{
    struct bf_pipeline *pipeline = BF_NEW(layer->arena, struct bf_pipeline);
    struct bf_arena *scratch = bf_arena_new(SCRATCH_MAX);
    struct bf_check check = {.arena = layer->arena,
                             .lasting = loader->arena,
                             .scratch = scratch,
                             .diags = loader->diags,
                             .options = loader->options,
                             .pipeline = pipeline,
                             .stack = layer->chosen ? loader->options->stack : NULL,
                             .sources = &loader->sources,
                             .patterns = loader->patterns,
                             .kind = BF_STEP_KINDS,
                             .blind = bf_value_holds_error(root)};
    struct bf_spot spot = {.value = root, .own = root, .loc = bf_file_top(&loader->options->file)};
    pipeline->environment = layer->environment;
    read_top(pipeline, root);
    pipeline->schedules =
        BF_NEW_N(layer->arena, struct bf_schedule, entries(root, "schedules") + 1);
    pipeline->triggers = BF_NEW_N(layer->arena, struct bf_trigger, entries(root, "triggers") + 1);
    bf_collect_parameters(&check, root);
    struct bf_spot steps = bf_spot_at(&spot, "steps");
    if (steps.value != NULL) {
        bf_collect_steps(&check, &steps, NULL, BF_BRANCH_NONE);
        if (steps.value->kind == BF_VALUE_MAP && written_entries(steps.value) == 0) {
            bf_diag(loader->diags, BF_ERROR, "spec.length", steps.loc,
                    "'steps' needs at least one step");
        }
    }
    bf_index_steps(&check);
    bf_read_calendar(&check, root);
    bf_read_alerts(&check, root);
    bf_check_fields(&check, bf_fields_top, &spot, "a pipeline file");
    bf_check_steps(&check);
    bf_check_graph(&check);
    pipeline->needs = check.needs;
    pipeline->need_count = check.need_count;
    bf_tally_parameters(loader, &check);
    bf_arena_destroy(&scratch);
    return pipeline;
}

static enum bf_code check_layer(struct bf_loader *loader, const struct layer *layer,
                                struct bf_err *err)
{
    const struct bf_spec_options *options = loader->options;
    struct bf_spec *spec = loader->spec;
    struct bf_document *document =
        bf_document_compose(layer->arena, &spec->files, layer->environment);
    bool template = layer->environment.len == 0 && bf_document_has_missing(document) &&
                    spec->files.environment_count > 0;
    const struct bf_value *root = NULL;
    size_t before = bf_diags_count(loader->diags, BF_ERROR);
    if (template && !(layer->chosen && options->must_build)) {
        return BF_OK; /* checked with its environments */
    }
    struct bf_checked *checked = &loader->checked[loader->checked_count++];
    enum bf_code code = bf_document_resolve(document, options->variables, loader->diags, &root);
    checked->environment = layer->environment;
    if (root == NULL || (code != BF_OK && code != BF_EINVALID)) {
        return BF_OK; /* which was reported */
    }
    bf_tally_variables(loader, document, root);
    struct bf_pipeline *pipeline = build(loader, layer, root);
    checked->pipeline = bf_sv_dup(loader->arena, pipeline->name);
    BF_TRY(bf_sources_look(loader, err));
    bf_sources_check(loader, layer->arena, pipeline);
    pipeline->wrong = bf_diags_count(loader->diags, BF_ERROR) > before;
    if (options->visit != NULL) {
        options->visit(options->context, pipeline);
    }
    spec->pipeline = layer->kept ? pipeline : spec->pipeline;
    return BF_OK;
}

/*
 * One after the other: of an environment that is not kept nothing stays but what was reported and
 * counted, so that their number costs no memory.
 */
static enum bf_code check_environment(struct bf_loader *loader, struct bf_sv environment,
                                      bool chosen, struct bf_err *err)
{
    bool kept = chosen && loader->options->keep;
    struct layer layer = {.environment = environment,
                          .chosen = chosen,
                          .kept = kept,
                          .arena = kept ? loader->arena : bf_arena_new(ENVIRONMENT_MAX)};
    bf_diags_set_variant(loader->diags, (int)loader->checked_count);
    enum bf_code code = check_layer(loader, &layer, err);
    bf_diags_set_variant(loader->diags, -1);
    if (!kept) {
        bf_arena_destroy(&layer.arena);
    }
    return code;
}

static enum bf_code check_all(struct bf_loader *loader, struct bf_err *err)
{
    const struct bf_sources *files = &loader->spec->files;
    struct bf_sv chosen = bf_environment_choose(loader);
    BF_TRY(check_environment(loader, (struct bf_sv){0}, chosen.len == 0, err));
    for (size_t i = 0; i < files->environment_count; i++) {
        const struct bf_environment *environment = &files->environments[i];
        check_overlay(loader, environment);
        if (bf_environment_is_first(files, i)) {
            BF_TRY(check_environment(loader, environment->name, bf_sv_eq(environment->name, chosen),
                                     err));
        }
    }
    bf_tally_report(loader);
    bf_environment_same_name(loader);
    bf_environment_notes(loader);
    return BF_OK;
}

enum bf_code bf_spec_load(struct bf_arena *arena, const struct bf_spec_options *options,
                          struct bf_diags *diags, struct bf_spec *out, struct bf_err *err)
{
    *out = (struct bf_spec){0};
    struct bf_loader loader = {.arena = arena,
                               .options = options,
                               .diags = diags,
                               .spec = out,
                               .patterns = bf_patterns_new(arena)};
    size_t before = bf_diags_count(diags, BF_ERROR);
    BF_TRY(bf_sources_load(arena, options->platform, &options->file, diags, &out->files));
    check_platform(&loader);
    BF_TRY(check_all(&loader, err));
    out->sources = loader.sources.items;
    out->source_count = loader.sources.count;
    bool wrong = bf_diags_count(diags, BF_ERROR) > before;
    if (out->pipeline != NULL) {
        out->pipeline->wrong = wrong;
    }
    return wrong ? BF_EINVALID : BF_OK;
}

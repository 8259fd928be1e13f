#include <string.h>

#include "base/utf8.h"
#include "spec/check.h"

/* From texts to checked pipelines: layers, environments, and one pipeline for each of them. */

enum { SCRATCH_MAX = 1 << 28 };

/** Something that counts as unused only when every environment says so. */
struct tally {
    struct bf_sv name;
    struct bf_loc loc;
    uint32_t seen, unused;
    uint32_t next; /* position + 1 of the same name elsewhere (in an overlay); 0: none */
};

struct tallies {
    struct tally *items;
    size_t count, cap;
    struct bf_index index;
};

struct loader {
    struct bf_arena *arena;
    const struct bf_spec_options *options;
    struct bf_diags *diags;
    struct bf_spec *spec;
    struct bf_source_set sources;
    struct bf_pattern **patterns;
    struct tallies variables, parameters;
    size_t all_cap;
};

static struct bf_loc top_of(const struct bf_text *text)
{
    return (struct bf_loc){.file = text->name, .line = 1, .col = 1};
}

/* ---- the layers as they are written ---- */

static void check_platform(struct loader *loader)
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

static void check_overlay(struct loader *loader, const struct bf_environment *environment)
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

/* ---- tallies ---- */

static struct tally *tally_at(struct loader *loader, struct tallies *tallies, struct bf_sv name,
                              struct bf_loc loc)
{
    size_t at = bf_index_find(loader->arena, &tallies->index, tallies->items,
                              sizeof *tallies->items, tallies->count, name);
    size_t last = BF_INDEX_NONE;
    while (at != BF_INDEX_NONE) {
        const struct tally *tally = &tallies->items[at];
        if (tally->loc.line == loc.line && tally->loc.col == loc.col &&
            tally->loc.file == loc.file) {
            return &tallies->items[at];
        }
        last = at;
        at = tally->next == 0 ? BF_INDEX_NONE : tally->next - 1;
    }
    tallies->items = bf_arena_grow(loader->arena, tallies->items, tallies->count, &tallies->cap,
                                   sizeof *tallies->items);
    struct tally *tally = &tallies->items[tallies->count++];
    *tally = (struct tally){.name = name, .loc = loc};
    if (last != BF_INDEX_NONE) {
        tallies->items[last].next = (uint32_t)tallies->count;
    }
    return tally;
}

static void tally_variables(struct loader *loader, const struct bf_document *document,
                            const struct bf_value *root)
{
    const struct bf_unused *unused = NULL;
    size_t count = bf_document_unused_variables(document, &unused);
    for (size_t i = 0; i < count; i++) {
        tally_at(loader, &loader->variables, unused[i].name, unused[i].key_loc)->unused++;
    }
    const struct bf_value *variables = bf_object_get(root, "variables", NULL);
    for (size_t i = 0; variables != NULL && variables->kind == BF_VALUE_MAP && i < variables->count;
         i++) {
        const struct bf_pair *pair = &variables->pairs[i];
        tally_at(loader, &loader->variables, pair->key, pair->key_loc)->seen++;
    }
}

static void tally_parameters(struct loader *loader, const struct bf_check *check)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct bf_parameter *parameter = &pipeline->parameters[i];
        struct tally *tally =
            tally_at(loader, &loader->parameters, parameter->name, parameter->loc);
        tally->seen++;
        tally->unused += check->parameter_used[i] || check->blind ? 0 : 1;
    }
}

static void report_unused(struct loader *loader)
{
    for (size_t i = 0; i < loader->variables.count; i++) {
        const struct tally *tally = &loader->variables.items[i];
        if (tally->seen > 0 && tally->seen == tally->unused) {
            bf_diag(loader->diags, BF_NOTE, "variables.unused", tally->loc,
                    "nothing reads the variable '" BF_SV_FMT "'", BF_SV_ARG(tally->name));
        }
    }
    for (size_t i = 0; i < loader->parameters.count; i++) {
        const struct tally *tally = &loader->parameters.items[i];
        if (tally->seen > 0 && tally->seen == tally->unused) {
            bf_diag(loader->diags, BF_WARNING, "parameter.unused", tally->loc,
                    "nothing uses the parameter '" BF_SV_FMT "'", BF_SV_ARG(tally->name));
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

static struct bf_pipeline *build(struct loader *loader, struct bf_sv environment,
                                 const struct bf_value *root, bool chosen)
{
    struct bf_pipeline *pipeline = BF_NEW(loader->arena, struct bf_pipeline);
    struct bf_arena *scratch = bf_arena_new(SCRATCH_MAX);
    struct bf_check check = {.arena = loader->arena,
                             .scratch = scratch,
                             .diags = loader->diags,
                             .options = loader->options,
                             .pipeline = pipeline,
                             .stack = chosen ? loader->options->stack : NULL,
                             .sources = &loader->sources,
                             .patterns = loader->patterns,
                             .kind = BF_STEP_KINDS,
                             .blind = bf_value_holds_error(root)};
    struct bf_spot spot = {.value = root, .own = root, .loc = top_of(&loader->options->file)};
    pipeline->environment = environment;
    read_top(pipeline, root);
    pipeline->schedules =
        BF_NEW_N(loader->arena, struct bf_schedule, entries(root, "schedules") + 1);
    pipeline->triggers = BF_NEW_N(loader->arena, struct bf_trigger, entries(root, "triggers") + 1);
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
    tally_parameters(loader, &check);
    bf_arena_destroy(&scratch);
    return pipeline;
}

static void check_environment(struct loader *loader, struct bf_sv environment, bool chosen)
{
    struct bf_document *document =
        bf_document_compose(loader->arena, &loader->spec->files, environment);
    bool template = environment.len == 0 && bf_document_has_missing(document) &&
                    loader->spec->files.environment_count > 0;
    const struct bf_value *root = NULL;
    if (template && !(chosen && loader->options->must_build)) {
        return; /* checked with its environments */
    }
    enum bf_code code =
        bf_document_resolve(document, loader->options->variables, loader->diags, &root);
    if (root == NULL || (code != BF_OK && code != BF_EINVALID)) {
        return;
    }
    tally_variables(loader, document, root);
    struct bf_spec *spec = loader->spec;
    struct bf_pipeline *pipeline = build(loader, environment, root, chosen);
    spec->all =
        bf_arena_grow(loader->arena, spec->all, spec->count, &loader->all_cap, sizeof(void *));
    spec->all[spec->count++] = pipeline;
    spec->pipeline = chosen ? pipeline : spec->pipeline;
}

/* ---- all of them ---- */

static bool is_first(const struct bf_sources *files, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (bf_sv_eq(files->environments[i].name, files->environments[at].name)) {
            return false;
        }
    }
    return true;
}

/** Where the pipeline file declares ${name}; NULL: only the platform file does. */
static const struct bf_environment *declared_here(const struct bf_sources *files, struct bf_sv name)
{
    for (size_t i = 0; i < files->environment_count; i++) {
        const struct bf_environment *environment = &files->environments[i];
        if (!environment->platform && bf_sv_eq(environment->name, name)) {
            return environment;
        }
    }
    return NULL;
}

/* What only the platform file declares are stacks, mostly of other accounts: no warning. */
static void warn_same_name(struct loader *loader)
{
    const struct bf_spec *spec = loader->spec;
    for (size_t i = 0; i < spec->count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct bf_pipeline *a = spec->all[j], *b = spec->all[i];
            if (b->name.len == 0 || !bf_sv_eq(a->name, b->name)) {
                continue;
            }
            const struct bf_environment *one = declared_here(&spec->files, a->environment);
            const struct bf_environment *other = declared_here(&spec->files, b->environment);
            if (one == NULL || other == NULL) {
                continue;
            }
            bool last = one > other; /* in the order of the file */
            const struct bf_environment *first = last ? other : one, *later = last ? one : other;
            bf_diag(loader->diags, BF_WARNING, "environment.same_name", later->key_loc,
                    "environments '" BF_SV_FMT "' and '" BF_SV_FMT
                    "' name the same pipeline '" BF_SV_FMT "'",
                    BF_SV_ARG(first->name), BF_SV_ARG(later->name), BF_SV_ARG(b->name));
            break;
        }
    }
}

static struct bf_sv declared(struct bf_arena *arena, const struct bf_sources *files)
{
    struct bf_buf all = bf_buf_new(arena, 1000);
    for (size_t i = 0; i < files->environment_count; i++) {
        if (is_first(files, i)) {
            bf_buf_printf(&all, "%s" BF_SV_FMT, all.len == 0 ? "" : ", ",
                          BF_SV_ARG(files->environments[i].name));
        }
    }
    return bf_buf_sv(&all);
}

static void unknown_environment(struct loader *loader)
{
    const struct bf_sources *files = &loader->spec->files;
    struct bf_sv name = loader->options->environment;
    struct bf_sv *names = BF_NEW_N(loader->arena, struct bf_sv, files->environment_count + 1);
    for (size_t i = 0; i < files->environment_count; i++) {
        names[i] = files->environments[i].name;
    }
    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "environment.unknown", top_of(&loader->options->file),
                "the file declares no environment '" BF_SV_FMT "'", BF_SV_ARG(name));
    struct bf_sv nearest = bf_nearest(name, names, files->environment_count);
    if (nearest.len > 0) {
        bf_diag_hint(loader->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    } else if (files->environment_count > 0) {
        bf_diag_hint(loader->diags, diag, "declared are: " BF_SV_FMT,
                     BF_SV_ARG(declared(loader->arena, files)));
    }
}

/** The environment whose layers count: empty for the base. */
static struct bf_sv choose(struct loader *loader)
{
    const struct bf_spec_options *options = loader->options;
    if (options->environment.len == 0 ||
        bf_sources_declare(&loader->spec->files, options->environment)) {
        return options->environment;
    }
    if (options->rule == BF_ENVIRONMENT_STACK) {
        bf_diag(loader->diags, BF_NOTE, "environment.base", top_of(&options->file),
                "the file does not declare the environment '" BF_SV_FMT "': its base is taken",
                BF_SV_ARG(options->environment));
    } else {
        unknown_environment(loader);
    }
    return (struct bf_sv){0};
}

enum bf_code bf_spec_load(struct bf_arena *arena, const struct bf_spec_options *options,
                          struct bf_diags *diags, struct bf_spec *out)
{
    *out = (struct bf_spec){0};
    struct loader loader = {.arena = arena,
                            .options = options,
                            .diags = diags,
                            .spec = out,
                            .patterns = BF_NEW_N(arena, struct bf_pattern *, BF_PATTERNS_MAX)};
    size_t before = bf_diags_count(diags, BF_ERROR);
    BF_TRY(bf_sources_load(arena, options->platform, &options->file, diags, &out->files));
    check_platform(&loader);
    struct bf_sv chosen = choose(&loader);
    check_environment(&loader, (struct bf_sv){0}, chosen.len == 0);
    for (size_t i = 0; i < out->files.environment_count; i++) {
        const struct bf_environment *environment = &out->files.environments[i];
        check_overlay(&loader, environment);
        if (is_first(&out->files, i)) {
            check_environment(&loader, environment->name, bf_sv_eq(environment->name, chosen));
        }
    }
    report_unused(&loader);
    warn_same_name(&loader);
    out->sources = loader.sources.items;
    out->source_count = loader.sources.count;
    if (bf_diags_count(diags, BF_ERROR) == before) {
        return BF_OK;
    }
    for (size_t i = 0; i < out->count; i++) {
        out->all[i]->wrong = true;
    }
    return BF_EINVALID;
}

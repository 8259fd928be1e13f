#include <string.h>

#include "base/utf8.h"

#include "spec/job.h"
#include "spec/load.h"

/* Which code the pipelines need, and whether it is what it should be. */

static const char *written_in(const struct bf_value *value)
{
    const char *file = value->loc.file;
    for (const struct bf_link *link = value->chain; link != NULL; link = link->next) {
        file = link->loc.file;
    }
    return file;
}

/** The source of ${path} beside ${file}, made where there is none yet. */
static struct bf_source *source_of(struct bf_check *check, const char *file, struct bf_sv path)
{
    struct bf_source_set *set = check->sources;
    struct bf_sv key = bf_sv_printf(check->scratch, "%s\n" BF_SV_FMT, file, BF_SV_ARG(path));
    size_t at =
        bf_index_find(check->lasting, &set->index, set->keys, sizeof *set->keys, set->count, key);
    if (at != BF_INDEX_NONE) {
        return set->items[at];
    }
    struct bf_source *source = BF_NEW(check->lasting, struct bf_source);
    *source = (struct bf_source){.file = file, .path = bf_sv_dup(check->lasting, path)};
    set->items = bf_arena_grow(check->lasting, set->items, set->count, &set->cap, sizeof(void *));
    set->keys =
        bf_arena_grow(check->lasting, set->keys, set->count, &set->key_cap, sizeof *set->keys);
    set->keys[set->count] = bf_sv_dup(check->lasting, key);
    set->items[set->count++] = source;
    return source;
}

static bool is_local(const struct bf_value *value)
{
    return value->kind == BF_VALUE_STRING && !bf_sv_starts(value->text, BF_SV("s3://"));
}

struct bf_source *bf_use_source(struct bf_check *check, const struct bf_spot *spot, bool file,
                                bool directory)
{
    if (!is_local(spot->value)) {
        return NULL;
    }
    struct bf_source *source = source_of(check, written_in(spot->value),
                                         bf_source_clean(check->scratch, spot->value->text));
    struct bf_pipeline *pipeline = check->pipeline;
    pipeline->uses = bf_arena_grow(check->arena, pipeline->uses, pipeline->use_count,
                                   &check->use_cap, sizeof *pipeline->uses);
    pipeline->uses[pipeline->use_count++] = (struct bf_source_use){.source = source,
                                                                   .written = spot->value->text,
                                                                   .step = check->step,
                                                                   .loc = bf_spot_loc(spot),
                                                                   .file_allowed = file,
                                                                   .directory_allowed = directory};
    return source;
}

struct bf_source *bf_pipeline_source(const struct bf_pipeline *pipeline,
                                     const struct bf_value *value)
{
    if (value == NULL || !is_local(value)) {
        return NULL;
    }
    const char *file = written_in(value);
    for (size_t i = 0; i < pipeline->use_count; i++) {
        const struct bf_source_use *use = &pipeline->uses[i];
        if (strcmp(use->source->file, file) == 0 && bf_sv_eq(use->written, value->text)) {
            return use->source;
        }
    }
    return NULL;
}

/* ---- after the caller has looked ---- */

static bool report(struct bf_diags *diags, const struct bf_source_use *use, const char *code,
                   const char *what)
{
    bf_diag(diags, BF_ERROR, code, use->loc, "'" BF_SV_FMT "' %s" BF_SV_FMT,
            BF_SV_ARG(use->written), what, BF_SV_ARG(use->source->listing.detail));
    return false;
}

static bool use_ok(struct bf_diags *diags, const struct bf_source_use *use)
{
    switch (use->source->listing.state) {
    case BF_SOURCE_UNSEEN:
    case BF_SOURCE_MISSING:
        return report(diags, use, "code.source_missing",
                      "is not there, or has no file in it (paths are relative to the file)");
    case BF_SOURCE_OUTSIDE:
        return report(diags, use, "code.source_outside",
                      "leaves the tree that holds the pipeline file");
    case BF_SOURCE_SYMLINK:
        return report(diags, use, "code.symlink", "holds a symbolic link: ");
    case BF_SOURCE_BAD_NAME:
        return report(diags, use, "spec.pattern",
                      "holds a file whose name has a control character or a backslash: ");
    case BF_SOURCE_TOO_LARGE:
        return report(diags, use, "code.too_large", "has more than 2000 files or 100 MiB");
    case BF_SOURCE_DIR:
        return use->directory_allowed ||
               report(diags, use, "code.source_missing", "is a directory; a file is wanted");
    case BF_SOURCE_FILE:
        return use->file_allowed ||
               report(diags, use, "code.source_missing", "is a file; a directory is wanted");
    }
    return true;
}

static bool holds(const struct bf_source *source, struct bf_sv path)
{
    for (size_t i = 0; i < source->listing.count; i++) {
        if (bf_sv_eq(source->listing.files[i].path, path)) {
            return true;
        }
    }
    return false;
}

static bool file_ok(struct bf_arena *arena, const struct bf_source *source,
                    const struct bf_value *entry, struct bf_diags *diags)
{
    struct bf_sv path = bf_source_clean(arena, entry->text);
    if (source->listing.state != BF_SOURCE_DIR || holds(source, path)) {
        return true;
    }
    struct bf_sv *names = BF_NEW_N(arena, struct bf_sv, source->listing.count + 1);
    for (size_t i = 0; i < source->listing.count; i++) {
        names[i] = source->listing.files[i].path;
    }
    struct bf_diag *diag = bf_diag(diags, BF_ERROR, "code.entrypoint_missing", entry->loc,
                                   "there is no file '" BF_SV_FMT "' in '" BF_SV_FMT "'",
                                   BF_SV_ARG(path), BF_SV_ARG(source->path));
    bf_value_note_chain(diags, diag, entry);
    struct bf_sv nearest = bf_nearest(path, names, source->listing.count);
    if (nearest.len > 0) {
        bf_diag_hint(diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    } else if (bf_sv_find(path, ' ') < path.len) {
        bf_diag_hint(diags, diag, "a command is a list: [python3, -u, ./train.py]");
    }
    return false;
}

/** [python3, train.py] looks where the container starts, not where the code is. */
static void note_bare(const struct bf_source *source, const struct bf_value *item,
                      struct bf_diags *diags)
{
    if (item->kind != BF_VALUE_STRING || !holds(source, item->text)) {
        return;
    }
    struct bf_diag *diag = bf_diag(diags, BF_NOTE, "code.entrypoint_bare", item->loc,
                                   "'" BF_SV_FMT
                                   "' is a file of the source, but without './' it is "
                                   "looked for where the container starts",
                                   BF_SV_ARG(item->text));
    bf_value_note_chain(diags, diag, item);
    bf_diag_hint(diags, diag, "write ./" BF_SV_FMT, BF_SV_ARG(item->text));
}

static void check_entrypoint(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                             struct bf_step *step, struct bf_diags *diags)
{
    const struct bf_source *source = bf_pipeline_source(pipeline, bf_step_get(step, "code.source"));
    const struct bf_value *entry = bf_step_get(step, "code.entrypoint");
    if (source == NULL || entry == NULL) {
        return;
    }
    if (entry->kind == BF_VALUE_STRING && entry->text.len > 0 &&
        !file_ok(arena, source, entry, diags)) {
        step->wrong = true;
    }
    for (size_t i = 0; entry->kind == BF_VALUE_LIST && i < entry->count; i++) {
        if (entry->items[i]->kind == BF_VALUE_STRING &&
            bf_sv_starts(entry->items[i]->text, BF_SV("./")) &&
            !file_ok(arena, source, entry->items[i], diags)) {
            step->wrong = true;
        }
        note_bare(source, entry->items[i], diags);
    }
}

/** Steps whose code is not what it should be cannot be compiled. */
static void check_uses(struct bf_pipeline *pipeline, struct bf_diags *diags)
{
    for (size_t i = 0; i < pipeline->use_count; i++) {
        const struct bf_source_use *use = &pipeline->uses[i];
        bool lost = !use_ok(diags, use);
        for (size_t s = 0; s < pipeline->step_count && lost; s++) {
            struct bf_step *step = pipeline->steps[s];
            step->wrong = step->wrong || use->step == NULL || use->step == step;
        }
    }
}

enum bf_code bf_sources_look(struct bf_loader *loader, struct bf_err *err)
{
    const struct bf_spec_options *options = loader->options;
    while (options->list != NULL && loader->looked_at < loader->sources.count) {
        struct bf_source *source = loader->sources.items[loader->looked_at++];
        const struct bf_source_listing *listing = &source->listing;
        BF_TRY(options->list(options->context, source, err));
        if (listing->state == BF_SOURCE_DIR || listing->state == BF_SOURCE_FILE) {
            source->sha256 = bf_source_hash(loader->arena, listing->files, listing->count);
        }
    }
    return BF_OK;
}

void bf_sources_check(struct bf_loader *loader, struct bf_arena *scratch,
                      struct bf_pipeline *pipeline)
{
    if (loader->options->list == NULL) {
        return;
    }
    check_uses(pipeline, loader->diags);
    for (size_t s = 0; s < pipeline->step_count; s++) {
        check_entrypoint(scratch, pipeline, pipeline->steps[s], loader->diags);
    }
}

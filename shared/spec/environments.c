#include <string.h>

#include "base/utf8.h"
#include "spec/load.h"

/* Which environments a file has, which one counts, and what is said about them. */

struct bf_loc bf_file_top(const struct bf_text *text)
{
    return (struct bf_loc){.file = text->name, .line = 1, .col = 1};
}

bool bf_environment_is_first(const struct bf_sources *files, size_t at)
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
void bf_environment_same_name(struct bf_loader *loader)
{
    const struct bf_sources *files = &loader->spec->files;
    for (size_t i = 0; i < loader->checked_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct bf_checked *a = &loader->checked[j], *b = &loader->checked[i];
            if (b->pipeline.len == 0 || !bf_sv_eq(a->pipeline, b->pipeline)) {
                continue;
            }
            const struct bf_environment *one = declared_here(files, a->environment);
            const struct bf_environment *other = declared_here(files, b->environment);
            if (one == NULL || other == NULL) {
                continue;
            }
            bool last = one > other; /* in the order of the file */
            const struct bf_environment *first = last ? other : one, *later = last ? one : other;
            bf_diag(loader->diags, BF_WARNING, "environment.same_name", later->key_loc,
                    "environments '" BF_SV_FMT "' and '" BF_SV_FMT
                    "' name the same pipeline '" BF_SV_FMT "'",
                    BF_SV_ARG(first->name), BF_SV_ARG(later->name), BF_SV_ARG(b->pipeline));
            break;
        }
    }
}

static struct bf_sv declared(struct bf_arena *arena, const struct bf_sources *files)
{
    struct bf_buf all = bf_buf_new(arena, 1000);
    for (size_t i = 0; i < files->environment_count; i++) {
        if (bf_environment_is_first(files, i)) {
            bf_buf_printf(&all, "%s" BF_SV_FMT, all.len == 0 ? "" : ", ",
                          BF_SV_ARG(files->environments[i].name));
        }
    }
    return bf_buf_sv(&all);
}

static void unknown_environment(struct bf_loader *loader)
{
    const struct bf_sources *files = &loader->spec->files;
    struct bf_sv name = loader->options->environment;
    struct bf_sv *names = BF_NEW_N(loader->arena, struct bf_sv, files->environment_count + 1);
    for (size_t i = 0; i < files->environment_count; i++) {
        names[i] = files->environments[i].name;
    }
    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "environment.unknown", bf_file_top(&loader->options->file),
                "the file declares no environment '" BF_SV_FMT "'", BF_SV_ARG(name));
    struct bf_sv nearest = bf_nearest(name, names, files->environment_count);
    if (nearest.len > 0) {
        bf_diag_hint(loader->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    } else if (files->environment_count > 0) {
        bf_diag_hint(loader->diags, diag, "declared are: " BF_SV_FMT,
                     BF_SV_ARG(declared(loader->arena, files)));
    }
}

struct bf_sv bf_environment_choose(struct bf_loader *loader)
{
    const struct bf_spec_options *options = loader->options;
    if (options->environment.len == 0 ||
        bf_sources_declare(&loader->spec->files, options->environment)) {
        return options->environment;
    }
    if (options->rule == BF_ENVIRONMENT_STACK) {
        bf_diag(loader->diags, BF_NOTE, "environment.base", bf_file_top(&options->file),
                "the file does not declare the environment '" BF_SV_FMT "': its base is taken",
                BF_SV_ARG(options->environment));
    } else {
        unknown_environment(loader);
    }
    return (struct bf_sv){0};
}

/* ---- what was found in some of them only ---- */

static bool is_before(struct bf_loc a, struct bf_loc b)
{
    return a.line != b.line ? a.line < b.line : a.col < b.col;
}

/** Whether ${loc} stands within the map "environments" of ${file}. */
static bool in_overlays(const struct bf_value *file, struct bf_loc loc)
{
    bool within = false;
    for (size_t i = 0; file != NULL && i < file->count; i++) {
        const struct bf_pair *pair = &file->pairs[i];
        if (strcmp(pair->key_loc.file, loc.file) == 0 && !is_before(loc, pair->key_loc)) {
            within = bf_sv_is(pair->key, "environments");
        }
    }
    return within;
}

static const struct bf_environment *declared_at(const struct bf_loader *loader, size_t checked)
{
    const struct bf_sources *files = &loader->spec->files;
    for (size_t i = 0; i < files->environment_count; i++) {
        if (bf_sv_eq(files->environments[i].name, loader->checked[checked].environment)) {
            return &files->environments[i];
        }
    }
    return NULL;
}

enum { NAMES_MAX = 5 };

static void note_environments(struct bf_loader *loader, struct bf_diag *diag)
{
    struct bf_buf names = bf_buf_new(loader->arena, (size_t)BF_CHECKED_MAX * 8);
    struct bf_loc loc = BF_NOWHERE;
    bool base = false;
    size_t count = 0;
    for (size_t i = 0; i < loader->checked_count; i++) {
        const struct bf_environment *environment = declared_at(loader, i);
        if (!bf_diag_in_variant(diag, (unsigned)i)) {
            continue;
        }
        if (environment == NULL) {
            base = true;
            continue;
        }
        loc = environment->key_loc;
        if (count++ < NAMES_MAX) {
            bf_buf_printf(&names, "%s'" BF_SV_FMT "'", names.len == 0 ? "" : ", ",
                          BF_SV_ARG(environment->name));
        }
    }
    if (count == 0) {
        bf_diag_note(loader->diags, diag, BF_NOWHERE, "only in the base, without an environment");
        return;
    }
    if (count > NAMES_MAX) {
        bf_buf_printf(&names, " and %zu more", count - NAMES_MAX);
    }
    bf_diag_note(loader->diags, diag, count == 1 ? loc : BF_NOWHERE,
                 "only in %sthe environment%s " BF_SV_FMT, base ? "the base and " : "",
                 count == 1 ? "" : "s", BF_SV_ARG(bf_buf_sv(&names)));
}

void bf_environment_notes(struct bf_loader *loader)
{
    const struct bf_sources *files = &loader->spec->files;
    bf_diags_sort(loader->diags);
    for (size_t i = 0; i < bf_diags_total(loader->diags) && i < BF_DIAG_MAX; i++) {
        struct bf_diag *diag = bf_diags_at(loader->diags, i);
        size_t found = 0;
        for (size_t v = 0; v < loader->checked_count; v++) {
            found += bf_diag_in_variant(diag, (unsigned)v) ? 1 : 0;
        }
        if (found > 0 && found < loader->checked_count && diag->severity != BF_NOTE &&
            !in_overlays(files->platform, diag->loc) && !in_overlays(files->file, diag->loc)) {
            note_environments(loader, diag);
        }
    }
}

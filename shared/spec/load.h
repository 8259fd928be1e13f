#ifndef BF_SPEC_LOAD_H
#define BF_SPEC_LOAD_H

#include "spec/check.h"

/** Inside shared/spec: the parts of bf_spec_load(). */

/** Something that counts as unused only when every environment says so. */
struct bf_tally {
    struct bf_sv name;
    struct bf_loc loc;
    uint32_t seen, unused;
    uint32_t next; /* position + 1 of the same name elsewhere (in an overlay); 0: none */
};

struct bf_tallies {
    struct bf_tally *items;
    size_t count, cap;
    struct bf_index index;
};

/** An environment that was checked; the base's name is empty. */
struct bf_checked {
    struct bf_sv environment;
    struct bf_sv pipeline; /* its name; empty: it has none */
};

enum { BF_CHECKED_MAX = 2 * BF_ENVIRONMENTS_MAX + 1 }; /* two files' environments, and the base */

struct bf_loader {
    struct bf_arena *arena; /* of what outlives the check of one environment */
    const struct bf_spec_options *options;
    struct bf_diags *diags;
    struct bf_spec *spec;
    struct bf_source_set sources;
    size_t looked_at; /* so many of the sources have their listing and address */
    struct bf_patterns *patterns;
    struct bf_tallies variables, parameters;
    struct bf_checked checked[BF_CHECKED_MAX];
    size_t checked_count;
};

/* ---- tally.c: what no environment uses ---- */

/** Count the variables of one environment's document, and those that nothing there reads. */
void bf_tally_variables(struct bf_loader *loader, const struct bf_document *document,
                        const struct bf_value *root);
/** Count the parameters of the pipeline that was checked, and those that nothing there uses. */
void bf_tally_parameters(struct bf_loader *loader, const struct bf_check *check);
/** variables.unused, parameter.unused. */
void bf_tally_report(struct bf_loader *loader);

/* ---- environments.c ---- */

/** Where something about a whole file is reported. */
struct bf_loc bf_file_top(const struct bf_text *text);

/** The environment whose layers count, empty for the base; environment.unknown and .base. */
struct bf_sv bf_environment_choose(struct bf_loader *loader);
/** Whether environment ${at} of the files has a name that none before it has. */
bool bf_environment_is_first(const struct bf_sources *files, size_t at);
/** environment.same_name, after all were checked. */
void bf_environment_same_name(struct bf_loader *loader);
/**
 * What was found in some of the environments only, at a place they share, gets a note that names
 * them; after all were checked. A place within "environments" tells by itself.
 */
void bf_environment_notes(struct bf_loader *loader);

/* ---- sources_use.c ---- */

/** Have the caller look at sources that are new; BF_OK, or why that failed. */
BF_NODISCARD enum bf_code bf_sources_look(struct bf_loader *loader, struct bf_err *err);
/** code.* for what ${pipeline} uses; ${scratch} ends with the environment. */
void bf_sources_check(struct bf_loader *loader, struct bf_arena *scratch,
                      struct bf_pipeline *pipeline);

#endif /* BF_SPEC_LOAD_H */

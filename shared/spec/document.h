#ifndef BF_SPEC_DOCUMENT_H
#define BF_SPEC_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"
#include "spec/value.h"
#include "yaml/yaml.h"

/**
 * From YAML texts to one tree of values: load, merge, choose an environment, interpolate.
 * The language is OmegaConf's (https://omegaconf.readthedocs.io, "Usage", "Custom resolvers",
 * "The OmegaConf grammar"); where ours differs: docs/writing-specs.md.
 *
 *     bf_sources_load()      texts -> YAML trees, once per file
 *     bf_document_compose()  trees + environment -> one merged tree; again for each environment
 *     bf_document_resolve()  merged tree -> values
 *
 * Nothing here looks at the process environment, a file or a clock. Mistakes go to the caller's
 * struct bf_diags, all of them; a code other than BF_OK says only that there is nothing to go
 * on with.
 */

/** A text and the name that diagnostics give it. Both outlive the arena's content. */
struct bf_text {
    const char *name;
    struct bf_sv text;
};

/** One variable that oc.env may read. */
struct bf_variable {
    struct bf_sv name, value;
};

/** All variables that exist for oc.env. */
struct bf_variables {
    const struct bf_variable *items;
    size_t count;
};

/**
 * Environments of one file. The limit is ours: each is a pipeline that is checked in full, so their
 * number multiplies the work of a file.
 */
enum { BF_ENVIRONMENTS_MAX = 100 };

/** An environment that a file declares: a key of its top-level map "environments". */
struct bf_environment {
    struct bf_sv name;
    struct bf_loc key_loc;
    bool platform;                  /* declared by the platform file; else by the pipeline file */
    const struct bf_value *overlay; /* always a map; an overlay that is null counts as {} */
};

/** The loaded files. The YAML trees are for checks of single files (which keys are allowed). */
struct bf_sources {
    const struct bf_value *platform;     /* a map; NULL: there is no platform file */
    const struct bf_value *file;         /* a map */
    struct bf_environment *environments; /* the platform's first; a name may come once in each */
    size_t environment_count;
};

/**
 * Load the pipeline file and the platform file (NULL: none), and tell ${diags} their texts.
 * yaml.* for mistakes of YAML; spec.type where a file, "environments" or an overlay is no map;
 * spec.length for more than BF_ENVIRONMENTS_MAX, of which the first are taken.
 * BF_EINVALID: a file could not be loaded at all; what could be loaded is still in *out, the rest
 * is an empty map.
 */
BF_NODISCARD enum bf_code bf_sources_load(struct bf_arena *arena, const struct bf_text *platform,
                                          const struct bf_text *file, struct bf_diags *diags,
                                          struct bf_sources *out);

/** Whether file or platform file declares ${name}. */
bool bf_sources_declare(const struct bf_sources *sources, struct bf_sv name);

struct bf_document;

/**
 * Merge platform, file, the platform's overlay and the file's overlay of ${environment}, in this
 * order. An empty name, or one that neither declares, gives the base alone (the caller decides
 * whether that is a mistake). "environments" is left out.
 *
 * What is neither merged nor interpolated is not copied: its value is the loaded YAML itself.
 *
 * The values of schedules.*.parameters and triggers.*.parameters are set aside: in the resolved
 * tree they stand as they are written ("${date:%F}" is a BF_VALUE_STRING), and so does a
 * "parameters" there that is no map ("${variables.x}": schedule.parameters_map).
 */
struct bf_document *bf_document_compose(struct bf_arena *arena, const struct bf_sources *sources,
                                        struct bf_sv environment);

/** Whether a mandatory value ("???") is not given by any layer: the document is a template. */
bool bf_document_has_missing(const struct bf_document *document);

enum {
    BF_INTERPOLATION_NESTING = 64,     /* levels of ${${...}} and of lists and maps in arguments */
    BF_INTERPOLATION_CHAIN = 256,      /* nodes that lead from one to the next */
    BF_INTERPOLATION_PARTS = 50000,    /* of one text: "${...}", items and pairs of arguments */
    BF_DOCUMENT_MAX_TEXT = 1 << 20,    /* bytes of one interpolated text */
    BF_DOCUMENT_MAX_TEXTS = 16 << 20,  /* of all of them together */
    BF_DOCUMENT_MAX_EXPANDED = 500000, /* nodes that come in through interpolations */
};

/**
 * Resolve every node. The root in *out is a BF_VALUE_MAP; parts that failed are BF_VALUE_ERROR in
 * it, and ${diags} has got an error interpolation.* (or yaml.too_large) for each; none where a path
 * leads to a field of a pipeline file that is misspelt: the check of its fields tells that. The
 * answer is BF_EINVALID when a part failed. Call it once per document.
 */
BF_NODISCARD enum bf_code bf_document_resolve(struct bf_document *document,
                                              const struct bf_variables *variables,
                                              struct bf_diags *diags, const struct bf_value **out);

/** A key of "variables" that bf_document_resolve() did not read. */
struct bf_unused {
    struct bf_sv name;
    struct bf_loc key_loc;
};

/**
 * The entries of the top-level map "variables" that nothing has read, after
 * bf_document_resolve(). Those of the platform file are not among them: it serves many files.
 * A variable that only one environment reads is unused in the others.
 */
size_t bf_document_unused_variables(const struct bf_document *document,
                                    const struct bf_unused **out);

/** What to read of which files, without the vocabulary of pipeline files. */
struct bf_query {
    const struct bf_text *texts; /* merged from left to right */
    size_t count;
    struct bf_sv path; /* "a.b[0]", "a.l.-1"; empty: everything */
    /*
     * Not empty: "environments.NAME" of each file is merged over all files, "environments" is left
     * out, and run-time text is set aside as in a pipeline file. None that declares it:
     * environment.unknown.
     */
    struct bf_sv environment;
};

/**
 * Any YAML: resolve what the path needs and nothing else, and answer its value. A path that is not
 * there is interpolation.key, without a place.
 */
BF_NODISCARD enum bf_code bf_resolve(struct bf_arena *arena, const struct bf_query *query,
                                     const struct bf_variables *variables, struct bf_diags *diags,
                                     const struct bf_value **out);

#endif /* BF_SPEC_DOCUMENT_H */

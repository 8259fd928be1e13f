#ifndef BF_COMPILE_EMIT_H
#define BF_COMPILE_EMIT_H

#include "compile/compile.h"
#include "spec/field.h"
#include "spec/job.h"
#include "spec/reference.h"

/**
 * Inside shared/compile: from checked values to SageMaker's JSON, along the field table. A field
 * without an emitter is one member of the request; the others have a function here. Values have
 * passed the checks: nothing here reports mistakes.
 */
struct bf_emit {
    struct bf_arena *arena;
    size_t *length; /* of the steps so far, in characters: the least that the definition has */
    const struct bf_pipeline *pipeline;
    const struct bf_step *step;
    bf_json *arguments; /* of the request */
    bf_json *envelope;  /* members beside Arguments: paths that begin with @ */
    bf_json *base;      /* what paths are relative to: arguments, or an item of a list */
    struct bf_sv name;  /* of the map entry that is being emitted */
};

typedef void bf_emit_function(struct bf_emit *emit, const struct bf_field *field,
                              const struct bf_value *value);

/* ---- emit.c ---- */

/** All rows of ${fields} that the step knows; ${object} may be NULL, or in its short form. */
void bf_emit_fields(struct bf_emit *emit, const struct bf_field *fields,
                    const struct bf_value *object, const char *shorthand);
/** One row by the table, whatever its emitter. */
void bf_emit_plain(struct bf_emit *emit, const struct bf_field *field,
                   const struct bf_value *value);
/** A map entry or list item as an object in ${array}. */
void bf_emit_item(struct bf_emit *emit, bf_json *array, const struct bf_field *field,
                  const struct bf_pair *pair);
/** The steps of one branch (parent NULL: the top level). */
void bf_emit_steps(struct bf_emit *emit, bf_json *array, const struct bf_step *parent,
                   enum bf_branch branch);

/** The object or array that a path names, made where it is missing. */
bf_json *bf_emit_object(struct bf_emit *emit, const char *path);
bf_json *bf_emit_array(struct bf_emit *emit, const char *path);
/** The object that holds the last member of ${path}; *member is its name. */
bf_json *bf_emit_parent(struct bf_emit *emit, const char *path, const char **member);

/* ---- value.c ---- */

/** A value in a string place: text, or an expression (wrapped where it is no string). */
void bf_emit_text(struct bf_emit *emit, bf_json *parent, const char *key,
                  const struct bf_value *value);
/** A value that keeps its type; maps (less what is null) and lists become objects and arrays. */
void bf_emit_native(struct bf_emit *emit, bf_json *parent, const char *key,
                    const struct bf_value *value);
void bf_emit_piece(struct bf_emit *emit, bf_json *parent, const char *key,
                   const struct bf_piece *piece);
/** Text of a default in which ${execution:id} may stand. */
void bf_emit_filled(struct bf_emit *emit, bf_json *parent, const char *key, struct bf_sv text);
/** The uri of a source or location. */
void bf_emit_location(struct bf_emit *emit, bf_json *parent, const char *key,
                      const struct bf_value *value);

/* ---- order.c ---- */

/** Move the members of ${from} to ${to}: those of the step type's order first. */
void bf_order_arguments(enum bf_step_kind kind, bf_json *to, bf_json *from);
void bf_order_envelope(bf_json *to, bf_json *from);

/* ---- emitters of the table ---- */
bf_emit_function bf_emit_inputs, bf_emit_outputs, bf_emit_entrypoint, bf_emit_arguments;
bf_emit_function bf_emit_environment, bf_emit_hyperparameters, bf_emit_spot;
bf_emit_function bf_emit_retry, bf_emit_cache, bf_emit_ranges, bf_emit_containers;
bf_emit_function bf_emit_conditions, bf_emit_branch, bf_emit_dataset, bf_emit_check_output;
bf_emit_function bf_emit_variants;

/** DependsOn: what is written, and the steps that a condition reads by {file, path}. */
void bf_emit_depends_on(struct bf_emit *emit, bf_json *envelope);

/** Apply a map of the file to ${target} as a JSON merge patch (RFC 7396); NULL: nothing. */
void bf_emit_patch(struct bf_emit *emit, bf_json *target, const struct bf_value *value);
/** A map of the file as an object: what is null is left out. */
bf_json *bf_emit_members(struct bf_emit *emit, const struct bf_value *value);

#endif /* BF_COMPILE_EMIT_H */

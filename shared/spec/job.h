#ifndef BF_SPEC_JOB_H
#define BF_SPEC_JOB_H

#include <stddef.h>

#include "spec/spec.h"

/**
 * What a job gets that is not one field: environment, arguments, entrypoint, inputs, with what
 * buzzflow adds. Used by the checks (limits count on the whole) and by the compiler, so that both
 * see the same. Wrong parts of a step are passed over.
 */

/** A text of a request: a value of the file, or a literal that buzzflow made. */
struct bf_piece {
    struct bf_sv name;            /* environment: the variable */
    const struct bf_value *value; /* NULL: ${text} */
    struct bf_sv text;
    struct bf_loc loc; /* where it is written; line 0: added by buzzflow */
};

struct bf_pieces {
    struct bf_piece *items;
    size_t count;
};

/** Weakest first: PYTHONPATH, MLflow, a check's variables, then the file's. Each name once. */
struct bf_pieces bf_step_environment(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                                     const struct bf_step *step);
/** How many items ContainerArguments has: a file may write half a million, which nobody lists. */
size_t bf_step_argument_count(const struct bf_step *step);
/** The items of ContainerArguments. */
struct bf_pieces bf_step_arguments(struct bf_arena *arena, const struct bf_step *step);
/** The items of ContainerEntrypoint; none: the image's own. */
struct bf_pieces bf_step_entrypoint(struct bf_arena *arena, const struct bf_step *step);

/** The literal text that an item of a command begins with: all of it, or what precedes its first
 * reference. */
struct bf_sv bf_command_text(const struct bf_value *item);

enum bf_input_origin { BF_INPUT_WRITTEN, BF_INPUT_CODE, BF_INPUT_PACKAGE };

struct bf_input {
    struct bf_sv name; /* first: inputs are indexed by it */
    enum bf_input_origin origin;
    const struct bf_value *value; /* written: the map or its short form; else the source */
    struct bf_loc loc;
};

struct bf_inputs {
    struct bf_input *items;
    size_t count;
};

/** Inputs in map order, then code, then the shared packages. */
struct bf_inputs bf_step_inputs(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                                const struct bf_step *step);

/** Where code is mounted in the container: "/opt/ml/processing/input/code" and so on. */
const char *bf_code_directory(enum bf_step_kind kind);

/** Whether the shared packages are attached to ${step}. */
bool bf_step_has_packages(const struct bf_pipeline *pipeline, const struct bf_step *step);

/** Whether ${step} takes MLflow's variables; false: none given, or null on the step. */
bool bf_step_has_mlflow(const struct bf_pipeline *pipeline, const struct bf_step *step);

/** The errors of a retry policy that ${kind} supports. */
bool bf_retry_supported(enum bf_step_kind kind, struct bf_sv error);

/**
 * How a number, boolean or null is written in JSON: as in the file where that is JSON ("1e-3"),
 * else the shortest equal form (".5" is 0.5, "1_000" is 1000). What bf_number_finite() denies is
 * a mistake that the checks tell; a definition with mistakes, which is built all the same, has 0.
 */
struct bf_sv bf_number_text(struct bf_arena *arena, const struct bf_value *value);

/** Whether bf_number_text() can write it: not an infinity, not a NaN, and no integer of another
 * base than ten that is longer than 4096 characters. True of what is no number. */
bool bf_number_finite(const struct bf_value *value);

/** Text of a default, "/opt/ml/.../{name}", with what is in braces filled in. */
struct bf_fill {
    const struct bf_pipeline *pipeline;
    const struct bf_step *step;
    struct bf_sv name; /* of the map entry */
};
struct bf_sv bf_fill_text(struct bf_arena *arena, const char *text, const struct bf_fill *fill);

#endif /* BF_SPEC_JOB_H */

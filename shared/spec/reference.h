#ifndef BF_SPEC_REFERENCE_H
#define BF_SPEC_REFERENCE_H

#include <stdbool.h>

#include "spec/spec.h"

/** Run-time references: ${param:X} ${step:S.WHAT} ${report:S.R.PATH} ${execution:WHAT}. */

enum bf_yield {
    BF_YIELD_STRING,
    BF_YIELD_INTEGER,
    BF_YIELD_NUMBER,
    BF_YIELD_BOOLEAN,
    BF_YIELD_ANY
};

/** What a run-time reference means. */
struct bf_target {
    enum { BF_TARGET_GET, BF_TARGET_REPORT, BF_TARGET_TUNED_MODEL } form;
    enum bf_yield yield;
    bool wrap;                  /* in a string place it is wrapped in a Std:Join */
    struct bf_sv get;           /* "Parameters.who"; of a report: its property file */
    struct bf_sv path;          /* report: the JSON path; tuned model: the number K */
    const struct bf_step *step; /* the step that is needed, or NULL */
    const struct bf_parameter *parameter;
};

struct bf_mistake {
    const char *code; /* NULL: none */
    struct bf_sv message, hint;
};

/** Look a reference up. False: *mistake says what is wrong. */
bool bf_reference_resolve(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                          const struct bf_reference *reference, struct bf_target *target,
                          struct bf_mistake *mistake);

#endif /* BF_SPEC_REFERENCE_H */

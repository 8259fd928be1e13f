#ifndef BF_SHAPES_DEFINITION_H
#define BF_SHAPES_DEFINITION_H

#include <stdint.h>

#include "base/index.h"
#include "shapes/internal.h"
#include "shapes/shapes.h"

/* What the files definition*.c share. */

enum { NO_STEP = -1 };

struct def_step {
    struct bf_sv name;
    const bf_json *node;
    const struct bf_step_type *type; /* NULL: unknown, reported */
    struct bf_sv path;               /* "Steps[1].Arguments.IfSteps[0]" */
    int parent; /* the condition whose branch holds it, the ForEach whose body, or NO_STEP */
    bool in_else;
    int *needs; /* steps it waits for: references and DependsOn */
    size_t need_count, need_cap;
};

struct definition {
    struct bf_shapes *shapes;
    struct bf_arena *arena;
    struct bf_findings *findings;
    const bf_json *root;
    struct def_step *steps;
    size_t step_count, step_cap;
    struct bf_index *names; /* of the steps */
};

#define DEF_REPORT(def, code, node, path, ...)                                                     \
    bf_finding_add((def)->arena, (def)->findings, (code), (node), (path), __VA_ARGS__)

/** "path.name". */
struct bf_sv def_path(const struct definition *def, struct bf_sv path, const char *name);

/** Index of a step by name, or NO_STEP. */
int def_find(const struct definition *def, struct bf_sv name);

/** Step ${at} waits for step ${needed}. */
void def_need(struct definition *def, size_t at, int needed);

/**
 * Check every expression below ${node} (arguments of step ${at}, or a top level value when ${at} is
 * NO_STEP) and note what the step needs because of it.
 */
void def_check_expressions(struct definition *def, int at, const bf_json *node, struct bf_sv path);

/** Members of ${object} beyond ${allowed} (NULL-ended): shape.unknown_member; no object:
 * shape.type. */
bool def_only_members(struct definition *def, const bf_json *object, struct bf_sv path,
                      const char *const *allowed);

/** "'path' must be ${want}, found a string": shape.type. */
void def_report_kind(struct definition *def, const bf_json *node, struct bf_sv path,
                     const char *want);

/** ${what} of a reference is wrong: definition.reference, with "did you mean" when ${nearest} is
 * not empty. */
void def_report_reference(struct definition *def, const bf_json *node, struct bf_sv path,
                          struct bf_sv what, struct bf_sv nearest);

/** The name of a step that ${name} may have meant; empty: none. */
struct bf_sv def_nearest_step(const struct definition *def, struct bf_sv name);

/** What stands beside the arguments of step ${at}: texts, cache, retry, property files, DependsOn.
 */
void def_check_envelope(struct definition *def, size_t at);

/** Of steps and parameters. */
extern const char def_name_pattern[];

/** ${node} must be of ${kind}; absent is reported too, at ${holder}, which lacks it. */
bool def_need_kind(struct definition *def, const bf_json *node, const bf_json *holder,
                   struct bf_sv path, enum bf_json_kind kind);

/** Names, types, defaults and words of the parameters. */
void def_check_parameters(struct definition *def);

/** ${node} must be an array (absent passes): false when it is something else, which is reported. */
bool def_is_array(struct definition *def, const bf_json *node, struct bf_sv path);

/** A literal of one value or an expression; reported else. Absent passes. */
void def_check_scalar(struct definition *def, const bf_json *node, struct bf_sv path);

/** A text that matches ${pattern} (static), or an expression. Absent passes. */
void def_check_pattern(struct definition *def, const bf_json *node, struct bf_sv path,
                       const char *pattern, const char *what);

/** ${node} against a root of the table, expressions allowed; ${not_needed} as in the options. */
void def_check_shape(struct definition *def, const bf_json *node, struct bf_sv path,
                     const char *root, const char *const *not_needed);

/** Arguments and members of the service steps: Lambda, Callback, EMR, EMRServerless, Lineage. */
void def_check_call(struct definition *def, const struct def_step *s, const bf_json *arguments,
                    struct bf_sv path);
void def_check_emr(struct definition *def, const struct def_step *s, const bf_json *arguments,
                   struct bf_sv path);
void def_check_emr_serverless(struct definition *def, const struct def_step *s,
                              const bf_json *arguments, struct bf_sv path);
void def_check_lineage(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path);

/** Arguments of a ForEach step, whose body is checked as steps, and of a Cleanup step. */
void def_check_for_each(struct definition *def, const struct def_step *s, const bf_json *arguments,
                        struct bf_sv path);
void def_check_cleanup(struct definition *def, const struct def_step *s, const bf_json *arguments,
                       struct bf_sv path);

/** The ForEach step in whose body ${step} stands, or NO_STEP. */
int def_for_each_of(const struct definition *def, int step);

/** Whether ${step} runs once per item of a ForEach step and ${reader} does not run with it. */
bool def_is_in_body_of_another(const struct definition *def, int reader, int step);

/** A Get of "ForEach. ..." in step ${at}. */
void def_check_current_item(struct definition *def, int at, const bf_json *node, struct bf_sv path);

/** A Get of the outputs of runs: true when ${property} of the step ${each} is one, and checked. */
bool def_check_for_each_property(struct definition *def, int each, const bf_json *node,
                                 struct bf_sv path, struct bf_sv property);

/** The arguments of a Condition step ${s}; the steps of its branches are checked as steps. */
void def_check_condition_step(struct definition *def, const struct def_step *s,
                              const bf_json *arguments, struct bf_sv path);

/** The step's envelope and arguments, but not what the references mean. */
void def_check_step(struct definition *def, size_t at);

/** What the shapes do not say about step ${at}: members required together, or in a pipeline. */
void def_check_rules(struct definition *def, size_t at);

/** The output or entity that the property ${path} of ${step} reads and the step does not declare,
 * or "". */
struct bf_sv def_undeclared_output(const struct def_step *step, struct bf_sv path);

/** Cycles and branches, once every need is known. */
void def_check_graph(struct definition *def);

/** A string within [min, max] characters, or an expression. Absent passes. */
void def_check_text(struct definition *def, const bf_json *node, struct bf_sv path, int64_t min,
                    int64_t max);

/** The same where no expression may stand: texts of the frame, not of a job. */
void def_check_plain_text(struct definition *def, const bf_json *node, struct bf_sv path,
                          int64_t min, int64_t max);

#endif /* BF_SHAPES_DEFINITION_H */

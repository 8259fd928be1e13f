#ifndef BF_SHAPES_SHAPES_H
#define BF_SHAPES_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "shapes/table.h"
#include "json/json.h"

/**
 * API request shapes and the check of JSON against them. The tables are generated from the API
 * model (tools/gen_shapes.py); what is checked here is what the service checks when it parses a
 * request: members, required, kinds, enums, lengths, ranges, patterns. Pure.
 *
 * In a pipeline definition an expression ({"Get"}, {"Std:Join"}, {"Std:JsonGet"}) may stand
 * wherever a scalar is expected, and nowhere else.
 */

struct definition; /* of definition.h, the checker's own view of a definition */

/** One thing that is wrong with a JSON value. */
struct bf_finding {
    const struct bf_finding *next;
    const char *code;    /* "shape.unknown_member" ...: static */
    const bf_json *node; /* where: the wrong value, or the object that lacks a member */
    bool at_key;         /* the name of ${node} is what is wrong, not its value */
    bool warning;
    struct bf_sv path; /* "Steps[2].Arguments.AppSpecification.ImageUri" */
    struct bf_sv message;
    struct bf_sv hint; /* empty: none */
};

/** Findings in the order in which they were made. */
struct bf_findings {
    const struct bf_finding *first;
    struct bf_finding *last;
    size_t count;
    struct bf_json_length length; /* of the definition: set by bf_definition_check() */
};

enum { BF_FINDINGS_MAX = 200 }; /* more are counted, not kept */

/** Compiled patterns and memory; one for any number of checks, within the arena's lifetime. */
struct bf_shapes;

struct bf_shapes *bf_shapes_new(struct bf_arena *arena);

/** A root of the table ("CreateProcessingJob"; "DescribeTrainingJob" is the response), or NULL. */
const struct bf_shape *bf_shape_root(const char *name);

/** The member of a structure, or NULL. */
const struct bf_member *bf_shape_member(const struct bf_shape *structure, struct bf_sv name);

struct bf_shape_options {
    const char *path;                    /* put before every path, "" for none */
    const char *const *not_needed;       /* members of the root that may be missing: names of jobs,
                                            tokens; NULL-ended, or NULL */
    const struct definition *definition; /* that the value is a part of, for the kinds of its
                                            parameters and properties; or NULL */
    bool plain; /* no expressions and nothing refused: a request, not a definition */
};

/**
 * Check ${value} against ${shape}; codes shape.unknown_member, shape.missing_member, shape.type,
 * shape.enum, shape.length, shape.range, shape.pattern, shape.refused. An instance type that the
 * model does not list is a warning as long as it looks like one: the list ages.
 */
void bf_shape_check(struct bf_shapes *shapes, const bf_json *value, const struct bf_shape *shape,
                    const struct bf_shape_options *options, struct bf_findings *findings);

/** Whether ${node} is an object whose only member is Get, Std:Join or Std:JsonGet. */
bool bf_is_expression(const bf_json *node);

/** Add a finding; ${fmt} makes the message. Returns it, or NULL past BF_FINDINGS_MAX. */
struct bf_finding *bf_finding_add(struct bf_arena *arena, struct bf_findings *findings,
                                  const char *code, const bf_json *node, struct bf_sv path,
                                  const char *fmt, ...) BF_PRINTF(6, 7);

/* ---- step types ---- */

/** What a pipeline knows of a step type; the rows are in steps.c. */
struct bf_step_type {
    const char *name;          /* "Processing" */
    const char *request;       /* root of its Arguments; NULL: not a request of the model */
    const char *not_needed[2]; /* member of the request that the service fills in: a name */
    const char *responses[2];  /* roots of the responses whose members are its properties */
    const char *const *beside; /* members beside Arguments, NULL-ended; never NULL */
    bool cache, retry;
    bool open; /* the service has it, its arguments and properties are not published */
};

/** NULL: no such type. */
const struct bf_step_type *bf_step_type(struct bf_sv name);

/** The nearest type name, for "did you mean"; empty: none. */
struct bf_sv bf_step_type_nearest(struct bf_sv name);

/**
 * Check the property path of a "Get" behind "Steps.STEP.": member names of the responses, [0],
 * ['name']. Returns true when it exists and ends at a scalar; else *why says what is wrong.
 */
bool bf_property_check(struct bf_arena *arena, const struct bf_step_type *type, struct bf_sv path,
                       struct bf_sv *why, struct bf_sv *hint);

enum bf_property_kind {
    BF_PROPERTY_ANY,
    BF_PROPERTY_STRING,
    BF_PROPERTY_INTEGER,
    BF_PROPERTY_NUMBER,
    BF_PROPERTY_BOOLEAN
};

/** What the value at a path is that bf_property_check() has found; ANY: the model does not say. */
enum bf_property_kind bf_property_kind(struct bf_arena *arena, const struct bf_step_type *type,
                                       struct bf_sv path);

/* ---- whole definitions ---- */

/**
 * Check a SageMaker pipeline definition, schema version 2020-12-01: top level, parameters, steps
 * with their arguments and members, expressions, references, property files, dependencies,
 * branches, cycles. Findings that are only advice carry ${warning}. Besides the codes above:
 * definition.version, definition.parameter, definition.step, definition.reference,
 * definition.cycle, definition.branch, definition.size.
 */
void bf_definition_check(struct bf_shapes *shapes, const bf_json *definition,
                         struct bf_findings *findings);

#endif /* BF_SHAPES_SHAPES_H */

#ifndef BF_SPEC_FIELD_H
#define BF_SPEC_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/spec.h"

/**
 * The field table: every field of the language, once. What reads it:
 *
 *   check_*.c      kinds, limits, words, required and unknown fields, "did you mean"
 *   compile/emit.c where the value goes in the request (".to", ".emit")
 *   schema.c       the JSON Schema of editors
 *   page.c         docs/spec-reference.md
 *
 * A field that is one API member is one row and nothing else. A field that needs more names a
 * rule (a check besides the row's) or an emitter (what is not one member).
 */

/** A set of step types: BF_ON(PROCESSING) | BF_ON(TRAINING). 0: not a matter of step types. */
typedef uint32_t bf_step_set;

#define BF_ON(type) ((bf_step_set)1 << BF_STEP_##type)

enum bf_kind {
    BF_KIND_STRING,
    BF_KIND_INT,
    BF_KIND_NUMBER,
    BF_KIND_BOOL,
    BF_KIND_SCALAR,    /* string, number or bool; becomes a string as it is written */
    BF_KIND_DURATION,  /* 1h30m; emitted in seconds */
    BF_KIND_URI,       /* s3://bucket/key, or text with references */
    BF_KIND_SOURCE,    /* s3://..., or a path beside the file */
    BF_KIND_LOCATION,  /* a uri, or a path that begins with ./ or ../ */
    BF_KIND_WORD,      /* one of .words */
    BF_KIND_LIST,      /* of .item */
    BF_KIND_MAP,       /* names of the user's -> .item */
    BF_KIND_OBJECT,    /* .fields */
    BF_KIND_ANY,       /* any YAML, references inside are checked */
    BF_KIND_STEPS,     /* map name -> step */
    BF_KIND_DEFAULTS,  /* the fields of steps with BF_DEFAULTS */
    BF_KIND_RUNTIME,   /* map parameter -> run-time text */
    BF_KIND_CONDITION, /* of a condition step */
    BF_KIND_LITERAL,   /* a scalar, checked by the row's rule */
    BF_KIND_NULL,      /* only null may stand here */
};

enum {
    BF_REQUIRED = 1 << 0,
    BF_REF = 1 << 1,       /* "T*": a reference that yields T may stand here */
    BF_DEFAULTS = 1 << 2,  /* may stand in "defaults" */
    BF_PLATFORM = 1 << 3,  /* may stand in the platform file */
    BF_BASE_ONLY = 1 << 4, /* may not stand in an environment's overlay */
    BF_EMIT = 1 << 5,      /* the fallback (or an empty list) is emitted when nothing is written */
    BF_NATIVE = 1 << 6,    /* literals keep their type, references are not wrapped */
    BF_MINUTES = 1 << 7,   /* a duration of whole minutes */
    BF_OR_FALSE = 1 << 8,  /* false counts as not written */
    BF_ALL_TYPES = 1 << 9, /* not a reference of a type: any reference may stand here */
    BF_SHARED = 1 << 10,   /* of the file: steps are compiled with it */
};

struct bf_word {
    const char *word; /* of a BOOL: "true" and "false" */
    const char *api;  /* SageMaker's spelling; NULL where it has none */
};

/** Where a value goes: a path of members below Arguments ("@X": beside Arguments; "": itself). */
struct bf_path {
    bf_step_set steps;
    const char *path;
};

/** Fields that are not one member of the request; compile/ has a function for each. */
enum bf_emitter {
    BF_EMIT_PLAIN,
    BF_EMIT_NOTHING, /* read by another emitter */
    BF_EMIT_INPUTS,
    BF_EMIT_OUTPUTS,
    BF_EMIT_ENTRYPOINT,
    BF_EMIT_ARGUMENTS,
    BF_EMIT_ENVIRONMENT,
    BF_EMIT_HYPERPARAMETERS,
    BF_EMIT_SPOT,
    BF_EMIT_RETRY,
    BF_EMIT_CACHE,
    BF_EMIT_RANGES,
    BF_EMIT_CONTAINERS,
    BF_EMIT_CONDITIONS,
    BF_EMIT_BRANCH,
    BF_EMIT_DATASET,
    BF_EMIT_CHECK_OUTPUT,
    BF_EMIT_VARIANTS,
    BF_EMITTERS
};

struct bf_check;
struct bf_spot;

/** A check besides what the row says; the value is of the row's kind, neither null nor wrong. */
typedef void bf_rule(struct bf_check *check, const struct bf_spot *spot);

struct bf_field {
    const char *name; /* NULL: an item, or the end of the rows */
    enum bf_kind kind;
    unsigned flags;
    bf_step_set steps;             /* of fields of a step: which types know it */
    bf_step_set heirs;             /* which of them take it from "defaults"; 0: all */
    int64_t min, max;              /* value, seconds, characters or items; both 0: no limit */
    const char *pattern;           /* of all of the text (shapes/pattern.h) */
    const char *like;              /* what such a text looks like, for the hint */
    const struct bf_word *words;   /* ended by {0} */
    const struct bf_field *fields; /* OBJECT: ended by a row without name */
    const struct bf_field *item;   /* LIST and MAP */
    const struct bf_field *alt;    /* taken when the value is of this one's class instead */
    const char *shorthand;         /* OBJECT: a scalar v is short for {<shorthand>: v} */
    const char *fallback;          /* the default, as written; {name} {step} ... are filled in */
    const struct bf_path *to;      /* ended by {0} */
    const char *key_pattern;       /* MAP: of the names */
    const char *key_to;            /* MAP: becomes a list; this member of an item has the name */
    const char *value_to;          /* MAP of scalars that becomes a list: the value's member */
    enum bf_emitter emit;
    bf_rule *rule;
    const char *code;      /* instead of spec.length, spec.pattern, spec.range, spec.word */
    const char *key_code;  /* the same for names */
    const char *misplaced; /* instead of step.not_for_type */
    const char *doc;       /* one line */
};

#define BF_TO(...)       ((const struct bf_path[]){__VA_ARGS__, {0, NULL}})
#define BF_TO_ALL(where) ((const struct bf_path[]){{~(bf_step_set)0, where}, {0, NULL}})
#define BF_ITEM(...)     (&(const struct bf_field){__VA_ARGS__})

/** The rows of a pipeline file. */
extern const struct bf_field bf_fields_top[];
/** The rows of a step, of all types; a name may come more than once, for different types. */
extern const struct bf_field bf_fields_step[], bf_fields_step_model[], bf_fields_step_service[];

/** Patterns that several rows share. */
#define BF_PATTERN_NAME    "[A-Za-z0-9_-]{1,64}"
#define BF_PATTERN_ROLE    "arn:aws[a-z-]*:iam::[0-9]{12}:role/?[a-zA-Z0-9_+=,.@/-]+"
#define BF_LIKE_ROLE       "the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME"
#define BF_PATTERN_CHANNEL "[A-Za-z0-9._-]{1,64}"
#define BF_PATTERN_VPC_ID  "[-0-9a-zA-Z]+"
#define BF_PATTERN_ENV     "[a-zA-Z_][a-zA-Z0-9_]*"

/** Parts of the table that live in files of their own. */
extern const struct bf_field bf_fields_compute[], bf_fields_code[], bf_fields_input[];
extern const struct bf_field bf_fields_network[], bf_fields_retry[], bf_fields_tune[];
extern const struct bf_field bf_fields_container[], bf_fields_location[], bf_fields_output[];
extern const struct bf_field bf_fields_schedule[], bf_fields_trigger[], bf_fields_alerts[];
extern const struct bf_field bf_fields_calendar[], bf_fields_parameter[], bf_fields_mlflow[];
extern const struct bf_field bf_fields_model_metrics[], bf_fields_drift_baselines[];
extern const struct bf_field bf_fields_problem[], bf_fields_variant[];

/** The row behind ${field}: where the rows of this array end with another array, they go on there.
 */
const struct bf_field *bf_field_next(const struct bf_field *field);
/** The row of ${name} for ${kind}; BF_STEP_KINDS: whatever the type. NULL: no such field. */
const struct bf_field *bf_field_find(const struct bf_field *fields, struct bf_sv name,
                                     enum bf_step_kind kind);
/** Whether a step of ${kind} knows ${field}. */
bool bf_field_knows(const struct bf_field *field, enum bf_step_kind kind);
/** The path of ${field} for ${kind}, or NULL. */
const char *bf_field_path(const struct bf_field *field, enum bf_step_kind kind);
/** The row at a dotted path of a step, "compute.count". */
const struct bf_field *bf_field_at(const struct bf_field *fields, const char *path,
                                   enum bf_step_kind kind);
/** Whether ${text} is one of ${words}. */
bool bf_is_word(const struct bf_word *words, struct bf_sv text);
/** SageMaker's spelling of a word; ${word} itself where the table has none. */
struct bf_sv bf_word_api(const struct bf_word *words, struct bf_sv word);

/** Seconds of a duration, at most 2^53 (more than any field allows); false: not well-formed. */
bool bf_duration_parse(struct bf_sv text, int64_t *seconds);

#endif /* BF_SPEC_FIELD_H */

#ifndef BF_SPEC_CHECK_H
#define BF_SPEC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/index.h"
#include "shapes/pattern.h"
#include "spec/field.h"
#include "spec/reference.h"
#include "spec/spec.h"
#include "time/calendar.h"

/** Inside shared/spec: the walk over a resolved document along the field table. */

/** A value, and where it stands. */
struct bf_spot {
    const struct bf_spot *parent; /* the map or list that holds it; NULL: the file, or a step */
    struct bf_sv key;             /* its name there; empty: an item of a list */
    const struct bf_value *value; /* never NULL */
    const struct bf_value *own;   /* what is written on the step here; NULL: it is inherited */
    struct bf_loc loc; /* for a whole map or list: its key, or an item's first character */
};

struct bf_named_step {
    struct bf_sv name;
    struct bf_step *step;
};

/** Sources of all environments, each once. */
struct bf_source_set {
    struct bf_source **items;
    struct bf_sv *keys; /* of the items: "FILE\nPATH" */
    size_t count, cap, key_cap;
    struct bf_index index; /* of the keys */
};

struct bf_check {
    struct bf_arena *arena;    /* of what ends with the pipeline */
    struct bf_arena *lasting;  /* of what all environments share: sources, patterns */
    struct bf_arena *scratch;  /* of what ends with the pair or item that is being checked */
    struct bf_sv *typed_names; /* of the steps that have a type; NULL: not listed yet */
    size_t typed_count;
    struct bf_diags *diags;
    const struct bf_spec_options *options;
    struct bf_pipeline *pipeline;
    const struct bf_stack_rules *stack; /* of what is deployed; else NULL */
    struct bf_source_set *sources;
    struct bf_patterns *patterns; /* for all environments */
    struct bf_step *step;         /* whose fields are being checked; NULL: the file's */
    enum bf_step_kind kind;       /* which rows of a step count; BF_STEP_KINDS: any */
    bool partial;                 /* "defaults": nothing is required */
    bool shared_wrong;            /* an error in what steps are compiled with */
    bool blind; /* a value could not be computed: nobody knows what it would have used */
    bool *parameter_used;
    size_t step_values;          /* of the steps collected so far */
    struct bf_calendar calendar; /* pipeline->calendar, as expressions are computed with it */
    struct bf_need *needs;
    size_t *needed_by; /* of each step: 1 + index of the last one that needs it; 0: none yet */
    size_t need_count, need_cap, use_cap, step_cap, named_cap;
    struct bf_named_step *named;
    struct bf_index named_index;
};

/* ---- check.c: the walk ---- */

/** Check the value of ${spot} against ${field}. */
void bf_check_value(struct bf_check *check, const struct bf_field *field,
                    const struct bf_spot *spot);
/** Check the pairs of a map against rows. ${what}: "a processing step"; NULL: the spot's name. */
void bf_check_fields(struct bf_check *check, const struct bf_field *fields,
                     const struct bf_spot *spot, const char *what);
/** The parts of bf_check_value() for maps and lists; the value is one. */
void bf_check_object(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot);
void bf_check_map(struct bf_check *check, const struct bf_field *field, const struct bf_spot *spot);
void bf_check_list(struct bf_check *check, const struct bf_field *field,
                   const struct bf_spot *spot);
/** A scalar that is no reference. False: it was wrong, and that was reported. */
bool bf_check_scalar(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot);
/** JSON has no infinity and no NaN. False: it is one, and that was reported. ${field}: or NULL. */
bool bf_check_finite(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot);
/** The code of ${field}, or ${code} where it has none of its own, or is NULL. */
const char *bf_code_or(const struct bf_field *field, const char *code);
/** "3600 seconds" -> "1h": for messages. */
struct bf_sv bf_duration_text(struct bf_arena *arena, int64_t seconds);
/** Check references anywhere in ${spot}: raw parts and variables. */
void bf_check_any(struct bf_check *check, const struct bf_spot *spot);

/** "compute.count": the path of a spot from its step or the file, for messages. */
struct bf_sv bf_spot_name(struct bf_check *check, const struct bf_spot *spot);
/** Where a mistake in the value is shown. */
struct bf_loc bf_spot_loc(const struct bf_spot *spot);
/** Where column ${column} (from 1) of the text of ${value} stands; the whole value where the file
 *  does not show the text character by character: escapes, several lines, an interpolation. */
struct bf_loc bf_value_place(const struct bf_value *value, size_t column);
/** The spot of the value of ${key}; its value is NULL when there is none, or it is null. */
struct bf_spot bf_spot_at(const struct bf_spot *parent, const char *key);

/** Whether a mistake still gets a hint that has to be looked for: false once there are so many that
 *  it is not printed. */
bool bf_hint_wanted(const struct bf_check *check);

/* What was probably meant, as the hint of ${diag}; nothing where no slip is recognised (hints.c).
 */
void bf_hint_unknown_key(struct bf_check *check, struct bf_diag *diag,
                         const struct bf_field *fields, struct bf_sv key);
/** ${value} stands where a map belongs: of ${fields}, or NULL: of names. */
void bf_hint_no_map(struct bf_check *check, struct bf_diag *diag, const struct bf_field *fields,
                    const struct bf_value *value);
/** How ${field}, a list or a map of fields, is written, where ${value} has another form. */
void bf_hint_form(struct bf_check *check, struct bf_diag *diag, const struct bf_field *field,
                  const struct bf_value *value);
/** "5 minutes" and "rate(5 minutes)"; false: no hint. */
bool bf_hint_duration(struct bf_check *check, struct bf_diag *diag, struct bf_sv text);

/** Report about a spot; the chain of interpolations is added as notes. */
struct bf_diag *bf_check_error(struct bf_check *check, const struct bf_spot *spot, const char *code,
                               const char *fmt, ...) BF_PRINTF(4, 5);
struct bf_diag *bf_check_report(struct bf_check *check, enum bf_severity severity,
                                const struct bf_spot *spot, const char *code, const char *fmt, ...)
    BF_PRINTF(5, 6);

/** A name that secrets have: *_SECRET, *_PASSWORD, *_TOKEN in any case. (rules_job.c) */
bool bf_secret_name(struct bf_check *check, struct bf_sv name);
/** Text that no file should hold: an access key, a private key, a token. (rules_job.c) */
bool bf_looks_secret(struct bf_check *check, struct bf_sv text);

/* ---- references_check.c, written_get.c ---- */

/** Check a REFERENCE or JOINED value that stands where ${wanted} is wanted. */
void bf_check_references(struct bf_check *check, const struct bf_spot *spot, enum bf_yield wanted);

/** {Get: ...} written out in a raw part counts, and is checked, as the reference it stands for. */
void bf_check_get(struct bf_check *check, const struct bf_spot *spot);

/** References in what is wrong itself: what they name does not count as unused as well. */
void bf_mark_references(struct bf_check *check, const struct bf_value *value);

/** Remember that the step being checked needs ${to}. */
void bf_check_need(struct bf_check *check, const struct bf_step *to, struct bf_loc loc);

/* ---- conditions.c ---- */
void bf_check_condition(struct bf_check *check, const struct bf_spot *spot);

/* ---- steps.c ---- */

/** Find all steps of the file and of branches; names and types are checked here. */
void bf_collect_steps(struct bf_check *check, const struct bf_spot *spot, struct bf_step *parent,
                      enum bf_branch branch);
/** After all are collected: makes bf_pipeline_step() work. */
void bf_index_steps(struct bf_check *check);
/** A fail step, or a raw step of that type. */
bool bf_step_is_fail(const struct bf_step *step);
void bf_check_steps(struct bf_check *check);

/* ---- whole_step.c ---- */

/** Rules over several fields of the step being checked. */
void bf_check_whole_step(struct bf_check *check, const struct bf_spot *spot);

/* ---- steps.c ---- */
void bf_check_defaults(struct bf_check *check, const struct bf_spot *spot);

/* ---- graph.c ---- */
void bf_check_graph(struct bf_check *check);

/* ---- parameters.c ---- */
void bf_collect_parameters(struct bf_check *check, const struct bf_value *root);

/* ---- runtime_text.c, runtime_trial.c ---- */

/** The map of run-time text ${spot} of a schedule or trigger; what is wrong is reported. The events
 *  of ${trigger}, which its text may name, have been read; NULL: of a schedule. */
struct bf_arguments bf_read_arguments(struct bf_check *check, const struct bf_spot *spot,
                                      const struct bf_trigger *trigger);
/** schedule.parameter_missing: parameters that neither have a default nor are given. ${spot}: the
 *  schedule or trigger; where its 'parameters' are no map, or misspelt, nothing is said. */
void bf_check_all_given(struct bf_check *check, const struct bf_spot *spot,
                        const struct bf_arguments *arguments);
/** Evaluate for the fire at ${time}: schedule.expression, .parameter_type. False: reported. */
bool bf_try_arguments(struct bf_check *check, const struct bf_arguments *arguments,
                      struct bf_sv schedule, struct bf_sv timezone, int64_t time);

/* ---- reading fields with their defaults: read.c ---- */
struct bf_sv bf_read_text(const struct bf_spot *spot, const char *name, const char *fallback);
int64_t bf_read_int(const struct bf_spot *spot, const char *name, int64_t fallback);
int64_t bf_read_seconds(const struct bf_spot *spot, const char *name, const char *fallback);
bool bf_read_bool(const struct bf_spot *spot, const char *name, bool fallback);
/** The strings of a list, or the one that stands in its place; ${most} at most: that a list is too
 *  long is said by its row. */
struct bf_texts bf_read_texts(struct bf_arena *arena, const struct bf_value *value, size_t most);
void bf_read_alerts(struct bf_check *check, const struct bf_value *root);
void bf_read_calendar(struct bf_check *check, const struct bf_value *root);
/** schedule.timezone when the zone of ${spot} is unknown. */
bool bf_check_timezone(struct bf_check *check, const struct bf_spot *spot);

/* ---- inherit.c ---- */

/** ${overlay} over ${base}: maps merge, everything else replaces, null included. */
const struct bf_value *bf_value_merge(struct bf_arena *arena, const struct bf_value *base,
                                      const struct bf_value *overlay);
/** What a step takes over from the file: network, tags, role and defaults. */
const struct bf_value *bf_step_inherit(struct bf_check *check, enum bf_step_kind kind,
                                       const struct bf_value *own);

/* ---- sources_use.c ---- */

/** A source or local path of ${spot} is needed; NULL: it is an s3:// uri. */
struct bf_source *bf_use_source(struct bf_check *check, const struct bf_spot *spot, bool file,
                                bool directory);

#endif /* BF_SPEC_CHECK_H */

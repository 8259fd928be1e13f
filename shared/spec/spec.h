#ifndef BF_SPEC_SPEC_H
#define BF_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"
#include "spec/document.h"
#include "spec/source.h"
#include "spec/value.h"
#include "json/json.h"

/**
 * A pipeline file, checked: YAML texts in, a struct bf_pipeline for each environment out.
 *
 *     bf_spec_load()  texts -> pipelines, and every mistake. The environments are checked one
 *                     after the other: the caller visits each pipeline before it ends, and may keep
 *                     that of the environment he chose. He also looks at the code files (disk, S3).
 *     bf_compile()    (compile/compile.h) pipeline -> definition
 *
 * Pure: no file, no clock, no network. What stays lives in the arena; the texts given must outlive
 * it. What each field of the language means, and where it goes, is in one table: spec/field.h.
 */

/** The words of "type" on a step, in the order of the language's reference. */
enum bf_step_kind {
    BF_STEP_PROCESSING,
    BF_STEP_TRAINING,
    BF_STEP_TUNING,
    BF_STEP_TRANSFORM,
    BF_STEP_MODEL,
    BF_STEP_REGISTER,
    BF_STEP_CONDITION,
    BF_STEP_FAIL,
    BF_STEP_LAMBDA,
    BF_STEP_CALLBACK,
    BF_STEP_QUALITY_CHECK,
    BF_STEP_CLARIFY_CHECK,
    BF_STEP_EMR,
    BF_STEP_ENDPOINT_CONFIG,
    BF_STEP_ENDPOINT,
    BF_STEP_RAW,
    BF_STEP_KINDS, /* how many; also: "type" is missing or wrong */
};

/** "processing", as it is written in the file. */
const char *bf_step_kind_word(enum bf_step_kind kind);
/** "Processing", SageMaker's Type; "" for raw (it is in the step). */
const char *bf_step_kind_api(enum bf_step_kind kind);

enum bf_branch { BF_BRANCH_NONE, BF_BRANCH_THEN, BF_BRANCH_ELSE };

/**
 * A step. ${fields} is what counts: the step's own words over "defaults" and the top level's role,
 * network and tags. Read it with bf_step_get().
 */
struct bf_step {
    struct bf_sv name;
    enum bf_step_kind kind;
    struct bf_loc loc;             /* of its name */
    const struct bf_value *fields; /* a map */
    const struct bf_value *own;    /* a map: only what is written on the step */
    struct bf_step *parent;        /* the condition whose branch holds it; NULL: top level */
    enum bf_branch branch;
    size_t index;   /* in bf_pipeline.steps */
    bool wrong;     /* an error was reported in it, or in what it takes from the file */
    bool unchecked; /* wrong; it is past BF_STEP_VALUES_MAX, and so are all steps behind it */
};

/**
 * How many values one field of a step may hold, all below it counted, and all steps together with
 * what they take over from the file; a step itself counts as three. The limit is ours: a definition
 * of 1 MiB, all that SageMaker takes, has room for hardly more, and what is built of them takes a
 * hundred times the memory of "0,".
 */
enum { BF_STEP_VALUES_MAX = 100000 };

/** The value at a dotted ${path} ("compute.instance_type"); NULL: not written, or null. */
const struct bf_value *bf_step_get(const struct bf_step *step, const char *path);

/**
 * The value of ${key} in ${object}, NULL: not written, or null. Where ${object} is written in its
 * short form (a scalar), that is the value of ${shorthand}.
 */
const struct bf_value *bf_object_get(const struct bf_value *object, const char *key,
                                     const char *shorthand);

enum bf_parameter_type { BF_PARAM_STRING, BF_PARAM_INTEGER, BF_PARAM_FLOAT, BF_PARAM_BOOLEAN };

/** "string" and "String". */
const char *bf_parameter_type_word(enum bf_parameter_type type);
const char *bf_parameter_type_api(enum bf_parameter_type type);

struct bf_parameter {
    struct bf_sv name;
    struct bf_loc loc;
    enum bf_parameter_type type;
    bool typed;                      /* false: "type" is missing or wrong, which was reported */
    const struct bf_value *fallback; /* "default"; NULL: every start must give it */
    const struct bf_value *words;    /* "enum": a list of strings, or NULL */
    struct bf_sv description;
};

/** One value of schedules.*.parameters or triggers.*.parameters: run-time text. */
struct bf_argument {
    struct bf_sv name, text;
    struct bf_loc key_loc, loc;
    const struct bf_value *value; /* where the text is written */
};

struct bf_arguments {
    const struct bf_argument *items;
    size_t count;
};

enum bf_schedule_kind { BF_SCHEDULE_CRON, BF_SCHEDULE_RATE, BF_SCHEDULE_AT };

struct bf_catchup {
    struct bf_sv mode; /* "none", "latest", "all" */
    int64_t limit;     /* runs */
    int64_t window;    /* seconds */
};

/** A schedule. Fields that are not written have their defaults here. */
struct bf_schedule {
    struct bf_sv name;
    struct bf_loc loc;
    enum bf_schedule_kind kind;
    struct bf_sv expression; /* cron: the six fields; at: YYYY-MM-DDThh:mm:ss; rate: as written */
    int64_t rate;            /* seconds, a multiple of 60; 0 where it is no rate */
    struct bf_sv timezone;   /* "UTC" by default */
    struct bf_arguments parameters;
    struct bf_sv overlap; /* "skip", "queue_one", "queue_all", "cancel", "allow" */
    struct bf_catchup catchup;
    int64_t max_active, start_by; /* runs; seconds */
    struct bf_sv start, end;      /* local times; empty: not given */
    int64_t jitter;               /* seconds; 0: none */
    bool enabled;
};

/** "cron(0 9 ? * MON *)", "rate(90 minutes)", "at(2026-03-01T09:00:00)": as Scheduler takes it. */
struct bf_sv bf_schedule_expression(struct bf_arena *arena, const struct bf_schedule *schedule);

/** A condition on an event: any of ${matches} at the path below "detail". */
struct bf_where {
    struct bf_sv path;              /* "object.key": short names are replaced */
    const struct bf_value *matches; /* a scalar or a list of scalars */
};

/** Which partition an event is about. */
struct bf_event_key {
    struct bf_sv field;   /* path below detail; empty: by time, or no key */
    struct bf_sv pattern; /* POSIX ERE, group 1; empty: the whole value */
    struct bf_sv time;    /* "FORMAT[,SHIFT]"; empty: by field */
};

struct bf_trigger_event {
    struct bf_sv name; /* of all_of and any_of; empty for "event" */
    struct bf_loc loc;
    struct bf_sv source, detail_type;
    struct bf_sv state_path; /* "state"; empty: no condition on a state */
    const char *const *states;
    const struct bf_where *where;
    size_t where_count;
    struct bf_event_key key;
};

enum bf_trigger_kind { BF_TRIGGER_EVENT, BF_TRIGGER_ALL_OF, BF_TRIGGER_ANY_OF };

struct bf_trigger {
    struct bf_sv name;
    struct bf_loc loc;
    enum bf_trigger_kind kind;
    const struct bf_trigger_event *events;
    size_t event_count;
    int64_t deadline;           /* seconds; 0: none */
    struct bf_sv deadline_then; /* "run", "skip", "alert" */
    struct bf_sv timezone;
    struct bf_arguments parameters;
    struct bf_sv repeat; /* "ignore", "rerun" */
    struct bf_sv overlap;
    bool enabled;
};

/** A list of texts. */
struct bf_texts {
    const struct bf_sv *items;
    size_t count;
};

struct bf_alerts {
    struct bf_texts slack; /* empty: the stack's channel */
    bool live;
    struct bf_texts events; /* "failed", "stopped", ... */
    struct bf_sv owner;
    struct bf_texts mention;
};

struct bf_business_days {
    bool given;                /* without it the unit "b" is an error */
    int weekend[7];            /* ISO weekdays, 1 = Monday */
    size_t weekend_count;      /* may be 0 */
    struct bf_texts holidays;  /* YYYY-MM-DD */
    struct bf_sv holidays_uri; /* s3://... or ssm:/...; empty: none */
};

/** A file of code that one environment's pipeline needs, where it is used. */
struct bf_source_use {
    struct bf_source *source;
    struct bf_sv written; /* the path as it stands there: "code", "./code/" are one source */
    struct bf_step *step; /* NULL: common */
    struct bf_loc loc;
    bool file_allowed, directory_allowed; /* what may stand there */
};

/** That a step needs another one: by a reference, or by depends_on. */
struct bf_need {
    const struct bf_step *from; /* NULL: the pipeline's "experiment" */
    const struct bf_step *to;
    struct bf_loc loc;
};

struct bf_pipeline {
    struct bf_sv environment; /* empty: the base */
    bool wrong;               /* the file has an error: bf_compile() looks for further ones only */
    struct bf_sv name, project, description, role;
    struct bf_loc name_loc;
    struct bf_sv bucket, prefix, kms_key; /* storage */
    struct bf_sv on_delete;               /* "keep", "remove" */
    int64_t max_parallel_steps;           /* 0: not given */
    const struct bf_value *root;          /* the resolved document */
    const struct bf_value *tags;          /* top level: a map of scalars, or NULL */
    struct bf_parameter *parameters;
    size_t parameter_count;
    bool parameters_unread;   /* misspelt, no map, or too many: that was reported */
    struct bf_step **steps;   /* all of them, also those in branches, in the order of the file */
    struct bf_step **by_name; /* the same, sorted */
    size_t step_count;
    struct bf_need *needs; /* may name the same two steps more than once */
    size_t need_count;
    struct bf_schedule *schedules;
    size_t schedule_count;
    struct bf_trigger *triggers;
    size_t trigger_count;
    struct bf_alerts alerts;
    struct bf_business_days calendar;
    struct bf_source_use *uses;
    size_t use_count;
};

const struct bf_step *bf_pipeline_step(const struct bf_pipeline *pipeline, struct bf_sv name);
const struct bf_parameter *bf_pipeline_parameter(const struct bf_pipeline *pipeline,
                                                 struct bf_sv name);
/** The source that ${value} (a source or local uri of this pipeline) names; NULL: an s3:// one. */
struct bf_source *bf_pipeline_source(const struct bf_pipeline *pipeline,
                                     const struct bf_value *value);

/** What to do with an environment that neither file nor platform declares. */
enum bf_environment_rule {
    BF_ENVIRONMENT_BY_HAND,        /* check, compile: error environment.unknown */
    BF_ENVIRONMENT_STACK,          /* the stack's: the base, with the note environment.base */
    BF_ENVIRONMENT_STACK_DECLARED, /* the stack demands it: error environment.unknown */
};

/** What a stack lets pipelines use. An empty list allows everything. */
struct bf_stack_rules {
    struct bf_texts buckets; /* storage.not_allowed */
    struct bf_texts roles;   /* role.not_allowed */
};

struct bf_spec_options {
    struct bf_text file;
    const struct bf_text *platform; /* NULL: none */
    struct bf_sv environment;       /* empty: the base */
    enum bf_environment_rule rule;
    const struct bf_variables *variables; /* for oc.env */
    const struct bf_stack_rules *stack;   /* NULL: not a deployment */
    int64_t now;                          /* Unix seconds: schedules' next fires are tried */
    bool has_now;                         /* false: they are not (compile) */
    bool must_build; /* the chosen one has to stand alone; false (check): a base that still holds
                        "???" is a template, checked with its environments only */
    bool keep;       /* the chosen one's pipeline is wanted afterwards: bf_spec.pipeline */

    void *context; /* of the two functions */
    /**
     * Look at a file or directory of code: fill source->listing, whose memory outlives the load.
     * Each source of all environments comes once. An error ends the load. NULL: nobody looks;
     * there are no code.* mistakes, and sources have no content address.
     */
    enum bf_code (*list)(void *context, struct bf_source *source, struct bf_err *err);
    /**
     * Each pipeline that could be built, when it is checked; all but the kept one end with the
     * call. ${wrong}: its environment has an error. NULL: no visits.
     */
    void (*visit)(void *context, const struct bf_pipeline *pipeline);
};

struct bf_spec {
    struct bf_sources files;      /* the loaded YAML */
    struct bf_pipeline *pipeline; /* of the chosen environment; NULL: not built, or not kept */
    struct bf_source **sources;   /* of all environments, each file and path once */
    size_t source_count;
};

/**
 * Load and check ${options->file} in every environment it declares: all mistakes go to ${diags},
 * code.source_missing, code.source_outside, code.entrypoint_missing, code.symlink and
 * code.too_large among them; every source that is there gets its sha256.
 * BF_EINVALID when there was an error (also another environment's), without a message in ${err};
 * another code: from options->list. *out is filled as far as possible.
 */
BF_NODISCARD enum bf_code bf_spec_load(struct bf_arena *arena,
                                       const struct bf_spec_options *options,
                                       struct bf_diags *diags, struct bf_spec *out,
                                       struct bf_err *err);

/** The JSON Schema (draft-07) of the language, out of the field table. */
bf_json *bf_spec_schema(struct bf_arena *arena);

/** The reference page of the language in Markdown, out of the field table. */
struct bf_sv bf_spec_reference(struct bf_arena *arena);

#endif /* BF_SPEC_SPEC_H */

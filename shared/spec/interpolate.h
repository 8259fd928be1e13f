#ifndef BF_SPEC_INTERPOLATE_H
#define BF_SPEC_INTERPOLATE_H

#include "spec/document.h"
#include "spec/node.h"

/**
 * Inside of document and interpolation only: the lazy evaluator. A node's value is computed
 * when something asks for it, once; a node that is asked for while it is being computed is a
 * cycle.
 */

enum { BF_INTERPOLATION_SCRATCH = 1 << 29 }; /* bytes of the scratch arena at most */

enum { BF_LOST_MAX = 8 };

/** A node whose text is being interpolated, and the "${" at which it is. */
struct bf_frame {
    struct bf_frame *outer;
    const struct bf_node *node;
    struct bf_loc loc;
};

struct bf_interpolation {
    struct bf_arena *arena;
    struct bf_arena *scratch; /* a stack: parsed texts and paths, while they are evaluated */
    struct bf_diags *diags;
    const struct bf_variables *variables;
    struct bf_node *root;
    bool vocabulary;               /* a pipeline file: hints speak of layers */
    const char *lost[BF_LOST_MAX]; /* at the top, misspelt: reported as that */
    size_t lost_count;
    bool silenced;          /* a path failed by one of them, which is not reported again */
    struct bf_frame *frame; /* innermost */
    unsigned chain;         /* frames */
    unsigned depth;         /* of the recursion, maps and lists counted in */
    size_t text_bytes;      /* made so far */
    size_t expanded;        /* values that came in through interpolations */
    bool too_large;         /* has been reported */
};

/** The value of ${node}; of kind BF_VALUE_ERROR where it failed, which then is reported. */
const struct bf_value *bf_value_of(struct bf_interpolation *in, struct bf_node *node);

/** What ${inter}, written in ${node}, gives there. */
const struct bf_value *bf_inter_value(struct bf_interpolation *in, struct bf_node *node,
                                      const struct bf_inter *inter);

/** The same for a call: the resolvers. */
const struct bf_value *bf_call_value(struct bf_interpolation *in, struct bf_node *node,
                                     const struct bf_inter *inter);

/** An argument, with the interpolations in it. Never a run-time value: that is an error here. */
const struct bf_value *bf_element_value(struct bf_interpolation *in, struct bf_node *node,
                                        const struct bf_inter *call,
                                        const struct bf_element *element);

/** A template's pieces as one text at ${loc}; ${node} is where they are written. */
const struct bf_value *bf_template_value(struct bf_interpolation *in, struct bf_node *node,
                                         const struct bf_template *text, struct bf_loc loc);

enum bf_lookup {
    BF_LOOKUP_FOUND,
    BF_LOOKUP_NO_KEY,
    BF_LOOKUP_NO_ITEM,    /* out of range */
    BF_LOOKUP_NO_INDEX,   /* a key into a list */
    BF_LOOKUP_ABOVE_ROOT, /* more dots than levels */
    BF_LOOKUP_SCALAR,     /* goes on below a scalar */
    BF_LOOKUP_MISSING,    /* goes on below "???" */
    BF_LOOKUP_FAILED,     /* something on the way failed, and that is reported */
};

struct bf_found {
    enum bf_lookup result;
    struct bf_reached target; /* FOUND: the end; otherwise the container where it failed */
    struct bf_sv key;         /* the key that failed */
    struct bf_sv before;      /* the path up to that container, as it was asked for */
};

/** Walk ${path} from ${node}. Says nothing about a path that leads nowhere. */
struct bf_found bf_find_path(struct bf_interpolation *in, struct bf_node *node,
                             const struct bf_key_path *path);

/** Report what bf_find_path() found out, at ${loc}. */
const struct bf_value *bf_report_path(struct bf_interpolation *in, struct bf_loc loc,
                                      const struct bf_found *found);

/** All of what a path led to, as a value that stands at ${loc}. */
const struct bf_value *bf_read_target(struct bf_interpolation *in, struct bf_loc loc,
                                      struct bf_reached target);

/** The end of a chain of whole-text interpolations: a container or scalar node, or a value. */
struct bf_found bf_settle(struct bf_interpolation *in, struct bf_reached target);

/** The parsed text of an interpolation node, in the scratch; false: the error was reported. */
bool bf_node_template(struct bf_interpolation *in, const struct bf_node *node,
                      struct bf_template *out);

/** Merge the overlays that wait for the target of an interpolation. */
void bf_node_expand(struct bf_interpolation *in, struct bf_node *node);

/* ---- values and errors ---- */

struct bf_value *bf_new_value(struct bf_interpolation *in, enum bf_value_kind kind,
                              struct bf_loc loc);
struct bf_value *bf_new_string(struct bf_interpolation *in, struct bf_loc loc, struct bf_sv text);

/** A copy that stands at ${loc}; ${from} (may be NULL) is the node it was read from. */
const struct bf_value *bf_value_at(struct bf_interpolation *in, const struct bf_value *value,
                                   struct bf_loc loc, struct bf_node *from);

bool bf_value_is_scalar(const struct bf_value *value);
bool bf_value_is_run_time(const struct bf_value *value);

/** The value BF_VALUE_ERROR, for what was reported already. */
const struct bf_value *bf_failed(struct bf_interpolation *in, struct bf_loc loc);

/** An error with the notes of the frames that led here. */
struct bf_diag *bf_complain(struct bf_interpolation *in, const char *code, struct bf_loc loc,
                            const char *fmt, ...) BF_PRINTF(4, 5);

/** interpolation.cycle: ${node} is asked for while it is being computed. */
const struct bf_value *bf_complain_cycle(struct bf_interpolation *in, const struct bf_node *node);

/**
 * ${value}, which a call or a joined text has made, if no "???" is in it; else an error at
 * ${loc}: "${oc.env:X,???}" is as mandatory as "???" itself.
 */
const struct bf_value *bf_given(struct bf_interpolation *in, const struct bf_value *value,
                                struct bf_loc loc);

/** Count ${n} values that come in; false, and an error once, when there are too many. */
bool bf_count_expanded(struct bf_interpolation *in, struct bf_loc loc, size_t n);

/** Count text that is made. */
bool bf_count_text(struct bf_interpolation *in, struct bf_loc loc, size_t bytes);

#endif /* BF_SPEC_INTERPOLATE_H */

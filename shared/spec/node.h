#ifndef BF_SPEC_NODE_H
#define BF_SPEC_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/index.h"
#include "spec/grammar.h"
#include "spec/value.h"
#include "yaml/yaml.h"

/**
 * Inside of document and interpolation only: the merged tree. A node is a place in it: it
 * knows its parent, the text that stands there, and later its value. Most places need no node:
 * what is neither merged nor interpolated is its own value. So nodes are made when something asks
 * for them, and a map or list that nobody changes has no memory of its own.
 */
struct bf_node;

/** An overlay's map over a base that is an interpolation: merged when the target is known. */
struct bf_pending {
    struct bf_pending *next;
    const struct bf_value *overlay;
};

enum bf_node_state { BF_NODE_NEW, BF_NODE_ACTIVE, BF_NODE_DONE };

/** What a path led to: a node, or a value that has none (a call's answer); neither: failed. */
struct bf_reached {
    struct bf_node *node;
    const struct bf_value *value;
};

struct bf_node {
    struct bf_node *parent;         /* NULL: the root */
    const struct bf_value *written; /* what stands there; of a merged map: in the lowest layer */
    union {
        const struct bf_pair *pairs; /* of a MAP: those of written, */
        struct bf_pair *own;         /* or once cap is not 0 its own */
    };
    struct bf_node **children; /* of pairs or items; NULL, or one of them NULL: not made yet */
    uint32_t count, cap;
    uint32_t position;          /* in the parent */
    uint8_t kind;               /* enum bf_value_kind */
    uint8_t state;              /* enum bf_node_state */
    bool following : 1;         /* its interpolation is being followed */
    bool expanding : 1;         /* its pending overlays are being merged */
    bool raw : 1;               /* set aside: stands as it is written, and so does what is below */
    bool holds_raw : 1;         /* a node below is set aside */
    bool passed : 1;            /* an interpolation read it or something below */
    bool whole : 1;             /* an interpolation read all of it */
    bool indirect : 1;          /* its text is not one path: it has to be computed */
    struct bf_index *index;     /* of a large map */
    struct bf_pending *pending; /* in the order of the layers */
    const struct bf_value *value;
    const struct bf_link *link; /* for the chains of those that read it */
    struct bf_node *target;     /* where its interpolation led */
};

/** A node for ${written} and all below. */
struct bf_node *bf_node_new(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                            const struct bf_value *written);

/** A copy of ${from} with everything below, to stand in ${parent}. */
struct bf_node *bf_node_clone(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_node *from);

/** A node for a value that was made; text with "${" in it is interpolated there. */
struct bf_node *bf_node_of_value(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                                 const struct bf_value *value);

/** What is written at ${i}. Where a layer has merged something into it, the child has that. */
const struct bf_value *bf_node_item(const struct bf_node *node, size_t i);

/** The node at ${i}, made when it is asked for the first time. */
struct bf_node *bf_node_child(struct bf_arena *arena, struct bf_node *node, size_t i);

/** The node at ${i}, or NULL: nothing has asked for it yet. */
struct bf_node *bf_node_made(const struct bf_node *node, size_t i);

/** The child of a map, or NULL. */
struct bf_node *bf_node_get(struct bf_arena *arena, struct bf_node *map, struct bf_sv key);

/** Merge an overlay's map into the map ${base}, by the table of the language's section "Merge". */
void bf_node_merge(struct bf_arena *arena, struct bf_node *base, const struct bf_value *overlay);

/** Remove ${key} from a map. */
void bf_node_remove(struct bf_arena *arena, struct bf_node *map, struct bf_sv key);

/** Whether the pairs or items are those that are written; what is below may be merged. */
bool bf_node_is_unmerged(const struct bf_node *node);

/** Set aside: see raw. */
void bf_node_set_aside(struct bf_node *node);

/** How many places the tree has, for the bound on what interpolations bring in. */
size_t bf_node_size(const struct bf_node *node);

/** Text with a "${" in it that is to be interpolated. */
bool bf_node_is_interpolation(const struct bf_node *node);

/** "???": to be given by another layer. */
bool bf_node_is_missing(const struct bf_node *node);

/** "steps.train.if[0].left"; of the root the empty view. */
struct bf_sv bf_node_path(struct bf_arena *arena, const struct bf_node *node);

#endif /* BF_SPEC_NODE_H */

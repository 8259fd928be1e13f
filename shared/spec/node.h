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
 * knows its parent, the YAML text that stands there, and later its value.
 */
struct bf_node;

struct bf_entry {
    struct bf_sv key; /* of a list's item: empty */
    struct bf_loc key_loc;
    struct bf_node *node;
};

/** An overlay's map over a base that is an interpolation: merged when the target is known. */
struct bf_pending {
    struct bf_pending *next;
    const struct bf_yaml *overlay;
};

enum bf_node_state { BF_NODE_NEW, BF_NODE_ACTIVE, BF_NODE_DONE };

/** What a path led to: a node, or a value that has none (a call's answer); neither: failed. */
struct bf_target {
    struct bf_node *node;
    const struct bf_value *value;
};

struct bf_node {
    struct bf_node *parent;     /* NULL: the root */
    const struct bf_yaml *yaml; /* NULL: the value is there from the start */
    struct bf_entry *entries;
    uint32_t count, cap;
    uint32_t position;          /* in parent->entries */
    uint8_t kind;               /* enum bf_yaml_kind */
    uint8_t state;              /* enum bf_node_state */
    bool following;             /* its interpolation is being followed */
    bool expanding;             /* its pending overlays are being merged */
    bool raw;                   /* set aside: stands as it is written */
    bool holds_raw;             /* a node below is set aside */
    bool passed;                /* an interpolation read it or something below */
    bool whole;                 /* an interpolation read all of it */
    struct bf_index *index;     /* of a large map */
    struct bf_pending *pending; /* in the order of the layers */
    struct bf_template *text;   /* the parsed scalar */
    const struct bf_value *value;
    struct bf_node *target; /* where its interpolation led */
};

/** A tree of its own for ${yaml}. */
struct bf_node *bf_node_build(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_yaml *yaml);

/** A copy of ${from} with everything below, to stand in ${parent}. */
struct bf_node *bf_node_clone(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                              const struct bf_node *from);

/** Nodes for ${value}; text with "${" in it is interpolated there. */
struct bf_node *bf_node_of_value(struct bf_arena *arena, struct bf_node *parent, uint32_t position,
                                 const struct bf_value *value);

/** The child of a map, or NULL. */
struct bf_node *bf_node_get(struct bf_arena *arena, struct bf_node *map, struct bf_sv key);

/** Merge an overlay's map into the map ${base}, by the table of the language's section "Merge". */
void bf_node_merge(struct bf_arena *arena, struct bf_node *base, const struct bf_yaml *overlay);

/** Remove ${key} from a map. */
void bf_node_remove(struct bf_node *map, struct bf_sv key);

/** Text with a "${" in it that is to be interpolated. */
bool bf_node_is_interpolation(const struct bf_node *node);

/** "???": to be given by another layer. */
bool bf_node_is_missing(const struct bf_node *node);

/** "steps.train.if[0].left"; of the root the empty view. */
struct bf_sv bf_node_path(struct bf_arena *arena, const struct bf_node *node);

#endif /* BF_SPEC_NODE_H */

#ifndef BF_YAML_BUILD_H
#define BF_YAML_BUILD_H

#include "yaml/loader.h"

/** Inside of shared/yaml only: from libyaml's events to the tree. */

/** The next event, which the caller deletes; false: the parser stopped and the reason is reported.
 */
bool bf_yaml_next_event(struct bf_yaml_loader *loader, yaml_event_t *event);

/** The next node with everything below it; NULL: reading cannot go on, the reason is reported. */
const struct bf_value *bf_yaml_read_node(struct bf_yaml_loader *loader, unsigned depth);

/** Report an error at ${loc}; ${hint} may be NULL. Reading goes on. */
void bf_yaml_wrong(struct bf_yaml_loader *loader, const char *code, struct bf_loc loc,
                   const char *message, const char *hint);

/** Begin a node with that anchor, which ends when the node is there. 0: no anchor, or one twice. */
size_t bf_yaml_open_anchor(struct bf_yaml_loader *loader, const unsigned char *name,
                           struct bf_loc loc);
void bf_yaml_close_anchor(struct bf_yaml_loader *loader, size_t anchor,
                          const struct bf_value *node);

/** The node that an alias names, a null where there is none (reported); NULL: too many of them. */
const struct bf_value *bf_yaml_read_alias(struct bf_yaml_loader *loader, const yaml_event_t *event);

/** The pairs of one map while it is read. */
struct bf_yaml_pairs {
    struct bf_pair *items;
    size_t count, cap;
    struct bf_index index;
};

/** The value of a "<<": its pairs go to ${into}; false and an error where it is no map. */
bool bf_yaml_merge_from(struct bf_yaml_loader *loader, struct bf_yaml_pairs *into,
                        const struct bf_value *source);

/** Put or replace: a key that is there keeps its place and gets the new value. */
void bf_yaml_put(struct bf_yaml_loader *loader, struct bf_yaml_pairs *pairs, struct bf_pair pair);

#endif /* BF_YAML_BUILD_H */

#ifndef BF_YAML_BUILD_H
#define BF_YAML_BUILD_H

#include "yaml/loader.h"

/** Inside of shared/yaml only: from libyaml's events to the tree. */

/** The next event, which the caller deletes; false: the parser stopped and the reason is reported.
 */
bool bf_yaml_next_event(struct bf_yaml_loader *loader, yaml_event_t *event);

/** The next node with everything below it; NULL: reading cannot go on, the reason is reported. */
const struct bf_yaml *bf_yaml_read_node(struct bf_yaml_loader *loader, unsigned depth);

/** The pairs of one map while it is read. */
struct bf_yaml_pairs {
    struct bf_yaml_pair *items;
    size_t count, cap;
    struct bf_index index;
};

/** The value of a "<<": its pairs go to ${into}; false and an error where it is no map. */
bool bf_yaml_merge_from(struct bf_yaml_loader *loader, struct bf_yaml_pairs *into,
                        const struct bf_yaml *source);

/** Put or replace: a key that is there keeps its place and gets the new value. */
void bf_yaml_put(struct bf_yaml_loader *loader, struct bf_yaml_pairs *pairs,
                 struct bf_yaml_pair pair);

#endif /* BF_YAML_BUILD_H */

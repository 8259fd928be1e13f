#ifndef BF_YAML_TAG_H
#define BF_YAML_TAG_H

#include "yaml/loader.h"

/**
 * Inside of shared/yaml only: an explicit tag, which stands at ${loc}. Allowed are YAML's core tags
 * (!!str !!int
 * !!float !!bool !!null !!seq !!map) on a node that they fit; everything else is yaml.tag.
 */
void bf_yaml_apply_tag(struct bf_yaml_loader *loader, struct bf_value *node, const char *tag,
                       struct bf_loc loc);

/** A null at ${loc}, in place of a node that could not be read. */
const struct bf_value *bf_yaml_null(struct bf_yaml_loader *loader, struct bf_loc loc);

#endif /* BF_YAML_TAG_H */

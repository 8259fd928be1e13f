#ifndef BF_YAML_SCALAR_H
#define BF_YAML_SCALAR_H

#include "yaml/yaml.h"

/** What a reader of YAML 1.2, or of the file, would not expect of a plain scalar. */
enum bf_yaml_surprise {
    BF_YAML_NO_SURPRISE,
    BF_YAML_WORD_IS_BOOL,    /* yes no on off */
    BF_YAML_OCTAL,           /* 010 */
    BF_YAML_SEXAGESIMAL,     /* 1:30 */
    BF_YAML_LIKE_AN_ACCOUNT, /* 12 digits */
    BF_YAML_NO_DIGITS,       /* 0x_: an error in PyYAML; a string here, for the caller to refuse */
};

/**
 * Give ${node} kind and value by its text, as YAML 1.1 resolves a plain scalar without a tag
 * (PyYAML's resolver.py; floats also as OmegaConf has them, no timestamps). ${arena}: scratch.
 */
enum bf_yaml_surprise bf_yaml_resolve_plain(struct bf_arena *arena, struct bf_value *node);

#endif /* BF_YAML_SCALAR_H */

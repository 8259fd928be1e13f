#ifndef BF_YAML_YAML_H
#define BF_YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"
#include "yaml/value.h"

/**
 * YAML as PyYAML's SafeLoader reads it (YAML 1.1), with OmegaConf's exceptions:
 * timestamps stay strings, duplicate keys are errors, "1e3" is a float. Anchors,
 * aliases and merge keys are expanded: an alias is the node it names once more (the
 * same memory), so locations stay those of the place where the text is written.
 *
 * Sources: YAML 1.1 (https://yaml.org/spec/1.1/, https://yaml.org/type/), PyYAML's
 * resolver.py and constructor.py, OmegaConf's get_yaml_loader().
 */

enum { BF_YAML_MAX_BYTES = 1 << 20, BF_YAML_MAX_NODES = 10000, BF_YAML_MAX_DEPTH = 200 };

/**
 * Load one document. Errors go to ${diags} with the codes yaml.syntax, yaml.duplicate_key,
 * yaml.tag, yaml.key_type, yaml.encoding, yaml.too_large; surprises (yes/no, octal, 1:30, a bare
 * account id) as the warning yaml.surprise. ${file} is the name in the locations. ${text} and
 * ${file} must live as long as the arena's content. An empty text, and one of comments only, is an
 * empty map. At most BF_YAML_MAX_BYTES of text, BF_YAML_MAX_DEPTH levels, BF_YAML_MAX_NODES nodes
 * that aliases add.
 *
 * BF_EINVALID when there was an error. *out is then the tree without the wrong parts where the text
 * could be read to its end, NULL where it could not.
 */
BF_NODISCARD enum bf_code bf_yaml_load(struct bf_arena *arena, struct bf_sv text, const char *file,
                                       struct bf_diags *diags, const struct bf_value **out);

/**
 * The places of bytes of a scalar's text: how messages point at a "${" inside of it, past escapes,
 * folded lines and indentation. One pass over its source for many places in rising order.
 */
struct bf_yaml_walk {
    const struct bf_value *scalar;
    struct bf_sv source, text;
    enum bf_style style;
    size_t at, value;   /* walked over: bytes of the source, of the text */
    unsigned line, col; /* of the source byte */
};

struct bf_yaml_walk bf_yaml_walk_start(const struct bf_value *scalar);
/** The place of the bytes [from, to); end_col is set where both are on one line. */
struct bf_loc bf_yaml_walk_span(struct bf_yaml_walk *walk, size_t from, size_t to);

#endif /* BF_YAML_YAML_H */

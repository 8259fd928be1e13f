#ifndef BF_YAML_YAML_H
#define BF_YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * YAML as PyYAML's SafeLoader reads it (YAML 1.1), with OmegaConf's exceptions:
 * timestamps stay strings, duplicate keys are errors, "1e3" is a float. Anchors,
 * aliases and merge keys are expanded: every node stands in the tree once, an
 * alias gives a copy that keeps the place where the text is written.
 */
enum bf_yaml_kind {
    BF_YAML_NULL,
    BF_YAML_BOOL,
    BF_YAML_INT,
    BF_YAML_FLOAT,
    BF_YAML_STRING,
    BF_YAML_LIST,
    BF_YAML_MAP,
};

struct bf_yaml;

struct bf_yaml_pair {
    struct bf_sv key; /* a scalar key's text; keys are always strings here */
    struct bf_loc key_loc;
    struct bf_yaml *value;
};

struct bf_yaml {
    enum bf_yaml_kind kind;
    struct bf_loc loc; /* first character of the node (of a quoted scalar: the quote) */
    struct bf_sv text; /* scalars: after YAML's own escapes; numbers and booleans as written */
    bool plain;        /* a scalar without quotes, not a block scalar */
    bool boolean;
    int64_t integer;   /* INT that fits; otherwise `wide` and only the text counts */
    bool wide;
    double number;     /* INT and FLOAT */
    size_t count;      /* items or pairs */
    struct bf_yaml **items;
    struct bf_yaml_pair *pairs;
    /*
     * Where byte `i` of `text` stands in the file: map[i] for the scalar's bytes, NULL when the
     * text is the source itself from `loc` on (or behind the opening quote).
     */
    const struct bf_loc *map;
};

enum { BF_YAML_MAX_BYTES = 1 << 20, BF_YAML_MAX_NODES = 10000, BF_YAML_MAX_DEPTH = 200 };

/**
 * Load one document. Errors go to ${diags} with the codes yaml.syntax, yaml.duplicate_key,
 * yaml.tag, yaml.key_type, yaml.encoding, yaml.too_large; surprises (yes/no, octal, 1:30, a bare
 * account id) as the warning yaml.surprise. ${file} is the name in the locations and must live as
 * long as the arena. BF_EINVALID when there was an error. An empty text is an empty map.
 */
BF_NODISCARD enum bf_code bf_yaml_load(struct bf_arena *arena, struct bf_sv text, const char *file,
                                       struct bf_diags *diags, struct bf_yaml **out);

/** The value of ${key}, or NULL. */
struct bf_yaml *bf_yaml_get(const struct bf_yaml *map, struct bf_sv key);

/** The place of byte ${at} of a scalar's text: how a message points at a "${" inside of it. */
struct bf_loc bf_yaml_loc_at(const struct bf_yaml *scalar, size_t at);

#endif /* BF_YAML_YAML_H */

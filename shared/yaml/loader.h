#ifndef BF_YAML_LOADER_H
#define BF_YAML_LOADER_H

#include <yaml.h>

#include "base/index.h"
#include "yaml/yaml.h"

/**
 * Inside of shared/yaml only: libyaml's parser and where it stands in the text.
 * libyaml counts characters and has its own idea of line ends; the cursor turns its
 * index into a byte offset and into the lines that an editor shows.
 */
struct bf_yaml_cursor {
    struct bf_sv text;
    size_t index, byte; /* characters, bytes from the start of the text */
    unsigned line, col; /* from 1 */
};

struct bf_yaml_loader {
    struct bf_arena *arena;   /* of the tree */
    struct bf_arena *scratch; /* of what only loading needs; gone at its end */
    struct bf_diags *diags;
    const char *file;
    struct bf_sv text;
    yaml_parser_t parser;
    struct bf_yaml_cursor cursor;
    struct bf_yaml_anchor *anchors; /* in the order of the text; each name once */
    size_t anchor_count, anchor_cap;
    struct bf_index anchor_index;
    /* Items and pairs of the lists and maps that are open, the innermost last. */
    const struct bf_value **items;
    size_t item_count, item_cap;
    struct bf_pair *pairs;
    size_t pair_count, pair_cap;
    size_t nodes;       /* read so far, those of aliases counted in */
    size_t alias_nodes; /* those of aliases alone */
    unsigned flow;      /* depth of flow maps and lists around the parser */
    bool wrong;         /* an error was reported; reading goes on */
};

struct bf_yaml_anchor {
    struct bf_sv name;
    const struct bf_value *node; /* NULL while the node is being read */
    size_t nodes;
    struct bf_loc loc;
};

/** Move to the character ${index} and answer its place. */
struct bf_loc bf_yaml_cursor_to(struct bf_yaml_loader *loader, size_t index);

/** The place from ${from} to ${to} (characters); end_col where it is one line. */
struct bf_loc bf_yaml_span(struct bf_yaml_loader *loader, size_t from, size_t to);

/** Say why libyaml's parser stopped: its problem in our words, with the likely fix. */
void bf_yaml_report_parser(struct bf_yaml_loader *loader);

#endif /* BF_YAML_LOADER_H */

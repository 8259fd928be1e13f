#ifndef BF_SPEC_GRAMMAR_H
#define BF_SPEC_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"
#include "yaml/yaml.h"

/**
 * The grammar of "${...}": OmegaConf's (OmegaConfGrammarLexer.g4, OmegaConfGrammarParser.g4), by
 * hand. A text becomes a template, the argument of a call an element. All views point into the
 * parsed text, which must outlive the tree.
 */
struct bf_inter;

/** Literal text, or an interpolation when inter is not NULL. */
struct bf_template_piece {
    const struct bf_inter *inter;
    struct bf_sv text;
};

struct bf_template {
    const struct bf_template_piece *pieces;
    size_t count;
};

/** A key of a path, or a part of a resolver's name. */
struct bf_inter_key {
    const struct bf_inter *inter; /* NULL: the text */
    struct bf_sv text;            /* as written, with its escapes */
    bool bracket;                 /* written [key] */
};

enum bf_element_kind {
    BF_ELEMENT_STRING, /* pieces, joined */
    BF_ELEMENT_QUOTED, /* the same; a single interpolation becomes a string as well */
    BF_ELEMENT_NULL,
    BF_ELEMENT_BOOL,
    BF_ELEMENT_INT,
    BF_ELEMENT_FLOAT, /* these four: one token, in text */
    BF_ELEMENT_LIST,
    BF_ELEMENT_MAP,
};

struct bf_element_pair;

struct bf_element {
    enum bf_element_kind kind;
    struct bf_sv text;
    struct bf_template pieces;
    const struct bf_element *items;
    const struct bf_element_pair *pairs; /* a key may come twice: the last one counts */
    size_t count;                        /* of items or pairs */
};

struct bf_element_pair {
    struct bf_sv key;
    struct bf_element value;
};

/** One "${...}". */
struct bf_inter {
    bool is_call;
    struct bf_loc loc;               /* of all of it, for messages */
    struct bf_sv source;             /* "${a.b}" */
    unsigned dots;                   /* leading ones: 0 is absolute */
    const struct bf_inter_key *keys; /* of a path; of a call: the parts of its name */
    size_t key_count;
    bool has_nested_key;
    const struct bf_element *arguments;
    size_t argument_count;
};

/** Where the parsed text stands: inside of a scalar, or somewhere that has one place only. */
struct bf_text_place {
    struct bf_yaml_walk walk;
    bool fixed;
    struct bf_loc loc;
};

struct bf_text_place bf_place_of_scalar(const struct bf_value *scalar);
struct bf_text_place bf_place_fixed(struct bf_loc loc);

/** Why a text is not in the grammar. */
struct bf_grammar_error {
    struct bf_loc loc; /* of the "${" around the mistake */
    const char *message;
    const char *hint; /* NULL: none */
    unsigned column;  /* where the mistake was seen; 0: the end, or not known */
};

/** All of ${text}, a value of a configuration that may hold "${". False: *error says why. */
bool bf_grammar_text(struct bf_arena *arena, struct bf_sv text, struct bf_text_place *place,
                     struct bf_template *out, struct bf_grammar_error *error);

/** All of ${text} as one element: what oc.decode reads. */
bool bf_grammar_element(struct bf_arena *arena, struct bf_sv text, struct bf_text_place *place,
                        struct bf_element *out, struct bf_grammar_error *error);

/** A path as text, "a.b[0].c", "..x": the keys of --path and of oc.select. */
struct bf_key_path {
    unsigned dots;
    const struct bf_sv *keys;
    size_t count;
};

/** A key without the backslashes of its escapes. */
struct bf_sv bf_path_unescape(struct bf_arena *arena, struct bf_sv key);

struct bf_key_path bf_path_parse(struct bf_arena *arena, struct bf_sv text);

#endif /* BF_SPEC_GRAMMAR_H */

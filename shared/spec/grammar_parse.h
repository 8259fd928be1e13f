#ifndef BF_SPEC_GRAMMAR_PARSE_H
#define BF_SPEC_GRAMMAR_PARSE_H

#include "spec/grammar.h"

/** Inside of the grammar only: the parser's state and what its parts call of each other. */
struct bf_parse {
    struct bf_arena *arena;
    struct bf_sv text;
    size_t at;
    struct bf_text_place *place;
    struct bf_grammar_error *error;
    struct bf_loc inter_loc; /* of the innermost "${" that is open */
    unsigned depth;
    size_t parts; /* interpolations, items and pairs so far */
};

/** Pieces while they are read: few on the stack, many in the arena. */
struct bf_template_pieces {
    struct bf_template_piece few[4];
    struct bf_template_piece *items;
    size_t count, cap;
};

void bf_parse_start(struct bf_template_pieces *pieces);

/** The pieces as they stay, in as much memory as they need. */
struct bf_template bf_parse_finish(struct bf_parse *parse, const struct bf_template_pieces *pieces);

/** The byte at ${at}, '\0' behind the end; the one at hand. */
char bf_parse_byte(const struct bf_parse *parse, size_t at);
char bf_parse_peek(const struct bf_parse *parse);

bool bf_parse_at_inter(const struct bf_parse *parse);

/** Fill in the error; always false. */
bool bf_parse_fail(struct bf_parse *parse, const char *message, const char *hint);

/** Count an interpolation, item or pair; false, and the error, past BF_INTERPOLATION_PARTS. */
bool bf_parse_count(struct bf_parse *parse);

void bf_parse_add_text(struct bf_parse *parse, struct bf_template_pieces *pieces, size_t from,
                       size_t to);
bool bf_parse_add_inter(struct bf_parse *parse, struct bf_template_pieces *pieces);

bool bf_parse_text(struct bf_parse *parse, char quote, struct bf_template *out);
bool bf_parse_inter(struct bf_parse *parse, struct bf_inter *out);
bool bf_parse_element(struct bf_parse *parse, struct bf_element *out);

/** The arguments or items up to ${close}, which stays. */
bool bf_parse_sequence(struct bf_parse *parse, char close, const struct bf_element **items,
                       size_t *count);

#endif /* BF_SPEC_GRAMMAR_PARSE_H */

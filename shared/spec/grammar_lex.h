#ifndef BF_SPEC_GRAMMAR_LEX_H
#define BF_SPEC_GRAMMAR_LEX_H

#include "spec/grammar.h"

/**
 * Inside of the grammar only: the tokens of an argument (OmegaConf's VALUE_MODE). The longest
 * match wins, of two equally long ones the first in this list.
 */
enum bf_token {
    BF_TOKEN_FLOAT,
    BF_TOKEN_INT,
    BF_TOKEN_BOOL,
    BF_TOKEN_NULL,
    BF_TOKEN_CHAR, /* / - \ + . $ % * @ ? | */
    BF_TOKEN_ID,
    BF_TOKEN_ESCAPE, /* one or more of \\ \( \[ ... */
    BF_TOKEN_COLON,  /* with the blanks around it */
    BF_TOKEN_BLANK,
    BF_TOKEN_OTHER, /* nothing of these: a delimiter, a quote, or not allowed */
};

/** The token at ${at} of ${text}; its length in *len (0 for OTHER). */
enum bf_token bf_lex(struct bf_sv text, size_t at, size_t *len);

/** Length of [a-zA-Z_][a-zA-Z0-9_-]* at ${at}, 0: none there. */
size_t bf_lex_id(struct bf_sv text, size_t at);

/**
 * Length of the longest run of characters that a key of a path may have, at ${at}. Before one of
 * \ . : [ ] = a backslash makes it part of the key (OmegaConf 2.4).
 */
size_t bf_lex_key(struct bf_sv text, size_t at);

/** Whether such an escape stands at ${at}. */
bool bf_lex_key_escape(struct bf_sv text, size_t at);

/** Position behind the blanks and tabs at ${at}. */
size_t bf_lex_blanks(struct bf_sv text, size_t at);

#endif /* BF_SPEC_GRAMMAR_LEX_H */

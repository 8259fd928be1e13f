#ifndef BF_SHAPES_PATTERN_H
#define BF_SHAPES_PATTERN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/sv.h"

/**
 * The regular expressions of the tables: of the API model, of the fields of a pipeline file. They
 * are PCRE2's, which the model needs (look-around, Unicode classes) and the JSON schema of a file
 * reads alike; they match all of a text or nothing, by characters, and "." is any character.
 */
struct bf_patterns;

/** None yet: each is compiled when it is used first, and lives in the arena. */
struct bf_patterns *bf_patterns_new(struct bf_arena *arena);

/** Whether ${pattern} is one. It is static: its address is what it is known by from then on. */
bool bf_pattern_compiles(struct bf_patterns *patterns, const char *pattern);

/**
 * Whether the whole ${text} matches ${pattern} (static, as above). True as well where that takes
 * too many steps to find out, which happens to patterns that repeat what is repeated.
 */
bool bf_pattern_matches(struct bf_patterns *patterns, const char *pattern, struct bf_sv text);

#endif /* BF_SHAPES_PATTERN_H */

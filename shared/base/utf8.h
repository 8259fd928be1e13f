#ifndef BF_BASE_UTF8_H
#define BF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

/**
 * Length in bytes of the character at the start of ${text} (1 to 4), and its
 * code point in *out when that is not NULL. 0: empty, or not well-formed UTF-8
 * (overlong forms, surrogates and values above U+10FFFF are not).
 */
size_t bf_utf8_next(struct bf_sv text, uint32_t *out);

/** Offset of the first byte that is not part of well-formed UTF-8; text.len if all of it is. */
size_t bf_utf8_valid_prefix(struct bf_sv text);

/** Number of characters; a byte that is no UTF-8 counts as one. */
size_t bf_utf8_count(struct bf_sv text);

/** The longest prefix of whole characters that has at most ${max} bytes. */
struct bf_sv bf_utf8_truncate(struct bf_sv text, size_t max);

/** Append ${code} (not a surrogate, at most U+10FFFF) to ${out}; returns the bytes written. */
size_t bf_utf8_put(char out[4], uint32_t code);

/** Columns that ${code} takes in a terminal: 0 (combining), 1, or 2 (East Asian wide, emoji). */
unsigned bf_utf8_cells(uint32_t code);

/**
 * The nearest of ${count} names by edit distance, if the distance is at most 2
 * and at most a third of the length of ${name}; else the empty view. Used by
 * every "did you mean".
 */
struct bf_sv bf_nearest(struct bf_sv name, const struct bf_sv *names, size_t count);

#endif /* BF_BASE_UTF8_H */

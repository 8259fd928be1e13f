#ifndef BF_EXPRESSION_ERE_H
#define BF_EXPRESSION_ERE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * POSIX extended regular expressions, by bytes, bounded: at most 512 bytes, no back-references
 * (their time is exponential), and repetition counts whose product is at most 1000 (their memory
 * is). Belongs to the arena.
 */
struct bf_ere;

BF_NODISCARD enum bf_code bf_ere_compile(struct bf_arena *arena, struct bf_sv pattern,
                                         const struct bf_ere **out, struct bf_err *err);

/**
 * Group 1 of the first match in ${text} (the whole match when the pattern has no group; empty when
 * the group took no part), a view of ${text}. false: no match. Text that holds a NUL never matches.
 */
bool bf_ere_find(const struct bf_ere *ere, struct bf_arena *arena, struct bf_sv text,
                 struct bf_sv *out);

/** Whether the pattern has a group. */
bool bf_ere_has_group(const struct bf_ere *ere);

#endif /* BF_EXPRESSION_ERE_H */

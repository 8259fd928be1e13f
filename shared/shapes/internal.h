#ifndef BF_SHAPES_INTERNAL_H
#define BF_SHAPES_INTERNAL_H

#include "shapes/shapes.h"

struct bf_arena *bf_shapes_arena(struct bf_shapes *shapes);

/** Whether ${pattern} (the pointer of a row of the table: it is the key of the cache) is a pattern.
 */
bool bf_pattern_compiles(struct bf_shapes *shapes, const char *pattern);

/** Whether the whole ${text} matches. ${pattern} must be static: its address is the cache's key. */
bool bf_pattern_matches(struct bf_shapes *shapes, const char *pattern, struct bf_sv text);

#endif /* BF_SHAPES_INTERNAL_H */

#ifndef BF_SHAPES_INTERNAL_H
#define BF_SHAPES_INTERNAL_H

#include "shapes/pattern.h"
#include "shapes/shapes.h"

struct definition; /* definition.h */

struct bf_shapes {
    struct bf_arena *arena;
    struct bf_patterns *patterns;
};

/** The members that a pipeline refuses though the API has them, NULL-ended; NULL: none. */
const char *const *bf_shape_refused(const struct bf_shape *structure);

/** A member that ${value} lacks and needs because of another that it has; NULL: none. */
const char *bf_shape_companion(const struct bf_shape *structure, const bf_json *value);

/** Whether "*" may be an item of ${list} in a pipeline: any of them. */
bool bf_shape_takes_star(const struct bf_shape *list);

/** Members of a structure of which one must be given; ${one}: no more than one. */
struct bf_shape_choice {
    const char *structure;
    const char *members[4]; /* NULL-ended */
    bool one;
};

/** The choice of a structure, or NULL. */
const struct bf_shape_choice *bf_shape_choice(const struct bf_shape *structure);

/** What the value of an expression in ${definition} is; ANY: not known before the run. */
enum bf_property_kind bf_expression_kind(const struct definition *definition,
                                         const bf_json *expression);

#endif /* BF_SHAPES_INTERNAL_H */

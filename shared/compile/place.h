#ifndef BF_COMPILE_PLACE_H
#define BF_COMPILE_PLACE_H

#include "spec/spec.h"

struct bf_file_place {
    struct bf_loc loc;
    const struct bf_step *step; /* NULL: in none; ${loc} is the pipeline's name */
    bool in_raw;                /* a member of a raw part, or of a raw step */
};

/**
 * Where in the file a member of the definition was written, by the field table: the value whose
 * row leads furthest along ${path} ("Steps[2].Arguments.AppSpecification.ImageUri"), or the member
 * of a raw part that does. ${key}: the member's name is what is wrong, not its value.
 */
struct bf_file_place bf_definition_place(const struct bf_pipeline *pipeline, struct bf_sv path,
                                         bool key);

#endif /* BF_COMPILE_PLACE_H */

#ifndef BF_COMPILE_PLACE_H
#define BF_COMPILE_PLACE_H

#include "spec/spec.h"

/**
 * Where in the file a member of the definition was written, by the field table: the value whose
 * row leads furthest along ${path} ("Steps[2].Arguments.AppSpecification.ImageUri"), or the member
 * of a raw part that does. *step: the step that holds it, NULL: none, and the answer is the
 * pipeline's name. ${key}: the member's name is what is wrong, not its value.
 */
struct bf_loc bf_definition_place(const struct bf_pipeline *pipeline, struct bf_sv path, bool key,
                                  const struct bf_step **step);

#endif /* BF_COMPILE_PLACE_H */

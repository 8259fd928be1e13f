#ifndef BF_EVENT_INTERNAL_H
#define BF_EVENT_INTERNAL_H

#include "event/event.h"

/**
 * application/x-www-form-urlencoded text, as S3 notifications write keys: '+' is a blank, %XX a
 * byte. False for a '%' without two hex digits, for %00, and for what is no UTF-8 afterwards.
 */
BF_NODISCARD bool bf_form_decode(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out);

#endif /* BF_EVENT_INTERNAL_H */

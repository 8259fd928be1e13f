#ifndef BF_ALERT_MESSAGE_PARTS_H
#define BF_ALERT_MESSAGE_PARTS_H

#include <stddef.h>

#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"

/* Private to message.c and message_failure.c. */

/* Redacted, cut to ${max} units, escaped. */
void bf_message_add_foreign(struct bf_buf *out, struct bf_sv text, size_t max);
struct bf_sv bf_message_first_line(struct bf_sv text);
/* "X failed in step after 3 min": plain, not redacted. */
struct bf_sv bf_message_headline(struct bf_arena *arena, const struct bf_run_view *view);
struct bf_sv bf_message_text(struct bf_arena *arena, const struct bf_run_view *view);
/* " · <url|text>"; nothing when there is no URL. */
void bf_message_add_link(struct bf_buf *out, struct bf_sv url, const char *text);
/* " · file:line" of the step in its spec. */
void bf_message_add_place(struct bf_buf *out, const struct bf_step_view *step);

#endif /* BF_ALERT_MESSAGE_PARTS_H */

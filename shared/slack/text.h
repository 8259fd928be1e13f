#ifndef BF_SLACK_TEXT_H
#define BF_SLACK_TEXT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"

/**
 * Text that is safe in Slack. Lengths are counted in UTF-16 units, which is never less than what
 * Slack counts: a Hangul syllable is 1, an emoji 2. A byte that is no UTF-8 counts as 1.
 */
size_t bf_slack_length(struct bf_sv text);

/**
 * The longest prefix of whole characters of the raw ${text} that is at most ${max} units long
 * after escaping; where something was cut, its end is "…". ${max} is at least 1.
 */
struct bf_sv bf_slack_clip(struct bf_arena *arena, struct bf_sv text, size_t max);

/**
 * Append raw text to mrkdwn: & < > become &amp; &lt; &gt; and nothing else (Slack, "Formatting
 * text for app surfaces"), so no <!channel> of a log line reaches anybody. Control characters
 * but newline and tab are left out, bytes that are no UTF-8 become U+FFFD.
 */
void bf_slack_escape(struct bf_buf *out, struct bf_sv text);

/** Append `text` as inline code, on one line: newlines become blanks, backticks an apostrophe. */
void bf_slack_code_span(struct bf_buf *out, struct bf_sv text);

/** Append <url|text>. ${url} is our own; ${text} is raw, '|' and newlines become blanks. */
void bf_slack_link(struct bf_buf *out, struct bf_sv url, struct bf_sv text);

#endif /* BF_SLACK_TEXT_H */

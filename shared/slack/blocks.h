#ifndef BF_SLACK_BLOCKS_H
#define BF_SLACK_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/sv.h"
#include "json/json.h"

/**
 * A message in Block Kit under construction. Whatever is put in, what comes out is within
 * Slack's limits: one block that is too long makes Slack refuse the whole message
 * (invalid_blocks), as do about 13,200 characters of all blocks (msg_blocks_too_long). What does
 * not fit is cut with "…" or, when nothing of it fits, left out; ${cut} tells.
 *
 * "mrkdwn" arguments are text for Slack: what is not ours in it went through bf_slack_escape().
 * "plain" and "raw" arguments are any bytes.
 */
enum {
    BF_SLACK_BLOCKS = 20,    /* Slack's limit is 50 */
    BF_SLACK_CHARS = 9000,   /* of all blocks together */
    BF_SLACK_SECTION = 2900, /* 3000 */
    BF_SLACK_HEADER = 150,
    BF_SLACK_CONTEXT = 1900, /* 2000 */
    BF_SLACK_TEXT = 3900,    /* the message's text; advised 4,000 */
};

struct bf_slack_blocks {
    struct bf_arena *arena;
    bf_json *array; /* the blocks so far */
    size_t count, chars;
    bool cut; /* something did not fit */
};

struct bf_slack_blocks bf_slack_blocks_new(struct bf_arena *arena);

void bf_slack_header(struct bf_slack_blocks *blocks, struct bf_sv plain);
void bf_slack_section(struct bf_slack_blocks *blocks, struct bf_sv mrkdwn);
/** Small grey text. */
void bf_slack_context(struct bf_slack_blocks *blocks, struct bf_sv mrkdwn);
/**
 * Raw text in a fixed-width box (rich_text_preformatted: Slack reads no markup in it, so nothing
 * in a log can close the box or ping people). At most ${max} units; what is cut is the middle.
 */
void bf_slack_preformatted(struct bf_slack_blocks *blocks, struct bf_sv raw, size_t max);

#endif /* BF_SLACK_BLOCKS_H */

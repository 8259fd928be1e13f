#include "slack/blocks.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "base/utf8.h"
#include "slack/text.h"
#include "json/json.h"

struct bf_slack_blocks bf_slack_blocks_new(struct bf_arena *arena)
{
    return (struct bf_slack_blocks){.arena = arena, .array = bf_json_new_array(arena)};
}

/* Room for a text of at most ${max} in one more block; 0: there is none worth using. */
static size_t room(struct bf_slack_blocks *blocks, size_t max)
{
    size_t left = blocks->chars < BF_SLACK_CHARS ? BF_SLACK_CHARS - blocks->chars : 0;
    size_t least = max < 40 ? max : 40;

    if (blocks->count == BF_SLACK_BLOCKS || left < least) {
        blocks->cut = true;
        return 0;
    }
    return left < max ? left : max;
}

static bf_json *add(struct bf_slack_blocks *blocks, const char *type)
{
    bf_json *block = bf_json_add_object(blocks->array, NULL);

    blocks->count++;
    (void)bf_json_add_str(block, "type", bf_sv_of(type));
    return block;
}

/*
 * A prefix of mrkdwn that is at most ${max} long and cuts neither an entity (&amp;), a link
 * (<url|text>) nor inline code in two: it ends at the last line, else at the last blank, that is
 * outside of them.
 */
static struct bf_sv fitting(struct bf_slack_blocks *blocks, struct bf_sv text, size_t max)
{
    size_t used = 0, line = 0, word = 0;
    bool link = false, code = false;

    if (bf_slack_length(text) <= max) {
        return text;
    }
    blocks->cut = true;
    for (size_t i = 0; i < text.len;) {
        size_t n = bf_utf8_next(bf_sv_from(text, i), NULL);
        n = n == 0 ? 1 : n;
        used += n == 4 ? 2 : 1;
        if (used + 1 > max) {
            break;
        }
        char c = text.ptr[i];
        link = c == '<' || (link && c != '>');
        code = c == '`' ? !code : code && c != '\n';
        if (c == '\n' && !link) {
            line = i;
        }
        if (c == ' ' && !link && !code) {
            word = i;
        }
        i += n;
    }
    size_t end = line > word / 2 ? line : word;
    return bf_sv_printf(blocks->arena, BF_SV_FMT "\xe2\x80\xa6",
                        BF_SV_ARG(bf_sv_slice(text, 0, end)));
}

static void text_object(bf_json *parent, const char *key, const char *type, struct bf_sv text)
{
    bf_json *object = bf_json_add_object(parent, key);

    (void)bf_json_add_str(object, "type", bf_sv_of(type));
    (void)bf_json_add_str(object, "text", text);
}

/* Slack refuses empty texts. */
static bool blank(struct bf_sv text)
{
    return bf_sv_trim(text).len == 0;
}

void bf_slack_header(struct bf_slack_blocks *blocks, struct bf_sv plain)
{
    size_t max = room(blocks, BF_SLACK_HEADER);
    struct bf_buf text = bf_buf_new(blocks->arena, plain.len + 64);

    if (max == 0 || blank(plain)) {
        return;
    }
    /* plain_text knows no escapes; only what is no text is taken out. */
    for (size_t i = 0; i < plain.len; i++) {
        if ((unsigned char)plain.ptr[i] < ' ') {
            bf_buf_addc(&text, ' ');
        } else {
            bf_buf_addc(&text, plain.ptr[i]);
        }
    }
    struct bf_sv cut = bf_buf_sv(&text), rest = cut;
    size_t used = 0;
    while (rest.len != 0) {
        size_t n = bf_utf8_next(rest, NULL);
        used += n == 4 ? 2 : 1;
        if (used > max - 1) {
            cut = bf_sv_printf(blocks->arena, BF_SV_FMT "\xe2\x80\xa6",
                               BF_SV_ARG(bf_sv_slice(cut, 0, cut.len - rest.len)));
            blocks->cut = true;
            break;
        }
        rest = bf_sv_from(rest, n == 0 ? 1 : n);
    }
    text_object(add(blocks, "header"), "text", "plain_text", cut);
    blocks->chars += bf_slack_length(cut);
}

void bf_slack_section(struct bf_slack_blocks *blocks, struct bf_sv mrkdwn)
{
    size_t max = room(blocks, BF_SLACK_SECTION);

    if (max == 0 || blank(mrkdwn)) {
        return;
    }
    struct bf_sv text = fitting(blocks, mrkdwn, max);
    text_object(add(blocks, "section"), "text", "mrkdwn", text);
    blocks->chars += bf_slack_length(text);
}

void bf_slack_context(struct bf_slack_blocks *blocks, struct bf_sv mrkdwn)
{
    size_t max = room(blocks, BF_SLACK_CONTEXT);

    if (max == 0 || blank(mrkdwn)) {
        return;
    }
    struct bf_sv text = fitting(blocks, mrkdwn, max);
    text_object(bf_json_add_array(add(blocks, "context"), "elements"), NULL, "mrkdwn", text);
    blocks->chars += bf_slack_length(text);
}

/* Without the control characters that Slack refuses. */
static struct bf_sv printable(struct bf_arena *arena, struct bf_sv raw)
{
    struct bf_buf out = bf_buf_new(arena, (raw.len * 3) + 1);

    for (size_t i = 0; i < raw.len;) {
        size_t n = bf_utf8_next(bf_sv_from(raw, i), NULL);
        char c = raw.ptr[i];
        if (n == 0) {
            bf_buf_addz(&out, "\xef\xbf\xbd");
        } else if ((unsigned char)c >= ' ' || c == '\n' || c == '\t') {
            bf_buf_add(&out, bf_sv_slice(raw, i, i + n));
        }
        i += n == 0 ? 1 : n;
    }
    return bf_buf_sv(&out);
}

/* Bytes of the longest prefix of ${text} of at most ${max} units. */
static size_t prefix(struct bf_sv text, size_t max)
{
    size_t used = 0, i = 0;

    while (i < text.len) {
        size_t n = bf_utf8_next(bf_sv_from(text, i), NULL);
        used += n == 4 ? 2 : 1;
        if (used > max) {
            break;
        }
        i += n == 0 ? 1 : n;
    }
    return i;
}

static struct bf_sv without_middle(struct bf_slack_blocks *blocks, struct bf_sv text, size_t max)
{
    static const char mark[] = "\n[...]\n";
    size_t length = bf_slack_length(text);

    if (length <= max) {
        return text;
    }
    blocks->cut = true;
    size_t keep = max > sizeof(mark) ? max - sizeof(mark) : 0, head = keep / 3;
    size_t from = prefix(text, head), to = prefix(text, length - (keep - head));
    /* Whole lines, where the lines are not too long for that. */
    while (from > 0 && text.ptr[from - 1] != '\n' && prefix(text, head) - from < 200) {
        from--;
    }
    size_t next = bf_sv_find(bf_sv_slice(text, to, to + 200), '\n');
    to += next < 200 && to + next < text.len ? next + 1 : 0;
    if (from != 0 && text.ptr[from - 1] != '\n') {
        from = prefix(text, head);
    }
    return bf_sv_printf(
        blocks->arena, BF_SV_FMT "%s" BF_SV_FMT, BF_SV_ARG(bf_sv_slice(text, 0, from)),
        from != 0 && text.ptr[from - 1] == '\n' ? mark + 1 : mark, BF_SV_ARG(bf_sv_from(text, to)));
}

void bf_slack_preformatted(struct bf_slack_blocks *blocks, struct bf_sv raw, size_t max)
{
    size_t left = room(blocks, max < BF_SLACK_SECTION ? max : BF_SLACK_SECTION);
    struct bf_sv text = printable(blocks->arena, raw);

    if (left == 0 || blank(text)) {
        return;
    }
    text = without_middle(blocks, text, left);
    while (text.len != 0 && text.ptr[text.len - 1] == '\n') {
        text.len--;
    }
    bf_json *box =
        bf_json_add_object(bf_json_add_array(add(blocks, "rich_text"), "elements"), NULL);
    (void)bf_json_add_str(box, "type", BF_SV("rich_text_preformatted"));
    text_object(bf_json_add_array(box, "elements"), NULL, "text", text);
    blocks->chars += bf_slack_length(text);
}

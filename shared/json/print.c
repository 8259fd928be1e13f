#include <cjson/cJSON.h>

#include "base/utf8.h"
#include "json/json.h"

/* A tree as text, and how long that would be. */

static void newline(struct bf_buf *out, bool pretty, size_t level)
{
    if (pretty) {
        bf_buf_addc(out, '\n');
        bf_buf_fill(out, ' ', 2 * level);
    }
}

static void print_scalar(struct bf_buf *out, const bf_json *node)
{
    switch (bf_json_kind(node)) {
    case BF_JSON_STRING:
        bf_buf_json(out, bf_json_text(node));
        break;
    case BF_JSON_NUMBER:
    case BF_JSON_BOOL:
        bf_buf_add(out, bf_json_text(node));
        break;
    default:
        bf_buf_addz(out, "null");
        break;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree */
static void print_node(struct bf_buf *out, const bf_json *node, bool pretty, size_t level)
{
    enum bf_json_kind kind = bf_json_kind(node);

    if (kind != BF_JSON_OBJECT && kind != BF_JSON_ARRAY) {
        print_scalar(out, node);
        return;
    }
    bf_buf_addc(out, kind == BF_JSON_OBJECT ? '{' : '[');
    for (const bf_json *x = bf_json_first(node); x != NULL; x = x->next) {
        newline(out, pretty, level + 1);
        if (kind == BF_JSON_OBJECT) {
            bf_buf_json(out, bf_json_key(x));
            bf_buf_addz(out, pretty ? ": " : ":");
        }
        print_node(out, x, pretty, level + 1);
        if (x->next != NULL) {
            bf_buf_addc(out, ',');
        }
    }
    if (bf_json_first(node) != NULL) {
        newline(out, pretty, level);
    }
    bf_buf_addc(out, kind == BF_JSON_OBJECT ? '}' : ']');
}

void bf_json_print(struct bf_buf *out, const bf_json *node)
{
    print_node(out, node, false, 0);
}

void bf_json_print_pretty(struct bf_buf *out, const bf_json *node)
{
    print_node(out, node, true, 0);
    bf_buf_addc(out, '\n');
}

static bool measure(void *to, struct bf_sv text)
{
    struct bf_json_length *length = to;

    length->bytes += text.len;
    length->characters += bf_utf8_count(text); /* no character is cut: buf.h */
    return true;
}

struct bf_json_length bf_json_length(struct bf_arena *arena, const bf_json *node)
{
    struct bf_json_length length = {0};
    struct bf_arena_mark mark = bf_arena_mark(arena);
    struct bf_buf out = bf_buf_new(arena, (size_t)64 << 20U);

    out.drain = measure;
    out.to = &length;
    bf_json_print(&out, node);
    (void)bf_buf_flush(&out);
    bf_arena_rewind(arena, mark);
    return length;
}

struct bf_sv bf_json_text_of(struct bf_arena *arena, const bf_json *node)
{
    struct bf_buf out = bf_buf_new(arena, (size_t)64 << 20U);

    bf_json_print(&out, node);
    return bf_buf_sv(&out);
}

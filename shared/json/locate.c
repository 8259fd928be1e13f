#include <cjson/cJSON.h>

#include "base/utf8.h"
#include "json/json.h"

/* Walks the tree and the text side by side; the text is known to be the tree's, so it is
 * well-formed. */
struct locate {
    struct bf_sv text;
    size_t at;
    const bf_json *wanted;
    bool key;
    size_t found, found_end;
    bool done;
};

static void skip_blanks(struct locate *l)
{
    while (l->at < l->text.len && strchr(" \t\r\n", l->text.ptr[l->at]) != NULL) {
        l->at++;
    }
}

static void skip_string(struct locate *l)
{
    for (l->at++; l->at < l->text.len && l->text.ptr[l->at] != '"'; l->at++) {
        l->at += l->text.ptr[l->at] == '\\';
    }
    l->at++;
}

static void skip_scalar(struct locate *l)
{
    if (l->at < l->text.len && l->text.ptr[l->at] == '"') {
        skip_string(l);
        return;
    }
    while (l->at < l->text.len && strchr(",]} \t\r\n", l->text.ptr[l->at]) == NULL) {
        l->at++;
    }
}

static void mark(struct locate *l, size_t from)
{
    l->found = from;
    l->found_end = l->at;
    l->done = true;
}

static void walk(struct locate *l, const bf_json *node);

/* NOLINTBEGIN(misc-no-recursion): a parsed tree has at most BF_JSON_DEPTH levels */
static void walk_items(struct locate *l, const bf_json *container)
{
    l->at++; /* the opening bracket */
    for (const bf_json *x = container->child; x != NULL && !l->done; x = x->next) {
        skip_blanks(l);
        if (x->string != NULL) {
            size_t name = l->at;
            skip_string(l);
            if (x == l->wanted && l->key) {
                mark(l, name);
                return;
            }
            skip_blanks(l);
            l->at++; /* the colon */
        }
        walk(l, x);
        skip_blanks(l);
        l->at += x->next != NULL; /* the comma */
    }
    skip_blanks(l);
    l->at++;
}

static void walk(struct locate *l, const bf_json *node)
{
    skip_blanks(l);
    size_t start = l->at;
    if (cJSON_IsObject(node) || cJSON_IsArray(node)) {
        if (node == l->wanted) {
            l->at = start + 1;
            mark(l, start);
            return;
        }
        walk_items(l, node);
    } else {
        skip_scalar(l);
        if (node == l->wanted) {
            mark(l, start);
        }
    }
}
/* NOLINTEND(misc-no-recursion) */

struct bf_loc bf_json_locate(struct bf_sv text, const char *file, const bf_json *root,
                             const bf_json *node, bool key)
{
    struct locate l = {.text = text, .wanted = node, .key = key};
    struct bf_loc loc = {.file = file};
    size_t line_start = 0;

    walk(&l, root);
    if (!l.done || l.found > text.len) {
        return loc;
    }
    loc.line = 1;
    for (size_t i = 0; i < l.found; i++) {
        if (text.ptr[i] == '\n') {
            loc.line++;
            line_start = i + 1;
        }
    }
    loc.col = (unsigned)bf_utf8_count(bf_sv_slice(text, line_start, l.found)) + 1;
    loc.end_col = loc.col + (unsigned)bf_utf8_count(bf_sv_slice(text, l.found, l.found_end));
    return loc;
}

#include "spec/value_print.h"

#include <strings.h>

#include "yaml/yaml.h"

/* ---- text that needs no quotes in any YAML: words of letters, digits, "_", "-", "/" ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_plain(struct bf_sv text)
{
    static const char *const reserved[] = {"true", "false", "yes", "no", "on",
                                           "off",  "null",  "y",   "n",  NULL};

    if (text.len == 0 || !is_letter(text.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && strchr("_-/.", c) == NULL) {
            return false;
        }
    }
    for (const char *const *word = reserved; *word != NULL; word++) {
        if (text.len == strlen(*word) && strncasecmp(text.ptr, *word, text.len) == 0) {
            return false;
        }
    }
    return true;
}

static void print_text(struct bf_buf *out, struct bf_sv text)
{
    if (is_plain(text)) {
        bf_buf_add(out, text);
    } else {
        bf_buf_json(out, text); /* a JSON string is a double-quoted scalar */
    }
}

/* What a literal text stands in, and so what would be read as more than text. */
struct around {
    char quote;  /* of a quoted argument; '\0': none */
    bool before; /* an interpolation or the closing quote follows */
};

/* Whether backslashes before ${at} count: there is a "${", the quote, or the end before one. */
static bool counts_at(struct bf_sv text, size_t at, struct around around)
{
    if (at == text.len) {
        return around.before;
    }
    return bf_sv_starts(bf_sv_from(text, at), BF_SV("${")) ||
           (around.quote != '\0' && text.ptr[at] == around.quote);
}

/* A literal "${" or quote must stay one: it gets a backslash, and each one before it a second. */
static void escape(struct bf_buf *out, struct bf_sv text, struct around around)
{
    size_t slashes = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] == '\\') {
            slashes++;
            continue;
        }
        bool counts = counts_at(text, i, around);
        bf_buf_fill(out, '\\', counts ? slashes * 2 : slashes);
        slashes = 0;
        if (i < text.len) {
            bf_buf_addz(out, counts ? "\\" : "");
            bf_buf_addc(out, text.ptr[i]);
        }
    }
}

static bool needs_quotes(struct bf_sv argument)
{
    for (size_t i = 0; i < argument.len; i++) {
        char c = argument.ptr[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && strchr("_-/.:@", c) == NULL) {
            return true;
        }
    }
    return argument.len == 0;
}

void bf_reference_print(struct bf_buf *out, const struct bf_reference *ref)
{
    static const char *const names[] = {[BF_REF_PARAM] = "param",
                                        [BF_REF_STEP] = "step",
                                        [BF_REF_REPORT] = "report",
                                        [BF_REF_EXECUTION] = "execution"};

    bf_buf_printf(out, "${%s:", names[ref->kind]);
    if (!needs_quotes(ref->argument)) {
        bf_buf_add(out, ref->argument);
    } else {
        bf_buf_addc(out, '"');
        escape(out, ref->argument, (struct around){.quote = '"', .before = true});
        bf_buf_addc(out, '"');
    }
    bf_buf_addc(out, '}');
}

static void print_parts(struct bf_buf *out, const struct bf_value *value)
{
    struct bf_buf text = bf_buf_new(out->arena, out->max);

    for (size_t i = 0; i < value->count; i++) {
        if (value->parts[i].ref != NULL) {
            bf_reference_print(&text, value->parts[i].ref);
        } else {
            bool last = i + 1 == value->count;
            escape(&text, value->parts[i].text, (struct around){.before = !last});
        }
    }
    bf_buf_json(out, bf_buf_sv(&text));
}

static void print_string(struct bf_buf *out, const struct bf_value *value)
{
    struct bf_buf text = bf_buf_new(out->arena, value->text.len * 2 + 16);

    if (bf_sv_is(value->text, "???")) { /* as it stands it would be a missing value */
        bf_buf_addz(out, "${oc.decode:???}");
        return;
    }
    if (bf_sv_search(value->text, BF_SV("${")) == value->text.len) {
        print_text(out, value->text);
        return;
    }
    escape(&text, value->text, (struct around){0});
    bf_buf_json(out, bf_buf_sv(&text));
}

static void print_scalar(struct bf_buf *out, const struct bf_value *value)
{
    switch (value->kind) {
    case BF_VALUE_BOOL:
    case BF_VALUE_INT:
    case BF_VALUE_FLOAT:
        bf_buf_add(out, value->text);
        break;
    case BF_VALUE_STRING:
        print_string(out, value);
        break;
    case BF_VALUE_REFERENCE:
    case BF_VALUE_JOINED:
        print_parts(out, value);
        break;
    default:
        bf_buf_addz(out, "null");
        break;
    }
}

static bool is_open(const struct bf_value *value)
{
    return (value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST) && value->count != 0;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value */

/* Block style; the first line continues the current one when ${inline_first}. */
static void print_block(struct bf_buf *out, const struct bf_value *value, unsigned depth,
                        bool inline_first)
{
    bool map = value->kind == BF_VALUE_MAP;

    for (size_t i = 0; i < value->count; i++) {
        const struct bf_value *child = map ? value->pairs[i].value : value->items[i];
        bool nested = is_open(child);
        if (i != 0 || !inline_first) {
            bf_buf_fill(out, ' ', (size_t)depth * 2);
        }
        if (map) {
            print_text(out, value->pairs[i].key);
            bf_buf_addz(out, nested ? ":\n" : ": ");
        } else {
            bf_buf_addz(out, "- ");
        }
        if (nested) {
            print_block(out, child, depth + 1, !map);
            continue;
        }
        if (child->kind == BF_VALUE_MAP || child->kind == BF_VALUE_LIST) {
            bf_buf_addz(out, child->kind == BF_VALUE_MAP ? "{}" : "[]");
        } else {
            print_scalar(out, child);
        }
        bf_buf_addc(out, '\n');
    }
}

/* NOLINTEND(misc-no-recursion) */

void bf_value_print_yaml(struct bf_buf *out, const struct bf_value *value)
{
    if (is_open(value)) {
        print_block(out, value, 0, false);
        return;
    }
    if (value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST) {
        bf_buf_addz(out, value->kind == BF_VALUE_MAP ? "{}" : "[]");
    } else {
        print_scalar(out, value);
    }
    bf_buf_addc(out, '\n');
}

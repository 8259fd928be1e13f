#include "spec/value_print.h"

#include <math.h>
#include <strings.h>

#include "base/utf8.h"
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

/* What YAML takes for a line end, for a mark of byte order, or not at all: JSON lets it stand. */
static bool needs_escape(uint32_t code)
{
    return (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
           code == 0xFFFE || code == 0xFFFF;
}

/* A JSON string is a double-quoted scalar, but for these. */
static void print_quoted(struct bf_buf *out, struct bf_sv text)
{
    size_t n = 0;
    bool escape = false;

    for (struct bf_sv rest = text; rest.len != 0 && !escape; rest = bf_sv_from(rest, n)) {
        uint32_t code = 0;
        n = bf_utf8_next(rest, &code);
        escape = n == 0 || needs_escape(code);
    }
    if (!escape) {
        bf_buf_json(out, text);
        return;
    }
    struct bf_buf json = bf_buf_new(out->arena, out->max);
    bf_buf_json(&json, text);
    for (struct bf_sv rest = bf_buf_sv(&json); rest.len != 0; rest = bf_sv_from(rest, n)) {
        uint32_t code = 0;
        n = bf_utf8_next(rest, &code);
        if (needs_escape(code)) {
            bf_buf_printf(out, "\\u%04X", (unsigned)code);
        } else {
            bf_buf_add(out, bf_sv_slice(rest, 0, n));
        }
    }
}

static void print_text(struct bf_buf *out, struct bf_sv text)
{
    if (is_plain(text)) {
        bf_buf_add(out, text);
    } else {
        print_quoted(out, text);
    }
}

/* ---- numbers, so that readers of YAML 1.1 and of 1.2 take them for the same ---- */

/* YAML 1.1 wants a point and a signed exponent: 1e3 is 1.0e+3. */
static void print_float(struct bf_buf *out, const struct bf_value *value)
{
    struct bf_sv text = bf_value_number(out->arena, value);
    size_t e = 0;

    while (e < text.len && (text.ptr[e] | 0x20) != 'e') {
        e++;
    }
    bf_buf_add(out, bf_sv_slice(text, 0, e));
    bf_buf_addz(out, bf_sv_find(text, '.') == text.len ? ".0" : "");
    if (e < text.len) {
        bool is_signed = text.ptr[e + 1] == '-' || text.ptr[e + 1] == '+';
        bf_buf_addz(out, is_signed ? "e" : "e+");
        bf_buf_add(out, bf_sv_from(text, e + 1));
    }
}

static void print_number(struct bf_buf *out, const struct bf_value *value)
{
    if (value->kind == BF_VALUE_INT) {
        /* Beyond 64 bits only the text is exact. */
        bf_buf_add(out, value->wide ? value->text : bf_value_number(out->arena, value));
    } else if (isnan(bf_value_double(value))) {
        bf_buf_addz(out, ".nan");
    } else if (isinf(bf_value_double(value))) {
        bf_buf_addz(out, bf_value_double(value) < 0 ? "-.inf" : ".inf");
    } else {
        print_float(out, value);
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
    print_quoted(out, bf_buf_sv(&text));
}

static void print_string(struct bf_buf *out, const struct bf_value *value)
{
    struct bf_buf text = bf_buf_new(out->arena, value->text.len * 2 + 16);

    if (bf_sv_search(value->text, BF_SV("${")) == value->text.len) {
        print_text(out, value->text);
        return;
    }
    escape(&text, value->text, (struct around){0});
    print_quoted(out, bf_buf_sv(&text));
}

static void print_scalar(struct bf_buf *out, const struct bf_value *value)
{
    switch (value->kind) {
    case BF_VALUE_BOOL:
        bf_buf_add(out, value->text);
        break;
    case BF_VALUE_INT:
    case BF_VALUE_FLOAT:
        print_number(out, value);
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

/* YAML takes at most 1024 characters, escapes counted, for a key without a "?". */
static bool is_long_key(struct bf_sv key)
{
    return key.len > 1000 / strlen("\\u0000");
}

static void print_key(struct bf_buf *out, struct bf_sv key, unsigned depth)
{
    bool is_long = is_long_key(key);

    bf_buf_addz(out, is_long ? "? " : "");
    print_text(out, key);
    if (is_long) {
        bf_buf_addc(out, '\n');
        bf_buf_fill(out, ' ', (size_t)depth * 2);
    }
    bf_buf_addc(out, ':');
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
            print_key(out, value->pairs[i].key, depth);
            bf_buf_addz(out, nested ? "\n" : " ");
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

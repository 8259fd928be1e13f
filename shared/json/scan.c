#include "json/scan.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "json/json.h"

struct scan {
    struct bf_arena *arena;
    struct bf_sv text;
    size_t at;
    const char *file;
    struct bf_json_numbers *numbers;
    struct bf_err *err;
};

static struct bf_loc place(const struct scan *s, size_t at)
{
    struct bf_loc loc = {.file = s->file, .line = 1, .col = 1};
    size_t start = 0;

    for (size_t i = 0; i < at && i < s->text.len; i++) {
        if (s->text.ptr[i] == '\n') {
            loc.line++;
            start = i + 1;
        }
    }
    loc.col += (unsigned)bf_utf8_count(bf_sv_slice(s->text, start, at));
    return loc;
}

static enum bf_code fail(struct scan *s, size_t at, const char *what)
{
    return bf_err_set(s->err, BF_ESYNTAX, place(s, at), "not valid JSON: %s", what);
}

static char peek(const struct scan *s)
{
    if (s->at >= s->text.len) {
        return '\0';
    }
    return s->text.ptr[s->at];
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->text.len && strchr(" \t\r\n", s->text.ptr[s->at]) != NULL &&
           s->text.ptr[s->at] != '\0') {
        s->at++;
    }
}

static bool hex4(const struct scan *s, size_t at, uint32_t *out)
{
    uint32_t value = 0;

    if (s->text.len < 4 || at > s->text.len - 4) {
        return false;
    }
    for (size_t i = at; i < at + 4; i++) {
        char c = s->text.ptr[i];
        if (c >= '0' && c <= '9') {
            value = value * 16 + (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = value * 16 + (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            value = value * 16 + (uint32_t)(c - 'A') + 10;
        } else {
            return false;
        }
    }
    *out = value;
    return true;
}

/* Behind the backslash. The decoded bytes go to ${name}. */
static enum bf_code scan_escape(struct scan *s, struct bf_buf *name)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    uint32_t code = 0;
    uint32_t low = 0;
    char utf8[4];
    char c = peek(s);
    const char *simple = c == '\0' ? NULL : strchr(from, c);

    if (simple != NULL) {
        bf_buf_addc(name, to[simple - from]);
        s->at++;
        return BF_OK;
    }
    if (c != 'u' || !hex4(s, s->at + 1, &code)) {
        return fail(s, s->at, "unknown escape in a string");
    }
    if (code == 0) {
        return fail(s, s->at, "\\u0000 is not allowed");
    }
    s->at += 5;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (peek(s) != '\\' || s->at + 1 >= s->text.len || s->text.ptr[s->at + 1] != 'u' ||
            !hex4(s, s->at + 2, &low) || low < 0xDC00 || low > 0xDFFF) {
            return fail(s, s->at, "half a surrogate pair in a string");
        }
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        s->at += 6;
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail(s, s->at, "half a surrogate pair in a string");
    }
    bf_buf_add(name, (struct bf_sv){.ptr = utf8, .len = bf_utf8_put(utf8, code)});
    return BF_OK;
}

static enum bf_code scan_string(struct scan *s, struct bf_buf *name)
{
    size_t start = s->at++;

    for (;;) {
        if (s->at >= s->text.len) {
            return fail(s, start, "a string is not closed");
        }
        unsigned char c = (unsigned char)s->text.ptr[s->at];
        if (c == '"') {
            s->at++;
            return BF_OK;
        }
        if (c < 0x20) {
            return fail(s, s->at, "control character in a string");
        }
        if (c == '\\') {
            s->at++;
            BF_TRY(scan_escape(s, name));
        } else {
            bf_buf_addc(name, (char)c);
            s->at++;
        }
    }
}

static size_t digits(struct scan *s)
{
    size_t start = s->at;

    while (peek(s) >= '0' && peek(s) <= '9') {
        s->at++;
    }
    return s->at - start;
}

static enum bf_code scan_number(struct scan *s)
{
    size_t start = s->at;
    struct bf_json_numbers *n = s->numbers;

    s->at += peek(s) == '-';
    size_t first = s->at;
    size_t whole = digits(s);
    if (whole == 0 || (whole > 1 && s->text.ptr[first] == '0')) {
        return fail(s, start, "a value was expected");
    }
    if (peek(s) == '.') {
        s->at++;
        if (digits(s) == 0) {
            return fail(s, start, "a number ends in a point");
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        if (digits(s) == 0) {
            return fail(s, start, "a number has an empty exponent");
        }
    }
    n->items = bf_arena_grow(s->arena, n->items, n->count, &n->cap, sizeof(*n->items));
    n->items[n->count++] = bf_sv_slice(s->text, start, s->at);
    return BF_OK;
}

static enum bf_code scan_word(struct scan *s)
{
    static const struct bf_sv words[] = {{"true", 4}, {"false", 5}, {"null", 4}};

    for (size_t i = 0; i < BF_COUNTOF(words); i++) {
        if (bf_sv_starts(bf_sv_from(s->text, s->at), words[i])) {
            s->at += words[i].len;
            return BF_OK;
        }
    }
    return scan_number(s);
}

/* Names of one object, sorted at its end to find the one that comes twice. */
struct names {
    struct bf_sv *items;
    size_t count, cap;
};

static int by_bytes(const void *a, const void *b)
{
    return bf_sv_cmp(*(const struct bf_sv *)a, *(const struct bf_sv *)b);
}

static enum bf_code refuse_twins(struct scan *s, struct names *names, size_t at)
{
    if (names->count > 1) {
        qsort(names->items, names->count, sizeof(*names->items), by_bytes);
    }
    for (size_t i = 1; i < names->count; i++) {
        if (bf_sv_eq(names->items[i - 1], names->items[i])) {
            return bf_err_set(s->err, BF_ESYNTAX, place(s, at),
                              "not valid JSON: the member '" BF_SV_FMT "' comes twice",
                              BF_SV_ARG(bf_sv_slice(names->items[i], 0, 64)));
        }
    }
    return BF_OK;
}

/* One container that is open. The scan keeps its own stack: depth is bounded, not recursion. */
struct level {
    bool object;
    size_t start;
    struct names names;
};

static enum bf_code scan_name(struct scan *s, struct level *level)
{
    struct names *names = &level->names;

    if (peek(s) != '"') {
        return fail(s, s->at, "a member name in quotes was expected");
    }
    struct bf_buf name = bf_buf_new(s->arena, s->text.len);
    BF_TRY(scan_string(s, &name));
    names->items =
        bf_arena_grow(s->arena, names->items, names->count, &names->cap, sizeof(*names->items));
    names->items[names->count++] = bf_buf_sv(&name);
    skip_blanks(s);
    if (peek(s) != ':') {
        return fail(s, s->at, "':' was expected behind a member name");
    }
    s->at++;
    skip_blanks(s);
    return BF_OK;
}

/* Opens a container, or reads a scalar; *opened tells which. */
static enum bf_code scan_value(struct scan *s, struct level *levels, size_t *depth, bool *opened)
{
    char c = peek(s);

    *opened = c == '{' || c == '[';
    if (*opened) {
        if (*depth == BF_JSON_DEPTH) {
            return fail(s, s->at, "nested too deeply (128 levels are allowed)");
        }
        levels[(*depth)++] = (struct level){.object = c == '{', .start = s->at};
        s->at++;
        return BF_OK;
    }
    if (c == '"') {
        struct bf_buf ignored = bf_buf_new(s->arena, 0);
        return scan_string(s, &ignored);
    }
    return scan_word(s);
}

/* Closes containers after a value, up to the next comma; *more: another item follows. */
static enum bf_code scan_closers(struct scan *s, struct level *levels, size_t *depth)
{
    while (*depth != 0) {
        struct level *top = &levels[*depth - 1];
        skip_blanks(s);
        if (peek(s) == ',') {
            s->at++;
            skip_blanks(s);
            if (peek(s) == (top->object ? '}' : ']')) {
                return fail(s, s->at, "a value was expected behind the comma");
            }
            return BF_OK;
        }
        if (peek(s) != (top->object ? '}' : ']')) {
            return fail(s, s->at,
                        top->object ? "',' or '}' was expected" : "',' or ']' was expected");
        }
        BF_TRY(refuse_twins(s, &top->names, top->start));
        s->at++;
        (*depth)--;
    }
    return BF_OK;
}

static enum bf_code scan_document(struct scan *s)
{
    struct level levels[BF_JSON_DEPTH];
    size_t depth = 0;
    bool opened = false;

    do {
        skip_blanks(s);
        if (depth != 0 && levels[depth - 1].object) {
            BF_TRY(scan_name(s, &levels[depth - 1]));
        }
        BF_TRY(scan_value(s, levels, &depth, &opened));
        skip_blanks(s);
        if (opened && peek(s) != '}' && peek(s) != ']') {
            continue; /* the first item of a container that is not empty */
        }
        BF_TRY(scan_closers(s, levels, &depth));
    } while (depth != 0);
    skip_blanks(s);
    return s->at == s->text.len ? BF_OK : fail(s, s->at, "text after the value");
}

enum bf_code bf_json_scan(struct bf_arena *arena, struct bf_sv text, const char *file,
                          struct bf_json_numbers *numbers, struct bf_err *err)
{
    struct scan s = {.arena = arena, .text = text, .file = file, .numbers = numbers, .err = err};
    size_t valid = bf_utf8_valid_prefix(text);

    if (valid != text.len) {
        return fail(&s, valid, "the text is not UTF-8");
    }
    return scan_document(&s);
}

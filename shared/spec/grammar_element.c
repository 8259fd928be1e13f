#include "spec/document.h"
#include "spec/grammar_lex.h"
#include "spec/grammar_parse.h"
#include "spec/grow.h"

enum { NO_TOKEN = -1 };

static bool is_delimiter(char c)
{
    return c == ',' || c == ']' || c == '}';
}

static size_t skip_blanks(struct bf_parse *parse)
{
    parse->at = bf_lex_blanks(parse->text, parse->at);
    return parse->at;
}

/* Blanks before a delimiter belong to it. */
static bool at_delimiter(const struct bf_parse *parse)
{
    size_t next = bf_lex_blanks(parse->text, parse->at);

    return next < parse->text.len && is_delimiter(parse->text.ptr[next]);
}

static bool fail_character(struct bf_parse *parse)
{
    return parse->at >= parse->text.len
               ? bf_parse_fail(parse, "'${' is not closed", "a '}' is missing")
               : bf_parse_fail(parse, "a character that needs quotes",
                               "put quotes around the argument");
}

static void add_escaped(struct bf_parse *parse, struct bf_template_pieces *pieces, size_t len)
{
    for (size_t i = 1; i < len; i += 2) {
        bf_parse_add_text(parse, pieces, parse->at + i, parse->at + i + 1);
    }
    parse->at += len;
}

static enum bf_element_kind kind_of_token(int token)
{
    switch (token) {
    case BF_TOKEN_FLOAT:
        return BF_ELEMENT_FLOAT;
    case BF_TOKEN_INT:
        return BF_ELEMENT_INT;
    case BF_TOKEN_BOOL:
        return BF_ELEMENT_BOOL;
    case BF_TOKEN_NULL:
        return BF_ELEMENT_NULL;
    default:
        return BF_ELEMENT_STRING;
    }
}

/* One token of a primitive, added to the pieces; its kind in *token. */
static bool read_token(struct bf_parse *parse, struct bf_template_pieces *pieces, int *token)
{
    size_t len = 0;

    if (bf_parse_at_inter(parse)) {
        *token = NO_TOKEN;
        return bf_parse_add_inter(parse, pieces);
    }
    *token = (int)bf_lex(parse->text, parse->at, &len);
    if (*token == BF_TOKEN_OTHER) {
        return fail_character(parse);
    }
    if (*token == BF_TOKEN_ESCAPE) {
        add_escaped(parse, pieces, len);
        return true;
    }
    bf_parse_add_text(parse, pieces, parse->at, parse->at + len);
    parse->at += len;
    return true;
}

/* A colon ends the key of a map, and is part of every other primitive. */
static bool at_primitive_end(const struct bf_parse *parse, bool is_key)
{
    size_t next = bf_lex_blanks(parse->text, parse->at);

    return parse->at >= parse->text.len || at_delimiter(parse) ||
           (is_key && next < parse->text.len && parse->text.ptr[next] == ':');
}

static bool read_primitive(struct bf_parse *parse, bool is_key, struct bf_element *out)
{
    struct bf_template_pieces pieces;
    size_t from = parse->at, tokens = 0;
    int token = NO_TOKEN;

    bf_parse_start(&pieces);
    while (!at_primitive_end(parse, is_key)) {
        if (is_key && bf_parse_at_inter(parse)) {
            return bf_parse_fail(parse, "a key of a map cannot be an interpolation", NULL);
        }
        if (!read_token(parse, &pieces, &token)) {
            return false;
        }
        tokens++;
    }
    if (tokens == 0) {
        return fail_character(parse);
    }
    out->kind = tokens == 1 ? kind_of_token(token) : BF_ELEMENT_STRING;
    out->text = bf_sv_slice(parse->text, from, parse->at);
    out->pieces = bf_parse_finish(parse, &pieces);
    return true;
}

static bool read_quoted(struct bf_parse *parse, struct bf_element *out)
{
    char quote = bf_parse_peek(parse);

    parse->at++;
    out->kind = BF_ELEMENT_QUOTED;
    if (!bf_parse_text(parse, quote, &out->pieces)) {
        return false;
    }
    if (bf_parse_peek(parse) != quote) {
        return bf_parse_fail(parse, "the quotes are not closed", NULL);
    }
    parse->at++;
    if (parse->at < parse->text.len && !at_delimiter(parse)) {
        return bf_parse_fail(parse, "text behind the quotes", "quote all of the argument");
    }
    return true;
}

static struct bf_sv key_text(struct bf_parse *parse, const struct bf_element *key)
{
    struct bf_buf text = bf_buf_new(parse->arena, parse->text.len + 1);

    for (size_t i = 0; i < key->pieces.count; i++) {
        bf_buf_add(&text, key->pieces.pieces[i].text);
    }
    return bf_buf_sv(&text);
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_INTERPOLATION_NESTING levels */

static bool read_pair(struct bf_parse *parse, struct bf_element_pair *out)
{
    struct bf_element key = {0};

    if (!read_primitive(parse, true, &key)) {
        return false;
    }
    skip_blanks(parse);
    if (bf_parse_peek(parse) != ':') {
        return bf_parse_fail(parse, "':' is expected behind a key", NULL);
    }
    parse->at++;
    skip_blanks(parse);
    out->key = key_text(parse, &key);
    return bf_parse_element(parse, &out->value);
}

static bool read_map(struct bf_parse *parse, struct bf_element *out)
{
    struct bf_element_pair few[2];
    struct bf_element_pair *pairs = few;
    size_t cap = BF_COUNTOF(few);
    bool more = true;

    out->kind = BF_ELEMENT_MAP;
    parse->at++;
    skip_blanks(parse);
    if (bf_parse_peek(parse) == '}') {
        parse->at++;
        return true;
    }
    while (more) {
        struct bf_element_pair pair = {0};
        if (!bf_parse_count(parse) || !read_pair(parse, &pair)) {
            return false;
        }
        pairs = bf_grow(parse->arena, pairs, out->count, &cap, sizeof(*pairs));
        pairs[out->count++] = pair;
        skip_blanks(parse);
        more = bf_parse_peek(parse) == ',';
        if (!more && bf_parse_peek(parse) != '}') {
            return bf_parse_fail(parse, "',' or '}' is expected in a map", NULL);
        }
        parse->at++;
        if (more) {
            skip_blanks(parse);
        }
    }
    out->pairs = bf_keep(parse->arena, pairs, out->count, sizeof(*pairs));
    return true;
}

static bool read_list(struct bf_parse *parse, struct bf_element *out)
{
    out->kind = BF_ELEMENT_LIST;
    parse->at++;
    skip_blanks(parse);
    if (!bf_parse_sequence(parse, ']', &out->items, &out->count)) {
        return false;
    }
    if (bf_parse_peek(parse) != ']') {
        return bf_parse_fail(parse, "',' or ']' is expected in a list", NULL);
    }
    parse->at++;
    return true;
}

static bool read_element(struct bf_parse *parse, struct bf_element *out)
{
    switch (bf_parse_peek(parse)) {
    case '[':
        return read_list(parse, out);
    case '{':
        return read_map(parse, out);
    case '\'':
    case '"':
        return read_quoted(parse, out);
    default:
        return read_primitive(parse, false, out);
    }
}

bool bf_parse_element(struct bf_parse *parse, struct bf_element *out)
{
    if (parse->depth == BF_INTERPOLATION_NESTING) {
        return bf_parse_fail(parse, "arguments nest deeper than 64 levels", NULL);
    }
    parse->depth++;
    if (!read_element(parse, out)) {
        return false;
    }
    parse->depth--;
    return true;
}

/* n commas separate n + 1 items; an empty one is the empty string. No comma and nothing: none. */
bool bf_parse_sequence(struct bf_parse *parse, char close, const struct bf_element **items,
                       size_t *count)
{
    struct bf_element few[2];
    struct bf_element *all = few;
    size_t n = 0, cap = BF_COUNTOF(few);
    bool more = bf_parse_peek(parse) != close;

    while (more) {
        struct bf_element element = {.kind = BF_ELEMENT_QUOTED};
        char c = bf_parse_peek(parse);
        if (!bf_parse_count(parse) ||
            (c != ',' && c != close && !bf_parse_element(parse, &element))) {
            return false;
        }
        all = bf_grow(parse->arena, all, n, &cap, sizeof(*all));
        all[n++] = element;
        skip_blanks(parse);
        more = bf_parse_peek(parse) == ',';
        if (more) {
            parse->at++;
            skip_blanks(parse);
        }
    }
    *items = bf_keep(parse->arena, all, n, sizeof(*all));
    *count = n;
    return true;
}

/* NOLINTEND(misc-no-recursion) */

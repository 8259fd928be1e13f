#include "spec/grammar.h"

#include "spec/document.h"
#include "spec/grammar_lex.h"
#include "spec/grammar_parse.h"
#include "spec/grow.h"

struct bf_text_place bf_place_of_scalar(const struct bf_value *scalar)
{
    return (struct bf_text_place){.walk = bf_yaml_walk_start(scalar)};
}

struct bf_text_place bf_place_fixed(struct bf_loc loc)
{
    return (struct bf_text_place){.fixed = true, .loc = loc};
}

char bf_parse_byte(const struct bf_parse *parse, size_t at)
{
    if (at < parse->text.len) {
        return parse->text.ptr[at];
    }
    return '\0';
}

char bf_parse_peek(const struct bf_parse *parse)
{
    return bf_parse_byte(parse, parse->at);
}

bool bf_parse_at_inter(const struct bf_parse *parse)
{
    return bf_sv_starts(bf_sv_from(parse->text, parse->at), BF_SV("${"));
}

bool bf_parse_fail(struct bf_parse *parse, const char *message, const char *hint)
{
    struct bf_text_place place = *parse->place;

    *parse->error =
        (struct bf_grammar_error){.loc = parse->inter_loc, .message = message, .hint = hint};
    if (parse->inter_loc.line == 0) {
        parse->error->loc = place.fixed ? place.loc : place.walk.scalar->loc;
    }
    if (!place.fixed && parse->at < parse->text.len) {
        struct bf_loc seen = bf_yaml_walk_span(&place.walk, parse->at, parse->at + 1);
        parse->error->column = seen.line == parse->error->loc.line ? seen.col : 0;
    }
    return false;
}

bool bf_parse_count(struct bf_parse *parse)
{
    parse->parts++;
    return parse->parts <= BF_INTERPOLATION_PARTS ||
           bf_parse_fail(parse, "more than 50000 interpolations, and items in their arguments",
                         "write a long list as YAML");
}

static void add_piece(struct bf_parse *parse, struct bf_template_pieces *pieces,
                      struct bf_template_piece piece)
{
    if (piece.inter == NULL && piece.text.len == 0) {
        return;
    }
    pieces->items =
        bf_grow(parse->arena, pieces->items, pieces->count, &pieces->cap, sizeof(*pieces->items));
    pieces->items[pieces->count++] = piece;
}

void bf_parse_start(struct bf_template_pieces *pieces)
{
    pieces->items = pieces->few;
    pieces->cap = BF_COUNTOF(pieces->few);
    pieces->count = 0;
}

struct bf_template bf_parse_finish(struct bf_parse *parse, const struct bf_template_pieces *pieces)
{
    return (struct bf_template){
        .pieces = bf_keep(parse->arena, pieces->items, pieces->count, sizeof(*pieces->items)),
        .count = pieces->count};
}

void bf_parse_add_text(struct bf_parse *parse, struct bf_template_pieces *pieces, size_t from,
                       size_t to)
{
    add_piece(parse, pieces,
              (struct bf_template_piece){.text = bf_sv_slice(parse->text, from, to)});
}

bool bf_parse_add_inter(struct bf_parse *parse, struct bf_template_pieces *pieces)
{
    struct bf_inter *inter = BF_NEW(parse->arena, struct bf_inter);

    if (!bf_parse_count(parse) || !bf_parse_inter(parse, inter)) {
        return false;
    }
    add_piece(parse, pieces, (struct bf_template_piece){.inter = inter});
    return true;
}

/*
 * A run of backslashes counts only before "${" and, in quotes, before the quote: each pair
 * is one backslash, and an odd one takes the meaning from what follows.
 */
static bool read_backslashes(struct bf_parse *parse, struct bf_template_pieces *pieces, char quote)
{
    size_t from = parse->at;

    while (bf_parse_peek(parse) == '\\') {
        parse->at++;
    }
    size_t run = parse->at - from;
    bool inter = bf_parse_at_inter(parse);
    if (!inter && (quote == '\0' || bf_parse_peek(parse) != quote)) {
        bf_parse_add_text(parse, pieces, from, parse->at);
        return true;
    }
    bf_parse_add_text(parse, pieces, from, from + run / 2);
    if (run % 2 == 1) {
        size_t len = inter ? 2 : 1;
        bf_parse_add_text(parse, pieces, parse->at, parse->at + len);
        parse->at += len;
        return true;
    }
    return !inter || bf_parse_add_inter(parse, pieces);
}

/* Text up to ${quote}, which stays; without one up to the end. */
bool bf_parse_text(struct bf_parse *parse, char quote, struct bf_template *out)
{
    struct bf_template_pieces pieces;
    size_t from = parse->at;

    bf_parse_start(&pieces);
    while (parse->at < parse->text.len && (quote == '\0' || bf_parse_peek(parse) != quote)) {
        bool escape = bf_parse_peek(parse) == '\\';
        if (!escape && !bf_parse_at_inter(parse)) {
            parse->at++;
            continue;
        }
        bf_parse_add_text(parse, &pieces, from, parse->at);
        if (!(escape ? read_backslashes(parse, &pieces, quote)
                     : bf_parse_add_inter(parse, &pieces))) {
            return false;
        }
        from = parse->at;
    }
    bf_parse_add_text(parse, &pieces, from, parse->at);
    *out = bf_parse_finish(parse, &pieces);
    return true;
}

bool bf_grammar_text(struct bf_arena *arena, struct bf_sv text, struct bf_text_place *place,
                     struct bf_template *out, struct bf_grammar_error *error)
{
    struct bf_parse parse = {.arena = arena, .text = text, .place = place, .error = error};

    return bf_parse_text(&parse, '\0', out);
}

bool bf_grammar_element(struct bf_arena *arena, struct bf_sv text, struct bf_text_place *place,
                        struct bf_element *out, struct bf_grammar_error *error)
{
    struct bf_parse parse = {.arena = arena, .text = text, .place = place, .error = error};

    if (text.len == 0) {
        return bf_parse_fail(&parse, "an empty text is no value", NULL);
    }
    if (!bf_parse_element(&parse, out)) {
        return false;
    }
    if (parse.at < text.len) {
        return bf_parse_fail(&parse, "text behind the value",
                             "put quotes around a text with other characters");
    }
    return true;
}

/* ---- paths as text ---- */

struct keys {
    struct bf_sv few[8];
    struct bf_sv *items;
    size_t count, cap;
};

static void add_key(struct bf_arena *arena, struct keys *keys, struct bf_sv key)
{
    keys->items = bf_grow(arena, keys->items, keys->count, &keys->cap, sizeof(*keys->items));
    keys->items[keys->count++] = bf_path_unescape(arena, key);
}

struct bf_sv bf_path_unescape(struct bf_arena *arena, struct bf_sv key)
{
    if (bf_sv_find(key, '\\') == key.len) {
        return key;
    }
    struct bf_buf text = bf_buf_new(arena, key.len + 1);
    for (size_t i = 0; i < key.len; i++) {
        i += bf_lex_key_escape(key, i) ? 1 : 0;
        bf_buf_addc(&text, key.ptr[i]);
    }
    return bf_buf_sv(&text);
}

/* Up to the first byte of ${ends} that has no backslash before it. */
static size_t key_end(struct bf_sv text, size_t at, const char *ends)
{
    while (at < text.len && strchr(ends, text.ptr[at]) == NULL) {
        at += bf_lex_key_escape(text, at) ? 2 : 1;
    }
    return at;
}

struct bf_key_path bf_path_parse(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_key_path path = {0};
    struct keys keys = {.cap = BF_COUNTOF(keys.few)};
    size_t at = 0;

    keys.items = keys.few;
    while (at < text.len && text.ptr[at] == '.') {
        at++;
        path.dots++;
    }
    size_t end = key_end(text, at, ".[");
    if (end != at) {
        add_key(arena, &keys, bf_sv_slice(text, at, end));
    }
    for (at = end; at < text.len; at = end) {
        bool bracket = text.ptr[at] == '[';
        end = key_end(text, at + 1, bracket ? "]" : ".[");
        add_key(arena, &keys, bf_sv_slice(text, at + 1, end));
        end += bracket ? 1 : 0;
    }
    path.keys = bf_keep(arena, keys.items, keys.count, sizeof(*keys.items));
    path.count = keys.count;
    return path;
}

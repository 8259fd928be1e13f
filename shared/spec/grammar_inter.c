#include "spec/document.h"
#include "spec/grammar_lex.h"
#include "spec/grammar_parse.h"
#include "spec/grow.h"

/* A "${...}" while it is read. */
struct reading {
    struct bf_inter_key few[6];
    struct bf_inter_key *keys;
    size_t count, cap;
    bool may_be_call; /* only words and interpolations with dots between them so far */
};

static void skip_blanks(struct bf_parse *parse)
{
    parse->at = bf_lex_blanks(parse->text, parse->at);
}

static bool fail_at_key(struct bf_parse *parse)
{
    switch (bf_parse_peek(parse)) {
    case '\0':
        return bf_parse_fail(parse, "'${' is not closed",
                             "a '}' is missing; for the text '${' "
                             "write '\\${'");
    case '}':
        return bf_parse_fail(parse, "a key is missing before '}'",
                             "write ${key}, or '\\${' for the text");
    case ':':
        return bf_parse_fail(parse, "a resolver's name is missing before ':'", NULL);
    case ' ':
    case '\t':
        return bf_parse_fail(parse, "a blank inside of a path", "write ${a.b} without blanks");
    case '\'':
    case '"':
        return bf_parse_fail(parse, "a key in a path has no quotes",
                             "use ${oc.select:'...'} for a key with special characters");
    default:
        return bf_parse_fail(parse, "a key is expected here", NULL);
    }
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_INTERPOLATION_NESTING levels */

/* interpolation | ID | INTER_KEY */
static bool read_key(struct bf_parse *parse, struct reading *reading, bool bracket)
{
    struct bf_inter_key key = {.bracket = bracket};

    if (bf_parse_at_inter(parse)) {
        struct bf_inter *inter = BF_NEW(parse->arena, struct bf_inter);
        if (!bf_parse_inter(parse, inter)) {
            return false;
        }
        key.inter = inter;
    } else {
        size_t len = bf_lex_key(parse->text, parse->at);
        if (len == 0) {
            return fail_at_key(parse);
        }
        key.text = bf_sv_slice(parse->text, parse->at, parse->at + len);
        reading->may_be_call = reading->may_be_call && bf_lex_id(key.text, 0) == len;
        parse->at += len;
    }
    reading->keys =
        bf_grow(parse->arena, reading->keys, reading->count, &reading->cap, sizeof(*reading->keys));
    reading->keys[reading->count++] = key;
    return true;
}

static bool read_bracket(struct bf_parse *parse, struct reading *reading)
{
    reading->may_be_call = false;
    parse->at++;
    if (!read_key(parse, reading, true)) {
        return false;
    }
    if (bf_parse_peek(parse) != ']') {
        return bf_parse_fail(parse, "']' is expected behind a key in brackets", NULL);
    }
    parse->at++;
    return true;
}

static bool fail_behind_key(struct bf_parse *parse)
{
    switch (bf_parse_peek(parse)) {
    case '\0':
        return bf_parse_fail(parse, "'${' is not closed",
                             "a '}' is missing; for the text '${' write '\\${'");
    case '{':
    case '$':
        return bf_parse_fail(parse, "a key is one word or one interpolation, not a mixture",
                             "let a variable hold the whole key: ${a[${variables.key}]}");
    case ' ':
    case '\t':
        return bf_parse_fail(parse, "a blank inside of a path", "write ${a.b} without blanks");
    default:
        return bf_parse_fail(parse, "'.', '[' or '}' is expected behind a key", NULL);
    }
}

static bool read_arguments(struct bf_parse *parse, struct bf_inter *out)
{
    out->is_call = true;
    parse->at++;
    skip_blanks(parse);
    if (!bf_parse_sequence(parse, '}', &out->arguments, &out->argument_count)) {
        return false;
    }
    if (bf_parse_peek(parse) != '}') {
        return bf_parse_fail(parse, "'${' is not closed", "a '}' is missing behind the arguments");
    }
    parse->at++;
    return true;
}

/* What follows a key: more of the path, the arguments, or the end. *done tells. */
static bool read_behind_key(struct bf_parse *parse, struct bf_inter *out, struct reading *reading,
                            bool *done)
{
    size_t next = bf_lex_blanks(parse->text, parse->at);
    char c = bf_parse_byte(parse, next);

    if (bf_parse_peek(parse) == '.') {
        parse->at++;
        return read_key(parse, reading, false);
    }
    if (bf_parse_peek(parse) == '[') {
        return read_bracket(parse, reading);
    }
    *done = true;
    if (c == '}') {
        parse->at = next + 1;
        return true;
    }
    if (c == ':' && reading->may_be_call) {
        parse->at = next;
        return read_arguments(parse, out);
    }
    if (c == ':') {
        parse->at = next;
        return bf_parse_fail(parse, "this is no name of a resolver",
                             "a key that holds ':' is read by ${oc.select:'...'}");
    }
    return fail_behind_key(parse);
}

static bool read_body(struct bf_parse *parse, struct bf_inter *out)
{
    struct reading reading = {.may_be_call = true, .cap = BF_COUNTOF(reading.few)};
    bool done = false;

    reading.keys = reading.few;
    skip_blanks(parse);
    while (bf_parse_peek(parse) == '.') {
        parse->at++;
        out->dots++;
        reading.may_be_call = false;
    }
    if (!(bf_parse_peek(parse) == '[' ? read_bracket(parse, &reading)
                                      : read_key(parse, &reading, false))) {
        return false;
    }
    while (!done) {
        if (!read_behind_key(parse, out, &reading, &done)) {
            return false;
        }
    }
    out->keys = bf_keep(parse->arena, reading.keys, reading.count, sizeof(*reading.keys));
    out->key_count = reading.count;
    for (size_t i = 0; i < reading.count; i++) {
        out->has_nested_key = out->has_nested_key || reading.keys[i].inter != NULL;
    }
    return true;
}

bool bf_parse_inter(struct bf_parse *parse, struct bf_inter *out)
{
    struct bf_loc outer = parse->inter_loc;
    size_t from = parse->at;
    struct bf_text_place place;

    out->loc = parse->place->loc;
    if (!parse->place->fixed) {
        /* The start in the running walk; the end, which is not yet known, below in a copy. */
        out->loc = bf_yaml_walk_span(&parse->place->walk, from, from + 2);
    }
    parse->inter_loc = out->loc;
    if (parse->depth == BF_INTERPOLATION_NESTING) {
        return bf_parse_fail(parse, "interpolations nest deeper than 64 levels", NULL);
    }
    place = *parse->place;
    parse->depth++;
    parse->at += 2;
    if (!read_body(parse, out)) {
        return false;
    }
    parse->depth--;
    parse->inter_loc = outer;
    out->source = bf_sv_slice(parse->text, from, parse->at);
    if (!place.fixed) {
        out->loc = bf_yaml_walk_span(&place.walk, from, parse->at);
    }
    return true;
}

/* NOLINTEND(misc-no-recursion) */

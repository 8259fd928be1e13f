#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "yaml/loader.h"

/* What libyaml says, and what a person can do about it. */
struct advice {
    const char *problem; /* libyaml's text */
    const char *message;
    const char *hint; /* NULL: none */
};

static const char tab_hint[] = "indent with blanks: YAML takes no tabs there";

static const struct advice advices[] = {
    {"mapping values are not allowed in this context", "a ': ' is not allowed here",
     "put quotes around a value that holds ': ', or mind the indentation of the line before"},
    {"could not find expected ':'", "a ':' is missing behind the key",
     "write 'key: value', with a blank behind the colon"},
    {"did not find expected key", "this is neither a key of the map above nor part of its value",
     "all keys of a map begin in the same column; quote a value that begins with a special "
     "character"},
    {"did not find expected '-' indicator",
     "this is neither an item of the list above nor part of "
     "one",
     "all items of a list begin with '- ' in the same column"},
    {"did not find expected ',' or '}'", "a ',' or '}' is missing in this map", NULL},
    {"did not find expected ',' or ']'", "a ',' or ']' is missing in this list", NULL},
    {"did not find expected node content", "a value is missing here", NULL},
    {"did not find expected alphabetic or numeric character",
     "'*' and '&' must be followed by a name",
     "put quotes around a value that begins with '*' or '&'"},
    {"found unexpected end of stream", "the quotes are not closed", NULL},
    {"found unexpected document indicator", "the quotes are not closed", NULL},
    {"found unknown escape character", "unknown escape in double quotes",
     "write '\\\\' for a backslash, or use single quotes"},
    {"block sequence entries are not allowed in this context", "a list cannot begin here",
     "begin it on a line of its own, or write [a, b]"},
    {"block collections are not allowed in this context", "a list or map cannot begin here", NULL},
    {"found a tab character that violates indentation", "a tab cannot be indentation", tab_hint},
    {"found a tab character where an indentation space is expected", "a tab cannot be indentation",
     tab_hint},
    {"did not find expected <document start>", "text behind the end of the document",
     "a file holds one document; mind the indentation of this line"},
};

static const struct advice *advice_for(const char *problem)
{
    for (size_t i = 0; i < BF_COUNTOF(advices); i++) {
        if (strcmp(advices[i].problem, problem) == 0) {
            return &advices[i];
        }
    }
    return NULL;
}

static char byte_at(struct bf_sv text, size_t at)
{
    if (at < text.len) {
        return text.ptr[at];
    }
    return '\0';
}

/* "{a: ${x}}" and "{a: ???}": read as the beginning of a map, or of a key. */
static const char *flow_hint(struct bf_sv text, size_t at)
{
    char c = byte_at(text, at);

    if (c == '{' && at != 0 && text.ptr[at - 1] == '$') {
        return "inside of {...} and [...] a value with '${' needs quotes: \"${...}\"";
    }
    if (c == '?') {
        return "inside of {...} and [...] a value with '?' needs quotes: \"???\"";
    }
    return NULL;
}

/* What stands between two bytes of a flow map or list that is not closed: "{slack: #ads}". */
static bool has_comment(struct bf_sv text, size_t from, size_t to)
{
    for (size_t at = from + 1; at < to && at < text.len; at++) {
        if (text.ptr[at] == '#' && (text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '\n')) {
            return true;
        }
    }
    return false;
}

static const char *comment_hint(struct bf_yaml_loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    size_t to = loader->cursor.byte;
    if (strncmp(parser->problem, "did not find expected ',' or ", 29) != 0) {
        return NULL;
    }
    (void)bf_yaml_cursor_to(loader, parser->context_mark.index);
    return has_comment(loader->text, loader->cursor.byte, to)
               ? "'#' behind a blank begins a comment: put quotes around a value that holds it"
               : NULL;
}

/* What git leaves in a file that could not be merged: the first such line. */
static bool report_conflict(struct bf_yaml_loader *loader)
{
    struct bf_sv rest = loader->text;
    for (unsigned line = 1; rest.len > 0; line++) {
        struct bf_sv text = bf_sv_trim(bf_sv_cut(&rest, '\n'));
        if (!bf_sv_starts(text, BF_SV("<<<<<<< ")) && !bf_sv_starts(text, BF_SV(">>>>>>> ")) &&
            !bf_sv_is(text, "=======")) {
            continue;
        }
        struct bf_loc loc = {.file = loader->file, .line = line, .col = 1};
        struct bf_diag *diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc,
                                       "a merge conflict is left in the file");
        bf_diag_hint(loader->diags, diag,
                     "choose what counts, and remove the lines <<<<<<<, ======= and >>>>>>>");
        return true;
    }
    return false;
}

static const char *token_hint(char c)
{
    switch (c) {
    case '\t':
        return tab_hint;
    case '@':
    case '`':
    case '%':
        return "put quotes around a value that begins with '@', '`' or '%'";
    default:
        return NULL;
    }
}

static void report_token(struct bf_yaml_loader *loader, struct bf_loc loc)
{
    size_t at = loader->cursor.byte;
    size_t n = bf_utf8_next(bf_sv_from(loader->text, at), NULL);
    bool tab = byte_at(loader->text, at) == '\t';
    struct bf_diag *diag = NULL;

    if (tab) {
        diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc, "a tab cannot stand here");
    } else {
        diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc,
                       "a value cannot begin with '" BF_SV_FMT "'",
                       BF_SV_ARG(bf_sv_slice(loader->text, at, at + n)));
    }
    const char *hint = token_hint(byte_at(loader->text, at));
    if (hint != NULL) {
        bf_diag_hint(loader->diags, diag, "%s", hint);
    }
}

/* libyaml's reader refuses what is not printable; its offset is in bytes. */
static void report_reader(struct bf_yaml_loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    struct bf_sv before = bf_sv_slice(loader->text, 0, parser->problem_offset);
    struct bf_loc loc = bf_yaml_cursor_to(loader, bf_utf8_count(before));

    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "yaml.encoding", loc,
                "the character U+%04X is not allowed in YAML", (unsigned)parser->problem_value);
    bf_diag_hint(loader->diags, diag, "remove it, or write it in double quotes as \\u%04X",
                 (unsigned)parser->problem_value);
}

static size_t line_start(struct bf_sv text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* "name:hello" is text to YAML, and takes the next line in. The line that holds ${at}, or where
   that is blank or a comment one before it; empty: its colon has its blank, or there is none. */
static struct bf_sv glued_key(struct bf_sv text, size_t at)
{
    size_t start = line_start(text, at), colon = 0;
    struct bf_sv line =
        bf_sv_trim(bf_sv_slice(text, start, start + bf_sv_find(bf_sv_from(text, start), '\n')));

    while ((line.len == 0 || line.ptr[0] == '#') && start > 0) {
        size_t end = start - 1;
        start = line_start(text, end);
        line = bf_sv_trim(bf_sv_slice(text, start, end));
    }
    while (colon < line.len && (isalnum((unsigned char)line.ptr[colon]) || line.ptr[colon] == '_' ||
                                line.ptr[colon] == '-')) {
        colon++;
    }
    bool glued = colon > 0 && colon + 1 < line.len && line.ptr[colon] == ':' &&
                 strchr(" \t/:", line.ptr[colon + 1]) == NULL;
    return glued ? line : (struct bf_sv){0};
}

/* The place where the text began that went wrong: before the line of the problem. */
static struct bf_sv glued_line(const struct bf_yaml_loader *loader, const char *problem)
{
    size_t start = line_start(loader->text, loader->cursor.byte);

    if (start == 0 ||
        (strcmp(problem, advices[0].problem) != 0 && strcmp(problem, advices[1].problem) != 0)) {
        return (struct bf_sv){0};
    }
    return glued_key(loader->text, start - 1);
}

void bf_yaml_report_parser(struct bf_yaml_loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    const char *problem = parser->problem == NULL ? "this is no YAML" : parser->problem;

    loader->wrong = true;
    if (parser->error == YAML_READER_ERROR) {
        report_reader(loader);
        return;
    }
    if (report_conflict(loader)) {
        return;
    }
    struct bf_loc loc = bf_yaml_cursor_to(loader, parser->problem_mark.index);
    if (strcmp(problem, "found character that cannot start any token") == 0) {
        report_token(loader, loc);
        return;
    }
    const struct advice *advice = advice_for(problem);
    struct bf_sv glued = glued_line(loader, problem);
    const char *hint = flow_hint(loader->text, loader->cursor.byte);
    if (hint == NULL && advice != NULL) {
        hint = advice->hint != NULL ? advice->hint : comment_hint(loader);
    }
    struct bf_diag *diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc, "%s",
                                   advice == NULL ? problem : advice->message);
    if (parser->context != NULL && parser->context_mark.index != parser->problem_mark.index) {
        bf_diag_note(loader->diags, diag, bf_yaml_cursor_to(loader, parser->context_mark.index),
                     "%s that begins here", parser->context);
    }
    if (glued.len > 0) {
        bf_diag_hint(loader->diags, diag,
                     "the line before: a blank is missing behind the ':' of '" BF_SV_FMT "'",
                     BF_SV_ARG(bf_utf8_truncate(glued, 80)));
    } else if (hint != NULL) {
        bf_diag_hint(loader->diags, diag, "%s", hint);
    }
}

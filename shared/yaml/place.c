#include "base/utf8.h"
#include "yaml/loader.h"

static size_t char_length(struct bf_sv text, size_t at)
{
    size_t n = bf_utf8_next(bf_sv_from(text, at), NULL);

    return n == 0 ? 1 : n;
}

static void step_forward(struct bf_yaml_cursor *cursor)
{
    char c = cursor->text.ptr[cursor->byte];

    cursor->byte += char_length(cursor->text, cursor->byte);
    cursor->index++;
    cursor->col = c == '\n' ? 1 : cursor->col + 1;
    cursor->line += c == '\n' ? 1 : 0;
}

static void step_back(struct bf_yaml_cursor *cursor)
{
    do {
        cursor->byte--;
    } while ((cursor->text.ptr[cursor->byte] & 0xC0) == 0x80 && cursor->byte != 0);
    cursor->index--;
    if (cursor->text.ptr[cursor->byte] != '\n') {
        cursor->col--;
        return;
    }
    size_t from = cursor->byte;
    while (from != 0 && cursor->text.ptr[from - 1] != '\n') {
        from--;
    }
    cursor->line--;
    cursor->col = (unsigned)bf_utf8_count(bf_sv_slice(cursor->text, from, cursor->byte)) + 1;
}

struct bf_loc bf_yaml_cursor_to(struct bf_yaml_loader *loader, size_t index)
{
    struct bf_yaml_cursor *cursor = &loader->cursor;

    while (cursor->index < index && cursor->byte < cursor->text.len) {
        step_forward(cursor);
    }
    while (cursor->index > index) {
        step_back(cursor);
    }
    return (struct bf_loc){.file = loader->file, .line = cursor->line, .col = cursor->col};
}

struct bf_loc bf_yaml_span(struct bf_yaml_loader *loader, size_t from, size_t to)
{
    struct bf_loc loc = bf_yaml_cursor_to(loader, from);
    struct bf_loc end = bf_yaml_cursor_to(loader, to);

    loc.end_col = end.line == loc.line ? end.col : 0;
    return loc;
}

/* ---- where byte N of a scalar's text stands in its source ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void walk_source(struct bf_yaml_walk *walk, size_t upto)
{
    while (walk->at < upto && walk->at < walk->source.len) {
        char c = walk->source.ptr[walk->at];
        walk->at += char_length(walk->source, walk->at);
        walk->col = c == '\n' ? 1 : walk->col + 1;
        walk->line += c == '\n' ? 1 : 0;
    }
}

/* The end of a run of blanks and line ends, and how many lines end in it. */
static size_t space_run(struct bf_sv text, size_t from, size_t *lines)
{
    *lines = 0;
    while (from < text.len && is_space(text.ptr[from])) {
        *lines += text.ptr[from] == '\n' ? 1 : 0;
        from++;
    }
    return from;
}

/* "\n", "\x41", a backslash at the end of a line: source and text bytes of one escape. */
static void walk_escape(struct bf_yaml_walk *walk)
{
    bool last = walk->at + 1 >= walk->source.len;
    char c = walk->source.ptr[last ? walk->at : walk->at + 1];
    size_t source_bytes = 2, lines = 0;

    if (c == '\n' || c == '\r') {
        walk_source(walk, space_run(walk->source, walk->at + 1, &lines));
        return;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        size_t digits = c == 'x' ? 2 : 4;
        source_bytes += c == 'U' ? 8 : digits;
    }
    walk->value += char_length(walk->text, walk->value);
    walk_source(walk, walk->at + source_bytes);
}

/* In a quoted or plain scalar one line end folds to a blank, n of them to n - 1 line ends. */
static void walk_fold(struct bf_yaml_walk *walk, size_t end, size_t lines)
{
    walk->value += lines == 1 ? 1 : lines - 1;
    walk_source(walk, end);
}

static void walk_spaces(struct bf_yaml_walk *walk)
{
    size_t lines = 0, unused = 0;
    size_t end = space_run(walk->source, walk->at, &lines);

    if (lines == 0) {
        walk->value++;
        walk_source(walk, walk->at + 1);
    } else if (walk->style == BF_YAML_BLOCK) {
        /* Indentation went from the text, and no blank is escaped: run stands for run. */
        walk->value = space_run(walk->text, walk->value, &unused);
        walk_source(walk, end);
    } else {
        walk_fold(walk, end, lines);
    }
}

static void walk_one(struct bf_yaml_walk *walk)
{
    char c = walk->source.ptr[walk->at];

    if (is_space(c)) {
        walk_spaces(walk);
    } else if (walk->style == BF_YAML_DOUBLE && c == '\\') {
        walk_escape(walk);
    } else if (walk->style == BF_YAML_SINGLE && c == '\'') {
        walk->value++;
        walk_source(walk, walk->at + 2);
    } else {
        walk->value += char_length(walk->text, walk->value);
        walk_source(walk, walk->at + 1);
    }
}

/* Past the quote, or past "|2-  # comment" and the indentation of the first line. */
static void walk_opening(struct bf_yaml_walk *walk)
{
    size_t lines = 0;

    if (walk->style == BF_YAML_SINGLE || walk->style == BF_YAML_DOUBLE) {
        walk_source(walk, 1);
    } else if (walk->style == BF_YAML_BLOCK) {
        walk_source(walk, bf_sv_find(walk->source, '\n'));
        walk_source(walk, space_run(walk->source, walk->at, &lines));
        walk->value = space_run(walk->text, 0, &lines);
    }
}

static void walk_to(struct bf_yaml_walk *walk, size_t target)
{
    while (walk->value < target && walk->at < walk->source.len) {
        walk_one(walk);
    }
}

struct bf_yaml_walk bf_yaml_walk_start(const struct bf_yaml *scalar)
{
    struct bf_yaml_walk walk = {.scalar = scalar,
                                .source = scalar->source,
                                .text = scalar->text,
                                .style = scalar->style,
                                .line = scalar->loc.line,
                                .col = scalar->loc.col};

    walk_opening(&walk);
    return walk;
}

struct bf_loc bf_yaml_walk_span(struct bf_yaml_walk *walk, size_t from, size_t to)
{
    const struct bf_yaml *scalar = walk->scalar;
    struct bf_loc loc = scalar->loc;

    if (loc.line == 0 || scalar->source.len == 0) {
        return loc;
    }
    if (from < walk->value) {
        *walk = bf_yaml_walk_start(scalar);
    }
    walk_to(walk, from);
    loc.line = walk->line;
    loc.col = walk->col;
    struct bf_yaml_walk ahead = *walk;
    walk_to(&ahead, to);
    loc.end_col = ahead.line == loc.line && ahead.col > loc.col ? ahead.col : 0;
    return loc;
}

struct bf_loc bf_yaml_loc_at(const struct bf_yaml *scalar, size_t from, size_t to)
{
    struct bf_yaml_walk walk = bf_yaml_walk_start(scalar);

    return bf_yaml_walk_span(&walk, from, to);
}

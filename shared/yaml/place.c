#include "base/utf8.h"
#include "yaml/loader.h"

static size_t char_length(struct bf_sv text, size_t at)
{
    if (at < text.len && (unsigned char)text.ptr[at] < 0x80) {
        return 1;
    }
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

/* YAML 1.1 has five line ends; the last two are kept where the others fold to a blank. */
enum line_end { NO_END, FOLDING_END, KEPT_END };

/* Whether a line ends at byte ${at} of ${text}, which has one there. */
static enum line_end line_end_at(struct bf_sv text, size_t at, size_t *bytes)
{
    char c = text.ptr[at];

    if (c != '\n' && c != '\r' && c != '\xC2' && c != '\xE2') {
        return NO_END; /* none begins so; this is asked of every character */
    }
    struct bf_sv rest = bf_sv_from(text, at);

    *bytes = bf_sv_starts(rest, BF_SV("\r\n")) ? 2 : 1;
    if (bf_sv_starts(rest, BF_SV("\n")) || bf_sv_starts(rest, BF_SV("\r"))) {
        return FOLDING_END;
    }
    *bytes = bf_sv_starts(rest, BF_SV("\xC2\x85")) ? 2 : 3;
    if (*bytes == 2) {
        return FOLDING_END;
    }
    bool kept =
        bf_sv_starts(rest, BF_SV("\xE2\x80\xA8")) || bf_sv_starts(rest, BF_SV("\xE2\x80\xA9"));
    return kept ? KEPT_END : NO_END;
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

/* A run of blanks and line ends. */
struct run {
    size_t end;   /* behind it */
    size_t lines; /* line ends in it */
    size_t first; /* bytes of text that the first line end makes: 0, or 3 where it is kept */
    size_t rest;  /* and the others */
};

static struct run space_run(struct bf_sv text, size_t from)
{
    struct run run = {.end = from};

    while (run.end < text.len) {
        size_t bytes = 1;
        enum line_end end = line_end_at(text, run.end, &bytes);
        if (end == NO_END && text.ptr[run.end] != ' ' && text.ptr[run.end] != '\t') {
            break;
        }
        run.end += end == NO_END ? 1 : bytes;
        if (end != NO_END && run.lines++ == 0) {
            run.first = end == KEPT_END ? bytes : 0;
        } else if (end != NO_END) {
            run.rest += end == KEPT_END ? bytes : 1;
        }
    }
    return run;
}

/* "\n", "\x41", a backslash at the end of a line: source and text bytes of one escape. */
static void walk_escape(struct bf_yaml_walk *walk)
{
    bool last = walk->at + 1 >= walk->source.len;
    char c = walk->source.ptr[last ? walk->at : walk->at + 1];
    size_t source_bytes = 2, unused = 0;

    if (!last && line_end_at(walk->source, walk->at + 1, &unused) != NO_END) {
        struct run run = space_run(walk->source, walk->at + 1);
        walk->value += run.rest;
        walk_source(walk, run.end);
        return;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        size_t digits = c == 'x' ? 2 : 4;
        source_bytes += c == 'U' ? 8 : digits;
    }
    walk->value += char_length(walk->text, walk->value);
    walk_source(walk, walk->at + source_bytes);
}

static void walk_spaces(struct bf_yaml_walk *walk, struct run run, size_t target)
{
    if (run.lines == 0) {
        size_t all = run.end - walk->at;
        size_t n = all < target - walk->value ? all : target - walk->value;
        walk->value += n;
        walk_source(walk, walk->at + n);
        return;
    }
    if (walk->style == BF_STYLE_BLOCK) {
        /* Indentation went from the text, and no blank is escaped: run stands for run. */
        walk->value = space_run(walk->text, walk->value).end;
    } else {
        /* Elsewhere one line end folds to a blank, and of several the first vanishes. */
        walk->value += run.first + run.rest + (run.first + run.rest == 0 ? 1 : 0);
    }
    walk_source(walk, run.end);
}

static void walk_one(struct bf_yaml_walk *walk, size_t target)
{
    char c = walk->source.ptr[walk->at];
    struct run run = space_run(walk->source, walk->at);

    if (run.end != walk->at) {
        walk_spaces(walk, run, target);
    } else if (walk->style == BF_STYLE_DOUBLE && c == '\\') {
        walk_escape(walk);
    } else if (walk->style == BF_STYLE_SINGLE && c == '\'') {
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
    if (walk->style == BF_STYLE_SINGLE || walk->style == BF_STYLE_DOUBLE) {
        walk_source(walk, 1);
    } else if (walk->style == BF_STYLE_BLOCK) {
        walk_source(walk, bf_sv_find(walk->source, '\n'));
        walk_source(walk, space_run(walk->source, walk->at).end);
        walk->value = space_run(walk->text, 0).end;
    }
}

/* One byte of the source is one of the text, in every style. */
static bool stands_for_itself(char c)
{
    return c > ' ' && c < 0x7f && c != '\\' && c != '\'';
}

static void walk_to(struct bf_yaml_walk *walk, size_t target)
{
    while (walk->value < target && walk->at < walk->source.len) {
        if (stands_for_itself(walk->source.ptr[walk->at])) {
            walk->value++;
            walk->at++;
            walk->col++;
        } else {
            walk_one(walk, target);
        }
    }
}

static struct bf_sv source_of(const struct bf_value *scalar)
{
    return scalar->written ? ((const struct bf_written *)scalar)->source : (struct bf_sv){0};
}

struct bf_yaml_walk bf_yaml_walk_start(const struct bf_value *scalar)
{
    struct bf_yaml_walk walk = {.scalar = scalar,
                                .source = source_of(scalar),
                                .text = scalar->text,
                                .style = scalar->style,
                                .line = scalar->loc.line,
                                .col = scalar->loc.col};

    walk_opening(&walk);
    return walk;
}

struct bf_loc bf_yaml_walk_span(struct bf_yaml_walk *walk, size_t from, size_t to)
{
    const struct bf_value *scalar = walk->scalar;
    struct bf_loc loc = scalar->loc;

    if (loc.line == 0 || walk->source.len == 0) {
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

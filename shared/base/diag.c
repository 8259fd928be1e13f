#include "base/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashes.h"
#include "base/utf8.h"

enum { DIAG_TEXT_MAX = 2048, LINE_SHOWN_MAX = 200, MARGIN = 60 };

struct source {
    struct source *next;
    const char *file;
    struct bf_sv text;
};

/*
 * A file of half a million mistakes is printed up to BF_DIAG_MAX. So whenever KEPT_MAX have come
 * together, the first ones by position move to a new arena and the others end with the old one.
 * Of those only a hash stays, so that none is counted twice.
 */
enum { KEPT_MAX = 10 * BF_DIAG_MAX, TEXTS_MAX = 1 << 28 };

struct bf_diags {
    struct bf_arena *arena;
    struct bf_arena *texts; /* of the items */
    struct bf_diag **items; /* KEPT_MAX at most */
    size_t count, cap;
    struct bf_hashes dropped;
    size_t counts[BF_NOTE + 1];         /* of the items, by severity: asked for at every step */
    size_t dropped_counts[BF_NOTE + 1]; /* of those that were dropped */
    struct source *sources;
    int variant; /* of what is added now; negative: none */
};

static void end_diags(void *ptr)
{
    struct bf_diags *diags = ptr;

    bf_arena_destroy(&diags->texts);
    bf_hashes_end(&diags->dropped);
}

struct bf_diags *bf_diags_new(struct bf_arena *arena)
{
    struct bf_diags *diags = BF_NEW(arena, struct bf_diags);

    diags->arena = arena;
    diags->variant = -1;
    diags->texts = bf_arena_new(TEXTS_MAX);
    bf_arena_defer(arena, end_diags, diags);
    return diags;
}

void bf_diags_add_source(struct bf_diags *diags, const char *file, struct bf_sv text)
{
    struct source *source = BF_NEW(diags->arena, struct source);

    *source = (struct source){.next = diags->sources, .file = file, .text = text};
    diags->sources = source;
}

BF_PRINTF(2, 0)
static struct bf_sv format(struct bf_arena *arena, const char *fmt, va_list ap)
{
    char text[DIAG_TEXT_MAX];
    int want = vsnprintf(text, sizeof(text), fmt, ap);

    if (want < 0) {
        return (struct bf_sv){0};
    }
    if ((size_t)want < sizeof(text)) {
        return bf_sv_dup(arena, (struct bf_sv){.ptr = text, .len = (size_t)want});
    }
    /* A long name of a file's is cut, not the message dropped. */
    struct bf_sv cut =
        bf_utf8_truncate((struct bf_sv){.ptr = text, .len = sizeof(text) - 1}, sizeof(text) - 4);
    return bf_sv_printf(arena, BF_SV_FMT "...", BF_SV_ARG(cut));
}

static uint64_t mix_number(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * 1099511628211U; /* FNV-1a */
}

static uint64_t mix(uint64_t hash, struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        hash = mix_number(hash, (unsigned char)text.ptr[i]);
    }
    return mix_number(hash, text.len);
}

/* Of what makes two diagnostics the same one; never 0. */
static uint64_t hash_of(const struct bf_diag *diag)
{
    uint64_t hash = mix(14695981039346656037U, bf_sv_of(diag->loc.file));

    hash = mix_number(mix_number(hash, diag->loc.line), diag->loc.col);
    hash = mix(mix(hash, bf_sv_of(diag->code)), diag->message);
    hash ^= hash >> 32U;
    return hash == 0 ? 1 : hash;
}

static struct bf_diag *copy_diag(struct bf_arena *arena, const struct bf_diag *from)
{
    struct bf_diag *diag = BF_NEW(arena, struct bf_diag);
    struct bf_diag_note **end = &diag->notes;

    *diag = *from;
    diag->message = bf_sv_dup(arena, from->message);
    diag->hint = bf_sv_dup(arena, from->hint);
    for (const struct bf_diag_note *n = from->notes; n != NULL; n = n->next) {
        *end = BF_NEW(arena, struct bf_diag_note);
        **end = (struct bf_diag_note){.loc = n->loc, .text = bf_sv_dup(arena, n->text)};
        end = &(*end)->next;
    }
    *end = NULL;
    return diag;
}

static void count_again(struct bf_diags *diags)
{
    memset(diags->counts, 0, sizeof diags->counts);
    for (size_t i = 0; i < diags->count; i++) {
        diags->counts[diags->items[i]->severity]++;
    }
}

static int by_place(const void *left, const void *right)
{
    const struct bf_diag *a = *(struct bf_diag *const *)left;
    const struct bf_diag *b = *(struct bf_diag *const *)right;
    int order = bf_sv_cmp(bf_sv_of(a->loc.file), bf_sv_of(b->loc.file));

    if (order == 0) {
        order = (a->loc.line > b->loc.line) - (a->loc.line < b->loc.line);
    }
    if (order == 0) {
        order = (a->loc.col > b->loc.col) - (a->loc.col < b->loc.col);
    }
    if (order == 0) {
        order = strcmp(a->code, b->code);
    }
    return order == 0 ? bf_sv_cmp(a->message, b->message) : order;
}

static void add_variants(struct bf_diag *diag, const struct bf_diag *same)
{
    for (size_t i = 0; i < BF_COUNTOF(diag->variants); i++) {
        diag->variants[i] |= same->variants[i];
    }
}

static void sort(struct bf_diags *diags)
{
    size_t kept = 0;

    if (diags->count == 0) {
        return;
    }
    qsort(diags->items, diags->count, sizeof(struct bf_diag *), by_place);
    for (size_t i = 1; i < diags->count; i++) {
        if (by_place((const void *)&diags->items[kept], (const void *)&diags->items[i]) != 0) {
            diags->items[++kept] = diags->items[i];
        } else {
            add_variants(diags->items[kept], diags->items[i]);
        }
    }
    diags->count = kept + 1;
    count_again(diags);
}

/* Keep those that will be printed, count the others. */
static void drop_last(struct bf_diags *diags)
{
    struct bf_arena *texts = bf_arena_new(TEXTS_MAX);

    sort(diags);
    for (size_t i = BF_DIAG_MAX; i < diags->count; i++) {
        const struct bf_diag *diag = diags->items[i];
        diags->dropped_counts[diag->severity] +=
            bf_hashes_add(&diags->dropped, hash_of(diag)) ? 1 : 0;
    }
    diags->count = diags->count < BF_DIAG_MAX ? diags->count : BF_DIAG_MAX;
    for (size_t i = 0; i < diags->count; i++) {
        diags->items[i] = copy_diag(texts, diags->items[i]);
    }
    bf_arena_destroy(&diags->texts);
    diags->texts = texts;
    count_again(diags);
}

void bf_diags_sort(struct bf_diags *diags)
{
    if (diags->dropped.count != 0) {
        drop_last(diags); /* what comes behind may be among the dropped ones already */
    } else {
        sort(diags);
    }
}

struct bf_diag *bf_diag(struct bf_diags *diags, enum bf_severity severity, const char *code,
                        struct bf_loc loc, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    struct bf_diag *diag = bf_diagv(diags, severity, code, loc, fmt, ap);
    va_end(ap);
    return diag;
}

struct bf_diag *bf_diagv(struct bf_diags *diags, enum bf_severity severity, const char *code,
                         struct bf_loc loc, const char *fmt, va_list ap)
{
    if (diags->count == KEPT_MAX) {
        drop_last(diags);
    }
    struct bf_diag *diag = BF_NEW(diags->texts, struct bf_diag);

    *diag = (struct bf_diag){.severity = severity, .code = code, .loc = loc};
    diag->message = format(diags->texts, fmt, ap);
    if (diags->variant >= 0) {
        diag->variants[diags->variant / 64] = UINT64_C(1) << (unsigned)(diags->variant % 64);
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
    diags->items = bf_arena_grow(diags->arena, diags->items, diags->count, &diags->cap,
                                 sizeof(struct bf_diag *));
    diags->items[diags->count++] = diag;
    diags->counts[severity]++;
    return diag;
}

void bf_diags_set_variant(struct bf_diags *diags, int variant)
{
    diags->variant = variant;
}

bool bf_diag_in_variant(const struct bf_diag *diag, unsigned variant)
{
    return (diag->variants[variant / 64] & UINT64_C(1) << variant % 64) != 0;
}

void bf_diag_hint(struct bf_diags *diags, struct bf_diag *diag, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    diag->hint = format(diags->texts, fmt, ap);
    va_end(ap);
}

void bf_diag_note(struct bf_diags *diags, struct bf_diag *diag, struct bf_loc loc, const char *fmt,
                  ...)
{
    struct bf_diag_note *note = BF_NEW(diags->texts, struct bf_diag_note);
    struct bf_diag_note **end = &diag->notes;
    va_list ap;

    va_start(ap, fmt);
    *note = (struct bf_diag_note){.loc = loc, .text = format(diags->texts, fmt, ap)};
    va_end(ap);
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = note;
}

void bf_diags_make_strict(struct bf_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == BF_WARNING) {
            diags->items[i]->severity = BF_ERROR;
        }
    }
    diags->dropped_counts[BF_ERROR] += diags->dropped_counts[BF_WARNING];
    diags->dropped_counts[BF_WARNING] = 0;
    count_again(diags);
}

size_t bf_diags_count(const struct bf_diags *diags, enum bf_severity severity)
{
    return diags->counts[severity] + diags->dropped_counts[severity];
}

size_t bf_diags_total(const struct bf_diags *diags)
{
    size_t total = diags->count;

    for (size_t i = 0; i < BF_COUNTOF(diags->dropped_counts); i++) {
        total += diags->dropped_counts[i];
    }
    return total;
}

struct bf_diag *bf_diags_at(const struct bf_diags *diags, size_t index)
{
    return diags->items[index];
}

static const char *const severity_names[] = {
    [BF_ERROR] = "error", [BF_WARNING] = "warning", [BF_NOTE] = "note"};
static const char *const severity_colours[] = {
    [BF_ERROR] = "\033[1;31m", [BF_WARNING] = "\033[1;33m", [BF_NOTE] = "\033[1;36m"};

static bool source_line(const struct bf_diags *diags, struct bf_loc loc, struct bf_sv *line)
{
    for (const struct source *s = diags->sources; s != NULL; s = s->next) {
        if (loc.file == NULL || strcmp(s->file, loc.file) != 0) {
            continue;
        }
        struct bf_sv rest = s->text;
        for (unsigned n = 1; n < loc.line && rest.len != 0; n++) {
            (void)bf_sv_cut(&rest, '\n');
        }
        *line = bf_sv_cut(&rest, '\n');
        while (line->len != 0 && line->ptr[line->len - 1] == '\r') {
            line->len--;
        }
        return true;
    }
    return false;
}

/** One character of a line as it is shown: bytes, and columns. */
struct shown {
    struct bf_sv text;
    size_t bytes;
    unsigned cells;
};

/* Safe for a terminal: no control characters, no marks that change the direction; tabs are one
   blank so that the marker fits. */
static struct shown shown_at(struct bf_sv text, size_t at)
{
    uint32_t code = 0;
    size_t n = bf_utf8_next(bf_sv_from(text, at), &code);
    bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) || turns) {
        return (struct shown){code == '\t' ? BF_SV(" ") : BF_SV("?"), n == 0 ? 1 : n, 1};
    }
    return (struct shown){bf_sv_slice(text, at, at + n), n, bf_utf8_cells(code)};
}

static void print_safe(struct bf_buf *out, struct bf_sv text)
{
    for (size_t i = 0; i < text.len;) {
        struct shown shown = shown_at(text, i);
        bf_buf_add(out, shown.text);
        i += shown.bytes;
    }
}

static void print_place(struct bf_buf *out, struct bf_loc loc)
{
    if (loc.file != NULL) {
        bf_buf_printf(out, "%s:", loc.file);
    }
    if (loc.line != 0) {
        bf_buf_printf(out, "%u:%u:", loc.line, loc.col);
    }
    if (loc.file != NULL || loc.line != 0) {
        bf_buf_addc(out, ' ');
    }
}

static void print_marked_line(const struct bf_diags *diags, struct bf_buf *out, struct bf_loc loc,
                              bool colour)
{
    struct bf_sv line;

    if (loc.line == 0 || loc.col == 0 || !source_line(diags, loc, &line)) {
        return;
    }
    size_t first = loc.col <= LINE_SHOWN_MAX - MARGIN ? 1 : loc.col - MARGIN;
    size_t end = loc.end_col > loc.col ? loc.end_col : loc.col + 1;
    size_t blanks = 0, marks = 0, col = 1, at = 0;
    bf_buf_printf(out, "%5u | ", loc.line);
    if (first > 1) { /* a long line: what is around the marker */
        bf_buf_addz(out, "...");
        blanks = 3;
    }
    for (; at < line.len && col < first + LINE_SHOWN_MAX; col++) {
        struct shown shown = shown_at(line, at);
        at += shown.bytes;
        if (col >= first) {
            bf_buf_add(out, shown.text);
            blanks += col < loc.col ? shown.cells : 0;
            marks += col >= loc.col && col < end ? shown.cells : 0;
        }
    }
    bf_buf_addz(out, at < line.len ? "...\n      | " : "\n      | ");
    bf_buf_fill(out, ' ', blanks);
    bf_buf_addz(out, colour ? "\033[1;32m^" : "^");
    bf_buf_fill(out, '~', marks > 0 ? marks - 1 : 0);
    bf_buf_addz(out, colour ? "\033[0m\n" : "\n");
}

static void print_one(const struct bf_diags *diags, struct bf_buf *out, const struct bf_diag *d,
                      bool colour)
{
    print_place(out, d->loc);
    bf_buf_printf(out, "%s%s[%s]:%s ", colour ? severity_colours[d->severity] : "",
                  severity_names[d->severity], d->code, colour ? "\033[0m" : "");
    print_safe(out, d->message);
    bf_buf_addc(out, '\n');
    print_marked_line(diags, out, d->loc, colour);
    for (const struct bf_diag_note *n = d->notes; n != NULL; n = n->next) {
        bf_buf_addz(out, "  note: ");
        print_place(out, n->loc);
        print_safe(out, n->text);
        bf_buf_addc(out, '\n');
    }
    if (d->hint.len != 0) {
        bf_buf_addz(out, "  hint: ");
        print_safe(out, d->hint);
        bf_buf_addc(out, '\n');
    }
}

void bf_diags_print_text(struct bf_diags *diags, struct bf_buf *out, bool colour)
{
    bf_diags_sort(diags);
    for (size_t i = 0; i < diags->count && i < BF_DIAG_MAX; i++) {
        print_one(diags, out, diags->items[i], colour);
    }
    size_t total = bf_diags_total(diags);
    if (total > BF_DIAG_MAX) {
        bf_buf_printf(out, "and %zu more\n", total - BF_DIAG_MAX);
    }
}

static void print_json_notes(struct bf_diags *diags, struct bf_buf *out, const struct bf_diag *d)
{
    bf_buf_addz(out, ",\"notes\":[");
    for (const struct bf_diag_note *n = d->notes; n != NULL; n = n->next) {
        struct bf_buf text = bf_buf_new(diags->arena, (size_t)8 * DIAG_TEXT_MAX);
        print_place(&text, n->loc);
        bf_buf_add(&text, n->text);
        bf_buf_addz(out, n == d->notes ? "" : ",");
        bf_buf_json(out, bf_buf_sv(&text));
    }
    bf_buf_addz(out, "]}\n");
}

void bf_diags_print_json(struct bf_diags *diags, struct bf_buf *out)
{
    bf_diags_sort(diags);
    for (size_t i = 0; i < diags->count && i < BF_DIAG_MAX; i++) {
        const struct bf_diag *d = diags->items[i];
        unsigned end = d->loc.end_col > d->loc.col ? d->loc.end_col : d->loc.col + 1;
        bf_buf_addz(out, "{\"file\":");
        bf_buf_json(out, bf_sv_of(d->loc.file));
        bf_buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_column\":%u,\"severity\":\"%s\"",
                      d->loc.line, d->loc.col, end, severity_names[d->severity]);
        bf_buf_printf(out, ",\"code\":\"%s\",\"message\":", d->code);
        bf_buf_json(out, d->message);
        bf_buf_addz(out, ",\"hint\":");
        if (d->hint.len != 0) {
            bf_buf_json(out, d->hint);
        } else {
            bf_buf_addz(out, "null");
        }
        print_json_notes(diags, out, d);
    }
}

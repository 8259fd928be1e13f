#ifndef BF_BASE_DIAG_H
#define BF_BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * Diagnostics: what a person reads about the files he wrote. They are collected,
 * not returned one by one, so that all mistakes of a file come at once:
 *
 *   ctr.pipeline.yaml:57:15: error[spec.unknown_field]: 'instanse_type' is not a field of 'compute'
 *      57 |     compute: {instanse_type: ml.m5.4xlarge, count: 2}
 *         |               ^~~~~~~~~~~~~
 *     note: ...
 *     hint: did you mean 'instance_type'?
 */
enum bf_severity { BF_ERROR, BF_WARNING, BF_NOTE };

struct bf_diag_note {
    struct bf_diag_note *next;
    struct bf_loc loc; /* line 0: no place of its own */
    struct bf_sv text;
};

enum { BF_DIAG_VARIANTS = 256 };

struct bf_diag {
    enum bf_severity severity;
    const char *code; /* "spec.unknown_field": the words of the language's reference, static */
    struct bf_loc loc;
    struct bf_sv message;
    struct bf_sv hint; /* empty: none */
    struct bf_diag_note *notes;
    uint64_t variants[BF_DIAG_VARIANTS / 64]; /* bits: bf_diags_set_variant() */
};

enum { BF_DIAG_MAX = 100 }; /* so many are printed */

/**
 * A collection. It ends with the arena. Of very many only the first ones by position are kept and
 * the others are counted, so that a file full of mistakes takes no memory to speak of.
 */
struct bf_diags;

struct bf_diags *bf_diags_new(struct bf_arena *arena);

/**
 * Remember the text of a file for the marked source lines. ${file} is the name
 * that the locations carry (compared by content). Text without a source is
 * printed without the line.
 */
void bf_diags_add_source(struct bf_diags *diags, const char *file, struct bf_sv text);

/**
 * Add one; the answer is for bf_diag_hint and bf_diag_note, before the next one is added. ${code}
 * must be static. Of a text over 2 KiB (a file may hold such names) the beginning is kept.
 */
BF_NONNULL_RETURN struct bf_diag *bf_diag(struct bf_diags *diags, enum bf_severity severity,
                                          const char *code, struct bf_loc loc, const char *fmt, ...)
    BF_PRINTF(5, 6);
BF_NONNULL_RETURN struct bf_diag *bf_diagv(struct bf_diags *diags, enum bf_severity severity,
                                           const char *code, struct bf_loc loc, const char *fmt,
                                           va_list ap) BF_PRINTF(5, 0);

/**
 * Where the same file is checked in several variants, what is added from here on was found in
 * number ${variant}, below BF_DIAG_VARIANTS; a negative one: in none of them. Of a diagnostic that
 * is there twice one is kept, which then was found in the variants of both.
 */
void bf_diags_set_variant(struct bf_diags *diags, int variant);
bool bf_diag_in_variant(const struct bf_diag *diag, unsigned variant);

/** The likely fix, one line: "did you mean 'x'?". A second call replaces the first. */
void bf_diag_hint(struct bf_diags *diags, struct bf_diag *diag, const char *fmt, ...)
    BF_PRINTF(3, 4);

/** A further line, in order: a link of the interpolation chain, the first of two places. */
void bf_diag_note(struct bf_diags *diags, struct bf_diag *diag, struct bf_loc loc, const char *fmt,
                  ...) BF_PRINTF(4, 5);

/** Every warning becomes an error (--strict). Call before counting and printing. */
void bf_diags_make_strict(struct bf_diags *diags);

/** Sort by file, line, column, code; drop what is there twice (same place, code and message). */
void bf_diags_sort(struct bf_diags *diags);

size_t bf_diags_count(const struct bf_diags *diags, enum bf_severity severity);
size_t bf_diags_total(const struct bf_diags *diags);
/** ${index} is below the total, and below BF_DIAG_MAX; bf_diags_sort() and bf_diag() move them. */
struct bf_diag *bf_diags_at(const struct bf_diags *diags, size_t index);

/** The form above, sorted first, at most BF_DIAG_MAX, then a line that counts the rest. */
void bf_diags_print_text(struct bf_diags *diags, struct bf_buf *out, bool colour);

/**
 * One JSON object per line: {"file","line","column","end_column","severity","code","message",
 * "hint","notes"}; notes are strings "file:line:col: text", or the bare text; hint is null when
 * there is none. Sorted first; at most BF_DIAG_MAX.
 */
void bf_diags_print_json(struct bf_diags *diags, struct bf_buf *out);

#endif /* BF_BASE_DIAG_H */

#include "base/utf8.h"

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

/* Sequence length and the smallest code point it may hold (RFC 3629, section 4). */
static size_t lead(unsigned char c, uint32_t *bits, uint32_t *least)
{
    if (c < 0x80) {
        *bits = c;
        *least = 0;
        return 1;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        *bits = c & 0x1FU;
        *least = 0x80;
        return 2;
    }
    if (c >= 0xE0 && c <= 0xEF) {
        *bits = c & 0x0FU;
        *least = 0x800;
        return 3;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        *bits = c & 0x07U;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t bf_utf8_next(struct bf_sv text, uint32_t *out)
{
    uint32_t code = 0;
    uint32_t least = 0;

    if (text.ptr == NULL || text.len == 0) {
        return 0;
    }
    size_t n = lead((unsigned char)text.ptr[0], &code, &least);
    if (n == 0 || n > text.len) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if (!is_tail(text.ptr[i])) {
            return 0;
        }
        code = (code << 6U) | ((unsigned char)text.ptr[i] & 0x3FU);
    }
    if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return 0;
    }
    if (out != NULL) {
        *out = code;
    }
    return n;
}

/* So many bytes of ${text} from ${at} on are ASCII, eight at a time: nearly all text is. */
static size_t ascii_run(struct bf_sv text, size_t at)
{
    size_t i = at;
    uint64_t eight = 0;

    while (text.len - i >= sizeof(eight)) {
        memcpy(&eight, text.ptr + i, sizeof(eight));
        if ((eight & 0x8080808080808080U) != 0) {
            break;
        }
        i += sizeof(eight);
    }
    while (i < text.len && (unsigned char)text.ptr[i] < 0x80) {
        i++;
    }
    return i - at;
}

size_t bf_utf8_valid_prefix(struct bf_sv text)
{
    size_t i = ascii_run(text, 0);

    while (i < text.len) {
        size_t n = bf_utf8_next(bf_sv_from(text, i), NULL);
        if (n == 0) {
            break;
        }
        i += n;
        i += ascii_run(text, i);
    }
    return i;
}

size_t bf_utf8_count(struct bf_sv text)
{
    size_t i = ascii_run(text, 0);
    size_t count = i;

    while (i < text.len) {
        size_t n = bf_utf8_next(bf_sv_from(text, i), NULL);
        i += n == 0 ? 1 : n;
        size_t ascii = ascii_run(text, i);
        i += ascii;
        count += 1 + ascii;
    }
    return count;
}

struct bf_sv bf_utf8_truncate(struct bf_sv text, size_t max)
{
    size_t end = text.len < max ? text.len : max;

    while (end != 0 && end < text.len && is_tail(text.ptr[end])) {
        end--;
    }
    return bf_sv_slice(text, 0, end);
}

size_t bf_utf8_put(char out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0U | (code >> 6U));
        out[1] = (char)(0x80U | (code & 0x3FU));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0U | (code >> 12U));
        out[1] = (char)(0x80U | ((code >> 6U) & 0x3FU));
        out[2] = (char)(0x80U | (code & 0x3FU));
        return 3;
    }
    out[0] = (char)(0xF0U | (code >> 18U));
    out[1] = (char)(0x80U | ((code >> 12U) & 0x3FU));
    out[2] = (char)(0x80U | ((code >> 6U) & 0x3FU));
    out[3] = (char)(0x80U | (code & 0x3FU));
    return 4;
}

enum { NEAREST_MAX = 64 }; /* longer names are not compared: nobody mistypes those by two letters */

/* By the East Asian widths and general categories of Unicode 15, joined to coarse ranges. */
static const struct {
    uint32_t first, last;
    unsigned cells;
} odd_cells[] = {
    {0x0300, 0x036F, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},   {0x0610, 0x061A, 0},
    {0x064B, 0x065F, 0},   {0x06D6, 0x06DC, 0},   {0x0E31, 0x0E31, 0},   {0x0E34, 0x0E3A, 0},
    {0x0E47, 0x0E4E, 0},   {0x1100, 0x115F, 2},   {0x1160, 0x11FF, 0},   {0x1AB0, 0x1AFF, 0},
    {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},
    {0x3041, 0x3247, 2},   {0x3250, 0x4DBF, 2},   {0x4E00, 0xA4CF, 2},   {0xA960, 0xA97F, 2},
    {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},
    {0xFE30, 0xFE6F, 2},   {0xFF01, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},   {0x1F300, 0x1F64F, 2},
    {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2}, {0xE0100, 0xE01EF, 0},
};

unsigned bf_utf8_cells(uint32_t code)
{
    for (size_t i = 0; i < BF_COUNTOF(odd_cells); i++) {
        if (code >= odd_cells[i].first && code <= odd_cells[i].last) {
            return odd_cells[i].cells;
        }
    }
    return 1;
}

static size_t least3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

enum { FAR = 3 }; /* not near any more */

/* Levenshtein distance with one row, at most FAR; both texts at most NEAREST_MAX bytes. Beside the
   diagonal by FAR cells the distance is FAR at least: those cells are not computed, and a row
   without a lesser cell ends it. So most of thousands of names are left after a few letters. */
static size_t distance(struct bf_sv a, struct bf_sv b)
{
    size_t row[NEAREST_MAX + 2];

    if (a.len >= b.len + FAR || b.len >= a.len + FAR) {
        return FAR;
    }
    for (size_t j = 0; j <= b.len + 1; j++) {
        row[j] = j < FAR ? j : FAR;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t first = i > FAR ? i - FAR + 1 : 1, last = i + FAR - 1 < b.len ? i + FAR - 1 : b.len;
        size_t diagonal = row[first - 1], least = FAR;
        row[first - 1] = first > 1 ? FAR : i;
        for (size_t j = first; j <= last; j++) {
            size_t above = row[j];
            size_t change = diagonal + (a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1);
            row[j] = least3(above + 1, row[j - 1] + 1, change);
            least = row[j] < least ? row[j] : least;
            diagonal = above;
        }
        if (least >= FAR && i >= FAR) {
            return FAR;
        }
    }
    return row[b.len];
}

struct bf_sv bf_nearest(struct bf_sv name, const struct bf_sv *names, size_t count)
{
    size_t best = FAR;
    struct bf_sv found = BF_SV("");

    if (name.len > NEAREST_MAX) {
        return found;
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i].len > NEAREST_MAX || names[i].len == 0) {
            continue;
        }
        size_t d = distance(name, names[i]);
        if (d < best && d * 3 <= name.len) {
            best = d;
            found = names[i];
        }
    }
    return found;
}

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/arena.h"
#include "base/sv.h"
#include "base/utf8.h"

struct bf_capped bf_capped_new(struct bf_arena *arena, size_t cap)
{
    return (struct bf_capped){.ptr = bf_arena_alloc(arena, cap, 1), .cap = cap};
}

static bool in_word(char c)
{
    return c != ' ' && c != '\t' && c != '\n';
}

void bf_capped_add(struct bf_capped *text, struct bf_sv value)
{
    size_t room = text->cap - text->len;

    if (value.len > room) {
        value = bf_utf8_truncate(value, room);
        size_t whole = value.len;
        while (whole != 0 && in_word(value.ptr[whole - 1])) {
            whole--;
        }
        value.len = whole;
    }
    if (value.len != 0) {
        memcpy(text->ptr + text->len, value.ptr, value.len);
        text->len += value.len;
    }
}

void bf_capped_set(struct bf_capped *text, struct bf_sv value)
{
    text->len = 0;
    bf_capped_add(text, value);
}

bool bf_has(struct bf_sv text, const char *needle)
{
    return text.len != 0 && memmem(text.ptr, text.len, needle, strlen(needle)) != NULL;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

bool bf_has_nocase(struct bf_sv text, const char *lowercase)
{
    size_t n = strlen(lowercase);

    for (size_t i = 0; i + n <= text.len; i++) {
        size_t k = 0;
        while (k < n && lower(text.ptr[i + k]) == lowercase[k]) {
            k++;
        }
        if (k == n) {
            return true;
        }
    }
    return false;
}

bool bf_begins(struct bf_sv text, const char *prefix)
{
    return bf_sv_starts(text, bf_sv_of(prefix));
}

bool bf_finishes(struct bf_sv text, const char *suffix)
{
    return bf_sv_ends(text, bf_sv_of(suffix));
}

struct bf_sv bf_ltrim(struct bf_sv text)
{
    while (text.len != 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text = bf_sv_from(text, 1);
    }
    return text;
}

struct bf_sv bf_after(struct bf_sv text, const char *needle)
{
    size_t n = strlen(needle);
    const char *hit = text.len == 0 ? NULL : memmem(text.ptr, text.len, needle, n);

    return hit == NULL ? (struct bf_sv){0} : bf_sv_from(text, (size_t)(hit - text.ptr) + n);
}

/* ---- escape sequences ---- */

/* Bytes of the escape sequence at the start of ${text} (ECMA-48: CSI, OSC, two-byte ones). */
static size_t escape_length(struct bf_sv text)
{
    size_t i = 2;

    if (text.len < 2) {
        return text.len;
    }
    if (text.ptr[1] == '[') {
        while (i < text.len && (text.ptr[i] < '@' || text.ptr[i] > '~')) {
            i++;
        }
        return i < text.len ? i + 1 : i;
    }
    if (text.ptr[1] == ']') {
        while (i < text.len && text.ptr[i] != '\a' && text.ptr[i] != '\x1b') {
            i++;
        }
        return i < text.len && text.ptr[i] == '\a' ? i + 1 : i;
    }
    return 2;
}

struct bf_sv bf_line_clean(struct bf_sv raw, struct bf_capped *out)
{
    /* Most lines have nothing to clean; they are not copied. */
    size_t i = 0;
    while (i < raw.len && ((unsigned char)raw.ptr[i] >= ' ' || raw.ptr[i] == '\t') &&
           raw.ptr[i] != '\xc2' && raw.ptr[i] != '\x7f') {
        i++;
    }
    if (i == raw.len && raw.len <= out->cap) {
        return raw;
    }
    out->len = 0;
    i = 0;
    while (i < raw.len && out->len < out->cap) {
        char c = raw.ptr[i];
        if (c == '\x1b') {
            i += escape_length(bf_sv_from(raw, i));
        } else if (c == '\xc2' && i + 1 < raw.len && raw.ptr[i + 1] == '\xa0') {
            out->ptr[out->len++] = ' ';
            i += 2;
        } else if (((unsigned char)c < ' ' && c != '\t') || c == '\x7f') {
            i++;
        } else {
            out->ptr[out->len++] = c;
            i++;
        }
    }
    if (i < raw.len) { /* cut before the word at the edge, see bf_capped_add() */
        while (out->len != 0 && in_word(out->ptr[out->len - 1])) {
            out->len--;
        }
    }
    return bf_capped_sv(out);
}

/* ---- ranks and hosts ---- */

static struct bf_sv take_digits(struct bf_sv *rest)
{
    size_t n = 0;

    while (n < rest->len && n < 9 && rest->ptr[n] >= '0' && rest->ptr[n] <= '9') {
        n++;
    }
    struct bf_sv digits = bf_sv_slice(*rest, 0, n);
    *rest = bf_sv_from(*rest, n);
    return digits;
}

static bool take(struct bf_sv *rest, const char *literal)
{
    if (!bf_begins(*rest, literal)) {
        return false;
    }
    *rest = bf_sv_from(*rest, strlen(literal));
    return true;
}

/* [1,mpirank:2,algo-2]<stderr>:  and plain Open MPI's [1,2]<stderr>: */
static bool take_mpi(struct bf_sv *line, struct bf_line_origin *out)
{
    struct bf_sv rest = *line;

    if (!take(&rest, "[") || take_digits(&rest).len == 0 || !take(&rest, ",")) {
        return false;
    }
    (void)take(&rest, "mpirank:");
    struct bf_sv rank = take_digits(&rest), host = {0};
    if (take(&rest, ",")) {
        host = bf_sv_slice(rest, 0, bf_sv_find(rest, ']'));
        rest = bf_sv_from(rest, host.len);
    }
    if (rank.len == 0 || !take(&rest, "]<std") || !(take(&rest, "out>:") || take(&rest, "err>:"))) {
        return false;
    }
    *line = rest;
    out->rank = rank;
    out->host = host;
    return true;
}

/* [rank3]: (torch) and [default3]: (torchrun --tee) */
static bool take_torch(struct bf_sv *line, struct bf_line_origin *out)
{
    struct bf_sv rest = *line;

    if (!(take(&rest, "[rank") || take(&rest, "[default"))) {
        return false;
    }
    struct bf_sv rank = take_digits(&rest);
    if (rank.len == 0 || !take(&rest, "]:")) {
        return false;
    }
    (void)take(&rest, " ");
    *line = rest;
    out->rank = rank;
    return true;
}

/* "algo-1-x2y3z_1  | text" (docker compose in SageMaker's local mode), "algo-2: text" (pdsh) */
static bool take_host(struct bf_sv *line, struct bf_line_origin *out)
{
    struct bf_sv rest = *line;
    size_t n = 0;

    if (!bf_begins(rest, "algo-")) {
        return false;
    }
    while (n < rest.len && n < 40 && rest.ptr[n] != ' ' && rest.ptr[n] != ':' &&
           rest.ptr[n] != '|') {
        n++;
    }
    struct bf_sv name = bf_sv_slice(rest, 0, n);
    rest = bf_sv_from(rest, n);
    if (take(&rest, ": ")) {
        *line = rest;
    } else {
        rest = bf_ltrim(rest);
        if (!take(&rest, "|")) {
            return false;
        }
        (void)take(&rest, " ");
        *line = rest;
    }
    struct bf_sv number = bf_sv_from(name, 5);
    out->host = bf_sv_slice(name, 0, 5 + take_digits(&number).len);
    return true;
}

/* "(train_fn pid=123, ip=10.0.0.1) text": Ray. The process stands for a rank, but is none. */
static bool take_ray(struct bf_sv *line, struct bf_line_origin *out)
{
    struct bf_sv rest = *line;

    if (!bf_begins(rest, "(")) {
        return false;
    }
    size_t end = bf_sv_find(bf_sv_slice(rest, 0, 120), ')');
    struct bf_sv inside = bf_sv_slice(rest, 1, end);
    if (!bf_has(inside, " pid=") || end + 1 >= rest.len || rest.ptr[end + 1] != ' ') {
        return false;
    }
    out->host = bf_after(inside, " ");
    *line = bf_sv_from(rest, end + 2);
    return true;
}

void bf_line_take_origin(struct bf_sv *line, struct bf_line_origin *out)
{
    *out = (struct bf_line_origin){0};
    if (line->len == 0) {
        return;
    }
    switch (line->ptr[0]) {
    case '[':
        if (!take_mpi(line, out)) {
            (void)take_torch(line, out);
        }
        break;
    case 'a':
        if (take_host(line, out)) {
            struct bf_line_origin inner = {0};
            if (take_mpi(line, &inner) || take_torch(line, &inner)) {
                out->rank = inner.rank;
            }
        }
        break;
    case '(':
        (void)take_ray(line, out);
        break;
    default:
        break;
    }
}

/* ---- times ---- */

static bool digits_at(struct bf_sv text, size_t at, size_t n, int64_t *out)
{
    return at + n <= text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' &&
           bf_sv_i64(bf_sv_slice(text, at, at + n), 0, 9999, out);
}

/* Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-compatible
 * low-level date algorithms"). */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400;
    int64_t yoe = y - (era * 400);
    int64_t doy = (((153 * (m + (m > 2 ? -3 : 9))) + 2) / 5) + d - 1;
    int64_t doe = (yoe * 365) + (yoe / 4) - (yoe / 100) + doy;

    return (era * 146097) + doe - 719468;
}

/* "Z", "+09:00", "+0900": minutes east, and the length of it; 0: neither. */
static size_t zone_at(struct bf_sv text, int64_t *minutes)
{
    int64_t h = 0, m = 0;

    *minutes = 0;
    if (text.len != 0 && text.ptr[0] == 'Z') {
        return 1;
    }
    if (text.len == 0 || (text.ptr[0] != '+' && text.ptr[0] != '-') || !digits_at(text, 1, 2, &h)) {
        return 0;
    }
    size_t at = text.len > 3 && text.ptr[3] == ':' ? 4 : 3;
    if (!digits_at(text, at, 2, &m)) {
        return 0;
    }
    *minutes = text.ptr[0] == '-' ? -((h * 60) + m) : (h * 60) + m;
    return at + 2;
}

int64_t bf_cause_take_time(struct bf_sv *line)
{
    struct bf_sv t = *line;
    int64_t y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0, east = 0;

    if (t.len < 20 || t.ptr[4] != '-' || t.ptr[7] != '-' || t.ptr[10] != 'T' || t.ptr[13] != ':' ||
        t.ptr[16] != ':' || !digits_at(t, 0, 4, &y) || !digits_at(t, 5, 2, &mo) ||
        !digits_at(t, 8, 2, &d) || !digits_at(t, 11, 2, &h) || !digits_at(t, 14, 2, &mi) ||
        !digits_at(t, 17, 2, &s) || y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31) {
        return 0;
    }
    size_t at = 19;
    if (t.ptr[at] == '.' || t.ptr[at] == ',') {
        int64_t unit = 100;
        at++;
        while (at < t.len && t.ptr[at] >= '0' && t.ptr[at] <= '9') {
            ms += unit * (t.ptr[at] - '0');
            unit /= 10;
            at++;
        }
    }
    size_t zone = zone_at(bf_sv_from(t, at), &east);
    at += zone;
    if (zone == 0 || (at < t.len && t.ptr[at] != ' ' && t.ptr[at] != '\t')) {
        return 0;
    }
    *line = bf_sv_from(t, at < t.len ? at + 1 : at);
    return (((((days_of(y, mo, d) * 24 + h) * 60) + mi - east) * 60 + s) * 1000) + ms;
}

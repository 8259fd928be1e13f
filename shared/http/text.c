#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "http/http.h"

enum { DAY = 24 * 60 * 60 };

struct bf_sv bf_http_header_of(const struct bf_http_response *response, const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < response->header_count; i++) {
        const struct bf_http_header *header = &response->headers[i];
        if (header->name.len == len && strncasecmp(header->name.ptr, name, len) == 0) {
            return header->value;
        }
    }
    return (struct bf_sv){0};
}

static bool month_of(struct bf_sv name, int *out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (bf_sv_eq(name, (struct bf_sv){.ptr = names + ((ptrdiff_t)i * 3), .len = 3})) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool field(struct bf_sv text, size_t from, size_t to, int64_t max, int64_t *out)
{
    struct bf_sv digits = bf_sv_slice(text, from, to);

    /* bf_sv_i64 lets a sign pass */
    return digits.ptr != NULL && digits.len != 0 && digits.ptr[0] >= '0' && digits.ptr[0] <= '9' &&
           bf_sv_i64(digits, 0, max, out);
}

bool bf_http_date(struct bf_sv text, int64_t *out)
{
    /* 0    5  8   12   17 20 23 26
     * Sun, 06 Nov 1994 08:49:37 GMT */
    int month = 0;
    int64_t day = 0;
    int64_t year = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;

    if (text.len != 29 || !bf_sv_ends(text, BF_SV(" GMT")) || text.ptr[3] != ',' ||
        text.ptr[4] != ' ' || text.ptr[7] != ' ' || text.ptr[11] != ' ' || text.ptr[16] != ' ' ||
        text.ptr[19] != ':' || text.ptr[22] != ':' || !month_of(bf_sv_slice(text, 8, 11), &month) ||
        !field(text, 5, 7, 31, &day) || !field(text, 12, 16, 9999, &year) ||
        !field(text, 17, 19, 23, &hour) || !field(text, 20, 22, 59, &minute) ||
        !field(text, 23, 25, 60, &second) || day == 0 || year < 1970) {
        return false;
    }
    struct tm tm = {.tm_year = (int)year - 1900,
                    .tm_mon = month,
                    .tm_mday = (int)day,
                    .tm_hour = (int)hour,
                    .tm_min = (int)minute,
                    .tm_sec = (int)second};
    *out = (int64_t)timegm(&tm);
    return tm.tm_mon == month; /* 31 Feb: timegm moved it on */
}

unsigned bf_http_retry_after(const struct bf_http_response *response, int64_t now)
{
    struct bf_sv text = bf_sv_trim(bf_http_header_of(response, "Retry-After"));
    int64_t seconds = 0;
    int64_t at = 0;

    if (text.len != 0 && field(text, 0, text.len, INT64_MAX, &seconds)) {
        return (unsigned)(seconds > DAY ? DAY : seconds);
    }
    if (bf_http_date(text, &at) && at > now) {
        return (unsigned)(at - now > DAY ? DAY : at - now);
    }
    return 0;
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void bf_http_encode(struct bf_buf *out, struct bf_sv text, bool keep_slash)
{
    for (size_t i = 0; text.ptr != NULL && i < text.len; i++) {
        const char c = text.ptr[i];
        if (unreserved(c) || (c == '/' && keep_slash)) {
            bf_buf_addc(out, c);
        } else {
            bf_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

/* Blanks become '+', as the HTML form encoding has it and as the AWS SDKs send it. */
static void form_encode(struct bf_buf *out, struct bf_sv text)
{
    while (text.len != 0) {
        const size_t blank = bf_sv_find(text, ' ');
        bf_http_encode(out, bf_sv_slice(text, 0, blank), false);
        if (blank < text.len) {
            bf_buf_addc(out, '+');
        }
        text = bf_sv_from(text, blank + 1);
    }
}

void bf_http_form(struct bf_buf *out, struct bf_sv name, struct bf_sv value)
{
    if (out->len != 0) {
        bf_buf_addc(out, '&');
    }
    form_encode(out, name);
    bf_buf_addc(out, '=');
    form_encode(out, value);
}

/*
 * Written out instead of taken from OpenSSL: EVP_DecodeBlock accepts blanks and line breaks, and
 * does not say how much padding there was.
 */
#include "crypto/crypto.h"

enum { PADDING = 64 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

struct bf_sv bf_base64(struct bf_arena *arena, struct bf_sv bytes)
{
    const size_t len = (bytes.len / 3 + (bytes.len % 3 != 0)) * 4;
    char *out = bf_arena_alloc(arena, len + 1, 1);
    char *to = out;

    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = (group << 8) | (k < have ? (unsigned char)bytes.ptr[i + k] : 0U);
        }
        for (size_t k = 0; k < 4; k++) {
            *to++ = alphabet[k <= have ? (group >> (18 - (6 * k))) & 63 : PADDING];
        }
    }
    return (struct bf_sv){.ptr = out, .len = len};
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

enum bf_code bf_base64_decode(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out,
                              struct bf_err *err)
{
    size_t digits = text.len;

    if (text.len % 4 != 0) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE,
                          "base64 of %zu characters; allowed are multiples of 4, padded with '='",
                          text.len);
    }
    while (digits > 0 && text.len - digits < 2 && text.ptr[digits - 1] == '=') {
        digits--;
    }
    char *bytes = bf_arena_alloc(arena, (text.len / 4 * 3) + 1, 1);
    size_t len = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < digits; i++) {
        const int value = value_of(text.ptr[i]);
        if (value < 0) {
            return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE, "byte 0x%02x at offset %zu is no base64",
                              (unsigned)(unsigned char)text.ptr[i], i);
        }
        bits = ((bits << 6) | (uint32_t)value) & 0xffffU;
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[len++] = (char)(bits >> have & 0xffU);
        }
    }
    if ((bits & ((1U << have) - 1U)) != 0) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE,
                          "base64 with bits set behind the last byte (offset %zu)", digits - 1);
    }
    *out = (struct bf_sv){.ptr = bytes, .len = len};
    return BF_OK;
}

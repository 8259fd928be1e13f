#ifndef BF_ALERT_REDACT_PARTS_H
#define BF_ALERT_REDACT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sv.h"

/* What redact.c and redact_token.c share and nobody else includes. */

enum { BF_REDACT_WINDOW = 8192 /* no matcher looks further, so that the whole is linear */ };

/** Bytes of the token of a known form (access key, GitHub, JWT ...) that ${text} begins with. */
size_t bf_redact_token(struct bf_sv text);

/** Bytes of the private key block that ${text} begins with; 0: none. */
size_t bf_redact_private_key(struct bf_sv text);

typedef bool (*char_class)(char);

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

static inline bool is_word(char c) /* of names and of tokens in base64url */
{
    return is_alnum(c) || c == '_' || c == '-';
}

static inline bool is_base64(char c)
{
    return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

static inline size_t run(struct bf_sv text, size_t at, char_class in)
{
    size_t end = at, stop = at + BF_REDACT_WINDOW < text.len ? at + BF_REDACT_WINDOW : text.len;

    while (end < stop && in(text.ptr[end])) {
        end++;
    }
    return end - at;
}

static inline bool starts(struct bf_sv text, const char *prefix)
{
    return bf_sv_starts(text, bf_sv_of(prefix));
}

#endif /* BF_ALERT_REDACT_PARTS_H */

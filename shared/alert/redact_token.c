#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "alert/redact_parts.h"
#include "base/sv.h"

/* Secrets with a form of their own: they need no name before them. */

static bool is_key_id(char c)
{
    return is_digit(c) || is_upper(c);
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* AKIA + 16; a line break inside is skipped, for log events are cut anywhere. */
static size_t access_key(struct bf_sv text)
{
    size_t n = 4, have = 0;
    bool broken = false;

    if (!(starts(text, "AKIA") || starts(text, "ASIA") || starts(text, "ABIA") ||
          starts(text, "ACCA"))) {
        return 0;
    }
    while (n < text.len && have < 16) {
        if (is_key_id(text.ptr[n])) {
            have++;
        } else if (text.ptr[n] == '\n' && !broken && have != 0) {
            broken = true;
        } else {
            break;
        }
        n++;
    }
    bool longer = n < text.len && is_alnum(text.ptr[n]);
    return have == 16 && !longer ? n : 0;
}

struct form {
    const char *prefix;
    char_class in;
    size_t least; /* characters after the prefix */
    bool digit;   /* at least one of them is a digit: words of prose are none */
};

static size_t prefixed(struct bf_sv text)
{
    static const struct form forms[] = {
        {"ABSK", is_base64, 40, false},      {"xoxa-", is_word, 10, false},
        {"xoxb-", is_word, 10, false},       {"xoxp-", is_word, 10, false},
        {"xoxr-", is_word, 10, false},       {"xoxs-", is_word, 10, false},
        {"xoxe-", is_word, 10, false},       {"xoxe.xox", is_word, 10, false},
        {"xapp-", is_word, 10, false},       {"ghp_", is_alnum, 20, false},
        {"gho_", is_alnum, 20, false},       {"ghu_", is_alnum, 20, false},
        {"ghs_", is_alnum, 20, false},       {"ghr_", is_alnum, 20, false},
        {"github_pat_", is_word, 20, false}, {"hf_", is_alnum, 20, false},
        {"sk-", is_word, 16, true},          {"sk_live_", is_alnum, 16, false},
        {"dapi", is_hex, 32, false},         {"AIza", is_word, 30, false},
        {"glpat-", is_word, 16, false},      {"pypi-", is_word, 40, false},
        {"npm_", is_alnum, 30, false},       {"ya29.", is_word, 20, false},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t n = strlen(forms[i].prefix);
        if (!starts(text, forms[i].prefix)) {
            continue;
        }
        size_t more = run(text, n, forms[i].in);
        bool digit = !forms[i].digit;
        for (size_t k = n; k < n + more && !digit; k++) {
            digit = is_digit(text.ptr[k]);
        }
        return more >= forms[i].least && digit ? n + more : 0;
    }
    return 0;
}

/* eyJhbGciOi... . eyJzdWIi... . signature */
static size_t json_web_token(struct bf_sv text)
{
    if (!starts(text, "eyJ")) {
        return 0;
    }
    size_t n = run(text, 0, is_word);
    if (n < 10 || n >= text.len || text.ptr[n] != '.') {
        return 0;
    }
    size_t second = run(text, n + 1, is_word);
    if (second < 6) {
        return 0;
    }
    n += 1 + second;
    if (n < text.len && text.ptr[n] == '.') {
        n += 1 + run(text, n + 1, is_word);
    }
    return n;
}

/* A private key block to its end line, or to where lines stop looking like one. */
size_t bf_redact_private_key(struct bf_sv text)
{
    if (!starts(text, "-----BEGIN ")) {
        return 0;
    }
    size_t first = bf_sv_find(text, '\n');
    const char *escaped = memmem(text.ptr, first, "\\n", 2); /* inside a JSON string */
    struct bf_sv head =
        bf_sv_slice(text, 0, escaped != NULL ? (size_t)(escaped - text.ptr) : first);
    if (memmem(head.ptr, head.len, "PRIVATE KEY", 11) == NULL) {
        return 0;
    }
    struct bf_sv window = bf_sv_slice(text, 0, BF_REDACT_WINDOW);
    const char *end = memmem(window.ptr, window.len, "-----END ", 9);
    if (end != NULL) {
        struct bf_sv tail = bf_sv_from(text, (size_t)(end - text.ptr) + 9);
        const char *dashes =
            tail.len == 0 ? NULL : memmem(tail.ptr, tail.len < 80 ? tail.len : 80, "-----", 5);
        return dashes == NULL ? text.len - tail.len : (size_t)(dashes - text.ptr) + 5;
    }
    size_t n = head.len;
    while (n < text.len) {
        size_t line = n + 1;
        size_t more = run(text, line, is_base64);
        if (more < 16 || (line + more < text.len && text.ptr[line + more] != '\n')) {
            break;
        }
        n = line + more;
    }
    return n < window.len ? n : window.len;
}

size_t bf_redact_token(struct bf_sv text)
{
    size_t whole = access_key(text);

    whole = whole == 0 ? prefixed(text) : whole;
    return whole == 0 ? json_web_token(text) : whole;
}

#include "alert/redact.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "alert/redact_parts.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"

/*
 * One scan from left to right. At the start of each word the matchers below look at what follows
 * and say how many bytes are the secret; no matcher looks further than BF_REDACT_WINDOW bytes or,
 * for key blocks, than what it takes away, so the whole is linear.
 */
enum { NAME_MAX_BYTES = 128, USER_MAX = 512 };

/* keep: bytes that stay in front of the secret; gone: bytes of it. gone 0: no secret here. */
struct hit {
    size_t keep, gone;
};

static bool is_credential(char c)
{
    return is_base64(c) || c == '.' || c == '~' || c == ':';
}

static bool is_arn(char c)
{
    return is_word(c) || c == ':' || c == '/' || c == '.' || c == '*' || c == '+' || c == '@';
}

static bool is_url_path(char c)
{
    return is_word(c) || c == '/';
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

static struct hit slack_hook(struct bf_sv text)
{
    static const char *const hooks[] = {"hooks.slack.com/services/", "hooks.slack.com/workflows/",
                                        "hooks.slack.com/triggers/", "hooks.slack.com/commands/"};

    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        if (starts(text, hooks[i])) {
            size_t n = strlen(hooks[i]);
            return (struct hit){.keep = n, .gone = run(text, n, is_url_path)};
        }
    }
    return (struct hit){0};
}

/* ---- names that have a secret value ---- */

/* ${name} in lower case without '_', '-' and '.'. */
static size_t squeeze(struct bf_sv name, char out[NAME_MAX_BYTES])
{
    size_t n = 0;

    for (size_t i = 0; i < name.len && n < NAME_MAX_BYTES; i++) {
        char c = lower(name.ptr[i]);
        if (c != '_' && c != '-' && c != '.') {
            out[n++] = c;
        }
    }
    return n;
}

enum secrecy { OPEN, TOKEN, SECRET };

static enum secrecy secrecy_of(struct bf_sv name)
{
    static const char *const ends[] = {
        "password",      "passwd",       "pwd",          "passphrase",   "secret",
        "apikey",        "accesskey",    "secretkey",    "privatekey",   "authkey",
        "signature",     "credential",   "cookie",       "authtoken",    "accesstoken",
        "securitytoken", "sessiontoken", "refreshtoken", "clientsecret", "encryptionkey",
        "accountkey",    "dbpass",       "signingkey"};
    char squeezed[NAME_MAX_BYTES];
    struct bf_sv last = bf_sv_from(name, name.len > NAME_MAX_BYTES ? name.len - NAME_MAX_BYTES : 0);
    struct bf_sv text = {.ptr = squeezed, .len = squeeze(last, squeezed)};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (bf_sv_ends(text, bf_sv_of(ends[i]))) {
            return SECRET;
        }
    }
    if (bf_sv_is(text, "sig") || bf_sv_is(text, "pass") || bf_sv_is(text, "authorization")) {
        return SECRET;
    }
    return bf_sv_ends(text, BF_SV("token")) ? TOKEN : OPEN;
}

static bool ends_value(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == ',' || c == ';' || c == '&' || c == '"' ||
           c == '\'' || c == ')' || c == '}' || c == ']' || c == '<' || c == '|';
}

/* Bytes of the value at ${at}: to the closing quote, or to the end of the word. */
static size_t value_length(struct bf_sv text, size_t at, char quote)
{
    size_t end = at, stop = at + BF_REDACT_WINDOW < text.len ? at + BF_REDACT_WINDOW : text.len;

    while (end < stop) {
        char c = text.ptr[end];
        if (quote != '\0' ? (c == quote || c == '\n') : ends_value(c)) {
            break;
        }
        end += quote != '\0' && c == '\\' && end + 1 < stop ? 2 : 1;
    }
    return end - at;
}

static bool all_digits(struct bf_sv value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!is_digit(value.ptr[i]) && value.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

/* What is public although its name sounds secret: ARNs, hashes, the word None, vocabularies. */
static bool is_public(struct bf_sv value, enum secrecy secrecy)
{
    static const char *const words[] = {"None", "null", "true", "false", "True", "False", "***"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (bf_sv_is(value, words[i])) {
            return true;
        }
    }
    if (starts(value, "arn:") || starts(value, "sha256:") || starts(value, "[redacted")) {
        return true;
    }
    return secrecy == TOKEN &&
           (value.len < 4 || value.ptr[0] == '<' || value.ptr[0] == '[' || all_digits(value));
}

/* Skips blanks, at most a few. */
static size_t skip_blanks(struct bf_sv text, size_t at)
{
    size_t end = at;

    while (end < text.len && end < at + 8 && (text.ptr[end] == ' ' || text.ptr[end] == '\t')) {
        end++;
    }
    return end;
}

/* The value on the next line, when the line ends with "NAME=". */
static struct hit next_line(struct bf_sv text, size_t at)
{
    size_t more = run(text, at + 1, is_base64);
    bool alone = at + 1 + more == text.len || text.ptr[at + 1 + more] == '\n';

    return more >= 16 && alone ? (struct hit){.keep = at + 1, .gone = more} : (struct hit){0};
}

static struct hit value_at(struct bf_sv text, size_t at, enum secrecy secrecy)
{
    char quote = '\0';

    if (at < text.len && text.ptr[at] == '\\') { /* JSON inside JSON: \"name\":\"value\" */
        at++;
    }
    if (at + 1 < text.len && (text.ptr[at] == 'b' || text.ptr[at] == 'r') &&
        (text.ptr[at + 1] == '\'' || text.ptr[at + 1] == '"')) {
        at++;
    }
    if (at < text.len && (text.ptr[at] == '"' || text.ptr[at] == '\'')) {
        quote = text.ptr[at++];
    }
    size_t n = value_length(text, at, quote);
    struct bf_sv value = bf_sv_slice(text, at, at + n);
    if (n == 0 || value.ptr[0] == '{' || value.ptr[0] == '$' || is_public(value, secrecy)) {
        return (struct hit){0};
    }
    return (struct hit){.keep = at, .gone = n};
}

static struct hit assignment(struct bf_sv text, size_t name_length, bool option)
{
    enum secrecy secrecy = secrecy_of(bf_sv_slice(text, 0, name_length));
    size_t at = name_length;

    if (secrecy == OPEN) {
        return (struct hit){0};
    }
    if (at < text.len && text.ptr[at] == '\\') {
        at++;
    }
    if (at < text.len && (text.ptr[at] == '"' || text.ptr[at] == '\'')) {
        at++;
    }
    if (at < text.len && text.ptr[at] == ']') { /* os.environ["X_TOKEN"] = ... */
        at++;
    }
    size_t sign = skip_blanks(text, at);
    bool assigned = sign < text.len && (text.ptr[sign] == '=' || text.ptr[sign] == ':');
    if (assigned && sign + 1 < text.len && text.ptr[sign] == ':' && text.ptr[sign + 1] == '/') {
        return (struct hit){0}; /* token://... is a scheme */
    }
    if (!assigned) { /* --password value */
        return option && sign > at ? value_at(text, sign, secrecy) : (struct hit){0};
    }
    if (sign + 1 < text.len && text.ptr[sign + 1] == '\n' && text.ptr[sign] == '=') {
        return next_line(text, sign + 1);
    }
    sign += sign + 1 < text.len && (text.ptr[sign + 1] == '>' || text.ptr[sign + 1] == '=') ? 2 : 1;
    return value_at(text, skip_blanks(text, sign), secrecy);
}

/* ---- HTTP ---- */

static bool looks_random(struct bf_sv value)
{
    bool any = false;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        any = any || is_digit(c) || c == '=' || c == '.' || c == '+' || c == '/' ||
              (i != 0 && is_upper(c));
    }
    return any;
}

static struct hit scheme_credential(struct bf_sv text)
{
    static const char *const schemes[] = {"bearer ", "basic ", "token "};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t n = strlen(schemes[i]), k = 0;
        while (k < n && k < text.len && lower(text.ptr[k]) == schemes[i][k]) {
            k++;
        }
        if (k != n) {
            continue;
        }
        size_t more = run(text, n, is_credential);
        struct bf_sv value = bf_sv_slice(text, n, n + more);
        bool long_enough = more >= (schemes[i][0] == 't' ? 20U : 8U);
        if (long_enough && looks_random(value) && !is_public(value, SECRET)) {
            return (struct hit){.keep = n, .gone = more};
        }
    }
    return (struct hit){0};
}

/* ://user:password@  : what stands between ':' and the last '@' before the host. */
static struct hit url_password(struct bf_sv text)
{
    size_t colon = 0, n = 3, at = 0;

    if (!starts(text, "://")) {
        return (struct hit){0};
    }
    while (n < text.len && n < USER_MAX) {
        char c = text.ptr[n];
        if (c == '/' || c == ' ' || c == '\n' || c == '"' || c == '\'' || c == '?' || c == '#') {
            break;
        }
        if (c == ':' && colon == 0) {
            colon = n;
        }
        if (c == '@') {
            at = n;
        }
        n++;
    }
    if (colon == 0 || at < colon + 2) {
        return (struct hit){0};
    }
    return (struct hit){.keep = colon + 1, .gone = at - colon - 1};
}

/* ---- the scan ---- */

static struct hit at_word(struct bf_sv text, bool option)
{
    size_t whole = bf_redact_token(text);

    if (whole != 0) {
        return (struct hit){.gone = whole};
    }
    struct hit hit = slack_hook(text);
    if (hit.gone == 0) {
        hit = scheme_credential(text);
    }
    if (hit.gone == 0) {
        hit = assignment(text, run(text, 0, is_word), option);
    }
    /* Authorization: Bearer x: the scheme's word is no secret, what follows it is. */
    struct hit inner = hit.gone == 0 ? hit : scheme_credential(bf_sv_from(text, hit.keep));
    if (inner.gone != 0) {
        inner.keep += hit.keep;
        return inner;
    }
    return hit;
}

struct bf_sv bf_redact(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf out = bf_buf_new(arena, (text.len * 2) + 64);
    size_t i = 0;

    while (i < text.len && !out.full) {
        struct bf_sv rest = bf_sv_from(text, i);
        struct hit hit = {0};
        bool first = i == 0 || !is_word(text.ptr[i - 1]);
        if (text.ptr[i] == '-' && first) {
            hit.gone = bf_redact_private_key(rest);
        } else if (text.ptr[i] == ':') {
            hit = url_password(rest);
        }
        if (hit.gone == 0 && is_alnum(text.ptr[i]) && (first || text.ptr[i - 1] == '-')) {
            hit = at_word(rest, i >= 2 && text.ptr[i - 1] == '-' && text.ptr[i - 2] == '-');
        }
        if (hit.gone != 0) {
            bf_buf_add(&out, bf_sv_slice(rest, 0, hit.keep));
            bf_buf_addz(&out, "[redacted]");
            i += hit.keep + hit.gone;
            continue;
        }
        /* The whole word at once: its letters begin nothing new. Nor does anything in an ARN. */
        size_t n = is_alnum(text.ptr[i]) ? run(rest, 0, is_alnum) : 1;
        n = first && starts(rest, "arn:") ? run(rest, 0, is_arn) : n;
        bf_buf_add(&out, bf_sv_slice(rest, 0, n));
        i += n;
    }
    return bf_buf_sv(&out);
}

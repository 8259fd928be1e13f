#include "spec/grammar_lex.h"

#include <strings.h>

static char at_of(struct bf_sv text, size_t at)
{
    if (at < text.len) {
        return text.ptr[at];
    }
    return '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

size_t bf_lex_blanks(struct bf_sv text, size_t at)
{
    while (at_of(text, at) == ' ' || at_of(text, at) == '\t') {
        at++;
    }
    return at;
}

size_t bf_lex_id(struct bf_sv text, size_t at)
{
    size_t end = at;

    if (!is_letter(at_of(text, at))) {
        return 0;
    }
    while (is_letter(at_of(text, end)) || is_digit(at_of(text, end)) || at_of(text, end) == '-') {
        end++;
    }
    return end - at;
}

bool bf_lex_key_escape(struct bf_sv text, size_t at)
{
    return at_of(text, at) == '\\' && at_of(text, at + 1) != '\0' &&
           strchr("\\.:[]=", at_of(text, at + 1)) != NULL;
}

size_t bf_lex_key(struct bf_sv text, size_t at)
{
    size_t end = at;

    while (end < text.len) {
        if (bf_lex_key_escape(text, end)) {
            end += 2;
        } else if (text.ptr[end] == '\0' || strchr("\\{}()[]:. \t'\"", text.ptr[end]) != NULL) {
            break;
        } else {
            end++;
        }
    }
    return end - at;
}

/* DIGIT ('_'? DIGIT)* at ${at}: its end, or ${at} */
static size_t skip_digits(struct bf_sv text, size_t at)
{
    if (!is_digit(at_of(text, at))) {
        return at;
    }
    while (is_digit(at_of(text, at)) || (at_of(text, at) == '_' && is_digit(at_of(text, at + 1)))) {
        at++;
    }
    return at;
}

/* '0' | [1-9] ('_'? DIGIT)*: "007" are three numbers */
static size_t skip_unsigned(struct bf_sv text, size_t at)
{
    return at_of(text, at) == '0' ? at + 1 : skip_digits(text, at);
}

static bool word_is(struct bf_sv text, size_t at, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text.ptr + at, word, len) == 0;
}

/* The end of a float at ${at} (behind its sign), or ${at}. */
static size_t skip_float(struct bf_sv text, size_t at)
{
    size_t word = at;
    size_t whole = skip_unsigned(text, at);
    size_t end = whole;
    bool is_float = false;

    while (is_letter(at_of(text, word)) && word - at < 3) {
        word++;
    }
    if (word_is(text, at, word - at, "inf") || word_is(text, at, word - at, "nan")) {
        return word;
    }
    if (at_of(text, end) == '.') {
        size_t fraction = skip_digits(text, end + 1);
        is_float = whole != at || fraction != end + 1;
        end = is_float ? fraction : end;
    }
    char e = at_of(text, end);
    if ((is_float || whole != at) && (e == 'e' || e == 'E')) {
        size_t sign = at_of(text, end + 1) == '+' || at_of(text, end + 1) == '-' ? 1 : 0;
        size_t exponent = skip_digits(text, end + 1 + sign);
        is_float = is_float || exponent != end + 1 + sign;
        end = exponent != end + 1 + sign ? exponent : end;
    }
    return is_float ? end : at;
}

/* The longest run of escapes: a backslash and one of the characters that it takes. */
static size_t skip_escapes(struct bf_sv text, size_t at)
{
    while (at_of(text, at) == '\\' && at_of(text, at + 1) != '\0' &&
           strchr("\\()[]{}:=, \t", at_of(text, at + 1)) != NULL) {
        at += 2;
    }
    return at;
}

struct match {
    enum bf_token token;
    size_t len;
};

static void consider(struct match *best, enum bf_token token, size_t len)
{
    if (len > best->len) {
        *best = (struct match){.token = token, .len = len};
    }
}

static void consider_word(struct match *best, struct bf_sv text, size_t at)
{
    size_t len = bf_lex_id(text, at);

    if (word_is(text, at, len, "true") || word_is(text, at, len, "false")) {
        consider(best, BF_TOKEN_BOOL, len);
    } else if (word_is(text, at, len, "null")) {
        consider(best, BF_TOKEN_NULL, len);
    }
    consider(best, BF_TOKEN_ID, len);
}

enum bf_token bf_lex(struct bf_sv text, size_t at, size_t *len)
{
    struct match best = {.token = BF_TOKEN_OTHER};
    char c = at_of(text, at);
    size_t number = c == '+' || c == '-' ? at + 1 : at;
    size_t blanks = bf_lex_blanks(text, at);

    if (skip_float(text, number) != number) {
        consider(&best, BF_TOKEN_FLOAT, skip_float(text, number) - at);
    }
    if (skip_unsigned(text, number) != number) {
        consider(&best, BF_TOKEN_INT, skip_unsigned(text, number) - at);
    }
    consider_word(&best, text, at);
    if (c != '\0' && strchr("/-\\+.$%*@?|", c) != NULL) {
        consider(&best, BF_TOKEN_CHAR, 1);
    }
    consider(&best, BF_TOKEN_ESCAPE, skip_escapes(text, at) - at);
    if (at_of(text, blanks) == ':') {
        consider(&best, BF_TOKEN_COLON, bf_lex_blanks(text, blanks + 1) - at);
    }
    consider(&best, BF_TOKEN_BLANK, blanks - at);
    *len = best.len;
    return best.token;
}

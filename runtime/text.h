#ifndef LAMBDA_RUNTIME_TEXT_H
#define LAMBDA_RUNTIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Bytes that grow and are reused from one invocation to the next. Always followed by a NUL that
 * len does not count. An append that would pass ${max} is refused whole and sets ${full}.
 */
struct text {
    char *ptr;
    size_t len, cap, max;
    bool full;
};

struct text text_new(size_t max);
void text_free(struct text *text);
void text_clear(struct text *text);

/** Room for ${more} bytes behind len; false past max or without memory. */
bool text_reserve(struct text *text, size_t more);

bool text_add(struct text *text, const char *bytes, size_t len);
bool text_addz(struct text *text, const char *z);
bool text_printf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Append a JSON string with its quotes; what is no UTF-8 becomes U+FFFD. With ${ascii} everything
 * beyond ASCII is written as \uXXXX, fit for a header line.
 */
bool text_json(struct text *text, const char *bytes, size_t len, bool ascii);

#endif /* LAMBDA_RUNTIME_TEXT_H */

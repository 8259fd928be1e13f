#ifndef BF_BASE_PERCENT_H
#define BF_BASE_PERCENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/sv.h"

/** The value of a hexadecimal digit, either case; -1 for any other byte. */
int bf_hex_value(char c);

/**
 * Percent-decoding (RFC 3986): %XX is the byte XX. With ${plus} a '+' is a blank, as in forms
 * (application/x-www-form-urlencoded). False: a '%' without two hex digits behind it. What comes
 * out may be any bytes, NUL and ill-formed UTF-8 too.
 */
BF_NODISCARD bool bf_percent_decode(struct bf_arena *arena, struct bf_sv text, bool plus,
                                    struct bf_sv *out);

#endif /* BF_BASE_PERCENT_H */

#include "base/utf8.h"
#include "event/internal.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bf_form_decode(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out)
{
    char *bytes = BF_NEW_N(arena, char, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned c = text.ptr[i] == '+' ? ' ' : (unsigned char)text.ptr[i];
        if (c == (unsigned)'%') {
            const int high = text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
            const int low = text.len - i > 2 ? hex_digit(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                return false;
            }
            c = (unsigned)(high * 16 + low);
            i += 2;
        }
        bytes[len++] = (char)(unsigned char)c;
    }
    const struct bf_sv decoded = {.ptr = bytes, .len = len};
    if (bf_utf8_valid_prefix(decoded) != len) {
        return false;
    }
    *out = decoded;
    return true;
}

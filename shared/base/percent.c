#include "base/percent.h"

int bf_hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bf_percent_decode(struct bf_arena *arena, struct bf_sv text, bool plus, struct bf_sv *out)
{
    char *bytes = bf_arena_alloc(arena, text.len + 1, 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            const int high = text.len - i > 2 ? bf_hex_value(text.ptr[i + 1]) : -1;
            const int low = text.len - i > 2 ? bf_hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)((high << 4) | low);
            i += 2;
        }
        bytes[len++] = c;
    }
    *out = (struct bf_sv){.ptr = bytes, .len = len};
    return true;
}

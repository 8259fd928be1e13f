#include "base/percent.h"
#include "base/utf8.h"
#include "event/internal.h"

bool bf_form_decode(struct bf_arena *arena, struct bf_sv text, struct bf_sv *out)
{
    struct bf_sv decoded = {0};

    if (!bf_percent_decode(arena, text, true, &decoded) ||
        bf_sv_find(decoded, '\0') != decoded.len || bf_utf8_valid_prefix(decoded) != decoded.len) {
        return false;
    }
    *out = decoded;
    return true;
}

#include <math.h>

#include "event/event.h"
#include "time/instant.h"

/* Seconds up to here (year 5138), milliseconds from here on (1973). */
#define SECONDS_BELOW 1e11

static bool from_number(double value, int64_t *out)
{
    if (!isfinite(value) || value < 0 || value >= 1e15) {
        return false;
    }
    *out = (int64_t)(value < SECONDS_BELOW ? value : value / 1000);
    return true;
}

bool bf_event_time(const bf_json *node, int64_t *out)
{
    const struct bf_sv text = bf_json_text(node);
    struct bf_err ignored = {0};
    int64_t whole = 0;

    switch (bf_json_kind(node)) {
    case BF_JSON_NUMBER:
        return from_number(bf_json_number(node), out);
    case BF_JSON_STRING:
        if (bf_sv_i64(text, 0, INT64_C(1000000000000000), &whole)) {
            return from_number((double)whole, out);
        }
        return bf_instant_parse(text, out, &ignored) == BF_OK;
    default:
        return false;
    }
}

/* Any text: it is refused, or its fires rise and the fire before the next is the one before. */
#include <stdlib.h>

#include "time/civil.h"
#include "time/cron.h"
#include "time/instant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct bf_firing *firing, int64_t from)
{
    int64_t at = from;
    int64_t last = from;
    int64_t before = 0;

    for (int i = 0; i < 5 && bf_next_fire(firing, at, &at); i++) {
        if (at <= last || !bf_previous_fire(firing, at + 1, &before) || before != at) {
            abort();
        }
        if (i > 0 && (!bf_previous_fire(firing, at, &before) || before != last)) {
            abort();
        }
        last = at;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe"};
    struct bf_arena *arena = bf_arena_new((size_t)64 << 20U);
    struct bf_sv text = {(const char *)data, size};
    struct bf_err err = {0};
    struct bf_when when = {0};
    struct bf_time_text time;

    if (bf_time_parse(text, &time, &err) == BF_OK && time.shape == BF_TIME_INSTANT &&
        (time.value < BF_SECOND_MIN || time.value > BF_SECOND_MAX)) {
        abort();
    }
    if (bf_when_parse(text, &when, &err) == BF_OK) {
        for (size_t i = 0; i < BF_COUNTOF(zones); i++) {
            struct bf_firing firing = {.when = &when, .start = 1772379000};
            if (bf_zone_load(arena, bf_sv_of(zones[i]), &firing.zone, &err) != BF_OK) {
                abort();
            }
            walk(&firing, 1772379000);
        }
    } else if (err.msg[0] == '\0') {
        abort();
    }
    bf_arena_destroy(&arena);
    return 0;
}

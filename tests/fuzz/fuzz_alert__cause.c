#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "alert/cause.h"
#include "base/arena.h"

/* Events of up to three streams; whatever they hold, the answer is within its bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);
    struct bf_sv rest = {.ptr = (const char *)data, .len = size};
    static const char *const sources[] = {"", "job/algo-1-1700000000", "job/algo-2-1700000000"};

    while (rest.len != 0) {
        /* NUL ends an event; the byte behind it says whose the next one is. */
        struct bf_sv event = bf_sv_cut(&rest, '\0');
        size_t which = rest.len == 0 ? 0 : (unsigned char)rest.ptr[0] % 3U;
        int64_t time = bf_cause_take_time(&event);
        bf_cause_event(scan, bf_sv_of(sources[which]), time, event);
    }
    struct bf_cause cause = bf_cause_scan_end(scan);
    if (cause.excerpt.len > BF_CAUSE_EXCERPT + 16 || cause.frame_count > BF_CAUSE_FRAMES ||
        bf_cause_json(arena, &cause) == NULL || bf_cause_fingerprint(arena, &cause).len != 16) {
        abort();
    }
    bf_arena_destroy(&arena);
    return 0;
}

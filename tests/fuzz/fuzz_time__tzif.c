/* Any bytes: they are refused, or every wall clock that the zone shows leads back to its instant.
 */
#include <stdlib.h>

#include "time/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t instants[] = {-62135596800, -3000000000, 0, 1772379000, 253402300799};
    struct bf_arena *arena = bf_arena_new((size_t)64 << 20U);
    struct bf_sv bytes = {(const char *)data, size};
    const struct bf_zone *zone = NULL;
    struct bf_err err = {0};

    if (bf_zone_parse(arena, BF_SV("fuzz"), bytes, &zone, &err) == BF_OK) {
        for (size_t i = 0; i < BF_COUNTOF(instants); i++) {
            int64_t local = bf_zone_local(zone, instants[i]);
            struct bf_local_time found = bf_zone_resolve(zone, local);
            if (found.kind == BF_LOCAL_NEVER || found.instant > instants[i] ||
                bf_zone_local(zone, found.instant) != local) {
                abort();
            }
            (void)bf_zone_day_start(zone, local / 86400);
            (void)bf_zone_abbreviation(zone, instants[i]);
            (void)bf_zone_next_change(zone, instants[i]);
        }
    }
    bf_arena_destroy(&arena);
    return 0;
}

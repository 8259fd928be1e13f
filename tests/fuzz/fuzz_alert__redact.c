#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "alert/redact.h"
#include "base/arena.h"

/* Redacting what is redacted changes nothing, and an AWS key id never comes through. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_sv text = {.ptr = (const char *)data, .len = size};
    struct bf_sv once = bf_redact(arena, text);
    struct bf_sv around = bf_sv_printf(arena, "%s" BF_SV_FMT "%s", "AKIAIOSFODNN7EXAMPLE ",
                                       BF_SV_ARG(text), " AKIAIOSFODNN7EXAMPLE");

    if (once.len > (size * 2) + 64) {
        abort();
    }
    struct bf_sv safe = bf_redact(arena, around);
    if (bf_sv_search(safe, BF_SV("AKIAIOSFODNN7EXAMPLE")) == 0) {
        abort();
    }
    bf_arena_destroy(&arena);
    return 0;
}

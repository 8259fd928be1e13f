#include "crypto/crypto.h"
#include "run/run.h"
#include "time/instant.h"

struct bf_sv bf_run_token(struct bf_arena *arena, const struct bf_run_id *id)
{
    const struct bf_sv parts[] = {id->environment, id->pipeline, id->kind, id->name, id->key};
    struct bf_buf text = bf_buf_new(arena, 16384);

    for (size_t i = 0; i < BF_COUNTOF(parts); i++) {
        bf_buf_printf(&text, "%zu:", parts[i].len);
        bf_buf_add(&text, parts[i]);
        bf_buf_addc(&text, '\n');
    }
    bf_buf_printf(&text, "%lld", (long long)id->attempt);
    return bf_sha256_hex(arena, bf_buf_sv(&text));
}

struct bf_sv bf_run_display_name(struct bf_arena *arena, struct bf_sv schedule,
                                 int64_t local_seconds)
{
    return bf_sv_printf(arena, BF_SV_FMT "-" BF_SV_FMT, BF_SV_ARG(bf_sv_slice(schedule, 0, 64)),
                        BF_SV_ARG(bf_local_print_compact(arena, local_seconds)));
}

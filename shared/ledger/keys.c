#include "ledger/keys.h"

enum { SEQUENCER_DIGITS = 32 }; /* S3's have 16 to 20 */

static struct bf_ledger_key key(struct bf_arena *arena, const char *kind, struct bf_sv name,
                                struct bf_sv sk)
{
    return (struct bf_ledger_key){.pk = bf_sv_printf(arena, "%s#" BF_SV_FMT, kind, BF_SV_ARG(name)),
                                  .sk = sk};
}

struct bf_ledger_key bf_key_claim(struct bf_arena *arena, struct bf_sv name)
{
    return key(arena, "claim", name, BF_SV("claim"));
}

struct bf_ledger_key bf_key_pipeline(struct bf_arena *arena, struct bf_sv name)
{
    return key(arena, "pipeline", name, BF_SV("record"));
}

struct bf_ledger_key bf_key_watermark(struct bf_arena *arena, struct bf_sv pipeline,
                                      struct bf_sv schedule)
{
    return key(arena, "pipeline", pipeline,
               bf_sv_printf(arena, "watermark#" BF_SV_FMT, BF_SV_ARG(schedule)));
}

struct bf_ledger_key bf_key_queue(struct bf_arena *arena, struct bf_sv pipeline,
                                  struct bf_sv schedule)
{
    return key(arena, "pipeline", pipeline,
               bf_sv_printf(arena, "queue#" BF_SV_FMT, BF_SV_ARG(schedule)));
}

struct bf_ledger_key bf_key_waiting(struct bf_arena *arena, struct bf_sv pipeline,
                                    struct bf_sv object_key)
{
    return key(arena, "pipeline", pipeline,
               bf_sv_printf(arena, "waiting#" BF_SV_FMT, BF_SV_ARG(object_key)));
}

struct bf_ledger_key bf_key_pipeline_index(struct bf_arena *arena, struct bf_sv name)
{
    return (struct bf_ledger_key){.pk = BF_SV("pipelines"), .sk = bf_sv_dup(arena, name)};
}

struct bf_ledger_key bf_key_pipeline_arn(struct bf_arena *arena, struct bf_sv arn)
{
    return key(arena, "pipeline-arn", arn, BF_SV("pipeline"));
}

struct bf_ledger_key bf_key_spec_latest(struct bf_arena *arena, struct bf_sv object_key)
{
    return key(arena, "spec", object_key, BF_SV("latest"));
}

struct bf_ledger_key bf_key_spec_journal(struct bf_arena *arena, struct bf_sv object_key)
{
    return key(arena, "spec", object_key, BF_SV("journal"));
}

struct bf_ledger_key bf_key_spec_history(struct bf_arena *arena, struct bf_sv object_key,
                                         struct bf_sv sequencer)
{
    /* Padded on the right, so that the order of the sort keys is the order of the uploads. */
    static const char zeros[] = "00000000000000000000000000000000";
    const size_t missing = sequencer.len < SEQUENCER_DIGITS ? SEQUENCER_DIGITS - sequencer.len : 0;

    return key(arena, "spec", object_key,
               bf_sv_printf(arena, "history#" BF_SV_FMT "%.*s", BF_SV_ARG(sequencer), (int)missing,
                            zeros));
}

struct bf_ledger_key bf_key_run(struct bf_arena *arena, struct bf_sv token)
{
    return key(arena, "run", token, BF_SV("run"));
}

struct bf_ledger_key bf_key_execution(struct bf_arena *arena, struct bf_sv arn)
{
    return key(arena, "execution", arn, BF_SV("run"));
}

struct bf_ledger_key bf_key_thread(struct bf_arena *arena, struct bf_sv arn, struct bf_sv channel)
{
    return key(arena, "execution", arn,
               bf_sv_printf(arena, "thread#" BF_SV_FMT, BF_SV_ARG(channel)));
}

struct bf_ledger_key bf_key_execution_alerts(struct bf_arena *arena, struct bf_sv arn)
{
    return key(arena, "execution", arn, BF_SV("alerts"));
}

struct bf_ledger_key bf_key_pipeline_alerts(struct bf_arena *arena, struct bf_sv pipeline)
{
    return key(arena, "pipeline", pipeline, BF_SV("alerts"));
}

struct bf_ledger_key bf_key_failure(struct bf_arena *arena, struct bf_sv pipeline,
                                    struct bf_sv fingerprint)
{
    return key(arena, "pipeline", pipeline,
               bf_sv_printf(arena, "failure#" BF_SV_FMT, BF_SV_ARG(fingerprint)));
}

struct bf_ledger_key bf_key_run_index(struct bf_arena *arena, struct bf_sv pipeline,
                                      struct bf_sv instant, struct bf_sv token)
{
    return key(arena, "runs", pipeline,
               bf_sv_printf(arena, BF_SV_FMT "#" BF_SV_FMT, BF_SV_ARG(instant), BF_SV_ARG(token)));
}

struct bf_ledger_key bf_key_join(struct bf_arena *arena, struct bf_sv pipeline,
                                 struct bf_sv trigger, struct bf_sv join_key)
{
    struct bf_sv name =
        bf_sv_printf(arena, BF_SV_FMT "#" BF_SV_FMT, BF_SV_ARG(pipeline), BF_SV_ARG(trigger));

    return key(arena, "join", name, bf_sv_dup(arena, join_key));
}

static int digit_at(struct bf_sv text, size_t i)
{
    const int c = i < text.len ? text.ptr[i] : '0';

    return c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c;
}

int bf_sequencer_cmp(struct bf_sv a, struct bf_sv b)
{
    const size_t len = a.len > b.len ? a.len : b.len;

    if (a.len == 0 || b.len == 0) {
        return (a.len != 0) - (b.len != 0);
    }
    for (size_t i = 0; i < len; i++) {
        const int order = digit_at(a, i) - digit_at(b, i);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

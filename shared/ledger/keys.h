#ifndef BF_LEDGER_KEYS_H
#define BF_LEDGER_KEYS_H

#include "base/arena.h"
#include "base/sv.h"

/**
 * The names of everything in the table, in one place. Partition key "pk", sort key "sk", both
 * text. Parts that come from outside are used as they are: they are the last part of their key.
 *
 *   pk                     sk                    what                                  kept
 *   claim#KEY              claim                 a claim (ledger.h)                    45 days
 *   pipeline#NAME          record                the pipeline record                   always
 *   pipeline#NAME          watermark#SCHEDULE    how far a schedule has come           always
 *   pipeline#NAME          queue#SCHEDULE        runs that wait for their turn         always
 *   pipeline#NAME          waiting#KEY           a spec object refused for its name    until woken
 *   pipelines              NAME                  index: {"pipeline","arn"}             always
 *   pipeline-arn#ARN       pipeline              index: {"pipeline"}                   always
 *   spec#KEY               latest                newest deployment of a spec object    always
 *   spec#KEY               journal               writes of a deployment under way      always
 *   spec#KEY               history#SEQUENCER     a deployment that was                 always
 *   run#TOKEN              run                   resolved parameters, execution        400 days
 *   execution#ARN          run                   index: {"token"} and the run's state  400 days
 *   execution#ARN          thread#CHANNEL        the root message in a channel         400 days
 *   execution#ARN          alerts                how far alerting is with it            400 days
 *   pipeline#NAME          alerts                its last end and last success          always
 *   pipeline#NAME          failure#FINGERPRINT   runs that ended with the same error    45 days
 *   runs#PIPELINE          INSTANT#TOKEN         index of runs by scheduled time       400 days
 *   join#PIPELINE#TRIGGER  KEY                   what of a join has arrived            400 days
 */
struct bf_ledger_key {
    struct bf_sv pk, sk;
};

struct bf_ledger_key bf_key_claim(struct bf_arena *arena, struct bf_sv name);
struct bf_ledger_key bf_key_pipeline(struct bf_arena *arena, struct bf_sv name);
struct bf_ledger_key bf_key_watermark(struct bf_arena *arena, struct bf_sv pipeline,
                                      struct bf_sv schedule);
struct bf_ledger_key bf_key_queue(struct bf_arena *arena, struct bf_sv pipeline,
                                  struct bf_sv schedule);
struct bf_ledger_key bf_key_waiting(struct bf_arena *arena, struct bf_sv pipeline,
                                    struct bf_sv object_key);
struct bf_ledger_key bf_key_pipeline_index(struct bf_arena *arena, struct bf_sv name);
struct bf_ledger_key bf_key_pipeline_arn(struct bf_arena *arena, struct bf_sv arn);
struct bf_ledger_key bf_key_spec_latest(struct bf_arena *arena, struct bf_sv object_key);
struct bf_ledger_key bf_key_spec_journal(struct bf_arena *arena, struct bf_sv object_key);
struct bf_ledger_key bf_key_spec_history(struct bf_arena *arena, struct bf_sv object_key,
                                         struct bf_sv sequencer);
struct bf_ledger_key bf_key_run(struct bf_arena *arena, struct bf_sv token);
struct bf_ledger_key bf_key_execution(struct bf_arena *arena, struct bf_sv arn);
struct bf_ledger_key bf_key_thread(struct bf_arena *arena, struct bf_sv arn, struct bf_sv channel);
struct bf_ledger_key bf_key_execution_alerts(struct bf_arena *arena, struct bf_sv arn);
struct bf_ledger_key bf_key_pipeline_alerts(struct bf_arena *arena, struct bf_sv pipeline);
struct bf_ledger_key bf_key_failure(struct bf_arena *arena, struct bf_sv pipeline,
                                    struct bf_sv fingerprint);
struct bf_ledger_key bf_key_run_index(struct bf_arena *arena, struct bf_sv pipeline,
                                      struct bf_sv instant, struct bf_sv token);
struct bf_ledger_key bf_key_join(struct bf_arena *arena, struct bf_sv pipeline,
                                 struct bf_sv trigger, struct bf_sv join_key);

/**
 * Order of two S3 sequencers of one key: hexadecimal texts, the shorter one padded on the right
 * with zeros (S3 user guide, "Event ordering"). Negative, 0, positive. An empty one is the oldest.
 */
int bf_sequencer_cmp(struct bf_sv a, struct bf_sv b);

#endif /* BF_LEDGER_KEYS_H */

#ifndef BF_RUN_SLOTS_H
#define BF_RUN_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "json/json.h"

/**
 * Who of a schedule's runs is active, and who waits: the queue document. Pure; what changes the
 * document changes it in place, the caller writes it.
 */
enum bf_slot {
    BF_SLOT_START, /* it has a slot (now, or since before) */
    BF_SLOT_SKIP,
    BF_SLOT_WAIT,   /* it is among the waiting (now, or since before) */
    BF_SLOT_CANCEL, /* the active ones have to be stopped; then it has a slot */
};

struct bf_slot_rules {
    struct bf_sv overlap; /* "skip", "queue_one", "queue_all", "cancel", "allow" */
    int64_t max_active;
};

/** An empty document. */
bf_json *bf_slots_new(struct bf_arena *arena);

/**
 * Decide and note it. *replaced is the token that loses its place among the waiting (queue_one:
 * the newest waits), or empty. A full queue (BF_RUN_WAITING_MAX) skips.
 */
enum bf_slot bf_slots_take(struct bf_arena *arena, bf_json *slots, struct bf_sv token,
                           const struct bf_slot_rules *rules, struct bf_sv now,
                           struct bf_sv *replaced);

/** Give ${token} a slot whatever the rules say (after a cancel). */
void bf_slots_force(bf_json *slots, struct bf_sv token, struct bf_sv now);

/** Its execution has started. True when it was not known before: "started" counts it. */
bool bf_slots_started(bf_json *slots, struct bf_sv token, struct bf_sv execution_arn);

/** It is neither active nor waiting any more. True when it was. */
bool bf_slots_free(bf_json *slots, struct bf_sv token);

/** Move the longest waiting to the active, if there is a slot; empty: none, or no slot. */
struct bf_sv bf_slots_next(struct bf_arena *arena, bf_json *slots,
                           const struct bf_slot_rules *rules, struct bf_sv now);

/** Runs this schedule has started so far. */
int64_t bf_slots_count(const bf_json *slots);

#endif /* BF_RUN_SLOTS_H */

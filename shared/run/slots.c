#include "run/slots.h"

#include "run/run.h"

bf_json *bf_slots_new(struct bf_arena *arena)
{
    bf_json *slots = bf_json_new_object(arena);

    bf_json_add_i64(slots, "started", 0);
    bf_json_add_i64(slots, "skipped", 0);
    bf_json_add_array(slots, "active");
    bf_json_add_array(slots, "waiting");
    return slots;
}

int64_t bf_slots_count(const bf_json *slots)
{
    int64_t started = 0;

    return bf_json_i64(bf_json_get(slots, "started"), 0, INT64_MAX - 1, &started) ? started : 0;
}

static void count_up(bf_json *slots, const char *key)
{
    int64_t value = 0;

    if (!bf_json_i64(bf_json_get(slots, key), 0, INT64_MAX - 1, &value)) {
        value = 0;
    }
    bf_json_remove(slots, key);
    bf_json_add_i64(slots, key, value + 1);
}

static bf_json *active_of(const bf_json *slots, struct bf_sv token)
{
    const bf_json *active = bf_json_get(slots, "active");

    for (bf_json *a = bf_json_first(active); a != NULL; a = bf_json_next(a)) {
        if (bf_sv_eq(bf_json_str(a, "token"), token)) {
            return a;
        }
    }
    return NULL;
}

static bool is_waiting(const bf_json *slots, struct bf_sv token)
{
    const bf_json *waiting = bf_json_get(slots, "waiting");

    for (const bf_json *w = bf_json_first(waiting); w != NULL; w = bf_json_next(w)) {
        if (bf_sv_eq(bf_json_text(w), token)) {
            return true;
        }
    }
    return false;
}

void bf_slots_force(bf_json *slots, struct bf_sv token, struct bf_sv now)
{
    if (active_of(slots, token) != NULL) {
        return;
    }
    bf_json *slot = bf_json_add_object(bf_json_get(slots, "active"), NULL);
    bf_json_add_str(slot, "token", token);
    bf_json_add_str(slot, "execution_arn", (struct bf_sv){0});
    bf_json_add_str(slot, "since", now);
}

/* The array ${key} without the one that is about ${token}. */
static bool drop(bf_json *slots, const char *key, struct bf_sv token)
{
    const bf_json *old = bf_json_get(slots, key);
    bf_json *kept = bf_json_add_array(slots, "kept");
    bool found = false;

    for (const bf_json *e = bf_json_first(old); e != NULL; e = bf_json_next(e)) {
        const struct bf_sv name =
            bf_json_kind(e) == BF_JSON_STRING ? bf_json_text(e) : bf_json_str(e, "token");
        if (bf_sv_eq(name, token)) {
            found = true;
        } else {
            bf_json_add_copy(kept, NULL, e);
        }
    }
    bf_json_remove(slots, key);
    bf_json_add_copy(slots, key, kept);
    bf_json_remove(slots, "kept");
    return found;
}

static enum bf_slot wait_in_line(struct bf_arena *arena, bf_json *slots, struct bf_sv token,
                                 bool one, struct bf_sv *replaced)
{
    const bf_json *waiting = bf_json_get(slots, "waiting");

    if (one && bf_json_count(waiting) != 0) {
        *replaced = bf_sv_dup(arena, bf_json_text(bf_json_first(waiting)));
        (void)drop(slots, "waiting", *replaced);
    } else if (bf_json_count(waiting) >= BF_RUN_WAITING_MAX) {
        count_up(slots, "skipped");
        return BF_SLOT_SKIP;
    }
    bf_json_add_str(bf_json_get(slots, "waiting"), NULL, token);
    return BF_SLOT_WAIT;
}

enum bf_slot bf_slots_take(struct bf_arena *arena, bf_json *slots, struct bf_sv token,
                           const struct bf_slot_rules *rules, struct bf_sv now,
                           struct bf_sv *replaced)
{
    const size_t active = bf_json_count(bf_json_get(slots, "active"));

    *replaced = (struct bf_sv){0};
    if (active_of(slots, token) != NULL) {
        return BF_SLOT_START;
    }
    if (is_waiting(slots, token)) {
        return BF_SLOT_WAIT;
    }
    /* Nobody jumps the queue: whoever waits already is first. */
    const bool free =
        (int64_t)active < rules->max_active && bf_json_count(bf_json_get(slots, "waiting")) == 0;
    if (free || bf_sv_is(rules->overlap, "allow")) {
        bf_slots_force(slots, token, now);
        return BF_SLOT_START;
    }
    if (bf_sv_is(rules->overlap, "cancel")) {
        return BF_SLOT_CANCEL;
    }
    if (bf_sv_is(rules->overlap, "queue_all") || bf_sv_is(rules->overlap, "queue_one")) {
        return wait_in_line(arena, slots, token, bf_sv_is(rules->overlap, "queue_one"), replaced);
    }
    count_up(slots, "skipped");
    return BF_SLOT_SKIP;
}

bool bf_slots_started(bf_json *slots, struct bf_sv token, struct bf_sv execution_arn)
{
    bf_json *slot = active_of(slots, token);

    if (slot == NULL || bf_sv_eq(bf_json_str(slot, "execution_arn"), execution_arn)) {
        return false;
    }
    bf_json_remove(slot, "execution_arn");
    bf_json_add_str(slot, "execution_arn", execution_arn);
    count_up(slots, "started");
    return true;
}

bool bf_slots_free(bf_json *slots, struct bf_sv token)
{
    const bool active = drop(slots, "active", token);
    const bool waiting = drop(slots, "waiting", token);

    return active || waiting;
}

struct bf_sv bf_slots_next(struct bf_arena *arena, bf_json *slots,
                           const struct bf_slot_rules *rules, struct bf_sv now)
{
    const bf_json *first = bf_json_first(bf_json_get(slots, "waiting"));

    if (first == NULL ||
        (int64_t)bf_json_count(bf_json_get(slots, "active")) >= rules->max_active) {
        return (struct bf_sv){0};
    }
    const struct bf_sv token = bf_sv_dup(arena, bf_json_text(first));
    (void)drop(slots, "waiting", token);
    bf_slots_force(slots, token, now);
    return token;
}

#ifndef BF_TIME_INSTANT_H
#define BF_TIME_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/*
 * Times as text (RFC 3339). An instant is Unix seconds, within the years 0001 to 9999. A fraction
 * of a second is accepted and dropped; missing seconds are zero. 24:00, a second of 60 and a lower
 * case "t" or "z" are refused.
 */

/** "2026-03-01T15:30:00Z" or "...+09:00". Anything else: BF_EINVALID. */
BF_NODISCARD enum bf_code bf_instant_parse(struct bf_sv text, int64_t *out, struct bf_err *err);

enum bf_time_shape {
    BF_TIME_INSTANT, /* 2026-07-15T12:00:00Z, ...+09:00 */
    BF_TIME_LOCAL,   /* 2026-07-15T12:00:00 */
    BF_TIME_DATE,    /* 2026-07-15, 20260715 */
};

struct bf_time_text {
    enum bf_time_shape shape;
    int64_t value; /* an instant; local seconds; days since 1970-01-01 */
};

/** Any of the shapes. Anything else and a date that does not exist: BF_EINVALID. */
BF_NODISCARD enum bf_code bf_time_parse(struct bf_sv text, struct bf_time_text *out,
                                        struct bf_err *err);

/** "YYYY-MM-DD" to days since 1970-01-01. Anything else: BF_EINVALID. */
BF_NODISCARD enum bf_code bf_date_parse(struct bf_sv text, int64_t *day, struct bf_err *err);

/** "2026-03-01T15:30:00Z", in the arena. */
struct bf_sv bf_instant_print(struct bf_arena *arena, int64_t instant);

/**
 * "2026-03-02T00:30:00+09:00": the wall clock ${offset} seconds east of UTC. An offset with
 * seconds (local mean time) prints them: "+08:27:52".
 */
struct bf_sv bf_instant_print_offset(struct bf_arena *arena, int64_t instant, int offset);

/** "20260302T003000" of local seconds: what an execution's display name may hold. */
struct bf_sv bf_local_print_compact(struct bf_arena *arena, int64_t local);

#endif /* BF_TIME_INSTANT_H */

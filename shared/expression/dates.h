#ifndef BF_EXPRESSION_DATES_H
#define BF_EXPRESSION_DATES_H

#include <stdint.h>

#include "base/buf.h"
#include "expression/expression.h"
#include "time/calendar.h"
#include "time/zone.h"

/* Dates in expressions: SHIFT, FORMAT, BASE and diff. Pure functions of instants and zones. */

struct bf_date_env {
    struct bf_arena *arena;
    const struct bf_zone *zone;
    const struct bf_calendar *calendar; /* NULL: there is none */
    struct bf_expr_error *error;
};

/** Apply the terms of ${shift} to *instant, left to right. */
enum bf_expr_kind bf_shift_apply(const struct bf_date_env *env, struct bf_sv shift,
                                 int64_t *instant);

/** Is it a SHIFT? *offset: the byte where it stops being one. */
enum bf_expr_kind bf_shift_check(struct bf_arena *arena, struct bf_sv shift,
                                 struct bf_expr_error *error, size_t *offset);

/** A step of "dates": a count and a unit, as "1d". */
struct bf_date_step {
    uint64_t count;
    char unit;
};

enum bf_expr_kind bf_date_step_parse(struct bf_arena *arena, struct bf_sv text,
                                     struct bf_date_step *out, struct bf_expr_error *error,
                                     size_t *offset);

/** ${times} steps from ${from}. BF_EXPR_OUT_OF_RANGE: beyond the years. */
enum bf_expr_kind bf_date_step_from(const struct bf_date_env *env, struct bf_date_step step,
                                    uint64_t times, int64_t from, int64_t *out);

/** Append the instant in the zone of ${env} as ${format} says. */
enum bf_expr_kind bf_format_write(const struct bf_date_env *env, struct bf_sv format,
                                  int64_t instant, struct bf_buf *out);

enum bf_expr_kind bf_format_check(struct bf_arena *arena, struct bf_sv format,
                                  struct bf_expr_error *error, size_t *offset);

/** A BASE: an instant, a local time, or the start of a date. */
enum bf_expr_kind bf_base_instant(const struct bf_date_env *env, struct bf_sv text, int64_t *out);

/** B - A in ${unit}; the zone and the calendar are those of ${env}. */
enum bf_expr_kind bf_diff(const struct bf_date_env *env, struct bf_sv unit, int64_t a, int64_t b,
                          int64_t *out);

/** Is it a unit of diff? */
enum bf_expr_kind bf_diff_unit_check(struct bf_arena *arena, struct bf_sv unit,
                                     struct bf_expr_error *error);

#endif /* BF_EXPRESSION_DATES_H */

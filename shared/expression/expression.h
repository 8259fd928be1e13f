#ifndef BF_EXPRESSION_EXPRESSION_H
#define BF_EXPRESSION_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"
#include "time/calendar.h"
#include "json/json.h"

/*
 * Run-time expressions: how a schedule or trigger computes the parameters of a run.
 *
 *   s3://bucket/dt=${date:%F,-1d}/      ${default:${last.success.interval_end},${date:utc,-7d/d}}
 *
 * Pure: the only clock is schedule.time of the context, look-ups are answers in the context. The
 * order of use: parse; check (names of resolvers, zones, units, letters); list the look-ups and
 * have them made; evaluate.
 *
 * A context is a JSON object:
 *   schedule   {"time": "2026-03-01T15:30:00Z", "timezone": "Asia/Seoul" (default UTC), "name"}
 *   run        {"kind", "attempt", "index", "pipeline", "environment"}
 *   last       {"success": {"time", "interval_start", "interval_end", "execution"}}
 *   trigger    the event, with "key" and "events"
 *   param      {name: value}, what ${param:NAME} reads
 *   calendar   {"weekend": [6, 7], "holidays": ["2026-01-01"]}
 *   lookups    {"ssm:/a/b": "answer"}: the answers, by the key of struct bf_lookup; an answer may
 *              be {"error": "why"}: then the call is lookup_failed with that text
 * The first four are read as ${schedule.time}; any of them may be absent.
 *
 * Chosen where the language leaves it open: backslashes are OmegaConf's (an even run before ${ or
 * the closing quote is halved; an odd one also takes the special meaning away; elsewhere they
 * stay); of several errors the first in reading order is told, syntax before all; only the taken
 * branch of "if" is evaluated; a FORMAT without a conversion is bad_format; a JSON null is a
 * missing variable; replace with an empty FROM changes nothing; an invalid or unbounded regular
 * expression is syntax; diff in Q and a step of 0 are bad_shift; a list of dates has no element
 * twice (a step of 1b from a day that is no business day).
 */
enum bf_expr_kind {
    BF_EXPR_OK,
    BF_EXPR_SYNTAX,
    BF_EXPR_ARITY,
    BF_EXPR_UNKNOWN_VARIABLE,
    BF_EXPR_UNKNOWN_RESOLVER,
    BF_EXPR_UNKNOWN_ZONE,
    BF_EXPR_BAD_SHIFT,
    BF_EXPR_BAD_FORMAT,
    BF_EXPR_BAD_DATE,
    BF_EXPR_OUT_OF_RANGE,
    BF_EXPR_NO_CALENDAR,
    BF_EXPR_NOT_INTEGER,
    BF_EXPR_NOT_BOOLEAN,
    BF_EXPR_NOT_SCALAR,
    BF_EXPR_NO_MATCH,
    BF_EXPR_LOOKUP_FAILED,
    BF_EXPR_TOO_LONG,
};

/** "syntax", "unknown_zone". Static. */
const char *bf_expr_kind_name(enum bf_expr_kind kind);

/** "expression.syntax": the code of a diagnostic. Static. */
const char *bf_expr_code(enum bf_expr_kind kind);

enum {
    BF_EXPR_VALUE_MAX = 1024,        /* characters of a value, SageMaker's limit */
    BF_EXPR_TEXT_MAX = 8192,         /* bytes of a text */
    BF_EXPR_DEPTH_MAX = 24,          /* nested ${ */
    BF_EXPR_INTERMEDIATE_MAX = 65536 /* bytes of any value on the way */
};

struct bf_expr_error {
    enum bf_expr_kind kind;
    size_t column;        /* from 1, in characters of the text */
    struct bf_sv message; /* "unknown time zone 'Asia/Soul'": what was found, what is allowed */
    struct bf_sv hint;    /* "did you mean 'Asia/Seoul'?"; empty: none */
};

struct bf_expr;

/** The tree of ${text}, which must outlive it. Only syntax is checked here (and the text's size).
 */
BF_NODISCARD enum bf_expr_kind bf_expr_parse(struct bf_arena *arena, struct bf_sv text,
                                             const struct bf_expr **out,
                                             struct bf_expr_error *error);

/**
 * What can be known without a context, in both branches of an "if" and all of "default": names of
 * resolvers, number of arguments, and the written-out zones, formats, shifts, units, dates and
 * regular expressions; roots and names of schedule.* and run.* that never exist; look-ups within
 * look-ups.
 */
BF_NODISCARD enum bf_expr_kind bf_expr_check(struct bf_arena *arena, const struct bf_expr *expr,
                                             struct bf_expr_error *error);

/** The value, in the arena. ${context} as above. */
BF_NODISCARD enum bf_expr_kind bf_expr_eval(struct bf_arena *arena, const struct bf_expr *expr,
                                            const bf_json *context, struct bf_sv *out,
                                            struct bf_expr_error *error);

/**
 * The same with the calendar at hand, where very many are evaluated: NULL, or what stands in for
 * the context's "calendar".
 */
BF_NODISCARD enum bf_expr_kind bf_expr_eval_on(struct bf_arena *arena, const struct bf_expr *expr,
                                               const bf_json *context,
                                               const struct bf_calendar *calendar,
                                               struct bf_sv *out, struct bf_expr_error *error);

/** A use of a name: ${param:NAME} (.name is NAME) or a variable (.name is the dotted path). */
struct bf_expr_use {
    struct bf_sv name;
    size_t column;
};

struct bf_expr_uses {
    const struct bf_expr_use *items;
    size_t count;
};

/** Parameters read by a written-out name, in reading order. */
struct bf_expr_uses bf_expr_params(struct bf_arena *arena, const struct bf_expr *expr);

/** Variables, in reading order. */
struct bf_expr_uses bf_expr_variables(struct bf_arena *arena, const struct bf_expr *expr);

enum bf_lookup_kind { BF_LOOKUP_SSM, BF_LOOKUP_S3, BF_LOOKUP_MODEL, BF_LOOKUP_PIPELINE };

struct bf_lookup {
    struct bf_sv key; /* "s3.latest:s3://b/p,ERE": resolver, colon, arguments joined with commas */
    enum bf_lookup_kind kind;
    struct bf_sv subject;   /* ssm: NAME; s3.latest: the URI; model.latest: GROUP; else NAME */
    struct bf_sv qualifier; /* s3.latest: the ERE or empty; else the status, defaulted */
};

struct bf_lookups {
    const struct bf_lookup *items; /* each key once, in reading order */
    size_t count;
};

/**
 * The look-ups of the expression with their evaluated arguments, in all branches. One whose
 * arguments have no value in this context is left out: evaluation will say so, if it gets there.
 */
struct bf_lookups bf_expr_lookups(struct bf_arena *arena, const struct bf_expr *expr,
                                  const bf_json *context);

/** Whether there is a look-up in it, whatever its arguments. */
bool bf_expr_has_lookup(const struct bf_expr *expr);

/**
 * The first configuration interpolation in ${text}, which has no meaning at run time: a ${path}
 * whose root is not schedule, run, last or trigger, a relative ${.x}, an oc.* call. true: *column
 * is its place (from 1) and *what its text, "${variables.x}". Needs no parse: works on any text.
 */
bool bf_expr_configuration(struct bf_sv text, size_t *column, struct bf_sv *what);

#endif /* BF_EXPRESSION_EXPRESSION_H */

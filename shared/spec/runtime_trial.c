#include "expression/expression.h"
#include "expression/params.h"
#include "spec/check.h"
#include "spec/runtime_text.h"
#include "time/instant.h"
#include "json/json.h"

/* The next fires of a schedule, tried while its file is checked. */

static bool needs_the_run(struct bf_check *check, const struct bf_expr *expr)
{
    struct bf_expr_uses uses = bf_expr_variables(check->arena, expr);
    for (size_t i = 0; i < uses.count; i++) {
        if (bf_sv_starts(uses.items[i].name, BF_SV("last"))) {
            return true;
        }
    }
    return bf_expr_has_lookup(expr);
}

enum trial { TRY, LEAVE, WAIT }; /* evaluate; it has mistakes; only the run knows */

static enum trial trial_of(struct bf_check *check, const struct bf_argument *argument)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    if (bf_expr_parse(check->arena, argument->text, &expr, &error) != BF_EXPR_OK ||
        bf_expr_check(check->arena, expr, &error) != BF_EXPR_OK) {
        return LEAVE;
    }
    return needs_the_run(check, expr) ? WAIT : TRY;
}

/** Whether it reads a parameter whose value only the run knows: its default is not what it gets. */
static bool reads_waiting(struct bf_check *check, const struct bf_arguments *arguments, size_t at,
                          const enum trial *trials)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    if (bf_expr_parse(check->arena, arguments->items[at].text, &expr, &error) != BF_EXPR_OK) {
        return false;
    }
    struct bf_expr_uses uses = bf_expr_params(check->arena, expr);
    for (size_t i = 0; i < uses.count; i++) {
        const struct bf_argument *other = bf_argument_find(arguments, uses.items[i].name);
        if (other != NULL && trials[other - arguments->items] == WAIT) {
            return true;
        }
    }
    return false;
}

static const enum trial *trials_of(struct bf_check *check, const struct bf_arguments *arguments)
{
    enum trial *trials = BF_NEW_N(check->arena, enum trial, arguments->count + 1);
    bool changed = false;
    for (size_t i = 0; i < arguments->count; i++) {
        trials[i] = trial_of(check, &arguments->items[i]);
        changed = changed || trials[i] == WAIT;
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < arguments->count; i++) {
            if (trials[i] == TRY && reads_waiting(check, arguments, i, trials)) {
                trials[i] = WAIT;
                changed = true;
            }
        }
    }
    return trials;
}

static bf_json *context_of(struct bf_check *check, struct bf_sv schedule, struct bf_sv timezone,
                           int64_t time)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    bf_json *context = bf_json_new_object(check->arena);
    bf_json *facts = bf_json_add_object(context, "schedule");
    bf_json_add_str(facts, "time", bf_instant_print(check->arena, time));
    bf_json_add_str(facts, "timezone", timezone);
    bf_json_add_str(facts, "name", schedule);
    bf_json *run = bf_json_add_object(context, "run");
    bf_json_add_str(run, "kind", BF_SV("schedule"));
    bf_json_add_i64(run, "attempt", 0);
    bf_json_add_i64(run, "index", 0);
    bf_json_add_str(run, "pipeline", pipeline->name);
    bf_json_add_str(run, "environment", pipeline->environment);
    bf_json *param = bf_json_add_object(context, "param");
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct bf_parameter *parameter = &pipeline->parameters[i];
        if (parameter->fallback != NULL) {
            bf_json_add_str(param, bf_sv_z(check->arena, parameter->name),
                            parameter->fallback->text);
        }
    }
    return context;
}

enum { TRIAL_MAX = 1 << 26 };

/** No run of a schedule has a trigger: that its variables are unknown does not depend on the run.
 */
static bool reads_trigger(struct bf_check *check, const struct bf_argument *argument,
                          const struct bf_expr_error *error)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error ignored = {0};
    if (argument == NULL ||
        bf_expr_parse(check->arena, argument->text, &expr, &ignored) != BF_EXPR_OK) {
        return false;
    }
    struct bf_expr_uses uses = bf_expr_variables(check->arena, expr);
    for (size_t i = 0; i < uses.count; i++) {
        if (uses.items[i].column == error->column &&
            bf_sv_starts(uses.items[i].name, BF_SV("trigger"))) {
            return true;
        }
    }
    return false;
}

/** Any other text is itself, and is checked where it is read. */
static bool is_expression(struct bf_sv text)
{
    return bf_sv_search(text, BF_SV("${")) < text.len;
}

static bool try_arguments(struct bf_check *check, struct bf_check *trial,
                          const struct bf_arguments *arguments, struct bf_sv schedule,
                          struct bf_sv timezone, int64_t time)
{
    struct bf_param_text *params =
        BF_NEW_N(trial->arena, struct bf_param_text, arguments->count + 1);
    size_t count = 0, before = bf_diags_count(check->diags, BF_ERROR);
    const enum trial *trials = trials_of(trial, arguments);
    for (size_t i = 0; i < arguments->count; i++) {
        if (trials[i] == TRY) {
            params[count++] = (struct bf_param_text){.name = arguments->items[i].name,
                                                     .text = arguments->items[i].text};
        }
    }
    bf_json *context = context_of(trial, schedule, timezone, time);
    struct bf_params_error error = {0};
    const struct bf_calendar *calendar = check->pipeline->calendar.given ? &check->calendar : NULL;
    if (!bf_params_eval_on(trial->arena, params, count, context, calendar, &error)) {
        /* A value that another parameter would give, from a look-up: known when it fires. */
        const struct bf_argument *argument = bf_argument_find(arguments, error.name);
        bool no_trigger = reads_trigger(trial, argument, &error.error);
        bool unknown = error.cycle || (error.error.kind == BF_EXPR_UNKNOWN_VARIABLE && !no_trigger);
        if (no_trigger) {
            error.error.hint = BF_SV("only the runs of a trigger have one; this is a schedule");
        }
        if (!unknown && argument != NULL) {
            bf_expression_error(check, argument, &error.error);
        }
        return unknown;
    }
    for (size_t i = 0; i < count; i++) {
        const struct bf_argument *argument = bf_argument_find(arguments, params[i].name);
        if (argument != NULL && is_expression(argument->text)) {
            bf_check_argument_type(check, argument, params[i].value);
        }
    }
    return bf_diags_count(check->diags, BF_ERROR) == before;
}

static bool has_expression(const struct bf_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (is_expression(arguments->items[i].text)) {
            return true;
        }
    }
    return false;
}

bool bf_try_arguments(struct bf_check *check, const struct bf_arguments *arguments,
                      struct bf_sv schedule, struct bf_sv timezone, int64_t time)
{
    if (!has_expression(arguments)) {
        return true;
    }
    struct bf_check trial = *check;
    trial.arena = bf_arena_new(TRIAL_MAX); /* a file may hold thousands of schedules */
    bool right = try_arguments(check, &trial, arguments, schedule, timezone, time);
    bf_arena_destroy(&trial.arena);
    return right;
}

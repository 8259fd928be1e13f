#include "spec/runtime_text.h"
#include "base/utf8.h"
#include "expression/expression.h"
#include "expression/params.h"
#include "spec/check.h"
#include "spec/meant.h"

/* The values of schedules.*.parameters and triggers.*.parameters: run-time text. */

static struct bf_sv text_of(const struct bf_value *value)
{
    return value->text;
}

/* ---- one text ---- */

void bf_expression_error(struct bf_check *check, const struct bf_argument *argument,
                         const struct bf_expr_error *error)
{
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, "schedule.expression",
                                   bf_value_place(argument->value, error->column),
                                   "parameter '" BF_SV_FMT "': " BF_SV_FMT " (expression.%s)",
                                   BF_SV_ARG(argument->name), BF_SV_ARG(error->message),
                                   bf_expr_kind_name(error->kind));
    if (error->hint.len > 0) {
        bf_diag_hint(check->diags, diag, BF_SV_FMT, BF_SV_ARG(error->hint));
    }
}

/** "did you mean 'x'?", or nothing. */
static struct bf_sv nearest_parameter(struct bf_check *check, struct bf_sv name)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    if (!bf_hint_wanted(check)) {
        return (struct bf_sv){0};
    }
    struct bf_sv *names = BF_NEW_N(check->scratch, struct bf_sv, pipeline->parameter_count + 1);
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        names[i] = pipeline->parameters[i].name;
    }
    struct bf_sv nearest = bf_nearest(name, names, pipeline->parameter_count);
    return nearest.len == 0
               ? nearest
               : bf_sv_printf(check->scratch, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
}

static void check_uses(struct bf_check *check, const struct bf_argument *argument,
                       const struct bf_expr *expr)
{
    struct bf_expr_uses uses = bf_expr_params(check->scratch, expr);
    for (size_t i = 0; i < uses.count; i++) {
        const struct bf_parameter *parameter =
            bf_pipeline_parameter(check->pipeline, uses.items[i].name);
        if (parameter != NULL) {
            check->parameter_used[parameter - check->pipeline->parameters] = true;
        } else if (!check->pipeline->parameters_unread) {
            struct bf_expr_error error = {
                .kind = BF_EXPR_UNKNOWN_VARIABLE,
                .column = uses.items[i].column,
                .message = bf_sv_printf(check->scratch, "there is no parameter '" BF_SV_FMT "'",
                                        BF_SV_ARG(uses.items[i].name)),
                .hint = nearest_parameter(check, uses.items[i].name)};
            bf_expression_error(check, argument, &error);
        }
    }
}

static struct bf_sv nearest_event(struct bf_check *check, const struct bf_trigger *trigger,
                                  struct bf_sv name)
{
    struct bf_sv *names = BF_NEW_N(check->scratch, struct bf_sv, trigger->event_count + 1);
    struct bf_buf all = bf_buf_new(check->scratch, 400);
    for (size_t i = 0; i < trigger->event_count; i++) {
        names[i] = trigger->events[i].name;
        bf_buf_printf(&all, "%s" BF_SV_FMT, i == 0 ? "" : ", ", BF_SV_ARG(names[i]));
    }
    struct bf_sv nearest = bf_nearest(name, names, trigger->event_count);
    return nearest.len > 0
               ? bf_sv_printf(check->scratch, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest))
               : bf_sv_printf(check->scratch, "its events are: " BF_SV_FMT,
                              BF_SV_ARG(bf_buf_sv(&all)));
}

/** ${trigger.events.NAME...}: an event of all_of or any_of. */
static void check_event_name(struct bf_check *check, const struct bf_argument *argument,
                             const struct bf_trigger *trigger, const struct bf_expr_use *use)
{
    struct bf_sv rest = bf_sv_from(use->name, sizeof "trigger.events." - 1);
    struct bf_expr_error error = {.kind = BF_EXPR_UNKNOWN_VARIABLE, .column = use->column};
    struct bf_sv name = bf_sv_cut(&rest, '.');
    for (size_t i = 0; i < trigger->event_count; i++) {
        if (bf_sv_eq(trigger->events[i].name, name)) {
            return;
        }
    }
    if (name.len == 0) {
        return;
    }
    if (trigger->kind == BF_TRIGGER_EVENT) {
        error.message = BF_SV("a trigger of one event has no 'trigger.events'");
        error.hint = BF_SV("it is read as ${trigger.detail...}");
    } else {
        error.message =
            bf_sv_printf(check->scratch, "trigger '" BF_SV_FMT "' has no event '" BF_SV_FMT "'",
                         BF_SV_ARG(trigger->name), BF_SV_ARG(name));
        error.hint = nearest_event(check, trigger, name);
    }
    bf_expression_error(check, argument, &error);
}

static void check_event_names(struct bf_check *check, const struct bf_argument *argument,
                              const struct bf_trigger *trigger, const struct bf_expr *expr)
{
    struct bf_expr_uses uses = bf_expr_variables(check->scratch, expr);
    bool known = trigger != NULL && trigger->event_count > 0; /* else that was reported */
    for (size_t i = 0; known && i < uses.count; i++) {
        if (bf_sv_starts(uses.items[i].name, BF_SV("trigger.events."))) {
            check_event_name(check, argument, trigger, &uses.items[i]);
        }
    }
}

static void check_text(struct bf_check *check, const struct bf_argument *argument,
                       const struct bf_trigger *trigger)
{
    const struct bf_value *value = argument->value;
    size_t column = 0;
    struct bf_sv what = {0};
    if (bf_expr_configuration(argument->text, &column, &what)) {
        struct bf_diag *diag = bf_diag(
            check->diags, BF_ERROR, "schedule.config_interpolation", bf_value_place(value, column),
            "'" BF_SV_FMT
            "' is a configuration interpolation; this text is computed when "
            "the schedule fires",
            BF_SV_ARG(what));
        bf_diag_hint(check->diags, diag,
                     "write it into the parameter's default, which is interpolated: "
                     "parameters." BF_SV_FMT ".default: " BF_SV_FMT "; or write it out",
                     BF_SV_ARG(argument->name), BF_SV_ARG(what));
        return;
    }
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    if (bf_expr_parse(check->scratch, argument->text, &expr, &error) != BF_EXPR_OK ||
        bf_expr_check(check->scratch, expr, &error) != BF_EXPR_OK) {
        bf_expression_error(check, argument, &error);
        return;
    }
    check_uses(check, argument, expr);
    check_event_names(check, argument, trigger, expr);
}

/* ---- types ---- */

static bool is_float(struct bf_check *check, struct bf_sv text)
{
    return bf_pattern_matches(check->patterns,
                              "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?", text);
}

static bool is_word(const struct bf_parameter *parameter, struct bf_sv text)
{
    const struct bf_value *words = parameter->words;
    bool found = words == NULL || words->kind != BF_VALUE_LIST;
    for (size_t i = 0; !found && i < words->count; i++) {
        found = bf_sv_eq(words->items[i]->text, text);
    }
    return found;
}

void bf_check_argument_type(struct bf_check *check, const struct bf_argument *argument,
                            struct bf_sv text)
{
    const struct bf_parameter *parameter = bf_pipeline_parameter(check->pipeline, argument->name);
    int64_t integer = 0;
    bool fits = true;
    if (parameter == NULL || !parameter->typed) {
        return;
    }
    switch (parameter->type) {
    case BF_PARAM_STRING:
        fits = is_word(parameter, text);
        break;
    case BF_PARAM_INTEGER:
        fits = bf_sv_i64(text, INT64_MIN, INT64_MAX, &integer);
        break;
    case BF_PARAM_FLOAT:
        fits = is_float(check, text);
        break;
    case BF_PARAM_BOOLEAN:
        fits = bf_sv_is(text, "true") || bf_sv_is(text, "false");
        break;
    }
    if (!fits) {
        bool words = parameter->type == BF_PARAM_STRING;
        bf_diag(check->diags, BF_ERROR, "schedule.parameter_type", argument->loc,
                "parameter '" BF_SV_FMT "' cannot be '" BF_SV_FMT "': %s%s",
                BF_SV_ARG(argument->name), BF_SV_ARG(bf_utf8_truncate(text, 200)),
                words ? "it is none of its enum" : "its type is ",
                words ? "" : bf_parameter_type_word(parameter->type));
    }
}

/* ---- the map ---- */

static void unknown_parameter(struct bf_check *check, const struct bf_pair *pair)
{
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "schedule.parameter_unknown", pair->key_loc,
                "the pipeline has no parameter '" BF_SV_FMT "'", BF_SV_ARG(pair->key));
    struct bf_sv hint = nearest_parameter(check, pair->key);
    if (hint.len > 0) {
        bf_diag_hint(check->diags, diag, BF_SV_FMT, BF_SV_ARG(hint));
    }
}

static bool read_argument(struct bf_check *check, const struct bf_pair *pair,
                          const struct bf_trigger *trigger, struct bf_argument *argument)
{
    const struct bf_value *value = pair->value;
    if (value->kind == BF_VALUE_NULL || value->kind == BF_VALUE_ERROR) {
        return false;
    }
    if (bf_pipeline_parameter(check->pipeline, pair->key) == NULL &&
        !check->pipeline->parameters_unread) {
        unknown_parameter(check, pair);
        return false;
    }
    if (value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST) {
        bf_diag(check->diags, BF_ERROR, "spec.type", pair->key_loc,
                "'" BF_SV_FMT "' must be a string, number or boolean, not %s", BF_SV_ARG(pair->key),
                bf_value_kind_name(value));
        return false;
    }
    *argument = (struct bf_argument){.name = pair->key,
                                     .text = text_of(value),
                                     .key_loc = pair->key_loc,
                                     .loc = value->loc,
                                     .value = value};
    size_t before = bf_diags_count(check->diags, BF_ERROR);
    check_text(check, argument, trigger);
    bool plain = bf_sv_search(argument->text, BF_SV("${")) == argument->text.len;
    if (plain && bf_diags_count(check->diags, BF_ERROR) == before) {
        bf_check_argument_type(check, argument, argument->text);
    }
    return true;
}

const struct bf_argument *bf_argument_find(const struct bf_arguments *arguments, struct bf_sv name)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (bf_sv_eq(arguments->items[i].name, name)) {
            return &arguments->items[i];
        }
    }
    return NULL;
}

/** ${param:a} and ${param:b} that need each other. States: 1 being visited, 2 done. */
/* NOLINTNEXTLINE(misc-no-recursion): at most 200 parameters */
static bool visit(struct bf_check *check, const struct bf_arguments *arguments, size_t at,
                  unsigned char *state)
{
    const struct bf_argument *argument = &arguments->items[at];
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    if (state[at] != 0) {
        return state[at] == 2;
    }
    state[at] = 1;
    if (bf_expr_parse(check->scratch, argument->text, &expr, &error) == BF_EXPR_OK) {
        struct bf_expr_uses uses = bf_expr_params(check->scratch, expr);
        for (size_t i = 0; i < uses.count; i++) {
            const struct bf_argument *other = bf_argument_find(arguments, uses.items[i].name);
            if (other == NULL ||
                visit(check, arguments, (size_t)(other - arguments->items), state)) {
                continue;
            }
            struct bf_loc loc = bf_value_place(argument->value, uses.items[i].column);
            if (other == argument) {
                bf_diag(check->diags, BF_ERROR, "reference.cycle", loc,
                        "parameter '" BF_SV_FMT "' needs itself", BF_SV_ARG(argument->name));
                continue;
            }
            bf_diag(check->diags, BF_ERROR, "reference.cycle", loc,
                    "parameters '" BF_SV_FMT "' and '" BF_SV_FMT "' need each other",
                    BF_SV_ARG(argument->name), BF_SV_ARG(other->name));
        }
    }
    state[at] = 2;
    return true;
}

struct bf_arguments bf_read_arguments(struct bf_check *check, const struct bf_spot *spot,
                                      const struct bf_trigger *trigger)
{
    struct bf_arguments arguments = {0};
    if (spot->value == NULL || spot->value->kind == BF_VALUE_ERROR) {
        return arguments;
    }
    if (spot->value->kind != BF_VALUE_MAP) {
        struct bf_diag *diag = bf_check_error(check, spot, "schedule.parameters_map",
                                              "'parameters' must be written as a map here, not %s",
                                              bf_value_kind_name(spot->value));
        bf_diag_hint(check->diags, diag, "anchors and << are allowed");
        return arguments;
    }
    size_t most = spot->value->count < BF_PARAMS_MAX ? spot->value->count : BF_PARAMS_MAX;
    struct bf_argument *items = BF_NEW_N(check->arena, struct bf_argument, most + 1);
    for (size_t i = 0; i < spot->value->count && arguments.count < most; i++) {
        if (read_argument(check, &spot->value->pairs[i], trigger, &items[arguments.count])) {
            arguments.count++;
        }
    }
    arguments.items = items;
    unsigned char *state = BF_NEW_N(check->scratch, unsigned char, arguments.count + 1);
    for (size_t i = 0; i < arguments.count; i++) {
        (void)visit(check, &arguments, i, state);
    }
    return arguments;
}

void bf_check_all_given(struct bf_check *check, const struct bf_spot *spot,
                        const struct bf_arguments *arguments)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    size_t missing = 0;
    const struct bf_value *written = bf_spot_at(spot, "parameters").value;
    if (written == NULL
            ? bf_field_is_misspelt(bf_fields_schedule, spot->value, "parameters", check->kind)
            : written->kind != BF_VALUE_MAP) {
        return;
    }
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct bf_parameter *parameter = &pipeline->parameters[i];
        if (parameter->fallback == NULL && bf_argument_find(arguments, parameter->name) == NULL) {
            if (!bf_hint_wanted(check) && missing++ > 0) {
                return; /* thousands of schedules, each without many: not printed any more */
            }
            struct bf_diag *diag =
                bf_diag(check->diags, BF_ERROR, "schedule.parameter_missing", spot->loc,
                        "'" BF_SV_FMT "' gives no value for parameter '" BF_SV_FMT
                        "', which has no default",
                        BF_SV_ARG(spot->key), BF_SV_ARG(parameter->name));
            bf_diag_note(check->diags, diag, parameter->loc, "the parameter is here");
        }
    }
}

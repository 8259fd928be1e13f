#include "compile/emit.h"

/* Condition steps, and what they add to DependsOn. */

struct comparison {
    const char *word, *type;
};

static const struct comparison comparisons[] = {
    {"eq", "Equals"},      {"ne", "Equals"},
    {"gt", "GreaterThan"}, {"ge", "GreaterThanOrEqualTo"},
    {"lt", "LessThan"},    {"le", "LessThanOrEqualTo"},
};

static void emit_operand(struct bf_emit *emit, bf_json *parent, const char *key,
                         const struct bf_value *value)
{
    if (value->kind != BF_VALUE_MAP) {
        bf_emit_native(emit, parent, key, value);
        return;
    }
    bf_json *get = bf_json_add_object(bf_json_add_object(parent, key), "Std:JsonGet");
    const struct bf_value *file = bf_object_get(value, "file", NULL);
    const struct bf_value *path = bf_object_get(value, "path", NULL);
    bf_emit_text(emit, get, "S3Uri", file);
    bf_emit_text(emit, get, "Path", path);
}

static void emit_condition(struct bf_emit *emit, bf_json *condition, const struct bf_value *value);

static void emit_in(struct bf_emit *emit, bf_json *condition, const struct bf_value *left,
                    const struct bf_value *list)
{
    bf_json_add_str(condition, "Type", BF_SV("In"));
    emit_operand(emit, condition, "QueryValue", left);
    bf_json *values = bf_json_add_array(condition, "Values");
    for (size_t i = 0; i < list->count; i++) {
        emit_operand(emit, values, NULL, list->items[i]);
    }
}

static void emit_comparison(struct bf_emit *emit, bf_json *condition, const struct bf_value *value)
{
    const struct bf_value *left = bf_object_get(value, "left", NULL);
    const struct bf_value *list = bf_object_get(value, "in", NULL);
    if (list != NULL) {
        emit_in(emit, condition, left, list);
        return;
    }
    for (size_t i = 0; i < BF_COUNTOF(comparisons); i++) {
        const struct bf_value *right = bf_object_get(value, comparisons[i].word, NULL);
        if (right == NULL) {
            continue;
        }
        if (comparisons[i].word[0] == 'n') { /* ne: the service has no NotEquals that works */
            bf_json_add_str(condition, "Type", BF_SV("Not"));
            condition = bf_json_add_object(condition, "Condition");
        }
        bf_json_add_str(condition, "Type", bf_sv_of(comparisons[i].type));
        emit_operand(emit, condition, "LeftValue", left);
        emit_operand(emit, condition, "RightValue", right);
        return;
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void emit_condition(struct bf_emit *emit, bf_json *condition, const struct bf_value *value)
{
    const struct bf_value *not = bf_object_get(value, "not", NULL);
    const struct bf_value *any = bf_object_get(value, "any", NULL);
    if (not != NULL) {
        bf_json_add_str(condition, "Type", BF_SV("Not"));
        emit_condition(emit, bf_json_add_object(condition, "Condition"), not );
        return;
    }
    if (any != NULL) {
        bf_json_add_str(condition, "Type", BF_SV("Or"));
        bf_json *list = bf_json_add_array(condition, "Conditions");
        for (size_t i = 0; i < any->count; i++) {
            emit_condition(emit, bf_json_add_object(list, NULL), any->items[i]);
        }
        return;
    }
    emit_comparison(emit, condition, value);
}

void bf_emit_conditions(struct bf_emit *emit, const struct bf_field *field,
                        const struct bf_value *value)
{
    bf_json *list = bf_emit_array(emit, field->to[0].path);
    for (size_t i = 0; value != NULL && i < value->count; i++) {
        emit_condition(emit, bf_json_add_object(list, NULL), value->items[i]);
    }
}

void bf_emit_branch(struct bf_emit *emit, const struct bf_field *field,
                    const struct bf_value *value)
{
    (void)value; /* the steps are in the pipeline */
    bool then = field->name[0] == 't';
    bf_emit_steps(emit, bf_emit_array(emit, field->to[0].path), emit->step,
                  then ? BF_BRANCH_THEN : BF_BRANCH_ELSE);
}

/* ---- DependsOn ---- */

static void add_once(bf_json *array, struct bf_sv name)
{
    for (const bf_json *item = bf_json_first(array); item != NULL; item = bf_json_next(item)) {
        if (bf_sv_eq(bf_json_text(item), name)) {
            return;
        }
    }
    bf_json_add_str(array, NULL, name);
}

static void add_parts(struct bf_emit *emit, bf_json *array, const struct bf_value *value)
{
    bool parts = value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
    for (size_t i = 0; parts && i < value->count; i++) {
        struct bf_target target;
        struct bf_mistake mistake;
        if (value->parts[i].ref != NULL &&
            bf_reference_resolve(emit->arena, emit->pipeline, value->parts[i].ref, &target,
                                 &mistake) &&
            target.step != NULL) {
            add_once(array, target.step->name);
        }
    }
}

/** Steps in "file" of an operand, wherever it stands in the condition. */
/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void add_files(struct bf_emit *emit, bf_json *array, const struct bf_value *value)
{
    if (value->kind == BF_VALUE_LIST) {
        for (size_t i = 0; i < value->count; i++) {
            add_files(emit, array, value->items[i]);
        }
    }
    for (size_t i = 0; value->kind == BF_VALUE_MAP && i < value->count; i++) {
        if (bf_sv_is(value->pairs[i].key, "file")) {
            add_parts(emit, array, value->pairs[i].value);
        } else {
            add_files(emit, array, value->pairs[i].value);
        }
    }
}

void bf_emit_depends_on(struct bf_emit *emit, bf_json *envelope)
{
    const struct bf_value *written = bf_step_get(emit->step, "depends_on");
    const struct bf_value *conditions = bf_step_get(emit->step, "if");
    bf_json *array = bf_json_add_array(envelope, "DependsOn");
    for (size_t i = 0; written != NULL && i < written->count; i++) {
        add_once(array, written->items[i]->text);
    }
    if (conditions != NULL && emit->step->kind == BF_STEP_CONDITION) {
        add_files(emit, array, conditions);
    }
    if (bf_json_count(array) == 0) {
        bf_json_remove(envelope, "DependsOn");
    }
}

#include "compile/emit.h"
#include "shapes/shapes.h"

/* Values and run-time references as JSON. */

/** Std:Join under construction: adjacent literals are joined, joins inside are flattened. */
struct joiner {
    struct bf_emit *emit;
    bf_json *values;
    struct bf_buf text; /* literal text that is not written yet */
};

enum { JOIN_TEXT_MAX = 1 << 20 };

static struct joiner join_begin(struct bf_emit *emit, bf_json *parent, const char *key)
{
    bf_json *holder = bf_json_add_object(parent, key);
    bf_json *join = bf_json_add_object(holder, "Std:Join");
    bf_json_add_str(join, "On", BF_SV(""));
    return (struct joiner){.emit = emit,
                           .values = bf_json_add_array(join, "Values"),
                           .text = bf_buf_new(emit->arena, JOIN_TEXT_MAX)};
}

static void join_flush(struct joiner *join)
{
    if (join->text.len > 0) {
        bf_json_add_str(join->values, NULL, bf_buf_sv(&join->text));
        bf_buf_clear(&join->text);
    }
}

static void join_text(struct joiner *join, struct bf_sv text)
{
    bf_buf_add(&join->text, text);
}

static void add_get(bf_json *parent, const char *key, struct bf_sv path)
{
    bf_json_add_str(bf_json_add_object(parent, key), "Get", path);
}

static void add_report(bf_json *parent, const char *key, const struct bf_target *target)
{
    bf_json *get = bf_json_add_object(bf_json_add_object(parent, key), "Std:JsonGet");
    add_get(get, "PropertyFile", target->get);
    bf_json_add_str(get, "Path", target->path);
}

/** For any reference in a file that has mistakes: what it names may be one of them. Of no known
 * kind. */
#define STAND_IN "Parameters.?"

static void join_value(struct joiner *join, const struct bf_value *value);

/** The model of a tuning job: where its jobs write, and the job's name. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as searches read each other; no cycles */
static void join_tuned(struct joiner *join, const struct bf_target *target)
{
    const struct bf_value *to = bf_step_get(target->step, "output.to");
    if (to == NULL) {
        const struct bf_field *row = bf_field_at(bf_fields_step, "output.to", BF_STEP_TUNING);
        struct bf_fill fill = {.pipeline = join->emit->pipeline, .step = target->step};
        struct bf_sv text = bf_fill_text(join->emit->arena, row->fallback, &fill);
        size_t hole = bf_sv_search(text, BF_SV("${execution:id}"));
        join_text(join, bf_sv_slice(text, 0, hole));
        join_flush(join);
        add_get(join->values, NULL, BF_SV("Execution.PipelineExecutionId"));
        join_text(join, bf_sv_from(text, hole + 15));
    } else {
        join_value(join, to);
    }
    if (join->text.len > 0 && join->text.ptr[join->text.len - 1] == '/') {
        join->text.len--;
    }
    join_text(join, BF_SV("/"));
    join_flush(join);
    add_get(join->values, NULL, target->get);
    join_text(join, BF_SV("/output/model.tar.gz"));
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as searches read each other; no cycles */
static void join_reference(struct joiner *join, const struct bf_reference *reference)
{
    struct bf_target target;
    struct bf_mistake mistake;
    if (join->emit->pipeline->wrong) {
        join_flush(join);
        add_get(join->values, NULL, BF_SV(STAND_IN));
        return;
    }
    if (!bf_reference_resolve(join->emit->arena, join->emit->pipeline, reference, &target,
                              &mistake)) {
        return; /* the checks have refused it */
    }
    if (target.form == BF_TARGET_TUNED_MODEL) {
        join_tuned(join, &target);
        return;
    }
    join_flush(join);
    if (target.form == BF_TARGET_REPORT) {
        add_report(join->values, NULL, &target);
    } else {
        add_get(join->values, NULL, target.get);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as searches read each other; no cycles */
static void join_value(struct joiner *join, const struct bf_value *value)
{
    bool parts = value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
    if (!parts) {
        join_text(join, value->text);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (value->parts[i].ref == NULL) {
            join_text(join, value->parts[i].text);
        } else {
            join_reference(join, value->parts[i].ref);
        }
    }
}

static void add_joined(struct bf_emit *emit, bf_json *parent, const char *key,
                       const struct bf_value *value)
{
    struct joiner join = join_begin(emit, parent, key);
    join_value(&join, value);
    join_flush(&join);
}

static void add_reference(struct bf_emit *emit, bf_json *parent, const char *key,
                          const struct bf_value *value, bool text)
{
    struct bf_target target;
    struct bf_mistake mistake;
    if (emit->pipeline->wrong) {
        add_get(parent, key, BF_SV(STAND_IN));
        return;
    }
    if (!bf_reference_resolve(emit->arena, emit->pipeline, value->parts[0].ref, &target,
                              &mistake)) {
        return;
    }
    if (target.form == BF_TARGET_TUNED_MODEL || (text && target.wrap)) {
        add_joined(emit, parent, key, value);
    } else if (target.form == BF_TARGET_REPORT) {
        add_report(parent, key, &target);
    } else {
        add_get(parent, key, target.get);
    }
}

void bf_emit_text(struct bf_emit *emit, bf_json *parent, const char *key,
                  const struct bf_value *value)
{
    if (value->kind == BF_VALUE_REFERENCE) {
        add_reference(emit, parent, key, value, true);
    } else if (value->kind == BF_VALUE_JOINED) {
        add_joined(emit, parent, key, value);
    } else {
        bf_json_add_str(parent, key, value->text);
    }
}

/** Members that are null are left out: the service does not parse them. */
/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void add_members(struct bf_emit *emit, bf_json *object, const struct bf_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        if (value->pairs[i].value->kind != BF_VALUE_NULL) {
            bf_emit_native(emit, object, bf_sv_z(emit->arena, value->pairs[i].key),
                           value->pairs[i].value);
        }
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
void bf_emit_native(struct bf_emit *emit, bf_json *parent, const char *key,
                    const struct bf_value *value)
{
    bf_json *array = NULL;
    switch (value->kind) {
    case BF_VALUE_NULL:
    case BF_VALUE_ERROR:
        bf_json_add_null(parent, key);
        break;
    case BF_VALUE_BOOL:
        bf_json_add_bool(parent, key, value->boolean);
        break;
    case BF_VALUE_INT:
    case BF_VALUE_FLOAT:
        if (bf_number_finite(value)) {
            bf_json_add_number(parent, key, bf_number_text(emit->arena, value));
        } else { /* the checks have refused it */
            add_get(parent, key, BF_SV(STAND_IN));
        }
        break;
    case BF_VALUE_STRING:
        bf_json_add_str(parent, key, value->text);
        break;
    case BF_VALUE_REFERENCE:
        add_reference(emit, parent, key, value, false);
        break;
    case BF_VALUE_JOINED:
        add_joined(emit, parent, key, value);
        break;
    case BF_VALUE_LIST:
        array = bf_json_add_array(parent, key);
        for (size_t i = 0; i < value->count; i++) {
            bf_emit_native(emit, array, NULL, value->items[i]);
        }
        break;
    case BF_VALUE_MAP:
        add_members(emit, bf_json_add_object(parent, key), value);
        break;
    }
}

/** In a patch null removes a member; items of lists are no patches. */
/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void add_patches(struct bf_emit *emit, bf_json *object, const struct bf_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        const char *key = bf_sv_z(emit->arena, value->pairs[i].key);
        const struct bf_value *member = value->pairs[i].value;
        if (member->kind == BF_VALUE_MAP) {
            add_patches(emit, bf_json_add_object(object, key), member);
        } else {
            bf_emit_native(emit, object, key, member);
        }
    }
}

/** An expression is one value: it replaces and is replaced as a whole, never merged. */
/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
static void empty_expressions(bf_json *target, const bf_json *patch)
{
    for (const bf_json *theirs = bf_json_first(patch); theirs != NULL;
         theirs = bf_json_next(theirs)) {
        bf_json *mine = bf_json_get(target, bf_json_key(theirs).ptr);
        if (bf_json_kind(mine) != BF_JSON_OBJECT || bf_json_kind(theirs) != BF_JSON_OBJECT) {
            continue;
        }
        if (!bf_is_expression(mine) && !bf_is_expression(theirs)) {
            empty_expressions(mine, theirs);
            continue;
        }
        while (bf_json_first(mine) != NULL) {
            bf_json_remove(mine, bf_json_key(bf_json_first(mine)).ptr);
        }
    }
}

void bf_emit_patch(struct bf_emit *emit, bf_json *target, const struct bf_value *value)
{
    bf_json *patch = bf_json_new_object(emit->arena);
    if (value != NULL && value->kind == BF_VALUE_MAP) {
        add_patches(emit, patch, value);
    }
    empty_expressions(target, patch);
    bf_json_merge_move(target, patch);
}

bf_json *bf_emit_members(struct bf_emit *emit, const struct bf_value *value)
{
    bf_json *object = bf_json_new_object(emit->arena);
    if (value != NULL && value->kind == BF_VALUE_MAP) {
        add_members(emit, object, value);
    }
    return object;
}

void bf_emit_piece(struct bf_emit *emit, bf_json *parent, const char *key,
                   const struct bf_piece *piece)
{
    if (piece->value == NULL) {
        bf_json_add_str(parent, key, piece->text);
    } else {
        bf_emit_text(emit, parent, key, piece->value);
    }
}

void bf_emit_filled(struct bf_emit *emit, bf_json *parent, const char *key, struct bf_sv text)
{
    static const char id[] = "${execution:id}";
    size_t at = bf_sv_search(text, bf_sv_of(id));
    if (at == text.len) {
        bf_json_add_str(parent, key, text);
        return;
    }
    struct joiner join = join_begin(emit, parent, key);
    join_text(&join, bf_sv_slice(text, 0, at));
    join_flush(&join);
    add_get(join.values, NULL, BF_SV("Execution.PipelineExecutionId"));
    join_text(&join, bf_sv_from(text, at + sizeof id - 1));
    join_flush(&join);
}

void bf_emit_location(struct bf_emit *emit, bf_json *parent, const char *key,
                      const struct bf_value *value)
{
    const struct bf_source *source = bf_pipeline_source(emit->pipeline, value);
    if (source == NULL) {
        bf_emit_text(emit, parent, key, value);
        return;
    }
    struct bf_sv at = bf_source_key(emit->arena, emit->pipeline->prefix, source);
    bf_json_add_str(parent, key,
                    bf_sv_printf(emit->arena, "s3://" BF_SV_FMT "/" BF_SV_FMT,
                                 BF_SV_ARG(emit->pipeline->bucket), BF_SV_ARG(at)));
}

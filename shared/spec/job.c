#include "spec/job.h"

#include <string.h>

#include "base/index.h"
#include "spec/field.h"
#include "spec/value_print.h"

#define JOBS   (BF_ON(PROCESSING) | BF_ON(TRAINING) | BF_ON(TUNING))
#define CHECKS (BF_ON(QUALITY_CHECK) | BF_ON(CLARIFY_CHECK))

static bool is_one_of(bf_step_set set, enum bf_step_kind kind)
{
    return (set & ((bf_step_set)1 << kind)) != 0;
}

const char *bf_code_directory(enum bf_step_kind kind)
{
    return kind == BF_STEP_PROCESSING ? "/opt/ml/processing/input/code" : "/opt/ml/input/data/code";
}

static const struct bf_value *top(const struct bf_pipeline *pipeline, const char *key)
{
    const struct bf_value *value = bf_value_get(pipeline->root, bf_sv_of(key));
    return value == NULL || value->kind == BF_VALUE_NULL ? NULL : value;
}

static size_t entries(const struct bf_value *map)
{
    size_t count = 0;
    for (size_t i = 0; map != NULL && map->kind == BF_VALUE_MAP && i < map->count; i++) {
        count += map->pairs[i].value->kind == BF_VALUE_NULL ? 0 : 1;
    }
    return count;
}

bool bf_step_has_packages(const struct bf_pipeline *pipeline, const struct bf_step *step)
{
    const struct bf_value *common = top(pipeline, "common");
    const struct bf_value *wanted = bf_step_get(step, "common");
    bool off = wanted != NULL && wanted->kind == BF_VALUE_BOOL && !wanted->boolean;
    return is_one_of(JOBS, step->kind) && !off && entries(common) > 0 &&
           bf_step_get(step, "code.source") != NULL;
}

bool bf_step_has_mlflow(const struct bf_pipeline *pipeline, const struct bf_step *step)
{
    const struct bf_pair *own = bf_value_pair(step->own, BF_SV("mlflow"));
    const struct bf_value *mlflow = top(pipeline, "mlflow");
    return is_one_of(JOBS, step->kind) && own == NULL && mlflow != NULL &&
           mlflow->kind == BF_VALUE_MAP;
}

/* ---- environment ---- */

struct list {
    struct bf_arena *arena; /* NULL: only counted */
    struct bf_pieces pieces;
    size_t cap;
    struct bf_index names; /* of set() */
};

static void push(struct list *list, struct bf_piece piece)
{
    if (list->arena != NULL) {
        list->pieces.items = bf_arena_grow(list->arena, list->pieces.items, list->pieces.count,
                                           &list->cap, sizeof *list->pieces.items);
        list->pieces.items[list->pieces.count] = piece;
    }
    list->pieces.count++;
}

static void set(struct list *list, struct bf_piece piece)
{
    size_t at = bf_index_find(list->arena, &list->names, list->pieces.items,
                              sizeof *list->pieces.items, list->pieces.count, piece.name);
    if (at == BF_INDEX_NONE) {
        push(list, piece);
    } else {
        list->pieces.items[at] = piece;
    }
}

static void set_text(struct list *list, const char *name, const char *text)
{
    set(list, (struct bf_piece){.name = bf_sv_of(name), .text = bf_sv_of(text)});
}

static void set_value(struct list *list, const char *name, const struct bf_value *value)
{
    if (value != NULL) {
        set(list, (struct bf_piece){.name = bf_sv_of(name), .value = value, .loc = value->loc});
    }
}

static void add_mlflow(struct list *list, const struct bf_pipeline *pipeline)
{
    const struct bf_value *mlflow = top(pipeline, "mlflow");
    set_value(list, "MLFLOW_TRACKING_URI", bf_object_get(mlflow, "server", NULL));
    const struct bf_value *experiment = bf_object_get(mlflow, "experiment", NULL);
    if (experiment != NULL) {
        set_value(list, "MLFLOW_EXPERIMENT_NAME", experiment);
        return;
    }
    set(list, (struct bf_piece){.name = BF_SV("MLFLOW_EXPERIMENT_NAME"), .text = pipeline->name});
}

static void add_quality(struct list *list, const struct bf_step *step)
{
    const struct bf_value *dataset = bf_step_get(step, "dataset");
    const struct bf_value *format = bf_object_get(dataset, "format", "from");
    if (format != NULL) {
        struct bf_buf buf = bf_buf_new(list->arena, 4096);
        bf_value_print_compact(&buf, format);
        set(list, (struct bf_piece){.name = BF_SV("dataset_format"), .text = bf_buf_sv(&buf)});
    }
    set_text(list, "dataset_source", "/opt/ml/processing/input/baseline_dataset_input");
    set_text(list, "output_path", "/opt/ml/processing/output");
    set_text(list, "publish_cloudwatch_metrics", "Disabled");
    const struct bf_value *check = bf_step_get(step, "check");
    if (check == NULL || !bf_sv_is(check->text, "model_quality")) {
        return;
    }
    set_text(list, "analysis_type", "MODEL_QUALITY");
    const struct bf_value *problem = bf_step_get(step, "problem");
    for (const struct bf_field *field = bf_fields_problem; field->name != NULL;
         field = bf_field_next(field)) {
        const struct bf_value *value = bf_object_get(problem, field->name, NULL);
        const char *name = strchr(field->to[0].path, '.') + 1;
        if (value != NULL && field->kind == BF_KIND_WORD) {
            struct bf_sv word = bf_word_api(field->words, value->text);
            set(list, (struct bf_piece){.name = bf_sv_of(name), .text = word});
        } else {
            set_value(list, name, value);
        }
    }
}

static void add_written(struct list *list, const struct bf_value *env)
{
    for (size_t i = 0; env != NULL && env->kind == BF_VALUE_MAP && i < env->count; i++) {
        if (env->pairs[i].value->kind != BF_VALUE_NULL) {
            set(list, (struct bf_piece){.name = env->pairs[i].key,
                                        .value = env->pairs[i].value,
                                        .loc = env->pairs[i].key_loc});
        }
    }
}

struct bf_pieces bf_step_environment(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                                     const struct bf_step *step)
{
    struct list list = {.arena = arena};
    if (bf_step_has_packages(pipeline, step)) {
        set_text(&list, "PYTHONPATH",
                 step->kind == BF_STEP_PROCESSING ? "/opt/ml/processing/input/code"
                                                  : "/opt/ml/input/data/code:/opt/ml/input/data");
    }
    if (bf_step_has_mlflow(pipeline, step)) {
        add_mlflow(&list, pipeline);
    }
    if (step->kind == BF_STEP_QUALITY_CHECK) {
        add_quality(&list, step);
    }
    add_written(&list, bf_step_get(step, "env"));
    return list.pieces;
}

/* ---- arguments and entrypoint ---- */

static bool is_bool(const struct bf_value *value)
{
    return value->kind == BF_VALUE_BOOL;
}

static void push_value(struct list *list, const struct bf_value *value)
{
    if (value->kind != BF_VALUE_NULL) {
        push(list, (struct bf_piece){.value = value, .loc = value->loc});
    }
}

static void push_named(struct list *list, const struct bf_pair *pair)
{
    const struct bf_value *value = pair->value;
    if (value->kind == BF_VALUE_NULL || (is_bool(value) && !value->boolean)) {
        return;
    }
    struct bf_sv flag = {0};
    if (list->arena != NULL) {
        flag = bf_sv_printf(list->arena, "--" BF_SV_FMT, BF_SV_ARG(pair->key));
    }
    push(list, (struct bf_piece){.text = flag, .loc = pair->key_loc});
    for (size_t i = 0; value->kind == BF_VALUE_LIST && i < value->count; i++) {
        push_value(list, value->items[i]);
    }
    if (value->kind != BF_VALUE_LIST && !is_bool(value)) {
        push_value(list, value);
    }
}

static void push_arguments(struct list *list, const struct bf_step *step)
{
    const struct bf_value *arguments = bf_step_get(step, "arguments");
    for (size_t i = 0; arguments != NULL && i < arguments->count; i++) {
        if (arguments->kind == BF_VALUE_MAP) {
            push_named(list, &arguments->pairs[i]);
        } else if (arguments->kind == BF_VALUE_LIST) {
            push_value(list, arguments->items[i]);
        }
    }
}

size_t bf_step_argument_count(const struct bf_step *step)
{
    struct list list = {0};
    push_arguments(&list, step);
    return list.pieces.count;
}

struct bf_pieces bf_step_arguments(struct bf_arena *arena, const struct bf_step *step)
{
    struct list list = {.arena = arena};
    push_arguments(&list, step);
    return list.pieces;
}

struct bf_sv bf_command_text(const struct bf_value *item)
{
    if (item->kind == BF_VALUE_JOINED && item->count > 0) {
        return item->parts[0].text;
    }
    return item->kind == BF_VALUE_STRING ? item->text : (struct bf_sv){0};
}

/** "./x${param:y}" with its first part replaced. */
static const struct bf_value *in_code(struct bf_arena *arena, const struct bf_value *joined,
                                      struct bf_sv first)
{
    struct bf_value *copy = BF_NEW(arena, struct bf_value);
    struct bf_part *parts = BF_NEW_N(arena, struct bf_part, joined->count);
    *copy = *joined;
    copy->written = false;
    for (size_t i = 0; i < joined->count; i++) {
        parts[i] = joined->parts[i];
    }
    parts[0].text = first;
    copy->parts = parts;
    return copy;
}

/** "./x" becomes CODE/x; everything else stays. */
static void push_command(struct list *list, enum bf_step_kind kind, const struct bf_value *value)
{
    struct bf_sv text = bf_command_text(value);
    if (!bf_sv_starts(text, BF_SV("./"))) {
        push_value(list, value);
        return;
    }
    struct bf_sv path = bf_sv_printf(list->arena, "%s/" BF_SV_FMT, bf_code_directory(kind),
                                     BF_SV_ARG(bf_sv_from(text, 2)));
    if (value->kind == BF_VALUE_JOINED) {
        push_value(list, in_code(list->arena, value, path));
        return;
    }
    push(list, (struct bf_piece){.text = path, .loc = value->loc});
}

static void push_file(struct list *list, enum bf_step_kind kind, const struct bf_value *value)
{
    struct bf_sv file = value->text;
    if (bf_sv_starts(file, BF_SV("./"))) {
        file = bf_sv_from(file, 2);
    }
    if (bf_sv_ends(file, BF_SV(".py"))) {
        push(list, (struct bf_piece){.text = BF_SV("python3"), .loc = value->loc});
    } else if (bf_sv_ends(file, BF_SV(".sh"))) {
        push(list, (struct bf_piece){.text = BF_SV("/bin/bash"), .loc = value->loc});
    }
    struct bf_sv path =
        bf_sv_printf(list->arena, "%s/" BF_SV_FMT, bf_code_directory(kind), BF_SV_ARG(file));
    push(list, (struct bf_piece){.text = path, .loc = value->loc});
}

struct bf_pieces bf_step_entrypoint(struct bf_arena *arena, const struct bf_step *step)
{
    struct list list = {.arena = arena};
    const struct bf_value *entrypoint = bf_step_get(step, "code.entrypoint");
    if (entrypoint != NULL && entrypoint->kind == BF_VALUE_STRING) {
        push_file(&list, step->kind, entrypoint);
    }
    if (entrypoint != NULL && entrypoint->kind == BF_VALUE_LIST) {
        for (size_t i = 0; i < entrypoint->count; i++) {
            push_command(&list, step->kind, entrypoint->items[i]);
        }
    }
    return list.pieces;
}

/* ---- inputs ---- */

struct bf_inputs bf_step_inputs(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                                const struct bf_step *step)
{
    const struct bf_value *written = bf_step_get(step, "inputs");
    const struct bf_value *common = top(pipeline, "common");
    const struct bf_pair *code = bf_value_pair(bf_step_get(step, "code"), BF_SV("source"));
    size_t most = 1 + entries(written) + entries(common);
    struct bf_inputs inputs = {.items = BF_NEW_N(arena, struct bf_input, most)};
    for (size_t i = 0; written != NULL && written->kind == BF_VALUE_MAP && i < written->count;
         i++) {
        const struct bf_pair *pair = &written->pairs[i];
        if (pair->value->kind != BF_VALUE_NULL) {
            inputs.items[inputs.count++] =
                (struct bf_input){pair->key, BF_INPUT_WRITTEN, pair->value, pair->key_loc};
        }
    }
    if (code != NULL && code->value->kind != BF_VALUE_NULL && step->kind != BF_STEP_TRANSFORM) {
        inputs.items[inputs.count++] =
            (struct bf_input){BF_SV("code"), BF_INPUT_CODE, code->value, code->key_loc};
    }
    for (size_t i = 0; bf_step_has_packages(pipeline, step) && i < common->count; i++) {
        const struct bf_pair *pair = &common->pairs[i];
        if (pair->value->kind != BF_VALUE_NULL) {
            inputs.items[inputs.count++] =
                (struct bf_input){pair->key, BF_INPUT_PACKAGE, pair->value, pair->key_loc};
        }
    }
    return inputs;
}

/* ---- retry ---- */

bool bf_retry_supported(enum bf_step_kind kind, struct bf_sv error)
{
    bool request = bf_sv_is(error, "throttling") || bf_sv_is(error, "service_fault");
    bf_step_set internal = BF_ON(PROCESSING) | BF_ON(TRAINING) | BF_ON(TRANSFORM);
    if (request) {
        return is_one_of(internal | BF_ON(TUNING) | BF_ON(MODEL) | BF_ON(REGISTER) |
                             BF_ON(ENDPOINT_CONFIG),
                         kind);
    }
    if (bf_sv_is(error, "internal_error")) {
        return is_one_of(internal, kind);
    }
    return is_one_of(internal | BF_ON(TUNING), kind);
}

/* ---- defaults ---- */

struct bf_sv bf_fill_text(struct bf_arena *arena, const char *text, const struct bf_fill *fill)
{
    const struct bf_pipeline *pipeline = fill->pipeline;
    const struct {
        const char *hole;
        struct bf_sv text;
    } holes[] = {
        {"{bucket}", pipeline->bucket},
        {"{prefix}", pipeline->prefix},
        {"{pipeline}", pipeline->name},
        {"{kms_key}", pipeline->kms_key},
        {"{step}", fill->step == NULL ? BF_SV("") : fill->step->name},
        {"{name}", fill->name},
    };
    struct bf_buf buf = bf_buf_new(arena, 4096);
    struct bf_sv rest = bf_sv_of(text);
    while (rest.len > 0) {
        size_t taken = 0;
        for (size_t i = 0; i < BF_COUNTOF(holes) && taken == 0; i++) {
            if (bf_sv_starts(rest, bf_sv_of(holes[i].hole))) {
                bf_buf_add(&buf, holes[i].text);
                taken = strlen(holes[i].hole);
            }
        }
        if (taken == 0) {
            bf_buf_addc(&buf, rest.ptr[0]);
            taken = 1;
        }
        rest = bf_sv_from(rest, taken);
    }
    return bf_buf_sv(&buf);
}

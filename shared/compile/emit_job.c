#include "compile/emit.h"

/* Jobs: inputs, outputs, entrypoint, arguments, environment, hyperparameters, spot. */

/** {from: value, path: path} for an input that buzzflow adds. */
static struct bf_value added_input(struct bf_pair pairs[2], const struct bf_value *from,
                                   struct bf_value *path)
{
    pairs[0] = (struct bf_pair){.key = BF_SV("from"), .value = from};
    pairs[1] = (struct bf_pair){.key = BF_SV("path"), .value = path};
    return (struct bf_value){.kind = BF_VALUE_MAP, .count = 2, .pairs = pairs};
}

static struct bf_sv place_of(struct bf_emit *emit, const struct bf_input *input)
{
    struct bf_sv code = bf_sv_of(bf_code_directory(emit->step->kind));
    if (input->origin == BF_INPUT_CODE) {
        return code;
    }
    return bf_sv_printf(emit->arena, BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(code),
                        BF_SV_ARG(input->name));
}

static const char *name_member(enum bf_step_kind kind)
{
    return kind == BF_STEP_PROCESSING ? "InputName" : "ChannelName";
}

static void emit_input(struct bf_emit *emit, const struct bf_field *field, bf_json *array,
                       const struct bf_input *input)
{
    struct bf_field named = *field;
    struct bf_pair pair = {.key = input->name, .value = input->value};
    struct bf_pair pairs[2];
    struct bf_value path = {.kind = BF_VALUE_STRING}, object = {0};
    named.key_to = name_member(emit->step->kind);
    if (input->origin != BF_INPUT_WRITTEN) {
        path.text = place_of(emit, input);
        object = added_input(pairs, input->value, &path);
        pair.value = &object;
    }
    bf_emit_item(emit, array, &named, &pair);
}

static void emit_transform_input(struct bf_emit *emit, const struct bf_field *field,
                                 const char *path, const struct bf_input *input)
{
    struct bf_emit inner = *emit;
    inner.base = bf_emit_object(emit, path);
    bf_emit_fields(&inner, field->item->fields, input->value, field->item->shorthand);
    bf_emit_patch(&inner, inner.base, bf_object_get(input->value, "raw", NULL));
}

void bf_emit_inputs(struct bf_emit *emit, const struct bf_field *field,
                    const struct bf_value *value)
{
    (void)value; /* bf_step_inputs() reads it, and adds the code */
    struct bf_inputs inputs = bf_step_inputs(emit->arena, emit->pipeline, emit->step);
    const char *path = bf_field_path(field, emit->step->kind);
    for (size_t i = 0; i < inputs.count; i++) {
        if (emit->step->kind == BF_STEP_TRANSFORM) {
            emit_transform_input(emit, field, path, &inputs.items[i]);
        } else {
            emit_input(emit, field, bf_emit_array(emit, path), &inputs.items[i]);
        }
    }
}

void bf_emit_outputs(struct bf_emit *emit, const struct bf_field *field,
                     const struct bf_value *value)
{
    if (value == NULL || value->count == 0) {
        return;
    }
    bf_emit_plain(emit, field, value);
    bf_json *config = bf_json_get(emit->base, "ProcessingOutputConfig");
    if (config != NULL && emit->pipeline->kms_key.len > 0) {
        bf_json_add_str(config, "KmsKeyId", emit->pipeline->kms_key);
    }
}

static void emit_pieces(struct bf_emit *emit, const struct bf_field *field,
                        const struct bf_pieces *pieces)
{
    const char *path = bf_field_path(field, emit->step->kind);
    for (size_t i = 0; path != NULL && i < pieces->count; i++) {
        bf_emit_piece(emit, bf_emit_array(emit, path), NULL, &pieces->items[i]);
    }
}

void bf_emit_entrypoint(struct bf_emit *emit, const struct bf_field *field,
                        const struct bf_value *value)
{
    (void)value;
    struct bf_pieces pieces = bf_step_entrypoint(emit->arena, emit->step);
    emit_pieces(emit, field, &pieces);
}

void bf_emit_arguments(struct bf_emit *emit, const struct bf_field *field,
                       const struct bf_value *value)
{
    (void)value;
    struct bf_pieces pieces = bf_step_arguments(emit->arena, emit->step);
    emit_pieces(emit, field, &pieces);
}

void bf_emit_environment(struct bf_emit *emit, const struct bf_field *field,
                         const struct bf_value *value)
{
    (void)value;
    struct bf_pieces env = bf_step_environment(emit->arena, emit->pipeline, emit->step);
    for (size_t i = 0; i < env.count; i++) {
        bf_json *object = bf_emit_object(emit, bf_field_path(field, emit->step->kind));
        bf_emit_piece(emit, object, bf_sv_z(emit->arena, env.items[i].name), &env.items[i]);
    }
}

/** The training toolkit reads these two JSON-encoded inside of the string. */
static void emit_program(struct bf_emit *emit, const struct bf_field *field)
{
    const struct bf_value *program = bf_step_get(emit->step, "code.entrypoint");
    if (emit->step->kind != BF_STEP_TUNING || program == NULL) {
        return;
    }
    bf_json *object = bf_emit_object(emit, bf_field_path(field, emit->step->kind));
    struct bf_buf text = bf_buf_new(emit->arena, 4096);
    struct bf_sv file = program->text;
    bf_buf_json(&text, bf_sv_starts(file, BF_SV("./")) ? bf_sv_from(file, 2) : file);
    bf_json_add_str(object, "sagemaker_program", bf_buf_sv(&text));
    bf_json_add_str(object, "sagemaker_submit_directory", BF_SV("\"/opt/ml/input/data/code\""));
}

void bf_emit_hyperparameters(struct bf_emit *emit, const struct bf_field *field,
                             const struct bf_value *value)
{
    if (value != NULL) {
        bf_emit_plain(emit, field, value);
    }
    emit_program(emit, field);
}

void bf_emit_spot(struct bf_emit *emit, const struct bf_field *field, const struct bf_value *value)
{
    const char *member = NULL;
    if (value == NULL) {
        return;
    }
    bf_json *parent = bf_emit_parent(emit, bf_field_path(field, emit->step->kind), &member);
    bf_json_add_bool(parent, member, true);
    bf_emit_fields(emit, field->fields, value, NULL);
}

#include "compile/emit.h"

/* The backend of SageMaker Pipelines: definition schema 2020-12-01. */

/* ---- steps ---- */

static void emit_common(const struct bf_step *step, bf_json *envelope)
{
    const struct bf_value *name = bf_step_get(step, "display_name");
    const struct bf_value *description = bf_step_get(step, "description");
    if (name != NULL) {
        bf_json_add_str(envelope, "DisplayName", name->text);
    }
    if (description != NULL) {
        bf_json_add_str(envelope, "Description", description->text);
    }
}

/** A raw step: Type and Arguments first, what else it says as it is. */
static void emit_raw_step(struct bf_emit *emit, bf_json *out, bf_json *envelope)
{
    bf_json *written = bf_emit_members(emit, bf_step_get(emit->step, "sagemaker"));
    bf_json *arguments = bf_json_get(written, "Arguments");
    bf_json_move(out, "Type", bf_json_get(written, "Type"), written);
    if (arguments != NULL) {
        bf_emit_patch(emit, arguments, bf_step_get(emit->step, "raw"));
        bf_json_move(out, "Arguments", arguments, written);
    }
    bf_json *members = bf_json_new_object(emit->arena);
    bf_order_envelope(members, envelope);
    bf_json_merge_move(members, written);
    bf_order_envelope(out, members);
}

/* NOLINTBEGIN(misc-no-recursion): conditions nest as deep as their YAML, which is bounded */

/** What of a step with mistakes can be looked at all the same: its raw part. */
static void emit_wrong_step(struct bf_emit *emit, bf_json *out)
{
    const struct bf_step *step = emit->step;
    const struct bf_value *raw = bf_step_get(step, "raw");
    const struct bf_value *written = bf_step_get(step, "sagemaker");
    const struct bf_value *type = bf_value_get(written, BF_SV("Type"));
    if (type != NULL && type->kind == BF_VALUE_STRING && !bf_value_holds_error(written)) {
        emit_raw_step(emit, out, emit->envelope);
        return;
    }
    bf_json_add_str(out, "Type", bf_sv_of(bf_step_kind_api(step->kind)));
    bf_json *arguments = bf_json_add_object(out, "Arguments");
    if (step->kind == BF_STEP_CONDITION) {
        bf_emit_steps(emit, bf_json_add_array(arguments, "IfSteps"), step, BF_BRANCH_THEN);
        bf_emit_steps(emit, bf_json_add_array(arguments, "ElseSteps"), step, BF_BRANCH_ELSE);
    } else if (raw != NULL && !bf_value_holds_error(raw) &&
               bf_field_find(bf_fields_step, BF_SV("raw"), step->kind) != NULL) {
        bf_emit_patch(emit, arguments, raw);
    }
}

static void emit_step(struct bf_emit *emit, bf_json *out)
{
    const struct bf_step *step = emit->step;
    bf_json *envelope = emit->envelope;
    bf_json_add_str(out, "Name", step->name);
    if (step->wrong) {
        emit_wrong_step(emit, out);
        return;
    }
    bf_emit_depends_on(emit, envelope);
    emit_common(step, envelope);
    if (step->kind == BF_STEP_RAW) {
        emit_raw_step(emit, out, envelope);
        return;
    }
    bf_json_add_str(out, "Type", bf_sv_of(bf_step_kind_api(step->kind)));
    bf_emit_fields(emit, bf_fields_step, step->fields, NULL);
    bf_emit_patch(emit, emit->arguments, bf_step_get(step, "raw"));
    bf_order_arguments(step->kind, bf_json_add_object(out, "Arguments"), emit->arguments);
    bf_order_envelope(out, envelope);
}

/** Far too many steps are not built to the end: that would only take memory. */
static bool too_long(const struct bf_emit *emit)
{
    return *emit->length > BF_DEFINITION_MAX;
}

/** Of a condition its conditions: the steps in it have been counted. */
static void measure(struct bf_emit *emit, const bf_json *step)
{
    const bf_json *measured = step;
    if (emit->step->kind == BF_STEP_CONDITION) {
        measured = bf_json_path(step, BF_SV("Arguments.Conditions"));
    }
    *emit->length += bf_json_length(emit->arena, measured).characters;
}

void bf_emit_steps(struct bf_emit *emit, bf_json *array, const struct bf_step *parent,
                   enum bf_branch branch)
{
    const struct bf_pipeline *pipeline = emit->pipeline;
    size_t first = parent == NULL ? 0 : parent->index + 1;
    for (size_t i = first; i < pipeline->step_count && !too_long(emit); i++) {
        const struct bf_step *step = pipeline->steps[i];
        if (parent != NULL && step->parent == parent->parent && step->branch == parent->branch) {
            break; /* the next one beside the condition: its branches are over */
        }
        if (step->parent != parent || step->branch != branch) {
            continue;
        }
        if (step->unchecked) {
            return; /* and so are all behind it: that was told */
        }
        struct bf_emit inner = {.arena = emit->arena,
                                .length = emit->length,
                                .pipeline = pipeline,
                                .step = step,
                                .arguments = bf_json_new_object(emit->arena),
                                .envelope = bf_json_new_object(emit->arena)};
        inner.base = inner.arguments;
        bf_json *out = bf_json_add_object(array, NULL);
        emit_step(&inner, out);
        measure(&inner, out);
    }
}

/* NOLINTEND(misc-no-recursion) */

/* ---- top level ---- */

static void emit_parameters(struct bf_emit *emit, bf_json *definition)
{
    bf_json *array = bf_json_add_array(definition, "Parameters");
    for (size_t i = 0; i < emit->pipeline->parameter_count; i++) {
        const struct bf_parameter *parameter = &emit->pipeline->parameters[i];
        bf_json *item = bf_json_add_object(array, NULL);
        bf_json_add_str(item, "Name", parameter->name);
        bf_json_add_str(item, "Type", bf_sv_of(bf_parameter_type_api(parameter->type)));
        if (parameter->fallback != NULL) {
            bf_emit_native(emit, item, "DefaultValue", parameter->fallback);
        }
        if (parameter->words != NULL) {
            bf_emit_native(emit, item, "EnumValues", parameter->words);
        }
    }
}

static void emit_experiment_name(struct bf_emit *emit, bf_json *config, const char *key,
                                 const struct bf_value *value, struct bf_sv fact)
{
    if (value != NULL) {
        bf_emit_text(emit, config, key, value);
        return;
    }
    bf_json_add_str(bf_json_add_object(config, key), "Get", fact);
}

static void emit_experiment(struct bf_emit *emit, bf_json *definition)
{
    const struct bf_value *written = bf_object_get(emit->pipeline->root, "experiment", NULL);
    bool map = written != NULL && written->kind == BF_VALUE_MAP;
    if (written != NULL && written->kind == BF_VALUE_BOOL && !written->boolean) {
        return;
    }
    bf_json *config = bf_json_add_object(definition, "PipelineExperimentConfig");
    emit_experiment_name(emit, config, "ExperimentName",
                         map ? bf_object_get(written, "name", NULL) : NULL,
                         BF_SV("Execution.PipelineName"));
    emit_experiment_name(emit, config, "TrialName",
                         map ? bf_object_get(written, "trial", NULL) : NULL,
                         BF_SV("Execution.PipelineExecutionId"));
}

static void emit_mlflow(struct bf_emit *emit, bf_json *definition)
{
    const struct bf_value *mlflow = bf_object_get(emit->pipeline->root, "mlflow", NULL);
    const struct bf_value *server = bf_object_get(mlflow, "server", NULL);
    const struct bf_value *experiment = bf_object_get(mlflow, "experiment", NULL);
    if (server == NULL || !bf_sv_starts(server->text, BF_SV("arn:"))) {
        return;
    }
    bf_json *config = bf_json_add_object(definition, "MlflowConfig");
    bf_json_add_str(config, "MlflowResourceArn", server->text);
    bf_json_add_str(config, "MlflowExperimentName",
                    experiment == NULL ? emit->pipeline->name : experiment->text);
}

static bf_json *compile(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                        struct bf_diags *diags)
{
    size_t length = 0;
    struct bf_emit emit = {.arena = arena, .length = &length, .pipeline = pipeline};
    bf_json *definition = bf_json_new_object(arena);
    bf_json_add_str(definition, "Version", BF_SV("2020-12-01"));
    bf_json_add_object(definition, "Metadata");
    if (!pipeline->wrong) {
        emit_parameters(&emit, definition);
        emit_experiment(&emit, definition);
        emit_mlflow(&emit, definition);
    }
    bf_emit_steps(&emit, bf_json_add_array(definition, "Steps"), NULL, BF_BRANCH_NONE);
    if (too_long(&emit)) {
        struct bf_loc loc = {.file = pipeline->name_loc.file, .line = 1, .col = 1};
        bf_diag(diags, BF_ERROR, "definition.size", loc,
                "the definition has more than %d characters, all that SageMaker takes",
                BF_DEFINITION_MAX);
        return NULL;
    }
    return definition;
}

const struct bf_backend bf_backend_sagemaker = {.name = "sagemaker", .compile = compile};

#include "compile/emit.h"

/*
 * quality_check and clarify_check: a processing job whose inputs and output have the names and
 * places that the images expect (SageMaker Python SDK, quality_check_step.py and
 * clarify_check_step.py).
 */

static void emit_s3_input(struct bf_emit *emit, bf_json *array, const char *name,
                          const char *directory, const struct bf_value *from)
{
    bf_json *item = bf_json_add_object(array, NULL);
    bf_json_add_str(item, "InputName", bf_sv_of(name));
    bf_json *input = bf_json_add_object(item, "S3Input");
    bf_emit_location(emit, input, "S3Uri", from);
    bf_json_add_str(input, "LocalPath", bf_sv_of(directory));
    bf_json_add_str(input, "S3DataType", BF_SV("S3Prefix"));
    bf_json_add_str(input, "S3InputMode", BF_SV("File"));
    bf_json_add_str(input, "S3DataDistributionType", BF_SV("FullyReplicated"));
}

void bf_emit_dataset(struct bf_emit *emit, const struct bf_field *field,
                     const struct bf_value *value)
{
    const struct bf_value *from = bf_object_get(value, "from", "from");
    const struct bf_value *config = bf_step_get(emit->step, "config");
    bf_json *array = bf_emit_array(emit, field->to[0].path);
    if (from == NULL) {
        return;
    }
    if (emit->step->kind == BF_STEP_QUALITY_CHECK) {
        emit_s3_input(emit, array, "baseline_dataset_input",
                      "/opt/ml/processing/input/baseline_dataset_input", from);
        return;
    }
    if (config != NULL) {
        emit_s3_input(emit, array, "analysis_config", "/opt/ml/processing/input/config", config);
    }
    emit_s3_input(emit, array, "dataset", "/opt/ml/processing/input/data", from);
}

void bf_emit_check_output(struct bf_emit *emit, const struct bf_field *field,
                          const struct bf_value *value)
{
    const struct bf_value *to = bf_object_get(value, "to", NULL);
    struct bf_fill fill = {.pipeline = emit->pipeline, .step = emit->step};
    bf_json *item = bf_json_add_object(bf_emit_array(emit, field->to[0].path), NULL);
    bool quality = emit->step->kind == BF_STEP_QUALITY_CHECK;
    bf_json_add_str(item, "OutputName",
                    quality ? BF_SV("quality_check_output") : BF_SV("analysis_result"));
    bf_json *output = bf_json_add_object(item, "S3Output");
    if (to != NULL) {
        bf_emit_text(emit, output, "S3Uri", to);
    } else {
        bf_emit_filled(emit, output, "S3Uri",
                       bf_fill_text(emit->arena, field->fields[0].fallback, &fill));
    }
    bf_json_add_str(output, "LocalPath", BF_SV("/opt/ml/processing/output"));
    bf_json_add_str(output, "S3UploadMode", BF_SV("EndOfJob"));
    if (emit->pipeline->kms_key.len > 0) {
        bf_json_add_str(bf_emit_object(emit, "ProcessingOutputConfig"), "KmsKeyId",
                        emit->pipeline->kms_key);
    }
}

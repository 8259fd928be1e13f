#include "base/utf8.h"
#include "deploy/internal.h"
#include "yaml/yaml.h"

struct bf_sv bf_base_name(struct bf_sv key)
{
    size_t at = key.len;

    while (at > 0 && key.ptr[at - 1] != '/') {
        at--;
    }
    return bf_sv_from(key, at);
}

bool bf_deploy_is_spec(struct bf_sv key)
{
    const struct bf_sv suffix = BF_SV(".pipeline.yaml");

    return bf_sv_starts(key, BF_SV("specs/")) && bf_sv_ends(key, suffix) &&
           bf_base_name(key).len > suffix.len;
}

static struct bf_sv metadata_of(const struct bf_s3_object *object, const char *name)
{
    for (size_t i = 0; i < object->metadata_count; i++) {
        if (bf_sv_is(object->metadata[i].name, name)) {
            return object->metadata[i].value;
        }
    }
    return (struct bf_sv){0};
}

/* BF_ETOOLARGE becomes a diagnostic; the text is empty then. */
static enum bf_code read_text(const struct bf_deployer *d, const struct bf_s3_at *at,
                              const char *name, struct bf_reading *out, struct bf_s3_object *object,
                              struct bf_err *err)
{
    enum bf_code code = bf_s3_get(d->aws, at, BF_YAML_MAX_BYTES, object, err);

    if (code == BF_ETOOLARGE) {
        const struct bf_loc top = {.file = name, .line = 1, .col = 1};
        (void)bf_diag(out->diags, BF_ERROR, "yaml.too_large", top,
                      "the file has more than %d bytes", BF_YAML_MAX_BYTES);
        return BF_OK;
    }
    return code;
}

static enum bf_code read_platform(const struct bf_deployer *d, struct bf_sv bucket,
                                  struct bf_reading *out, struct bf_text *text, bool *there,
                                  struct bf_err *err)
{
    const struct bf_s3_at at = {.bucket = bucket, .key = BF_PLATFORM_KEY};
    struct bf_s3_object object = {0};
    struct bf_err missing = {0};

    enum bf_code code = read_text(d, &at, "platform.yaml", out, &object, &missing);
    if (code == BF_ENOTFOUND) {
        *there = false;
        return BF_OK;
    }
    if (code != BF_OK) {
        *err = missing;
        return code;
    }
    *there = true;
    out->platform_version_id = object.version_id.len != 0 ? object.version_id : object.etag;
    *text = (struct bf_text){.name = "platform.yaml", .text = object.body};
    return BF_OK;
}

/** What looking at code needs. */
struct looker {
    const struct bf_deployer *d;
    const struct bf_deploy_wish *wish;
    struct bf_reading *out;
};

static enum bf_code list(void *context, struct bf_source *source, struct bf_err *err)
{
    const struct looker *looker = context;

    return bf_code_list(looker->d, looker->wish, looker->out, source, err);
}

static void compile(const struct bf_deployer *d, struct bf_reading *out)
{
    struct bf_arena *arena = d->aws->arena;

    if (out->spec.pipeline == NULL) {
        return;
    }
    if (bf_compile(arena, &bf_backend_sagemaker, out->spec.pipeline, out->diags,
                   &out->definition) != BF_OK) {
        out->definition = NULL;
        return;
    }
    out->definition_text = bf_definition_text(arena, out->definition);
}

static void note_triggers(struct bf_reading *out)
{
    const struct bf_pipeline *pipeline = out->spec.pipeline;

    for (size_t i = 0; pipeline != NULL && i < pipeline->trigger_count; i++) {
        const struct bf_trigger *t = &pipeline->triggers[i];
        (void)bf_diag(out->diags, BF_NOTE, "deploy.trigger_not_applied", t->loc,
                      "trigger '" BF_SV_FMT
                      "' is checked, but its rule is not applied yet: "
                      "nothing will start this pipeline by it",
                      BF_SV_ARG(t->name));
    }
}

enum bf_code bf_read_spec(const struct bf_deployer *d, const struct bf_deploy_wish *wish,
                          struct bf_reading *out, struct bf_err *err)
{
    struct bf_arena *arena = d->aws->arena;
    const struct bf_s3_at at = {
        .bucket = wish->bucket, .key = wish->key, .version_id = wish->version_id};
    struct bf_s3_object object = {0};
    struct bf_text platform = {0};
    bool has_platform = false;

    *out = (struct bf_reading){.name = bf_sv_z(arena, bf_base_name(wish->key)),
                               .diags = bf_diags_new(arena)};
    BF_TRY(read_text(d, &at, out->name, out, &object, err));
    BF_TRY(read_platform(d, wish->bucket, out, &platform, &has_platform, err));
    out->version_id = wish->version_id.len != 0 ? wish->version_id : object.version_id;
    out->commit = metadata_of(&object, "commit");
    out->adopt = bf_sv_is(metadata_of(&object, "buzzflow-adopt"), "true");
    if (bf_diags_count(out->diags, BF_ERROR) != 0) {
        return BF_OK; /* too large: there is no text */
    }

    struct looker looker = {.d = d, .wish = wish, .out = out};
    const struct bf_spec_options options = {
        .file = {.name = out->name, .text = object.body},
        .platform = has_platform ? &platform : NULL,
        .environment = d->stack->environment,
        .rule = d->stack->require_declared ? BF_ENVIRONMENT_STACK_DECLARED : BF_ENVIRONMENT_STACK,
        .variables = &d->stack->variables,
        .stack = &d->stack->rules,
        .must_build = true,
        .keep = true,
        .now = bf_aws_time(d->aws, NULL),
        .has_now = true,
        .context = &looker,
        .list = list,
    };
    struct bf_err failed = {0};
    const enum bf_code loaded = bf_spec_load(arena, &options, out->diags, &out->spec, &failed);
    if (failed.msg[0] != '\0') { /* else its code says only that there was a mistake */
        *err = failed;
        return loaded;
    }
    if (loaded == BF_OK) {
        compile(d, out);
    }
    note_triggers(out);
    return BF_OK;
}

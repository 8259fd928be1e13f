#include "aws/sagemaker.h"
#include "aws/scheduler.h"
#include "crypto/crypto.h"
#include "deploy/internal.h"

enum { MAX_SCHEDULES = 1000 };

static enum bf_code read_pipeline(const struct bf_deployer *d, struct bf_sv name,
                                  struct bf_live *out, struct bf_err *err)
{
    struct bf_err missing = {0};
    bf_json *answer = NULL, *tags = NULL;

    enum bf_code code = bf_sm_describe_pipeline(d->aws, name, &answer, &missing);
    if (code == BF_ENOTFOUND) {
        return BF_OK;
    }
    if (code != BF_OK) {
        *err = missing;
        return code;
    }
    BF_TRY(bf_json_need_str(answer, "PipelineArn", &out->arn, err));
    BF_TRY(bf_sm_list_tags(d->aws, out->arn, &tags, err));
    out->exists = true;
    out->role = bf_json_str(answer, "RoleArn");
    out->description = bf_json_str(answer, "PipelineDescription");
    out->definition = bf_json_str(answer, "PipelineDefinition");
    out->tags = tags;
    const bf_json *parallel =
        bf_json_path(answer, BF_SV("ParallelismConfiguration.MaxParallelExecutionSteps"));
    if (!bf_json_i64(parallel, 0, INT32_MAX, &out->max_parallel)) {
        out->max_parallel = 0;
    }
    return BF_OK;
}

/* GetSchedule's answer without what CreateSchedule and UpdateSchedule do not take. */
static const bf_json *writable(bf_json *answer)
{
    static const char *const read_only[] = {"Arn", "Name", "GroupName", "CreationDate",
                                            "LastModificationDate"};

    for (size_t i = 0; i < BF_COUNTOF(read_only); i++) {
        bf_json_remove(answer, read_only[i]);
    }
    return answer;
}

static enum bf_code read_schedules(const struct bf_deployer *d, struct bf_sv name,
                                   struct bf_live *out, struct bf_err *err)
{
    struct bf_arena *arena = d->aws->arena;
    struct bf_schedule_at at = {.group = d->stack->schedule_group,
                                .name = bf_sv_printf(arena, BF_SV_FMT ".", BF_SV_ARG(name))};
    bf_json *list = NULL;

    BF_TRY(bf_scheduler_list(d->aws, &at, MAX_SCHEDULES, &list, err));
    out->schedules = BF_NEW_N(arena, struct bf_named_json, bf_json_count(list) + 1);
    for (const bf_json *s = bf_json_first(list); s != NULL; s = bf_json_next(s)) {
        bf_json *answer = NULL;
        struct bf_err missing = {0};
        at.name = bf_json_str(s, "Name");
        enum bf_code code = bf_scheduler_get(d->aws, &at, &answer, &missing);
        if (code == BF_ENOTFOUND) { /* an at() that deleted itself meanwhile */
            continue;
        }
        if (code != BF_OK) {
            *err = missing;
            return code;
        }
        out->schedules[out->schedule_count++] =
            (struct bf_named_json){.name = at.name, .body = writable(answer)};
    }
    return BF_OK;
}

enum bf_code bf_live_read(const struct bf_deployer *d, struct bf_sv name, struct bf_live *out,
                          struct bf_err *err)
{
    *out = (struct bf_live){0};
    BF_TRY(read_pipeline(d, name, out, err));
    return read_schedules(d, name, out, err);
}

/* ---- snapshots ---- */

static enum bf_code snapshot_definition(const struct bf_deployer *d, const struct bf_live *live,
                                        const struct bf_s3_at *store, bf_json *pipeline,
                                        struct bf_err *err)
{
    struct bf_arena *arena = d->aws->arena;

    if (live->definition.len < BF_DEFINITION_INLINE) {
        bf_json_add_str(pipeline, "definition", live->definition);
        return BF_OK;
    }
    const struct bf_s3_at at = {
        .bucket = store->bucket,
        .key = bf_sv_printf(arena, BF_SV_FMT BF_SV_FMT ".json", BF_SV_ARG(store->key),
                            BF_SV_ARG(bf_sha256_hex(arena, live->definition)))};
    const struct bf_s3_put put = {.body = live->definition,
                                  .content_type = BF_SV("application/json")};
    BF_TRY(bf_s3_put(d->aws, &at, &put, NULL, err));
    bf_json *where = bf_json_add_object(pipeline, "definition_s3");
    bf_json_add_str(where, "bucket", at.bucket);
    bf_json_add_str(where, "key", at.key);
    return BF_OK;
}

enum bf_code bf_snapshot_make(const struct bf_deployer *d, const struct bf_live *live,
                              const struct bf_s3_at *store, bf_json **out, struct bf_err *err)
{
    struct bf_arena *arena = d->aws->arena;
    bf_json *snapshot = bf_json_new_object(arena);

    if (!live->exists) {
        bf_json_add_null(snapshot, "pipeline");
    } else {
        bf_json *pipeline = bf_json_add_object(snapshot, "pipeline");
        BF_TRY(snapshot_definition(d, live, store, pipeline, err));
        bf_json_add_str(pipeline, "role", live->role);
        bf_json_add_str(pipeline, "description", live->description);
        bf_json_add_i64(pipeline, "max_parallel", live->max_parallel);
        bf_json_add_copy(pipeline, "tags", live->tags);
    }
    bf_json *schedules = bf_json_add_object(snapshot, "schedules");
    for (size_t i = 0; i < live->schedule_count; i++) {
        bf_json_add_copy(schedules, bf_sv_z(arena, live->schedules[i].name),
                         live->schedules[i].body);
    }
    *out = snapshot;
    return BF_OK;
}

static enum bf_code wanted_definition(const struct bf_deployer *d, const bf_json *pipeline,
                                      struct bf_wanted *out, struct bf_err *err)
{
    const bf_json *where = bf_json_get(pipeline, "definition_s3");
    const struct bf_s3_at at = {.bucket = bf_json_str(where, "bucket"),
                                .key = bf_json_str(where, "key")};
    struct bf_s3_object object = {0};

    if (where == NULL) {
        out->definition = bf_json_str(pipeline, "definition");
        return BF_OK;
    }
    BF_TRY(bf_s3_get(d->aws, &at, (size_t)4 * BF_DEFINITION_MAX, &object, err));
    out->definition = object.body;
    return BF_OK;
}

enum bf_code bf_snapshot_wanted(const struct bf_deployer *d, struct bf_sv name,
                                const bf_json *snapshot, struct bf_wanted *out, struct bf_err *err)
{
    const bf_json *pipeline = bf_json_get(snapshot, "pipeline");
    const bf_json *schedules = bf_json_get(snapshot, "schedules");

    *out = (struct bf_wanted){.name = name, .pipeline = BF_PIPELINE_DELETE};
    if (bf_json_kind(pipeline) == BF_JSON_OBJECT) {
        out->pipeline = BF_PIPELINE_PUT;
        out->role = bf_json_str(pipeline, "role");
        out->description = bf_json_str(pipeline, "description");
        out->tags = bf_json_get(pipeline, "tags");
        if (!bf_json_i64(bf_json_get(pipeline, "max_parallel"), 0, INT32_MAX, &out->max_parallel)) {
            out->max_parallel = 0;
        }
        BF_TRY(wanted_definition(d, pipeline, out, err));
    }
    out->schedules = BF_NEW_N(d->aws->arena, struct bf_named_json, bf_json_count(schedules) + 1);
    for (const bf_json *s = bf_json_first(schedules); s != NULL; s = bf_json_next(s)) {
        out->schedules[out->schedule_count++] =
            (struct bf_named_json){.name = bf_json_key(s), .body = s};
    }
    return BF_OK;
}

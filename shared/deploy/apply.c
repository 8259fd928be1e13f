#include "aws/sagemaker.h"
#include "aws/scheduler.h"
#include "crypto/crypto.h"
#include "deploy/internal.h"
#include "time/cron.h"

static enum bf_code put_definition(struct bf_apply *a, struct bf_sm_pipeline *request,
                                   struct bf_err *err)
{
    struct bf_arena *arena = a->d->aws->arena;

    if (a->wanted->definition.len < BF_DEFINITION_INLINE) {
        request->definition = a->wanted->definition;
        return BF_OK;
    }
    const struct bf_s3_at at = {
        .bucket = a->store.bucket,
        .key = bf_sv_printf(arena, BF_SV_FMT BF_SV_FMT ".json", BF_SV_ARG(a->store.key),
                            BF_SV_ARG(bf_sha256_hex(arena, a->wanted->definition)))};
    const struct bf_s3_put put = {.body = a->wanted->definition,
                                  .content_type = BF_SV("application/json")};
    BF_TRY(bf_s3_put(a->d->aws, &at, &put, NULL, err));
    request->s3_bucket = at.bucket;
    request->s3_key = at.key;
    return BF_OK;
}

/*
 * A creation whose answer was lost is asked for again, and then refused because the pipeline is
 * there (or because the permission to create ends where our tag is). Is it ours, as we want it?
 */
static bool created_after_all(struct bf_apply *a)
{
    struct bf_live live;
    struct bf_err ignored = {0};
    const struct bf_wanted *wanted = a->wanted;

    if (bf_live_read(a->d, wanted->name, &live, &ignored) != BF_OK || !live.exists ||
        !bf_sv_eq(live.definition, wanted->definition)) {
        return false;
    }
    for (const bf_json *t = bf_json_first(wanted->tags); t != NULL; t = bf_json_next(t)) {
        if (!bf_sv_eq(bf_tag_of(live.tags, bf_json_str(t, "Key"), NULL), bf_json_str(t, "Value"))) {
            return false;
        }
    }
    a->arn = live.arn;
    return true;
}

static enum bf_code write_pipeline(struct bf_apply *a, bool create, struct bf_err *err)
{
    struct bf_sm_pipeline request = {
        .name = a->wanted->name,
        .role_arn = a->wanted->role,
        .description = a->wanted->description,
        .max_parallel_steps = a->wanted->max_parallel,
    };

    BF_TRY(put_definition(a, &request, err));
    if (!create) {
        return bf_sm_update_pipeline(a->d->aws, &request, &a->arn, err);
    }
    request.tags = a->wanted->tags;
    request.token = a->token;
    struct bf_err refused = {0};
    enum bf_code code = bf_sm_create_pipeline(a->d->aws, &request, &a->arn, &refused);
    if (code == BF_OK || created_after_all(a)) {
        return BF_OK;
    }
    *err = refused;
    return code;
}

/*
 * A rate keeps the StartDate of its first deployment. Should Scheduler not take one that is past,
 * the next fire of the same series is as good: the series stays what it was.
 */
static bf_json *with_next_start(struct bf_apply *a, const bf_json *body)
{
    struct bf_arena *arena = a->d->aws->arena;
    const int64_t soon = bf_aws_time(a->d->aws, NULL) + 60;
    bf_json *out = bf_json_new_object(arena);
    struct bf_when when;
    struct bf_err ignored = {0};
    int64_t start = 0, next = 0;

    if (bf_when_parse(bf_json_str(body, "ScheduleExpression"), &when, &ignored) != BF_OK ||
        when.kind != BF_WHEN_RATE ||
        !bf_json_i64(bf_json_get(body, "StartDate"), 0, INT64_MAX, &start)) {
        return NULL;
    }
    const struct bf_firing firing = {.when = &when, .zone = bf_zone_utc(), .start = start};
    if (start >= soon || !bf_next_fire(&firing, soon, &next)) {
        return NULL;
    }
    bf_json_merge(out, body);
    bf_json_remove(out, "StartDate");
    bf_json_add_i64(out, "StartDate", next);
    return out;
}

static enum bf_code update_schedule(struct bf_apply *a, const struct bf_schedule_at *at,
                                    const bf_json *body, struct bf_err *err)
{
    enum bf_code code = bf_scheduler_update(a->d->aws, at, body, NULL, err);

    if (code != BF_EREFUSED || strstr(err->msg, "StartDate") == NULL) {
        return code;
    }
    const bf_json *later = with_next_start(a, body);
    return later == NULL ? code : bf_scheduler_update(a->d->aws, at, later, NULL, err);
}

static enum bf_code write_schedule(struct bf_apply *a, const struct bf_change *change,
                                   struct bf_err *err)
{
    struct bf_aws *aws = a->d->aws;
    const struct bf_schedule_at at = {.group = a->d->stack->schedule_group, .name = change->name};

    if (change->kind == BF_DELETE_SCHEDULE) {
        return bf_scheduler_delete(aws, &at, err);
    }
    if (change->kind == BF_UPDATE_SCHEDULE) {
        return update_schedule(a, &at, change->body, err);
    }
    /* Equal requests are one: with a token a lost answer may be asked for again. */
    bf_json *body = bf_json_new_object(aws->arena);
    bf_json_merge(body, change->body);
    bf_json_add_str(
        body, "ClientToken",
        bf_sha256_hex(aws->arena, bf_sv_printf(aws->arena, BF_SV_FMT " " BF_SV_FMT,
                                               BF_SV_ARG(a->token), BF_SV_ARG(change->name))));
    return bf_scheduler_create(aws, &at, body, NULL, err);
}

static enum bf_code write_one(struct bf_apply *a, const struct bf_change *change,
                              struct bf_err *err)
{
    struct bf_aws *aws = a->d->aws;

    switch (change->kind) {
    case BF_CREATE_PIPELINE:
        return write_pipeline(a, true, err);
    case BF_UPDATE_PIPELINE:
        return write_pipeline(a, false, err);
    case BF_ADD_TAGS:
        return bf_sm_add_tags(aws, a->arn, change->body, err);
    case BF_DELETE_TAGS:
        return bf_sm_delete_tags(aws, a->arn, change->body, err);
    case BF_DELETE_PIPELINE:
        return bf_sm_delete_pipeline(aws, change->name, a->token, err);
    case BF_CREATE_SCHEDULE:
    case BF_UPDATE_SCHEDULE:
    case BF_DELETE_SCHEDULE:
        break;
    }
    return write_schedule(a, change, err);
}

enum bf_code bf_apply_plan(struct bf_apply *apply, const struct bf_plan *plan, struct bf_err *err)
{
    struct bf_arena *arena = apply->d->aws->arena;

    for (size_t i = 0; i < plan->count; i++) {
        const struct bf_sv title = bf_change_title(arena, &plan->changes[i]);
        if (write_one(apply, &plan->changes[i], err) != BF_OK) {
            return bf_err_wrap(err, "not " BF_SV_FMT, BF_SV_ARG(title));
        }
        bf_log(apply->d->log, BF_LOG_INFO, BF_SV_FMT, BF_SV_ARG(title));
    }
    return BF_OK;
}

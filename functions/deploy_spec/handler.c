#include "functions/deploy_spec/handler.h"

#include "aws/s3.h"
#include "deploy/deploy.h"
#include "functions/deploy_spec/announce.h"

enum { MAX_SPECS = 10000 };

struct deploy_spec {
    struct bf_stack stack;
    struct announcer announcer;
};

/* ---- configuration ---- */

static struct bf_texts texts_of(const struct bf_function *function, const char *name)
{
    struct bf_texts texts = {0};

    texts.items = bf_function_list(function, name, &texts.count);
    return texts;
}

/* "NAME" is read from our environment, "NAME=value" brings its value along. */
static struct bf_variables variables_of(const struct bf_function *function)
{
    const struct bf_texts names = texts_of(function, "BUZZFLOW_ALLOWED_VARIABLES");
    struct bf_arena *memory = bf_function_memory(function);
    struct bf_variable *items = BF_NEW_N(memory, struct bf_variable, names.count + 1);
    size_t count = 0;

    for (size_t i = 0; i < names.count; i++) {
        struct bf_sv value = names.items[i];
        const struct bf_sv name = bf_sv_cut(&value, '=');
        if (name.len == names.items[i].len) {
            value = bf_function_env(function, bf_sv_z(memory, name));
        }
        if (value.len != 0) {
            items[count++] = (struct bf_variable){.name = name, .value = value};
        }
    }
    return (struct bf_variables){.items = items, .count = count};
}

static enum bf_code open_deploy_spec(const struct bf_function *function, void **state,
                                     struct bf_err *err)
{
    struct deploy_spec *self = BF_NEW(bf_function_memory(function), struct deploy_spec);
    const struct bf_sv api = bf_function_env(function, "BUZZFLOW_SLACK_API_URL");

    self->stack = (struct bf_stack){
        .environment = bf_function_env(function, "BUZZFLOW_ENVIRONMENT"),
        .table = bf_function_env(function, "BUZZFLOW_TABLE"),
        .spec_bucket = bf_function_env(function, "BUZZFLOW_SPEC_BUCKET"),
        .rules = {.buckets = texts_of(function, "BUZZFLOW_DATA_BUCKETS"),
                  .roles = texts_of(function, "BUZZFLOW_PIPELINE_ROLE_ARNS")},
        .variables = variables_of(function),
        .schedule_group = bf_function_env(function, "BUZZFLOW_SCHEDULE_GROUP"),
        .scheduler_role_arn = bf_function_env(function, "BUZZFLOW_SCHEDULER_ROLE_ARN"),
        .rerun_queue_arn = bf_function_env(function, "BUZZFLOW_RERUN_QUEUE_ARN"),
        .queue_url = bf_function_env(function, "BUZZFLOW_QUEUE_URL"),
    };
    BF_TRY(bf_function_flag(function, "BUZZFLOW_REQUIRE_DECLARED_ENVIRONMENT",
                            &self->stack.require_declared, err));
    self->announcer = (struct announcer){
        .http = bf_function_http(function),
        .api_url = api.len != 0 ? api : BF_SV("https://slack.com/api"),
        .secret_arn = bf_function_env(function, "BUZZFLOW_SLACK_SECRET_ARN"),
        .channel = bf_function_env(function, "BUZZFLOW_SLACK_CHANNEL"),
        .table = self->stack.table,
        .environment = self->stack.environment,
        .memory = bf_function_memory(function),
    };
    *state = self;
    return BF_OK;
}

/* ---- one pipeline file ---- */

static const char *outcome_word(enum bf_deploy_outcome outcome)
{
    static const char *const words[] = {
        [BF_DEPLOY_OK] = "deployed",
        [BF_DEPLOY_FAILED] = "not deployed: the file or a service refused, see the record",
        [BF_DEPLOY_SUPERSEDED] = "superseded by a newer upload",
        [BF_DEPLOY_DUPLICATE] = "dealt with before",
        [BF_DEPLOY_REMOVED] = "removed",
        [BF_DEPLOY_IGNORED] = "nothing to remove",
    };

    return words[outcome];
}

static enum bf_code deploy_one(struct deploy_spec *self, const struct bf_inbox_call *call,
                               const struct bf_deploy_wish *wish, struct bf_err *err)
{
    const struct bf_deployer deployer = {
        .aws = call->aws, .log = call->log, .stack = &self->stack, .owner = call->request_id};
    struct bf_deployment deployment;

    if (bf_deploy_run(&deployer, wish, &deployment, err) != BF_OK) {
        return bf_err_wrap(err, BF_SV_FMT, BF_SV_ARG(wish->key));
    }
    bf_log(call->log, BF_LOG_INFO, BF_SV_FMT ": %s", BF_SV_ARG(wish->key),
           outcome_word(deployment.outcome));
    return announce(&self->announcer, call, &deployment, err);
}

/* ---- the platform file: every pipeline file again ---- */

static enum bf_code redeploy(struct deploy_spec *self, const struct bf_inbox_call *call,
                             struct bf_sv bucket, struct bf_sv key, struct bf_err *err)
{
    const struct bf_deployer deployer = {.aws = call->aws, .log = call->log, .stack = &self->stack};
    const struct bf_deploy_wish wish = {.bucket = bucket, .key = key};

    if (self->stack.queue_url.len == 0) { /* called by hand: there is no queue to put it into */
        return deploy_one(self, call, &wish, err);
    }
    return bf_deploy_again(&deployer, bucket, key, err);
}

static enum bf_code redeploy_all(struct deploy_spec *self, const struct bf_inbox_call *call,
                                 struct bf_sv bucket, struct bf_err *err)
{
    struct bf_s3_list list = {0};

    BF_TRY(bf_s3_list(call->aws, bucket, BF_SV("specs/"), MAX_SPECS, &list, err));
    for (size_t i = 0; i < list.count; i++) {
        if (bf_deploy_is_spec(list.entries[i].key)) {
            BF_TRY(redeploy(self, call, bucket, list.entries[i].key, err));
        }
    }
    if (list.more) {
        return bf_err_set(
            err, BF_ETOOLARGE, BF_NOWHERE,
            "more than %d objects below specs/: not every pipeline was deployed again", MAX_SPECS);
    }
    return BF_OK;
}

/* ---- events ---- */

static enum bf_code handle_object(struct deploy_spec *self, const struct bf_inbox_call *call,
                                  struct bf_err *err)
{
    const struct bf_event_object *object = &call->event->object;
    const struct bf_deploy_wish wish = {.bucket = object->bucket,
                                        .key = object->key,
                                        .version_id = object->version_id,
                                        .sequencer = object->sequencer,
                                        .removed = object->removed};

    if (!bf_sv_eq(object->bucket, self->stack.spec_bucket)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "an event of bucket '" BF_SV_FMT "', expected '" BF_SV_FMT "'",
                          BF_SV_ARG(object->bucket), BF_SV_ARG(self->stack.spec_bucket));
    }
    if (bf_sv_eq(object->key, BF_PLATFORM_KEY)) {
        return redeploy_all(self, call, object->bucket, err);
    }
    if (!bf_deploy_is_spec(object->key)) {
        bf_log(call->log, BF_LOG_INFO, BF_SV_FMT " is no pipeline file: nothing to do",
               BF_SV_ARG(object->key));
        return BF_OK;
    }
    return deploy_one(self, call, &wish, err);
}

static enum bf_code handle_redeploy(struct deploy_spec *self, const struct bf_inbox_call *call,
                                    struct bf_err *err)
{
    struct bf_deploy_wish wish = {0};

    BF_TRY(bf_json_need_str(call->event->json, "bucket", &wish.bucket, err));
    BF_TRY(bf_json_need_str(call->event->json, "key", &wish.key, err));
    if (!bf_sv_eq(wish.bucket, self->stack.spec_bucket) || !bf_deploy_is_spec(wish.key)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "redeploy of s3://" BF_SV_FMT "/" BF_SV_FMT
                          ": no pipeline file of this stack",
                          BF_SV_ARG(wish.bucket), BF_SV_ARG(wish.key));
    }
    return deploy_one(self, call, &wish, err);
}

static enum bf_code handle(void *state, const struct bf_inbox_call *call,
                           struct bf_verdict *verdict, struct bf_err *err)
{
    struct deploy_spec *self = state;

    (void)verdict;
    switch (call->event->kind) {
    case BF_EVENT_S3:
        return handle_object(self, call, err);
    case BF_EVENT_S3_TEST:
        return BF_OK;
    case BF_EVENT_OWN:
        if (bf_sv_is(call->event->name, "redeploy")) {
            return handle_redeploy(self, call, err);
        }
        break;
    case BF_EVENT_BUS:
        break;
    }
    return bf_err_set(
        err, BF_EINVALID, BF_NOWHERE,
        "deploy_spec takes events of S3 and messages of kind 'redeploy', not '" BF_SV_FMT "'",
        BF_SV_ARG(call->event->name));
}

static const struct bf_function_variable variables[] = {
    {"BUZZFLOW_ENVIRONMENT", true},
    {"BUZZFLOW_TABLE", true},
    {"BUZZFLOW_SPEC_BUCKET", true},
    {"BUZZFLOW_DATA_BUCKETS", true},
    {"BUZZFLOW_PIPELINE_ROLE_ARNS", true},
    {"BUZZFLOW_SCHEDULE_GROUP", true},
    {"BUZZFLOW_SCHEDULER_ROLE_ARN", true},
    {"BUZZFLOW_RERUN_QUEUE_ARN", true},
    {"BUZZFLOW_SLACK_CHANNEL", false},
    {"BUZZFLOW_SLACK_SECRET_ARN", false},
    {"BUZZFLOW_SLACK_API_URL", false},
    {"BUZZFLOW_ALLOWED_VARIABLES", false},
    {"BUZZFLOW_REQUIRE_DECLARED_ENVIRONMENT", false},
    {NULL, false},
};

/* A small file may expand to half a million values in each environment (spec/document.h). */
enum { ARENA_LIMIT = 400 << 20 };

const struct bf_function_type deploy_spec_function = {.name = "deploy_spec",
                                                      .variables = variables,
                                                      .open = open_deploy_spec,
                                                      .handle = handle,
                                                      .arena_limit = ARENA_LIMIT};

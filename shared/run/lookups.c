#include "run/lookups.h"

#include "aws/s3.h"
#include "aws/sagemaker.h"
#include "expression/ere.h"
#include "run/context.h"

/*
 * A look-up either has an answer (text), or none (why). A permanent refusal of the service is none
 * as well: it is recorded and shows in the message about the parameter.
 */
struct answer {
    struct bf_sv text, why;
};

/* ---- ssm ---- */

static const struct bf_aws_service ssm = {
    .id = "SSM", .signing = "ssm", .host = "ssm", .target = "AmazonSSM", .json = "1.1"};

static enum bf_code read_ssm(const struct bf_runner *r, struct bf_sv name, struct answer *out,
                             struct bf_err *err)
{
    /* Without decryption: a secret must not become a parameter, which everybody can read. */
    static const struct bf_aws_operation get = {&ssm, "GetParameter", true};
    bf_json *in = bf_json_new_object(r->aws->arena);
    bf_json *answer = NULL;

    bf_json_add_str(in, "Name", name);
    BF_TRY(bf_aws_json_call(r->aws, &get, in, &answer, err));
    if (bf_sv_is(bf_json_str(answer, "Parameter.Type"), "SecureString")) {
        out->why = BF_SV("it is a SecureString: pass its name and read it in the step");
        return BF_OK;
    }
    return bf_json_need_str(answer, "Parameter.Value", &out->text, err);
}

/* ---- s3.latest ---- */

static enum bf_code latest_key(const struct bf_runner *r, const struct bf_lookup *lookup,
                               struct answer *out, struct bf_err *err)
{
    struct bf_arena *arena = r->aws->arena;
    const struct bf_ere *ere = NULL;
    struct bf_s3_at at;
    struct bf_s3_list list = {0};
    struct bf_sv best = {0};
    bool found = false;

    if (!bf_s3_parse_uri(lookup->subject, &at)) {
        out->why = bf_sv_printf(arena, "'" BF_SV_FMT "' is no s3://bucket/prefix",
                                BF_SV_ARG(lookup->subject));
        return BF_OK;
    }
    if (lookup->qualifier.len != 0) {
        BF_TRY(bf_ere_compile(arena, lookup->qualifier, &ere, err));
    }
    BF_TRY(bf_s3_list(r->aws, at.bucket, at.key, BF_LOOKUP_KEYS, &list, err));
    if (list.more) {
        out->why = bf_sv_printf(arena, "more than %d keys: use a longer prefix", BF_LOOKUP_KEYS);
        return BF_OK;
    }
    for (size_t i = 0; i < list.count; i++) {
        struct bf_sv value = list.entries[i].key;
        if (ere != NULL && !bf_ere_find(ere, arena, list.entries[i].key, &value)) {
            continue;
        }
        if (!found || bf_sv_cmp(value, best) > 0) {
            best = value;
            found = true;
        }
    }
    if (!found) {
        out->why = BF_SV("no key matches");
        return BF_OK;
    }
    out->text = ere != NULL ? bf_sv_dup(arena, best)
                            : bf_sv_printf(arena, "s3://" BF_SV_FMT "/" BF_SV_FMT,
                                           BF_SV_ARG(at.bucket), BF_SV_ARG(best));
    return BF_OK;
}

/* ---- model.latest, pipeline.last ---- */

static enum bf_code latest_model(const struct bf_runner *r, const struct bf_lookup *lookup,
                                 struct answer *out, struct bf_err *err)
{
    const struct bf_sm_package_filter filter = {
        .group = lookup->subject, .approval = lookup->qualifier, .max = 1};
    bf_json *packages = NULL;

    BF_TRY(bf_sm_list_model_packages(r->aws, &filter, &packages, err));
    if (bf_json_count(packages) == 0) {
        out->why = bf_sv_printf(r->aws->arena, "no model package with status " BF_SV_FMT,
                                BF_SV_ARG(lookup->qualifier));
        return BF_OK;
    }
    return bf_json_need_str(bf_json_first(packages), "ModelPackageArn", &out->text, err);
}

static enum bf_code last_execution(const struct bf_runner *r, const struct bf_lookup *lookup,
                                   struct answer *out, struct bf_err *err)
{
    const struct bf_sm_execution_filter filter = {.pipeline = lookup->subject,
                                                  .max = BF_LOOKUP_EXECUTIONS};
    bf_json *executions = NULL;

    BF_TRY(bf_sm_list_executions(r->aws, &filter, &executions, err));
    for (const bf_json *e = bf_json_first(executions); e != NULL; e = bf_json_next(e)) {
        if (bf_sv_eq(bf_json_str(e, "PipelineExecutionStatus"), lookup->qualifier)) {
            return bf_json_need_str(e, "PipelineExecutionArn", &out->text, err);
        }
    }
    out->why = bf_sv_printf(r->aws->arena, "no execution with status " BF_SV_FMT,
                            BF_SV_ARG(lookup->qualifier));
    return BF_OK;
}

static enum bf_code look_up(const struct bf_runner *r, const struct bf_lookup *lookup,
                            struct answer *out, struct bf_err *err)
{
    switch (lookup->kind) {
    case BF_LOOKUP_SSM:
        return read_ssm(r, lookup->subject, out, err);
    case BF_LOOKUP_S3:
        return latest_key(r, lookup, out, err);
    case BF_LOOKUP_MODEL:
        return latest_model(r, lookup, out, err);
    case BF_LOOKUP_PIPELINE:
        break;
    }
    return last_execution(r, lookup, out, err);
}

enum bf_code bf_run_lookups(const struct bf_runner *runner, const struct bf_lookups *lookups,
                            bf_json *answers, struct bf_err *err)
{
    struct bf_arena *arena = runner->aws->arena;

    for (size_t i = 0; i < lookups->count; i++) {
        const struct bf_lookup *lookup = &lookups->items[i];
        const char *key = bf_sv_z(arena, lookup->key);
        struct answer answer = {0};
        struct bf_err trouble = {0};

        enum bf_code code = look_up(runner, lookup, &answer, &trouble);
        if (code != BF_OK && bf_code_is_transient(code)) {
            *err = trouble;
            return bf_err_wrap(err, "look-up " BF_SV_FMT, BF_SV_ARG(lookup->key));
        }
        if (code != BF_OK) {
            answer.why = bf_sv_dup(arena, bf_sv_of(trouble.msg));
        }
        if (answer.why.len == 0) {
            bf_json_add_str(answers, key, answer.text);
        } else {
            bf_json_add_str(bf_json_add_object(answers, key), "error", answer.why);
        }
    }
    return BF_OK;
}

enum bf_code bf_run_holidays_of(const struct bf_runner *runner, struct bf_sv uri, bf_json **out,
                                struct bf_err *err)
{
    const struct bf_sv prefix = BF_SV("ssm:");
    struct bf_s3_object object = {0};
    struct answer answer = {0};
    struct bf_s3_at at;

    if (bf_sv_starts(uri, prefix)) {
        BF_TRY(read_ssm(runner, bf_sv_from(uri, prefix.len), &answer, err));
    } else if (bf_s3_parse_uri(uri, &at)) {
        BF_TRY(bf_s3_get(runner->aws, &at, BF_HOLIDAYS_BYTES, &object, err));
        answer.text = object.body;
    } else {
        answer.why = BF_SV("neither s3://bucket/key nor ssm:/name");
    }
    if (answer.why.len != 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "holidays of '" BF_SV_FMT "': " BF_SV_FMT,
                          BF_SV_ARG(uri), BF_SV_ARG(answer.why));
    }
    return bf_run_holidays(runner->aws->arena, answer.text, out, err);
}

#include "aws/secrets.h"

#include "aws/internal.h"

static const struct bf_aws_operation get_value = {&bf_aws_secrets, "GetSecretValue", true};

enum bf_code bf_secrets_get(struct bf_aws *aws, struct bf_sv id, struct bf_sv *out,
                            struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "SecretId", id);
    BF_TRY(bf_aws_json_call(aws, &get_value, in, &answer, err));
    if (bf_json_need_str(answer, "SecretString", out, err) != BF_OK) {
        return bf_err_wrap(err, "secret '" BF_SV_FMT "'", BF_SV_ARG(id));
    }
    return BF_OK;
}

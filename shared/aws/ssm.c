#include "aws/ssm.h"

#include "aws/internal.h"

static const struct bf_aws_operation get_parameter = {&bf_aws_ssm, "GetParameter", true};

enum bf_code bf_ssm_get(struct bf_aws *aws, struct bf_sv name, struct bf_sv *out,
                        struct bf_err *err)
{
    bf_json *in = bf_json_new_object(aws->arena);
    bf_json *answer = NULL;

    (void)bf_json_add_str(in, "Name", name);
    (void)bf_json_add_bool(in, "WithDecryption", true);
    if (bf_aws_json_call(aws, &get_parameter, in, &answer, err) != BF_OK) {
        return bf_err_wrap(err, "parameter '" BF_SV_FMT "'", BF_SV_ARG(name));
    }
    return bf_json_need_str(answer, "Parameter.Value", out, err);
}

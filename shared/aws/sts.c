#include "aws/sts.h"

#include "aws/internal.h"
#include "aws/xml.h"

enum bf_code bf_sts_caller_identity(struct bf_aws *aws, struct bf_sts_identity *out,
                                    struct bf_err *err)
{
    const struct bf_aws_request request = {
        .service = &bf_aws_sts, .operation = "GetCallerIdentity", .repeatable = true};
    struct bf_xml *xml = NULL;

    BF_TRY(bf_aws_query_call(aws, &request, (struct bf_sv){0}, &xml, err));
    const struct bf_xml *result = bf_xml_get(xml, "GetCallerIdentityResult");
    *out = (struct bf_sts_identity){.account = bf_xml_text(result, "Account"),
                                    .arn = bf_xml_text(result, "Arn"),
                                    .user_id = bf_xml_text(result, "UserId")};
    if (out->arn.len == 0) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE, "sts GetCallerIdentity: no Arn");
    }
    return BF_OK;
}

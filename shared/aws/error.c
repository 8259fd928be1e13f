/* From a refusal to a struct bf_err: JSON and XML, one table of AWS's words. */
#include <stdio.h>

#include "aws/internal.h"
#include "aws/xml.h"

struct refusal {
    struct bf_sv code, message;
};

static const struct {
    const char *code;
    enum bf_code means;
} words[] = {
    {"ThrottlingException", BF_ETHROTTLED},
    {"Throttling", BF_ETHROTTLED},
    {"ThrottledException", BF_ETHROTTLED},
    {"RequestThrottled", BF_ETHROTTLED},
    {"RequestThrottledException", BF_ETHROTTLED},
    {"TooManyRequestsException", BF_ETHROTTLED},
    {"ProvisionedThroughputExceededException", BF_ETHROTTLED},
    {"TransactionInProgressException", BF_ETHROTTLED},
    {"RequestLimitExceeded", BF_ETHROTTLED},
    {"BandwidthLimitExceeded", BF_ETHROTTLED},
    {"PriorRequestNotComplete", BF_ETHROTTLED},
    {"SlowDown", BF_ETHROTTLED},
    {"RequestTimeout", BF_ESERVICE},
    {"RequestTimeoutException", BF_ESERVICE},
    {"InternalError", BF_ESERVICE},
    {"InternalFailure", BF_ESERVICE},
    {"InternalServerError", BF_ESERVICE},
    {"InternalServerException", BF_ESERVICE},
    {"ServiceUnavailable", BF_ESERVICE},
    {"ServiceUnavailableException", BF_ESERVICE},
    {"AccessDenied", BF_EDENIED},
    {"AccessDeniedException", BF_EDENIED},
    {"AuthorizationError", BF_EDENIED},
    {"AuthorizationErrorException", BF_EDENIED},
    {"UnauthorizedOperation", BF_EDENIED},
    {"NotAuthorized", BF_EDENIED},
    {"AuthFailure", BF_EDENIED},
    {"ExpiredToken", BF_EDENIED},
    {"ExpiredTokenException", BF_EDENIED},
    {"InvalidToken", BF_EDENIED},
    {"InvalidClientTokenId", BF_EDENIED},
    {"InvalidAccessKeyId", BF_EDENIED},
    {"UnrecognizedClientException", BF_EDENIED},
    {"SignatureDoesNotMatch", BF_EDENIED},
    {"InvalidSignatureException", BF_EDENIED},
    {"IncompleteSignature", BF_EDENIED},
    {"IncompleteSignatureException", BF_EDENIED},
    {"MissingAuthenticationToken", BF_EDENIED},
    {"MissingAuthenticationTokenException", BF_EDENIED},
    {"RequestTimeTooSkewed", BF_EDENIED},
    {"RequestExpired", BF_EDENIED},
    {"ConditionalCheckFailedException", BF_ECONFLICT},
    {"TransactionConflictException", BF_ECONFLICT},
    {"ConflictException", BF_ECONFLICT},
    {"ConcurrentModificationException", BF_ECONFLICT},
    {"ResourceInUse", BF_ECONFLICT},
    {"ResourceInUseException", BF_ECONFLICT},
    {"ResourceAlreadyExistsException", BF_ECONFLICT},
    {"PreconditionFailed", BF_ECONFLICT},
    {"ConditionalRequestConflict", BF_ECONFLICT},
    {"OperationAborted", BF_ECONFLICT},
    {"NoSuchKey", BF_ENOTFOUND},
    {"NoSuchBucket", BF_ENOTFOUND},
    {"NoSuchVersion", BF_ENOTFOUND},
    {"ParameterNotFound", BF_ENOTFOUND},
    {"QueueDoesNotExist", BF_ENOTFOUND},
    {"NotFound", BF_ENOTFOUND},
    {"NotFoundException", BF_ENOTFOUND},
    {"ResourceNotFound", BF_ENOTFOUND},
    {"ResourceNotFoundException", BF_ENOTFOUND},
};

static enum bf_code by_status(int status)
{
    switch (status) {
    case 401:
    case 403:
        return BF_EDENIED;
    case 404:
        return BF_ENOTFOUND;
    case 409:
    case 412:
        return BF_ECONFLICT;
    case 429:
        return BF_ETHROTTLED;
    default:
        return status >= 500 ? BF_ESERVICE : BF_EREFUSED;
    }
}

static enum bf_code meaning(struct bf_sv code, int status)
{
    for (size_t i = 0; i < BF_COUNTOF(words); i++) {
        if (bf_sv_is(code, words[i].code)) {
            return words[i].means;
        }
    }
    /* A 404 of DynamoDB and others is 400; but a word of ours above wins over any status. */
    return by_status(status);
}

/* "aws.protocoltests.restjson#FooError:http://..." is FooError (Smithy, "Operation errors"). */
static struct bf_sv plain_code(struct bf_sv code)
{
    const size_t hash = bf_sv_find(code, '#');

    code = hash == code.len ? code : bf_sv_from(code, hash + 1);
    return bf_sv_trim(bf_sv_slice(code, 0, bf_sv_find(code, ':')));
}

static struct bf_sv first_of(const bf_json *json, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bf_sv text = bf_json_str(json, names[i]);
        if (text.len != 0) {
            return text;
        }
    }
    return (struct bf_sv){0};
}

static struct refusal read_json(struct bf_arena *arena, const struct bf_http_response *response)
{
    static const char *const codes[] = {"__type", "code", "Code"};
    static const char *const messages[] = {"message", "Message", "errorMessage"};
    struct bf_err ignored = {0};
    bf_json *json = NULL;

    if (bf_json_parse(arena, response->body, NULL, &json, &ignored) != BF_OK) {
        return (struct refusal){0};
    }
    return (struct refusal){.code = first_of(json, codes, BF_COUNTOF(codes)),
                            .message = first_of(json, messages, BF_COUNTOF(messages))};
}

static struct refusal read_xml(struct bf_arena *arena, const struct bf_http_response *response)
{
    struct bf_err ignored = {0};
    struct bf_xml *xml = NULL;

    if (bf_xml_parse(arena, response->body, &xml, &ignored) != BF_OK) {
        return (struct refusal){0};
    }
    const struct bf_xml *error = bf_sv_is(xml->name, "Error") ? xml : bf_xml_get(xml, "Error");
    if (error == NULL) {
        error = bf_xml_get(xml, "Errors/Error");
    }
    return (struct refusal){.code = bf_xml_text(error, "Code"),
                            .message = bf_xml_text(error, "Message")};
}

enum bf_code bf_aws_error(const struct bf_aws *aws, const struct bf_aws_request *request,
                          const struct bf_http_response *response, struct bf_err *err)
{
    const bool xml = response->body.len != 0 && response->body.ptr[0] == '<';
    struct refusal r = xml ? read_xml(aws->arena, response) : read_json(aws->arena, response);
    struct bf_sv header = bf_http_header_of(response, "x-amzn-errortype");

    r.code = plain_code(header.len != 0 ? header : r.code);
    struct bf_sv bucket_region = bf_http_header_of(response, "x-amz-bucket-region");
    if (bucket_region.len != 0 && (response->status == 301 || response->status == 400)) {
        r.message = bf_sv_printf(aws->arena, "the bucket is in region " BF_SV_FMT,
                                 BF_SV_ARG(bucket_region));
    }
    (void)bf_err_set(err, meaning(r.code, response->status), BF_NOWHERE,
                     "%s %s: %d " BF_SV_FMT "%s" BF_SV_FMT, request->service->signing,
                     request->operation, response->status, BF_SV_ARG(r.code),
                     r.message.len == 0 ? "" : ": ", BF_SV_ARG(bf_sv_slice(r.message, 0, 512)));
    (void)snprintf(err->reason, sizeof(err->reason), BF_SV_FMT, BF_SV_ARG(r.code));
    err->retry_after = bf_http_retry_after(response, bf_aws_time(aws, NULL));
    return err->code;
}

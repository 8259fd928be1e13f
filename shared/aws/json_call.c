#include "aws/internal.h"
#include "aws/xml.h"

enum { MAX_REQUEST = 8 * 1024 * 1024 };

static bool has_token(const bf_json *in)
{
    return bf_json_str(in, "ClientRequestToken").len != 0 ||
           bf_json_str(in, "ClientToken").len != 0;
}

enum bf_code bf_aws_json_call(struct bf_aws *aws, const struct bf_aws_operation *operation,
                              const bf_json *in, bf_json **out, struct bf_err *err)
{
    const struct bf_aws_service *service = operation->service;
    struct bf_buf body = bf_buf_new(aws->arena, MAX_REQUEST);
    struct bf_http_response response = {0};
    bf_json *answer = NULL;

    bf_json_print(&body, in);
    if (body.full) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "%s %s: a request of more than %d bytes",
                          service->signing, operation->name, MAX_REQUEST);
    }
    const struct bf_http_header headers[] = {
        {BF_SV("Content-Type"),
         bf_sv_printf(aws->arena, "application/x-amz-json-%s", service->json)},
        {BF_SV("X-Amz-Target"),
         bf_sv_printf(aws->arena, "%s.%s", service->target, operation->name)},
    };
    const struct bf_aws_request request = {.service = service,
                                           .operation = operation->name,
                                           .method = "POST",
                                           .path = BF_SV("/"),
                                           .headers = headers,
                                           .header_count = BF_COUNTOF(headers),
                                           .body = bf_buf_sv(&body),
                                           .repeatable = operation->repeatable || has_token(in)};
    BF_TRY(bf_aws_send(aws, &request, &response, err));
    if (out == NULL) {
        return BF_OK;
    }
    if (response.body.len == 0) {
        *out = bf_json_new_object(aws->arena);
        return BF_OK;
    }
    if (bf_json_parse(aws->arena, response.body, NULL, &answer, err) != BF_OK) {
        return bf_err_wrap(err, "%s %s: the answer", service->signing, operation->name);
    }
    *out = answer;
    return BF_OK;
}

static void set_token(bf_json *in, const char *name, struct bf_sv token)
{
    bf_json_remove(in, name);
    (void)bf_json_add_str(in, name, token);
}

enum bf_code bf_aws_json_pages(struct bf_aws *aws, const struct bf_aws_operation *operation,
                               bf_json *in, const struct bf_aws_pages *pages, bf_json **out,
                               struct bf_err *err)
{
    bf_json *all = bf_json_new_array(aws->arena);
    size_t count = 0;

    /* A page may be empty with more behind it, so the pages are counted as well as the items. */
    for (size_t page = 0; page <= pages->max && count < pages->max; page++) {
        bf_json *answer = NULL;
        BF_TRY(bf_aws_json_call(aws, operation, in, &answer, err));
        const bf_json *item = bf_json_first(bf_json_get(answer, pages->items));
        for (; item != NULL && count < pages->max; item = bf_json_next(item), count++) {
            (void)bf_json_add_copy(all, NULL, item);
        }
        struct bf_sv token = bf_json_text(bf_json_get(answer, pages->token));
        if (token.len == 0) {
            break;
        }
        set_token(in, pages->token, token);
    }
    *out = all;
    return BF_OK;
}

enum bf_code bf_aws_query_call(struct bf_aws *aws, const struct bf_aws_request *request,
                               struct bf_sv form, struct bf_xml **out, struct bf_err *err)
{
    struct bf_http_response response = {0};
    const struct bf_http_header type = {BF_SV("Content-Type"),
                                        BF_SV("application/x-www-form-urlencoded; charset=utf-8")};
    struct bf_aws_request whole = *request;

    whole.method = "POST";
    whole.path = BF_SV("/");
    whole.headers = &type;
    whole.header_count = 1;
    struct bf_buf body = bf_buf_new(aws->arena, MAX_REQUEST);
    bf_http_form(&body, BF_SV("Action"), bf_sv_of(request->operation));
    bf_http_form(&body, BF_SV("Version"), bf_sv_of(request->service->version));
    if (form.len != 0) {
        bf_buf_addc(&body, '&');
        bf_buf_add(&body, form);
    }
    whole.body = bf_buf_sv(&body);
    BF_TRY(bf_aws_send(aws, &whole, &response, err));
    if (bf_xml_parse(aws->arena, response.body, out, err) != BF_OK) {
        return bf_err_wrap(err, "%s %s: the answer", request->service->signing, request->operation);
    }
    return BF_OK;
}

#include <inttypes.h>

#include "aws/internal.h"
#include "aws/xml.h"
#include "base/buf.h"
#include "crypto/crypto.h"

enum {
    ATTEMPTS = 3,
    BACKOFF_MS = 100,
    MAX_WAIT_MS = 5000,
    MARGIN_MS = 100,     /* left for the caller after the call's end */
    LEAST_MS = 50,       /* less is not worth a try */
    MAX_HEADERS = 24,    /* of a request */
    MAX_URL = 16 * 1024, /* an S3 key has at most 1024 bytes, three characters each */
    SKEW_MS = 4 * 60 * 1000,
};

/* A request ready to be signed and sent, as often as it takes. */
struct call {
    const struct bf_aws_request *request;
    struct bf_aws_endpoint endpoint;
    struct bf_sv path;  /* encoded once */
    struct bf_sv query; /* as signed, encoded */
    bool renewed;       /* credentials were fetched again, or the time was corrected */
};

static bool host_style(struct bf_sv bucket)
{
    return bucket.len != 0 && bf_sv_find(bucket, '.') == bucket.len; /* TLS: one label */
}

static enum bf_code prepare(struct bf_aws *aws, struct call *c, struct bf_err *err)
{
    const struct bf_aws_request *request = c->request;
    struct bf_buf path = bf_buf_new(aws->arena, MAX_URL);
    struct bf_sv bucket = request->bucket;

    BF_TRY(bf_aws_endpoint_of(aws, request->service, &c->endpoint, err));
    bf_buf_add(&path, c->endpoint.prefix);
    if (!c->endpoint.own && host_style(bucket)) {
        c->endpoint.host = bf_sv_printf(aws->arena, BF_SV_FMT "." BF_SV_FMT, BF_SV_ARG(bucket),
                                        BF_SV_ARG(c->endpoint.host));
    } else if (bucket.len != 0) {
        bf_buf_addc(&path, '/');
        bf_http_encode(&path, bucket, false);
    }
    bf_http_encode(&path, request->path, true);
    c->path = bf_buf_sv(&path);
    c->query = bf_sigv4_query(aws->arena, request->query, request->query_count);
    if (path.full || c->query.len > MAX_URL) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "%s %s: the URL is too long",
                          request->service->signing, request->operation);
    }
    return BF_OK;
}

static enum bf_code sign(struct bf_aws *aws, const struct call *c, struct bf_sigv4_signed *out,
                         struct bf_err *err)
{
    const struct bf_aws_request *request = c->request;
    struct bf_http *http = aws->session->http;
    const int64_t skew = aws->session->skew_ms;
    struct bf_aws_credentials credentials = {0};
    struct bf_sigv4_scope scope = {.service = request->service->signing};

    *out = (struct bf_sigv4_signed){0};
    if (request->without_credentials) {
        return BF_OK;
    }
    BF_TRY(bf_aws_credentials_get(aws, &credentials, err));
    BF_TRY(bf_aws_region(aws, &scope.region, err));
    /* AWS takes 5 minutes of difference; only beyond that is the host's clock corrected. */
    scope.time = (http->now_ms(http) + (skew > SKEW_MS || skew < -SKEW_MS ? skew : 0)) / 1000;
    const struct bf_sigv4_request what = {.method = request->method,
                                          .host = c->endpoint.host,
                                          .path = c->path,
                                          .query = request->query,
                                          .query_count = request->query_count,
                                          .headers = request->headers,
                                          .header_count = request->header_count,
                                          .body = request->body};
    bf_sigv4_sign(aws->arena, &what, &credentials, &scope, out);
    return BF_OK;
}

static unsigned timeout_of(const struct bf_aws *aws)
{
    const int64_t left = bf_aws_left_ms(aws);
    const int64_t most = left > BF_HTTP_TIMEOUT_MS ? BF_HTTP_TIMEOUT_MS : left - MARGIN_MS;

    return most < LEAST_MS ? 0 : (unsigned)most;
}

static enum bf_code send_once(struct bf_aws *aws, const struct call *c,
                              struct bf_http_response *out, struct bf_err *err)
{
    const struct bf_aws_request *request = c->request;
    struct bf_http_header headers[MAX_HEADERS + BF_SIGV4_HEADERS];
    struct bf_sigv4_signed signature = {0};
    size_t count = 0;

    BF_TRY(sign(aws, c, &signature, err));
    const unsigned timeout = timeout_of(aws);
    if (timeout == 0) {
        return bf_err_set(err, BF_ETIMEOUT, BF_NOWHERE, "%s %s: no time left for it",
                          request->service->signing, request->operation);
    }
    for (; count < request->header_count && count < MAX_HEADERS; count++) {
        headers[count] = request->headers[count];
    }
    for (size_t i = 0; i < signature.header_count; i++) {
        headers[count++] = signature.headers[i];
    }
    const struct bf_http_request http = {
        .method = request->method,
        .url = bf_sv_printf(aws->arena, BF_SV_FMT "://" BF_SV_FMT BF_SV_FMT "%s" BF_SV_FMT,
                            BF_SV_ARG(c->endpoint.scheme), BF_SV_ARG(c->endpoint.host),
                            BF_SV_ARG(c->path), c->query.len == 0 ? "" : "?", BF_SV_ARG(c->query)),
        .headers = headers,
        .header_count = count,
        .body = request->body,
        .idempotent = request->repeatable,
        .timeout_ms = timeout,
        .max_response = request->max_response,
    };
    if (bf_http_send(aws->session->http, aws->arena, &http, out, err) != BF_OK) {
        return bf_err_wrap(err, "%s %s", request->service->signing, request->operation);
    }
    bf_aws_learn_time(aws, out);
    return BF_OK;
}

static bool is_success(struct bf_aws *aws, const struct bf_aws_request *request,
                       struct bf_http_response *response)
{
    struct bf_xml *xml = NULL;
    struct bf_err ignored = {0};

    if (response->status < 200 || response->status > 299) {
        return false;
    }
    if (!request->error_in_200) {
        return true;
    }
    if (bf_xml_parse(aws->arena, response->body, &xml, &ignored) == BF_OK &&
        !bf_sv_is(xml->name, "Error")) {
        return true;
    }
    response->status = 500; /* an error behind a 200, or half an answer: as good as a 500 */
    return false;
}

static bool is_word(const struct bf_err *err, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(err->reason, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A refusal of our signature that another one, with newer keys or the service's time, avoids. */
static bool can_sign_again(struct bf_aws *aws, struct call *c, const struct bf_err *err)
{
    static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException",
                                          "InvalidClientTokenId", "UnrecognizedClientException"};
    static const char *const skewed[] = {"RequestTimeTooSkewed", "RequestExpired",
                                         "InvalidSignatureException", "SignatureDoesNotMatch"};
    const int64_t skew = aws->session->skew_ms;

    if (c->renewed) {
        return false;
    }
    c->renewed = true;
    if (is_word(err, expired, BF_COUNTOF(expired))) {
        return bf_aws_credentials_forget(aws);
    }
    return is_word(err, skewed, BF_COUNTOF(skewed)) && (skew > SKEW_MS || skew < -SKEW_MS);
}

static bool worth_another(struct bf_aws *aws, struct call *c, const struct bf_err *err)
{
    switch (err->code) {
    case BF_ENET:
    case BF_ETHROTTLED:
        return true;
    case BF_ESERVICE:
    case BF_EAMBIGUOUS:
        return c->request->repeatable;
    case BF_EDENIED:
        return can_sign_again(aws, c, err);
    default:
        return false;
    }
}

/* Wait before attempt ${attempt} (1: the second); false when there is no time for it. */
static bool wait_before(struct bf_aws *aws, int attempt, const struct bf_err *err)
{
    struct bf_http *http = aws->session->http;
    const int64_t most = (int64_t)BACKOFF_MS << attempt;
    uint32_t random = 0;

    bf_random(&random, sizeof(random)); /* full jitter: many clients, one throttle */
    int64_t ms = random % (uint32_t)(most + 1);
    if ((int64_t)err->retry_after * 1000 > ms) {
        ms = (int64_t)err->retry_after * 1000;
    }
    if (ms > MAX_WAIT_MS || ms + MARGIN_MS + LEAST_MS > bf_aws_left_ms(aws)) {
        return false;
    }
    http->wait_ms(http, ms);
    return true;
}

static enum bf_code attempt_all(struct bf_aws *aws, struct call *c, struct bf_http_response *out,
                                struct bf_err *err)
{
    for (int attempt = 1;; attempt++) {
        struct bf_err now = {0};
        if (send_once(aws, c, out, &now) == BF_OK) {
            if (is_success(aws, c->request, out)) {
                return BF_OK;
            }
            (void)bf_aws_error(aws, c->request, out, &now);
        }
        if (attempt == ATTEMPTS || !worth_another(aws, c, &now) ||
            !wait_before(aws, attempt, &now)) {
            *err = now;
            return err->code;
        }
        bf_log(aws->log, BF_LOG_INFO, "%s; trying again", now.msg);
    }
}

enum bf_code bf_aws_send(struct bf_aws *aws, const struct bf_aws_request *request,
                         struct bf_http_response *out, struct bf_err *err)
{
    struct bf_http *http = aws->session->http;
    struct call c = {.request = request};
    const int64_t began = http->now_ms(http);

    BF_TRY(prepare(aws, &c, err));
    enum bf_code code = attempt_all(aws, &c, out, err);
    bf_log(aws->log, BF_LOG_DEBUG, "%s %s: %s, %" PRId64 " ms", request->service->signing,
           request->operation, code == BF_OK ? "ok" : err->msg, http->now_ms(http) - began);
    return code;
}

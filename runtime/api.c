#include "runtime/api.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef BUZZFLOW_VERSION
#define BUZZFLOW_VERSION "dev"
#endif

enum { HEAD_MAX = 128 * 1024, ERROR_MAX = 256 * 1024, NEXT_ATTEMPTS = 8, CAUSE_MESSAGE_MAX = 1024 };

bool api_open(struct api *api, const char *host)
{
    *api = (struct api){.host = host, .head = text_new(HEAD_MAX), .error = text_new(ERROR_MAX)};
    if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK) {
        return false;
    }
    api->connection = connection_new(host);
    return api->connection != NULL;
}

void api_close(struct api *api)
{
    connection_free(api->connection);
    text_free(&api->head);
    text_free(&api->error);
    curl_global_cleanup();
}

/* Request line and common headers; ${id} and ${tail} are put behind ${path}. */
static void begin(struct api *api, const char *path, const char *id, const char *tail)
{
    text_clear(&api->head);
    (void)text_printf(&api->head, "%s /2018-06-01/runtime/%s%s%s HTTP/1.1\r\nHost: %s\r\n",
                      tail[0] == '\0' ? "GET" : "POST", path, id, tail, api->host);
    (void)text_addz(&api->head, "User-Agent: buzzflow-runtime/" BUZZFLOW_VERSION "\r\n");
}

static void pause_before_retry(int attempt)
{
    long ms = 50L << attempt;
    struct timespec pause = {.tv_sec = ms >= 2000 ? 2 : ms / 1000,
                             .tv_nsec = ms >= 2000 ? 0 : ms % 1000 * 1000000};

    (void)nanosleep(&pause, NULL);
}

/* "errorType: errorMessage" of a refusal is worth a line as it is; it is short JSON. */
static void log_refusal(const struct lambda_context *context, const char *what,
                        const struct reply *reply, enum lambda_level level)
{
    int shown = reply->body.len > 500 ? 500 : (int)reply->body.len;

    lambda_log(context, level, "the Runtime API answered %d to %s: %.*s", reply->status, what,
               shown, shown == 0 ? "" : reply->body.ptr);
}

enum verdict api_next(struct api *api)
{
    const char *why = NULL;

    for (int attempt = 0; attempt < NEXT_ATTEMPTS; attempt++) {
        begin(api, "invocation/next", "", "");
        (void)text_addz(&api->head, "\r\n");
        struct lambda_bytes none = {NULL, 0};
        if (connection_exchange(api->connection, &api->head, none, &api->reply, &why) ==
            EXCHANGE_OK) {
            if (api->reply.status == 200) {
                return GO_ON;
            }
            log_refusal(NULL, "next", &api->reply, LAMBDA_FATAL);
            return STOP;
        }
        lambda_log(NULL, LAMBDA_WARN, "no event from the Runtime API at %s: %s", api->host, why);
        pause_before_retry(attempt);
    }
    lambda_log(NULL, LAMBDA_FATAL, "the Runtime API at %s cannot be reached: %s", api->host, why);
    return STOP;
}

static const char *header_or_empty(const struct reply *reply, const char *name)
{
    const char *value = reply_header(reply, name);

    return value == NULL ? "" : value;
}

bool api_context(const struct api *api, struct lambda_context *context)
{
    const struct reply *r = &api->reply;
    const char *deadline = header_or_empty(r, "Lambda-Runtime-Deadline-Ms");
    char *end = NULL;

    *context = (struct lambda_context){
        .request_id = header_or_empty(r, "Lambda-Runtime-Aws-Request-Id"),
        .function_arn = header_or_empty(r, "Lambda-Runtime-Invoked-Function-Arn"),
        .trace_id = header_or_empty(r, "Lambda-Runtime-Trace-Id"),
        .client_context = header_or_empty(r, "Lambda-Runtime-Client-Context"),
        .cognito_identity = header_or_empty(r, "Lambda-Runtime-Cognito-Identity"),
        .tenant_id = header_or_empty(r, "Lambda-Runtime-Aws-Tenant-Id"),
    };
    if (deadline[0] != '\0') {
        long long ms = strtoll(deadline, &end, 10);
        /* Not a number: better no time left than all the time of the world. */
        context->deadline_ms = *end == '\0' && ms > 0 ? ms : 1;
    }
    return context->request_id[0] != '\0';
}

static void end_head(struct api *api, const char *content_type, size_t len)
{
    (void)text_printf(&api->head, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", content_type,
                      len);
}

/*
 * A reply that got lost may mean that the answer arrived. It is sent once more: if it had, the
 * second is refused with 400 or 403, which ends the invocation as well.
 */
static enum verdict post(struct api *api, const struct lambda_context *context, const char *what,
                         struct lambda_bytes body)
{
    const char *why = NULL;

    for (int attempt = 0; attempt < 3; attempt++) {
        if (connection_exchange(api->connection, &api->head, body, &api->reply, &why) !=
            EXCHANGE_OK) {
            lambda_log(context, LAMBDA_WARN, "%s was not taken by the Runtime API: %s", what, why);
            pause_before_retry(attempt);
            continue;
        }
        if (api->reply.status >= 500) {
            log_refusal(context, what, &api->reply, LAMBDA_FATAL);
            return STOP;
        }
        if (api->reply.status >= 300) {
            log_refusal(context, what, &api->reply, LAMBDA_ERROR);
        }
        return GO_ON;
    }
    lambda_log(context, LAMBDA_ERROR, "%s is lost: %s", what, why);
    return GO_ON; /* "next" decides whether the Runtime API is still there */
}

enum verdict api_respond(struct api *api, const struct lambda_context *context,
                         const char *content_type, struct lambda_bytes body)
{
    begin(api, "invocation/", context->request_id, "/response");
    end_head(api, content_type, body.len);
    return post(api, context, "the response", body);
}

/*
 * The platform keeps a type of the form (Runtime|Function).Reason and makes Runtime.Unknown of
 * anything else; say Function.Unknown ourselves where the handler's word does not fit.
 */
static const char *error_type(const char *type)
{
    const char *reason = strncmp(type, "Function.", 9) == 0  ? type + 9
                         : strncmp(type, "Runtime.", 8) == 0 ? type + 8
                                                             : "";
    bool fits = reason[0] >= 'A' && reason[0] <= 'Z' && reason[1] != '\0';

    for (const char *p = reason; *p != '\0'; p++) {
        fits = fits && ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'));
    }
    return fits ? type : "Function.Unknown";
}

/* Body and headers of an error, behind begin(). */
static struct lambda_bytes end_error(struct api *api, const struct failure *failure)
{
    const char *type = error_type(failure->type);
    size_t len = strlen(failure->message);
    struct text *e = &api->error;

    (void)text_printf(&api->head, "Lambda-Runtime-Function-Error-Type: %s\r\n", type);
    (void)text_printf(&api->head,
                      "Lambda-Runtime-Function-XRay-Error-Cause: {\"working_directory\":\"\","
                      "\"exceptions\":[{\"message\":");
    (void)text_json(&api->head, failure->message,
                    len < CAUSE_MESSAGE_MAX ? len : (size_t)CAUSE_MESSAGE_MAX, true);
    (void)text_printf(&api->head, ",\"type\":\"%s\",\"stack\":[]}],\"paths\":[]}\r\n", type);
    text_clear(e);
    (void)text_addz(e, "{\"errorMessage\":");
    (void)text_json(e, failure->message, len, false);
    (void)text_addz(e, ",\"errorType\":");
    (void)text_json(e, failure->type, strlen(failure->type), false);
    (void)text_addz(e, ",\"stackTrace\":[]}");
    end_head(api, "application/json", e->len);
    return (struct lambda_bytes){e->ptr, e->len};
}

enum verdict api_fail(struct api *api, const struct lambda_context *context,
                      const struct failure *failure)
{
    begin(api, "invocation/", context->request_id, "/error");
    return post(api, context, "the error", end_error(api, failure));
}

void api_init_failed(struct api *api, const struct failure *failure)
{
    begin(api, "init", "", "/error");
    (void)post(api, NULL, "the failed start", end_error(api, failure));
}

#include "runtime/lambda_runtime.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/api.h"

enum { WHY_MAX = 1024, TYPE_MAX = 128, FAIL_MESSAGE_MAX = 64 * 1024 };

struct lambda_response {
    struct text body;
    struct text message; /* of a failure */
    char type[TYPE_MAX];
    bool failed;
    const char *content_type;
};

bool lambda_write(struct lambda_response *response, const char *bytes, size_t len)
{
    return text_add(&response->body, bytes, len);
}

void lambda_content_type(struct lambda_response *response, const char *type)
{
    response->content_type = type;
}

void lambda_fail(struct lambda_response *response, const char *type, const char *message)
{
    size_t len = strlen(message);

    response->failed = true;
    (void)snprintf(response->type, sizeof(response->type), "%s", type);
    text_clear(&response->message);
    (void)text_add(&response->message, message, len < FAIL_MESSAGE_MAX ? len : FAIL_MESSAGE_MAX);
}

int64_t lambda_remaining_ms(const struct lambda_context *context)
{
    struct timespec now = {0};

    if (context->deadline_ms == 0) {
        return INT64_MAX;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return context->deadline_ms > now_ms ? context->deadline_ms - now_ms : 0;
}

/* provided.* gets no _X_AMZN_TRACE_ID from the platform: the runtime sets it for each invocation.
 */
static void set_trace(const char *trace_id)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread, and nothing else changes the environment */
    if (trace_id[0] != '\0') {
        (void)setenv("_X_AMZN_TRACE_ID", trace_id, 1);
    } else {
        (void)unsetenv("_X_AMZN_TRACE_ID");
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
}

static enum verdict serve_one(const struct lambda_function *function, void *state, struct api *api,
                              struct lambda_response *response)
{
    struct lambda_context context;
    enum verdict verdict = api_next(api);

    if (verdict == STOP) {
        return STOP;
    }
    if (!api_context(api, &context)) {
        lambda_log(NULL, LAMBDA_FATAL, "the Runtime API sent an event without a request id");
        return STOP;
    }
    /* The reply is overwritten by the answer's own, while the context is still needed for it. */
    struct lambda_context own = context;
    char id[TYPE_MAX];
    (void)snprintf(id, sizeof(id), "%s", context.request_id);
    own.request_id = id;
    set_trace(context.trace_id);
    text_clear(&response->body);
    response->failed = false;
    response->content_type = "application/json";
    function->handle(state, api->reply.body, &context, response);
    own.function_arn = own.trace_id = own.client_context = "";
    own.cognito_identity = own.tenant_id = "";
    if (response->failed) {
        lambda_log(&own, LAMBDA_ERROR, "%s: %s", response->type, response->message.ptr);
        return api_fail(api, &own, &(struct failure){response->type, response->message.ptr});
    }
    struct lambda_bytes body = {response->body.ptr, response->body.len};
    return api_respond(api, &own, response->content_type, body);
}

static bool start(const struct lambda_function *function, void **state, struct api *api)
{
    char why[WHY_MAX] = "";

    if (function->init == NULL || function->init(state, why, sizeof(why))) {
        return true;
    }
    lambda_log(NULL, LAMBDA_FATAL, "the function did not start: %s", why);
    api_init_failed(api, &(struct failure){"Runtime.InitFailed", why});
    return false;
}

int lambda_run(const struct lambda_function *function)
{
    const char *host = getenv("AWS_LAMBDA_RUNTIME_API"); /* NOLINT(concurrency-mt-unsafe) */
    struct lambda_response response = {.body = text_new(LAMBDA_RESPONSE_MAX),
                                       .message = text_new(FAIL_MESSAGE_MAX)};
    struct api api;
    void *state = NULL;

    if (host == NULL || host[0] == '\0') {
        lambda_log(
            NULL, LAMBDA_FATAL,
            "AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda, or by "
            "its Runtime Interface Emulator");
        return EXIT_FAILURE;
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a closed connection is an error of send(), not our end */
    if (!api_open(&api, host)) {
        lambda_log(NULL, LAMBDA_FATAL, "libcurl did not start");
        return EXIT_FAILURE;
    }
    if (start(function, &state, &api)) {
        while (serve_one(function, state, &api, &response) == GO_ON) {
        }
        if (function->shutdown != NULL) {
            function->shutdown(state);
        }
    }
    api_close(&api);
    text_free(&response.body);
    text_free(&response.message);
    return EXIT_FAILURE;
}

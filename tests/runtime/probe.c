/* A function that does what its event says; the tests run it against a stand-in Runtime API. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lambda_runtime.h"

static bool init(void **state, char *why, size_t size)
{
    static int served;
    const char *fails = getenv("PROBE_INIT_FAILS"); /* NOLINT(concurrency-mt-unsafe) */

    if (fails != NULL) {
        (void)snprintf(why, size, "%s", fails);
        return false;
    }
    *state = &served;
    return true;
}

static void big(struct lambda_response *response, size_t size)
{
    static const char block[4096] = "x";

    for (size_t left = size; left != 0;) {
        size_t n = left < sizeof(block) ? left : sizeof(block);
        if (!lambda_write(response, block, n)) {
            lambda_fail(response, "Function.TooLarge", "the response is too large");
            return;
        }
        left -= n;
    }
}

static void facts(void *state, const struct lambda_context *context,
                  struct lambda_response *response)
{
    const char *trace = getenv("_X_AMZN_TRACE_ID"); /* NOLINT(concurrency-mt-unsafe) */
    char out[4096];
    int n = snprintf(out, sizeof(out),
                     "{\"served\":%d,\"id\":\"%s\",\"arn\":\"%s\",\"trace\":\"%s\",\"env\":\"%s\","
                     "\"tenant\":\"%s\",\"remaining\":%" PRId64 "}",
                     *(int *)state, context->request_id, context->function_arn, context->trace_id,
                     trace == NULL ? "(unset)" : trace, context->tenant_id,
                     lambda_remaining_ms(context));

    (void)lambda_write(response, out, (size_t)n);
}

static void handle(void *state, struct lambda_bytes event, const struct lambda_context *context,
                   struct lambda_response *response)
{
    ++*(int *)state;
    if (event.len > 5 && strncmp(event.ptr, "fail ", 5) == 0) {
        lambda_fail(response, "Function.Asked", event.ptr + 5);
    } else if (event.len > 5 && strncmp(event.ptr, "type ", 5) == 0) {
        lambda_fail(response, event.ptr + 5, "asked for a type");
    } else if (event.len > 4 && strncmp(event.ptr, "big ", 4) == 0) {
        big(response, strtoul(event.ptr + 4, NULL, 10));
    } else if (event.len == 5 && strncmp(event.ptr, "facts", 5) == 0) {
        facts(state, context, response);
    } else if (event.len == 4 && strncmp(event.ptr, "html", 4) == 0) {
        lambda_content_type(response, "text/html");
        (void)lambda_write(response, "<p>", 3);
    } else {
        lambda_log(context, LAMBDA_INFO, "echo of %zu bytes", event.len);
        (void)lambda_write(response, event.ptr, event.len);
    }
}

int main(void)
{
    return lambda_run(&(struct lambda_function){.init = init, .handle = handle});
}

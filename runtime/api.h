#ifndef LAMBDA_RUNTIME_API_H
#define LAMBDA_RUNTIME_API_H

#include <stdbool.h>

#include "runtime/connection.h"
#include "runtime/lambda_runtime.h"
#include "runtime/text.h"

/** The calls of the Runtime API, version 2018-06-01, over one connection. */
struct api {
    struct connection *connection;
    const char *host;
    struct text head;  /* the request being sent */
    struct text error; /* its body, where that is an error */
    struct reply reply;
};

/** What the process does next. */
enum verdict {
    GO_ON,
    STOP, /* the reason is logged; leave with status 1 */
};

/** false: no memory, or libcurl did not start. */
bool api_open(struct api *api, const char *host);
void api_close(struct api *api);

/**
 * Wait for an event. Transport errors are retried with a backoff of 50 ms to 2 s, eight times in a
 * row; 403 and 5xx, and anything that is not 200, end the process.
 */
enum verdict api_next(struct api *api);

/** The invocation in api->reply. The strings live until the next call. */
bool api_context(const struct api *api, struct lambda_context *context);

struct failure {
    const char *type;    /* "Function.Reason" */
    const char *message; /* UTF-8, or nearly */
};

/**
 * POST the answer of an invocation. Refusals (4xx) end the invocation, not the process: they are
 * logged. 413 in particular means that the caller has been told already; nothing is posted behind
 * it.
 */
enum verdict api_respond(struct api *api, const struct lambda_context *context,
                         const char *content_type, struct lambda_bytes body);
enum verdict api_fail(struct api *api, const struct lambda_context *context,
                      const struct failure *failure);

/** POST init/error. Whatever comes back, the process ends. */
void api_init_failed(struct api *api, const struct failure *failure);

#endif /* LAMBDA_RUNTIME_API_H */

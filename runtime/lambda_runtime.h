#ifndef LAMBDA_RUNTIME_H
#define LAMBDA_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A custom runtime for AWS Lambda (provided.al2023, provided.al2), in C.
 *
 *   int main(void)
 *   {
 *       return lambda_run(&(struct lambda_function){.init = init, .handle = handle});
 *   }
 *
 * The Runtime API is spoken over HTTP/1.1 on one kept connection (libcurl is the transport, the
 * framing is ours). What a refused answer (400, 403, 410, 413) means for the process is decided as
 * the Runtime API's documentation and its emulator do: the invocation is over, the process goes on.
 * Sources: AWS Lambda Developer Guide, "Runtime API"; aws-lambda-runtime-interface-emulator.
 */

/** A borrowed run of bytes. */
struct lambda_bytes {
    const char *ptr; /* may be NULL when len == 0 */
    size_t len;
};

enum { LAMBDA_RESPONSE_MAX = 6291556 }; /* bytes that the Runtime API takes, 6 MiB + 100 */

/** What the Runtime API said about the invocation. Absent headers are empty strings, never NULL. */
struct lambda_context {
    const char *request_id;
    const char *function_arn;     /* with alias or version */
    const char *trace_id;         /* Root=..;Parent=..;Sampled=.. */
    const char *client_context;   /* JSON */
    const char *cognito_identity; /* JSON */
    const char *tenant_id;
    int64_t deadline_ms; /* Unix time in milliseconds; 0: not given */
};

/** Milliseconds until the deadline, never negative; INT64_MAX without a deadline. */
int64_t lambda_remaining_ms(const struct lambda_context *context);

/**
 * The answer of one invocation, owned by the runtime: a handler appends, or fails. Memory is kept
 * for the next invocation.
 */
struct lambda_response;

/** Append to the body. false: the body would pass LAMBDA_RESPONSE_MAX; nothing was appended. */
bool lambda_write(struct lambda_response *response, const char *bytes, size_t len);

/** The body's media type, application/json unless set. ${type} must outlive the invocation. */
void lambda_content_type(struct lambda_response *response, const char *type);

/**
 * The invocation fails: what was written is dropped, {"errorMessage","errorType","stackTrace":[]}
 * goes to the caller. ${type} has the form "Function.Reason" with letters only; other text becomes
 * Function.Unknown. ${message} is UTF-8; what is not is replaced by U+FFFD.
 */
void lambda_fail(struct lambda_response *response, const char *type, const char *message);

/**
 * One invocation. ${event} has the bytes as they came (a NUL follows that len does not count) and
 * lives until the handler returns. ${state} is what init left. A handler that does neither write
 * nor fail answers with an empty body.
 */
typedef void (*lambda_handler)(void *state, struct lambda_bytes event,
                               const struct lambda_context *context,
                               struct lambda_response *response);

struct lambda_function {
    /**
     * Optional, once, before the first invocation. Leave what handlers need in *state. On failure
     * return false and write why into ${why} (a C string of at most ${size} bytes): it is reported
     * as Runtime.InitFailed ("init/error") and the process ends with status 1.
     */
    bool (*init)(void **state, char *why, size_t size);
    lambda_handler handle;
    void (*shutdown)(void *state); /* optional; before an orderly end */
};

/**
 * Serve invocations until the Runtime API ends the environment. Returns only to end the process:
 * 1 on a failed init, a missing AWS_LAMBDA_RUNTIME_API, a Runtime API that answers 403 or 5xx to
 * "next", or 5xx to an answer. Never returns 0. A reason is logged first.
 */
int lambda_run(const struct lambda_function *function);

/* ---- logging: one line, one write(), on standard error ---- */

enum lambda_level {
    LAMBDA_TRACE,
    LAMBDA_DEBUG,
    LAMBDA_INFO,
    LAMBDA_WARN,
    LAMBDA_ERROR,
    LAMBDA_FATAL,
};

/**
 * Obeys AWS_LAMBDA_LOG_FORMAT (JSON or Text) and AWS_LAMBDA_LOG_LEVEL. JSON lines are
 * {"timestamp","level","message","requestId"}; ${context} may be NULL outside an invocation.
 */
void lambda_log(const struct lambda_context *context, enum lambda_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* LAMBDA_RUNTIME_H */

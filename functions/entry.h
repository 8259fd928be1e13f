#ifndef BF_FUNCTIONS_ENTRY_H
#define BF_FUNCTIONS_ENTRY_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/log.h"
#include "inbox/function.h"
#include "runtime/lambda_runtime.h"

/**
 * How a struct bf_function_type becomes the program of a Lambda function; included by the main.c
 * of each and by nothing else:
 *
 *     FUNCTION_MAIN(deploy_spec_function)
 */
enum { FUNCTION_ARENA_LIMIT = 64 << 20 };

struct function_program {
    struct bf_http *http;
    struct bf_function *function;
    struct bf_log log;
};

static inline bool function_init(const struct bf_function_type *type, void **state, char *why,
                                 size_t size)
{
    const char *const *env = (const char *const *)environ;
    struct bf_arena *arena = bf_arena_new(1 << 20);
    struct bf_http_options options = bf_http_options_from(arena, env);
    struct function_program *program = calloc(1, sizeof(*program));
    struct bf_err err = {0};

    if (program == NULL) {
        (void)snprintf(why, size, "out of memory");
        bf_arena_destroy(&arena);
        return false;
    }
    program->log = bf_log_from(STDERR_FILENO, bf_env_get(env, "AWS_LAMBDA_LOG_FORMAT"),
                               bf_env_get(env, "AWS_LAMBDA_LOG_LEVEL"));
    program->http = bf_http_new(&options);
    bf_arena_destroy(&arena);
    if (bf_function_open(type, program->http, env, &program->function, &err) != BF_OK) {
        (void)snprintf(why, size, "%s", err.msg);
        bf_http_free(&program->http);
        free(program);
        return false;
    }
    *state = program;
    return true;
}

static inline const char *function_error_type(enum bf_code code)
{
    return bf_code_is_transient(code) ? "Function.TryAgain" : "Function.Refused";
}

static inline void function_handle(void *state, struct lambda_bytes event,
                                   const struct lambda_context *context,
                                   struct lambda_response *response)
{
    struct function_program *program = state;
    struct bf_arena *arena = bf_arena_new(FUNCTION_ARENA_LIMIT);
    struct bf_buf answer = bf_buf_new(arena, LAMBDA_RESPONSE_MAX);
    struct bf_err err = {0};
    struct bf_invocation invocation = {
        .event = {.ptr = event.ptr, .len = event.len},
        .request_id = bf_sv_of(context->request_id),
        .deadline_ms = context->deadline_ms,
        .log = program->log,
    };

    invocation.log.request_id = context->request_id;
    if (bf_function_invoke(program->function, &invocation, &answer, &err) != BF_OK) {
        lambda_fail(response, function_error_type(err.code), err.msg);
    } else {
        (void)lambda_write(response, answer.ptr, answer.len);
    }
    bf_arena_destroy(&arena);
}

static inline void function_shutdown(void *state)
{
    struct function_program *program = state;

    bf_function_close(&program->function);
    bf_http_free(&program->http);
    free(program);
}

/* NOLINTBEGIN(bugprone-macro-parentheses): "type" is the name of an object */
#define FUNCTION_MAIN(type)                                                                        \
    static bool init(void **state, char *why, size_t size)                                         \
    {                                                                                              \
        return function_init(&(type), state, why, size);                                           \
    }                                                                                              \
    int main(void)                                                                                 \
    {                                                                                              \
        return lambda_run(&(struct lambda_function){                                               \
            .init = init, .handle = function_handle, .shutdown = function_shutdown});              \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

#endif /* BF_FUNCTIONS_ENTRY_H */

#ifndef BF_INBOX_FUNCTION_H
#define BF_INBOX_FUNCTION_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/http.h"
#include "inbox/inbox.h"

/**
 * A deployed function, apart from how it is called: functions/<name>/main.c runs it on the Lambda
 * runtime, "buzzflow invoke" in the CLI's process, unit tests on a fake world. Each
 * functions/<name>/handler.h declares one:
 *
 *     extern const struct bf_function_type deploy_spec_function;
 */
struct bf_function;

/** A variable of the environment that a function reads. */
struct bf_function_variable {
    const char *name;
    bool required; /* missing ones are reported all at once */
};

struct bf_function_type {
    const char *name;                             /* "deploy_spec", the folder below functions/ */
    const struct bf_function_variable *variables; /* ended by {NULL}; besides the inbox's own two */
    /**
     * Read the variables with bf_function_env(); *state is what ${handle} gets. Memory from
     * bf_function_memory() lives as long as the function. No call to the network here.
     */
    enum bf_code (*open)(const struct bf_function *function, void **state, struct bf_err *err);
    bf_inbox_handler *handle;
    size_t arena_limit; /* see struct bf_inbox */
};

/**
 * ${http} stays the caller's. ${env} is "NAME=value" ... NULL; it is copied. BUZZFLOW_QUEUE_URL
 * and BUZZFLOW_DEAD_LETTER_QUEUE_URL are the function's own inbox; without them only bare
 * events are handled. BF_EINVALID: variables are missing, the message names all of them.
 */
BF_NODISCARD enum bf_code bf_function_open(const struct bf_function_type *type,
                                           struct bf_http *http, const char *const *env,
                                           struct bf_function **out, struct bf_err *err);

/** One invocation; see bf_inbox_run. ${answer}'s arena is the caller's. */
BF_NODISCARD enum bf_code bf_function_invoke(struct bf_function *function,
                                             const struct bf_invocation *invocation,
                                             struct bf_buf *answer, struct bf_err *err);

/** Frees it and sets *functionp to NULL. *functionp may be NULL. */
void bf_function_close(struct bf_function **functionp);

/* ---- for open() ---- */

/** The value of a variable; empty when it is absent or empty. Lives as long as the function. */
struct bf_sv bf_function_env(const struct bf_function *function, const char *name);

/** The words of a comma-separated variable, blanks around them dropped, empty ones left out. */
struct bf_sv *bf_function_list(const struct bf_function *function, const char *name, size_t *count);

/** True for "true", false for "false" and absence; BF_EINVALID for anything else. */
BF_NODISCARD enum bf_code bf_function_flag(const struct bf_function *function, const char *name,
                                           bool *out, struct bf_err *err);

/** The arena that lives as long as the function. */
struct bf_arena *bf_function_memory(const struct bf_function *function);

struct bf_http *bf_function_http(const struct bf_function *function);

#endif /* BF_INBOX_FUNCTION_H */

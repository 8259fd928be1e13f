#include "inbox/function.h"

#include <stdlib.h>

#include "base/env.h"

enum {
    MEMORY = 4 << 20,      /* bytes of configuration */
    INVOCATION = 48 << 20, /* bytes of one invocation's envelope: 6 MiB of text and its tree */
};

struct bf_function {
    const struct bf_function_type *type;
    struct bf_arena *memory;
    struct bf_arena *arena; /* of the invocation */
    struct bf_http *http;
    const char *const *env;
    struct bf_inbox inbox;
};

static const char *const *copy_env(struct bf_arena *arena, const char *const *env)
{
    size_t count = 0;

    while (env[count] != NULL) {
        count++;
    }
    const char **copy = BF_NEW_N(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = bf_sv_z(arena, bf_sv_of(env[i]));
    }
    return copy;
}

static enum bf_code check_variables(const struct bf_function *function, struct bf_err *err)
{
    struct bf_buf missing = bf_buf_new(function->memory, 512);

    for (const struct bf_function_variable *v = function->type->variables; v->name != NULL; v++) {
        if (v->required && bf_function_env(function, v->name).len == 0) {
            bf_buf_printf(&missing, "%s%s", missing.len == 0 ? "" : ", ", v->name);
        }
    }
    if (missing.len == 0) {
        return BF_OK;
    }
    return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                      "%s cannot start: these environment variables are not set: " BF_SV_FMT,
                      function->type->name, BF_SV_ARG(bf_buf_sv(&missing)));
}

static enum bf_code open_function(struct bf_function *function, struct bf_err *err)
{
    BF_TRY(check_variables(function, err));
    function->inbox = (struct bf_inbox){
        .function = function->type->name,
        .session = bf_aws_session_new(function->http, function->env),
        .queue_url = bf_function_env(function, "BUZZFLOW_QUEUE_URL"),
        .dead_letter_url = bf_function_env(function, "BUZZFLOW_DEAD_LETTER_QUEUE_URL"),
        .handle = function->type->handle,
        .arena_limit = function->type->arena_limit,
    };
    return function->type->open(function, &function->inbox.state, err);
}

enum bf_code bf_function_open(const struct bf_function_type *type, struct bf_http *http,
                              const char *const *env, struct bf_function **out, struct bf_err *err)
{
    struct bf_arena *memory = bf_arena_new(MEMORY);
    struct bf_function *function = BF_NEW(memory, struct bf_function);

    function->type = type;
    function->memory = memory;
    function->arena = bf_arena_new(INVOCATION);
    function->http = http;
    function->env = copy_env(memory, env);
    enum bf_code code = open_function(function, err);
    if (code != BF_OK) {
        bf_function_close(&function);
        return code;
    }
    *out = function;
    return BF_OK;
}

enum bf_code bf_function_invoke(struct bf_function *function,
                                const struct bf_invocation *invocation, struct bf_buf *answer,
                                struct bf_err *err)
{
    enum bf_code code = bf_inbox_run(&function->inbox, function->arena, invocation, answer, err);

    bf_arena_reset(function->arena);
    return code;
}

void bf_function_close(struct bf_function **functionp)
{
    struct bf_function *function = *functionp;

    if (function == NULL) {
        return;
    }
    *functionp = NULL;
    if (function->inbox.session != NULL) {
        bf_aws_session_free(&function->inbox.session);
    }
    bf_arena_destroy(&function->arena);
    struct bf_arena *memory = function->memory; /* holds the function itself */
    bf_arena_destroy(&memory);
}

struct bf_sv bf_function_env(const struct bf_function *function, const char *name)
{
    return bf_sv_of(bf_env_get(function->env, name));
}

struct bf_sv *bf_function_list(const struct bf_function *function, const char *name, size_t *count)
{
    struct bf_sv rest = bf_function_env(function, name);
    struct bf_sv *items = NULL;
    size_t cap = 0;

    *count = 0;
    while (rest.len != 0) {
        struct bf_sv word = bf_sv_trim(bf_sv_cut(&rest, ','));
        if (word.len != 0) {
            items = bf_arena_grow(function->memory, items, *count, &cap, sizeof(*items));
            items[(*count)++] = word;
        }
    }
    return items;
}

enum bf_code bf_function_flag(const struct bf_function *function, const char *name, bool *out,
                              struct bf_err *err)
{
    const struct bf_sv text = bf_function_env(function, name);

    *out = bf_sv_is(text, "true");
    if (text.len != 0 && !*out && !bf_sv_is(text, "false")) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "%s is '" BF_SV_FMT "', expected true or false", name, BF_SV_ARG(text));
    }
    return BF_OK;
}

struct bf_arena *bf_function_memory(const struct bf_function *function)
{
    return function->memory;
}

struct bf_http *bf_function_http(const struct bf_function *function)
{
    return function->http;
}

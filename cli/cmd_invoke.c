#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/env.h"
#include "base/log.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "crypto/crypto.h"
#include "functions/deploy_spec/handler.h"
#include "functions/failure_logs/handler.h"
#include "functions/pipeline_state/handler.h"
#include "functions/rerun/handler.h"
#include "inbox/function.h"

static const char help[] =
    "usage: buzzflow invoke FUNCTION --event FILE [--timeout SECONDS]\n"
    "\n"
    "Runs the handler of a function in this process, against the configured endpoint, and prints\n"
    "its answer. FILE is what Lambda would pass: an SQS event, or a bare event as in\n"
    "functions/FUNCTION/events/; '-' is standard input. The function's variables (BUZZFLOW_...)\n"
    "are read from the environment; its log goes to standard error.\n"
    "\n"
    "functions: deploy_spec, rerun, pipeline_state, failure_logs\n"
    "\n"
    "examples:\n"
    "  AWS_ENDPOINT_URL=http://127.0.0.1:5000 buzzflow invoke rerun --event due.json\n"
    "  buzzflow invoke deploy_spec --event functions/deploy_spec/events/upload.json\n";

enum { ARENA_MAX = 64 << 20, EVENT_MAX = 6291556, ANSWER_MAX = 8 << 20 };

static const struct bf_function_type *find_function(struct bf_arena *arena, struct bf_sv name)
{
    static const struct bf_function_type *const types[] = {
        &deploy_spec_function, &rerun_function, &pipeline_state_function, &failure_logs_function};
    struct bf_sv word = bf_sv_dup(arena, name);
    char *bytes = BF_NEW_N(arena, char, word.len + 1);

    for (size_t i = 0; i < word.len; i++) { /* deploy-spec, as deployed functions are called */
        bytes[i] = '_';
        if (word.ptr[i] != '-') {
            bytes[i] = word.ptr[i];
        }
    }
    for (size_t i = 0; i < BF_COUNTOF(types); i++) {
        if (strcmp(types[i]->name, bytes) == 0) {
            return types[i];
        }
    }
    return NULL;
}

struct request {
    const char *event, *timeout;
    const struct bf_function_type *type;
    int64_t seconds; /* 0: no limit */
    bool help;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {
        {"--event", &out->event, NULL}, {"--timeout", &out->timeout, NULL}, {0}};
    struct bf_command_line arguments;

    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &arguments, err));
    out->help = arguments.help;
    if (out->help) {
        return BF_OK;
    }
    if (arguments.count != 1 || out->event == NULL) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give a function and --event FILE");
    }
    out->type = find_function(arena, bf_sv_of(arguments.items[0]));
    if (out->type == NULL) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                          "no function '%s': deploy_spec, rerun, pipeline_state or failure_logs",
                          arguments.items[0]);
    }
    if (out->timeout != NULL && !bf_sv_i64(bf_sv_of(out->timeout), 1, 900, &out->seconds)) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--timeout is 1 to 900 seconds, not '%s'",
                          out->timeout);
    }
    return BF_OK;
}

static enum bf_code invoke(struct bf_arena *arena, const struct request *request,
                           struct bf_buf *answer, struct bf_err *err)
{
    const char *const *env = (const char *const *)environ;
    const struct bf_http_options options = bf_http_options_from(arena, env);
    struct bf_function *function = NULL;
    struct bf_sv event = {0};

    BF_TRY(bf_read_file(arena, request->event, EVENT_MAX, &event, err));
    struct bf_http *http = bf_http_new(&options);
    enum bf_code code = bf_function_open(request->type, http, env, &function, err);
    if (code == BF_OK) {
        struct bf_invocation invocation = {
            .event = event,
            .request_id = bf_random_uuid(arena),
            .deadline_ms = request->seconds == 0 ? 0 : http->now_ms(http) + request->seconds * 1000,
            .log = bf_log_from(STDERR_FILENO, bf_env_get(env, "AWS_LAMBDA_LOG_FORMAT"),
                               bf_env_get(env, "AWS_LAMBDA_LOG_LEVEL")),
        };
        invocation.log.request_id = bf_sv_z(arena, invocation.request_id);
        code = bf_function_invoke(function, &invocation, answer, err);
    }
    bf_function_close(&function);
    bf_http_free(&http);
    return code;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {0};
    struct bf_buf answer = bf_buf_new(arena, ANSWER_MAX);
    struct bf_err err = {0};

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("invoke", &err);
    }
    if (request.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (invoke(arena, &request, &answer, &err) != BF_OK) {
        return bf_command_failed("invoke", &err);
    }
    bf_buf_addc(&answer, '\n');
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&answer)) ? EX_OK : EX_IOERR;
}

int bf_cmd_invoke(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    const int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

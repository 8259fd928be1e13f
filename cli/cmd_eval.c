#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "expression/expression.h"
#include "json/json.h"

enum { ARENA_MAX = 256 << 20, CONTEXT_MAX = 8 << 20, OUTPUT_MAX = 1 << 20 };

static const char help[] =
    "usage: buzzflow eval EXPRESSION --context FILE.json [--format text|json]\n"
    "\n"
    "Evaluates a run-time expression, the text of a schedule's or trigger's parameter, and prints\n"
    "its value. FILE.json ('-' is standard input) holds the context: schedule, run, last, "
    "trigger,\n"
    "param, calendar, lookups. Errors are expression.<kind> with the column; exit status 65.\n"
    "\n"
    "examples:\n"
    "  buzzflow eval 's3://bucket/dt=${date:%F,-1d}/' --context context.json\n"
    "  echo '{\"schedule\":{\"time\":\"2026-03-01T15:30:00Z\",\"timezone\":\"Asia/Seoul\"}}' |\n"
    "    buzzflow eval '${date:iso,/M+1M-1b}' --context -\n";

struct request {
    const char *context, *format;
    bool json;
    struct bf_command_line arguments;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {
        {"--context", &out->context, NULL}, {"--format", &out->format, NULL}, {0}};

    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->arguments, err));
    if (out->arguments.help) {
        return BF_OK;
    }
    if (out->arguments.count != 1) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give one expression, in quotes");
    }
    if (out->context == NULL) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--context FILE.json is missing");
    }
    return bf_arguments_format(out->format, &out->json, err);
}

static int refuse(struct bf_arena *arena, const struct request *request,
                  const struct bf_expr_error *error)
{
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_loc loc = {.file = "EXPRESSION", .line = 1, .col = (unsigned)error->column};

    bf_diags_add_source(diags, loc.file, bf_sv_of(request->arguments.items[0]));
    struct bf_diag *diag = bf_diag(diags, BF_ERROR, bf_expr_code(error->kind), loc, BF_SV_FMT,
                                   BF_SV_ARG(error->message));
    if (error->hint.len != 0) {
        bf_diag_hint(diags, diag, BF_SV_FMT, BF_SV_ARG(error->hint));
    }
    bf_print_diags(arena, diags, request->json, STDERR_FILENO);
    return EX_DATAERR;
}

static int print(struct bf_arena *arena, bool json, struct bf_sv value)
{
    struct bf_buf out = bf_buf_new(arena, OUTPUT_MAX);

    if (json) {
        bf_buf_addz(&out, "{\"value\":");
        bf_buf_json(&out, value);
        bf_buf_addc(&out, '}');
    } else {
        bf_buf_add(&out, value);
    }
    bf_buf_addc(&out, '\n');
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

static int evaluate(struct bf_arena *arena, const struct request *request, const bf_json *context)
{
    struct bf_sv text = bf_sv_of(request->arguments.items[0]);
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    struct bf_sv value = {0};

    if (bf_expr_parse(arena, text, &expr, &error) != BF_EXPR_OK ||
        bf_expr_eval(arena, expr, context, &value, &error) != BF_EXPR_OK) {
        return refuse(arena, request, &error);
    }
    return print(arena, request->json, value);
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {.format = "text"};
    struct bf_err err = {0};
    struct bf_sv text = {0};
    bf_json *context = NULL;

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("eval", &err);
    }
    if (request.arguments.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (bf_read_file(arena, request.context, CONTEXT_MAX, &text, &err) != BF_OK) {
        return bf_command_failed("eval", &err);
    }
    if (bf_json_parse(arena, text, request.context, &context, &err) != BF_OK) {
        (void)bf_err_wrap(&err, "%s:%u:%u", request.context, err.loc.line, err.loc.col);
        return bf_command_failed("eval", &err);
    }
    return evaluate(arena, &request, context);
}

int bf_cmd_eval(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/variables.h"
#include "spec/document.h"
#include "spec/value_print.h"

static const char help[] =
    "usage: buzzflow resolve FILE... [--environment E] [--path P] [--format json|yaml]\n"
    "\n"
    "Merges YAML files from left to right, interpolates, and prints the value at P, by default\n"
    "everything. Any YAML will do; the fields of pipeline files are not looked at. A FILE '-' is\n"
    "standard input. oc.env reads the environment of the process.\n"
    "\n"
    "  --environment E  merge 'environments.E' of each file over them, and leave 'environments' "
    "out\n"
    "  --path P         such as steps.train.image, list[0], list.-1\n"
    "  --format F       json (the default) or yaml; with --format json diagnostics are JSON lines\n"
    "\n"
    "examples:\n"
    "  buzzflow resolve ctr-daily.pipeline.yaml --path variables.image\n"
    "  buzzflow resolve platform.yaml ctr-daily.pipeline.yaml --environment production\n";

enum { ARENA_MAX = 1 << 30, FILES_MAX = 16, OUTPUT_MAX = 256 << 20 };

struct request {
    const char *environment, *path, *format;
    bool json_diagnostics; /* "--format json" was written */
    struct bf_command_line arguments;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {{"--environment", &out->environment, NULL},
                                        {"--path", &out->path, NULL},
                                        {"--format", &out->format, &out->json_diagnostics},
                                        {0}};

    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->arguments, err));
    if (out->arguments.help) {
        return BF_OK;
    }
    if (out->arguments.count == 0 || out->arguments.count > FILES_MAX) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give 1 to %d files", FILES_MAX);
    }
    if (strcmp(out->format, "json") != 0 && strcmp(out->format, "yaml") != 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--format is json or yaml, not '%s'",
                          out->format);
    }
    out->json_diagnostics = out->json_diagnostics && strcmp(out->format, "json") == 0;
    return BF_OK;
}

static enum bf_code read_texts(struct bf_arena *arena, const struct bf_command_line *arguments,
                               struct bf_text *texts, struct bf_err *err)
{
    for (size_t i = 0; i < arguments->count; i++) {
        texts[i].name = arguments->items[i];
        /* One byte more than allowed, so that the loader says what is wrong. */
        BF_TRY(bf_read_file(arena, texts[i].name, (size_t)BF_YAML_MAX_BYTES * 16, &texts[i].text,
                            err));
    }
    return BF_OK;
}

static bool write_out(void *to, struct bf_sv text)
{
    const int *fd = to;

    return bf_write_all(*fd, text);
}

static int print(struct bf_arena *arena, const struct request *request,
                 const struct bf_value *value)
{
    int fd = STDOUT_FILENO;
    struct bf_buf out = bf_buf_new(arena, OUTPUT_MAX);

    out.drain = write_out;
    out.to = &fd;

    if (strcmp(request->format, "yaml") == 0) {
        bf_value_print_yaml(&out, value);
    } else {
        bf_value_print_json(&out, value);
    }
    return bf_buf_flush(&out) ? EX_OK : EX_IOERR;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {.environment = "", .path = "", .format = "json"};
    struct bf_text texts[FILES_MAX] = {0};
    struct bf_err err = {0};
    const struct bf_value *value = NULL;
    struct bf_diags *diags = bf_diags_new(arena);

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("resolve", &err);
    }
    if (request.arguments.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (read_texts(arena, &request.arguments, texts, &err) != BF_OK) {
        return bf_command_failed("resolve", &err);
    }
    struct bf_variables variables = bf_process_variables(arena);
    struct bf_query query = {.texts = texts,
                             .count = request.arguments.count,
                             .environment = bf_sv_of(request.environment),
                             .path = bf_sv_of(request.path)};
    enum bf_code code = bf_resolve(arena, &query, &variables, diags, &value);
    bf_print_diags(arena, diags, request.json_diagnostics, STDERR_FILENO);
    return code == BF_OK ? print(arena, &request, value) : bf_code_exit_status(code);
}

int bf_cmd_resolve(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

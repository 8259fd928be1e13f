#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/load_spec.h"
#include "compile/compile.h"

static const char help[] =
    "usage: buzzflow compile SPEC [--environment E] [--platform F] [--backend B] [-o FILE]\n"
    "\n"
    "Prints the definition that SPEC becomes: the same file and code always give the same bytes.\n"
    "SPEC '-' is standard input.\n"
    "\n"
    "  --environment E  of the file's environments; without it the base\n"
    "  --platform F     a platform file that is merged under SPEC\n"
    "  --backend B      sagemaker (the default)\n"
    "  -o FILE          write there instead of to standard output\n"
    "  --strict         warnings are errors\n"
    "  --format F       of diagnostics: text (the default) or json, one object a line\n"
    "\n"
    "examples:\n"
    "  buzzflow compile ctr-daily.pipeline.yaml\n"
    "  buzzflow compile ctr-daily.pipeline.yaml --environment production -o definition.json\n";

enum { ARENA_MAX = 1 << 30 };

struct options {
    struct bf_spec_request spec;
    const char *backend, *output, *format;
    bool strict, json;
    struct bf_command_line line;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct options *out,
                          struct bf_err *err)
{
    const struct bf_option rows[] = {{"--environment", &out->spec.environment, NULL},
                                     {"--platform", &out->spec.platform, NULL},
                                     {"--backend", &out->backend, NULL},
                                     {"--format", &out->format, NULL},
                                     {"--strict", NULL, &out->strict},
                                     {"-o", &out->output, NULL},
                                     {0}};
    BF_TRY(bf_arguments_parse(arena, argc, argv, rows, &out->line, err));
    if (out->line.help) {
        return BF_OK;
    }
    if (out->line.count != 1) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give one pipeline file");
    }
    BF_TRY(bf_arguments_format(out->format, &out->json, err));
    if (bf_backend_find(bf_sv_of(out->backend)) == NULL) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                          "there is no backend '%s'; there is: sagemaker", out->backend);
    }
    out->spec.file = out->line.items[0];
    out->spec.must_build = true;
    return BF_OK;
}

static int write_out(const struct options *options, struct bf_sv text)
{
    int fd = STDOUT_FILENO;
    if (options->output != NULL) {
        fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0) {
            (void)fprintf(stderr, "buzzflow compile: cannot write '%s': %s\n", options->output,
                          strerrordesc_np(errno));
            return EX_CANTCREAT;
        }
    }
    bool written = bf_write_all(fd, text);
    bool closed = options->output == NULL || close(fd) == 0;
    return written && closed ? EX_OK : EX_IOERR;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct options options = {.backend = "sagemaker", .format = "text"};
    struct bf_err err = {0};
    struct bf_spec spec = {0};
    bf_json *definition = NULL;
    struct bf_diags *diags = bf_diags_new(arena);
    if (parse(arena, argc, argv, &options, &err) != BF_OK) {
        return bf_command_failed("compile", &err);
    }
    if (options.line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    enum bf_code code = bf_load_spec(arena, &options.spec, diags, &spec, &err);
    if (code != BF_OK && err.msg[0] != '\0') {
        return bf_command_failed("compile", &err);
    }
    if (spec.pipeline != NULL) {
        code = bf_compile(arena, bf_backend_find(bf_sv_of(options.backend)), spec.pipeline, diags,
                          &definition);
    }
    if (options.strict) {
        bf_diags_make_strict(diags);
    }
    bf_print_diags(arena, diags, options.json, STDERR_FILENO);
    if (bf_diags_count(diags, BF_ERROR) > 0 || definition == NULL) {
        return code == BF_OK ? EX_DATAERR : bf_code_exit_status(code);
    }
    return write_out(&options, bf_definition_pretty(arena, definition));
}

int bf_cmd_compile(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);
    bf_arena_destroy(&arena);
    return status;
}

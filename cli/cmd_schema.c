#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "spec/spec.h"

static const char help[] =
    "usage: buzzflow schema [--format json|markdown]\n"
    "\n"
    "Prints the JSON Schema (draft-07) of pipeline files, for editors and validators; or the\n"
    "reference page of all fields in Markdown.\n"
    "\n"
    "examples:\n"
    "  buzzflow schema > pipeline.schema.json\n"
    "  # first line of a pipeline file, for editors with a YAML language server:\n"
    "  # yaml-language-server: $schema=pipeline.schema.json\n"
    "  buzzflow schema --format markdown > docs/spec-reference.md\n";

enum { ARENA_MAX = 256 << 20, OUTPUT_MAX = 64 << 20 };

static int run(struct bf_arena *arena, int argc, char **argv)
{
    const char *format = "json";
    struct bf_command_line line = {0};
    struct bf_err err = {0};
    const struct bf_option options[] = {{"--format", &format, NULL}, {0}};
    enum bf_code code = bf_arguments_parse(arena, argc, argv, options, &line, &err);
    bool json = bf_sv_is(bf_sv_of(format), "json");
    if (code == BF_OK && line.count > 0) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "there are no arguments, only options");
    } else if (code == BF_OK && !json && !bf_sv_is(bf_sv_of(format), "markdown")) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "--format is json or markdown, not '%s'",
                          format);
    }
    if (code != BF_OK) {
        return bf_command_failed("schema", &err);
    }
    if (line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    struct bf_buf out = bf_buf_new(arena, OUTPUT_MAX);
    if (json) {
        bf_json_print_pretty(&out, bf_spec_schema(arena));
        bf_buf_addc(&out, '\n');
    } else {
        bf_buf_add(&out, bf_spec_reference(arena));
    }
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

int bf_cmd_schema(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);
    bf_arena_destroy(&arena);
    return status;
}

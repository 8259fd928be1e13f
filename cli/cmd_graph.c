#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/graph.h"
#include "cli/load_spec.h"

static const char help[] =
    "usage: buzzflow graph SPEC [--environment E] [--platform F] [--format dot|mermaid|svg]\n"
    "\n"
    "Prints the pipeline as a picture: its steps, what needs what, and the branches of "
    "conditions.\n"
    "\n"
    "  --format F       dot for Graphviz (the default), mermaid for Markdown pages, svg for "
    "browsers\n"
    "  --environment E  of the file's environments; without it the base\n"
    "  --platform F     a platform file that is merged under SPEC\n"
    "\n"
    "examples:\n"
    "  buzzflow graph ctr-daily.pipeline.yaml | dot -Tpng -o ctr-daily.png\n"
    "  buzzflow graph ctr-daily.pipeline.yaml --format svg > ctr-daily.svg\n"
    "  buzzflow graph ctr-daily.pipeline.yaml --environment production --format mermaid\n";

enum { ARENA_MAX = 1 << 30, OUTPUT_MAX = 64 << 20 };

typedef void draw(struct bf_buf *out, const struct bf_pipeline *pipeline);

static draw *drawer(const char *format)
{
    static const struct {
        const char *name;
        draw *draw;
    } formats[] = {{"dot", bf_graph_dot}, {"mermaid", bf_graph_mermaid}, {"svg", bf_graph_svg}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(format, formats[i].name) == 0) {
            return formats[i].draw;
        }
    }
    return NULL;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct bf_spec_request request = {.must_build = true};
    const char *format = "dot";
    struct bf_command_line line = {0};
    struct bf_err err = {0};
    struct bf_spec spec = {0};
    struct bf_diags *diags = bf_diags_new(arena);
    const struct bf_option options[] = {{"--environment", &request.environment, NULL},
                                        {"--platform", &request.platform, NULL},
                                        {"--format", &format, NULL},
                                        {0}};
    enum bf_code code = bf_arguments_parse(arena, argc, argv, options, &line, &err);
    if (code == BF_OK && line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (code == BF_OK && line.count != 1) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "give one pipeline file");
    } else if (code == BF_OK && drawer(format) == NULL) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "--format is dot, mermaid or svg, not '%s'",
                          format);
    }
    if (code != BF_OK) {
        return bf_command_failed("graph", &err);
    }
    request.file = line.items[0];
    code = bf_load_spec(arena, &request, diags, &spec, &err);
    if (code != BF_OK && err.msg[0] != '\0') {
        return bf_command_failed("graph", &err);
    }
    bf_print_diags(arena, diags, false, STDERR_FILENO);
    if (code != BF_OK || spec.pipeline == NULL) {
        return EX_DATAERR;
    }
    struct bf_buf out = bf_buf_new(arena, OUTPUT_MAX);
    drawer(format)(&out, spec.pipeline);
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

int bf_cmd_graph(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);
    bf_arena_destroy(&arena);
    return status;
}

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/load_spec.h"
#include "shapes/shapes.h"

static const char help[] =
    "usage: buzzflow check SPEC... [--environment E] [--platform F] [--now T] [--strict]\n"
    "       buzzflow check --definition FILE.json...\n"
    "\n"
    "Checks pipeline files in every environment they declare, and prints all mistakes with their\n"
    "places. SPEC '-' is standard input. Exit status 0: no error; 65: errors; 66: no such file.\n"
    "\n"
    "  --environment E  must be one that the file or the platform file declares\n"
    "  --platform F     a platform file that is merged under each SPEC\n"
    "  --now T          the schedules' next fires are tried from here (default: the clock)\n"
    "  --strict         warnings are errors\n"
    "  --definition     the files are SageMaker pipeline definitions (JSON)\n"
    "  --format F       text (the default) or json, one object a line\n"
    "\n"
    "examples:\n"
    "  buzzflow check ctr-daily.pipeline.yaml\n"
    "  buzzflow check --strict --format json pipelines/*.pipeline.yaml\n"
    "  buzzflow check --definition definition.json\n";

enum { ARENA_MAX = 1 << 30, DEFINITION_MAX = 64 << 20 };

struct options {
    struct bf_spec_request spec;
    const char *format;
    bool strict, json, definition;
    struct bf_command_line line;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct options *out,
                          struct bf_err *err)
{
    const struct bf_option rows[] = {{"--environment", &out->spec.environment, NULL},
                                     {"--platform", &out->spec.platform, NULL},
                                     {"--now", &out->spec.now, NULL},
                                     {"--format", &out->format, NULL},
                                     {"--strict", NULL, &out->strict},
                                     {"--definition", NULL, &out->definition},
                                     {0}};
    BF_TRY(bf_arguments_parse(arena, argc, argv, rows, &out->line, err));
    if (out->line.help) {
        return BF_OK;
    }
    if (out->line.count == 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give at least one file");
    }
    BF_TRY(bf_arguments_format(out->format, &out->json, err));
    out->spec.fires = true;
    return BF_OK;
}

static enum bf_code check_spec(struct bf_arena *arena, const struct options *options,
                               const char *file, struct bf_diags *diags, struct bf_err *err)
{
    struct bf_spec spec = {0};
    struct bf_spec_request request = options->spec;
    request.file = file;
    request.try_all = true;
    return bf_load_spec(arena, &request, diags, &spec, err);
}

/** A definition's file, for the places of what is wrong in it. */
struct definition {
    const char *file;
    struct bf_sv text;
    bf_json *root;
};

static void report(struct bf_diags *diags, const struct definition *definition,
                   const struct bf_finding *finding)
{
    struct bf_loc loc = bf_json_locate(definition->text, definition->file, definition->root,
                                       finding->node, finding->at_key);
    bool told = bf_sv_search(finding->message, finding->path) < finding->message.len;
    if (loc.line == 0) {
        loc = (struct bf_loc){.file = definition->file, .line = 1, .col = 1};
    }
    struct bf_diag *diag =
        bf_diag(diags, finding->warning ? BF_WARNING : BF_ERROR, finding->code, loc,
                BF_SV_FMT "%s" BF_SV_FMT "%s", BF_SV_ARG(finding->message), told ? "" : " (at ",
                BF_SV_ARG(told ? BF_SV("") : finding->path), told ? "" : ")");
    if (finding->hint.len > 0) {
        bf_diag_hint(diags, diag, BF_SV_FMT, BF_SV_ARG(finding->hint));
    }
}

static enum bf_code check_definition(struct bf_arena *arena, const char *file,
                                     struct bf_diags *diags, struct bf_err *err)
{
    struct definition definition = {.file = file};
    struct bf_findings findings = {0};
    struct bf_err wrong = {0};
    BF_TRY(bf_read_file(arena, file, DEFINITION_MAX, &definition.text, err));
    bf_diags_add_source(diags, file, definition.text);
    if (bf_json_parse(arena, definition.text, file, &definition.root, &wrong) != BF_OK) {
        bf_diag(diags, BF_ERROR, "definition.syntax", wrong.loc, "%s", wrong.msg);
        return BF_EINVALID;
    }
    bf_definition_check(bf_shapes_new(arena), definition.root, &findings);
    for (const struct bf_finding *finding = findings.first; finding != NULL;
         finding = finding->next) {
        report(diags, &definition, finding);
    }
    return BF_OK;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct options options = {.format = "text"};
    struct bf_err err = {0};
    int status = EX_OK;
    if (parse(arena, argc, argv, &options, &err) != BF_OK) {
        return bf_command_failed("check", &err);
    }
    if (options.line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    for (size_t i = 0; i < options.line.count; i++) {
        const char *file = options.line.items[i];
        struct bf_diags *diags = bf_diags_new(arena);
        err = (struct bf_err){0};
        enum bf_code code = options.definition ? check_definition(arena, file, diags, &err)
                                               : check_spec(arena, &options, file, diags, &err);
        if (code != BF_OK && err.msg[0] != '\0') {
            int failed = bf_command_failed("check", &err);
            status = status == EX_OK ? failed : status;
            continue;
        }
        if (options.strict) {
            bf_diags_make_strict(diags);
        }
        bf_print_diags(arena, diags, options.json, STDOUT_FILENO);
        if (code != BF_OK || bf_diags_count(diags, BF_ERROR) > 0) {
            status = EX_DATAERR;
        }
    }
    return status;
}

int bf_cmd_check(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);
    bf_arena_destroy(&arena);
    return status;
}

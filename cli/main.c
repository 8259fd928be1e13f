#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/commands.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"new", bf_cmd_new, "write a commented starter"},
    {"check", bf_cmd_check, "check pipeline files, or SageMaker definitions"},
    {"compile", bf_cmd_compile, "print the definition that a pipeline file becomes"},
    {"graph", bf_cmd_graph, "a pipeline as a picture"},
    {"schema", bf_cmd_schema, "the JSON Schema of pipeline files, or the page of all fields"},
    {"resolve", bf_cmd_resolve, "merge YAML files, interpolate, print a value"},
    {"eval", bf_cmd_eval, "evaluate a run-time expression"},
    {"next", bf_cmd_next, "the next times at which a schedule expression fires"},
    {"deploy", bf_cmd_deploy, "upload a pipeline file with its code, and see what comes of it"},
    {"preview", bf_cmd_preview, "the next runs of a pipeline file, with their parameters"},
    {"invoke", bf_cmd_invoke, "run the handler of a function in this process"},
    {"explain-log", bf_cmd_explain_log, "find the cause of a failure in log files"},
    {"render-alert", bf_cmd_render_alert, "print the Slack messages that an event leads to"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int usage(FILE *out, int status)
{
    (void)fprintf(out, "usage: buzzflow COMMAND [OPTION...] [ARGUMENT...]\n\ncommands:\n");
    for (int i = 0; i < COMMANDS; i++) {
        (void)fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fprintf(out, "\n'buzzflow COMMAND --help' explains a command.\n");
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, EX_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        return usage(stdout, EX_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("buzzflow %s\n", BUZZFLOW_VERSION);
        return EX_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "buzzflow: no command '%s'\n", argv[1]);
    return usage(stderr, EX_USAGE);
}

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"
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

static const struct command *find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown(const char *name)
{
    struct bf_sv names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = bf_sv_of(commands[i].name);
    }
    struct bf_sv nearest = bf_nearest(bf_sv_of(name), names, COMMANDS);
    (void)fprintf(stderr, "buzzflow: no command '%s'", name);
    if (nearest.len > 0) {
        (void)fprintf(stderr, "; did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
    (void)fprintf(stderr, "\n'buzzflow --help' lists the commands\n");
    return EX_USAGE;
}

static bool is_one_of(const char *text, const char *a, const char *b, const char *c)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0 || strcmp(text, c) == 0;
}

/** "help" and "help COMMAND". */
static int help(int argc, char **argv)
{
    if (argc < 3) {
        return usage(stdout, EX_OK);
    }
    char option[] = "--help";
    char *asked[] = {argv[2], option, NULL};
    const struct command *command = find(argv[2]);
    return command == NULL ? unknown(argv[2]) : command->run(2, asked);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, EX_USAGE);
    }
    if (is_one_of(argv[1], "help", "--help", "-h")) {
        return help(argc, argv);
    }
    if (is_one_of(argv[1], "version", "--version", "-V")) {
        (void)printf("buzzflow %s\n", BUZZFLOW_VERSION);
        return EX_OK;
    }
    const struct command *command = find(argv[1]);
    return command == NULL ? unknown(argv[1]) : command->run(argc - 1, argv + 1);
}

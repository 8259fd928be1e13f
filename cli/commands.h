#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/**
 * The commands: cmd_<verb>.c each, a row each in the table of main.c. A command gets its own
 * arguments (argv[0] is its name) and returns the exit status, one of sysexits.h.
 * Data goes to standard output, diagnostics to standard error.
 */
int bf_cmd_check(int argc, char **argv);
int bf_cmd_compile(int argc, char **argv);
int bf_cmd_graph(int argc, char **argv);
int bf_cmd_new(int argc, char **argv);
int bf_cmd_schema(int argc, char **argv);
int bf_cmd_resolve(int argc, char **argv);
int bf_cmd_eval(int argc, char **argv);
int bf_cmd_next(int argc, char **argv);
int bf_cmd_deploy(int argc, char **argv);
int bf_cmd_preview(int argc, char **argv);
int bf_cmd_invoke(int argc, char **argv);
int bf_cmd_explain_log(int argc, char **argv);
int bf_cmd_render_alert(int argc, char **argv);

#endif /* CLI_COMMANDS_H */

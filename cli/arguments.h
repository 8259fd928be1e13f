#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/sv.h"

/** An option of a command: "--name VALUE" or "--name=VALUE"; without a value a switch. */
struct bf_option {
    const char *name;   /* with its dashes: "--path", "-n" */
    const char **value; /* set to the value; NULL for a switch */
    bool *given;        /* set to true where it comes; may be NULL */
};

/** The command line after parsing. */
struct bf_command_line {
    const char **items; /* what is no option, in order; everything after "--" */
    size_t count;
    bool help; /* --help or -h */
};

/**
 * Parse ${argv} (argv[0] is the command's name) by a table that ends with a NULL name. BF_EUSAGE:
 * an unknown option, a value missing or too much; the message says which.
 */
BF_NODISCARD enum bf_code bf_arguments_parse(struct bf_arena *arena, int argc, char **argv,
                                             const struct bf_option *options,
                                             struct bf_command_line *out, struct bf_err *err);

/** The value of --format: text or json; BF_EUSAGE for anything else. */
BF_NODISCARD enum bf_code bf_arguments_format(const char *format, bool *json, struct bf_err *err);

/** All of a file ("-": standard input), at most ${max} bytes. BF_ENOTFOUND (also
 * for a directory), BF_EDENIED, BF_EIO, BF_ETOOLARGE.
 */
BF_NODISCARD enum bf_code bf_read_file(struct bf_arena *arena, const char *path, size_t max,
                                       struct bf_sv *out, struct bf_err *err);

/** "buzzflow resolve: message" on standard error; the exit status of the error. */
int bf_command_failed(const char *command, const struct bf_err *err);

/** Print the diagnostics, if any, as text (coloured on a terminal) or as JSON lines. */
void bf_print_diags(struct bf_arena *arena, struct bf_diags *diags, bool json, int fd);

/** Write all of ${text}; false: it failed. */
bool bf_write_all(int fd, struct bf_sv text);

#endif /* CLI_ARGUMENTS_H */

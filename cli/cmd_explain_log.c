#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "alert/cause.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "json/json.h"

static const char help[] =
    "usage: buzzflow explain-log FILE... [--format json|text]\n"
    "\n"
    "Finds the cause of a failure in log files and prints it: class, exception, message, file and\n"
    "line of the deepest user frame, frames, excerpt, rank. A file is the log of one machine, one\n"
    "event a line, optionally beginning with an ISO time (\"aws logs tail --format short\"); '-' "
    "is\n"
    "standard input. Secrets are taken out of what is printed.\n"
    "\n"
    "examples:\n"
    "  buzzflow explain-log train.log\n"
    "  buzzflow explain-log algo-1.log algo-2.log --format text\n"
    "  aws logs tail /aws/sagemaker/TrainingJobs --since 1h | buzzflow explain-log -\n";

enum { ARENA_MAX = 256 << 20, OUT_MAX = 4 << 20, PIECE = 64 * 1024 };

/* Lines of any length, in one buffer: of one that is longer than an event the rest is dropped. */
struct lines {
    struct bf_cause_scan *scan;
    struct bf_sv source;
    char *text;
    size_t len;
};

static void end_line(struct lines *lines)
{
    struct bf_sv line = {.ptr = lines->text, .len = lines->len};
    int64_t time = bf_cause_take_time(&line);

    bf_cause_event(lines->scan, lines->source, time, line);
    lines->len = 0;
}

static void take(struct lines *lines, struct bf_sv piece)
{
    while (piece.len != 0) {
        size_t end = bf_sv_find(piece, '\n');
        size_t room = BF_CAUSE_EVENT - lines->len, n = end < room ? end : room;
        memcpy(lines->text + lines->len, piece.ptr, n);
        lines->len += n;
        if (end == piece.len) {
            return;
        }
        end_line(lines);
        piece = bf_sv_from(piece, end + 1);
    }
}

static enum bf_code read_log(struct bf_arena *arena, const char *path, struct lines *lines,
                             struct bf_err *err)
{
    char *piece = BF_NEW_N(arena, char, PIECE);
    bool input = strcmp(path, "-") == 0;
    FILE *file = input ? stdin : fopen(path, "rb");
    size_t n = 0;

    if (file == NULL) {
        enum bf_code code = errno == ENOENT ? BF_ENOTFOUND : errno == EACCES ? BF_EDENIED : BF_EIO;
        return bf_err_set(err, code, BF_NOWHERE, "%s: %s", path,
                          strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    }
    while ((n = fread(piece, 1, PIECE, file)) != 0) {
        take(lines, (struct bf_sv){.ptr = piece, .len = n});
    }
    if (lines->len != 0) {
        end_line(lines);
    }
    bool broken = ferror(file) != 0;
    int why = errno;
    if (!input) {
        (void)fclose(file);
    }
    if (!broken) {
        return BF_OK;
    }
    return bf_err_set(err, why == EISDIR ? BF_ENOTFOUND : BF_EIO, BF_NOWHERE,
                      "cannot read '%s': %s", path, strerrordesc_np(why));
}

static void print_text(struct bf_buf *out, const struct bf_cause *cause)
{
    const char *advice = bf_cause_advice(cause->class);

    bf_buf_printf(out, "%s", bf_cause_class_name(cause->class));
    if (cause->exception.len != 0) {
        bf_buf_printf(out, ": " BF_SV_FMT, BF_SV_ARG(cause->exception));
    }
    if (cause->message.len != 0) {
        bf_buf_printf(out, ": " BF_SV_FMT, BF_SV_ARG(cause->message));
    }
    if (cause->file.len != 0) {
        bf_buf_printf(out, "\nat " BF_SV_FMT ":%lld", BF_SV_ARG(cause->file),
                      (long long)cause->line);
    }
    if (cause->rank.len != 0) {
        bf_buf_printf(out, "\nrank " BF_SV_FMT, BF_SV_ARG(cause->rank));
    }
    bf_buf_printf(out, "\n%s%s\n" BF_SV_FMT "\n", advice, *advice == '\0' ? "" : "\n",
                  BF_SV_ARG(cause->excerpt));
}

struct request {
    struct bf_command_line arguments;
    bool text;
};

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const char *format = NULL;
    const struct bf_option options[] = {{"--format", &format, NULL}, {0}};

    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->arguments, err));
    if (out->arguments.help) {
        return BF_OK;
    }
    if (out->arguments.count == 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give at least one log file");
    }
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "text") != 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--format is json or text, not '%s'", format);
    }
    out->text = format != NULL && strcmp(format, "text") == 0;
    return BF_OK;
}

static enum bf_code explain(struct bf_arena *arena, const struct request *request,
                            struct bf_buf *out, struct bf_err *err)
{
    struct lines lines = {.scan = bf_cause_scan_new(arena),
                          .text = BF_NEW_N(arena, char, BF_CAUSE_EVENT + 1)};

    for (size_t i = 0; i < request->arguments.count; i++) {
        const char *path = request->arguments.items[i];
        lines.source = request->arguments.count > 1 ? bf_sv_of(path) : (struct bf_sv){0};
        BF_TRY(read_log(arena, path, &lines, err));
    }
    struct bf_cause cause = bf_cause_scan_end(lines.scan);
    if (request->text) {
        print_text(out, &cause);
    } else {
        bf_json_print_pretty(out, bf_cause_json(arena, &cause));
        bf_buf_addc(out, '\n');
    }
    return BF_OK;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {0};
    struct bf_buf out = bf_buf_new(arena, OUT_MAX);
    struct bf_err err = {0};

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("explain-log", &err);
    }
    if (request.arguments.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (explain(arena, &request, &out, &err) != BF_OK) {
        return bf_command_failed("explain-log", &err);
    }
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

int bf_cmd_explain_log(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    const int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

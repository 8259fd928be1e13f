#include "cli/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { READ_SIZE = 64 * 1024, DIAGS_TEXT_MAX = 4 << 20 };

static const struct bf_option *find(const struct bf_option *options, struct bf_sv name)
{
    for (; options->name != NULL; options++) {
        if (bf_sv_is(name, options->name)) {
            return options;
        }
    }
    return NULL;
}

enum { OPTIONS_MAX = 32 };

static enum bf_code no_option(const struct bf_option *options, struct bf_sv name,
                              struct bf_err *err)
{
    struct bf_sv names[OPTIONS_MAX] = {BF_SV("--help")};
    size_t count = 1;
    for (; options->name != NULL && count < OPTIONS_MAX; options++) {
        names[count++] = bf_sv_of(options->name);
    }
    struct bf_sv nearest = name.len > 2 ? bf_nearest(name, names, count) : (struct bf_sv){0};
    return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "no option '" BF_SV_FMT "'%s" BF_SV_FMT "%s",
                      BF_SV_ARG(name), nearest.len > 0 ? "; did you mean '" : "",
                      BF_SV_ARG(nearest), nearest.len > 0 ? "'?" : "");
}

static enum bf_code take_option(const struct bf_option *options, char ***rest, char **end,
                                struct bf_err *err)
{
    struct bf_sv value = bf_sv_of(**rest);
    bool has_value = bf_sv_find(value, '=') != value.len;
    struct bf_sv name = bf_sv_cut(&value, '=');
    const struct bf_option *option = find(options, name);

    if (option == NULL) {
        return no_option(options, name, err);
    }
    if (option->given != NULL) {
        *option->given = true;
    }
    if (option->value == NULL) {
        return has_value
                   ? bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "'%s' takes no value", option->name)
                   : BF_OK;
    }
    if (has_value) {
        *option->value = value.ptr;
        return BF_OK;
    }
    if (*rest + 1 == end) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "'%s' takes a value", option->name);
    }
    *option->value = *++*rest;
    return BF_OK;
}

enum bf_code bf_arguments_parse(struct bf_arena *arena, int argc, char **argv,
                                const struct bf_option *options, struct bf_command_line *out,
                                struct bf_err *err)
{
    char **end = argv + argc;
    bool only_items = false;

    *out = (struct bf_command_line){.items = BF_NEW_N(arena, const char *, (size_t)argc + 1)};
    for (char **rest = argv + 1; rest < end; rest++) {
        bool dashed = (*rest)[0] == '-' && (*rest)[1] != '\0';
        if (only_items || !dashed) {
            out->items[out->count++] = *rest;
        } else if (strcmp(*rest, "--") == 0) {
            only_items = true;
        } else if (strcmp(*rest, "--help") == 0 || strcmp(*rest, "-h") == 0) {
            out->help = true;
        } else {
            BF_TRY(take_option(options, &rest, end, err));
        }
    }
    return BF_OK;
}

enum bf_code bf_arguments_format(const char *format, bool *json, struct bf_err *err)
{
    *json = strcmp(format, "json") == 0;
    if (!*json && strcmp(format, "text") != 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--format is text or json, not '%s'", format);
    }
    return BF_OK;
}

static enum bf_code read_all(int fd, const char *path, struct bf_buf *buf, struct bf_err *err)
{
    char chunk[READ_SIZE];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            enum bf_code code = errno == EISDIR ? BF_ENOTFOUND : BF_EIO;
            return bf_err_set(err, code, BF_NOWHERE, "cannot read '%s': %s", path,
                              strerrordesc_np(errno));
        }
        if (n == 0) {
            return BF_OK;
        }
        bf_buf_add(buf, (struct bf_sv){.ptr = chunk, .len = (size_t)n});
        if (buf->full) {
            return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                              "'%s' is larger than the %zu bytes allowed", path, buf->max);
        }
    }
}

enum bf_code bf_read_file(struct bf_arena *arena, const char *path, size_t max, struct bf_sv *out,
                          struct bf_err *err)
{
    struct bf_buf buf = bf_buf_new(arena, max);
    bool input = strcmp(path, "-") == 0;
    int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        enum bf_code code = errno == ENOENT || errno == ENOTDIR ? BF_ENOTFOUND
                            : errno == EACCES                   ? BF_EDENIED
                                                                : BF_EIO;
        return bf_err_set(err, code, BF_NOWHERE, "cannot open '%s': %s", path,
                          strerrordesc_np(errno));
    }
    enum bf_code code = read_all(fd, path, &buf, err);
    if (!input) {
        (void)close(fd);
    }
    *out = bf_buf_sv(&buf);
    return code;
}

int bf_command_failed(const char *command, const struct bf_err *err)
{
    (void)fprintf(stderr, "buzzflow %s: %s\n", command, err->msg);
    if (err->code == BF_EUSAGE) {
        (void)fprintf(stderr, "'buzzflow %s --help' explains the command\n", command);
    }
    return bf_code_exit_status(err->code);
}

void bf_print_diags(struct bf_arena *arena, struct bf_diags *diags, bool json, int fd)
{
    struct bf_buf out = bf_buf_new(arena, DIAGS_TEXT_MAX);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the command has one thread */
    const char *no_colour = getenv("NO_COLOR");

    if (json) {
        bf_diags_print_json(diags, &out);
    } else {
        bf_diags_print_text(diags, &out, isatty(fd) != 0 && (no_colour == NULL || *no_colour == 0));
    }
    (void)bf_write_all(fd, bf_buf_sv(&out));
}

bool bf_write_all(int fd, struct bf_sv text)
{
    while (text.len != 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        text = bf_sv_from(text, n < 0 ? 0 : (size_t)n);
    }
    return true;
}

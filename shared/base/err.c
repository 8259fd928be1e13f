#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum bf_code bf_err_set(struct bf_err *err, enum bf_code code, struct bf_loc loc, const char *fmt,
                        ...)
{
    va_list ap;

    err->code = code;
    err->loc = loc;
    err->retry_after = 0;
    err->reason[0] = '\0';
    va_start(ap, fmt);
    (void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    return code;
}

enum bf_code bf_err_wrap(struct bf_err *err, const char *fmt, ...)
{
    char cause[sizeof(err->msg)];
    va_list ap;

    memcpy(cause, err->msg, sizeof(cause));
    va_start(ap, fmt);
    int used = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    va_end(ap);
    if (used >= 0 && (size_t)used < sizeof(err->msg) - 3) {
        size_t room = sizeof(err->msg) - (size_t)used;
        (void)snprintf(err->msg + used, room, ": %.*s", (int)(room - 3), cause);
    }
    return err->code;
}

static const struct {
    bool transient;
    int exit_status;
    const char *text;
} codes[] = {
#define X(name, retry, exitcode, words)                                                            \
    {.transient = (retry), .exit_status = (exitcode), .text = (words)},
    BF_CODES(X)
#undef X
};

bool bf_code_is_transient(enum bf_code code)
{
    return codes[code].transient;
}

int bf_code_exit_status(enum bf_code code)
{
    return codes[code].exit_status;
}

const char *bf_code_text(enum bf_code code)
{
    return codes[code].text;
}

#ifndef BF_BASE_ERR_H
#define BF_BASE_ERR_H

#include <stdbool.h>

#include "base/compiler.h"

/*
 * X(name, may the same call succeed later?, exit status of sysexits.h, text)
 * The second column is what a queue asks: keep the message, or give it up.
 */
#define BF_CODES(X)                                                                                \
    X(BF_OK, 0, 0, "ok")                                                                           \
    X(BF_EUSAGE, 0, 64, "usage")                                                                   \
    X(BF_ESYNTAX, 0, 65, "syntax error")                                                           \
    X(BF_EINVALID, 0, 65, "invalid value")                                                         \
    X(BF_ETOOLARGE, 0, 65, "too large")                                                            \
    X(BF_ENOTFOUND, 0, 66, "not found")                                                            \
    X(BF_EREFUSED, 0, 69, "refused by the service")                                                \
    X(BF_ECONFLICT, 1, 75, "conflict")                                                             \
    X(BF_EINTERNAL, 1, 70, "internal error")                                                       \
    X(BF_EIO, 1, 74, "input or output failed")                                                     \
    X(BF_ENET, 1, 75, "network failure")                                                           \
    X(BF_EAMBIGUOUS, 1, 75, "no answer: the call may have been carried out")                       \
    X(BF_ETIMEOUT, 1, 75, "out of time")                                                           \
    X(BF_ETHROTTLED, 1, 75, "throttled")                                                           \
    X(BF_ESERVICE, 1, 75, "service failure")                                                       \
    X(BF_EDENIED, 0, 77, "access denied")

enum bf_code {
#define X(name, retry, exitcode, text) name,
    BF_CODES(X)
#undef X
};

/**
 * A place in a file the user wrote. Lines and columns count from 1, columns in
 * characters; line == 0 means "no position", end_col == 0 means "one character".
 * end_col is the column behind the last character, on the same line.
 */
struct bf_loc {
    const char *file;
    unsigned line, col, end_col;
};

#define BF_NOWHERE ((struct bf_loc){0})

/**
 * Why an operation failed. Owned by the caller, usually one per invocation on
 * the stack of the outermost function; needs no cleanup. Untouched on success.
 */
struct bf_err {
    enum bf_code code;
    struct bf_loc loc;
    unsigned retry_after; /* seconds the service asked us to wait; 0: it did not say */
    char reason[64];      /* the service's own word, "ConflictException", "channel_not_found" */
    char msg[768];
};

/**
 * Record the cause and return ${code}, so that a failing function reads
 * "return bf_err_set(err, BF_EINVALID, loc, ...)". Messages start lower-case,
 * quote user input in single quotes, and do not end in a full stop.
 */
enum bf_code bf_err_set(struct bf_err *err, enum bf_code code, struct bf_loc loc, const char *fmt,
                        ...) BF_PRINTF(4, 5);

/** Prefix "context: " to the message and return err->code. */
enum bf_code bf_err_wrap(struct bf_err *err, const char *fmt, ...) BF_PRINTF(2, 3);

/** Whether the same call may succeed later (second column of BF_CODES). */
bool bf_code_is_transient(enum bf_code code);

/** The exit status of a command that ended with ${code}. */
int bf_code_exit_status(enum bf_code code);

/** The words of the fourth column. Static. */
const char *bf_code_text(enum bf_code code);

/** The one macro with control flow: return the callee's code if it failed. */
#define BF_TRY(expr)                                                                               \
    do {                                                                                           \
        enum bf_code bf_try_code_ = (expr);                                                        \
        if (bf_try_code_ != BF_OK) {                                                               \
            return bf_try_code_;                                                                   \
        }                                                                                          \
    } while (0)

#endif /* BF_BASE_ERR_H */

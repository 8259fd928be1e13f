#ifndef BF_BASE_LOG_H
#define BF_BASE_LOG_H

#include <stdbool.h>

#include "base/compiler.h"

/**
 * Log lines of the functions and the CLI, to one file descriptor, one write()
 * a line. In JSON (AWS_LAMBDA_LOG_FORMAT=JSON) a line is
 * {"timestamp","level","message","requestId"}, else "LEVEL requestId message".
 * At info and above a message never holds a secret or the payload of an event.
 */
enum bf_level { BF_LOG_TRACE, BF_LOG_DEBUG, BF_LOG_INFO, BF_LOG_WARN, BF_LOG_ERROR, BF_LOG_FATAL };

struct bf_log {
    int fd; /* usually STDERR_FILENO; -1: nowhere */
    enum bf_level least;
    bool json;
    const char *request_id; /* NULL outside an invocation */
};

/**
 * ${format} and ${level} are the values of AWS_LAMBDA_LOG_FORMAT and
 * AWS_LAMBDA_LOG_LEVEL, NULL when unset: text, INFO. An unknown level is INFO.
 */
struct bf_log bf_log_from(int fd, const char *format, const char *level);

/** ${log} may be NULL: nothing is written. At most 4 KiB of text. */
void bf_log(const struct bf_log *log, enum bf_level level, const char *fmt, ...) BF_PRINTF(3, 4);

#endif /* BF_BASE_LOG_H */

#include "runtime/lambda_runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "runtime/text.h"

enum { LOG_TEXT_MAX = 8 * 1024, LOG_LINE_MAX = 8 * LOG_TEXT_MAX };

static const char *const names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

/* Read for each line: the environment is the only state, and a line is rare beside an invocation.
 */
static enum lambda_level least_level(void)
{
    const char *wanted = getenv("AWS_LAMBDA_LOG_LEVEL"); /* NOLINT(concurrency-mt-unsafe) */

    for (size_t i = 0; wanted != NULL && i < sizeof(names) / sizeof(*names); i++) {
        if (strcasecmp(wanted, names[i]) == 0) {
            return (enum lambda_level)i;
        }
    }
    return LAMBDA_INFO;
}

static void json_line(struct text *line, enum lambda_level level, const char *id,
                      const char *message)
{
    struct timespec now = {0};
    struct tm utc;
    char stamp[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    }
    (void)text_printf(line, "{\"timestamp\":\"%s.%03ldZ\",\"level\":\"%s\",\"message\":", stamp,
                      now.tv_nsec / 1000000, names[level]);
    (void)text_json(line, message, strlen(message), false);
    if (id[0] != '\0') {
        (void)text_addz(line, ",\"requestId\":");
        (void)text_json(line, id, strlen(id), false);
    }
    (void)text_addz(line, "}\n");
}

void lambda_log(const struct lambda_context *context, enum lambda_level level, const char *fmt, ...)
{
    const char *format = getenv("AWS_LAMBDA_LOG_FORMAT"); /* NOLINT(concurrency-mt-unsafe) */
    const char *id = context == NULL ? "" : context->request_id;
    struct text line = text_new(LOG_LINE_MAX);
    char message[LOG_TEXT_MAX];
    va_list ap;

    if (level < least_level()) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    if (format != NULL && strcasecmp(format, "JSON") == 0) {
        json_line(&line, level, id, message);
    } else {
        (void)text_printf(&line, "%s %s%s%s\n", names[level], id, id[0] == '\0' ? "" : " ",
                          message);
    }
    ssize_t written = write(STDERR_FILENO, line.ptr, line.len);
    (void)written; /* there is nowhere else to report it */
    text_free(&line);
}

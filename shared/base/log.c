#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum { LOG_TEXT_MAX = 4096, LOG_LINE_MAX = 6 * LOG_TEXT_MAX };

static const char *const level_names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

struct bf_log bf_log_from(int fd, const char *format, const char *level)
{
    struct bf_log log = {.fd = fd, .least = BF_LOG_INFO};

    log.json = format != NULL && strcasecmp(format, "JSON") == 0;
    for (size_t i = 0; level != NULL && i < BF_COUNTOF(level_names); i++) {
        if (strcasecmp(level, level_names[i]) == 0) {
            log.least = (enum bf_level)i;
        }
    }
    return log;
}

static void add_json_line(struct bf_buf *line, const struct bf_log *log, enum bf_level level,
                          struct bf_sv text)
{
    struct timespec now;
    struct tm utc;
    char stamp[32] = "";

    if (clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &utc) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    }
    bf_buf_printf(line, "{\"timestamp\":\"%s.%03ldZ\",\"level\":\"%s\",\"message\":", stamp,
                  now.tv_nsec / 1000000, level_names[level]);
    bf_buf_json(line, text);
    if (log->request_id != NULL) {
        bf_buf_addz(line, ",\"requestId\":");
        bf_buf_json(line, bf_sv_of(log->request_id));
    }
    bf_buf_addz(line, "}\n");
}

void bf_log(const struct bf_log *log, enum bf_level level, const char *fmt, ...)
{
    char text[LOG_TEXT_MAX];
    va_list ap;

    if (log == NULL || log->fd < 0 || level < log->least) {
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    /* An arena of its own: a line must not depend on the state of the invocation's memory. */
    struct bf_arena *arena = bf_arena_new(8 * (size_t)LOG_LINE_MAX);
    struct bf_buf line = bf_buf_new(arena, LOG_LINE_MAX);
    if (log->json) {
        add_json_line(&line, log, level, bf_sv_of(text));
    } else {
        bf_buf_printf(&line, "%s %s%s%s\n", level_names[level],
                      log->request_id == NULL ? "" : log->request_id,
                      log->request_id == NULL ? "" : " ", text);
    }
    ssize_t written = write(log->fd, line.ptr, line.len);
    (void)written; /* a log line that cannot be written has nowhere to be reported */
    bf_arena_destroy(&arena);
}

#include "alert/logs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/cause.h"
#include "alert/links.h"
#include "aws/aws.h"
#include "aws/logs.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "time/civil.h"
#include "json/json.h"

enum { PAGES_OF_STREAM = 12, AFTER_END = 5 * 60, BEFORE_START = 60 };

struct budget {
    size_t pages, bytes;
    int64_t until_ms; /* by what is left of the invocation */
};

struct reading {
    struct bf_aws *aws;
    const struct bf_logs_wish *wish;
    struct bf_sv group;
    struct budget budget;
    struct bf_logs_found *found;
};

static bool spent(const struct reading *r)
{
    return r->budget.pages == 0 || r->budget.bytes == 0 ||
           bf_aws_left_ms(r->aws) < r->budget.until_ms;
}

/* Words by which an error begins or ends; behind them no further page is needed. */
static bool tells(const bf_json *events)
{
    static const char *const words[] = {"Traceback (most recent call last)",
                                        "Caused by: ", "Exception in thread", "terminate called",
                                        "Fatal Python"};

    for (const bf_json *e = bf_json_first(events); e != NULL; e = bf_json_next(e)) {
        struct bf_sv text = bf_json_str(e, "message");
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (text.len != 0 && memmem(text.ptr, text.len, words[i], strlen(words[i])) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static size_t size_of(const bf_json *events)
{
    size_t bytes = 0;

    for (const bf_json *e = bf_json_first(events); e != NULL; e = bf_json_next(e)) {
        bytes += bf_json_str(e, "message").len + 26;
    }
    return bytes;
}

/* Pages from the end towards the beginning; ${pages}[0] is the last one. */
static enum bf_code read_stream(struct reading *r, struct bf_sv stream, bf_json **pages,
                                size_t *count, struct bf_err *err)
{
    struct bf_logs_position at = {.group = r->group, .stream = stream};
    size_t empty = 0;
    bool enough = false;

    if (r->wish->end != 0) {
        at.end_ms = (r->wish->end + AFTER_END) * 1000;
    }
    if (r->wish->job.kind == BF_JOB_LAMBDA && r->wish->start != 0) {
        at.start_ms = (r->wish->start - BEFORE_START) * 1000;
    }
    while (*count < PAGES_OF_STREAM && empty < BF_LOGS_EMPTY && !enough && !spent(r)) {
        struct bf_logs_page page = {0};
        r->budget.pages--;
        enum bf_code code = bf_logs_events(r->aws, &at, &page, err);
        if (code == BF_ENOTFOUND) {
            return BF_OK;
        }
        if (code != BF_OK) {
            return code;
        }
        if (bf_json_count(page.events) == 0) {
            empty++;
        } else {
            size_t bytes = size_of(page.events);
            r->budget.bytes -= bytes < r->budget.bytes ? bytes : r->budget.bytes;
            pages[(*count)++] = page.events;
            enough = tells(page.events);
            empty = 0;
        }
        if (page.last) {
            return BF_OK;
        }
        at.token = page.backward;
    }
    r->found->budget_spent = r->found->budget_spent || !enough;
    return BF_OK;
}

static void feed(struct bf_cause_scan *scan, struct bf_sv stream, bf_json *const *pages,
                 size_t count, struct bf_logs_found *found)
{
    for (size_t i = count; i != 0; i--) {
        for (const bf_json *e = bf_json_first(pages[i - 1]); e != NULL; e = bf_json_next(e)) {
            int64_t time = 0;
            if (!bf_json_i64(bf_json_get(e, "timestamp"), 0, INT64_MAX / 2, &time)) {
                time = 0;
            }
            bf_cause_event(scan, stream, time, bf_json_str(e, "message"));
            found->events++;
        }
    }
}

struct bf_sv bf_logs_host(struct bf_sv stream)
{
    size_t slash = bf_sv_find(stream, '/');
    struct bf_sv host = slash == stream.len ? stream : bf_sv_from(stream, slash + 1);
    size_t end = host.len;

    while (host.ptr != NULL && end != 0 && host.ptr[end - 1] >= '0' && host.ptr[end - 1] <= '9') {
        end--;
    }
    /* The number behind the last dash is when the stream began. */
    if (host.len - end >= 9 && end > 1 && host.ptr[end - 1] == '-') {
        host.len = end - 1;
    }
    return host;
}

static struct bf_sv prefix_of(struct bf_arena *arena, const struct bf_logs_wish *wish)
{
    if (wish->job.kind != BF_JOB_LAMBDA) {
        const char *end = wish->job.kind == BF_JOB_TUNING ? "-" : "/";
        return bf_sv_printf(arena, BF_SV_FMT "%s", BF_SV_ARG(wish->job.name), end);
    }
    if (wish->end == 0) {
        return (struct bf_sv){0};
    }
    struct bf_date day = bf_date_of(bf_day_of_seconds(wish->end));
    return bf_sv_printf(arena, "%04d/%02d/%02d/", day.year, day.month, day.day);
}

enum bf_code bf_alert_logs(struct bf_aws *aws, const struct bf_logs_wish *wish,
                           struct bf_logs_found *out, struct bf_err *err)
{
    struct bf_arena *arena = aws->arena;
    struct bf_cause_scan *scan = bf_cause_scan_new(arena);
    struct reading r = {.aws = aws,
                        .wish = wish,
                        .group = bf_job_log_group(arena, &wish->job),
                        .budget = {.pages = BF_LOGS_PAGES, .bytes = BF_LOGS_BYTES},
                        .found = out};
    int64_t left = bf_aws_left_ms(aws);
    bf_json *streams = NULL;

    *out = (struct bf_logs_found){0};
    r.budget.until_ms = left == INT64_MAX ? 0 : left > BF_LOGS_MS ? left - BF_LOGS_MS : left / 3;
    if (r.group.len == 0) {
        return BF_OK;
    }
    enum bf_code code =
        bf_logs_streams(aws, r.group, prefix_of(arena, wish), BF_LOGS_STREAMS, &streams, err);
    if (code == BF_ENOTFOUND) { /* nothing was ever written */
        return BF_OK;
    }
    if (code != BF_OK) {
        return code;
    }
    for (const bf_json *s = bf_json_first(streams); s != NULL; s = bf_json_next(s)) {
        struct bf_sv stream = bf_json_str(s, "logStreamName");
        bf_json *pages[PAGES_OF_STREAM] = {0};
        size_t count = 0;
        out->streams++;
        BF_TRY(read_stream(&r, stream, pages, &count, err));
        feed(scan, stream, pages, count, out);
    }
    out->cause = bf_cause_scan_end(scan);
    if (bf_sv_find(out->cause.host, '/') != out->cause.host.len) { /* the stream's name */
        out->stream = out->cause.host;
        out->cause.host = bf_logs_host(out->cause.host);
    } else if (out->streams == 1) {
        out->stream = bf_json_str(bf_json_first(streams), "logStreamName");
    }
    return BF_OK;
}

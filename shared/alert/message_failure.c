#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/links.h"
#include "alert/message.h"
#include "alert/message_parts.h"
#include "alert/redact.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "slack/blocks.h"
#include "slack/text.h"
#include "json/json.h"

enum { TEXT_ROOM = 32 * 1024, CHANGES_SHOWN = 6 };

static struct bf_sv base_name(struct bf_sv path)
{
    size_t at = path.len;

    while (at != 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    return bf_sv_from(path, at);
}

static struct bf_sv error_line(struct bf_arena *arena, const struct bf_cause *cause)
{
    struct bf_sv message = bf_message_first_line(cause->message);

    if (cause->exception.len == 0) {
        return message;
    }
    return message.len == 0 ? cause->exception
                            : bf_sv_printf(arena, BF_SV_FMT ": " BF_SV_FMT,
                                           BF_SV_ARG(cause->exception), BF_SV_ARG(message));
}

struct bf_sv bf_message_cause(struct bf_arena *arena, const struct bf_cause *cause)
{
    struct bf_sv line = bf_slack_clip(arena, error_line(arena, cause), 300);

    if (line.len == 0 || cause->file.len == 0) {
        return line;
    }
    return bf_sv_printf(arena, BF_SV_FMT " in " BF_SV_FMT " line %lld", BF_SV_ARG(line),
                        BF_SV_ARG(bf_sv_slice(base_name(cause->file), 0, 100)),
                        (long long)cause->line);
}

/* The first line of all: the exception, or the telling words. */
static void add_error(struct bf_buf *out, const struct bf_cause *cause)
{
    struct bf_sv line = error_line(out->arena, cause);

    if (line.len == 0) {
        bf_buf_addz(out, "no error message was found");
    } else {
        bf_slack_code_span(out, bf_slack_clip(out->arena, bf_redact(out->arena, line), 500));
    }
    if (cause->file.len != 0) {
        bf_buf_addz(out, "\nin ");
        bf_slack_code_span(out, bf_slack_clip(out->arena, base_name(cause->file), 120));
        bf_buf_printf(out, " line %lld", (long long)cause->line);
    }
}

static const struct bf_cause_frame *user_frame(const struct bf_cause *cause)
{
    for (size_t i = cause->frame_count; i != 0; i--) {
        const struct bf_cause_frame *frame = &cause->frames[i - 1];
        if (frame->user && frame->line == cause->line && bf_sv_eq(frame->file, cause->file)) {
            return frame;
        }
    }
    return NULL;
}

static void add_where(struct bf_buf *out, const struct bf_failure_facts *facts)
{
    const struct bf_cause *cause = facts->cause;
    const struct bf_cause_frame *frame = user_frame(cause);

    if (frame != NULL && frame->function.len != 0 && frame->function.ptr[0] != '<') {
        bf_buf_addz(out, " in ");
        bf_slack_code_span(out, bf_slack_clip(out->arena, frame->function, 100));
    }
    if (cause->rank.len != 0) {
        bf_buf_printf(out, " · rank " BF_SV_FMT, BF_SV_ARG(bf_sv_slice(cause->rank, 0, 16)));
    }
    if (cause->host.len != 0 && facts->from_log) {
        bf_buf_addz(out, " · ");
        bf_message_add_foreign(out, cause->host, 60);
    }
    if (cause->also != 0) {
        bf_buf_printf(out, " · and %zu more with the same error", cause->also);
    }
}

static struct bf_sv head(struct bf_arena *arena, const struct bf_run_view *view,
                         const struct bf_failure_facts *facts)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    if (facts->mentions.len != 0) {
        bf_buf_add(&out, facts->mentions);
        bf_buf_addc(&out, '\n');
    }
    if (facts->step != NULL) {
        bf_buf_addz(&out, "Step ");
        bf_slack_code_span(&out, bf_slack_clip(arena, facts->step->name, 80));
        bf_buf_addz(&out, " failed");
        if (facts->step->start != 0 && facts->step->end >= facts->step->start) {
            bf_buf_addz(&out, " after ");
            bf_buf_add(&out, bf_view_duration(arena, facts->step->end - facts->step->start));
        }
        bf_buf_addz(&out, ":\n");
    } else {
        bf_message_add_foreign(&out, view->pipeline, 200);
        bf_buf_addz(&out, " failed without a failed step:\n");
    }
    add_error(&out, facts->cause);
    add_where(&out, facts);
    return bf_buf_sv(&out);
}

/* ---- what helps ---- */

/* A date that the schedule computes is another one each time: no news. */
static bool is_computed(const struct bf_run_view *view, struct bf_sv name)
{
    struct bf_sv text = bf_json_text(bf_json_get_sv(view->computed, name));

    return bf_sv_search(text, BF_SV("${")) != text.len;
}

static void add_changes(struct bf_buf *out, const struct bf_run_view *view,
                        const bf_json *last_success)
{
    int64_t version = 0;
    size_t shown = 0;

    if (last_success == NULL) {
        return;
    }
    bf_buf_addz(out, ":mag: since the last success");
    int64_t at = bf_view_time(bf_json_get(last_success, "ended_at"));
    if (at != 0) {
        bf_buf_addz(out, " (");
        bf_slack_escape(out, bf_view_clock(out->arena, at, view->timezone));
        bf_buf_addz(out, ")");
    }
    bf_buf_addz(out, ": ");
    if (bf_json_i64(bf_json_get(last_success, "version"), 1, INT32_MAX, &version) &&
        view->version != 0 && version != view->version) {
        bf_buf_printf(out, "deployment %lld → %lld", (long long)version, (long long)view->version);
        shown++;
    }
    const bf_json *before = bf_json_get(last_success, "parameters");
    for (const bf_json *p = bf_json_first(view->parameters); p != NULL && shown < CHANGES_SHOWN;
         p = bf_json_next(p)) {
        const bf_json *old = bf_json_get_sv(before, bf_json_key(p));
        if (old == NULL || bf_sv_eq(bf_json_text(old), bf_json_text(p)) ||
            is_computed(view, bf_json_key(p))) {
            continue;
        }
        struct bf_sv pair = bf_sv_printf(out->arena, BF_SV_FMT "=" BF_SV_FMT,
                                         BF_SV_ARG(bf_json_key(p)), BF_SV_ARG(bf_json_text(p)));
        bf_buf_addz(out, shown == 0 ? "" : ", ");
        bf_slack_code_span(out, bf_slack_clip(out->arena, bf_redact(out->arena, pair), 90));
        shown++;
    }
    bf_buf_addz(out,
                shown == 0 ? "nothing of ours changed (same deployment, same parameters)\n" : "\n");
}

static struct bf_sv execution_id(struct bf_sv arn)
{
    struct bf_execution_arn parts;

    return bf_execution_arn_parse(arn, &parts) ? parts.id : (struct bf_sv){0};
}

static struct bf_sv help(struct bf_arena *arena, const struct bf_run_view *view,
                         const struct bf_failure_facts *facts)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);
    const char *advice = bf_cause_advice(facts->cause->class);

    if (*advice != '\0') {
        bf_buf_printf(&out, ":bulb: %s\n", advice);
    }
    if (facts->note.len != 0) {
        bf_buf_addz(&out, ":information_source: ");
        bf_message_add_foreign(&out, facts->note, 300);
        bf_buf_addc(&out, '\n');
    }
    if (facts->incomplete) {
        bf_buf_addz(&out, ":information_source: the log may be incomplete\n");
    }
    if (facts->times > 1 && facts->same_as.len != 0) {
        bf_buf_addz(&out, ":repeat: same error as run ");
        bf_slack_code_span(&out, execution_id(facts->same_as));
        bf_buf_printf(&out, ", %lld times in 7 days\n", (long long)facts->times);
    }
    add_changes(&out, view, facts->last_success);
    return bf_buf_sv(&out);
}

/* FailureReason and ExitMessage, where they say more than the log. */
static struct bf_sv reasons(struct bf_arena *arena, const struct bf_failure_facts *facts)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);
    struct bf_sv texts[3] = {facts->step == NULL ? (struct bf_sv){0} : facts->step->reason,
                             facts->job_reason, facts->exit_message};

    for (size_t i = 0; i < 3; i++) {
        bool again = texts[i].len == 0;
        for (size_t k = 0; k < i && !again; k++) {
            again = bf_sv_search(texts[k], texts[i]) != texts[k].len;
        }
        if (!again) {
            bf_buf_addz(&out, out.len == 0 ? "" : "\n");
            bf_buf_add(&out, bf_sv_trim(texts[i]));
        }
    }
    return bf_redact(arena, bf_buf_sv(&out));
}

static struct bf_sv footer(struct bf_arena *arena, const struct bf_run_view *view,
                           const struct bf_failure_facts *facts)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    if (facts->step != NULL) {
        struct bf_sv group = bf_job_log_group(arena, &facts->step->job);
        bf_message_add_link(&out, bf_link_logs(arena, &view->arn.arn, group, facts->stream),
                            "full log");
        bf_message_add_link(&out, bf_link_job(arena, &facts->step->job), "job");
    }
    bf_message_add_link(&out, bf_link_studio(arena, &view->arn, view->domain), "open in Studio");
    bf_message_add_place(&out, facts->step);
    bf_buf_printf(&out, "%s%s", out.len == 0 ? "" : " · ",
                  bf_cause_class_name(facts->cause->class));
    if (bf_cause_retryable(facts->cause->class)) {
        bf_buf_addz(&out, " · a retry may succeed");
    }
    return bf_buf_sv(&out);
}

struct bf_words bf_message_failure(struct bf_arena *arena, const struct bf_run_view *view,
                                   const struct bf_failure_facts *facts)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(arena);
    struct bf_sv first = head(arena, view, facts), words = reasons(arena, facts);

    bf_slack_section(&blocks, first);
    if (facts->from_log) {
        bf_slack_preformatted(&blocks, facts->cause->excerpt, BF_SLACK_SECTION);
    } else {
        bf_slack_preformatted(&blocks, words, 1400);
    }
    bf_slack_section(&blocks, help(arena, view, facts));
    bf_slack_context(&blocks, footer(arena, view, facts));
    return (struct bf_words){.blocks = blocks.array, .text = first};
}

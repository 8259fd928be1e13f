#include "alert/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/links.h"
#include "alert/message_parts.h"
#include "alert/redact.h"
#include "alert/view.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "slack/blocks.h"
#include "slack/text.h"
#include "json/json.h"

enum {
    TEXT_ROOM = 32 * 1024,
    STEPS_SHOWN = 24,
    PARAMETERS_SHOWN = 12,
    VALUE_SHOWN = 120,
    ON_TIME = 300
};

/* ---- words ---- */

static const char *run_emoji(enum bf_run_status status)
{
    switch (status) {
    case BF_RUN_EXECUTING:
        return "\xe2\x8f\xb3"; /* hourglass */
    case BF_RUN_STOPPING:
    case BF_RUN_STOPPED:
        return "\xe2\x8f\xb9\xef\xb8\x8f"; /* stop */
    case BF_RUN_SUCCEEDED:
        return "\xe2\x9c\x85"; /* check mark */
    default:
        return "\xe2\x9d\x8c"; /* cross */
    }
}

static const char *run_verb(enum bf_run_status status)
{
    switch (status) {
    case BF_RUN_EXECUTING:
        return "is running";
    case BF_RUN_STOPPING:
        return "is stopping";
    case BF_RUN_STOPPED:
        return "was stopped";
    case BF_RUN_SUCCEEDED:
        return "succeeded";
    default:
        return "failed";
    }
}

static const char *step_emoji(const struct bf_step_view *step)
{
    switch (step->status) {
    case BF_STEP_WAITING:
        return ":white_circle:";
    case BF_STEP_STARTING:
    case BF_STEP_EXECUTING:
        return ":hourglass_flowing_sand:";
    case BF_STEP_SUCCEEDED:
        return step->cached ? ":recycle:" : ":white_check_mark:";
    case BF_STEP_FAILED:
        return ":x:";
    default:
        return ":black_square_for_stop:";
    }
}

void bf_message_add_foreign(struct bf_buf *out, struct bf_sv text, size_t max)
{
    struct bf_sv safe = bf_redact(out->arena, text);

    bf_slack_escape(out, bf_slack_clip(out->arena, safe, max));
}

struct bf_sv bf_message_first_line(struct bf_sv text)
{
    text = bf_sv_trim(text);
    return bf_sv_trim(bf_sv_slice(text, 0, bf_sv_find(text, '\n')));
}

/* ---- parts of the root message ---- */

static struct bf_sv took(struct bf_arena *arena, const struct bf_run_view *view)
{
    return view->created == 0 || view->ended < view->created
               ? (struct bf_sv){0}
               : bf_view_duration(arena, view->ended - view->created);
}

struct bf_sv bf_message_headline(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, 2048);
    struct bf_sv duration = took(arena, view);

    bf_buf_printf(&out, "%s " BF_SV_FMT " %s", run_emoji(view->status), BF_SV_ARG(view->pipeline),
                  run_verb(view->status));
    if (view->status == BF_RUN_FAILED && view->failed != NULL) {
        bf_buf_printf(&out, " in " BF_SV_FMT, BF_SV_ARG(view->failed->name));
    }
    if (view->status == BF_RUN_SUCCEEDED && duration.len != 0) {
        bf_buf_printf(&out, " in " BF_SV_FMT, BF_SV_ARG(duration));
    } else if (bf_run_ended(view->status) && duration.len != 0) {
        bf_buf_printf(&out, " after " BF_SV_FMT, BF_SV_ARG(duration));
    }
    return bf_buf_sv(&out);
}

static void add_start(struct bf_buf *out, const struct bf_run_view *view)
{
    if (bf_sv_is(view->trigger, "by hand")) {
        bf_buf_addz(out, "started by hand");
        if (view->started_by.len != 0) {
            bf_buf_addz(out, " by ");
            bf_message_add_foreign(out, view->started_by, 80);
        }
    } else {
        bf_message_add_foreign(out, view->trigger, 150);
    }
    if (view->scheduled != 0) {
        bf_buf_addz(out, " for *");
        bf_slack_escape(out, bf_view_clock(out->arena, view->scheduled, view->timezone));
        bf_buf_addz(out, "*");
    }
    bool on_time = view->scheduled != 0 && view->created - view->scheduled < ON_TIME;
    if (view->created != 0 && !on_time) {
        bf_buf_addz(out, " · started ");
        bf_slack_escape(out, bf_view_clock(out->arena, view->created, view->timezone));
    }
    if (view->attempt > 1) {
        bf_buf_printf(out, " · retry %lld", (long long)view->attempt - 1);
    }
}

static struct bf_sv about(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    bf_buf_addz(&out, "*");
    bf_message_add_foreign(&out, view->environment, 60);
    bf_buf_addz(&out, "*");
    if (view->project.len != 0) {
        bf_buf_addz(&out, " · ");
        bf_message_add_foreign(&out, view->project, 100);
    }
    bf_buf_addz(&out, " · ");
    add_start(&out, view);
    return bf_buf_sv(&out);
}

static struct bf_sv parameters(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);
    size_t shown = 0, count = bf_json_count(view->parameters);

    for (const bf_json *p = bf_json_first(view->parameters); p != NULL && shown < PARAMETERS_SHOWN;
         p = bf_json_next(p)) {
        struct bf_sv pair = bf_sv_printf(arena, BF_SV_FMT "=" BF_SV_FMT, BF_SV_ARG(bf_json_key(p)),
                                         BF_SV_ARG(bf_json_text(p)));
        bf_buf_addz(&out, shown == 0 ? "" : "  ");
        /* Name and value are redacted together: the name tells that the value is a secret. */
        bf_slack_code_span(&out, bf_slack_clip(arena, bf_redact(arena, pair), VALUE_SHOWN));
        shown++;
    }
    if (count > shown) {
        bf_buf_printf(&out, "  and %zu more", count - shown);
    }
    return bf_buf_sv(&out);
}

static void add_step(struct bf_buf *out, const struct bf_run_view *view,
                     const struct bf_step_view *step)
{
    int64_t end = step->end != 0 ? step->end : view->ended;

    bf_buf_printf(out, "%s ", step_emoji(step));
    bf_slack_code_span(out, bf_slack_clip(out->arena, step->name, 80));
    if (step->cached) {
        bf_buf_addz(out, " from cache");
    } else if (step->start != 0 && end >= step->start) {
        bf_buf_addz(out, " ");
        bf_buf_add(out, bf_view_duration(out->arena, end - step->start));
    } else if (step->start != 0) {
        /* Not "for 12 s": nobody updates the message while nothing happens. */
        bf_buf_addz(out, " since ");
        bf_slack_escape(out,
                        bf_sv_from(bf_view_clock(out->arena, step->start, view->timezone), 15));
    }
    if (step->attempts > 1) {
        bf_buf_printf(out, " (attempt %lld)", (long long)step->attempts);
    }
    if (step->outcome.len != 0) {
        bf_buf_addz(out, " → ");
        bf_message_add_foreign(out, step->outcome, 40);
    }
    if (step->status == BF_STEP_FAILED && step->reason.len != 0) {
        bf_buf_addz(out, " — ");
        bf_message_add_foreign(out, bf_message_first_line(step->reason), 160);
    }
    bf_buf_addc(out, '\n');
}

/* All steps when there are few; else what runs, failed or comes, and how many are done. */
static struct bf_sv steps(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, (size_t)4 * TEXT_ROOM);
    bool all = view->step_count <= STEPS_SHOWN;
    size_t shown = 0, folded = 0, waiting = 0;

    for (size_t i = 0; i < view->step_count; i++) {
        const struct bf_step_view *step = &view->steps[i];
        if (!all && step->status == BF_STEP_SUCCEEDED) {
            folded++;
        } else if (!all && (step->status == BF_STEP_WAITING || shown == STEPS_SHOWN)) {
            waiting++;
        } else {
            add_step(&out, view, step);
            shown++;
        }
    }
    if (folded != 0) {
        bf_buf_printf(&out, ":white_check_mark: %zu steps succeeded\n", folded);
    }
    if (waiting != 0) {
        bf_buf_printf(&out, ":white_circle: %zu more steps\n", waiting);
    }
    return bf_sv_trim(bf_buf_sv(&out));
}

void bf_message_add_link(struct bf_buf *out, struct bf_sv url, const char *text)
{
    if (url.len != 0) {
        bf_buf_addz(out, out->len == 0 ? "" : " · ");
        bf_slack_link(out, url, bf_sv_of(text));
    }
}

void bf_message_add_place(struct bf_buf *out, const struct bf_step_view *step)
{
    if (step != NULL && step->file.len != 0) {
        bf_buf_addz(out, out->len == 0 ? "" : " · ");
        bf_message_add_foreign(out, step->file, 120);
        bf_buf_printf(out, ":%lld", (long long)step->line);
    }
}

static struct bf_sv footer(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    bf_message_add_link(&out, bf_link_studio(arena, &view->arn, view->domain), "open in Studio");
    if (view->status == BF_RUN_FAILED && view->failed != NULL) {
        struct bf_sv group = bf_job_log_group(arena, &view->failed->job);
        bf_message_add_link(&out, bf_link_job(arena, &view->failed->job), "job");
        bf_message_add_link(&out, bf_link_logs(arena, &view->arn.arn, group, (struct bf_sv){0}),
                            "logs");
        bf_message_add_place(&out, view->failed);
    }
    bf_buf_addz(&out, out.len == 0 ? "" : " · ");
    bf_buf_addz(&out, "run ");
    bf_slack_code_span(&out, view->arn.id);
    if (view->version != 0) {
        bf_buf_printf(&out, " · deployment %lld", (long long)view->version);
    }
    if (view->owner.len != 0) {
        bf_buf_addz(&out, " · owner ");
        bf_message_add_foreign(&out, view->owner, 80);
    }
    return bf_buf_sv(&out);
}

static struct bf_sv why(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    if (view->status != BF_RUN_FAILED) {
        return (struct bf_sv){0};
    }
    if (view->cause.len != 0) { /* the failing line in the first screen */
        bf_slack_code_span(&out, bf_slack_clip(arena, bf_redact(arena, view->cause), 400));
    } else if (view->failed == NULL) {
        bf_message_add_foreign(&out, view->reason, 800);
    }
    return bf_buf_sv(&out);
}

struct bf_sv bf_message_text(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    bf_message_add_foreign(&out, bf_message_headline(arena, view), 400);
    bf_buf_addz(&out, " (");
    bf_message_add_foreign(&out, view->environment, 60);
    if (view->scheduled != 0) {
        bf_buf_addz(&out, ", ");
        bf_slack_escape(&out, bf_view_clock(arena, view->scheduled, view->timezone));
    }
    bf_buf_addz(&out, ")");
    return bf_buf_sv(&out);
}

struct bf_words bf_message_root(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(arena);

    bf_slack_header(&blocks, bf_redact(arena, bf_message_headline(arena, view)));
    bf_slack_section(&blocks, about(arena, view));
    bf_slack_context(&blocks, parameters(arena, view));
    bf_slack_section(&blocks, why(arena, view));
    bf_slack_section(&blocks, steps(arena, view));
    bf_slack_context(&blocks, footer(arena, view));
    return (struct bf_words){.blocks = blocks.array, .text = bf_message_text(arena, view)};
}

/* ---- replies that notify ---- */

static const char *const event_names[BF_ALERT_EVENTS] = {"started", "succeeded",   "failed",
                                                         "stopped", "step_failed", "recovered",
                                                         "stuck",   "skipped",     "missed"};

const char *bf_alert_event_name(enum bf_alert_event event)
{
    return event_names[event];
}

static void add_event_words(struct bf_buf *out, const struct bf_run_view *view,
                            enum bf_alert_event event)
{
    struct bf_sv duration = took(out->arena, view);

    bf_buf_addz(out, "*");
    bf_message_add_foreign(out, view->pipeline, 200);
    bf_buf_addz(out, "* ");
    switch (event) {
    case BF_ALERT_STARTED:
        bf_buf_addz(out, "started: ");
        add_start(out, view);
        return;
    case BF_ALERT_RECOVERED:
        bf_buf_addz(out, "recovered: this run succeeded after the failure before");
        break;
    case BF_ALERT_STEP_FAILED:
        bf_buf_addz(out, "goes on, but a step failed: ");
        bf_slack_code_span(out, view->failed == NULL ? BF_SV("?") : view->failed->name);
        if (view->failed != NULL && view->failed->reason.len != 0) {
            bf_buf_addz(out, " — ");
            bf_message_add_foreign(out, bf_message_first_line(view->failed->reason), 300);
        }
        return;
    default:
        bf_buf_addz(out, run_verb(view->status));
        break;
    }
    if (duration.len != 0) {
        bf_buf_printf(out, " after " BF_SV_FMT, BF_SV_ARG(duration));
    }
}

struct bf_words bf_message_event(struct bf_arena *arena, const struct bf_run_view *view,
                                 enum bf_alert_event event, struct bf_sv mentions)
{
    struct bf_slack_blocks blocks = bf_slack_blocks_new(arena);
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    if (mentions.len != 0) {
        bf_buf_add(&out, mentions);
        bf_buf_addc(&out, ' ');
    }
    add_event_words(&out, view, event);
    bf_slack_section(&blocks, bf_buf_sv(&out));
    return (struct bf_words){.blocks = blocks.array, .text = bf_buf_sv(&out)};
}

/* ---- mail ---- */

struct bf_sv bf_message_mail(struct bf_arena *arena, const struct bf_run_view *view)
{
    struct bf_buf out = bf_buf_new(arena, TEXT_ROOM);

    bf_buf_add(&out, bf_message_headline(arena, view));
    bf_buf_printf(&out, "\n\nenvironment  " BF_SV_FMT "\nrun          " BF_SV_FMT "\n",
                  BF_SV_ARG(view->environment), BF_SV_ARG(view->execution_arn));
    if (view->scheduled != 0) {
        bf_buf_printf(&out, "scheduled    " BF_SV_FMT " (" BF_SV_FMT ")\n",
                      BF_SV_ARG(bf_view_clock(arena, view->scheduled, view->timezone)),
                      BF_SV_ARG(view->trigger));
    }
    for (size_t i = 0; i < view->step_count && i < 100; i++) {
        const struct bf_step_view *step = &view->steps[i];
        if (step->status == BF_STEP_FAILED) {
            bf_buf_printf(&out, "\nfailed step  " BF_SV_FMT "\n", BF_SV_ARG(step->name));
            bf_buf_add(&out, bf_sv_slice(bf_redact(arena, step->reason), 0, 1100));
            bf_buf_addc(&out, '\n');
        }
    }
    if (view->reason.len != 0) {
        bf_buf_printf(&out, "\nreason       " BF_SV_FMT "\n",
                      BF_SV_ARG(bf_sv_slice(bf_redact(arena, view->reason), 0, 1400)));
    }
    struct bf_sv studio = bf_link_studio(arena, &view->arn, view->domain);
    if (studio.len != 0) {
        bf_buf_printf(&out, "\n" BF_SV_FMT "\n", BF_SV_ARG(studio));
    }
    return bf_sv_slice(bf_buf_sv(&out), 0, 20000);
}

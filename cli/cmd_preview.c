#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/variables.h"
#include "deploy/deploy.h"
#include "expression/params.h"
#include "run/context.h"
#include "run/run.h"
#include "time/cron.h"
#include "time/instant.h"
#include "time/zone.h"

static const char help[] =
    "usage: buzzflow preview SPEC [--schedule S] [-n N] [--from T] [--environment E]\n"
    "                        [--platform FILE] [--format text|json]\n"
    "\n"
    "Prints the next runs that the schedules of a file will start, with the parameters each will\n"
    "get. Exact, but for what is known only when a run starts: look-ups and last.* are shown as\n"
    "<ssm:/name> and <last.success.time>, what rests on them, or on holidays that a run reads, as\n"
    "<known when the run starts>.\n"
    "\n"
    "  --schedule S     only this schedule\n"
    "  -n N             so many runs (default 5, at most 1000)\n"
    "  --from T         runs after this time, 2026-03-01T00:00:00Z (default: now)\n"
    "  --environment E  as in 'buzzflow check'\n"
    "  --platform FILE  the platform file to merge under SPEC\n"
    "\n"
    "examples:\n"
    "  buzzflow preview ctr-daily.pipeline.yaml\n"
    "  buzzflow preview ctr-daily.pipeline.yaml --schedule nightly -n 3 --from "
    "2026-03-07T00:00:00Z\n";

enum { ARENA_MAX = 512 << 20, OUTPUT_MAX = 64 << 20, RUNS_DEFAULT = 5, RUNS_MAX = 1000 };

struct request {
    const char *schedule, *n, *from, *environment, *platform, *format;
    struct bf_command_line line;
    int64_t count, after;
    bool json;
};

/* A schedule on its way through time. */
struct lane {
    const struct bf_schedule *schedule;
    const bf_json *settings; /* in the record */
    struct bf_firing firing;
    int64_t next;
    bool ended;
};

struct preview {
    struct bf_arena *arena;
    const struct request *request;
    const bf_json *record;
    struct lane *lanes;
    size_t lane_count;
    bool disabled;    /* there are schedules that are not enabled */
    bool no_calendar; /* its holidays are read when a run is computed */
    struct bf_buf out;
};

/* ---- the command line and the file ---- */

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {{"--schedule", &out->schedule, NULL},
                                        {"-n", &out->n, NULL},
                                        {"--from", &out->from, NULL},
                                        {"--environment", &out->environment, NULL},
                                        {"--platform", &out->platform, NULL},
                                        {"--format", &out->format, NULL},
                                        {0}};

    out->count = RUNS_DEFAULT;
    out->after = time(NULL);
    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->line, err));
    if (out->line.help) {
        return BF_OK;
    }
    if (out->line.count != 1) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give one file");
    }
    if (out->n != NULL && !bf_sv_i64(bf_sv_of(out->n), 1, RUNS_MAX, &out->count)) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "-n is 1 to %d, not '%s'", RUNS_MAX, out->n);
    }
    if (out->from != NULL && bf_instant_parse(bf_sv_of(out->from), &out->after, err) != BF_OK) {
        err->code = BF_EUSAGE;
        return bf_err_wrap(err, "--from");
    }
    return bf_arguments_format(out->format, &out->json, err);
}

static enum bf_code load(struct bf_arena *arena, const struct request *request,
                         struct bf_diags *diags, struct bf_spec *spec, struct bf_err *err)
{
    const struct bf_variables variables = bf_process_variables(arena);
    struct bf_text platform = {.name = request->platform};
    struct bf_spec_options options = {
        .file = {.name = request->line.items[0]},
        .environment = bf_sv_of(request->environment),
        .rule = BF_ENVIRONMENT_BY_HAND,
        .variables = &variables,
        .now = request->after,
        .must_build = true,
        .keep = true,
        .has_now = true,
    };

    /* One byte more than allowed, so that the loader says what is wrong. */
    BF_TRY(bf_read_file(arena, options.file.name, (size_t)BF_YAML_MAX_BYTES + 1, &options.file.text,
                        err));
    if (request->platform != NULL) {
        BF_TRY(
            bf_read_file(arena, platform.name, (size_t)BF_YAML_MAX_BYTES + 1, &platform.text, err));
        options.platform = &platform;
    }
    const enum bf_code code = bf_spec_load(arena, &options, diags, spec, err);
    if (code != BF_OK || spec->pipeline == NULL) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "'%s' has mistakes", options.file.name);
    }
    return BF_OK;
}

/* ---- lanes ---- */

static bool within(const struct lane *lane, int64_t at)
{
    const struct bf_sv end = bf_json_str(lane->settings, "end");
    struct bf_err ignored = {0};
    int64_t limit = 0;

    return end.len == 0 || bf_instant_parse(end, &limit, &ignored) != BF_OK || at <= limit;
}

static void advance(struct lane *lane, int64_t after)
{
    lane->ended = !bf_next_fire(&lane->firing, after, &lane->next) || !within(lane, lane->next);
}

static enum bf_code open_lanes(struct preview *p, const struct bf_pipeline *pipeline,
                               struct bf_err *err)
{
    const struct bf_sv only = bf_sv_of(p->request->schedule);

    p->lanes = BF_NEW_N(p->arena, struct lane, pipeline->schedule_count + 1);
    for (size_t i = 0; i < pipeline->schedule_count; i++) {
        const struct bf_schedule *s = &pipeline->schedules[i];
        struct lane *lane = &p->lanes[p->lane_count];
        int64_t after = p->request->after;
        if ((only.len != 0 && !bf_sv_eq(s->name, only)) || (only.len == 0 && !s->enabled)) {
            p->disabled = p->disabled || !s->enabled;
            continue;
        }
        lane->schedule = s;
        lane->settings = bf_run_schedule(p->record, s->name);
        BF_TRY(bf_run_firing(p->arena, lane->settings, &lane->firing, err));
        if (lane->firing.start > after) { /* nothing fires before StartDate */
            after = lane->firing.start - 1;
        }
        advance(lane, after);
        p->lane_count++;
    }
    if (p->lane_count == 0 && only.len != 0) {
        return bf_err_set(err, BF_ENOTFOUND, BF_NOWHERE, "no schedule '" BF_SV_FMT "'",
                          BF_SV_ARG(only));
    }
    return BF_OK;
}

static struct lane *earliest(struct preview *p)
{
    struct lane *best = NULL;

    for (size_t i = 0; i < p->lane_count; i++) {
        if (!p->lanes[i].ended && (best == NULL || p->lanes[i].next < best->next)) {
            best = &p->lanes[i];
        }
    }
    return best;
}

/* ---- parameters ---- */

static const struct bf_sv known_later = {.ptr = "<known when the run starts>", .len = 27};

/* Stand-ins for what only the run knows. */
static void add_placeholders(struct preview *p, bf_json *context, const struct bf_param_text *texts,
                             size_t count)
{
    static const char *const members[] = {"time", "interval_start", "interval_end", "execution"};
    bf_json *success = bf_json_add_object(bf_json_add_object(context, "last"), "success");

    for (size_t i = 0; i < BF_COUNTOF(members); i++) {
        bf_json_add_str(success, members[i],
                        bf_sv_printf(p->arena, "<last.success.%s>", members[i]));
    }
    const struct bf_lookups lookups = bf_params_lookups(p->arena, texts, count, context);
    for (size_t i = 0; i < lookups.count; i++) {
        bf_json_add_str(bf_json_get(context, "lookups"), bf_sv_z(p->arena, lookups.items[i].key),
                        bf_sv_printf(p->arena, "<" BF_SV_FMT ">", BF_SV_ARG(lookups.items[i].key)));
    }
}

/* Does the text rest on something that only the run knows? Then its failure here means nothing. */
/* NOLINTNEXTLINE(misc-no-recursion): parameters that need each other are mistakes of the file */
static bool waits_for_run(struct preview *p, const struct bf_arguments *all, const bf_json *values,
                          struct bf_sv text)
{
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error;

    if (bf_expr_parse(p->arena, text, &expr, &error) != BF_EXPR_OK) {
        return false;
    }
    if (bf_expr_has_lookup(expr)) {
        return true;
    }
    const struct bf_expr_uses uses = bf_expr_variables(p->arena, expr);
    for (size_t i = 0; i < uses.count; i++) {
        if (bf_sv_starts(uses.items[i].name, BF_SV("last."))) {
            return true;
        }
    }
    const struct bf_expr_uses read = bf_expr_params(p->arena, expr);
    for (size_t i = 0; i < read.count; i++) {
        if (bf_sv_eq(bf_json_text(bf_json_get_sv(values, read.items[i].name)), known_later)) {
            return true;
        }
        for (size_t a = 0; a < all->count; a++) {
            if (bf_sv_eq(all->items[a].name, read.items[i].name) &&
                waits_for_run(p, all, values, all->items[a].text)) {
                return true;
            }
        }
    }
    return false;
}

/* "if" and "eq" look at a stand-in as if it were the answer: unless one of them is still to be seen
   in the value, that is a guess. */
static bool shows_placeholder(struct bf_sv value, const bf_json *context)
{
    bool shown = bf_sv_search(value, BF_SV("<last.success.")) < value.len ||
                 bf_sv_search(value, known_later) < value.len;
    const bf_json *lookups = bf_json_get(context, "lookups");

    for (const bf_json *l = bf_json_first(lookups); l != NULL && !shown; l = bf_json_next(l)) {
        shown = bf_sv_search(value, bf_json_text(l)) < value.len;
    }
    return shown;
}

static size_t index_of(const struct bf_param_text *texts, size_t count, struct bf_sv name)
{
    size_t i = 0;

    while (i < count && !bf_sv_eq(texts[i].name, name)) {
        i++;
    }
    return i;
}

/* Values by name; what cannot be computed yet, or never, says so in words. */
static void evaluate(struct preview *p, const struct bf_arguments *all, struct bf_param_text *texts,
                     bf_json *context, bf_json *values)
{
    struct bf_params_error error;
    size_t count = all->count;

    while (!bf_params_eval(p->arena, texts, count, context, &error)) {
        const size_t i = index_of(texts, count, error.name);
        if (i == count) {
            return;
        }
        bool later = waits_for_run(p, all, values, texts[i].text) ||
                     (p->no_calendar && error.error.kind == BF_EXPR_NO_CALENDAR);
        const struct bf_sv value = later ? known_later
                                         : bf_sv_printf(p->arena, "<%s: " BF_SV_FMT ">",
                                                        bf_expr_kind_name(error.error.kind),
                                                        BF_SV_ARG(error.error.message));
        const char *name = bf_sv_z(p->arena, texts[i].name);
        bf_json_add_str(values, name, value);
        bf_json_remove(bf_json_get(context, "param"), name);
        bf_json_add_str(bf_json_get(context, "param"), name, value);
        texts[i] = texts[--count];
    }
    for (size_t i = 0; i < count; i++) {
        bool guessed = waits_for_run(p, all, values, texts[i].text) &&
                       !shows_placeholder(texts[i].value, context);
        bf_json_add_str(values, bf_sv_z(p->arena, texts[i].name),
                        guessed ? known_later : texts[i].value);
    }
}

static enum bf_code compute(struct preview *p, const struct lane *lane, bf_json *values,
                            struct bf_err *err)
{
    const struct bf_context_facts facts = {.record = p->record,
                                           .schedule = lane->schedule->name,
                                           .scheduled_time = lane->next,
                                           .kind = BF_SV("schedule")};
    const struct bf_arguments *arguments = &lane->schedule->parameters;
    struct bf_param_text *texts = BF_NEW_N(p->arena, struct bf_param_text, arguments->count + 1);
    bf_json *context = NULL;

    BF_TRY(bf_run_context(p->arena, &facts, &context, err));
    for (size_t i = 0; i < arguments->count; i++) {
        texts[i] = (struct bf_param_text){.name = arguments->items[i].name,
                                          .text = arguments->items[i].text};
    }
    /* Holidays that a run reads when it is computed: until then nobody knows its business days. */
    if (bf_json_str(p->record, "calendar.holidays_uri").len != 0) {
        bf_json_remove(context, "calendar");
        p->no_calendar = true;
    }
    add_placeholders(p, context, texts, arguments->count);
    evaluate(p, arguments, texts, context, values);
    return BF_OK;
}

/* ---- printing ---- */

static void add_defaults(const bf_json *record, const bf_json *values, bf_json *out,
                         struct bf_arena *arena)
{
    const bf_json *parameters = bf_json_get(record, "parameters");

    for (const bf_json *q = bf_json_first(parameters); q != NULL; q = bf_json_next(q)) {
        if (bf_json_get_sv(values, bf_json_key(q)) == NULL && bf_json_get(q, "default") != NULL) {
            bf_json_add_str(out, bf_sv_z(arena, bf_json_key(q)), bf_json_str(q, "default"));
        }
    }
}

static void print_run(struct preview *p, const bf_json *run)
{
    if (p->request->json) {
        bf_json_print(&p->out, run);
        bf_buf_addc(&p->out, '\n');
        return;
    }
    const bf_json *parameters = bf_json_get(run, "parameters");
    const bf_json *defaults = bf_json_get(run, "defaults");
    bf_buf_printf(&p->out, BF_SV_FMT "  " BF_SV_FMT "  (" BF_SV_FMT ")\n",
                  BF_SV_ARG(bf_json_str(run, "local_time")),
                  BF_SV_ARG(bf_json_str(run, "schedule")),
                  BF_SV_ARG(bf_json_str(run, "scheduled_time")));
    for (const bf_json *v = bf_json_first(parameters); v != NULL; v = bf_json_next(v)) {
        bf_buf_printf(&p->out, "    " BF_SV_FMT " = " BF_SV_FMT "\n", BF_SV_ARG(bf_json_key(v)),
                      BF_SV_ARG(bf_json_text(v)));
    }
    for (const bf_json *v = bf_json_first(defaults); v != NULL; v = bf_json_next(v)) {
        bf_buf_printf(&p->out, "    " BF_SV_FMT " = " BF_SV_FMT "  (default)\n",
                      BF_SV_ARG(bf_json_key(v)), BF_SV_ARG(bf_json_text(v)));
    }
}

static enum bf_code add_run(struct preview *p, const struct lane *lane, struct bf_err *err)
{
    bf_json *run = bf_json_new_object(p->arena);
    int64_t local = 0;

    BF_TRY(bf_run_local(p->arena, lane->settings, lane->next, &local, err));
    bf_json_add_str(run, "schedule", lane->schedule->name);
    bf_json_add_str(run, "scheduled_time", bf_instant_print(p->arena, lane->next));
    bf_json_add_str(run, "local_time",
                    bf_instant_print_offset(p->arena, lane->next, (int)(local - lane->next)));
    bf_json_add_str(run, "timezone", lane->schedule->timezone);
    bf_json_add_str(run, "display_name",
                    bf_run_display_name(p->arena, lane->schedule->name, local));
    bf_json *values = bf_json_add_object(run, "parameters");
    BF_TRY(compute(p, lane, values, err));
    add_defaults(p->record, values, bf_json_add_object(run, "defaults"), p->arena);
    print_run(p, run);
    return BF_OK;
}

/* A wall time that does not exist that day is skipped by Scheduler: say so. */
static void note_skipped(struct preview *p, const struct lane *lane, int64_t from, int64_t until)
{
    int64_t local = 0, transition = 0;

    while (!p->request->json && bf_next_skipped(&lane->firing, from, until, &local, &transition)) {
        const struct bf_sv text = bf_instant_print(p->arena, local);
        bf_buf_printf(&p->out,
                      "    skipped: " BF_SV_FMT " " BF_SV_FMT " does not exist in " BF_SV_FMT "\n",
                      BF_SV_ARG(lane->schedule->name), BF_SV_ARG(bf_sv_slice(text, 0, 19)),
                      BF_SV_ARG(lane->schedule->timezone));
        from = transition;
    }
}

static const char *why_none(const struct preview *p)
{
    if (p->lane_count > 0) {
        return "no run: no enabled schedule fires any more\n";
    }
    return p->disabled ? "no run: every schedule is disabled here (enabled: false); '--schedule "
                         "NAME' shows one all the same\n"
                       : "no run: there are no schedules here; another environment may have them\n";
}

static enum bf_code print_runs(struct preview *p, struct bf_err *err)
{
    for (int64_t i = 0; i < p->request->count; i++) {
        struct lane *lane = earliest(p);
        if (lane == NULL) {
            if (i == 0 && !p->request->json) {
                bf_buf_addz(&p->out, why_none(p));
            }
            return BF_OK;
        }
        BF_TRY(add_run(p, lane, err));
        const int64_t last = lane->next;
        advance(lane, last);
        if (!lane->ended) {
            note_skipped(p, lane, last, lane->next);
        }
    }
    return BF_OK;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {.environment = "", .schedule = "", .format = "text"};
    struct preview p = {.arena = arena, .request = &request, .out = bf_buf_new(arena, OUTPUT_MAX)};
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_spec spec = {0};
    struct bf_err err = {0};
    bf_json *record = NULL;

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("preview", &err);
    }
    if (request.line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    enum bf_code code = load(arena, &request, diags, &spec, &err);
    bf_print_diags(arena, diags, request.json, STDERR_FILENO);
    if (code == BF_OK) {
        code = bf_deploy_record(arena, spec.pipeline, request.after, &record, &err);
    }
    p.record = record;
    if (code != BF_OK || open_lanes(&p, spec.pipeline, &err) != BF_OK ||
        print_runs(&p, &err) != BF_OK) {
        return bf_command_failed("preview", &err);
    }
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&p.out)) ? EX_OK : EX_IOERR;
}

int bf_cmd_preview(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    const int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

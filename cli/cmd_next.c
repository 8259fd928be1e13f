#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "time/civil.h"
#include "time/cron.h"
#include "time/instant.h"
#include "time/zone.h"
#include "json/json.h"

enum { ARENA_MAX = 256 << 20, FIRES_MAX = 10000, OUTPUT_MAX = 16 << 20 };

static const char help[] =
    "usage: buzzflow next EXPRESSION [--timezone ZONE] [--from T] [-n N] [--format text|json]\n"
    "\n"
    "Prints the next N (5) times after T (now) at which EXPRESSION fires, one UTC instant a line;\n"
    "fewer when the schedule ends. EXPRESSION is cron(...), rate(...), at(...) or six bare cron\n"
    "fields: minutes hours day-of-month month day-of-week year. T is an instant such as\n"
    "2026-03-01T15:30:00Z; for rate it is the start that the rate counts from. With --format "
    "json:\n"
    "local time as well, and notes about times that the clock change skips or repeats.\n"
    "\n"
    "examples:\n"
    "  buzzflow next '0 9 ? * MON-FRI *' --timezone Asia/Seoul\n"
    "  buzzflow next 'cron(30 2 * * ? *)' --timezone America/New_York --from 2026-03-07T00:00:00Z "
    "--format json\n";

struct request {
    const char *zone, *from_text, *count_text, *format;
    bool json;
    struct bf_command_line arguments;
    struct bf_when when;
    struct bf_firing firing;
    int64_t from, count;
};

/* The expression with its mistake, as a diagnostic with a caret. */
static int refuse(struct bf_arena *arena, const struct request *request, const char *code,
                  const struct bf_err *err)
{
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_loc loc = err->loc;

    if (loc.line != 0) {
        loc.file = "EXPRESSION";
        bf_diags_add_source(diags, loc.file, bf_sv_of(request->arguments.items[0]));
    }
    (void)bf_diag(diags, BF_ERROR, code, loc, "%s", err->msg);
    bf_print_diags(arena, diags, request->json, STDERR_FILENO);
    return bf_code_exit_status(err->code);
}

static const char *code_of(const char *expression)
{
    struct bf_sv text = bf_sv_trim(bf_sv_of(expression));

    if (bf_sv_starts(text, BF_SV("rate("))) {
        return "schedule.rate";
    }
    return bf_sv_starts(text, BF_SV("at(")) ? "schedule.at" : "schedule.cron";
}

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {{"--timezone", &out->zone, NULL},
                                        {"--from", &out->from_text, NULL},
                                        {"-n", &out->count_text, NULL},
                                        {"--format", &out->format, NULL},
                                        {0}};

    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->arguments, err));
    if (out->arguments.help) {
        return BF_OK;
    }
    if (out->arguments.count != 1) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give one schedule expression, in quotes");
    }
    if (!bf_sv_i64(bf_sv_of(out->count_text), 1, FIRES_MAX, &out->count)) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "-n takes 1 to %d, not '%s'", FIRES_MAX,
                          out->count_text);
    }
    if (out->from_text != NULL &&
        bf_instant_parse(bf_sv_of(out->from_text), &out->from, err) != BF_OK) {
        err->code = BF_EUSAGE;
        return bf_err_wrap(err, "--from");
    }
    return bf_arguments_format(out->format, &out->json, err);
}

static void add_skipped(struct bf_arena *arena, bf_json *notes, const struct request *r,
                        int64_t after, int64_t until)
{
    struct bf_sv zone = bf_zone_name(r->firing.zone);
    int64_t local = 0;

    while (bf_next_skipped(&r->firing, after, until, &local, &after)) {
        struct bf_civil c = bf_civil_of(local);
        (void)bf_json_add_str(
            notes, NULL,
            bf_sv_printf(arena,
                         "skipped before: %04d-%02d-%02dT%02d:%02d does not exist in " BF_SV_FMT
                         " (the clock goes forward)",
                         c.date.year, c.date.month, c.date.day, c.hour, c.minute, BF_SV_ARG(zone)));
    }
}

static void add_fire(struct bf_arena *arena, bf_json *fires, const struct request *r, int64_t after,
                     int64_t fire)
{
    bf_json *item = bf_json_add_object(fires, NULL);
    int offset = bf_zone_offset(r->firing.zone, fire);
    struct bf_local_time local = bf_zone_resolve(r->firing.zone, fire + offset);

    (void)bf_json_add_str(item, "time", bf_instant_print(arena, fire));
    (void)bf_json_add_str(item, "local", bf_instant_print_offset(arena, fire, offset));
    (void)bf_json_add_str(item, "zone", bf_zone_abbreviation(r->firing.zone, fire));
    bf_json *notes = bf_json_add_array(item, "notes");
    add_skipped(arena, notes, r, after, fire);
    if (local.kind == BF_LOCAL_TWICE && r->when.kind != BF_WHEN_RATE) {
        (void)bf_json_add_str(notes, NULL,
                              BF_SV("this local time comes twice (the clock goes back); it fires "
                                    "at the first only"));
    }
    if (r->when.kind == BF_WHEN_AT && fire + offset != r->when.local) {
        (void)bf_json_add_str(notes, NULL,
                              BF_SV("the local time asked for does not exist (the clock goes "
                                    "forward); taken forward by the length of the gap"));
    }
}

static void warn(struct bf_arena *arena, bool json)
{
    struct bf_diags *diags = bf_diags_new(arena);

    (void)bf_diag(diags, BF_WARNING, "schedule.cron", BF_NOWHERE,
                  "'L-n' and 'LW' are computed here, but AWS does not document them: the service "
                  "may refuse the schedule");
    bf_print_diags(arena, diags, json, STDERR_FILENO);
}

static int print(struct bf_arena *arena, const struct request *r)
{
    struct bf_buf out = bf_buf_new(arena, OUTPUT_MAX);
    bf_json *answer = bf_json_new_object(arena);
    int64_t fire = 0;
    int64_t after = r->from;
    int64_t found = 0;

    (void)bf_json_add_str(answer, "expression", bf_sv_of(r->arguments.items[0]));
    (void)bf_json_add_str(answer, "timezone", bf_zone_name(r->firing.zone));
    (void)bf_json_add_str(answer, "tzdb", bf_sv_of(bf_tzdb_version()));
    bf_json *fires = bf_json_add_array(answer, "fires");
    for (; found < r->count && bf_next_fire(&r->firing, after, &fire); found++) {
        add_fire(arena, fires, r, after, fire);
        bf_buf_add(&out, bf_instant_print(arena, fire));
        bf_buf_addc(&out, '\n');
        after = fire;
    }
    (void)bf_json_add_bool(answer, "ends", found < r->count);
    if (r->json) {
        bf_buf_clear(&out);
        bf_json_print_pretty(&out, answer);
        bf_buf_addc(&out, '\n');
    }
    return !out.full && bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? EX_OK : EX_IOERR;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request r = {
        .zone = "UTC", .count_text = "5", .format = "text", .from = (int64_t)time(NULL)};
    struct bf_err err = {0};

    if (parse(arena, argc, argv, &r, &err) != BF_OK) {
        return bf_command_failed("next", &err);
    }
    if (r.arguments.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (bf_zone_load(arena, bf_sv_of(r.zone), &r.firing.zone, &err) != BF_OK) {
        return refuse(arena, &r, "schedule.timezone", &err);
    }
    if (bf_when_parse(bf_sv_of(r.arguments.items[0]), &r.when, &err) != BF_OK) {
        return refuse(arena, &r, code_of(r.arguments.items[0]), &err);
    }
    if (r.when.kind == BF_WHEN_CRON && r.when.cron.not_aws) {
        warn(arena, r.json);
    }
    r.firing.when = &r.when;
    r.firing.start = r.from;
    return print(arena, &r);
}

int bf_cmd_next(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

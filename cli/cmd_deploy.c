#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/stack.h"
#include "cli/upload.h"
#include "deploy/deploy.h"
#include "ledger/ledger.h"

static const char help[] =
    "usage: buzzflow deploy SPEC [--environment E] [--wait | --no-wait] [--timeout SECONDS]\n"
    "                       [--key KEY] [--commit ID] [--adopt] [--platform FILE]\n"
    "                       [--format text|json]\n"
    "\n"
    "Uploads the code that SPEC points to and SPEC itself to the spec bucket of the stack, waits\n"
    "for the deployment record, and prints what came of it: what was written, or the mistakes.\n"
    "\n"
    "  --environment E  the stack (default: BUZZFLOW_ENVIRONMENT)\n"
    "  --no-wait        return after the upload\n"
    "  --timeout S      wait at most so long (default 300 seconds)\n"
    "  --key KEY        the object's key (default: specs/ and the file's name)\n"
    "  --commit ID      kept as the pipeline's tag buzzflow:commit\n"
    "  --adopt          take over a pipeline of that name that buzzflow did not make\n"
    "  --platform FILE  the platform file, to see which code SPEC needs (default: the bucket's)\n"
    "  --format json    print the deployment record\n"
    "\n"
    "examples:\n"
    "  buzzflow deploy ctr-daily.pipeline.yaml --environment research\n"
    "  buzzflow deploy ctr-daily.pipeline.yaml --environment production --commit \"$GITHUB_SHA\"\n";

enum { ARENA_MAX = 1 << 30, WAIT_DEFAULT = 300, HISTORY = 20, POLL_MS = 500 };

struct request {
    const char *environment, *timeout, *key, *commit, *platform, *format;
    bool wait, no_wait, adopt;
    struct bf_command_line line;
    int64_t seconds;
    bool json;
};

static enum bf_code check_request(struct request *out, struct bf_err *err)
{
    if (out->line.count != 1) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "give one file");
    }
    if (out->wait && out->no_wait) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--wait or --no-wait, not both");
    }
    if (out->timeout != NULL && !bf_sv_i64(bf_sv_of(out->timeout), 1, 86400, &out->seconds)) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "--timeout is 1 to 86400 seconds, not '%s'",
                          out->timeout);
    }
    if (out->key != NULL && !bf_deploy_is_spec(bf_sv_of(out->key))) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                          "--key is 'specs/....pipeline.yaml', not '%s'", out->key);
    }
    return bf_arguments_format(out->format, &out->json, err);
}

static enum bf_code parse(struct bf_arena *arena, int argc, char **argv, struct request *out,
                          struct bf_err *err)
{
    const struct bf_option options[] = {{"--environment", &out->environment, NULL},
                                        {"--timeout", &out->timeout, NULL},
                                        {"--key", &out->key, NULL},
                                        {"--commit", &out->commit, NULL},
                                        {"--platform", &out->platform, NULL},
                                        {"--format", &out->format, NULL},
                                        {"--wait", NULL, &out->wait},
                                        {"--no-wait", NULL, &out->no_wait},
                                        {"--adopt", NULL, &out->adopt},
                                        {0}};

    out->seconds = WAIT_DEFAULT;
    BF_TRY(bf_arguments_parse(arena, argc, argv, options, &out->line, err));
    return out->line.help ? BF_OK : check_request(out, err);
}

static enum bf_code key_of(struct bf_arena *arena, const struct request *request, struct bf_sv *out,
                           struct bf_err *err)
{
    struct bf_sv file = bf_sv_of(request->line.items[0]);

    if (request->key != NULL) {
        *out = bf_sv_of(request->key);
        return BF_OK;
    }
    while (bf_sv_find(file, '/') != file.len) {
        (void)bf_sv_cut(&file, '/');
    }
    *out = bf_sv_printf(arena, "specs/" BF_SV_FMT, BF_SV_ARG(file));
    if (!bf_deploy_is_spec(*out)) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                          "'%s' does not end in .pipeline.yaml: rename it, or give --key",
                          request->line.items[0]);
    }
    return BF_OK;
}

/* ---- waiting ---- */

struct waiting {
    struct bf_cli_aws *aws;
    const struct bf_cli_stack *stack;
    struct bf_sv key, version_id;
    bool terminal;
};

static bool is_ours(const struct waiting *w, const bf_json *record)
{
    return record != NULL && bf_sv_eq(bf_json_str(record, "version_id"), w->version_id);
}

/* Another upload may be the newest by now: then the history has the record of this one. */
static enum bf_code look(const struct waiting *w, const bf_json **out, struct bf_err *err)
{
    struct bf_arena *arena = w->aws->aws.arena;
    struct bf_ledger ledger = {.aws = &w->aws->aws, .table = w->stack->table};
    const struct bf_ledger_key key = bf_key_spec_latest(arena, w->key);
    const struct bf_ledger_range range = {
        .pk = key.pk, .sk_prefix = BF_SV("history#"), .newest_first = true, .max = HISTORY};
    struct bf_ledger_item item;
    struct bf_ledger_items items = {0};

    *out = NULL;
    BF_TRY(bf_ledger_get(&ledger, &key, &item, err));
    if (is_ours(w, item.document)) {
        *out = item.document;
        return BF_OK;
    }
    BF_TRY(bf_ledger_query(&ledger, &range, &items, err));
    for (size_t i = 0; i < items.count && *out == NULL; i++) {
        *out = is_ours(w, items.items[i].document) ? items.items[i].document : NULL;
    }
    return BF_OK;
}

static enum bf_code wait_for_record(struct waiting *w, int64_t seconds, const bf_json **out,
                                    struct bf_err *err)
{
    struct bf_http *http = w->aws->http;
    const int64_t start = http->now_ms(http);

    for (;;) {
        const int64_t passed = (http->now_ms(http) - start) / 1000;
        enum bf_code code = look(w, out, err);
        if (code != BF_OK && !bf_code_is_transient(code)) {
            return code;
        }
        if (code == BF_OK && *out != NULL) {
            break;
        }
        if (passed >= seconds) {
            return bf_err_set(err, BF_ETIMEOUT, BF_NOWHERE,
                              "no deployment record of " BF_SV_FMT " version " BF_SV_FMT
                              " after %lld seconds; it may still come (dead letters of deploy_spec "
                              "say if not)",
                              BF_SV_ARG(w->key), BF_SV_ARG(w->version_id), (long long)seconds);
        }
        if (w->terminal) {
            (void)fprintf(stderr, "\rwaiting for the deployment ... %lld s", (long long)passed);
        }
        http->wait_ms(http, POLL_MS);
    }
    if (w->terminal) {
        (void)fputs("\r\033[K", stderr);
    }
    return BF_OK;
}

/* ---- printing ---- */

static enum bf_severity severity_of(struct bf_sv word)
{
    if (bf_sv_is(word, "error")) {
        return BF_ERROR;
    }
    return bf_sv_is(word, "warning") ? BF_WARNING : BF_NOTE;
}

static unsigned unsigned_of(const bf_json *item, const char *key)
{
    int64_t value = 0;

    return bf_json_i64(bf_json_get(item, key), 0, INT32_MAX, &value) ? (unsigned)value : 0;
}

/* As if they were local: the record names the file by its last part, here it has its path. */
static struct bf_diags *local_diags(struct bf_arena *arena, const char *file, struct bf_sv text,
                                    const bf_json *record)
{
    struct bf_diags *diags = bf_diags_new(arena);
    const struct bf_sv path = bf_sv_of(file);
    const bf_json *list = bf_json_get(record, "diagnostics");

    bf_diags_add_source(diags, file, text);
    for (const bf_json *i = bf_json_first(list); i != NULL; i = bf_json_next(i)) {
        const struct bf_sv name = bf_json_str(i, "file");
        const struct bf_loc loc = {
            .file = bf_sv_ends(path, name) ? file : bf_sv_z(arena, name),
            .line = unsigned_of(i, "line"),
            .col = unsigned_of(i, "column"),
            .end_col = unsigned_of(i, "end_column"),
        };
        const bf_json *notes = bf_json_get(i, "notes");
        struct bf_diag *diag = bf_diag(diags, severity_of(bf_json_str(i, "severity")),
                                       bf_sv_z(arena, bf_json_str(i, "code")), loc, BF_SV_FMT,
                                       BF_SV_ARG(bf_json_str(i, "message")));
        if (bf_json_str(i, "hint").len != 0) {
            bf_diag_hint(diags, diag, BF_SV_FMT, BF_SV_ARG(bf_json_str(i, "hint")));
        }
        for (const bf_json *n = bf_json_first(notes); n != NULL; n = bf_json_next(n)) {
            bf_diag_note(diags, diag, BF_NOWHERE, BF_SV_FMT, BF_SV_ARG(bf_json_text(n)));
        }
    }
    return diags;
}

static void print_record(const struct request *request, const bf_json *record, struct bf_buf *out)
{
    const bf_json *written = bf_json_get(record, "written");

    if (request->json) {
        bf_json_print(out, record);
        bf_buf_addc(out, '\n');
        return;
    }
    bf_buf_printf(out, BF_SV_FMT ": " BF_SV_FMT " in " BF_SV_FMT,
                  BF_SV_ARG(bf_json_str(record, "key")), BF_SV_ARG(bf_json_str(record, "status")),
                  BF_SV_ARG(bf_json_str(record, "environment")));
    if (bf_json_str(record, "error").len != 0) {
        bf_buf_printf(out, ": " BF_SV_FMT, BF_SV_ARG(bf_json_str(record, "error")));
        bf_buf_addz(out, bf_json_true(bf_json_get(record, "restored"))
                             ? "\n  what was there before is restored"
                             : "");
    }
    bf_buf_addc(out, '\n');
    for (const bf_json *w = bf_json_first(written); w != NULL; w = bf_json_next(w)) {
        bf_buf_printf(out, "  " BF_SV_FMT "\n", BF_SV_ARG(bf_json_text(w)));
    }
    if (bf_json_count(written) == 0 && bf_sv_is(bf_json_str(record, "status"), "ok")) {
        bf_buf_addz(out, "  nothing had to be changed\n");
    }
}

static int exit_status(const bf_json *record)
{
    if (bf_sv_is(bf_json_str(record, "status"), "ok")) {
        return EX_OK;
    }
    if (bf_sv_is(bf_json_str(record, "status"), "superseded")) {
        return EX_TEMPFAIL;
    }
    return bf_json_str(record, "error").len != 0 ? EX_UNAVAILABLE : EX_DATAERR;
}

/* ---- the command ---- */

static enum bf_code deploy(struct bf_cli_aws *aws, const struct request *request,
                           struct bf_uploaded *uploaded, const bf_json **record, struct bf_err *err)
{
    struct bf_cli_stack stack;
    struct bf_upload upload = {.file = request->line.items[0],
                               .platform = request->platform,
                               .commit = bf_sv_of(request->commit),
                               .adopt = request->adopt};

    BF_TRY(key_of(aws->aws.arena, request, &upload.key, err));
    BF_TRY(bf_cli_stack_find(aws, request->environment, &stack, err));
    BF_TRY(bf_upload_run(aws, &stack, &upload, uploaded, err));
    (void)fprintf(stderr,
                  "uploaded s3://" BF_SV_FMT "/" BF_SV_FMT
                  " (code: %zu sent, %zu there already, %zu deleted)\n",
                  BF_SV_ARG(stack.bucket), BF_SV_ARG(upload.key), uploaded->sent, uploaded->kept,
                  uploaded->deleted);
    if (request->no_wait) {
        return BF_OK;
    }
    struct waiting waiting = {.aws = aws,
                              .stack = &stack,
                              .key = upload.key,
                              .version_id = uploaded->version_id,
                              .terminal = isatty(STDERR_FILENO) != 0};
    return wait_for_record(&waiting, request->seconds, record, err);
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct request request = {.format = "text"};
    struct bf_uploaded uploaded = {0};
    struct bf_buf out = bf_buf_new(arena, 1 << 20);
    const bf_json *record = NULL;
    struct bf_cli_aws aws;
    struct bf_err err = {0};

    if (parse(arena, argc, argv, &request, &err) != BF_OK) {
        return bf_command_failed("deploy", &err);
    }
    if (request.line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    bf_cli_aws_open(arena, &aws);
    enum bf_code code = deploy(&aws, &request, &uploaded, &record, &err);
    bf_cli_aws_close(&aws);
    if (code != BF_OK) {
        return bf_command_failed("deploy", &err);
    }
    if (record == NULL) {
        return EX_OK;
    }
    bf_print_diags(arena, local_diags(arena, request.line.items[0], uploaded.text, record),
                   request.json, STDERR_FILENO);
    print_record(&request, record, &out);
    return bf_write_all(STDOUT_FILENO, bf_buf_sv(&out)) ? exit_status(record) : EX_IOERR;
}

int bf_cmd_deploy(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    const int status = run(arena, argc, argv);

    bf_arena_destroy(&arena);
    return status;
}

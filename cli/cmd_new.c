#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "yaml/scalar.h"

static const char help[] =
    "usage: buzzflow new NAME\n"
    "\n"
    "Writes NAME.pipeline.yaml, a commented starter that passes 'buzzflow check', and "
    "NAME/NAME.py,\n"
    "the code it runs. Nothing that exists is overwritten.\n"
    "\n"
    "examples:\n"
    "  buzzflow new ctr-daily\n"
    "  buzzflow new ctr-daily && buzzflow check ctr-daily.pipeline.yaml\n";

enum { ARENA_MAX = 16 << 20, FILE_MAX = 1 << 16, NAME_MAX_LENGTH = 63 };

/* "@" stands for the name, "~" for the name as a value of its own. */
static const char spec[] =
    "# yaml-language-server: $schema=pipeline.schema.json\n"
    "# (for editors; make it with: buzzflow schema > pipeline.schema.json)\n"
    "# @: what this pipeline does, in one line.\n"
    "# 'buzzflow check' finds mistakes, 'buzzflow preview' shows the next runs, 'buzzflow deploy' "
    "deploys.\n"
    "version: 1\n"
    "name: ~  # the pipeline's name in SageMaker\n"
    "project: ~  # groups pipelines for permissions, alerts and cost\n"
    "description: Say here what it is for\n"
    "\n"
    "# Your platform team can put these two into a platform file; then leave them out here.\n"
    "storage: {bucket: my-ml-bucket}  # code and outputs\n"
    "role: arn:aws:iam::123456789012:role/my-ml-role\n"
    "\n"
    "# Anything you want to say once. Read it with ${variables.image}.\n"
    "variables:\n"
    "  image: 123456789012.dkr.ecr.us-west-2.amazonaws.com/python:3.11\n"
    "\n"
    "# Values that every run may have of its own. Read them with ${param:day}.\n"
    "parameters:\n"
    "  day: {type: string, description: \"day of the data, YYYY-MM-DD\"}\n"
    "\n"
    "# Under every step that knows the word; a step may say otherwise.\n"
    "defaults:\n"
    "  image: ${variables.image}\n"
    "  compute: {instance_type: ml.m5.xlarge}\n"
    "  timeout: 1h\n"
    "  retry:\n"
    "    - {errors: [throttling, service_fault], attempts: 5, interval: 10s}\n"
    "\n"
    "steps:\n"
    "  prepare:\n"
    "    type: processing\n"
    "    code: {source: ~, entrypoint: @.py}  # the directory @/ beside this file\n"
    "    arguments: {day: \"${param:day}\"}  # python3 @.py --day 2026-03-01\n"
    "    outputs: {rows: {}}  # what the script writes to /opt/ml/processing/output/rows\n"
    "    cache: 1d  # an equal run of the last day stands in for this one\n"
    "\n"
    "  # What may come next; take the '# ' of these lines away. A reference is the dependency.\n"
    "  # train:\n"
    "  #   type: training\n"
    "  #   code: {source: ~, entrypoint: train.py}  # you write it; the model goes to "
    "/opt/ml/model\n"
    "  #   timeout: 4h\n"
    "  #   inputs: {rows: \"${step:prepare.outputs.rows}\"}  # in the container: "
    "/opt/ml/input/data/rows\n"
    "  #   hyperparameters: {epochs: 20}\n"
    "  #   metrics: {auc: 'auc=([0-9.]+)'}  # found in what the script prints\n"
    "  # good_enough:\n"
    "  #   type: condition\n"
    "  #   if: [{left: \"${step:train.metrics.auc}\", ge: 0.75}]\n"
    "  #   then:\n"
    "  #     register:\n"
    "  #       type: register\n"
    "  #       group: ~\n"
    "  #       model: {image: \"${variables.image}\", data: \"${step:train.model}\"}\n"
    "  #       content_types: [text/csv]\n"
    "  #       response_types: [text/csv]\n"
    "  #   else:\n"
    "  #     too_low: {type: fail, message: \"AUC ${step:train.metrics.auc} is too low\"}\n"
    "\n"
    "schedules:\n"
    "  nightly:\n"
    "    cron: 0 5 * * ? *  # minute hour day-of-month month day-of-week year\n"
    "    timezone: Asia/Seoul\n"
    "    parameters: {day: \"${date:%F,-1d}\"}  # yesterday, where the schedule is\n"
    "\n"
    "alerts:\n"
    "  slack: \"#@\"  # quoted: # begins a comment\n"
    "  events: [failed, stopped]\n"
    "\n"
    "# What differs between environments. Deploying into one merges its part over the file.\n"
    "environments:\n"
    "  research:\n"
    "    schedules: {nightly: {enabled: false}}  # started by hand\n"
    "  production:\n"
    "    name: @-production\n";

static const char script[] =
    "\"\"\"The first step of @: runs inside of a SageMaker processing container.\"\"\"\n"
    "\n"
    "import argparse\n"
    "from pathlib import Path\n"
    "\n"
    "OUTPUT = Path(\"/opt/ml/processing/output/rows\")  # what lands here goes to S3\n"
    "\n"
    "\n"
    "def main() -> None:\n"
    "    parser = argparse.ArgumentParser()\n"
    "    parser.add_argument(\"--day\", required=True)\n"
    "    arguments = parser.parse_args()\n"
    "    OUTPUT.mkdir(parents=True, exist_ok=True)\n"
    "    (OUTPUT / \"rows.csv\").write_text(f\"day\\n{arguments.day}\\n\")\n"
    "    print(f\"wrote the rows of {arguments.day}\")\n"
    "\n"
    "\n"
    "if __name__ == \"__main__\":\n"
    "    main()\n";

/** ${name} as a value in YAML: in quotes where it would be read as a number, a word or a null. */
static struct bf_sv as_value(struct bf_arena *arena, struct bf_sv name)
{
    struct bf_value read = {.text = name};
    enum bf_yaml_surprise surprise = bf_yaml_resolve_plain(arena, &read);
    bool text = read.kind == BF_VALUE_STRING && surprise == BF_YAML_NO_SURPRISE;
    return text ? name : bf_sv_printf(arena, "\"" BF_SV_FMT "\"", BF_SV_ARG(name));
}

static struct bf_sv filled(struct bf_arena *arena, const char *text, struct bf_sv name)
{
    struct bf_buf out = bf_buf_new(arena, FILE_MAX);
    struct bf_sv value = as_value(arena, name);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '@' || *c == '~') {
            bf_buf_add(&out, *c == '@' ? name : value);
        } else {
            bf_buf_addc(&out, *c);
        }
    }
    return bf_buf_sv(&out);
}

/** A pipeline's name that is a project's too: both are written into the starter. */
static bool name_ok(struct bf_sv name)
{
    bool ok = name.len > 0 && name.len <= NAME_MAX_LENGTH && name.ptr[0] != '-' &&
              name.ptr[name.len - 1] != '-';
    for (size_t i = 0; i < name.len && ok; i++) {
        char c = name.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return ok;
}

static enum bf_code write_new(const char *path, struct bf_sv text, struct bf_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return bf_err_set(err, BF_EIO, BF_NOWHERE, "cannot write '%s': %s", path,
                          strerrordesc_np(errno));
    }
    bool written = bf_write_all(fd, text);
    if (close(fd) != 0 || !written) {
        return bf_err_set(err, BF_EIO, BF_NOWHERE, "cannot write '%s'", path);
    }
    (void)printf("wrote %s\n", path);
    return BF_OK;
}

static enum bf_code write_both(struct bf_arena *arena, struct bf_sv name, struct bf_err *err)
{
    struct bf_sv file = bf_sv_printf(arena, BF_SV_FMT ".pipeline.yaml", BF_SV_ARG(name));
    struct bf_sv code =
        bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT ".py", BF_SV_ARG(name), BF_SV_ARG(name));
    struct stat info;
    if (lstat(file.ptr, &info) == 0 || lstat(code.ptr, &info) == 0) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE, "'%s' or '%s' is there already", file.ptr,
                          code.ptr);
    }
    if (mkdir(bf_sv_z(arena, name), 0777) != 0 && errno != EEXIST) {
        return bf_err_set(err, BF_EIO, BF_NOWHERE, "cannot make the directory '" BF_SV_FMT "': %s",
                          BF_SV_ARG(name), strerrordesc_np(errno));
    }
    BF_TRY(write_new(code.ptr, filled(arena, script, name), err));
    BF_TRY(write_new(file.ptr, filled(arena, spec, name), err));
    (void)printf("next: buzzflow check " BF_SV_FMT "\n", BF_SV_ARG(file));
    return BF_OK;
}

static int run(struct bf_arena *arena, int argc, char **argv)
{
    struct bf_command_line line = {0};
    struct bf_err err = {0};
    const struct bf_option options[] = {{0}};
    enum bf_code code = bf_arguments_parse(arena, argc, argv, options, &line, &err);
    if (code == BF_OK && line.help) {
        (void)fputs(help, stdout);
        return EX_OK;
    }
    if (code == BF_OK && line.count != 1) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE, "give the name of the new pipeline");
    }
    if (code == BF_OK && !name_ok(bf_sv_of(line.items[0]))) {
        code = bf_err_set(&err, BF_EUSAGE, BF_NOWHERE,
                          "'%s' cannot be a name: lower-case letters, digits and -, at most %d",
                          line.items[0], NAME_MAX_LENGTH);
    }
    if (code == BF_OK) {
        code = write_both(arena, bf_sv_of(line.items[0]), &err);
    }
    return code == BF_OK ? EX_OK : bf_command_failed("new", &err);
}

int bf_cmd_new(int argc, char **argv)
{
    struct bf_arena *arena = bf_arena_new(ARENA_MAX);
    int status = run(arena, argc, argv);
    bf_arena_destroy(&arena);
    return status;
}

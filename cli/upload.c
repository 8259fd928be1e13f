#include "cli/upload.h"

#include "aws/s3.h"
#include "cli/arguments.h"
#include "cli/disk.h"
#include "cli/variables.h"
#include "deploy/deploy.h"
#include "spec/spec.h"

enum { FILE_ARENA = 80 << 20, FILE_MAX = 64 << 20, KEYS_MAX = 8000 };

struct uploader {
    struct bf_cli_aws *aws;
    const struct bf_cli_stack *stack;
    const struct bf_upload *upload;
    struct bf_uploaded *out;
    struct bf_arena *scratch; /* of one file */
};

/* ---- which code ---- */

static enum bf_code platform_text(struct uploader *u, struct bf_text *out, bool *there,
                                  struct bf_err *err)
{
    const struct bf_s3_at at = {.bucket = u->stack->bucket, .key = BF_PLATFORM_KEY};
    struct bf_s3_object object = {0};
    struct bf_err ignored = {0};

    *there = true;
    if (u->upload->platform != NULL) {
        out->name = u->upload->platform;
        return bf_read_file(u->aws->aws.arena, out->name, (size_t)BF_YAML_MAX_BYTES + 1, &out->text,
                            err);
    }
    /* Whoever may write specs need not be able to read the platform file. */
    *there = bf_s3_get(&u->aws->aws, &at, BF_YAML_MAX_BYTES, &object, &ignored) == BF_OK;
    out->name = "platform.yaml";
    out->text = object.body;
    return BF_OK;
}

/* The file is loaded only to see which code it points to; what is wrong with it, the stack says. */
static enum bf_code load(struct uploader *u, struct bf_spec *spec, struct bf_err *err)
{
    struct bf_arena *arena = u->aws->aws.arena;
    const struct bf_variables variables = bf_process_variables(arena);
    struct bf_text platform = {0};
    bool has_platform = false;
    struct bf_spec_options options = {.file = {.name = u->upload->file},
                                      .environment = u->stack->environment,
                                      .rule = BF_ENVIRONMENT_STACK,
                                      .variables = &variables};

    BF_TRY(bf_read_file(arena, u->upload->file, (size_t)BF_YAML_MAX_BYTES + 1, &options.file.text,
                        err));
    BF_TRY(platform_text(u, &platform, &has_platform, err));
    options.platform = has_platform ? &platform : NULL;
    u->out->text = options.file.text;
    (void)!bf_spec_load(arena, &options, bf_diags_new(arena), spec, err);
    return BF_OK;
}

/* ---- one source ---- */

static bool same_object(struct uploader *u, const struct bf_s3_at *at, struct bf_sv sha256)
{
    struct bf_s3_object object = {0};
    struct bf_err ignored = {0};

    if (bf_s3_head(&u->aws->aws, at, &object, &ignored) != BF_OK) {
        return false;
    }
    for (size_t i = 0; i < object.metadata_count; i++) {
        if (bf_sv_is(object.metadata[i].name, "sha256")) {
            return bf_sv_eq(object.metadata[i].value, sha256);
        }
    }
    return false;
}

static enum bf_code send_file(struct uploader *u, const char *path, const struct bf_s3_at *at,
                              struct bf_sv sha256, struct bf_err *err)
{
    const struct bf_http_header metadata = {BF_SV("sha256"), sha256};
    struct bf_aws aws = u->aws->aws;
    struct bf_s3_put put = {.metadata = &metadata, .metadata_count = 1};

    if (same_object(u, at, sha256)) {
        u->out->kept++;
        return BF_OK;
    }
    bf_arena_reset(u->scratch);
    aws.arena = u->scratch;
    BF_TRY(bf_read_file(u->scratch, path, FILE_MAX, &put.body, err));
    u->out->sent++;
    return bf_s3_put(&aws, at, &put, NULL, err);
}

static bool on_disk(const struct bf_source_listing *listing, struct bf_sv path)
{
    for (size_t i = 0; i < listing->count; i++) {
        if (bf_sv_eq(listing->files[i].path, path)) {
            return true;
        }
    }
    return false;
}

/* A file that was deleted locally would otherwise stay part of the code. */
static enum bf_code delete_stale(struct uploader *u, const struct bf_source *source,
                                 struct bf_sv key, struct bf_err *err)
{
    struct bf_arena *arena = u->aws->aws.arena;
    const struct bf_sv prefix = bf_sv_printf(arena, BF_SV_FMT "/", BF_SV_ARG(key));
    struct bf_s3_list list = {0};

    BF_TRY(bf_s3_list(&u->aws->aws, u->stack->bucket, prefix, KEYS_MAX, &list, err));
    for (size_t i = 0; i < list.count; i++) {
        const struct bf_s3_at at = {.bucket = u->stack->bucket, .key = list.entries[i].key};
        const struct bf_sv path = bf_sv_from(at.key, prefix.len);
        if (bf_source_ignored(path) || on_disk(&source->listing, path)) {
            continue;
        }
        BF_TRY(bf_s3_delete(&u->aws->aws, &at, err));
        u->out->deleted++;
    }
    return BF_OK;
}

static enum bf_code send_source(struct uploader *u, struct bf_source *source, struct bf_err *err)
{
    struct bf_arena *arena = u->aws->aws.arena;
    const struct bf_sv local = bf_disk_path(arena, source);
    struct bf_sv key = {0};

    BF_TRY(bf_disk_list(arena, source, err));
    const bool directory = source->listing.state == BF_SOURCE_DIR;
    if ((!directory && source->listing.state != BF_SOURCE_FILE) ||
        !bf_code_key(arena, u->upload->key, source->path, &key)) {
        return BF_OK;
    }
    for (size_t i = 0; i < source->listing.count; i++) {
        const struct bf_source_file *file = &source->listing.files[i];
        struct bf_s3_at at = {.bucket = u->stack->bucket, .key = key};
        struct bf_sv path = local;
        if (directory) {
            at.key =
                bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(key), BF_SV_ARG(file->path));
            path = bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(local),
                                BF_SV_ARG(file->path));
        }
        BF_TRY(send_file(u, bf_sv_z(arena, path), &at, file->sha256, err));
    }
    return directory ? delete_stale(u, source, key, err) : BF_OK;
}

/* ---- the file itself, last ---- */

static enum bf_code send_spec(struct uploader *u, struct bf_err *err)
{
    struct bf_http_header metadata[2];
    struct bf_s3_object object = {0};
    struct bf_s3_put put = {
        .body = u->out->text, .content_type = BF_SV("application/yaml"), .metadata = metadata};
    const struct bf_s3_at at = {.bucket = u->stack->bucket, .key = u->upload->key};

    if (u->upload->commit.len != 0) {
        metadata[put.metadata_count++] =
            (struct bf_http_header){BF_SV("commit"), u->upload->commit};
    }
    if (u->upload->adopt) {
        metadata[put.metadata_count++] =
            (struct bf_http_header){BF_SV("buzzflow-adopt"), BF_SV("true")};
    }
    BF_TRY(bf_s3_put(&u->aws->aws, &at, &put, &object, err));
    u->out->version_id = object.version_id;
    return BF_OK;
}

enum bf_code bf_upload_run(struct bf_cli_aws *aws, const struct bf_cli_stack *stack,
                           const struct bf_upload *upload, struct bf_uploaded *out,
                           struct bf_err *err)
{
    struct uploader u = {.aws = aws, .stack = stack, .upload = upload, .out = out};
    struct bf_spec spec = {0};
    enum bf_code code = BF_OK;

    *out = (struct bf_uploaded){0};
    BF_TRY(load(&u, &spec, err));
    u.scratch = bf_arena_new(FILE_ARENA);
    for (size_t i = 0; i < spec.source_count && code == BF_OK; i++) {
        /* What the platform file points to, lies beside it and is uploaded with it. */
        if (strcmp(spec.sources[i]->file, upload->file) == 0) {
            code = send_source(&u, spec.sources[i], err);
        }
    }
    bf_arena_destroy(&u.scratch);
    return code == BF_OK ? send_spec(&u, err) : code;
}

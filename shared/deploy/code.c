#include "crypto/crypto.h"
#include "deploy/internal.h"

enum {
    OBJECT_ARENA = 80 << 20, /* one object's bytes and what reading it takes */
    OBJECT_MAX = 64 << 20,   /* bytes; what bf_s3_get takes */
    COPY_LIST_MAX = BF_SOURCE_MAX_FILES + 1,
};

/* ---- keys ---- */

static struct bf_sv directory_of(struct bf_sv key)
{
    return bf_sv_slice(key, 0, key.len - bf_base_name(key).len);
}

bool bf_code_key(struct bf_arena *arena, struct bf_sv key, struct bf_sv path, struct bf_sv *out)
{
    struct bf_sv joined =
        bf_sv_printf(arena, BF_SV_FMT BF_SV_FMT, BF_SV_ARG(directory_of(key)), BF_SV_ARG(path));
    struct bf_sv clean = bf_source_clean(arena, joined);

    if (bf_sv_starts(path, BF_SV("/")) || bf_sv_is(clean, "..") ||
        bf_sv_starts(clean, BF_SV("../")) || bf_sv_is(clean, ".") || clean.len == 0) {
        return false;
    }
    *out = clean;
    return true;
}

/* ---- listing ---- */

struct lister {
    const struct bf_deployer *d;
    struct bf_reading *reading;
    struct bf_sv bucket;
    struct bf_arena *scratch; /* of one object */
    struct bf_source *source;
    size_t cap;
    int64_t bytes;
};

/* Hash one object and remember the version that was hashed: that one is copied. */
static enum bf_code add_object(struct lister *l, const struct bf_s3_entry *entry, struct bf_sv path,
                               struct bf_err *err)
{
    struct bf_arena *arena = l->d->aws->arena;
    struct bf_source_listing *listing = &l->source->listing;
    struct bf_reading *reading = l->reading;
    struct bf_s3_at at = {.bucket = l->bucket, .key = bf_sv_dup(arena, entry->key)};
    struct bf_aws aws = *l->d->aws;
    struct bf_s3_object object = {0};

    aws.arena = l->scratch;
    bf_arena_reset(l->scratch);
    BF_TRY(bf_s3_get(&aws, &at, OBJECT_MAX, &object, err));
    listing->files =
        bf_arena_grow(arena, listing->files, listing->count, &l->cap, sizeof(*listing->files));
    listing->files[listing->count++] = (struct bf_source_file){
        .path = bf_sv_dup(arena, path),
        .sha256 = bf_sha256_hex(arena, object.body),
        .size = (int64_t)object.body.len,
    };
    at.version_id = bf_sv_dup(arena, object.version_id);
    reading->code = bf_arena_grow(arena, reading->code, reading->code_count, &reading->code_cap,
                                  sizeof(*reading->code));
    reading->code[reading->code_count++] =
        (struct bf_code_object){.source = l->source, .path = bf_sv_dup(arena, path), .at = at};
    return BF_OK;
}

/* Names and sizes are judged before anything is read. False: the listing says why. */
static bool admit(struct lister *l, const struct bf_s3_entry *entry, struct bf_sv path)
{
    struct bf_source_listing *listing = &l->source->listing;

    if (!bf_source_name_ok(path)) {
        listing->state = BF_SOURCE_BAD_NAME;
        listing->detail = bf_sv_dup(l->d->aws->arena, path);
        return false;
    }
    l->bytes += entry->size;
    if (listing->count >= BF_SOURCE_MAX_FILES || l->bytes > BF_SOURCE_MAX_BYTES ||
        entry->size > OBJECT_MAX) {
        listing->state = BF_SOURCE_TOO_LARGE;
        return false;
    }
    return true;
}

/* "a/" with no bytes: what the console's "Create folder" makes. */
static bool is_folder(const struct bf_s3_entry *entry)
{
    return bf_sv_ends(entry->key, BF_SV("/"));
}

static enum bf_code list_directory(struct lister *l, struct bf_sv key, bool *found,
                                   struct bf_err *err)
{
    struct bf_arena *arena = l->d->aws->arena;
    const struct bf_sv prefix = bf_sv_printf(arena, BF_SV_FMT "/", BF_SV_ARG(key));
    struct bf_source_listing *listing = &l->source->listing;
    struct bf_s3_list list = {0};

    /* Ignored files do not count against the limit, so some more are asked for. */
    BF_TRY(bf_s3_list(l->d->aws, l->bucket, prefix, (size_t)4 * BF_SOURCE_MAX_FILES, &list, err));
    *found = list.count != 0;
    if (!*found) {
        return BF_OK;
    }
    listing->state = list.more ? BF_SOURCE_TOO_LARGE : BF_SOURCE_DIR;
    for (size_t i = 0; i < list.count && listing->state == BF_SOURCE_DIR; i++) {
        const struct bf_sv path = bf_sv_from(list.entries[i].key, prefix.len);
        if (is_folder(&list.entries[i]) || bf_source_ignored(path) ||
            !admit(l, &list.entries[i], path)) {
            continue;
        }
        BF_TRY(add_object(l, &list.entries[i], path, err));
    }
    return BF_OK;
}

static enum bf_code list_file(struct lister *l, struct bf_sv key, struct bf_err *err)
{
    struct bf_source_listing *listing = &l->source->listing;
    struct bf_s3_list list = {0};

    BF_TRY(bf_s3_list(l->d->aws, l->bucket, key, 1, &list, err));
    if (list.count == 0 || !bf_sv_eq(list.entries[0].key, key)) {
        listing->state = BF_SOURCE_MISSING;
        return BF_OK;
    }
    listing->state = BF_SOURCE_FILE;
    if (!admit(l, &list.entries[0], bf_base_name(key))) {
        return BF_OK;
    }
    return add_object(l, &list.entries[0], bf_base_name(key), err);
}

static enum bf_code list_source(struct lister *l, struct bf_sv key, struct bf_err *err)
{
    bool found = false;

    BF_TRY(list_directory(l, key, &found, err));
    return found ? BF_OK : list_file(l, key, err);
}

enum bf_code bf_code_list(const struct bf_deployer *d, const struct bf_deploy_wish *wish,
                          struct bf_reading *reading, struct bf_source *source, struct bf_err *err)
{
    struct lister l = {.d = d, .reading = reading, .bucket = wish->bucket, .source = source};
    const bool platform = strcmp(source->file, reading->name) != 0;
    struct bf_sv key = {0};

    source->listing = (struct bf_source_listing){0};
    if (!bf_code_key(d->aws->arena, platform ? BF_PLATFORM_KEY : wish->key, source->path, &key)) {
        source->listing.state = BF_SOURCE_OUTSIDE;
        return BF_OK;
    }
    l.scratch = bf_arena_new(OBJECT_ARENA);
    const enum bf_code code = list_source(&l, key, err);
    bf_arena_destroy(&l.scratch);
    return code;
}

/* ---- copying ---- */

static bool is_there(const struct bf_s3_list *list, struct bf_sv key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (bf_sv_eq(list->entries[i].key, key)) {
            return true;
        }
    }
    return false;
}

static enum bf_code copy_source(const struct bf_deployer *d, const struct bf_reading *reading,
                                const struct bf_source *source, size_t *copied, struct bf_err *err)
{
    struct bf_arena *arena = d->aws->arena;
    const struct bf_pipeline *pipeline = reading->spec.pipeline;
    const struct bf_sv key = bf_source_key(arena, pipeline->prefix, source);
    /* "<prefix>code/<sha256>/": of a single file the name stands behind it already */
    const struct bf_sv prefix = directory_of(key);
    struct bf_s3_list list = {0};

    BF_TRY(bf_s3_list(d->aws, pipeline->bucket, prefix, COPY_LIST_MAX, &list, err));
    for (size_t i = 0; i < reading->code_count; i++) {
        const struct bf_code_object *object = &reading->code[i];
        const struct bf_s3_at to = {
            .bucket = pipeline->bucket,
            .key = bf_sv_printf(arena, BF_SV_FMT BF_SV_FMT, BF_SV_ARG(prefix),
                                BF_SV_ARG(object->path)),
        };
        if (object->source != source || is_there(&list, to.key)) {
            continue;
        }
        BF_TRY(bf_s3_copy(d->aws, &object->at, &to, err));
        (*copied)++;
    }
    return BF_OK;
}

enum bf_code bf_code_copy(const struct bf_deployer *d, const struct bf_reading *reading,
                          size_t *copied, struct bf_err *err)
{
    const struct bf_pipeline *pipeline = reading->spec.pipeline;

    *copied = 0;
    for (size_t i = 0; i < pipeline->use_count; i++) {
        bool before = false;
        for (size_t j = 0; j < i && !before; j++) {
            before = pipeline->uses[j].source == pipeline->uses[i].source;
        }
        if (!before) {
            BF_TRY(copy_source(d, reading, pipeline->uses[i].source, copied, err));
        }
    }
    return BF_OK;
}

#include "spec/source.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "crypto/crypto.h"

bool bf_source_ignored(struct bf_sv path)
{
    struct bf_sv rest = path;
    while (rest.len > 0) {
        bool last = bf_sv_find(rest, '/') == rest.len;
        struct bf_sv part = bf_sv_cut(&rest, '/');
        bool folder = bf_sv_is(part, ".git") || bf_sv_is(part, "__pycache__") ||
                      bf_sv_is(part, ".ipynb_checkpoints");
        bool file = bf_sv_is(part, ".DS_Store") || bf_sv_ends(part, BF_SV(".pyc"));
        if ((folder && !last) || (file && last)) {
            return true;
        }
    }
    return false;
}

bool bf_source_name_ok(struct bf_sv path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return false;
        }
    }
    return path.len > 0 && bf_utf8_valid_prefix(path) == path.len;
}

struct bf_sv bf_source_clean(struct bf_arena *arena, struct bf_sv path)
{
    struct bf_sv *parts = BF_NEW_N(arena, struct bf_sv, path.len + 1);
    size_t count = 0;
    struct bf_sv rest = path;
    while (rest.len > 0) {
        struct bf_sv part = bf_sv_cut(&rest, '/');
        bool up = bf_sv_is(part, "..");
        if (part.len == 0 || bf_sv_is(part, ".")) {
            continue;
        }
        if (up && count > 0 && !bf_sv_is(parts[count - 1], "..")) {
            count--;
        } else {
            parts[count++] = part;
        }
    }
    struct bf_buf buf = bf_buf_new(arena, path.len + 2);
    bool absolute = bf_sv_starts(path, BF_SV("/"));
    for (size_t i = 0; i < count; i++) {
        bf_buf_addz(&buf, i == 0 && !absolute ? "" : "/");
        bf_buf_add(&buf, parts[i]);
    }
    return count == 0 ? (absolute ? BF_SV("/") : BF_SV(".")) : bf_buf_sv(&buf);
}

static int by_path(const void *a, const void *b)
{
    const struct bf_source_file *x = a, *y = b;
    return bf_sv_cmp(x->path, y->path);
}

struct bf_sv bf_source_hash(struct bf_arena *arena, const struct bf_source_file *files,
                            size_t count)
{
    struct bf_source_file *sorted = BF_NEW_N(arena, struct bf_source_file, count + 1);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = files[i];
    }
    if (count > 0) {
        qsort(sorted, count, sizeof *sorted, by_path);
    }
    struct bf_sha256 *hash = bf_sha256_begin(arena);
    for (size_t i = 0; i < count; i++) {
        bf_sha256_add(hash, sorted[i].sha256);
        bf_sha256_add(hash, BF_SV("  "));
        bf_sha256_add(hash, sorted[i].path);
        bf_sha256_add(hash, BF_SV("\n"));
    }
    struct bf_digest digest = bf_sha256_end(hash);
    return bf_digest_hex(arena, &digest);
}

struct bf_sv bf_source_key(struct bf_arena *arena, struct bf_sv prefix,
                           const struct bf_source *source)
{
    struct bf_sv name = {0};
    if (source->listing.state == BF_SOURCE_FILE && source->listing.count == 1) {
        name = source->listing.files[0].path;
    }
    return bf_sv_printf(arena, BF_SV_FMT "code/" BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(prefix),
                        BF_SV_ARG(source->sha256), BF_SV_ARG(name));
}

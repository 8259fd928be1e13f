#include "cli/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "crypto/crypto.h"

enum { DEPTH_MAX = 64, CHUNK = 1 << 14 };

struct walk {
    struct bf_arena *arena;
    struct bf_source *source;
    size_t cap;
    int64_t bytes;
    struct bf_err *err;
};

static struct bf_sv directory_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash == NULL ? BF_SV(".") : (struct bf_sv){.ptr = file, .len = (size_t)(slash - file)};
}

struct bf_sv bf_disk_path(struct bf_arena *arena, const struct bf_source *source)
{
    if (bf_sv_starts(source->path, BF_SV("/"))) {
        return source->path;
    }
    struct bf_sv base = directory_of(source->file);
    return bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT,
                        BF_SV_ARG(base.len == 0 ? BF_SV("/.") : base), BF_SV_ARG(source->path));
}

static enum bf_code failed(struct walk *walk, const char *what, const char *path)
{
    return bf_err_set(walk->err, BF_EIO, BF_NOWHERE, "cannot %s '%s': %s", what, path,
                      strerrordesc_np(errno));
}

static void state(struct walk *walk, enum bf_source_state what, struct bf_sv detail)
{
    walk->source->listing.state = what;
    walk->source->listing.detail = detail;
}

/** Nothing has been found wrong so far. */
static bool good(const struct walk *walk)
{
    enum bf_source_state now = walk->source->listing.state;
    return now == BF_SOURCE_DIR || now == BF_SOURCE_FILE;
}

static enum bf_code add_file(struct walk *walk, const char *path, struct bf_sv name)
{
    struct bf_source_listing *listing = &walk->source->listing;
    struct bf_sha256 *hash = bf_sha256_begin(walk->arena);
    char buffer[CHUNK];
    int64_t size = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed(walk, "open", path);
    }
    while ((got = read(fd, buffer, sizeof buffer)) > 0 && walk->bytes <= BF_SOURCE_MAX_BYTES) {
        bf_sha256_add(hash, (struct bf_sv){.ptr = buffer, .len = (size_t)got});
        size += got;
        walk->bytes += got;
    }
    (void)close(fd);
    if (got < 0) {
        return failed(walk, "read", path);
    }
    struct bf_digest digest = bf_sha256_end(hash);
    listing->files = bf_arena_grow(walk->arena, listing->files, listing->count, &walk->cap,
                                   sizeof *listing->files);
    listing->files[listing->count++] = (struct bf_source_file){
        .path = name, .sha256 = bf_digest_hex(walk->arena, &digest), .size = size};
    if (listing->count > BF_SOURCE_MAX_FILES || walk->bytes > BF_SOURCE_MAX_BYTES) {
        state(walk, BF_SOURCE_TOO_LARGE, (struct bf_sv){0});
    }
    return BF_OK;
}

static enum bf_code visit_directory(struct walk *walk, const char *path, struct bf_sv name,
                                    int depth);

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX levels */
static enum bf_code visit_entry(struct walk *walk, const char *path, struct bf_sv name, int depth)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        return failed(walk, "look at", path);
    }
    bool folder = S_ISDIR(info.st_mode);
    struct bf_sv ignored =
        folder ? bf_sv_printf(walk->arena, BF_SV_FMT "/", BF_SV_ARG(name)) : name;
    if (bf_source_ignored(folder ? bf_sv_printf(walk->arena, BF_SV_FMT "x", BF_SV_ARG(ignored))
                                 : ignored)) {
        return BF_OK;
    }
    if (S_ISLNK(info.st_mode)) {
        state(walk, BF_SOURCE_SYMLINK, name);
        return BF_OK;
    }
    if (!bf_source_name_ok(name)) {
        state(walk, BF_SOURCE_BAD_NAME, name);
        return BF_OK;
    }
    if (folder) {
        return visit_directory(walk, path, name, depth + 1);
    }
    return S_ISREG(info.st_mode) ? add_file(walk, path, name) : BF_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX levels */
static enum bf_code visit_directory(struct walk *walk, const char *path, struct bf_sv name,
                                    int depth)
{
    enum bf_code code = BF_OK;
    if (depth > DEPTH_MAX) {
        state(walk, BF_SOURCE_TOO_LARGE, name);
        return BF_OK;
    }
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return failed(walk, "open", path);
    }
    for (;;) {
        /* One stream, one thread: readdir() is safe on a stream of its own (POSIX). */
        const struct dirent *entry = readdir(directory); /* NOLINT(concurrency-mt-unsafe) */
        if (entry == NULL || code != BF_OK || !good(walk)) {
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        struct bf_sv full = bf_sv_printf(walk->arena, "%s/%s", path, entry->d_name);
        struct bf_sv below = name.len == 0 ? bf_sv_dup(walk->arena, bf_sv_of(entry->d_name))
                                           : bf_sv_printf(walk->arena, BF_SV_FMT "/%s",
                                                          BF_SV_ARG(name), entry->d_name);
        code = visit_entry(walk, full.ptr, below, depth);
    }
    (void)closedir(directory);
    return code;
}

/* ---- the tree ---- */

static bool has_git(struct bf_arena *arena, struct bf_sv directory)
{
    struct stat info;
    struct bf_sv git = bf_sv_printf(arena, BF_SV_FMT "/.git", BF_SV_ARG(directory));
    return stat(git.ptr, &info) == 0;
}

/** The absolute directory that sources of ${file} may not leave. */
static struct bf_sv tree_of(struct bf_arena *arena, struct bf_sv directory)
{
    struct bf_sv at = directory;
    for (;;) {
        if (has_git(arena, at)) {
            return at;
        }
        size_t slash = at.len;
        while (slash > 0 && at.ptr[slash - 1] != '/') {
            slash--;
        }
        if (slash <= 1) {
            return directory;
        }
        at = bf_sv_slice(at, 0, slash - 1);
    }
}

static bool outside(struct bf_arena *arena, const struct bf_source *source)
{
    char *absolute = realpath(bf_sv_z(arena, directory_of(source->file)), NULL);
    if (absolute == NULL || bf_sv_starts(source->path, BF_SV("/"))) {
        free(absolute);
        return true;
    }
    bf_arena_defer(arena, free, absolute);
    struct bf_sv directory = bf_sv_of(absolute);
    struct bf_sv tree = tree_of(arena, directory);
    struct bf_sv full = bf_sv_printf(arena, "%s/" BF_SV_FMT, absolute, BF_SV_ARG(source->path));
    struct bf_sv clean = bf_source_clean(arena, full);
    struct bf_sv below =
        bf_sv_is(tree, "/") ? tree : bf_sv_printf(arena, BF_SV_FMT "/", BF_SV_ARG(tree));
    return !bf_sv_eq(clean, tree) && !bf_sv_starts(clean, below);
}

/** The shortest beginning of the path that is a symbolic link; empty: none, or nothing is there. */
static struct bf_sv first_link(struct bf_arena *arena, const struct bf_source *source)
{
    struct bf_source part = *source;
    struct bf_sv rest = source->path;
    while (rest.len > 0) {
        struct stat info;
        (void)bf_sv_cut(&rest, '/');
        part.path.len = source->path.len - rest.len - (rest.len > 0 ? 1 : 0);
        if (lstat(bf_disk_path(arena, &part).ptr, &info) != 0) {
            break;
        }
        if (S_ISLNK(info.st_mode)) {
            return part.path;
        }
    }
    return (struct bf_sv){0};
}

static enum bf_code list(struct walk *walk, struct bf_arena *scratch)
{
    struct bf_source *source = walk->source;
    struct stat info;
    source->listing = (struct bf_source_listing){.state = BF_SOURCE_MISSING};
    if (outside(scratch, source)) {
        source->listing.state = BF_SOURCE_OUTSIDE;
        return BF_OK;
    }
    struct bf_sv link = first_link(scratch, source);
    if (link.len > 0) {
        state(walk, BF_SOURCE_SYMLINK, link);
        return BF_OK;
    }
    struct bf_sv path = bf_disk_path(scratch, source);
    if (lstat(path.ptr, &info) != 0) {
        bool none = errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
        return none ? BF_OK : failed(walk, "look at", path.ptr);
    }
    if (S_ISREG(info.st_mode)) {
        struct bf_sv name = source->path;
        while (bf_sv_find(name, '/') < name.len) {
            (void)bf_sv_cut(&name, '/');
        }
        source->listing.state = BF_SOURCE_FILE;
        return add_file(walk, path.ptr, name);
    }
    source->listing.state = BF_SOURCE_DIR;
    BF_TRY(visit_directory(walk, path.ptr, (struct bf_sv){0}, 0));
    if (source->listing.state == BF_SOURCE_DIR && source->listing.count == 0) {
        source->listing.state = BF_SOURCE_MISSING;
    }
    return BF_OK;
}

enum { SCRATCH_MAX = 1 << 24 };

enum bf_code bf_disk_list(struct bf_arena *arena, struct bf_source *source, struct bf_err *err)
{
    struct walk walk = {.arena = arena, .source = source, .err = err};
    struct bf_arena *scratch = bf_arena_new(SCRATCH_MAX); /* a file may name very many paths */
    enum bf_code code = list(&walk, scratch);
    bf_arena_destroy(&scratch);
    return code;
}

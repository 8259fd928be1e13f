#ifndef BF_SPEC_SOURCE_H
#define BF_SPEC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * Code that a pipeline file points to, and its content address. Who reads files (the CLI from
 * disk, a function from S3) fills a listing; the rules are here, once.
 *
 * The address is the SHA-256 of what sha256sum prints for all regular files, sorted by the bytes
 * of their paths:
 *
 *     find . -type f -printf '%P\n' | LC_ALL=C sort | xargs sha256sum | sha256sum
 */
enum { BF_SOURCE_MAX_FILES = 2000, BF_SOURCE_MAX_BYTES = 100 << 20 };

/** One regular file below the source's directory (or the file itself, by its name). */
struct bf_source_file {
    struct bf_sv path;   /* relative to the source, with / */
    struct bf_sv sha256; /* 64 hex digits, lower case */
    int64_t size;        /* bytes */
};

enum bf_source_state {
    BF_SOURCE_UNSEEN,   /* nobody has looked */
    BF_SOURCE_DIR,      /* a directory with the files */
    BF_SOURCE_FILE,     /* a single file: files[0] */
    BF_SOURCE_MISSING,  /* neither (a directory without files is one: count is 0) */
    BF_SOURCE_OUTSIDE,  /* leaves the tree that holds the pipeline file */
    BF_SOURCE_SYMLINK,  /* ${detail}: its path */
    BF_SOURCE_BAD_NAME, /* a control character or backslash; ${detail}: the name */
    BF_SOURCE_TOO_LARGE /* more than BF_SOURCE_MAX_FILES or BF_SOURCE_MAX_BYTES */
};

struct bf_source_listing {
    enum bf_source_state state;
    struct bf_source_file *files; /* any order; bf_source_hash sorts a copy */
    size_t count;
    struct bf_sv detail;
};

struct bf_source {
    const char *file;  /* name of the YAML file that writes it: the path is relative to that */
    struct bf_sv path; /* cleaned: no ".", no "//", no inner "..", no final "/" */
    struct bf_source_listing listing; /* filled by the caller */
    struct bf_sv sha256;              /* filled by bf_spec_load; empty: there is nothing to hash */
};

/** A path that never belongs to a source: .git/ __pycache__/ .ipynb_checkpoints/ *.pyc .DS_Store */
bool bf_source_ignored(struct bf_sv path);

/** Whether a file may have this name: no control character, no backslash, well-formed UTF-8. */
bool bf_source_name_ok(struct bf_sv path);

/** Take "a/./b/../c/" to "a/c"; a leading "/" and leading ".." stay; "" is ".". */
struct bf_sv bf_source_clean(struct bf_arena *arena, struct bf_sv path);

/** The content address, 64 hex digits. ${files} in any order. */
struct bf_sv bf_source_hash(struct bf_arena *arena, const struct bf_source_file *files,
                            size_t count);

/**
 * "<prefix>code/<sha256>/" and, of a single file, its name behind it: the key of the source in the
 * storage bucket. Of a directory the keys of its files are this and their paths.
 */
struct bf_sv bf_source_key(struct bf_arena *arena, struct bf_sv prefix,
                           const struct bf_source *source);

#endif /* BF_SPEC_SOURCE_H */

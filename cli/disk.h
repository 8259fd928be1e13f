#ifndef CLI_DISK_H
#define CLI_DISK_H

#include "base/arena.h"
#include "base/err.h"
#include "spec/spec.h"

/**
 * Sources on the local disk: paths are relative to the directory of the file that writes them, and
 * stay in the tree that holds it: the nearest directory above with a ".git", else its own.
 */

/** The path of ${source} on disk, as the program can open it. */
struct bf_sv bf_disk_path(struct bf_arena *arena, const struct bf_source *source);

/**
 * Fill source->listing: read and hash every file. What is wrong with the source is in the listing's
 * state; an error is what stands in the way of looking (permission, a failing disk).
 */
BF_NODISCARD enum bf_code bf_disk_list(struct bf_arena *arena, struct bf_source *source,
                                       struct bf_err *err);

#endif /* CLI_DISK_H */

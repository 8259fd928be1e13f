#ifndef TEST_SUPPORT_FILES_H
#define TEST_SUPPORT_FILES_H

#include "base/arena.h"
#include "base/sv.h"

/** All of a test file, NUL-terminated in the arena; a file that cannot be read fails the test. */
struct bf_sv test_read_file(struct bf_arena *arena, const char *path);

#endif /* TEST_SUPPORT_FILES_H */

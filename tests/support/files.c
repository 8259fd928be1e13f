#include "tests/support/files.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/support/cmocka_headers.h"

enum { FILE_MAX = 32 << 20, CHUNK = 65536 };

struct bf_sv test_read_file(struct bf_arena *arena, const char *path)
{
    struct bf_buf text = bf_buf_new(arena, FILE_MAX);
    char *chunk = bf_arena_alloc(arena, CHUNK, 1);
    FILE *file = fopen(path, "rb");
    size_t n = 0;

    if (file == NULL) {
        fail_msg("cannot open %s", path);
        return bf_buf_sv(&text);
    }
    do {
        n = fread(chunk, 1, CHUNK, file);
        bf_buf_add(&text, (struct bf_sv){chunk, n});
    } while (n > 0);
    (void)fclose(file);
    assert_false(text.full);
    return bf_buf_sv(&text);
}

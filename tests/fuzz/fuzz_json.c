/* Any bytes: they are refused, or what is printed of them is read again as an equal value. */
#include <stdlib.h>

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_sv text = {(const char *)data, size};
    bf_json *node = NULL;
    bf_json *again = NULL;
    struct bf_err err = {0};

    if (size <= 64 * 1024 && bf_json_parse(arena, text, NULL, &node, &err) == BF_OK) {
        struct bf_sv printed = bf_json_text_of(arena, node);
        if (bf_json_parse(arena, printed, NULL, &again, &err) != BF_OK ||
            !bf_json_equal(node, again)) {
            abort();
        }
        bf_json *first = bf_json_first(node);
        (void)bf_json_locate(text, "f", node, first == NULL ? node : first, first != NULL);
    }
    bf_arena_destroy(&arena);
    return 0;
}

/* Answers in XML: any bytes are either a tree within the limits or a clear error. */
#include <stdint.h>
#include <stdlib.h>

#include "aws/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t depth_of(const struct bf_xml *node)
{
    size_t depth = 0;

    for (; node != NULL; node = node->parent) {
        depth++;
    }
    return depth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new(256U << 20);
    struct bf_xml *root = NULL;
    struct bf_err err = {0};

    const enum bf_code code =
        bf_xml_parse(arena, (struct bf_sv){.ptr = (const char *)data, .len = size}, &root, &err);
    if (code == BF_OK) {
        const struct bf_xml *node = root;
        while (node->first != NULL) {
            node = node->first;
        }
        if (root == NULL || depth_of(node) > BF_XML_DEPTH) {
            abort();
        }
        (void)bf_xml_text(root, "Error/Code");
    } else if (err.code != code || err.msg[0] == '\0') {
        abort();
    }
    bf_arena_destroy(&arena);
    return 0;
}

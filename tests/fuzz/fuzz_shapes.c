/* Any JSON as a pipeline definition: findings, never a crash, and never one without a message. */
#include <stdlib.h>

#include "shapes/shapes.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)512 << 20U);
    struct bf_findings findings = {0};
    bf_json *node = NULL;
    struct bf_err err = {0};

    if (size <= 64 * 1024 && bf_json_parse(arena, (struct bf_sv){(const char *)data, size}, NULL,
                                           &node, &err) == BF_OK) {
        bf_definition_check(bf_shapes_new(arena), node, &findings);
        for (const struct bf_finding *f = findings.first; f != NULL; f = f->next) {
            if (f->message.len == 0 || f->node == NULL) {
                abort();
            }
        }
    }
    bf_arena_destroy(&arena);
    return 0;
}

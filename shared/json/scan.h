#ifndef BF_JSON_SCAN_H
#define BF_JSON_SCAN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/** The texts of the numbers of a document, in the order in which they stand. */
struct bf_json_numbers {
    struct bf_sv *items;
    size_t count, cap;
};

/** The strict pass over ${text} (see json.h); collects the numbers. */
BF_NODISCARD enum bf_code bf_json_scan(struct bf_arena *arena, struct bf_sv text, const char *file,
                                       struct bf_json_numbers *numbers, struct bf_err *err);

#endif /* BF_JSON_SCAN_H */

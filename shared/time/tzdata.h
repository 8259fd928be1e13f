#ifndef BF_TIME_TZDATA_H
#define BF_TIME_TZDATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

/** The embedded database, tzdata_generated.c (made by tools/gen_tzdata.py). */
struct bf_tzdata_entry {
    uint16_t word;   /* where the TZif file begins in bf_tzdata_words */
    uint16_t length; /* bytes */
};

extern const char bf_tzdata_version[];
extern const size_t bf_tzdata_count;
extern const struct bf_sv bf_tzdata_names[];             /* sorted by bytes */
extern const struct bf_tzdata_entry bf_tzdata_entries[]; /* in the order of the names */
extern const uint64_t bf_tzdata_words[];                 /* TZif files, the first byte highest */

#endif /* BF_TIME_TZDATA_H */

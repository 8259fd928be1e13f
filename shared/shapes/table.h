#ifndef BF_SHAPES_TABLE_H
#define BF_SHAPES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The generated table (shapes_generated.c): one row a shape of the API model, linked by index. */
enum bf_shape_kind {
    BF_SHAPE_STRUCTURE,
    BF_SHAPE_LIST,
    BF_SHAPE_MAP,
    BF_SHAPE_STRING,
    BF_SHAPE_INTEGER,
    BF_SHAPE_NUMBER,
    BF_SHAPE_BOOLEAN,
    BF_SHAPE_TIMESTAMP,
};

struct bf_member {
    const char *name;
    uint16_t shape;
    bool required;
};

struct bf_shape {
    const char *name;
    const char *pattern; /* of a string, in PCRE2's spelling; matches the whole text; NULL: any */
    const char *const *words; /* enum values of a string */
    const struct bf_member *members;
    double min, max; /* length of strings (characters), lists and maps; value of numbers */
    uint16_t count;  /* of words or members */
    uint16_t item;   /* shape of list items and map values */
    uint16_t key;    /* shape of map keys */
    uint8_t kind;
    bool has_min, has_max;
    bool one; /* a structure of which exactly one member is given */
};

struct bf_shape_root {
    const char *name; /* "CreateProcessingJob", "DescribeTrainingJob" (the response) */
    uint16_t shape;
};

extern const struct bf_shape bf_shapes[];
extern const size_t bf_shape_count;
extern const struct bf_shape_root bf_shape_roots[];
extern const size_t bf_shape_root_count;
extern const char bf_shapes_version[]; /* "botocore 1.44.5" */

#endif /* BF_SHAPES_TABLE_H */

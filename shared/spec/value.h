#ifndef BF_SPEC_VALUE_H
#define BF_SPEC_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sv.h"

/**
 * A configuration value after merging and interpolation: what the field table
 * looks at. Interpolation (spec/document.h) makes these; nothing changes them
 * afterwards. Run-time references are opaque here: their argument is text.
 */
enum bf_value_kind {
    BF_VALUE_NULL,
    BF_VALUE_BOOL,
    BF_VALUE_INT,
    BF_VALUE_FLOAT,
    BF_VALUE_STRING,
    BF_VALUE_REFERENCE, /* the whole value is one run-time reference */
    BF_VALUE_JOINED,    /* text with run-time references in it */
    BF_VALUE_LIST,
    BF_VALUE_MAP,
};

/** ${param:NAME} ${step:STEP.WHAT} ${report:STEP.REPORT.PATH} ${execution:WHAT} */
enum bf_reference_kind { BF_REF_PARAM, BF_REF_STEP, BF_REF_REPORT, BF_REF_EXECUTION };

struct bf_reference {
    enum bf_reference_kind kind;
    struct bf_sv argument; /* behind the colon, quotes taken off */
    struct bf_loc loc;     /* of its "${" */
};

/** One piece of a joined text: a reference, or literal text when ref is NULL. */
struct bf_part {
    const struct bf_reference *ref;
    struct bf_sv text;
};

/** A link of the chain that led to a value: "reached from steps.train.output.to". */
struct bf_link {
    const struct bf_link *next; /* towards the place where the value stands */
    struct bf_loc loc;
    struct bf_sv path; /* dotted path of the node that holds the interpolation */
};

struct bf_value;

struct bf_pair {
    struct bf_sv key;
    struct bf_loc key_loc;
    const struct bf_value *value;
};

struct bf_value {
    enum bf_value_kind kind;
    /*
     * Where the value is written: of a literal its first character; of an
     * interpolated value the "${" in the place where it is used (the chain leads to
     * the text it came from); of a map or list, see key_loc of the pair that holds it.
     */
    struct bf_loc loc;
    const struct bf_link *chain; /* NULL: written where it stands */
    struct bf_sv text;           /* string; number as written; "true"/"false" */
    bool boolean;
    bool wide;       /* an INT beyond int64: only text counts */
    int64_t integer; /* INT */
    double number;   /* INT and FLOAT */
    size_t count;    /* items, pairs or parts */
    const struct bf_value *const *items; /* LIST */
    const struct bf_pair *pairs;         /* MAP */
    const struct bf_part *parts;         /* REFERENCE: exactly one; JOINED */
};

/** The value of ${key}, or NULL. */
const struct bf_value *bf_value_get(const struct bf_value *map, struct bf_sv key);

/** The pair of ${key}, or NULL: for the place of the key. */
const struct bf_pair *bf_value_pair(const struct bf_value *map, struct bf_sv key);

/** "a string", "a list", "null": for messages. */
const char *bf_value_kind_name(const struct bf_value *value);

#endif /* BF_SPEC_VALUE_H */

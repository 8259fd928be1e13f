#ifndef BF_YAML_VALUE_H
#define BF_YAML_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sv.h"

/**
 * A configuration value: what a YAML file says, and what interpolation makes of it. It is one type
 * because most of a file is no interpolation: that part of the loaded tree is the resolved value
 * of every environment, without a copy. A file of 1 MiB holds half a million values ("[0,0,...]"),
 * so the members are as small as they can be, and what only some of them need stands elsewhere.
 *
 * Nothing changes a value once it is made. They are shared: an alias, and what ${variables.map}
 * reads, is the same memory once more. A tree may be walked as if it were one (its expanded size
 * is bounded), but pointers do not tell places apart; loc does.
 */
enum bf_value_kind {
    BF_VALUE_NULL,
    BF_VALUE_BOOL,
    BF_VALUE_INT,
    BF_VALUE_FLOAT,
    BF_VALUE_STRING,
    /* The next two come from interpolation only; run-time references are opaque here. */
    BF_VALUE_REFERENCE, /* the whole value is one run-time reference */
    BF_VALUE_JOINED,    /* text with run-time references in it */
    BF_VALUE_LIST,
    BF_VALUE_MAP,
    /*
     * The value could not be computed and a diagnostic has said so. Whoever meets it treats the
     * field as written and correct, and says nothing more.
     */
    BF_VALUE_ERROR,
};

enum bf_style {
    BF_STYLE_PLAIN,
    BF_STYLE_SINGLE, /* '...' */
    BF_STYLE_DOUBLE, /* "..." */
    BF_STYLE_BLOCK,  /* | or > */
};

struct bf_link; /* spec/value.h */
struct bf_part;
struct bf_value;

struct bf_pair {
    struct bf_sv key;      /* a scalar key's text; keys are always strings here */
    struct bf_loc key_loc; /* in the layer that gave the value; of merged maps: in the lowest one */
    const struct bf_value *value;
};

struct bf_value {
    /*
     * Where the value is written: the first character of its text, of a quoted scalar the quote, of
     * a map or list in block style its first key or dash (messages about a whole map or list point
     * at key_loc of the pair that holds it). Where all of the text is one interpolation: its "${"
     * in the place where it is used; the chain leads to the text it came from. end_col is known of
     * scalars of one line.
     */
    struct bf_loc loc;
    const struct bf_link *chain; /* NULL: written where it stands */
    struct bf_sv text; /* STRING; numbers as written; "true"/"false"; NULL: "null"; else empty */
    union {
        int64_t integer;                     /* INT, unless wide */
        double number;                       /* FLOAT, and a wide INT: bf_value_double() */
        const struct bf_value *const *items; /* LIST */
        const struct bf_pair *pairs;         /* MAP */
        const struct bf_part *parts;         /* REFERENCE: exactly one; JOINED: one or more */
    };
    uint32_t count; /* items, pairs or parts; else 0 */
    uint32_t size;  /* values in this tree, itself included, shared ones as often as they are met;
                       of a JOINED one its parts */
    enum bf_value_kind kind : 8;
    enum bf_style style : 8; /* of a scalar in a file */
    bool boolean : 1;
    bool wide : 1;    /* an INT beyond int64: only text and number count */
    bool open : 1;    /* in a file: a text with "${", or "???", is here or below */
    bool written : 1; /* it is the first member of a struct bf_written */
};

/** A scalar of a file with "${" in it: messages point at places inside of it. */
struct bf_written {
    struct bf_value value;
    struct bf_sv source; /* as it stands in the file, with quotes or "|" */
};

/** The value of ${key}, or NULL: no such key, or ${map} is NULL or no map. */
const struct bf_value *bf_value_get(const struct bf_value *map, struct bf_sv key);

/** The pair of ${key}, or NULL: for the place of the key. */
const struct bf_pair *bf_value_pair(const struct bf_value *map, struct bf_sv key);

/** The number of an INT or FLOAT; 0 of everything else. */
double bf_value_double(const struct bf_value *value);

/** "a string", "a list", "null", "a run-time reference": for messages. NULL is "nothing". */
const char *bf_value_kind_name(const struct bf_value *value);

#endif /* BF_YAML_VALUE_H */

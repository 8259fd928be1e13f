#ifndef BF_SPEC_SCHEMA_H
#define BF_SPEC_SCHEMA_H

#include "spec/field.h"
#include "json/json.h"

/**
 * Inside of bf_spec_schema: the JSON Schema of the language for editors, out of the field table.
 *
 *   schema.c        the file, its steps, overlays
 *   schema_field.c  one row
 *   schema_rules.c  what the rules besides the rows demand, as far as a schema can say it
 *
 * An editor sees the file before anything is merged or interpolated. So a value may be "${...}",
 * "???" or null, and what "defaults", a platform file or the base may give is not required. The
 * schema accepts what check accepts (but for a template's values that every environment replaces);
 * it does not refuse all that check refuses. tests/golden/test_schema.py holds both against check.
 *
 * Every field is one flat schema: its types together with "string" and "null", and a "pattern" that
 * takes well-formed text or an interpolation; keywords of one type do not touch values of another.
 * With "anyOf" around each field an editor can neither complete nor say what is wrong. It is
 * draft-07, which editors know best, and means the same in 2020-12: nothing stands beside a $ref.
 */
struct bf_schema {
    struct bf_arena *arena;
    struct bf_shared *shared; /* what definitions there are */
    enum bf_step_kind kind;   /* which rows of a step; BF_STEP_KINDS: all */
    bool partial;             /* nothing is required: an overlay, or what has another layer below */
};

/** A field that is written once, in the definitions; others that are the same refer to it. */
struct bf_shared_field {
    const struct bf_shared_field *next;
    struct bf_sv text;
    const char *name;
};

struct bf_shared {
    bf_json *definitions;
    const struct bf_shared_field *first;
};

/** What may stand in a place besides the value: null, and a run-time reference. */
struct bf_openness {
    bool null, reference;
};

#define BF_SCHEMA_REF(name) "#/definitions/" name
#define BF_TYPES_MAX        6

/** {"$ref": ...} into ${parent}[key]. */
void bf_schema_put_ref(bf_json *parent, const char *key, const char *target);
/** "type": the words of ${types}, ended by NULL; one alone is no list. */
void bf_schema_put_types(bf_json *schema, const char *const *types);
/**
 * "pattern" for text that is ${text} (NULL: none is) or an interpolation. ${whole}: the value is no
 * text, so that an interpolation must be all of it.
 */
void bf_schema_put_pattern(const struct bf_schema *writer, bf_json *schema, const char *text,
                           bool whole, struct bf_openness open);
/** "properties" (and "required") of an object; fields of other step types can only be null. */
void bf_schema_put_fields(const struct bf_schema *writer, bf_json *schema,
                          const struct bf_field *fields);
/** The schema of a field into ${parent}[key]. */
void bf_schema_put_field(const struct bf_schema *writer, bf_json *parent, const char *key,
                         const struct bf_field *field);
/** Whether ${field} must be written in this layer. */
bool bf_schema_required(const struct bf_schema *writer, const struct bf_field *field);
/** Whether a row of the same name for ${kind} stands before ${field}. */
bool bf_schema_listed_before(const struct bf_field *fields, const struct bf_field *field,
                             enum bf_step_kind kind);

/** What the rule of ${field} demands besides the row. */
void bf_schema_put_rule(const struct bf_schema *writer, bf_json *schema,
                        const struct bf_field *field);
/** What holds over several fields of a step of the writer's kind. */
void bf_schema_put_step_rules(const struct bf_schema *writer, bf_json *schema);
/** The pattern that a rule demands of text; NULL: none. */
const char *bf_schema_rule_pattern(bf_rule *rule);
/** Time zones and the like, which rules refer to. */
void bf_schema_put_lists(const struct bf_schema *writer, bf_json *definitions);
/** A condition of a condition step. */
void bf_schema_put_condition(const struct bf_schema *writer, bf_json *definitions);

#endif /* BF_SPEC_SCHEMA_H */

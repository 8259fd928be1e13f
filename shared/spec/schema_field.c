#include "spec/schema.h"

#include <string.h>

#include "base/buf.h"
#include "spec/job.h"
#include "spec/rules.h"

/* One row of the field table as a JSON Schema. */

#define RUNTIME     "\\$\\{(?:param|step|report|execution):"
#define NO_RUNTIME  "(?![\\s\\S]*(?:^|[^\\\\])" RUNTIME ")"
#define MISSING     "^\\?\\?\\?$"
#define ANY_TEXT    "[\\s\\S]*"
#define INNER_WHOLE "^\\$\\{[\\s\\S]*\\}$"

void bf_schema_put_ref(bf_json *parent, const char *key, const char *target)
{
    bf_json_add_str(bf_json_add_object(parent, key), "$ref", bf_sv_of(target));
}

void bf_schema_put_types(bf_json *schema, const char *const *types)
{
    if (types[1] == NULL) {
        bf_json_add_str(schema, "type", bf_sv_of(types[0]));
        return;
    }
    bf_json *array = bf_json_add_array(schema, "type");
    for (; *types != NULL; types++) {
        bf_json_add_str(array, NULL, bf_sv_of(*types));
    }
}

static void put_str(bf_json *schema, const char *key, struct bf_sv text)
{
    bf_json_remove(schema, key);
    bf_json_add_str(schema, key, text);
}

void bf_schema_put_pattern(const struct bf_schema *writer, bf_json *schema, const char *text,
                           bool whole, struct bf_openness open)
{
    const char *inside = whole
                             ? open.reference ? INNER_WHOLE : "^(?!" RUNTIME ")\\$\\{[\\s\\S]*\\}$"
                         : open.reference ? "\\$\\{"
                                          : "^" NO_RUNTIME "[\\s\\S]*\\$\\{";
    const char *guard = open.reference ? "" : NO_RUNTIME;
    if (text != NULL && strcmp(text, ANY_TEXT) == 0 && open.reference) {
        return;
    }
    struct bf_sv literal =
        text == NULL ? BF_SV("") : bf_sv_printf(writer->arena, "^%s(?:%s)$|", guard, text);
    put_str(schema, "pattern",
            bf_sv_printf(writer->arena, BF_SV_FMT "%s|" MISSING, BF_SV_ARG(literal), inside));
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the field table */

/* ---- what a kind accepts ---- */

/** Types of JSON that ${field} takes besides an interpolation, which is always a string. */
static const char *json_type(const struct bf_field *field)
{
    switch (field->kind) {
    case BF_KIND_INT:
        return "integer";
    case BF_KIND_NUMBER:
        return "number";
    case BF_KIND_BOOL:
        return "boolean";
    case BF_KIND_LIST:
        return "array";
    case BF_KIND_MAP:
    case BF_KIND_OBJECT:
    case BF_KIND_STEPS:
    case BF_KIND_DEFAULTS:
    case BF_KIND_RUNTIME:
    case BF_KIND_CONDITION:
        return "object";
    default:
        return "string";
    }
}

static const char *length_pattern(const struct bf_schema *writer, const struct bf_field *field,
                                  const char *inner)
{
    struct bf_sv most =
        field->max > 0 ? bf_sv_printf(writer->arena, "%lld", (long long)field->max) : BF_SV("");
    if (field->min == 0 && field->max == 0) {
        return inner != NULL ? inner : ANY_TEXT;
    }
    if (inner == NULL) {
        return bf_sv_printf(writer->arena, "[\\s\\S]{%lld," BF_SV_FMT "}", (long long)field->min,
                            BF_SV_ARG(most))
            .ptr;
    }
    return bf_sv_printf(writer->arena, "(?=[\\s\\S]{%lld," BF_SV_FMT "}$)(?:%s)",
                        (long long)field->min, BF_SV_ARG(most), inner)
        .ptr;
}

/** The pattern of well-formed text of ${field}; NULL: text is not what it takes. */
static const char *text_pattern(const struct bf_schema *writer, const struct bf_field *field)
{
    static const char bucket[] = "s3://[A-Za-z0-9][A-Za-z0-9._-]{0,254}(?:/[\\s\\S]*)?";
    const char *demanded = bf_schema_rule_pattern(field->rule);
    switch (field->kind) {
    case BF_KIND_STRING:
    case BF_KIND_SCALAR:
        return length_pattern(writer, field, demanded != NULL ? demanded : field->pattern);
    case BF_KIND_LITERAL:
        return ANY_TEXT;
    case BF_KIND_DURATION:
        return "(?=[0-9])(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?";
    case BF_KIND_URI:
        return bucket;
    case BF_KIND_SOURCE:
        return bf_sv_printf(writer->arena, "%s|(?![\\s\\S]*://)[\\s\\S]+", bucket).ptr;
    case BF_KIND_LOCATION:
        return bf_sv_printf(writer->arena, "%s|\\.\\.?/[\\s\\S]*", bucket).ptr;
    default:
        return NULL;
    }
}

static void put_limits(bf_json *schema, const struct bf_field *field, const char *least,
                       const char *most, bool from_zero)
{
    bool limited = field->min != 0 || field->max != 0;
    if (limited && (field->min > 0 || from_zero)) {
        bf_json_add_i64(schema, least, field->min);
    }
    if (field->max > 0 && field->max < INT32_MAX) {
        bf_json_add_i64(schema, most, field->max);
    }
}

static void put_words(const struct bf_schema *writer, bf_json *schema, const struct bf_field *field,
                      struct bf_openness open)
{
    bf_json *any = bf_json_add_array(schema, "anyOf");
    bf_json *words = bf_json_add_array(bf_json_add_object(any, NULL), "enum");
    for (const struct bf_word *word = field->words; word->word != NULL; word++) {
        struct bf_sv text = bf_sv_of(word->word);
        if (field->rule != bf_rule_retry_error || writer->kind == BF_STEP_KINDS ||
            bf_retry_supported(writer->kind, text)) {
            bf_json_add_str(words, NULL, text);
        }
    }
    bf_schema_put_pattern(writer, bf_json_add_object(any, NULL), NULL, false, open);
}

static void put_map(const struct bf_schema *writer, bf_json *schema, const struct bf_field *field)
{
    put_limits(schema, field, "minProperties", "maxProperties", false);
    if (writer->partial) {
        bf_json_remove(schema, "minProperties");
    }
    if (field->key_pattern != NULL) {
        bf_json_add_str(bf_json_add_object(schema, "propertyNames"), "pattern",
                        bf_sv_printf(writer->arena, "^(?:%s)$", field->key_pattern));
    }
    bf_schema_put_field(writer, schema, "additionalProperties", field->item);
}

static void put_item(const struct bf_schema *writer, bf_json *parent, const char *key,
                     const struct bf_field *field);

/** A list is replaced as a whole by another layer: its items are complete. */
static void put_list(const struct bf_schema *writer, bf_json *schema, const struct bf_field *field)
{
    struct bf_schema inner = *writer;
    put_limits(schema, field, "minItems", "maxItems", false);
    inner.partial = false;
    put_item(&inner, schema, "items", field->item);
}

static void put_defaults(const struct bf_schema *writer, bf_json *schema)
{
    struct bf_schema inner = *writer;
    bf_json *properties = bf_json_add_object(schema, "properties");
    inner.partial = true;
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        if ((field->flags & BF_DEFAULTS) != 0 &&
            !bf_schema_listed_before(bf_fields_step, field, BF_STEP_KINDS)) {
            bf_schema_put_field(&inner, properties, field->name, field);
        }
    }
    bf_json_add_bool(schema, "additionalProperties", false);
}

/** Run-time text; what is interpolated when the file is compiled is wrong there. */
static void put_runtime(bf_json *schema)
{
    static const char *const types[] = {"string", "number", "boolean", "null", NULL};
    bf_json *value = bf_json_add_object(schema, "additionalProperties");
    bf_schema_put_types(value, types);
    bf_json_add_str(
        value, "pattern",
        BF_SV("^(?![\\s\\S]*(?:^|[^\\\\])\\$\\{(?:\\.|oc\\.|variables[.\\[}]))[\\s\\S]*$"));
    bf_json_add_str(value, "description",
                    BF_SV("Run-time text, computed when the run is due: ${date:%F,-1d}"));
}

/** The keywords of ${field} without "type" and "pattern". */
static void put_keywords(const struct bf_schema *writer, bf_json *schema,
                         const struct bf_field *field, struct bf_openness open)
{
    switch (field->kind) {
    case BF_KIND_INT:
    case BF_KIND_NUMBER:
        put_limits(schema, field, "minimum", "maximum", true);
        break;
    case BF_KIND_WORD:
        put_words(writer, schema, field, open);
        break;
    case BF_KIND_LIST:
        put_list(writer, schema, field);
        break;
    case BF_KIND_MAP:
        put_map(writer, schema, field);
        break;
    case BF_KIND_OBJECT:
        bf_schema_put_fields(writer, schema, field->fields);
        break;
    case BF_KIND_DEFAULTS:
        put_defaults(writer, schema);
        break;
    case BF_KIND_RUNTIME:
        put_runtime(schema);
        break;
    default:
        break;
    }
    bf_schema_put_rule(writer, schema, field);
}

/* ---- one field ---- */

struct forms {
    const struct bf_field *rows[2]; /* the row, and the other form of its value */
    size_t count;
};

static struct forms forms_of(const struct bf_schema *writer, const struct bf_field *field)
{
    struct forms forms = {.rows = {field}, .count = 1};
    const struct bf_field *other = field->alt;
    if (field->shorthand != NULL) {
        other = bf_field_find(field->fields, bf_sv_of(field->shorthand), writer->kind);
    }
    if (other != NULL) {
        forms.rows[forms.count++] = other;
    }
    return forms;
}

static void add_type(const char **types, const char *type)
{
    size_t count = 0;
    while (types[count] != NULL) {
        if (strcmp(types[count++], type) == 0) {
            return;
        }
    }
    types[count] = type;
}

/** "a duration such as ...": what an editor says where the text is wrong. */
static const char *wanted(const struct bf_field *field)
{
    switch (field->kind) {
    case BF_KIND_DURATION:
        return "a duration such as 90s, 1h30m or 2d";
    case BF_KIND_URI:
        return "s3://bucket/key";
    case BF_KIND_SOURCE:
        return "a path beside the file, or s3://bucket/key";
    case BF_KIND_LOCATION:
        return "s3://bucket/key, ./path or ../path";
    default:
        return NULL;
    }
}

static void put_forms(const struct bf_schema *writer, bf_json *schema, const struct forms *forms,
                      bool null)
{
    const char *types[BF_TYPES_MAX + 1] = {0}, *text = NULL, *phrase = NULL;
    struct bf_openness open = {.null = null};
    bool words = false, textual = false;
    for (size_t i = 0; i < forms->count; i++) {
        const struct bf_field *row = forms->rows[i];
        open.reference = open.reference || (row->flags & BF_REF) != 0;
        add_type(types, json_type(row));
        if (row->kind == BF_KIND_SCALAR || row->kind == BF_KIND_LITERAL) {
            add_type(types, "number");
            add_type(types, "boolean");
        }
        const char *pattern = text_pattern(writer, row);
        text = pattern != NULL ? pattern : text;
        phrase = phrase != NULL ? phrase : wanted(row);
        words = words || row->kind == BF_KIND_WORD;
        textual = textual || text != NULL || words;
    }
    add_type(types, "string");
    if (null) {
        add_type(types, "null");
    }
    bf_schema_put_types(schema, types);
    for (size_t i = 0; i < forms->count; i++) {
        put_keywords(writer, schema, forms->rows[i], open);
    }
    if (!words) { /* words have said which text may stand there */
        bf_schema_put_pattern(writer, schema, text, !textual, open);
    }
    if (phrase != NULL) {
        bf_json_add_str(
            schema, "patternErrorMessage",
            bf_sv_printf(writer->arena, "It must be %s, or an interpolation ${...}.", phrase));
    }
}

static void put_false_or(const struct bf_schema *writer, bf_json *schema, const struct forms *forms,
                         bool null)
{
    bf_json *any = bf_json_add_array(schema, "anyOf");
    bf_json_add_bool(bf_json_add_object(any, NULL), "const", false);
    put_forms(writer, bf_json_add_object(any, NULL), forms, null);
}

/** The default, where it is a value that may be written; it says so in words where it is not. */
static void put_default(const struct bf_schema *writer, bf_json *schema,
                        const struct bf_field *field)
{
    const char *text = field->fallback;
    if (text == NULL || text[0] == '\0') {
        return;
    }
    switch (field->kind) {
    case BF_KIND_INT:
    case BF_KIND_NUMBER:
        bf_json_add_number(schema, "default", bf_sv_of(text));
        return;
    case BF_KIND_BOOL:
        bf_json_add_bool(schema, "default", strcmp(text, "true") == 0);
        return;
    default:
        break;
    }
    if (strpbrk(text, "{[") == NULL) {
        bf_json_add_str(schema, "default", bf_sv_of(text));
        return;
    }
    put_str(schema, "description",
            bf_sv_printf(writer->arena, "%s. Default: %s", field->doc, text));
}

static void put_examples(bf_json *schema, const struct bf_field *field)
{
    bf_json *examples = NULL;
    if (field->kind == BF_KIND_DURATION && field->fallback == NULL) {
        examples = bf_json_add_array(schema, "examples");
        bf_json_add_str(examples, NULL, BF_SV("30m"));
        bf_json_add_str(examples, NULL, BF_SV("1h30m"));
    } else if (field->rule == bf_rule_instance_type) {
        examples = bf_json_add_array(schema, "examples");
        bf_json_add_str(examples, NULL, BF_SV("ml.m5.xlarge"));
        bf_json_add_str(examples, NULL, BF_SV("ml.g5.2xlarge"));
    }
}

static void put_field(const struct bf_schema *writer, bf_json *schema, const struct bf_field *field,
                      bool null)
{
    if (field->doc != NULL) {
        bf_json_add_str(schema, "description", bf_sv_of(field->doc));
    }
    struct forms forms = forms_of(writer, field);
    if (field->kind == BF_KIND_STEPS) {
        bool overlay = writer->partial;
        bf_schema_put_ref(bf_json_add_array(schema, "allOf"), NULL,
                          overlay ? BF_SCHEMA_REF("steps_overlay") : BF_SCHEMA_REF("steps"));
    } else if (field->kind == BF_KIND_CONDITION) {
        bf_schema_put_ref(bf_json_add_array(schema, "allOf"), NULL, BF_SCHEMA_REF("condition"));
    } else if (field->kind == BF_KIND_RUNTIME) {
        static const char *const types[] = {"object", "null", NULL};
        bf_schema_put_types(schema, types);
        put_keywords(writer, schema, field, (struct bf_openness){0});
    } else if (field->kind == BF_KIND_NULL) {
        static const char *const types[] = {"null", "string", NULL};
        bf_schema_put_types(schema, types);
        bf_schema_put_pattern(writer, schema, NULL, true, (struct bf_openness){0});
    } else if (field->kind == BF_KIND_ANY) {
        bf_schema_put_rule(writer, schema, field);
    } else if ((field->flags & BF_OR_FALSE) != 0) {
        put_false_or(writer, schema, &forms, null);
    } else {
        put_forms(writer, schema, &forms, null);
    }
    put_default(writer, schema, field);
    put_examples(schema, field);
}

static void put_item(const struct bf_schema *writer, bf_json *parent, const char *key,
                     const struct bf_field *field)
{
    put_field(writer, bf_json_add_object(parent, key), field, false);
}

bool bf_schema_required(const struct bf_schema *writer, const struct bf_field *field)
{
    bool another_layer = (field->flags & (BF_DEFAULTS | BF_PLATFORM)) != 0;
    return (field->flags & BF_REQUIRED) != 0 && !another_layer && !writer->partial;
}

/** A name for a new definition: that of the field, with a number when it is taken. */
static const char *new_name(const struct bf_schema *writer, const char *field)
{
    const char *name = field;
    for (int i = 2; bf_json_get(writer->shared->definitions, name) != NULL; i++) {
        name = bf_sv_printf(writer->arena, "%s_%d", field, i).ptr;
    }
    return name;
}

enum { SHARED_MIN = 300, FIELD_MAX = 1 << 20 };

/** ${schema} into ${parent}[key]; a large one as a definition that equal fields share. */
static void put_shared(const struct bf_schema *writer, bf_json *parent, const char *key,
                       const char *name, const bf_json *schema)
{
    struct bf_buf text = bf_buf_new(writer->arena, FIELD_MAX);
    struct bf_shared *shared = writer->shared;
    bf_json_print(&text, schema);
    if (name == NULL || text.len < SHARED_MIN) {
        (void)bf_json_add_copy(parent, key, schema);
        return;
    }
    const struct bf_shared_field *found = shared->first;
    while (found != NULL && !bf_sv_eq(found->text, bf_buf_sv(&text))) {
        found = found->next;
    }
    if (found == NULL) {
        struct bf_shared_field *new = BF_NEW(writer->arena, struct bf_shared_field);
        *new = (struct bf_shared_field){shared->first, bf_buf_sv(&text), new_name(writer, name)};
        (void)bf_json_add_copy(shared->definitions, new->name, schema);
        shared->first = found = new;
    }
    bf_schema_put_ref(parent, key,
                      bf_sv_printf(writer->arena, BF_SCHEMA_REF("%s"), found->name).ptr);
}

void bf_schema_put_field(const struct bf_schema *writer, bf_json *parent, const char *key,
                         const struct bf_field *field)
{
    struct bf_schema inner = *writer;
    bf_json *schema = bf_json_new_object(writer->arena);
    inner.partial = writer->partial || (field->flags & (BF_DEFAULTS | BF_PLATFORM)) != 0;
    put_field(&inner, schema, field, !bf_schema_required(writer, field));
    put_shared(writer, parent, key, field->name, schema);
}

/* NOLINTEND(misc-no-recursion) */

#include "base/utf8.h"
#include "spec/check.h"

/** What kind of thing stands there: decides between the rows of a field that has two forms. */
enum shape { SHAPE_SCALAR, SHAPE_LIST, SHAPE_MAP, SHAPE_ANY };

static enum shape shape_of_field(const struct bf_field *field)
{
    switch (field->kind) {
    case BF_KIND_LIST:
        return SHAPE_LIST;
    case BF_KIND_MAP:
    case BF_KIND_OBJECT:
    case BF_KIND_CONDITION:
    case BF_KIND_DEFAULTS:
        return SHAPE_MAP;
    case BF_KIND_ANY:
    case BF_KIND_STEPS:
    case BF_KIND_RUNTIME:
    case BF_KIND_NULL:
    case BF_KIND_LITERAL:
        return SHAPE_ANY;
    case BF_KIND_STRING:
    case BF_KIND_INT:
    case BF_KIND_NUMBER:
    case BF_KIND_BOOL:
    case BF_KIND_SCALAR:
    case BF_KIND_DURATION:
    case BF_KIND_URI:
    case BF_KIND_SOURCE:
    case BF_KIND_LOCATION:
    case BF_KIND_WORD:
        break;
    }
    return SHAPE_SCALAR;
}

static enum shape shape_of_value(const struct bf_value *value)
{
    if (value->kind == BF_VALUE_LIST) {
        return SHAPE_LIST;
    }
    return value->kind == BF_VALUE_MAP ? SHAPE_MAP : SHAPE_SCALAR;
}

static bool is_reference(const struct bf_value *value)
{
    return value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
}

static const char *kind_words(const struct bf_field *field)
{
    static const char *const words[] = {
        [BF_KIND_STRING] = "a string",
        [BF_KIND_INT] = "an integer",
        [BF_KIND_NUMBER] = "a number",
        [BF_KIND_BOOL] = "true or false",
        [BF_KIND_SCALAR] = "a string, number or boolean",
        [BF_KIND_DURATION] = "a duration such as 90s, 1h30m or 2d",
        [BF_KIND_URI] = "an s3:// uri",
        [BF_KIND_SOURCE] = "a path beside the file, or an s3:// uri",
        [BF_KIND_LOCATION] = "an s3:// uri, or a path that begins with ./ or ../",
        [BF_KIND_WORD] = "a word",
        [BF_KIND_LIST] = "a list",
        [BF_KIND_MAP] = "a map",
        [BF_KIND_OBJECT] = "a map",
        [BF_KIND_ANY] = "a value",
        [BF_KIND_STEPS] = "a map of steps",
        [BF_KIND_DEFAULTS] = "a map",
        [BF_KIND_RUNTIME] = "a map",
        [BF_KIND_CONDITION] = "a map",
        [BF_KIND_LITERAL] = "a string, number or boolean",
        [BF_KIND_NULL] = "null",
    };
    return words[field->kind];
}

/** "${parameters.day}" is the declaration; its value comes with a run. */
static void hint_declaration(struct bf_check *check, struct bf_diag *diag,
                             const struct bf_value *value)
{
    struct bf_sv name = value->chain == NULL ? BF_SV("") : value->chain->path;
    if (value->kind == BF_VALUE_MAP && bf_sv_starts(name, BF_SV("parameters."))) {
        (void)bf_sv_cut(&name, '.');
        bf_diag_hint(check->diags, diag,
                     "the value of a parameter is read by ${param:" BF_SV_FMT "}", BF_SV_ARG(name));
    }
}

static void wrong_shape(struct bf_check *check, const struct bf_field *field,
                        const struct bf_spot *spot)
{
    struct bf_sv name = bf_spot_name(check, spot);
    if (is_reference(spot->value)) {
        bf_mark_references(check, spot->value);
        struct bf_diag *diag =
            bf_check_error(check, spot, "reference.not_scalar",
                           "'" BF_SV_FMT "' is %s: a reference stands for a single value only",
                           BF_SV_ARG(name), kind_words(field));
        if (field->kind == BF_KIND_LIST && field->item->kind == BF_KIND_CONDITION) {
            bf_hint_form(check, diag, field, spot->value);
        } else {
            bf_diag_hint(check->diags, diag, "write it out; its items may be references");
        }
        return;
    }
    if (field->alt == NULL) {
        struct bf_diag *diag =
            bf_check_error(check, spot, "spec.type", "'" BF_SV_FMT "' must be %s, not %s",
                           BF_SV_ARG(name), kind_words(field), bf_value_kind_name(spot->value));
        if (shape_of_field(field) == SHAPE_MAP && field->kind != BF_KIND_CONDITION) {
            bf_hint_no_map(check, diag, field->fields, spot->value);
        }
        bf_hint_form(check, diag, field, spot->value);
        hint_declaration(check, diag, spot->value);
        return;
    }
    hint_declaration(check,
                     bf_check_error(check, spot, "spec.type",
                                    "'" BF_SV_FMT "' must be %s or %s, not %s", BF_SV_ARG(name),
                                    kind_words(field), kind_words(field->alt),
                                    bf_value_kind_name(spot->value)),
                     spot->value);
}

static const struct bf_field *shorthand_row(const struct bf_field *field)
{
    if (field->kind != BF_KIND_OBJECT || field->shorthand == NULL) {
        return NULL;
    }
    return bf_field_find(field->fields, bf_sv_of(field->shorthand), BF_STEP_KINDS);
}

static enum bf_yield wanted_by(const struct bf_field *field)
{
    switch (field->kind) {
    case BF_KIND_INT:
    case BF_KIND_DURATION:
        return BF_YIELD_INTEGER;
    case BF_KIND_NUMBER:
        return BF_YIELD_NUMBER;
    case BF_KIND_BOOL:
        return BF_YIELD_BOOLEAN;
    default:
        return BF_YIELD_STRING;
    }
}

/** The spot with its value at the first reference in the text: that is what is wrong with it. */
static struct bf_spot at_reference(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot at = *spot;
    struct bf_value *value = BF_NEW(check->scratch, struct bf_value);
    *value = *spot->value;
    value->written = false; /* the copy has no text of the file behind it */
    for (size_t i = value->count; i > 0; i--) {
        const struct bf_reference *ref = value->parts[i - 1].ref;
        value->loc = ref == NULL || ref->loc.line == 0 ? value->loc : ref->loc;
    }
    at.value = value;
    return at;
}

/** Whether a text with references can become an s3:// uri: by what stands before the first one. */
static bool begins_as_uri(const struct bf_value *value)
{
    struct bf_sv first = value->parts[0].text;
    struct bf_sv wanted = BF_SV("s3://");
    return value->parts[0].ref != NULL || bf_sv_starts(first, wanted) ||
           bf_sv_starts(wanted, first);
}

static bool uri_ok(struct bf_check *check, const struct bf_field *field, const struct bf_spot *spot)
{
    bool uri = field->kind == BF_KIND_URI || field->kind == BF_KIND_LOCATION;
    if (!uri || begins_as_uri(spot->value)) {
        return true;
    }
    struct bf_sv first = spot->value->parts[0].text;
    bool local = field->kind == BF_KIND_LOCATION && first.ptr[0] == '.';
    struct bf_diag *diag = bf_check_error(
        check, spot, "spec.pattern",
        "'" BF_SV_FMT "' begins with '" BF_SV_FMT "', which is no s3:// uri",
        BF_SV_ARG(bf_spot_name(check, spot)), BF_SV_ARG(bf_utf8_truncate(first, 100)));
    bf_diag_hint(check->diags, diag, "%s",
                 local ? "a path beside the file has no reference in it: it is read when the file "
                         "is compiled"
                       : "begin it with s3:// or with a reference");
    return false;
}

static bool reference_ok(struct bf_check *check, const struct bf_field *field,
                         const struct bf_spot *spot)
{
    struct bf_sv name = bf_spot_name(check, spot);
    struct bf_spot at = at_reference(check, spot);
    if ((field->flags & BF_REF) == 0) {
        bf_mark_references(check, spot->value);
        struct bf_diag *diag = bf_check_error(
            check, &at, "reference.not_here",
            "'" BF_SV_FMT "' must be known when the file is compiled: no run-time reference here",
            BF_SV_ARG(name));
        bf_diag_hint(check->diags, diag, "write the value, or ${variables.x}");
        return false;
    }
    bool textual = wanted_by(field) == BF_YIELD_STRING && field->kind != BF_KIND_WORD;
    if (spot->value->kind == BF_VALUE_JOINED && !textual) {
        bf_check_error(check, &at, "reference.type",
                       "'" BF_SV_FMT "' is %s: text with a reference in it cannot stand here",
                       BF_SV_ARG(name), kind_words(field));
        return false;
    }
    bf_check_references(check, spot, wanted_by(field));
    return uri_ok(check, field, spot);
}

static bool check_shape(struct bf_check *check, const struct bf_field *field,
                        const struct bf_spot *spot)
{
    switch (field->kind) {
    case BF_KIND_LIST:
        bf_check_list(check, field, spot);
        return true;
    case BF_KIND_MAP:
        bf_check_map(check, field, spot);
        return true;
    case BF_KIND_OBJECT:
        bf_check_object(check, field, spot);
        return true;
    case BF_KIND_DEFAULTS:
        bf_check_defaults(check, spot);
        return true;
    case BF_KIND_CONDITION:
        bf_check_condition(check, spot);
        return true;
    case BF_KIND_ANY:
        if ((field->flags & BF_NATIVE) == 0) {
            bf_check_any(check, spot);
        }
        return true;
    case BF_KIND_STEPS:
    case BF_KIND_RUNTIME:
        return true; /* steps.c and schedules.c have seen to them */
    case BF_KIND_NULL:
        bf_check_error(check, spot, "spec.type", "'" BF_SV_FMT "' on a step can only be null",
                       BF_SV_ARG(bf_spot_name(check, spot)));
        return false;
    default:
        break;
    }
    return is_reference(spot->value) ? reference_ok(check, field, spot)
                                     : bf_check_scalar(check, field, spot);
}

void bf_check_value(struct bf_check *check, const struct bf_field *field,
                    const struct bf_spot *spot)
{
    if (spot->value->kind == BF_VALUE_ERROR) {
        return; /* a diagnostic has said what is wrong */
    }
    enum shape shape = shape_of_value(spot->value);
    const struct bf_field *row = field;
    if (shape_of_field(field) != shape && shape_of_field(field) != SHAPE_ANY) {
        row = field->alt != NULL && shape_of_field(field->alt) == shape ? field->alt : NULL;
        if (row == NULL && shape == SHAPE_SCALAR) {
            row = shorthand_row(field);
        }
    }
    if (row == NULL) {
        wrong_shape(check, field, spot);
        return;
    }
    if (!check_shape(check, row, spot)) {
        return;
    }
    if (row->rule != NULL) {
        row->rule(check, spot);
    }
    if (row != field && field->rule != NULL && field->rule != row->rule) {
        field->rule(check, spot);
    }
}

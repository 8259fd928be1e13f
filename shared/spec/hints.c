#include "spec/check.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "spec/meant.h"

/* What was probably meant where the shape is wrong: slips of the hand, not of the language. */

enum { SHOWN_MAX = 80 };

/** The word that ${text} begins with, up to what ends a key. */
static struct bf_sv first_word(struct bf_sv text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] != ':' && text.ptr[at] != '{' && text.ptr[at] != '[' &&
           text.ptr[at] != ' ') {
        at++;
    }
    return bf_sv_slice(text, 0, at);
}

/** "compute {instance_type" and "instance_type:ml.m5.large" are a key and the text behind it. */
static bool hint_blank(struct bf_check *check, struct bf_diag *diag, const struct bf_field *fields,
                       struct bf_sv text)
{
    struct bf_sv word = first_word(text);
    if (word.len == text.len || bf_field_find(fields, word, check->kind) == NULL) {
        return false;
    }
    struct bf_sv rest = bf_sv_from(text, word.len);
    if (bf_sv_starts(rest, BF_SV(":"))) {
        rest = bf_sv_from(rest, 1);
    }
    bf_diag_hint(check->diags, diag,
                 "a ':' and a blank stand behind a key: '" BF_SV_FMT ": " BF_SV_FMT "'",
                 BF_SV_ARG(word), BF_SV_ARG(bf_utf8_truncate(bf_sv_trim(rest), SHOWN_MAX)));
    return true;
}

void bf_hint_unknown_key(struct bf_check *check, struct bf_diag *diag,
                         const struct bf_field *fields, struct bf_sv key)
{
    if (hint_blank(check, diag, fields, key)) {
        return;
    }
    const struct bf_field *inner = NULL, *outer = bf_field_around(fields, key, check->kind, &inner);
    if (outer != NULL) {
        bf_diag_hint(check->diags, diag, "it is a field of '%s': %s: {%s: ...}", outer->name,
                     outer->name, inner->name);
    }
}

/** "days: 3" and "day: string": the default, or the type, of a parameter. */
static void hint_parameter(struct bf_check *check, struct bf_diag *diag,
                           const struct bf_value *value)
{
    const struct bf_field *type = bf_field_find(bf_fields_parameter, BF_SV("type"), check->kind);
    bool text = value->kind == BF_VALUE_STRING;
    const char *word = value->kind == BF_VALUE_INT     ? "integer"
                       : value->kind == BF_VALUE_FLOAT ? "float"
                       : value->kind == BF_VALUE_BOOL  ? "boolean"
                                                       : "string";
    for (const struct bf_word *w = type->words; text && w->word != NULL; w++) {
        if (bf_sv_is(value->text, w->word)) {
            bf_diag_hint(check->diags, diag, "write {type: %s}", w->word);
            return;
        }
    }
    if (value->kind != BF_VALUE_LIST && value->text.len > 0) {
        bf_diag_hint(check->diags, diag, "write {type: %s, default: %s" BF_SV_FMT "%s}", word,
                     text ? "\"" : "", BF_SV_ARG(bf_utf8_truncate(value->text, SHOWN_MAX)),
                     text ? "\"" : "");
    }
}

void bf_hint_no_map(struct bf_check *check, struct bf_diag *diag, const struct bf_field *fields,
                    const struct bf_value *value)
{
    if (value->kind == BF_VALUE_STRING && fields != NULL) {
        (void)hint_blank(check, diag, fields, value->text);
    }
    if (fields == bf_fields_parameter) {
        hint_parameter(check, diag, value);
    }
    if (fields == NULL) {
        bf_hint_named(check->diags, diag, value);
    }
}

void bf_hint_named(struct bf_diags *diags, struct bf_diag *diag, const struct bf_value *value)
{
    if (value->kind == BF_VALUE_LIST) {
        bf_diag_hint(diags, diag, "write 'name: ...' for each of them, without '- '");
    }
}

/* Text in a flow list needs quotes when it holds one of these. */
static bool needs_quotes(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr(" ,:[]{}#&*!|>'\"%@`", text.ptr[i]) != NULL) {
            return true;
        }
    }
    return text.len == 0;
}

/** "{output: ..., file: ...}"; false: no field must be there. */
static bool put_required(struct bf_buf *out, const struct bf_field *fields, enum bf_step_kind kind)
{
    size_t count = 0;
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if ((field->flags & BF_REQUIRED) != 0 && bf_field_knows(field, kind)) {
            bf_buf_printf(out, "%s%s: ...", count++ == 0 ? "{" : ", ", field->name);
        }
    }
    bf_buf_addz(out, count == 0 ? "" : "}");
    return count > 0;
}

static bool put_item(struct bf_buf *out, const struct bf_field *item, const struct bf_value *value,
                     enum bf_step_kind kind)
{
    bool quoted = false;
    switch (item->kind) {
    case BF_KIND_CONDITION:
        bf_buf_addz(out, "{left: ..., eq: ...}");
        return true;
    case BF_KIND_OBJECT:
        return put_required(out, item->fields, kind);
    case BF_KIND_LIST:
    case BF_KIND_MAP:
        return false;
    default:
        quoted = value->kind == BF_VALUE_STRING && needs_quotes(value->text);
        bf_buf_printf(out, quoted ? "\"" BF_SV_FMT "\"" : BF_SV_FMT,
                      BF_SV_ARG(bf_utf8_truncate(value->text, SHOWN_MAX)));
        return value->kind != BF_VALUE_NULL;
    }
}

void bf_hint_form(struct bf_check *check, struct bf_diag *diag, const struct bf_field *field,
                  const struct bf_value *value)
{
    if (diag->hint.len > 0 || !bf_hint_wanted(check)) {
        return;
    }
    struct bf_buf form = bf_buf_new(check->scratch, 2000);
    if (field->kind == BF_KIND_LIST && value->kind != BF_VALUE_MAP) {
        bf_buf_addz(&form, "[");
        if (put_item(&form, field->item, value, check->kind)) {
            bf_diag_hint(check->diags, diag, "write it as a list: " BF_SV_FMT "]",
                         BF_SV_ARG(bf_buf_sv(&form)));
        }
        return;
    }
    if (field->kind != BF_KIND_OBJECT) {
        return;
    }
    if (put_required(&form, field->fields, check->kind)) {
        bf_diag_hint(check->diags, diag, "write it as a map: " BF_SV_FMT,
                     BF_SV_ARG(bf_buf_sv(&form)));
        return;
    }
    for (const struct bf_field *part = field->fields; part->name != NULL;
         part = bf_field_next(part)) {
        if (bf_field_knows(part, check->kind)) {
            bf_buf_printf(&form, " %s", part->name);
        }
    }
    bf_diag_hint(check->diags, diag, "its fields are:" BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&form)));
}

bool bf_hint_duration(struct bf_check *check, struct bf_diag *diag, struct bf_sv text)
{
    static const char *const units[] = {"second", "minute", "hour", "day", "week"};
    struct bf_sv number = bf_sv_starts(text, BF_SV("rate(")) ? bf_sv_from(text, 5) : text;
    number = bf_sv_ends(number, BF_SV(")")) ? bf_sv_slice(number, 0, number.len - 1) : number;
    size_t digits = 0;
    while (digits < number.len && number.ptr[digits] >= '0' && number.ptr[digits] <= '9') {
        digits++;
    }
    struct bf_sv unit = bf_sv_trim(bf_sv_from(number, digits));
    unit = bf_sv_ends(unit, BF_SV("s")) ? bf_sv_slice(unit, 0, unit.len - 1) : unit;
    for (size_t i = 0; i < BF_COUNTOF(units) && digits > 0; i++) {
        if (bf_sv_is(unit, units[i])) {
            bf_diag_hint(check->diags, diag, "write " BF_SV_FMT "%c",
                         BF_SV_ARG(bf_sv_slice(number, 0, digits)), units[i][0]);
            return true;
        }
    }
    return false;
}

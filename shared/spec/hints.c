#include "spec/check.h"

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

void bf_hint_no_map(struct bf_check *check, struct bf_diag *diag, const struct bf_field *fields,
                    const struct bf_value *value)
{
    if (value->kind == BF_VALUE_STRING && fields != NULL) {
        (void)hint_blank(check, diag, fields, value->text);
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

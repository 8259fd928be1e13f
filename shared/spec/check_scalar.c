#include <string.h>

#include "base/utf8.h"
#include "spec/check.h"
#include "spec/job.h"
#include "spec/source.h"

/* Literals: kinds, words, patterns, lengths and ranges of the rows. */

struct bf_sv bf_duration_text(struct bf_arena *arena, int64_t seconds)
{
    static const struct {
        int64_t length;
        char letter;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    struct bf_buf buf = bf_buf_new(arena, 100);
    for (size_t i = 0; i < BF_COUNTOF(units); i++) {
        if (seconds >= units[i].length) {
            bf_buf_printf(&buf, "%lld%c", (long long)(seconds / units[i].length), units[i].letter);
            seconds %= units[i].length;
        }
    }
    return buf.len == 0 ? BF_SV("0s") : bf_buf_sv(&buf);
}

bool bf_check_finite(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot)
{
    if (bf_number_finite(spot->value)) {
        return true;
    }
    bf_check_error(check, spot, bf_code_or(field, "spec.range"),
                   "'" BF_SV_FMT "' must be a finite number, not " BF_SV_FMT,
                   BF_SV_ARG(bf_spot_name(check, spot)),
                   BF_SV_ARG(bf_utf8_truncate(spot->value->text, 100)));
    return false;
}

/** ${before} ${text} ${after} is the hint, where ${before} is not NULL. */
static bool wrong_kind(struct bf_check *check, const struct bf_spot *spot, const char *wanted,
                       const char *before, const char *after)
{
    struct bf_diag *diag = bf_check_error(
        check, spot, "spec.type", "'" BF_SV_FMT "' must be %s, not %s",
        BF_SV_ARG(bf_spot_name(check, spot)), wanted, bf_value_kind_name(spot->value));
    if (before != NULL) {
        bf_diag_hint(check->diags, diag, "%s" BF_SV_FMT "%s", before,
                     BF_SV_ARG(after == NULL ? BF_SV("") : spot->value->text),
                     after == NULL ? "" : after);
    }
    return false;
}

static bool length_ok(struct bf_check *check, const struct bf_field *field,
                      const struct bf_spot *spot)
{
    size_t count = bf_utf8_count(spot->value->text);
    if ((int64_t)count >= field->min && (field->max == 0 || (int64_t)count <= field->max)) {
        return true;
    }
    const char *code = bf_code_or(field, "spec.length");
    struct bf_sv name = bf_spot_name(check, spot);
    if (count == 0) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' must not be empty", BF_SV_ARG(name));
        return false;
    }
    if ((int64_t)count < field->min) {
        bf_check_error(check, spot, code,
                       "'" BF_SV_FMT "' has %zu characters; at least %lld are needed",
                       BF_SV_ARG(name), count, (long long)field->min);
        return false;
    }
    bf_check_error(check, spot, code,
                   "'" BF_SV_FMT "' has %zu characters; at most %lld are allowed", BF_SV_ARG(name),
                   count, (long long)field->max);
    return false;
}

static bool pattern_ok(struct bf_check *check, const struct bf_field *field,
                       const struct bf_spot *spot)
{
    if (field->pattern == NULL ||
        bf_pattern_matches(check->patterns, field->pattern, spot->value->text)) {
        return true;
    }
    struct bf_diag *diag = bf_check_error(
        check, spot, bf_code_or(field, "spec.pattern"), "'" BF_SV_FMT "' cannot be '" BF_SV_FMT "'",
        BF_SV_ARG(bf_spot_name(check, spot)), BF_SV_ARG(bf_utf8_truncate(spot->value->text, 200)));
    if (field->like != NULL) {
        bf_diag_hint(check->diags, diag, "it must be %s", field->like);
    } else {
        bf_diag_hint(check->diags, diag, "it must match %s", field->pattern);
    }
    return false;
}

static bool check_text(struct bf_check *check, const struct bf_field *field,
                       const struct bf_spot *spot)
{
    if (spot->value->kind != BF_VALUE_STRING && field->kind != BF_KIND_SCALAR) {
        /* "yes" is not written "true" in quotes: yaml.surprise has the word for it. */
        const struct bf_value *value = spot->value;
        bool surprise = value->kind == BF_VALUE_BOOL && value->chain == NULL &&
                        value->loc.end_col - value->loc.col != value->text.len;
        bool none = value->text.len == 0 || surprise;
        return wrong_kind(check, spot, "a string", none ? NULL : "put it in quotes: \"", "\"");
    }
    bool number = (field->flags & BF_NATIVE) != 0; /* it stays one, where it is one */
    return (!number || bf_check_finite(check, field, spot)) && length_ok(check, field, spot) &&
           pattern_ok(check, field, spot);
}

static bool out_of_range(struct bf_check *check, const struct bf_field *field,
                         const struct bf_spot *spot)
{
    const char *code = bf_code_or(field, "spec.range");
    struct bf_sv name = bf_spot_name(check, spot), text = spot->value->text;
    if (field->min == field->max) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' must be %lld, not " BF_SV_FMT,
                       BF_SV_ARG(name), (long long)field->min, BF_SV_ARG(text));
    } else if ((field->max == INT64_MAX || field->max == INT32_MAX) &&
               bf_value_double(spot->value) < (double)field->min) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' must be at least %lld, not " BF_SV_FMT,
                       BF_SV_ARG(name), (long long)field->min, BF_SV_ARG(text));
    } else {
        bf_check_error(
            check, spot, code, "'" BF_SV_FMT "' must be between %lld and %lld, not " BF_SV_FMT,
            BF_SV_ARG(name), (long long)field->min, (long long)field->max, BF_SV_ARG(text));
    }
    return false;
}

/** The hint for a number in quotes. */
static const char *unquote(const struct bf_value *value)
{
    struct bf_sv text = value->text;
    bool number = value->kind == BF_VALUE_STRING && text.len > 0;
    for (size_t i = 0; i < text.len && number; i++) {
        number = strchr("0123456789+-._", text.ptr[i]) != NULL && text.ptr[i] != '\0';
    }
    return number ? "write it without quotes" : NULL;
}

static bool check_int(struct bf_check *check, const struct bf_field *field,
                      const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    if (value->kind != BF_VALUE_INT) {
        return wrong_kind(check, spot, "an integer", unquote(value), NULL);
    }
    if (field->min == 0 && field->max == 0) {
        return true;
    }
    if (value->wide || value->integer < field->min || value->integer > field->max) {
        return out_of_range(check, field, spot);
    }
    return true;
}

static bool check_number(struct bf_check *check, const struct bf_field *field,
                         const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    if (value->kind != BF_VALUE_INT && value->kind != BF_VALUE_FLOAT) {
        return wrong_kind(check, spot, "a number", unquote(value), NULL);
    }
    if (!bf_check_finite(check, field, spot)) {
        return false;
    }
    if (field->min == 0 && field->max == 0) {
        return true;
    }
    if (bf_value_double(value) < (double)field->min ||
        bf_value_double(value) > (double)field->max) {
        return out_of_range(check, field, spot);
    }
    return true;
}

static bool check_bool(struct bf_check *check, const struct bf_spot *spot)
{
    if (spot->value->kind != BF_VALUE_BOOL) {
        return wrong_kind(check, spot, "true or false", NULL, NULL);
    }
    return true;
}

/** "train" for "training": the only word that begins so. */
static struct bf_sv begun_word(struct bf_sv text, const struct bf_sv *words, size_t count)
{
    struct bf_sv found = {0};
    size_t matches = 0;
    for (size_t i = 0; i < count && text.len >= 3; i++) {
        if (bf_sv_starts(words[i], text)) {
            found = words[i];
            matches++;
        }
    }
    return matches == 1 ? found : (struct bf_sv){0};
}

static bool check_word(struct bf_check *check, const struct bf_field *field,
                       const struct bf_spot *spot)
{
    bool text = spot->value->kind == BF_VALUE_STRING;
    if (text && bf_is_word(field->words, spot->value->text)) {
        return true;
    }
    struct bf_sv words[32];
    size_t count = 0;
    struct bf_buf all = bf_buf_new(check->scratch, 600);
    for (const struct bf_word *word = field->words; word->word != NULL; word++) {
        bf_buf_printf(&all, "%s%s", count == 0 ? "" : ", ", word->word);
        words[count++] = bf_sv_of(word->word);
    }
    if (!text) {
        return wrong_kind(
            check, spot, "a word",
            bf_sv_printf(check->scratch, "one of: " BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&all))).ptr,
            NULL);
    }
    struct bf_diag *diag = bf_check_error(
        check, spot, bf_code_or(field, "spec.word"),
        "'" BF_SV_FMT "' cannot be '" BF_SV_FMT "'; it is one of: " BF_SV_FMT,
        BF_SV_ARG(bf_spot_name(check, spot)), BF_SV_ARG(bf_utf8_truncate(spot->value->text, 200)),
        BF_SV_ARG(bf_buf_sv(&all)));
    struct bf_sv nearest = bf_nearest(spot->value->text, words, count);
    nearest = nearest.len > 0 ? nearest : begun_word(spot->value->text, words, count);
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
    return false;
}

static bool duration_range(struct bf_check *check, const struct bf_field *field,
                           const struct bf_spot *spot, int64_t seconds)
{
    struct bf_sv name = bf_spot_name(check, spot);
    const char *code = bf_code_or(field, "spec.range");
    if ((field->flags & BF_MINUTES) != 0 && seconds % 60 != 0) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' must be whole minutes, not " BF_SV_FMT,
                       BF_SV_ARG(name), BF_SV_ARG(spot->value->text));
        return false;
    }
    if (seconds >= field->min && seconds <= field->max) {
        return true;
    }
    bf_check_error(
        check, spot, code,
        "'" BF_SV_FMT "' must be between " BF_SV_FMT " and " BF_SV_FMT ", not " BF_SV_FMT,
        BF_SV_ARG(name), BF_SV_ARG(bf_duration_text(check->scratch, field->min)),
        BF_SV_ARG(bf_duration_text(check->scratch, field->max)), BF_SV_ARG(spot->value->text));
    return false;
}

static bool check_duration(struct bf_check *check, const struct bf_field *field,
                           const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    if ((field->flags & BF_OR_FALSE) != 0 && value->kind == BF_VALUE_BOOL && !value->boolean) {
        return true;
    }
    if (value->kind != BF_VALUE_STRING) {
        bool plain = value->kind == BF_VALUE_INT &&
                     bf_pattern_matches(check->patterns, "[0-9]+", value->text);
        return wrong_kind(check, spot,
                          (field->flags & BF_OR_FALSE) != 0
                              ? "a duration such as 90s, 1h30m or 2d, or false"
                              : "a duration such as 90s, 1h30m or 2d",
                          plain ? "write the unit: " : NULL, "s");
    }
    int64_t seconds = 0;
    if (!bf_duration_parse(value->text, &seconds)) {
        struct bf_diag *diag = bf_check_error(check, spot, bf_code_or(field, "spec.pattern"),
                                              "'" BF_SV_FMT "' is no duration: '" BF_SV_FMT "'",
                                              BF_SV_ARG(bf_spot_name(check, spot)),
                                              BF_SV_ARG(bf_utf8_truncate(value->text, 200)));
        if (!bf_hint_duration(check, diag, value->text)) {
            bf_diag_hint(check->diags, diag, "digits and s, m, h, d or w, largest first: 1h30m");
        }
        return false;
    }
    return duration_range(check, field, spot, seconds);
}

static bool s3_uri(struct bf_check *check, struct bf_sv text)
{
    struct bf_sv rest = bf_sv_from(text, 5);
    struct bf_sv bucket = bf_sv_cut(&rest, '/');
    return bf_sv_starts(text, BF_SV("s3://")) &&
           bf_pattern_matches(check->patterns, "[A-Za-z0-9][A-Za-z0-9._-]{0,254}", bucket);
}

static bool local_path(struct bf_sv text)
{
    return bf_sv_starts(text, BF_SV("./")) || bf_sv_starts(text, BF_SV("../"));
}

static bool check_uri(struct bf_check *check, const struct bf_field *field,
                      const struct bf_spot *spot)
{
    struct bf_sv text = spot->value->text;
    if (spot->value->kind != BF_VALUE_STRING) {
        return wrong_kind(check, spot, "an s3:// uri", NULL, NULL);
    }
    bool local = (field->kind == BF_KIND_LOCATION && local_path(text)) ||
                 (field->kind == BF_KIND_SOURCE && bf_sv_search(text, BF_SV("://")) == text.len &&
                  text.len > 0);
    bool named = bf_source_name_ok(text);
    if (text.len > 1024) {
        bf_check_error(check, spot, "spec.length",
                       "'" BF_SV_FMT "' has %zu characters; at most 1024 are allowed",
                       BF_SV_ARG(bf_spot_name(check, spot)), bf_utf8_count(text));
        return false;
    }
    if ((local && named) || s3_uri(check, text)) {
        return true;
    }
    const char *wanted = field->kind == BF_KIND_URI        ? "s3://bucket/key"
                         : field->kind == BF_KIND_LOCATION ? "s3://bucket/key, ./path or ../path"
                                                           : "s3://bucket/key or a relative path";
    struct bf_diag *diag = bf_check_error(
        check, spot, bf_code_or(field, "spec.pattern"), "'" BF_SV_FMT "' cannot be '" BF_SV_FMT "'",
        BF_SV_ARG(bf_spot_name(check, spot)), BF_SV_ARG(bf_utf8_truncate(text, 200)));
    bf_diag_hint(check->diags, diag, "it must be %s%s", wanted,
                 local ? ", without a backslash and without control characters" : "");
    return false;
}

bool bf_check_scalar(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot)
{
    switch (field->kind) {
    case BF_KIND_STRING:
    case BF_KIND_SCALAR:
    case BF_KIND_LITERAL:
        return field->kind == BF_KIND_LITERAL || check_text(check, field, spot);
    case BF_KIND_INT:
        return check_int(check, field, spot);
    case BF_KIND_NUMBER:
        return check_number(check, field, spot);
    case BF_KIND_BOOL:
        return check_bool(check, spot);
    case BF_KIND_DURATION:
        return check_duration(check, field, spot);
    case BF_KIND_WORD:
        return check_word(check, field, spot);
    case BF_KIND_URI:
    case BF_KIND_SOURCE:
    case BF_KIND_LOCATION:
        return check_uri(check, field, spot);
    default:
        return true;
    }
}

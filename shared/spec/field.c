#include "spec/field.h"

#include <string.h>

bool bf_field_knows(const struct bf_field *field, enum bf_step_kind kind)
{
    if (field->steps == 0 || kind == BF_STEP_KINDS) {
        return true;
    }
    return (field->steps & ((bf_step_set)1 << kind)) != 0;
}

const struct bf_field *bf_field_next(const struct bf_field *field)
{
    const struct bf_field *next = field + 1;
    return next->name == NULL && next->fields != NULL ? next->fields : next;
}

const struct bf_field *bf_field_find(const struct bf_field *fields, struct bf_sv name,
                                     enum bf_step_kind kind)
{
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (bf_sv_is(name, field->name) && bf_field_knows(field, kind)) {
            return field;
        }
    }
    return NULL;
}

const char *bf_field_path(const struct bf_field *field, enum bf_step_kind kind)
{
    if (field->to == NULL) {
        return NULL;
    }
    for (const struct bf_path *to = field->to; to->path != NULL; to++) {
        if ((to->steps & ((bf_step_set)1 << kind)) != 0) {
            return to->path;
        }
    }
    return NULL;
}

const struct bf_field *bf_field_at(const struct bf_field *fields, const char *path,
                                   enum bf_step_kind kind)
{
    struct bf_sv rest = bf_sv_of(path);
    const struct bf_field *field = NULL;
    while (rest.len > 0 && fields != NULL) {
        field = bf_field_find(fields, bf_sv_cut(&rest, '.'), kind);
        fields = field == NULL ? NULL : field->fields;
    }
    return rest.len > 0 ? NULL : field;
}

bool bf_is_word(const struct bf_word *words, struct bf_sv text)
{
    while (words->word != NULL && !bf_sv_is(text, words->word)) {
        words++;
    }
    return words->word != NULL;
}

struct bf_sv bf_word_api(const struct bf_word *words, struct bf_sv word)
{
    for (const struct bf_word *entry = words; entry != NULL && entry->word != NULL; entry++) {
        if (bf_sv_is(word, entry->word) && entry->api != NULL) {
            return bf_sv_of(entry->api);
        }
    }
    return word;
}

static bool unit_of(char c, int *rank, int64_t *seconds)
{
    static const char letters[] = "wdhms";
    static const int64_t lengths[] = {604800, 86400, 3600, 60, 1};
    const char *at = c == '\0' ? NULL : strchr(letters, c);
    if (at == NULL) {
        return false;
    }
    *rank = (int)(at - letters);
    *seconds = lengths[at - letters];
    return true;
}

bool bf_duration_parse(struct bf_sv text, int64_t *seconds)
{
    const int64_t most = INT64_C(1) << 53;
    int64_t total = 0;
    int before = -1;
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
            end++;
        }
        int64_t number = most, unit = 0;
        int rank = 0;
        if (end == at || end == text.len || !unit_of(text.ptr[end], &rank, &unit) ||
            rank <= before) {
            return false;
        }
        bool fits = bf_sv_i64(bf_sv_slice(text, at, end), 0, most, &number);
        total = fits && number <= (most - total) / unit ? total + number * unit : most;
        before = rank;
        at = end + 1;
    }
    if (text.len == 0) {
        return false;
    }
    *seconds = total;
    return true;
}

static const struct bf_word *type_words(void)
{
    return bf_fields_step[0].words;
}

const char *bf_step_kind_word(enum bf_step_kind kind)
{
    return kind >= BF_STEP_KINDS ? "unknown" : type_words()[kind].word;
}

const char *bf_step_kind_api(enum bf_step_kind kind)
{
    return kind >= BF_STEP_KINDS ? "" : type_words()[kind].api;
}

const char *bf_parameter_type_word(enum bf_parameter_type type)
{
    return bf_fields_parameter[0].words[type].word;
}

const char *bf_parameter_type_api(enum bf_parameter_type type)
{
    return bf_fields_parameter[0].words[type].api;
}

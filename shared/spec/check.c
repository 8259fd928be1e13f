#include "spec/check.h"

#include <string.h>

#include "base/utf8.h"
#include "spec/meant.h"

/* Behind so many diagnostics none gets a hint: they are not printed, and looking takes time. */
enum { HINTS_MAX = 10 * BF_DIAG_MAX };

bool bf_hint_wanted(const struct bf_check *check)
{
    return bf_diags_total(check->diags) <= HINTS_MAX;
}

/* ---- spots ---- */

struct bf_sv bf_spot_name(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_spot *chain[32];
    size_t depth = 0;
    for (const struct bf_spot *at = spot; at != NULL && depth < BF_COUNTOF(chain);
         at = at->parent) {
        if (at->key.len > 0) {
            chain[depth++] = at;
        }
    }
    struct bf_buf buf = bf_buf_new(check->scratch, 1000);
    while (depth > 0) {
        bf_buf_add(&buf, chain[--depth]->key);
        if (depth > 0) {
            bf_buf_addc(&buf, '.');
        }
    }
    return bf_buf_sv(&buf);
}

struct bf_loc bf_spot_loc(const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    bool whole = value == NULL || value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST;
    /* A map that came out of "${variables.x}" is shown where that is written. */
    return whole && (value == NULL || value->chain == NULL) ? spot->loc : value->loc;
}

struct bf_loc bf_value_place(const struct bf_value *value, size_t column)
{
    struct bf_loc loc = value->loc;
    size_t shown = loc.end_col > loc.col ? loc.end_col - loc.col : 0;
    size_t length = bf_utf8_count(value->text);
    bool quoted = shown == length + 2;
    if (value->chain != NULL || column == 0 || column > length || (!quoted && shown != length)) {
        return loc;
    }
    loc.col += (unsigned)(column - 1) + (quoted ? 1 : 0);
    loc.end_col -= quoted ? 1 : 0;
    return loc;
}

struct bf_spot bf_spot_at(const struct bf_spot *parent, const char *key)
{
    const struct bf_pair *pair = bf_value_pair(parent->value, bf_sv_of(key));
    struct bf_spot spot = {.parent = parent, .key = bf_sv_of(key), .loc = parent->loc};
    if (pair != NULL && pair->value->kind != BF_VALUE_NULL) {
        spot.value = pair->value;
        spot.own = bf_value_get(parent->own, spot.key);
        spot.loc = pair->key_loc;
    }
    return spot;
}

const struct bf_value *bf_object_get(const struct bf_value *object, const char *key,
                                     const char *shorthand)
{
    if (object == NULL || object->kind == BF_VALUE_NULL) {
        return NULL;
    }
    if (object->kind != BF_VALUE_MAP) {
        return shorthand != NULL && strcmp(key, shorthand) == 0 ? object : NULL;
    }
    const struct bf_value *value = bf_value_get(object, bf_sv_of(key));
    return value == NULL || value->kind == BF_VALUE_NULL ? NULL : value;
}

const struct bf_value *bf_step_get(const struct bf_step *step, const char *path)
{
    const struct bf_value *value = step->fields;
    struct bf_sv rest = bf_sv_of(path);
    while (rest.len > 0 && value != NULL) {
        value = bf_value_get(value, bf_sv_cut(&rest, '.'));
    }
    return value == NULL || value->kind == BF_VALUE_NULL ? NULL : value;
}

/* ---- reports ---- */

static struct bf_diag *report(struct bf_check *check, enum bf_severity severity,
                              const struct bf_spot *spot, const char *code, struct bf_sv text)
{
    struct bf_diag *diag =
        bf_diag(check->diags, severity, code, bf_spot_loc(spot), BF_SV_FMT, BF_SV_ARG(text));
    if (spot->value != NULL) {
        bf_value_note_chain(check->diags, diag, spot->value);
    }
    return diag;
}

struct bf_diag *bf_check_error(struct bf_check *check, const struct bf_spot *spot, const char *code,
                               const char *fmt, ...)
{
    struct bf_buf buf = bf_buf_new(check->scratch, 2000);
    va_list ap;
    va_start(ap, fmt);
    bf_buf_vprintf(&buf, fmt, ap);
    va_end(ap);
    return report(check, BF_ERROR, spot, code, bf_buf_sv(&buf));
}

struct bf_diag *bf_check_report(struct bf_check *check, enum bf_severity severity,
                                const struct bf_spot *spot, const char *code, const char *fmt, ...)
{
    struct bf_buf buf = bf_buf_new(check->scratch, 2000);
    va_list ap;
    va_start(ap, fmt);
    bf_buf_vprintf(&buf, fmt, ap);
    va_end(ap);
    return report(check, severity, spot, code, bf_buf_sv(&buf));
}

/* ---- maps ---- */

static const char *with_article(const char *word)
{
    return strchr("aeiou", word[0]) == NULL ? "a" : "an";
}

/** "a processing step", or "'compute'": how messages call a map. */
static const char *what_of(struct bf_check *check, const struct bf_spot *spot, const char *what)
{
    if (what != NULL) {
        return what;
    }
    return bf_sv_printf(check->scratch, "'" BF_SV_FMT "'", BF_SV_ARG(bf_spot_name(check, spot)))
        .ptr;
}

static void unknown_field(struct bf_check *check, const struct bf_field *fields,
                          const struct bf_spot *spot, const char *what)
{
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "spec.unknown_field", spot->loc,
                "'" BF_SV_FMT "' is not a field of %s", BF_SV_ARG(spot->key), what);
    if (!bf_hint_wanted(check)) {
        return;
    }
    const struct bf_field *meant = bf_field_meant(fields, spot->key, check->kind);
    if (meant == NULL) {
        bf_hint_unknown_key(check, diag, fields, spot->key);
        return;
    }
    bf_diag_hint(check->diags, diag, "did you mean '%s'?", meant->name);
    /* Steps would be compiled without it. */
    check->shared_wrong = check->shared_wrong || (meant->flags & BF_SHARED) != 0;
}

/** Step types that know the name, whichever of the rows is theirs. */
static bf_step_set known_to(const struct bf_field *fields, struct bf_sv name)
{
    bf_step_set steps = 0;
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        steps |= bf_sv_is(name, field->name) ? field->steps : 0;
    }
    return steps;
}

static void misplaced_field(struct bf_check *check, const struct bf_field *fields,
                            const struct bf_field *field, const struct bf_spot *spot)
{
    bf_step_set steps = known_to(fields, spot->key);
    const char *word = bf_step_kind_word(check->kind);
    const char *code = field->misplaced == NULL ? "step.not_for_type" : field->misplaced;
    struct bf_buf known = bf_buf_new(check->scratch, 400);
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        if ((steps & ((bf_step_set)1 << kind)) != 0) {
            bf_buf_printf(&known, "%s%s", known.len == 0 ? "" : ", ",
                          bf_step_kind_word((enum bf_step_kind)kind));
        }
    }
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, code, spot->loc, "%s %s step has no '" BF_SV_FMT "'",
                with_article(word), word, BF_SV_ARG(bf_spot_name(check, spot)));
    bool container = check->kind == BF_STEP_MODEL || check->kind == BF_STEP_REGISTER;
    if (container && (bf_sv_is(spot->key, "image") || bf_sv_is(spot->key, "env"))) {
        bf_diag_hint(check->diags, diag, "write it into the container: model: {" BF_SV_FMT ": ...}",
                     BF_SV_ARG(spot->key));
        return;
    }
    const struct bf_field *meant = bf_field_meant(fields, spot->key, check->kind);
    if (meant != NULL) {
        bf_diag_hint(check->diags, diag,
                     "did you mean '%s'? '" BF_SV_FMT "' is a field of: " BF_SV_FMT, meant->name,
                     BF_SV_ARG(spot->key), BF_SV_ARG(bf_buf_sv(&known)));
        return;
    }
    bf_diag_hint(check->diags, diag, "it is a field of: " BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&known)));
}

/** The spot of pair ${i} of a map; ${index} is that of its own pairs, kept from pair to pair. */
static struct bf_spot spot_of_pair(struct bf_check *check, const struct bf_spot *map,
                                   struct bf_index *index, size_t i)
{
    const struct bf_pair *pair = &map->value->pairs[i];
    const struct bf_value *own = map->own;
    struct bf_spot spot = {
        .parent = map, .key = pair->key, .value = pair->value, .loc = pair->key_loc};
    if (own == map->value) {
        spot.own = pair->value;
    } else if (own != NULL && own->kind == BF_VALUE_MAP) {
        size_t at = bf_index_find(check->scratch, index, own->pairs, sizeof *own->pairs, own->count,
                                  pair->key);
        spot.own = at == BF_INDEX_NONE ? NULL : own->pairs[at].value;
    }
    return spot;
}

static void check_pair(struct bf_check *check, const struct bf_field *fields,
                       const struct bf_spot *spot, const struct bf_spot *child, const char *what)
{
    const struct bf_value *value = child->value;
    const struct bf_field *field = bf_field_find(fields, child->key, check->kind);
    if (field == NULL) {
        const struct bf_field *other = bf_field_find(fields, child->key, BF_STEP_KINDS);
        bf_mark_references(check, value);
        if (other == NULL) {
            unknown_field(check, fields, child, what_of(check, spot, what));
        } else if (child->own != NULL && value->kind != BF_VALUE_NULL) {
            misplaced_field(check, fields, other, child);
        }
        return;
    }
    if (value->kind == BF_VALUE_NULL) {
        return;
    }
    if ((field->flags & BF_SHARED) == 0) {
        bf_check_value(check, field, child);
        return;
    }
    size_t before = bf_diags_count(check->diags, BF_ERROR);
    bf_check_value(check, field, child);
    check->shared_wrong = check->shared_wrong || bf_value_holds_error(value) ||
                          bf_diags_count(check->diags, BF_ERROR) > before;
}

/** The field, or the field of a step that it is a part of, would come from "defaults". */
static bool is_lost_default(struct bf_check *check, const struct bf_field *field,
                            const struct bf_spot *spot)
{
    const char *name = field->name;
    bool taken = (field->flags & BF_DEFAULTS) != 0;
    for (; spot->parent != NULL; spot = spot->parent) {
        const struct bf_field *outer = bf_field_find(bf_fields_step, spot->key, check->kind);
        taken = outer != NULL && (outer->flags & BF_DEFAULTS) != 0;
        name = outer == NULL ? name : outer->name;
    }
    const struct bf_value *root = check->pipeline->root;
    return taken && check->step != NULL &&
           (bf_field_is_misspelt(bf_fields_top, root, "defaults", BF_STEP_KINDS) ||
            bf_field_is_misspelt(bf_fields_step, bf_value_get(root, BF_SV("defaults")), name,
                                 BF_STEP_KINDS));
}

/** Whether it is there under another name, which has been reported. */
static bool is_misspelt(struct bf_check *check, const struct bf_field *fields,
                        const struct bf_field *field, const struct bf_spot *spot)
{
    return bf_field_is_misspelt(fields, spot->value, field->name, check->kind) ||
           is_lost_default(check, field, spot);
}

void bf_check_fields(struct bf_check *check, const struct bf_field *fields,
                     const struct bf_spot *spot, const char *what)
{
    struct bf_index index = {0};
    for (size_t i = 0; i < spot->value->count; i++) {
        struct bf_spot child = spot_of_pair(check, spot, &index, i);
        struct bf_arena_mark mark = bf_arena_mark(check->scratch); /* behind the index */
        check_pair(check, fields, spot, &child, what);
        bf_arena_rewind(check->scratch, mark);
    }
    for (const struct bf_field *field = fields; field->name != NULL && !check->partial;
         field = bf_field_next(field)) {
        if ((field->flags & BF_REQUIRED) != 0 && bf_field_knows(field, check->kind) &&
            bf_spot_at(spot, field->name).value == NULL &&
            !is_misspelt(check, fields, field, spot)) {
            bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                    "%s needs the field '%s'", what_of(check, spot, what), field->name);
            check->shared_wrong = check->shared_wrong || (field->flags & BF_SHARED) != 0;
        }
    }
}

/** "rows: ${steps.a.outputs.rows}" is what the file says there, not what the run gives. */
static bool is_taken_from_step(struct bf_check *check, const struct bf_field *field,
                               const struct bf_spot *spot)
{
    struct bf_sv path = spot->value->chain == NULL ? BF_SV("") : spot->value->chain->path;
    struct bf_sv start = BF_SV("steps.");
    if (!bf_sv_starts(path, start) || field->shorthand == NULL ||
        bf_spot_at(spot, field->shorthand).value != NULL) {
        return false;
    }
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "'" BF_SV_FMT "' needs the field '%s', which '" BF_SV_FMT "' in the file has not",
                BF_SV_ARG(bf_spot_name(check, spot)), field->shorthand, BF_SV_ARG(path));
    bf_value_note_chain(check->diags, diag, spot->value);
    bf_diag_hint(check->diags, diag,
                 "what the run gives is read with a colon: ${step:" BF_SV_FMT "}",
                 BF_SV_ARG(bf_sv_from(path, start.len)));
    return true;
}

void bf_check_object(struct bf_check *check, const struct bf_field *field,
                     const struct bf_spot *spot)
{
    if (is_taken_from_step(check, field, spot)) {
        return;
    }
    bf_check_fields(check, field->fields, spot, NULL);
}

const char *bf_code_or(const struct bf_field *field, const char *code)
{
    return field == NULL || field->code == NULL ? code : field->code;
}

static void check_count(struct bf_check *check, const struct bf_field *field,
                        const struct bf_spot *spot, size_t count)
{
    if ((field->min == 0 && field->max == 0) ||
        ((int64_t)count >= field->min && (field->max == 0 || (int64_t)count <= field->max))) {
        return;
    }
    const char *code = bf_code_or(field, "spec.length");
    struct bf_sv name = bf_spot_name(check, spot);
    if (field->max == 0) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' needs at least %lld entries, not %zu",
                       BF_SV_ARG(name), (long long)field->min, count);
        return;
    }
    if (field->min == 0) {
        bf_check_error(check, spot, code, "'" BF_SV_FMT "' takes at most %lld entries, not %zu",
                       BF_SV_ARG(name), (long long)field->max, count);
        return;
    }
    bf_check_error(check, spot, code, "'" BF_SV_FMT "' takes %lld to %lld entries, not %zu",
                   BF_SV_ARG(name), (long long)field->min, (long long)field->max, count);
}

void bf_check_list(struct bf_check *check, const struct bf_field *field, const struct bf_spot *spot)
{
    check_count(check, field, spot, spot->value->count);
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_value *item = spot->value->items[i];
        struct bf_spot child = {.parent = spot,
                                .value = item,
                                .own = spot->own == NULL ? NULL : item,
                                .loc = item->loc};
        struct bf_arena_mark mark = bf_arena_mark(check->scratch);
        if (item->kind == BF_VALUE_NULL) {
            bf_check_error(check, &child, "spec.type",
                           "an item of '" BF_SV_FMT "' is null: take the line out",
                           BF_SV_ARG(bf_spot_name(check, spot)));
        } else {
            bf_check_value(check, field->item, &child);
        }
        bf_arena_rewind(check->scratch, mark);
    }
}

static void check_key(struct bf_check *check, const struct bf_field *field,
                      const struct bf_spot *child)
{
    if (field->key_pattern == NULL ||
        bf_pattern_matches(check->patterns, field->key_pattern, child->key)) {
        return;
    }
    const char *code = field->key_code == NULL ? "spec.pattern" : field->key_code;
    struct bf_sv name = bf_spot_name(check, child->parent);
    struct bf_diag *diag = bf_diag(check->diags, BF_ERROR, code, child->loc,
                                   "'" BF_SV_FMT "' cannot be a name in '" BF_SV_FMT "'",
                                   BF_SV_ARG(child->key), BF_SV_ARG(name));
    bf_diag_hint(check->diags, diag, "names there match %s", field->key_pattern);
}

void bf_check_map(struct bf_check *check, const struct bf_field *field, const struct bf_spot *spot)
{
    struct bf_index index = {0};
    size_t count = 0;
    for (size_t i = 0; i < spot->value->count; i++) {
        struct bf_spot child = spot_of_pair(check, spot, &index, i);
        if (child.value->kind == BF_VALUE_NULL) {
            continue;
        }
        count++;
        struct bf_arena_mark mark = bf_arena_mark(check->scratch); /* behind the index */
        check_key(check, field, &child);
        bf_check_value(check, field->item, &child);
        bf_arena_rewind(check->scratch, mark);
    }
    check_count(check, field, spot, count);
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
void bf_check_any(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    struct bf_arena_mark mark = bf_arena_mark(check->scratch);
    if (value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED) {
        bf_check_references(check, spot, BF_YIELD_STRING);
    }
    (void)bf_check_finite(check, NULL, spot);
    bf_check_get(check, spot);
    bf_arena_rewind(check->scratch, mark);
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_LIST; i++) {
        struct bf_spot child = {.parent = spot,
                                .value = value->items[i],
                                .own = value->items[i],
                                .loc = value->items[i]->loc};
        bf_check_any(check, &child);
    }
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_MAP; i++) {
        struct bf_spot child = {.parent = spot,
                                .key = value->pairs[i].key,
                                .value = value->pairs[i].value,
                                .own = value->pairs[i].value,
                                .loc = value->pairs[i].key_loc};
        bf_check_any(check, &child);
    }
}

#include "compile/place.h"

#include "spec/field.h"

static const struct bf_step *nth_child(const struct bf_pipeline *pipeline,
                                       const struct bf_step *parent, enum bf_branch branch,
                                       int64_t index)
{
    for (size_t i = 0; i < pipeline->step_count; i++) {
        const struct bf_step *step = pipeline->steps[i];
        if (step->parent == parent && step->branch == branch && index-- == 0) {
            return step;
        }
    }
    return NULL;
}

/** Take "Steps[2].Arguments.IfSteps[0].Type" to the step and what is left, "Type". */
static const struct bf_step *step_of(const struct bf_pipeline *pipeline, struct bf_sv *path)
{
    static const struct {
        const char *prefix;
        enum bf_branch branch;
    } lists[] = {{"Steps[", BF_BRANCH_NONE},
                 {"Arguments.IfSteps[", BF_BRANCH_THEN},
                 {"Arguments.ElseSteps[", BF_BRANCH_ELSE}};
    const struct bf_step *found = NULL;
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < BF_COUNTOF(lists) && !more; i++) {
            struct bf_sv prefix = bf_sv_of(lists[i].prefix);
            int64_t index = 0;
            size_t end = bf_sv_find(*path, ']');
            const struct bf_step *next = NULL;
            if (bf_sv_starts(*path, prefix) &&
                bf_sv_i64(bf_sv_slice(*path, prefix.len, end), 0, INT32_MAX, &index)) {
                next = nth_child(pipeline, found, lists[i].branch, index);
            }
            if (next != NULL) {
                found = next;
                *path = bf_sv_from(*path, end + 2);
                more = true;
            }
        }
    }
    return found;
}

/* ---- along the rows of the table ---- */

/** The best place so far: ${reached} is how far into the path it leads. */
struct walk {
    enum bf_step_kind kind;
    bool key; /* places of names are wanted */
    bool in_raw;
    struct bf_loc loc;
    const char *reached;
};

static void note(struct walk *walk, struct bf_loc loc, struct bf_sv rest, bool raw)
{
    if (rest.ptr >= walk->reached) {
        walk->loc = loc;
        walk->reached = rest.ptr;
        walk->in_raw = raw;
    }
}

/** Take ${member} (a dotted path; NULL: nothing) off the front of *path. */
static bool take(struct bf_sv *path, struct bf_sv member)
{
    if (member.len == 0) {
        return true;
    }
    struct bf_sv rest = bf_sv_from(*path, member.len);
    if (!bf_sv_starts(*path, member) ||
        (rest.len > 0 && rest.ptr[0] != '.' && rest.ptr[0] != '[')) {
        return false;
    }
    *path = rest.len > 0 && rest.ptr[0] == '.' ? bf_sv_from(rest, 1) : rest;
    return true;
}

/** Take "[3]" off the front of *path. */
static bool take_index(struct bf_sv *path, size_t *index)
{
    int64_t number = 0;
    size_t end = bf_sv_find(*path, ']');
    if (path->len == 0 || path->ptr[0] != '[' ||
        !bf_sv_i64(bf_sv_slice(*path, 1, end), 0, INT32_MAX, &number)) {
        return false;
    }
    *index = (size_t)number;
    *path = bf_sv_from(*path, end + 1);
    if (path->len > 0 && path->ptr[0] == '.') {
        *path = bf_sv_from(*path, 1);
    }
    return true;
}

static struct bf_loc loc_of(const struct walk *walk, const struct bf_value *value,
                            struct bf_loc key)
{
    bool whole = value->kind == BF_VALUE_MAP || value->kind == BF_VALUE_LIST;
    return walk->key || (whole && value->chain == NULL) ? key : value->loc;
}

/** Members of a raw part have the names of the path. */
static void walk_raw(struct walk *walk, const struct bf_value *value, struct bf_sv path)
{
    size_t index = 0;
    while (path.len > 0) {
        if (take_index(&path, &index)) {
            if (value->kind != BF_VALUE_LIST || index >= value->count) {
                return;
            }
            value = value->items[index];
            note(walk, value->loc, path, true);
            continue;
        }
        size_t end = 0;
        while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != '[') {
            end++;
        }
        struct bf_sv name = bf_sv_slice(path, 0, end);
        const struct bf_pair *pair = bf_value_pair(value, name);
        if (pair == NULL || !take(&path, name)) {
            return;
        }
        value = pair->value;
        note(walk, path.len > 0 ? pair->key_loc : loc_of(walk, value, pair->key_loc), path, true);
    }
}

static void walk_rows(struct walk *walk, const struct bf_field *fields,
                      const struct bf_value *object, const char *shorthand, struct bf_sv path);

static const struct bf_pair *nth_pair(const struct bf_value *map, size_t index)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->pairs[i].value->kind != BF_VALUE_NULL && index-- == 0) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

/** A value of the row's kind: its members, entries or items. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the table */
static void walk_value(struct walk *walk, const struct bf_field *row, const struct bf_value *value,
                       struct bf_sv path)
{
    const struct bf_pair *pair = NULL;
    size_t index = 0;
    bool indexed = take_index(&path, &index);
    if (row->kind == BF_KIND_OBJECT) {
        const struct bf_value *raw = bf_object_get(value, "raw", NULL);
        walk_rows(walk, row->fields, value, row->shorthand, path);
        if (raw != NULL) {
            walk_raw(walk, raw, path);
        }
    } else if (row->kind == BF_KIND_LIST && value->kind == BF_VALUE_LIST && indexed &&
               index < value->count) {
        note(walk, value->items[index]->loc, path, false);
        walk_value(walk, row->item, value->items[index], path);
    } else if (row->kind == BF_KIND_MAP && value->kind == BF_VALUE_MAP) {
        bool single = row->emit == BF_EMIT_INPUTS && !indexed; /* of a transform */
        struct bf_sv name = bf_sv_slice(path, 0, bf_sv_find(path, '.'));
        pair = indexed || single ? nth_pair(value, index) : bf_value_pair(value, name);
        if (pair != NULL && (indexed || single || take(&path, name))) {
            note(walk, loc_of(walk, pair->value, pair->key_loc), path, false);
            walk_value(walk, row->item, pair->value, path);
        }
    } else if (row->kind == BF_KIND_ANY) {
        walk_raw(walk, value, path);
    }
}

static const struct bf_field *row_of(const struct bf_field *field, const struct bf_value *value)
{
    const struct bf_field *alt = field->alt;
    bool other = alt != NULL && ((alt->kind == BF_KIND_LIST && value->kind == BF_VALUE_LIST) ||
                                 (alt->kind == BF_KIND_OBJECT && value->kind == BF_VALUE_MAP));
    return other ? alt : field;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the table */
static void walk_rows(struct walk *walk, const struct bf_field *fields,
                      const struct bf_value *object, const char *shorthand, struct bf_sv path)
{
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        const struct bf_value *value = bf_field_knows(field, walk->kind)
                                           ? bf_object_get(object, field->name, shorthand)
                                           : NULL;
        const char *to = value == NULL ? NULL : bf_field_path(field, walk->kind);
        struct bf_sv rest = path;
        /* Members beside Arguments ("@X") are told apart by the first name of the path. */
        struct bf_sv member = bf_sv_of(to == NULL ? "" : to[0] == '@' ? to + 1 : to);
        bool holder = field->kind == BF_KIND_OBJECT || (field->kind == BF_KIND_MAP && to != NULL);
        if (value == NULL || (member.len == 0 && !holder) || !take(&rest, member)) {
            continue;
        }
        const struct bf_pair *pair = bf_value_pair(object, bf_sv_of(field->name));
        if (member.len > 0) {
            note(walk, loc_of(walk, value, pair == NULL ? value->loc : pair->key_loc), rest, false);
        }
        if (field->emit != BF_EMIT_ARGUMENTS && field->emit != BF_EMIT_RANGES) {
            walk_value(walk, row_of(field, value), value, rest);
        }
    }
}

struct bf_file_place bf_definition_place(const struct bf_pipeline *pipeline, struct bf_sv path,
                                         bool key)
{
    const struct bf_step *step = step_of(pipeline, &path);
    if (step == NULL) {
        return (struct bf_file_place){.loc = pipeline->name_loc};
    }
    bool is_raw = step->kind == BF_STEP_RAW;
    const struct bf_pair *raw =
        bf_value_pair(step->own, is_raw ? BF_SV("sagemaker") : BF_SV("raw"));
    struct walk walk = {.kind = step->kind, .key = key, .loc = step->loc, .reached = path.ptr};
    if (!is_raw) {
        (void)take(&path, BF_SV("Arguments"));
        walk.reached = path.ptr;
        walk_rows(&walk, bf_fields_step, step->fields, NULL, path);
    }
    if (raw != NULL) {
        note(&walk, raw->key_loc, path, false);
        walk_raw(&walk, raw->value, path);
    }
    return (struct bf_file_place){.loc = walk.loc, .step = step, .in_raw = walk.in_raw};
}

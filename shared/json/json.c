#include "json/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/scan.h"

static void delete_tree(void *tree)
{
    cJSON_Delete(tree);
}

static void *must(void *p)
{
    if (p == NULL) {
        (void)fputs("buzzflow: out of memory in json\n", stderr);
        _Exit(71);
    }
    return p;
}

static char *copy_text(struct bf_sv text)
{
    char *z = must(malloc(text.len + 1));

    if (text.len != 0) {
        memcpy(z, text.ptr, text.len);
    }
    z[text.len] = '\0';
    return z;
}

/* cJSON keeps a double only. Its free() covers valuestring of every node, so the text lives there.
 */
/* NOLINTNEXTLINE(misc-no-recursion): depth <= BF_JSON_DEPTH */
static void attach_numbers(cJSON *node, const struct bf_json_numbers *numbers, size_t *at)
{
    for (; node != NULL; node = node->next) {
        if (cJSON_IsNumber(node) && *at < numbers->count) {
            node->valuestring = copy_text(numbers->items[(*at)++]);
        }
        attach_numbers(node->child, numbers, at);
    }
}

enum bf_code bf_json_parse(struct bf_arena *arena, struct bf_sv text, const char *file,
                           bf_json **out, struct bf_err *err)
{
    struct bf_json_numbers numbers = {0};
    size_t at = 0;

    BF_TRY(bf_json_scan(arena, text, file, &numbers, err));
    cJSON *tree = cJSON_ParseWithLength(text.ptr, text.len);
    if (tree == NULL) { /* the scan is meant to be stricter; should it not be, this is the net */
        return bf_err_set(err, BF_ESYNTAX, (struct bf_loc){.file = file}, "not valid JSON");
    }
    bf_arena_defer(arena, delete_tree, tree);
    attach_numbers(tree, &numbers, &at);
    *out = tree;
    return BF_OK;
}

enum bf_json_kind bf_json_kind(const bf_json *node)
{
    switch (node == NULL ? cJSON_Invalid : node->type & 0xFF) { /* flags are above */
    case cJSON_Object:
        return BF_JSON_OBJECT;
    case cJSON_Array:
        return BF_JSON_ARRAY;
    case cJSON_String:
        return BF_JSON_STRING;
    case cJSON_Number:
        return BF_JSON_NUMBER;
    case cJSON_False:
    case cJSON_True:
        return BF_JSON_BOOL;
    case cJSON_NULL:
        return BF_JSON_NULL;
    default:
        return BF_JSON_NONE;
    }
}

const char *bf_json_kind_name(const bf_json *node)
{
    static const char *const names[] = {
        [BF_JSON_NONE] = "nothing",    [BF_JSON_NULL] = "null",       [BF_JSON_BOOL] = "a boolean",
        [BF_JSON_NUMBER] = "a number", [BF_JSON_STRING] = "a string", [BF_JSON_ARRAY] = "an array",
        [BF_JSON_OBJECT] = "an object"};

    return names[bf_json_kind(node)];
}

bf_json *bf_json_get(const bf_json *object, const char *key)
{
    return bf_json_kind(object) == BF_JSON_OBJECT ? cJSON_GetObjectItemCaseSensitive(object, key)
                                                  : NULL;
}

bf_json *bf_json_get_sv(const bf_json *object, struct bf_sv key)
{
    if (bf_json_kind(object) != BF_JSON_OBJECT) {
        return NULL;
    }
    for (cJSON *m = object->child; m != NULL; m = m->next) {
        if (bf_sv_is(key, m->string)) {
            return m;
        }
    }
    return NULL;
}

bf_json *bf_json_path(const bf_json *node, struct bf_sv path)
{
    bf_json *found = NULL;
    int64_t index = 0;

    do {
        struct bf_sv part = bf_sv_cut(&path, '.');
        if (bf_json_kind(node) == BF_JSON_ARRAY) {
            found = bf_sv_i64(part, 0, INT32_MAX, &index) ? bf_json_at(node, (size_t)index) : NULL;
        } else {
            found = bf_json_get_sv(node, part);
        }
        node = found;
    } while (found != NULL && path.len != 0);
    return found;
}

bf_json *bf_json_first(const bf_json *container)
{
    return container == NULL ? NULL : container->child;
}

bf_json *bf_json_next(const bf_json *node)
{
    return node == NULL ? NULL : node->next;
}

size_t bf_json_count(const bf_json *container)
{
    return container == NULL ? 0 : (size_t)cJSON_GetArraySize(container);
}

bf_json *bf_json_at(const bf_json *array, size_t index)
{
    return array == NULL || index > INT_MAX ? NULL : cJSON_GetArrayItem(array, (int)index);
}

struct bf_sv bf_json_key(const bf_json *member)
{
    return bf_sv_of(member == NULL ? NULL : member->string);
}

struct bf_sv bf_json_text(const bf_json *node)
{
    switch (bf_json_kind(node)) {
    case BF_JSON_STRING:
    case BF_JSON_NUMBER:
        return bf_sv_of(node->valuestring);
    case BF_JSON_BOOL:
        return cJSON_IsTrue(node) ? BF_SV("true") : BF_SV("false");
    default:
        return BF_SV("");
    }
}

bool bf_json_true(const bf_json *node)
{
    return node != NULL && cJSON_IsTrue(node);
}

double bf_json_number(const bf_json *node)
{
    return bf_json_kind(node) == BF_JSON_NUMBER ? node->valuedouble : 0;
}

bool bf_json_i64(const bf_json *node, int64_t min, int64_t max, int64_t *out)
{
    enum bf_json_kind kind = bf_json_kind(node);

    if (kind != BF_JSON_NUMBER && kind != BF_JSON_STRING) {
        return false;
    }
    if (bf_sv_i64(bf_json_text(node), min, max, out)) {
        return true;
    }
    /* 1e3 and 5.0 are integers too; beyond 2^53 only the plain form is exact. */
    double value = bf_json_number(node);
    if (kind != BF_JSON_NUMBER || floor(value) != value || fabs(value) > 9007199254740992.0 ||
        value < (double)min || value > (double)max) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

struct bf_sv bf_json_str(const bf_json *node, const char *path)
{
    const bf_json *found = bf_json_path(node, bf_sv_of(path));

    return bf_json_kind(found) == BF_JSON_STRING ? bf_json_text(found) : BF_SV("");
}

enum bf_code bf_json_need_str(const bf_json *node, const char *path, struct bf_sv *out,
                              struct bf_err *err)
{
    const bf_json *found = bf_json_path(node, bf_sv_of(path));

    if (bf_json_kind(found) != BF_JSON_STRING) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "'%s' must be a string, found %s", path,
                          bf_json_kind_name(found));
    }
    *out = bf_json_text(found);
    return BF_OK;
}

static bool equal_scalars(const bf_json *a, const bf_json *b)
{
    if (bf_json_kind(a) == BF_JSON_NUMBER) {
        int64_t left = 0;
        int64_t right = 0;
        if (bf_sv_i64(bf_json_text(a), INT64_MIN, INT64_MAX, &left) &&
            bf_sv_i64(bf_json_text(b), INT64_MIN, INT64_MAX, &right)) {
            return left == right;
        }
        return a->valuedouble == b->valuedouble;
    }
    return bf_sv_eq(bf_json_text(a), bf_json_text(b));
}

static bf_json *attach(bf_json *parent, const char *key, cJSON *node)
{
    must(node);
    if (key == NULL) {
        (void)cJSON_AddItemToArray(parent, node);
    } else {
        (void)cJSON_AddItemToObject(parent, key, node);
    }
    return node;
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_JSON_DEPTH levels when parsed, few when built */
bool bf_json_equal(const bf_json *a, const bf_json *b)
{
    enum bf_json_kind kind = bf_json_kind(a);

    if (kind != bf_json_kind(b)) {
        return false;
    }
    if (kind != BF_JSON_ARRAY && kind != BF_JSON_OBJECT) {
        return equal_scalars(a, b);
    }
    if (bf_json_count(a) != bf_json_count(b)) {
        return false;
    }
    const bf_json *other = bf_json_first(b);
    for (const bf_json *x = bf_json_first(a); x != NULL; x = x->next) {
        const bf_json *y = kind == BF_JSON_OBJECT ? bf_json_get_sv(b, bf_json_key(x)) : other;
        if (!bf_json_equal(x, y)) {
            return false;
        }
        other = other->next;
    }
    return true;
}

/* Among the first ${count} members. */
static bf_json *member_of(const bf_json *object, const char *key, size_t count)
{
    cJSON *at = object->child;

    while (count > 0 && strcmp(at->string, key) != 0) {
        at = at->next;
        count--;
    }
    return count > 0 ? at : NULL;
}

/* ${node} of ${from} in the place of ${mine} (NULL: at the end): the order of members is output. */
static void take_over(bf_json *target, bf_json *mine, bf_json *node, bf_json *from)
{
    (void)cJSON_DetachItemViaPointer(from, node);
    if (mine == NULL) {
        (void)attach(target, node->string, node);
    } else {
        (void)cJSON_ReplaceItemViaPointer(target, mine, node);
    }
}

/* An object of the patch; what is no object in the target is one without members (RFC 7396). */
static void merge_object(bf_json *target, bf_json *mine, bf_json *patch)
{
    if (mine == NULL) {
        mine = bf_json_add_object(target, patch->string);
    } else if (!cJSON_IsObject(mine)) {
        cJSON *empty = must(cJSON_CreateObject());
        empty->string = copy_text(bf_sv_of(patch->string));
        (void)cJSON_ReplaceItemViaPointer(target, mine, empty);
        mine = empty;
    }
    bf_json_merge_move(mine, patch);
}

/* The patch names a member once, so what it has added is not looked at again: a patch of many
   members takes time in line with them. */
void bf_json_merge_move(bf_json *target, bf_json *patch)
{
    size_t there = bf_json_count(target);

    for (bf_json *p = bf_json_first(patch), *next = NULL; p != NULL; p = next) {
        bf_json *mine = member_of(target, p->string, there);
        next = bf_json_next(p);
        if (cJSON_IsObject(p)) {
            merge_object(target, mine, p);
        } else if (!cJSON_IsNull(p)) {
            take_over(target, mine, p, patch);
        } else if (mine != NULL) {
            cJSON_Delete(cJSON_DetachItemViaPointer(target, mine));
            there--;
        }
    }
}
/* NOLINTEND(misc-no-recursion) */

void bf_json_merge(bf_json *target, const bf_json *patch)
{
    cJSON *copy = must(cJSON_Duplicate(patch, 1));

    bf_json_merge_move(target, copy);
    cJSON_Delete(copy);
}

static bf_json *new_root(struct bf_arena *arena, cJSON *node)
{
    bf_arena_defer(arena, delete_tree, must(node));
    return node;
}

bf_json *bf_json_new_object(struct bf_arena *arena)
{
    return new_root(arena, cJSON_CreateObject());
}

bf_json *bf_json_new_array(struct bf_arena *arena)
{
    return new_root(arena, cJSON_CreateArray());
}

bf_json *bf_json_add_object(bf_json *parent, const char *key)
{
    return attach(parent, key, cJSON_CreateObject());
}

bf_json *bf_json_add_array(bf_json *parent, const char *key)
{
    return attach(parent, key, cJSON_CreateArray());
}

bf_json *bf_json_add_str(bf_json *parent, const char *key, struct bf_sv text)
{
    cJSON *node = must(cJSON_CreateNull());

    node->type = cJSON_String;
    if (bf_utf8_valid_prefix(text) == text.len) {
        node->valuestring = copy_text(text);
        return attach(parent, key, node);
    }
    char *out = must(malloc(3 * text.len + 1));
    size_t used = 0;
    for (size_t i = 0; i < text.len;) {
        size_t n = bf_utf8_next(bf_sv_from(text, i), NULL);
        memcpy(out + used, n == 0 ? "\xEF\xBF\xBD" : text.ptr + i, n == 0 ? 3 : n);
        used += n == 0 ? 3 : n;
        i += n == 0 ? 1 : n;
    }
    out[used] = '\0';
    node->valuestring = out;
    return attach(parent, key, node);
}

bf_json *bf_json_add_number(bf_json *parent, const char *key, struct bf_sv text)
{
    char *copy = copy_text(text);
    cJSON *node = must(cJSON_CreateNumber(strtod(copy, NULL)));

    node->valuestring = copy;
    return attach(parent, key, node);
}

bf_json *bf_json_add_i64(bf_json *parent, const char *key, int64_t value)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%" PRId64, value);

    return bf_json_add_number(parent, key, (struct bf_sv){.ptr = text, .len = (size_t)n});
}

bf_json *bf_json_add_bool(bf_json *parent, const char *key, bool value)
{
    return attach(parent, key, cJSON_CreateBool(value));
}

bf_json *bf_json_add_null(bf_json *parent, const char *key)
{
    return attach(parent, key, cJSON_CreateNull());
}

bf_json *bf_json_add_copy(bf_json *parent, const char *key, const bf_json *node)
{
    cJSON *copy = must(cJSON_Duplicate(node, 1));

    return attach(parent, key, copy);
}

bf_json *bf_json_move(bf_json *parent, const char *key, bf_json *node, bf_json *from)
{
    return attach(parent, key, cJSON_DetachItemViaPointer(from, node));
}

void bf_json_remove(bf_json *object, const char *key)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
}

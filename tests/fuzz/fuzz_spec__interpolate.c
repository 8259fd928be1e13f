/*
 * Any two files, merged and interpolated: an error that is told, or values whose YAML form loads
 * to the same values. A line of "%%" parts the files; the second is the first's overlay.
 */
#include <stdint.h>
#include <stdlib.h>

#include "spec/document.h"
#include "spec/value_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct bf_variable variable_items[] = {
    {{"A", 1}, {"[a, 2]", 6}},
    {{"B", 1}, {"${x}", 4}},
    {{"C", 1}, {"${oc.decode:${oc.env:C}}", 24}},
};
static const struct bf_variables variables = {variable_items, BF_COUNTOF(variable_items)};

enum { PRINTED_MAX = 1 << 22 };

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

static bool holds_failure(const struct bf_value *value)
{
    if (value->kind == BF_VALUE_LIST || value->kind == BF_VALUE_MAP) {
        for (size_t i = 0; i < value->count; i++) {
            if (holds_failure(value->kind == BF_VALUE_MAP ? value->pairs[i].value
                                                          : value->items[i])) {
                return true;
            }
        }
    }
    return value->kind == BF_VALUE_ERROR;
}

static struct bf_sv json_of(struct bf_arena *arena, const struct bf_value *value)
{
    struct bf_buf out = bf_buf_new(arena, PRINTED_MAX);

    bf_value_print_compact(&out, value);
    return bf_buf_sv(&out);
}

/* The same value; a number may be written in another way. */
static bool same(struct bf_arena *arena, const struct bf_value *a, const struct bf_value *b)
{
    bool map = a->kind == BF_VALUE_MAP;

    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    if (a->kind == BF_VALUE_INT || a->kind == BF_VALUE_FLOAT) {
        return !(bf_value_double(a) < bf_value_double(b)) &&
               !(bf_value_double(a) > bf_value_double(b));
    }
    if (a->kind != BF_VALUE_LIST && !map) {
        return bf_sv_eq(json_of(arena, a), json_of(arena, b));
    }
    for (size_t i = 0; i < a->count; i++) {
        if (map && !bf_sv_eq(a->pairs[i].key, b->pairs[i].key)) {
            return false;
        }
        if (!same(arena, map ? a->pairs[i].value : a->items[i],
                  map ? b->pairs[i].value : b->items[i])) {
            return false;
        }
    }
    return true;
}

static void check_round_trip(struct bf_arena *arena, const struct bf_value *value)
{
    struct bf_buf yaml = bf_buf_new(arena, BF_YAML_MAX_BYTES);
    struct bf_diags *diags = bf_diags_new(arena);
    const struct bf_value *second = NULL;

    bf_value_print_yaml(&yaml, value);
    if (yaml.full) {
        return;
    }
    struct bf_text text = {"again.yaml", bf_buf_sv(&yaml)};
    struct bf_query query = {.texts = &text, .count = 1};
    if (bf_resolve(arena, &query, &variables, diags, &second) != BF_OK) {
        require(bf_diags_count(diags, BF_ERROR) != 0);
        /* Deep flow nesting of the input is deeper in lines; anything else is a mistake. */
        require(strcmp(bf_diags_at(diags, 0)->code, "yaml.too_large") == 0);
        return;
    }
    require(same(arena, value, second));
}

static void check_query(struct bf_arena *arena, const struct bf_text *texts, size_t count)
{
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_buf out = bf_buf_new(arena, PRINTED_MAX);
    struct bf_query query = {.texts = texts, .count = count};
    const struct bf_value *value = NULL;

    enum bf_code code = bf_resolve(arena, &query, &variables, diags, &value);
    require((code == BF_OK) == (bf_diags_count(diags, BF_ERROR) == 0));
    bf_diags_print_json(diags, &out);
    if (code == BF_OK) {
        require(!holds_failure(value));
        check_round_trip(arena, value);
    }
}

static void check_document(struct bf_arena *arena, const struct bf_text *texts, size_t count)
{
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_sources sources;
    const struct bf_value *value = NULL;
    const struct bf_unused *unused = NULL;

    (void)!bf_sources_load(arena, count == 2 ? &texts[1] : NULL, &texts[0], diags, &sources);
    struct bf_document *document = bf_document_compose(arena, &sources, BF_SV("e"));
    (void)bf_document_has_missing(document);
    enum bf_code code = bf_document_resolve(document, &variables, diags, &value);
    require(value != NULL && value->kind == BF_VALUE_MAP);
    require(code != BF_OK || !holds_failure(value));
    (void)bf_document_unused_variables(document, &unused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)1 << 30U);
    struct bf_sv all = {(const char *)data, size};
    size_t cut = bf_sv_search(all, BF_SV("\n%%\n"));
    struct bf_text texts[] = {{"a.yaml", bf_sv_slice(all, 0, cut)},
                              {"b.yaml", bf_sv_from(all, cut + 4)}};
    size_t count = cut == all.len ? 1 : 2;

    check_query(arena, texts, count);
    check_document(arena, texts, count);
    bf_arena_destroy(&arena);
    return 0;
}

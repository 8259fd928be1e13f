#ifndef TEST_RESOLVE_HELP_H
#define TEST_RESOLVE_HELP_H

#include <stdio.h>

#include "spec/document.h"
#include "spec/value_print.h"
#include "tests/support/cmocka_headers.h"

/** Texts merged and read at a path: the value as JSON without blanks, or the first error's code. */
struct resolved {
    struct bf_arena *arena;
    struct bf_diags *diags;
    const struct bf_value *value;
    const char *text; /* the JSON, or "interpolation.key" */
};

static const struct bf_variable resolve_variables[] = {
    {{"NAME", 4}, {"value", 5}},
    {{"TEXT", 4}, {"${str}", 6}},
    {{"LIST", 4}, {"[a, 2, true, null]", 18}},
    {{"NUMBER", 6}, {"8", 1}},
    {{"MAP", 3}, {"{a: 1, b: [x, 'y z']}", 21}},
    {{"AGAIN", 5}, {"${oc.decode:${oc.env:AGAIN}}", 28}},
    {{"EMPTY", 5}, {"", 0}},
};

static inline struct resolved resolve_all(const char *const *docs, size_t count, const char *path)
{
    struct resolved r = {.arena = bf_arena_new((size_t)512 << 20)};
    struct bf_text texts[4];
    struct bf_variables variables = {resolve_variables, BF_COUNTOF(resolve_variables)};
    struct bf_buf out = bf_buf_new(r.arena, (size_t)64 << 20);

    for (size_t i = 0; i < count; i++) {
        texts[i].name = bf_sv_printf(r.arena, "%zu.yaml", i).ptr;
        texts[i].text = bf_sv_of(docs[i]);
    }
    r.diags = bf_diags_new(r.arena);
    struct bf_query query = {.texts = texts, .count = count, .path = bf_sv_of(path)};
    enum bf_code code = bf_resolve(r.arena, &query, &variables, r.diags, &r.value);
    bf_diags_sort(r.diags);
    if (code == BF_OK) {
        bf_value_print_compact(&out, r.value);
    }
    for (size_t i = 0; code != BF_OK && i < bf_diags_total(r.diags) && out.len == 0; i++) {
        const struct bf_diag *diag = bf_diags_at(r.diags, i);
        bf_buf_addz(&out, diag->severity == BF_ERROR ? diag->code : "");
    }
    r.text = out.ptr;
    return r;
}

static inline void assert_resolves_2(const char *base, const char *overlay, const char *path,
                                     const char *expected)
{
    const char *docs[] = {base, overlay};
    struct resolved r = resolve_all(docs, overlay == NULL ? 1 : 2, path);

    if (strcmp(r.text, expected) != 0) {
        fail_msg("%s\n%s at '%s' is %s, not %s", base, overlay == NULL ? "" : overlay, path, r.text,
                 expected);
    }
    bf_arena_destroy(&r.arena);
}

static inline void assert_resolves(const char *text, const char *path, const char *expected)
{
    assert_resolves_2(text, NULL, path, expected);
}

/** All diagnostics of reading ${path}, as they are printed. */
static inline void assert_says(const char *text, const char *path, const char *expected)
{
    struct resolved r = resolve_all(&text, 1, path);
    struct bf_buf out = bf_buf_new(r.arena, 1 << 20);

    bf_diags_print_text(r.diags, &out, false);
    assert_string_equal(out.ptr, expected);
    bf_arena_destroy(&r.arena);
}

#endif /* TEST_RESOLVE_HELP_H */

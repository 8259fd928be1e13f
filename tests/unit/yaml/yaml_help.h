#ifndef TEST_YAML_HELP_H
#define TEST_YAML_HELP_H

#include "tests/support/cmocka_headers.h"
#include "yaml/yaml.h"

/** A text loaded: its tree and its diagnostics. One per test; end with loaded_free(). */
struct loaded {
    struct bf_arena *arena;
    struct bf_diags *diags;
    const struct bf_value *root;
    enum bf_code code;
};

static inline struct loaded load_sv(struct bf_sv text)
{
    struct loaded loaded = {.arena = bf_arena_new((size_t)256 << 20)};

    loaded.diags = bf_diags_new(loaded.arena);
    loaded.code = bf_yaml_load(loaded.arena, text, "f.yaml", loaded.diags, &loaded.root);
    bf_diags_sort(loaded.diags);
    return loaded;
}

static inline struct loaded load(const char *text)
{
    return load_sv(bf_sv_of(text));
}

static inline void loaded_free(struct loaded *loaded)
{
    bf_arena_destroy(&loaded->arena);
}

/** "1:2 yaml.syntax" of the diagnostic ${index}, or "none". */
static inline const char *told(const struct loaded *loaded, size_t index)
{
    if (index >= bf_diags_total(loaded->diags)) {
        return "none";
    }
    const struct bf_diag *diag = bf_diags_at(loaded->diags, index);
    return bf_sv_printf(loaded->arena, "%u:%u %s", diag->loc.line, diag->loc.col, diag->code).ptr;
}

/** Loading ${text} tells exactly one diagnostic, at that place and with that code. */
static inline void assert_tells(const char *text, const char *place_and_code)
{
    struct loaded loaded = load(text);

    assert_string_equal(told(&loaded, 0), place_and_code);
    assert_int_equal(bf_diags_total(loaded.diags), 1);
    loaded_free(&loaded);
}

static inline void assert_hint(const char *text, const char *part)
{
    struct loaded loaded = load(text);

    assert_int_not_equal(bf_diags_total(loaded.diags), 0);
    struct bf_sv hint = bf_diags_at(loaded.diags, 0)->hint;
    if (bf_sv_search(hint, bf_sv_of(part)) == hint.len) {
        fail_msg("'%s' is not in the hint '%.*s'", part, BF_SV_ARG(hint));
    }
    loaded_free(&loaded);
}

#endif /* TEST_YAML_HELP_H */

#include <stdlib.h>

#include "tests/unit/spec/resolve_help.h"
#include "json/json.h"

/* tests/data/interpolation.examples.json: the worked examples of the language's reference. */

static struct bf_sv read_examples(struct bf_arena *arena)
{
    FILE *file = fopen(TEST_DATA "/interpolation.examples.json", "rb");
    char *text = bf_arena_alloc(arena, 1 << 20, 1);

    assert_non_null(file);
    size_t len = fread(text, 1, 1 << 20, file);
    assert_int_equal(fclose(file), 0);
    return (struct bf_sv){.ptr = text, .len = len};
}

static const char *code_of(struct bf_sv kind)
{
    static const char *const codes[][2] = {
        {"syntax", "interpolation.syntax"},   {"key-not-found", "interpolation.key"},
        {"type", "interpolation.type"},       {"cycle", "interpolation.cycle"},
        {"missing", "interpolation.missing"}, {"unknown-resolver", "interpolation.resolver"},
        {"env-unset", "interpolation.env"},   {"yaml", "yaml."},
    };

    for (size_t i = 0; i < BF_COUNTOF(codes); i++) {
        if (bf_sv_is(kind, codes[i][0])) {
            return codes[i][1];
        }
    }
    return "?";
}

static struct bf_variables variables_of(struct bf_arena *arena, const bf_json *env)
{
    struct bf_variable *items = BF_NEW_N(arena, struct bf_variable, bf_json_count(env) + 1);
    size_t count = 0;

    for (const bf_json *one = bf_json_first(env); one != NULL; one = bf_json_next(one)) {
        items[count++] = (struct bf_variable){.name = bf_json_key(one), .value = bf_json_text(one)};
    }
    return (struct bf_variables){.items = items, .count = count};
}

static void check_value(struct bf_arena *arena, const bf_json *one, const struct bf_value *value)
{
    struct bf_buf out = bf_buf_new(arena, 1 << 20);
    bf_json *printed = NULL;
    struct bf_err err = {0};

    bf_value_print_json(&out, value);
    assert_int_equal(bf_json_parse(arena, bf_buf_sv(&out), "printed", &printed, &err), BF_OK);
    if (!bf_json_equal(printed, bf_json_path(one, BF_SV("expect.value")))) {
        fail_msg("%.*s gives %s", BF_SV_ARG(bf_json_str(one, "id")), out.ptr);
    }
}

static void check_error(const bf_json *one, const struct bf_diags *diags)
{
    const char *wanted = code_of(bf_json_str(one, "expect.error"));

    for (size_t i = 0; i < bf_diags_total(diags); i++) {
        if (strncmp(bf_diags_at(diags, i)->code, wanted, strlen(wanted)) == 0) {
            return;
        }
    }
    fail_msg("%.*s does not fail with %s", BF_SV_ARG(bf_json_str(one, "id")), wanted);
}

static void check_example(struct bf_arena *arena, const bf_json *one)
{
    struct bf_text texts[4];
    size_t count = 0;
    struct bf_diags *diags = bf_diags_new(arena);
    struct bf_variables variables = variables_of(arena, bf_json_get(one, "env"));
    const struct bf_value *value = NULL;
    const bf_json *doc = bf_json_first(bf_json_get(one, "docs"));

    for (; doc != NULL; doc = bf_json_next(doc)) {
        texts[count].name = bf_sv_printf(arena, "%zu.yaml", count).ptr;
        texts[count++].text = bf_json_text(doc);
    }
    struct bf_query query = {.texts = texts, .count = count, .path = bf_json_str(one, "path")};
    enum bf_code code = bf_resolve(arena, &query, &variables, diags, &value);
    if (bf_json_path(one, BF_SV("expect.error")) != NULL) {
        check_error(one, diags);
        return;
    }
    if (code != BF_OK) {
        fail_msg("%.*s fails", BF_SV_ARG(bf_json_str(one, "id")));
    }
    check_value(arena, one, value);
}

static void every_worked_example_gives_its_result(void **state)
{
    static const char *const groups[] = {"cases", "text_cases"};
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20);
    bf_json *examples = NULL;
    struct bf_err err = {0};
    size_t count = 0;
    (void)state;

    assert_int_equal(bf_json_parse(arena, read_examples(arena), "examples", &examples, &err),
                     BF_OK);
    for (size_t i = 0; i < BF_COUNTOF(groups); i++) {
        const bf_json *one = bf_json_first(bf_json_get(examples, groups[i]));
        for (; one != NULL; one = bf_json_next(one)) {
            check_example(arena, one);
            count++;
        }
    }
    assert_int_equal(count, 46);
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_worked_example_gives_its_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

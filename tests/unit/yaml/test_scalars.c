#include <math.h>
#include <stdio.h>

#include "tests/unit/yaml/yaml_help.h"

/* What PyYAML's SafeLoader makes of a plain scalar, floats as OmegaConf widens them. */
static const struct {
    const char *text;
    enum bf_value_kind kind;
    double number;
    const char *surprise; /* NULL: none */
} plain[] = {
    {"", BF_VALUE_NULL, 0, NULL},
    {"~", BF_VALUE_NULL, 0, NULL},
    {"null", BF_VALUE_NULL, 0, NULL},
    {"NULL", BF_VALUE_NULL, 0, NULL},
    {"nUll", BF_VALUE_STRING, 0, NULL},
    {"true", BF_VALUE_BOOL, 1, NULL},
    {"False", BF_VALUE_BOOL, 0, NULL},
    {"tRue", BF_VALUE_STRING, 0, NULL},
    {"yes", BF_VALUE_BOOL, 1, "1:4 yaml.surprise"},
    {"NO", BF_VALUE_BOOL, 0, "1:4 yaml.surprise"},
    {"On", BF_VALUE_BOOL, 1, "1:4 yaml.surprise"},
    {"off", BF_VALUE_BOOL, 0, "1:4 yaml.surprise"},
    {"y", BF_VALUE_STRING, 0, NULL},
    {"0", BF_VALUE_INT, 0, NULL},
    {"-7", BF_VALUE_INT, -7, NULL},
    {"+5", BF_VALUE_INT, 5, NULL},
    {"1_000", BF_VALUE_INT, 1000, NULL},
    {"1__0", BF_VALUE_INT, 10, NULL},
    {"010", BF_VALUE_INT, 8, "1:4 yaml.surprise"},
    {"-010", BF_VALUE_INT, -8, "1:4 yaml.surprise"},
    {"08", BF_VALUE_STRING, 0, NULL},
    {"0o17", BF_VALUE_STRING, 0, NULL},
    {"0x1F", BF_VALUE_INT, 31, NULL},
    {"-0x10", BF_VALUE_INT, -16, NULL},
    {"0x", BF_VALUE_STRING, 0, NULL},
    {"0b101", BF_VALUE_INT, 5, NULL},
    {"0b2", BF_VALUE_STRING, 0, NULL},
    {"1:30", BF_VALUE_INT, 90, "1:4 yaml.surprise"},
    {"-1:30:05", BF_VALUE_INT, -5405, "1:4 yaml.surprise"},
    {"0:30", BF_VALUE_STRING, 0, NULL},
    {"1:60", BF_VALUE_STRING, 0, NULL},
    {"1:30.5", BF_VALUE_FLOAT, 90.5, "1:4 yaml.surprise"},
    {"123456789012", BF_VALUE_INT, 123456789012, "1:4 yaml.surprise"},
    {"1234567890123", BF_VALUE_INT, 1234567890123, NULL},
    {"012345670123", BF_VALUE_INT, 1402433619, "1:4 yaml.surprise"},
    {"1.5", BF_VALUE_FLOAT, 1.5, NULL},
    {"1.", BF_VALUE_FLOAT, 1, NULL},
    {".5", BF_VALUE_FLOAT, 0.5, NULL},
    {"-.5", BF_VALUE_STRING, 0, NULL},
    {"1e3", BF_VALUE_FLOAT, 1000, NULL},
    {"1e-3", BF_VALUE_FLOAT, 0.001, NULL},
    {"1_0e2", BF_VALUE_FLOAT, 1000, NULL},
    {"1__0e2", BF_VALUE_STRING, 0, NULL},
    {"1.5e3", BF_VALUE_FLOAT, 1500, NULL},
    {"1_.5e3", BF_VALUE_STRING, 0, NULL},
    {"1_.5e+3", BF_VALUE_FLOAT, 1500, NULL},
    {".5e3", BF_VALUE_STRING, 0, NULL},
    {".5e+3", BF_VALUE_FLOAT, 500, NULL},
    {"1e", BF_VALUE_STRING, 0, NULL},
    {".inf", BF_VALUE_FLOAT, (double)INFINITY, NULL},
    {"-.INF", BF_VALUE_FLOAT, -(double)INFINITY, NULL},
    {"inf", BF_VALUE_STRING, 0, NULL},
    {"nan", BF_VALUE_STRING, 0, NULL},
    {"2026-03-01", BF_VALUE_STRING, 0, NULL},
    {"2026-03-01T00:00:00Z", BF_VALUE_STRING, 0, NULL},
    {"0x_1", BF_VALUE_INT, 1, NULL},
    {"-9223372036854775808", BF_VALUE_INT, -9223372036854775808.0, NULL},
    {"100000000000000000000:00", BF_VALUE_INT, 6e21, "1:4 yaml.surprise"},
    {"18446744073709551615:30", BF_VALUE_INT, 1106804644422573096930.0, "1:4 yaml.surprise"},
    {"0xFFFFFFFFFFFFFFFFF", BF_VALUE_INT, 295147905179352825855.0, NULL},
    {"-9:.5", BF_VALUE_STRING, 0, NULL},
    {"9:e1", BF_VALUE_STRING, 0, NULL},
    {"1:2:.5", BF_VALUE_STRING, 0, NULL},
    {"1.2.3", BF_VALUE_STRING, 0, NULL},
    {"-", BF_VALUE_LIST, 0, NULL},
    {"+", BF_VALUE_STRING, 0, NULL},
};

static void a_plain_scalar_has_the_kind_that_pyyaml_gives_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(plain); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "x:\n  %s", plain[i].text);
        struct loaded loaded = load(text);
        const struct bf_value *x = bf_value_get(loaded.root, BF_SV("x"));
        if (x == NULL || x->kind != plain[i].kind) {
            fail_msg("'%s' is %s", plain[i].text, bf_value_kind_name(x));
            return;
        }
        double got = x->kind == BF_VALUE_BOOL ? (double)x->boolean : bf_value_double(x);
        if (got < plain[i].number || got > plain[i].number) {
            fail_msg("'%s' is %g", plain[i].text, got);
        }
        loaded_free(&loaded);
    }
}

static void surprising_scalars_are_warned_of_where_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(plain); i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "x: %s", plain[i].text);
        if (plain[i].kind == BF_VALUE_LIST) {
            continue;
        }
        struct loaded loaded = load(text);
        assert_string_equal(told(&loaded, 0),
                            plain[i].surprise == NULL ? "none" : plain[i].surprise);
        assert_int_equal(loaded.code, BF_OK);
        loaded_free(&loaded);
    }
}

static void what_pyyaml_refuses_as_a_value_is_refused(void **state)
{
    (void)state;
    assert_tells("x: =", "1:4 yaml.syntax");
    assert_tells("x: 0x_", "1:4 yaml.syntax");
    assert_tells("x: [-0b__]", "1:5 yaml.syntax");
    struct loaded loaded = load("'=': '='\nx: '0x_'\n==: ==\n");
    assert_int_equal(loaded.code, BF_OK);
    loaded_free(&loaded);
}

static void a_surprise_in_quotes_is_none(void **state)
{
    (void)state;
    struct loaded loaded = load("a: 'yes'\nb: \"010\"\nc: '123456789012'\nd: |\n  no\n");

    assert_string_equal(told(&loaded, 0), "none");
    assert_int_equal(bf_value_get(loaded.root, BF_SV("a"))->kind, BF_VALUE_STRING);
    loaded_free(&loaded);
}

static void numbers_keep_their_text(void **state)
{
    (void)state;
    struct loaded loaded = load("a: 1_000\nb: 0.10\nc: 0x1F\nd: 99999999999999999999\n");

    assert_true(bf_sv_is(bf_value_get(loaded.root, BF_SV("a"))->text, "1_000"));
    assert_true(bf_sv_is(bf_value_get(loaded.root, BF_SV("b"))->text, "0.10"));
    assert_int_equal(bf_value_get(loaded.root, BF_SV("c"))->integer, 31);
    assert_true(bf_value_get(loaded.root, BF_SV("d"))->wide);
    loaded_free(&loaded);
}

static void the_ends_of_int64_are_not_wide(void **state)
{
    (void)state;
    struct loaded loaded = load(
        "a: 9223372036854775807\nb: -9223372036854775808\n"
        "c: 9223372036854775808\nd: -9223372036854775809\n");

    assert_int_equal(bf_value_get(loaded.root, BF_SV("a"))->integer, INT64_MAX);
    assert_int_equal(bf_value_get(loaded.root, BF_SV("b"))->integer, INT64_MIN);
    assert_true(bf_value_get(loaded.root, BF_SV("c"))->wide);
    assert_true(bf_value_get(loaded.root, BF_SV("d"))->wide);
    loaded_free(&loaded);
}

static void core_tags_are_obeyed(void **state)
{
    (void)state;
    struct loaded loaded = load(
        "a: !!str 12\nb: !!int '7'\nc: !!float 3\nd: !!bool yes\n"
        "e: !!null ''\nf: !!seq [1]\ng: !!map {a: 1}\nh: ! 12\n");

    assert_int_equal(loaded.code, BF_OK);
    static const enum bf_value_kind kinds[] = {BF_VALUE_STRING, BF_VALUE_INT,  BF_VALUE_FLOAT,
                                               BF_VALUE_BOOL,   BF_VALUE_NULL, BF_VALUE_LIST,
                                               BF_VALUE_MAP,    BF_VALUE_INT};
    for (size_t i = 0; i < BF_COUNTOF(kinds); i++) {
        assert_int_equal(loaded.root->pairs[i].value->kind, kinds[i]);
    }
    loaded_free(&loaded);
}

static void other_tags_are_refused(void **state)
{
    (void)state;
    assert_tells("a: !!python/object:os.system {}\n", "1:4 yaml.tag");
    assert_tells("a: !x 1\n", "1:4 yaml.tag");
    assert_tells("a: !!timestamp 2026-03-01\n", "1:4 yaml.tag");
    assert_tells("a: !!int x\n", "1:10 yaml.tag");
    assert_tells("a: !!map [1]\n", "1:4 yaml.tag");
    assert_tells("a: !!seq 1\n", "1:10 yaml.tag");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_scalar_has_the_kind_that_pyyaml_gives_it),
        cmocka_unit_test(surprising_scalars_are_warned_of_where_they_stand),
        cmocka_unit_test(what_pyyaml_refuses_as_a_value_is_refused),
        cmocka_unit_test(a_surprise_in_quotes_is_none),
        cmocka_unit_test(numbers_keep_their_text),
        cmocka_unit_test(the_ends_of_int64_are_not_wide),
        cmocka_unit_test(core_tags_are_obeyed),
        cmocka_unit_test(other_tags_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/spec/resolve_help.h"

/* The tree that most cases read; the text under test is added as "x". */
#define BASE                                                                                       \
    "str: hi\nint: 123\nfloat: 1.50\nflag: yes\nnothing: ~\n"                                      \
    "dict: {a: 0, b: {c: 1, up: '${..a}', rel: '${.c}'}, 'c.d': 9}\n"                              \
    "list: [-1, 0, '${str}', [5, '${..1}'], {k: v, n: '${.k}'}]\n"                                 \
    "options: {a: A, b: B}\nchoice: a\nref_str: str\nrel_opt: .options\npathy: dict.b\n"           \
    "'x@y': 7\n'0': zero\n'1': {'2': 12}\ndash-key: dashed\nmiss: '?\?\?'\n"                       \
    "chain: ${chain2}\nchain2: ${dict}\nloop: ${loop2}\nloop2: ${loop}\nreflist: ${list}\n"        \
    "tomiss: ${miss}\nbad: ${nope}\n'a:b': colon\n"

struct example {
    const char *text, *expected;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048];
        (void)snprintf(text, sizeof(text), "%sx: |-\n  %s\n", BASE, examples[i].text);
        assert_resolves(text, "x", examples[i].expected);
    }
}

#define KEY     "interpolation.key"
#define TYPE    "interpolation.type"
#define SYNTAX  "interpolation.syntax"
#define CYCLE   "interpolation.cycle"
#define MISSING "interpolation.missing"

static void a_path_reads_its_node(void **state)
{
    static const struct example examples[] = {
        {"${str}", "\"hi\""},
        {"${ int }", "123"},
        {"${float}", "1.50"},
        {"${flag}", "true"},
        {"${nothing}", "null"},
        {"${dict.b.c}", "1"},
        {"${dict[b].c}", "1"},
        {"${[dict][b][c]}", "1"},
        {"${list.0}", "-1"},
        {"${list[-2].1}", "0"},
        {"${list.-1.n}", "\"v\""},
        {"${list.+1}", "0"},
        {"${0}", "\"zero\""},
        {"${1.2}", "12"},
        {"${x@y}", "7"},
        {"${dash-key}", "\"dashed\""},
        {"${dict.c\\.d}", "9"}, /* escapes in keys: OmegaConf 2.4 */
        {"${dict[c\\.d]}", "9"},
        {"${a\\:b}", "\"colon\""},
        {"${oc.select:dict.c\\.d}", "9"},
        {"${.str}", "\"hi\""},
        {"${chain.b.rel}", "1"},
        {"${chain2[b].up}", "0"},
        {"${reflist[2]}", "\"hi\""},
        {"${dict.b}", "{\"c\":1,\"up\":0,\"rel\":1}"},
        {"${list}", "[-1,0,\"hi\",[5,0],{\"k\":\"v\",\"n\":\"v\"}]"},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void a_path_that_leads_nowhere_says_why(void **state)
{
    static const struct example examples[] = {
        {"${nope}", KEY},         {"${dict.nope}", KEY},
        {"${list.5}", KEY},       {"${list[-6]}", KEY},
        {"${..str}", KEY},        {"${list.x}", TYPE},
        {"${int.a}", TYPE},       {"${str.0}", TYPE},
        {"${nothing.a}", TYPE},   {"${miss}", MISSING},
        {"${miss.a}", MISSING},   {"${tomiss}", MISSING},
        {"${tomiss.a}", MISSING}, {"${loop}", CYCLE},
        {"${loop.a}", CYCLE},     {"${x}", CYCLE},
        {"${.x.y}", CYCLE},       {"${bad}", KEY},
        {"${bad.a}", KEY},        {"${list.99999999999999999999}", KEY},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void a_key_may_come_from_another_node(void **state)
{
    static const struct example examples[] = {
        {"${options.${choice}}", "\"A\""},
        {"${options[${choice}]}", "\"A\""},
        {"${${ref_str}}", "\"hi\""},
        {"${${rel_opt}.b}", "\"B\""}, /* the key may be a path of its own */
        {"${${pathy}.c}", "1"},
        {"${dict[${pathy}]}", KEY},
        {"${dict.${int}}", TYPE},
        {"${dict.${nothing}}", TYPE},
        {"${dict.${nope}}", KEY},
        {"${options.${param:x}}", TYPE},
        {"${oc.${pathy}:a}", "interpolation.resolver"},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void what_is_not_in_the_grammar_is_refused(void **state)
{
    static const char *const texts[] = {
        "${",
        "${}",
        "${ }",
        "a ${str",
        "${str",
        "${.}",
        "${..}",
        "${str.}",
        "${str..int}",
        "${str .int}",
        "${str. int}",
        "${str int}",
        "${dict[]}",
        "${dict[a}",
        "${dict[ a ]}",
        "${dict a]}",
        "${op${choice}}",
        "${${choice}x}",
        "${:a}",
        "${0x:a}",
        "${a.b@c:d}",
        "${oc .env:A}",
        "${'str'}",
        "${oc.env:(x)}",
        "${oc.env:\xC3\xA9}",
        "${oc.env:'a}",
        "${oc.env:'a'b}",
        "${oc.env:a'b'}",
        "${oc.env:[a}",
        "${oc.env:{a}}",
        "${oc.env:{a:1,}}",
        "${oc.env:a]}",
        "${oc.env:a",
        "${oc.env:{'a': 1}}",
        "${a\\,b}",
        "${.oc.env:A}",
        "${oc[env]:A}",
    };
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(texts); i++) {
        struct example one = {.text = texts[i], .expected = SYNTAX};
        check(&one, 1);
    }
}

static void text_joins_its_parts_as_they_are_written(void **state)
{
    static const struct example examples[] = {
        {"<${float}>", "\"<1.50>\""},
        {"<${flag}>", "\"<true>\""},
        {"<${nothing}>", "\"<null>\""},
        {"${str}${int}", "\"hi123\""},
        {"$$${str}", "\"$$hi\""},
        {"${str}}", "\"hi}\""},
        {"{${str}", "\"{hi\""},
        {"$ {str} $", "\"$ {str} $\""},
        {"${dict} ", TYPE},
        {"a ${list}", TYPE},
        {" ${str}", "\" hi\""},
    };
    (void)state;
    for (size_t i = 0; i + 1 < BF_COUNTOF(examples); i++) {
        check(&examples[i], 1);
    }
    assert_resolves("str: hi\nx: ' ${str}'\n", "x", examples[BF_COUNTOF(examples) - 1].expected);
}

static void backslashes_count_only_before_an_interpolation(void **state)
{
    static const struct example examples[] = {
        {"\\${str}", "\"${str}\""},
        {"\\\\${str}", "\"\\\\hi\""},
        {"\\\\\\${str}", "\"\\\\${str}\""},
        {"\\\\\\\\${str}", "\"\\\\\\\\hi\""},
        {"C:\\dir ${str} a\\\\b", "\"C:\\\\dir hi a\\\\\\\\b\""},
        {"C:\\dir", "\"C:\\\\dir\""},
        {"\\$${str}", "\"\\\\$hi\""},
        {"\\${str} ${str}", "\"${str} hi\""},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void an_answer_is_not_interpolated_again(void **state)
{
    (void)state;
    assert_resolves("a: '\\${b}'\nb: 1\nx: ${a}\n", "x", "\"${b}\"");
    assert_resolves("b: 1\nx: ${oc.env:TEXT}\n", "x", "\"${str}\"");
}

static void relative_paths_count_levels_and_lists_are_levels(void **state)
{
    (void)state;
    assert_resolves("a: {b: {c: '${...x}'}, x: 9}\nx: 1\n", "a.b.c", "1");
    assert_resolves("a: {l: [['${..x}']], x: 3}\n", "a.l[0][0]", "interpolation.type");
    assert_resolves("a: {l: [['${...x}']], x: 3}\n", "a.l[0][0]", "3");
    assert_resolves("a: {l: [['${....x}']], x: 3}\nx: 4\n", "a.l[0][0]", "4");
    assert_resolves("l: [1, '${.0}', '${.-3}']\n", "l", "[1,1,1]");
    assert_resolves("a: {y: '${.x}', x: 1}\nb: '${a.y}'\nx: 2\n", "b", "1");
    assert_resolves("base: {n: 1, m: '${.n}'}\ncopy: '${base}'\n", "copy", "{\"n\":1,\"m\":1}");
}

static void cycles_are_found_wherever_they_begin(void **state)
{
    (void)state;
    assert_resolves("a: '${a}'\n", "a", CYCLE);
    assert_resolves("a: {b: '${c}'}\nc: {d: '${a}'}\n", "a.b", CYCLE);
    assert_resolves("a: {b: '${c}'}\nc: {d: '${a}'}\n", "c.d", CYCLE);
    assert_resolves("a: ['${a}']\n", "", CYCLE);
    assert_resolves("a: x${b}\nb: ${c}\nc: y${a}\n", "b", CYCLE);
    assert_resolves("a: ${oc.select:b}\nb: ${oc.select:a}\n", "a", CYCLE);
    assert_resolves("a: {x: '${b.k}', y: 2}\nb: {k: '${a.y}'}\n", "",
                    "{\"a\":{\"x\":2,\"y\":2},"
                    "\"b\":{\"k\":2}}");
    assert_resolves("a: {x: '${b.y}', y: 2}\nb: ${a}\n", "a", "{\"x\":2,\"y\":2}");
}

static void a_long_chain_is_refused_before_the_stack_is_gone(void **state)
{
    struct bf_arena *arena = bf_arena_new((size_t)16 << 20);
    struct bf_buf text = bf_buf_new(arena, (size_t)1 << 20);
    (void)state;

    for (int i = 0; i < 5000; i++) {
        bf_buf_printf(&text, "k%d: ${k%d}\n", i, i + 1);
    }
    bf_buf_addz(&text, "k5000: end\n");
    assert_resolves(text.ptr, "k4745", "\"end\"");
    assert_resolves(text.ptr, "k4744", "\"end\"");
    assert_resolves(text.ptr, "k4743", CYCLE);
    assert_resolves(text.ptr, "k0", CYCLE);
    assert_resolves(text.ptr, "k0.x", CYCLE);
    bf_arena_destroy(&arena);
}

static void nesting_over_64_levels_is_a_syntax_error(void **state)
{
    struct bf_arena *arena = bf_arena_new((size_t)16 << 20);
    (void)state;

    for (int depth = 64; depth <= 20000; depth = depth == 64 ? 65 : depth + 19935) {
        struct bf_buf text = bf_buf_new(arena, (size_t)1 << 20);
        bf_buf_addz(&text, "s: s\nx: '");
        for (int i = 0; i < depth; i++) {
            bf_buf_addz(&text, "${");
        }
        bf_buf_addc(&text, 's');
        bf_buf_fill(&text, '}', (size_t)depth);
        bf_buf_addz(&text, "'\n");
        assert_resolves(text.ptr, "x", depth == 64 ? "\"s\"" : SYNTAX);
    }
    bf_arena_destroy(&arena);
}

static void interpolations_that_explode_are_refused(void **state)
{
    struct bf_arena *arena = bf_arena_new((size_t)16 << 20);
    struct bf_buf lists = bf_buf_new(arena, (size_t)1 << 20);
    struct bf_buf texts = bf_buf_new(arena, (size_t)1 << 20);
    (void)state;

    bf_buf_addz(&lists, "l0: [1,2,3,4,5,6,7,8]\n");
    bf_buf_addz(&texts, "l0: 0123456789\n");
    for (int i = 0; i < 40; i++) {
        bf_buf_printf(&lists, "l%d: ['${l%d}', '${l%d}', '${l%d}']\n", i + 1, i, i, i);
        bf_buf_printf(&texts, "l%d: '${l%d}${l%d}${l%d}'\n", i + 1, i, i, i);
    }
    assert_resolves(lists.ptr, "l40", "yaml.too_large");
    assert_resolves(texts.ptr, "l40", "yaml.too_large");
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_reads_its_node),
        cmocka_unit_test(a_path_that_leads_nowhere_says_why),
        cmocka_unit_test(a_key_may_come_from_another_node),
        cmocka_unit_test(what_is_not_in_the_grammar_is_refused),
        cmocka_unit_test(text_joins_its_parts_as_they_are_written),
        cmocka_unit_test(backslashes_count_only_before_an_interpolation),
        cmocka_unit_test(an_answer_is_not_interpolated_again),
        cmocka_unit_test(relative_paths_count_levels_and_lists_are_levels),
        cmocka_unit_test(cycles_are_found_wherever_they_begin),
        cmocka_unit_test(a_long_chain_is_refused_before_the_stack_is_gone),
        cmocka_unit_test(nesting_over_64_levels_is_a_syntax_error),
        cmocka_unit_test(interpolations_that_explode_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

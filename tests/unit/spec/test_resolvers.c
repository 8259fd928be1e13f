#include "tests/unit/spec/resolve_help.h"

#define BASE                                                                                       \
    "str: hi\nint: 123\nfloat: 1.50\nflag: yes\nnothing: ~\n"                                      \
    "dict: {a: 0, b: {c: 1, rel: '${.c}'}}\nlist: [1, 2]\nempty: {}\n"                             \
    "miss: '?\?\?'\ntomiss: ${miss}\nbad: ${nope}\nref: ${param:p}\n'a:b': colon\n"                \
    "map_ref: {k: '${param:q}', l: 1}\nto: {dict: '${dict}'}\n"

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

#define KEY      "interpolation.key"
#define TYPE     "interpolation.type"
#define SYNTAX   "interpolation.syntax"
#define CYCLE    "interpolation.cycle"
#define RESOLVER "interpolation.resolver"
#define ENV      "interpolation.env"
#define MISSING  "interpolation.missing"

static void env_gives_a_string_or_its_default(void **state)
{
    static const struct example examples[] = {
        {"${oc.env:NAME}", "\"value\""},
        {"${oc.env:NUMBER}", "\"8\""},
        {"${oc.env:EMPTY}", "\"\""},
        {"${oc.env:EMPTY,d}", "\"\""},
        {"${oc.env: NAME , d }", "\"value\""},
        {"${oc.env:UNSET}", ENV},
        {"${oc.env:UNSET,12345}", "\"12345\""},
        {"${oc.env:UNSET,1e3}", "\"1e3\""},
        {"${oc.env:UNSET,TRUE}", "\"true\""},
        {"${oc.env:UNSET,null}", "null"},
        {"${oc.env:UNSET,'null'}", "\"null\""},
        {"${oc.env:UNSET,}", "\"\""},
        {"${oc.env:UNSET,a b:c}", "\"a b:c\""},
        {"${oc.env:UNSET,${int}}", "\"123\""},
        {"${oc.env:UNSET,${nothing}}", "null"},
        {"${oc.env:UNSET,${str}-${int}}", "\"hi-123\""},
        {"${oc.env:UNSET,[1]}", TYPE},
        {"${oc.env:UNSET,${dict}}", TYPE},
        {"${oc.env:NAME,${nope}}", KEY}, /* arguments come before the call */
        {"${oc.env:${oc.env:EMPTY}NAME}", "\"value\""},
        {"${oc.env:1}", TYPE},
        {"${oc.env:}", TYPE},
        {"${oc.env:a,b,c}", TYPE},
        {"${oc.env:UNSET,${param:p}}", TYPE},
        {"${oc.env:UNSET,${ref}}", TYPE},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void what_gives_three_question_marks_is_mandatory(void **state)
{
    static const struct example examples[] = {
        {"${oc.env:UNSET,?\?\?}", MISSING},
        {"${oc.env:UNSET,'?\?\?'}", MISSING},
        {"${oc.env:NAME,?\?\?}", "\"value\""}, /* only a result counts, not an argument */
        {"a${oc.env:UNSET,?\?\?}", MISSING},
        {"?${oc.decode:\"'?\?'\"}", MISSING},
        {"?${oc.decode:\"'?'\"}", "\"??\""},
        {"${oc.select:nope,?\?\?}", MISSING},
        {"${oc.select:str,?\?\?}", "\"hi\""},
        {"${oc.select:nope,${oc.env:UNSET,?\?\?}}", MISSING},
        {"${oc.decode:'[a, ?\?\?]'}", MISSING},
        {"${oc.create:{a: ?\?\?}}", MISSING},
        {"${param:${oc.env:UNSET,?\?\?}}", MISSING},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void an_argument_has_the_type_of_its_only_token(void **state)
{
    static const struct example examples[] = {
        {"${oc.create:[1, -2, +3, 1_000]}", "[1,-2,3,1000]"},
        {"${oc.create:[1.5, 5., .5, 1e3, -1E-2]}", "[1.5,5.0,0.5,1e3,-1E-2]"},
        {"${oc.create:[true, FALSE, null, NuLL]}", "[true,false,null,null]"},
        {"${oc.create:[007, 1__0, 1a, e3, infx]}", "[\"007\",\"1__0\",\"1a\",\"e3\",\"infx\"]"},
        {"${oc.create:[a b, a-b, 1-2, a:b, $x/%y]}", "[\"a b\",\"a-b\",\"1-2\",\"a:b\",\"$x/%y\"]"},
        {"${oc.create:['a, b', \"c\"]}", "[\"a, b\",\"c\"]"},
        {"${oc.create:['${int}', ${int}]}", "[\"123\",123]"},
        {"${oc.create:['', , ]}", "[\"\",\"\",\"\"]"},
        {"${oc.create:[]}", "[]"},
        {"${oc.create:[\\, \\[\\]\\\\]}", "[\", []\\\\\"]"},
        {"${oc.create:['it\\'s', \"\\\"\", 'a\\\\']}", "[\"it's\",\"\\\"\",\"a\\\\\"]"},
        {"${oc.create:['\\n']}", "[\"\\\\n\"]"},
        {"${oc.create:{a: 1, b c : [x], 1: 2}}", "{\"a\":1,\"b c\":[\"x\"],\"1\":2}"},
        {"${oc.create:{a: 1, a: 2}}", "{\"a\":2}"},
        {"${oc.create:{}}", "{}"},
        {"${oc.create:[9223372036854775808]}", "[9223372036854775808]"},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void select_gives_its_default_for_what_is_not_there(void **state)
{
    static const struct example examples[] = {
        {"${oc.select:str}", "\"hi\""},
        {"${oc.select:dict.b.rel}", "1"},
        {"${oc.select:'dict[b]'}", "{\"c\":1,\"rel\":1}"},
        {"${oc.select:\"a:b\"}", "\"colon\""},
        {"${oc.select:.str}", "\"hi\""},
        {"${oc.select:nope}", "null"},
        {"${oc.select:nope,d}", "\"d\""},
        {"${oc.select:miss,d}", "\"d\""},
        {"${oc.select:tomiss,d}", "\"d\""},
        {"${oc.select:miss.a,d}", "\"d\""},
        {"${oc.select:int.a,d}", "\"d\""},
        {"${oc.select:list.9,d}", "\"d\""},
        {"${oc.select:......a,d}", "\"d\""},
        {"${oc.select:nothing,d}", "null"},
        {"${oc.select:nope,${dict.b}}", "{\"c\":1,\"rel\":1}"},
        {"${oc.select:bad,d}", KEY},
        {"${oc.select:int}${oc.select:nope,9}", "\"1239\""},
        {"${oc.select:ref}", "{\"Get\":\"Parameters.p\"}"},
        {"${oc.select:1}", TYPE},
        {"${oc.select:${ref}}", TYPE},
        {"${oc.select:}", TYPE},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void decode_parses_a_text(void **state)
{
    static const struct example examples[] = {
        {"${oc.decode:${oc.env:LIST}}", "[\"a\",2,true,null]"},
        {"${oc.decode:${oc.env:MAP}}", "{\"a\":1,\"b\":[\"x\",\"y z\"]}"},
        {"${oc.decode:${oc.env:NUMBER}}", "8"},
        {"${oc.decode:${oc.env:TEXT}}", "\"hi\""},
        {"${oc.decode:'[${int}, \\${str}]'}", "[123,\"hi\"]"},
        {"${oc.decode:null}", "null"},
        {"${oc.decode:'null'}", "null"},
        {"${oc.decode:' 8'}", "\" 8\""},
        {"${oc.decode:12}", TYPE},
        {"${oc.decode:${dict}}", TYPE},
        {"${oc.decode:'a,b'}", SYNTAX},
        {"${oc.decode:''}", SYNTAX},
        {"${oc.decode:'[1'}", SYNTAX},
        {"${oc.decode:'\\${nope}'}", KEY},
        {"${oc.decode:${oc.env:AGAIN}}", CYCLE},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void create_keeps_interpolations_alive(void **state)
{
    static const struct example examples[] = {
        {"${oc.create:{a: '\\${int}', b: 2}}", "{\"a\":123,\"b\":2}"},
        {"${oc.create:{a: '\\${.b}', b: 2}}", "{\"a\":2,\"b\":2}"},
        {"${oc.create:{a: '\\${nope}'}}", KEY},
        {"${oc.create:${dict.b}}", "{\"c\":1,\"rel\":1}"},
        {"${oc.create:a}", TYPE},
        {"${oc.create:{a: ${param:p}}}", TYPE},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
    assert_resolves("c: \"${oc.create:{a: {b: 1}, l: [x, y]}}\"\nx: '${c.a.b}${c.l[-1]}'\n", "x",
                    "\"1y\"");
    assert_resolves("c: \"${oc.create:{a: 1}}\"\nx: ${c.nope}\n", "x", KEY);
}

static void dict_keys_and_values_list_a_map(void **state)
{
    static const struct example examples[] = {
        {"${oc.dict.keys:dict}", "[\"a\",\"b\"]"},
        {"${oc.dict.keys:to.dict}", "[\"a\",\"b\"]"},
        {"${oc.dict.keys:empty}", "[]"},
        {"${oc.dict.values:dict.b}", "[1,1]"},
        {"${oc.dict.values:map_ref}", "[{\"Get\":\"Parameters.q\"},1]"},
        {"${oc.dict.keys:list}", TYPE},
        {"${oc.dict.keys:str}", TYPE},
        {"${oc.dict.values:nothing}", TYPE},
        {"${oc.dict.keys:nope}", KEY},
        {"${oc.dict.keys:1}", TYPE},
        {"${oc.dict.keys:.dict.b}", "[\"c\",\"rel\"]"},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
    assert_resolves("d: {a: 1, keys: '${oc.dict.keys:d}'}\n", "d.keys", "[\"a\",\"keys\"]");
    assert_resolves("l: ['${oc.dict.keys:.}']\n", "l", TYPE); /* the list needs not be read */
}

static void deprecated_warns_of_both_keys(void **state)
{
    (void)state;
    assert_says("new: 5\nold: ${oc.deprecated:new}\n", "old",
                "0.yaml:2:6: warning[interpolation.deprecated]: 'old' is deprecated; use 'new'\n"
                "    2 | old: ${oc.deprecated:new}\n"
                "      |      ^~~~~~~~~~~~~~~~~~~~\n");
    assert_says("new: 5\nold: \"${oc.deprecated:new,'$OLD_KEY: $5, see $NEW_KEY'}\"\n", "old",
                "0.yaml:2:7: warning[interpolation.deprecated]: old: $5, see new\n"
                "    2 | old: \"${oc.deprecated:new,'$OLD_KEY: $5, see $NEW_KEY'}\"\n"
                "      |       ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
    assert_resolves("new: 5\nold: ${oc.deprecated:new}\n", "old", "5");
    assert_resolves("old: ${oc.deprecated:new}\n", "old", KEY);
    assert_resolves("new: 5\nold: ${oc.deprecated:new,1}\n", "old", TYPE);
}

static void run_time_references_become_expressions(void **state)
{
    static const struct example examples[] = {
        {"${param:run_date}", "{\"Get\":\"Parameters.run_date\"}"},
        {"${param: run_date }", "{\"Get\":\"Parameters.run_date\"}"},
        {"${param:${str}}", "{\"Get\":\"Parameters.hi\"}"},
        {"${param:1}", "{\"Get\":\"Parameters.1\"}"},
        {"${step:train.model}", "{\"Get\":\"Steps.train.model\"}"},
        {"${execution:id}", "{\"Get\":\"Execution.PipelineExecutionId\"}"},
        {"${execution:now}", "{\"Get\":\"Execution.CurrentDateTime\"}"},
        {"${report:\"evaluate.metrics.rows[0].auc\"}",
         "{\"Std:JsonGet\":{\"PropertyFile\":{\"Get\":\"Steps.evaluate.PropertyFiles.metrics\"},"
         "\"Path\":\"rows[0].auc\"}}"},
        {"${report:evaluate.metrics.rows[0].auc}", SYNTAX},
        {"a ${param:p}/${int}b${step:s.t}",
         "{\"Std:Join\":{\"On\":\"\",\"Values\":[\"a \",{\"Get\":\"Parameters.p\"},\"/123b\","
         "{\"Get\":\"Steps.s.t\"}]}}"},
        {"${param:p}${param:q}",
         "{\"Std:Join\":{\"On\":\"\",\"Values\":[{\"Get\":\"Parameters.p\"},"
         "{\"Get\":\"Parameters.q\"}]}}"},
        {"${ref}", "{\"Get\":\"Parameters.p\"}"},
        {"${oc.env:EMPTY}${ref}",
         "{\"Std:Join\":{\"On\":\"\",\"Values\":[{\"Get\":\"Parameters.p\"}]}}"},
        {"${map_ref}", "{\"k\":{\"Get\":\"Parameters.q\"},\"l\":1}"},
        {"${param:a,b}", TYPE},
        {"${param:}", TYPE},
        {"${param:[a]}", TYPE},
        {"${param:${ref}}", TYPE},
        {"${param:${step:a.b}}", TYPE},
        {"${dict.${ref}}", TYPE},
        {"${ref.a}", TYPE},
    };
    (void)state;
    check(examples, BF_COUNTOF(examples));
}

static void a_join_in_a_join_is_flattened(void **state)
{
    (void)state;
    assert_resolves("a: 's3://${param:b}/x'\ny: '${a}/${param:c}'\n", "y",
                    "{\"Std:Join\":{\"On\":\"\",\"Values\":[\"s3://\",{\"Get\":\"Parameters.b\"},"
                    "\"/x/\",{\"Get\":\"Parameters.c\"}]}}");
}

static void an_unknown_resolver_gets_the_hint_that_helps(void **state)
{
    (void)state;
    assert_says("x: ${oc.evn:A}\n", "x",
                "0.yaml:1:4: error[interpolation.resolver]: no resolver 'oc.evn'\n"
                "    1 | x: ${oc.evn:A}\n"
                "      |    ^~~~~~~~~~~\n"
                "  hint: did you mean 'oc.env'?\n");
    assert_says("x: \"${date:%F,-1d}\"\n", "x",
                "0.yaml:1:5: error[interpolation.resolver]: no resolver 'date'\n"
                "    1 | x: \"${date:%F,-1d}\"\n"
                "      |     ^~~~~~~~~~~~~~\n"
                "  hint: 'date' is allowed only in parameters of schedules and triggers\n");
    assert_says("\"a:b\": 1\nx: \"${a:b}\"\n", "x",
                "0.yaml:2:5: error[interpolation.resolver]: no resolver 'a'\n"
                "    2 | x: \"${a:b}\"\n"
                "      |     ^~~~~~\n"
                "  hint: the key 'a:b' is read by ${oc.select:\"a:b\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(env_gives_a_string_or_its_default),
        cmocka_unit_test(what_gives_three_question_marks_is_mandatory),
        cmocka_unit_test(an_argument_has_the_type_of_its_only_token),
        cmocka_unit_test(select_gives_its_default_for_what_is_not_there),
        cmocka_unit_test(decode_parses_a_text),
        cmocka_unit_test(create_keeps_interpolations_alive),
        cmocka_unit_test(dict_keys_and_values_list_a_map),
        cmocka_unit_test(deprecated_warns_of_both_keys),
        cmocka_unit_test(run_time_references_become_expressions),
        cmocka_unit_test(a_join_in_a_join_is_flattened),
        cmocka_unit_test(an_unknown_resolver_gets_the_hint_that_helps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

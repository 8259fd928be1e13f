#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "aws/xml.h"
#include "base/buf.h"

static struct bf_arena *arena;
static struct bf_xml *root;
static struct bf_err err;

static int begin(void **state)
{
    (void)state;
    arena = bf_arena_new(256U << 20);
    root = NULL;
    err = (struct bf_err){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    bf_arena_destroy(&arena);
    return 0;
}

static void a_tree_is_read_by_path(void **state)
{
    (void)state;
    assert_int_equal(bf_xml_parse(arena,
                                  BF_SV("<?xml version=\"1.0\"?>\n<x:R xmlns:x=\"u\" a=\"1\">\n"
                                        " <L><E>1</E><E>two &lt;&#xd55c;&gt;</E></L><C/>\n</x:R>"),
                                  &root, &err),
                     BF_OK);
    assert_true(bf_sv_is(root->name, "R"));
    assert_true(bf_sv_is(bf_xml_text(root, "L/E"), "1"));
    assert_true(bf_sv_is(bf_xml_get(root, "L/E")->next->text, "two <\xed\x95\x9c>"));
    assert_non_null(bf_xml_get(root, "C"));
    assert_int_equal(bf_xml_text(root, "C").len, 0);
    assert_int_equal(bf_xml_text(root, "L").len, 0);
    assert_null(bf_xml_get(root, "L/X"));
    assert_null(bf_xml_get(root, "E"));
    assert_null(bf_xml_get(NULL, "E"));
}

static void what_is_not_well_formed_is_refused_with_its_place(void **state)
{
    static const char *const bad[] = {"",           "text", "<a>",         "<a></b>",    "<a/><b/>",
                                      "<a>&b;</a>", "<a",   "<a>\xff</a>", "<a>\x01</a>"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        if (bf_xml_parse(arena, bf_sv_of(bad[i]), &root, &err) != BF_ESYNTAX) {
            fail_msg("'%s' was taken", bad[i]);
        }
        assert_true(err.loc.line >= 1);
    }
}

static void a_document_type_is_refused_before_its_entities_grow(void **state)
{
    (void)state;
    assert_int_equal(bf_xml_parse(arena,
                                  BF_SV("<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]>"
                                        "<a>&c;</a>"),
                                  &root, &err),
                     BF_ESYNTAX);
    assert_non_null(strstr(err.msg, "document type"));
}

static struct bf_sv nested(int depth)
{
    struct bf_buf text = bf_buf_new(arena, 1U << 20);

    for (int i = 0; i < depth; i++) {
        bf_buf_addz(&text, "<a>");
    }
    for (int i = 0; i < depth; i++) {
        bf_buf_addz(&text, "</a>");
    }
    return bf_buf_sv(&text);
}

static void depth_and_number_are_bounded(void **state)
{
    struct bf_buf many = bf_buf_new(arena, 1U << 20);
    (void)state;
    assert_int_equal(bf_xml_parse(arena, nested(BF_XML_DEPTH), &root, &err), BF_OK);
    assert_int_equal(bf_xml_parse(arena, nested(BF_XML_DEPTH + 1), &root, &err), BF_ESYNTAX);
    bf_buf_addz(&many, "<r>");
    for (int i = 0; i < BF_XML_NODES; i++) {
        bf_buf_addz(&many, "<a/>");
    }
    bf_buf_addz(&many, "</r>");
    assert_int_equal(bf_xml_parse(arena, bf_buf_sv(&many), &root, &err), BF_ESYNTAX);
    assert_non_null(strstr(err.msg, "too many"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tree_is_read_by_path),
        TEST(what_is_not_well_formed_is_refused_with_its_place),
        TEST(a_document_type_is_refused_before_its_entities_grow),
        TEST(depth_and_number_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

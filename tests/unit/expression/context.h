#ifndef BF_TEST_EXPRESSION_CONTEXT_H
#define BF_TEST_EXPRESSION_CONTEXT_H

#include "expression/expression.h"
#include "tests/support/cmocka_headers.h"

/** What the tests of expressions share: a context with something of everything, and an arena. */

static const char context_text[] =
    "{\"schedule\":{\"time\":\"2026-03-01T15:30:00Z\",\"timezone\":\"Asia/Seoul\",\"name\":\"s\"},"
    "\"run\":{\"attempt\":0,\"kind\":\"schedule\"},\"param\":{\"region\":\"kr\",\"n\":7,"
    "\"list\":[1],\"none\":null},\"calendar\":{\"weekend\":[6,7],\"holidays\":[\"2026-03-02\"]},"
    "\"trigger\":{\"detail-type\":\"t\",\"detail\":{\"items\":[{\"ok\":true},\"b\"],\"nil\":null,"
    "\"rate\":1.50}},\"variables\":{\"x\":\"config\"},"
    "\"lookups\":{\"ssm:/a/b\":\"v\",\"ssm:/kr\":\"KR\",\"ssm:/bad\":{\"error\":\"access denied\"},"
    "\"s3.latest:s3://b/p/,dt=([0-9]+)\":\"20260101\",\"model.latest:g,Rejected\":\"arn\"}}";

static int setup(void **state)
{
    *state = bf_arena_new((size_t)256 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static bf_json *json(struct bf_arena *arena, const char *text)
{
    bf_json *node = NULL;
    struct bf_err err = {0};

    if (bf_json_parse(arena, bf_sv_of(text), "context", &node, &err) != BF_OK) {
        fail_msg("%s", err.msg);
    }
    return node;
}

struct failing {
    const char *text;
    enum bf_expr_kind kind;
    size_t column;
};

#endif /* BF_TEST_EXPRESSION_CONTEXT_H */

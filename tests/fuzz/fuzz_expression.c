/* Any text: it is refused, or checked, its needs listed and evaluated, twice with the same result.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "expression/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context_text[] =
    "{\"schedule\":{\"time\":\"2026-03-08T06:30:00Z\",\"timezone\":\"America/New_York\"},"
    "\"run\":{\"kind\":\"schedule\",\"attempt\":0},\"param\":{\"p\":\"v\"},"
    "\"calendar\":{\"weekend\":[6,7],\"holidays\":[\"2026-03-02\"]},"
    "\"trigger\":{\"key\":\"dt=2026-02-28\",\"list\":[1,{\"a\":null}]},"
    "\"lookups\":{\"ssm:/a\":\"b\"}}";

static void evaluate(struct bf_arena *arena, const struct bf_expr *expr, const bf_json *context)
{
    struct bf_expr_error error = {0};
    struct bf_expr_error again = {0};
    struct bf_sv first = {0};
    struct bf_sv second = {0};
    enum bf_expr_kind kind = bf_expr_eval(arena, expr, context, &first, &error);

    if (bf_expr_eval(arena, expr, context, &second, &again) != kind) {
        abort();
    }
    if (kind == BF_EXPR_OK &&
        (!bf_sv_eq(first, second) || bf_utf8_count(first) > BF_EXPR_VALUE_MAX)) {
        abort();
    }
    if (kind != BF_EXPR_OK && (error.column == 0 || error.message.len == 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bf_arena *arena = bf_arena_new((size_t)256 << 20U);
    struct bf_sv text = {(const char *)data, size};
    const struct bf_expr *expr = NULL;
    struct bf_expr_error error = {0};
    struct bf_err err = {0};
    bf_json *context = NULL;
    size_t column = 0;
    struct bf_sv what = {0};

    (void)bf_expr_configuration(text, &column, &what);
    if (bf_json_parse(arena, bf_sv_of(context_text), NULL, &context, &err) != BF_OK) {
        abort();
    }
    if (bf_expr_parse(arena, text, &expr, &error) == BF_EXPR_OK) {
        if (bf_expr_check(arena, expr, &error) != BF_EXPR_OK &&
            (error.column == 0 || error.message.len == 0)) {
            abort();
        }
        (void)bf_expr_params(arena, expr);
        (void)bf_expr_variables(arena, expr);
        (void)bf_expr_lookups(arena, expr, context);
        evaluate(arena, expr, context);
    } else if (error.column == 0 || error.message.len == 0) {
        abort();
    }
    bf_arena_destroy(&arena);
    return 0;
}

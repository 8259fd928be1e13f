#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "http/http.h"

static struct bf_http_response answer_with(struct bf_http_header *header)
{
    return (struct bf_http_response){.status = 429, .headers = header, .header_count = 1};
}

static void an_http_date_is_read(void **state)
{
    int64_t out = 0;
    (void)state;

    assert_true(bf_http_date(BF_SV("Sun, 06 Nov 1994 08:49:37 GMT"), &out));
    assert_int_equal(out, 784111777); /* RFC 9110's example */
    assert_true(bf_http_date(BF_SV("Thu, 29 Feb 2024 00:00:00 GMT"), &out));
    assert_int_equal(out, 1709164800);
}

static void what_is_no_http_date_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1894 08:49:37 GMT",
    };
    (void)state;

    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        int64_t out = 7;
        if (bf_http_date(bf_sv_of(bad[i]), &out)) {
            fail_msg("'%s' was taken", bad[i]);
        }
    }
}

static void retry_after_is_seconds_or_a_date(void **state)
{
    struct bf_http_header header = {BF_SV("retry-AFTER"), BF_SV("30")};
    struct bf_http_response r = answer_with(&header);
    (void)state;

    assert_int_equal(bf_http_retry_after(&r, 0), 30);
    header.value = BF_SV("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(bf_http_retry_after(&r, 784111770), 7);
    assert_int_equal(bf_http_retry_after(&r, 784111777), 0);
    assert_int_equal(bf_http_retry_after(&r, 0), 86400); /* clamped */
    header.value = BF_SV("99999999999999");
    assert_int_equal(bf_http_retry_after(&r, 0), 86400);
    header.value = BF_SV("-5");
    assert_int_equal(bf_http_retry_after(&r, 0), 0);
    header.value = BF_SV("soon");
    assert_int_equal(bf_http_retry_after(&r, 0), 0);
    r.header_count = 0;
    assert_int_equal(bf_http_retry_after(&r, 0), 0);
}

static void everything_but_the_unreserved_is_encoded(void **state)
{
    struct bf_arena *arena = bf_arena_new(1U << 20);
    struct bf_buf out = bf_buf_new(arena, 1000);
    (void)state;

    bf_http_encode(&out, BF_SV("aZ09-._~/ +%\xc3\xa9"), true);
    assert_string_equal(out.ptr, "aZ09-._~/%20%2B%25%C3%A9");
    bf_buf_clear(&out);
    bf_http_encode(&out, BF_SV("a/b"), false);
    assert_string_equal(out.ptr, "a%2Fb");
    bf_buf_clear(&out);
    bf_http_form(&out, BF_SV("a b"), BF_SV("1&2"));
    bf_http_form(&out, BF_SV("c"), BF_SV(""));
    assert_string_equal(out.ptr, "a+b=1%262&c=");
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_http_date_is_read),
        cmocka_unit_test(what_is_no_http_date_is_refused),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(everything_but_the_unreserved_is_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The signer against botocore's: tests/data/sigv4.json is made by tools/gen_sigv4_vectors.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "aws/sigv4.h"
#include "json/json.h"

static struct bf_sv read_file(struct bf_arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct bf_buf text = bf_buf_new(arena, 16U << 20);
    char piece[8192];
    size_t got = 0;
    while ((got = fread(piece, 1, sizeof(piece), file)) != 0) {
        bf_buf_add(&text, (struct bf_sv){.ptr = piece, .len = got});
    }
    (void)fclose(file);
    return bf_buf_sv(&text);
}

static struct bf_http_header *headers_of(struct bf_arena *arena, const bf_json *test, size_t *count)
{
    const bf_json *list = bf_json_get(test, "headers");
    *count = bf_json_count(list);
    struct bf_http_header *headers = BF_NEW_N(arena, struct bf_http_header, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        headers[i].name = bf_json_text(bf_json_at(bf_json_at(list, i), 0));
        headers[i].value = bf_json_text(bf_json_at(bf_json_at(list, i), 1));
    }
    return headers;
}

static struct bf_aws_param *query_of(struct bf_arena *arena, const bf_json *test, size_t *count)
{
    const bf_json *list = bf_json_get(test, "query");
    *count = bf_json_count(list);
    struct bf_aws_param *query = BF_NEW_N(arena, struct bf_aws_param, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        query[i].name = bf_json_text(bf_json_at(bf_json_at(list, i), 0));
        query[i].value = bf_json_text(bf_json_at(bf_json_at(list, i), 1));
    }
    return query;
}

static struct bf_sigv4_signed sign_test(struct bf_arena *arena, const bf_json *test)
{
    struct bf_sigv4_request request = {
        .method = bf_sv_z(arena, bf_json_str(test, "method")),
        .host = bf_json_str(test, "host"),
        .path = bf_json_str(test, "path"),
        .body = bf_json_str(test, "body"),
    };
    request.headers = headers_of(arena, test, &request.header_count);
    request.query = query_of(arena, test, &request.query_count);
    const struct bf_aws_credentials credentials = {.key_id = bf_json_str(test, "key_id"),
                                                   .secret = bf_json_str(test, "secret"),
                                                   .token = bf_json_str(test, "token")};
    const struct bf_sigv4_scope scope = {
        .region = bf_json_str(test, "region"),
        .service = bf_sv_z(arena, bf_json_str(test, "service")),
        .time = (int64_t)bf_json_number(bf_json_get(test, "time")),
    };
    struct bf_sigv4_signed out;
    bf_sigv4_sign(arena, &request, &credentials, &scope, &out);
    return out;
}

static void every_generated_request_is_signed_as_botocore_signs_it(void **state)
{
    struct bf_arena *arena = bf_arena_new(256U << 20);
    struct bf_err err = {0};
    bf_json *tests = NULL;
    size_t count = 0;
    (void)state;

    struct bf_sv text = read_file(arena, TEST_DATA "/sigv4.json");
    assert_int_equal(bf_json_parse(arena, text, "sigv4.json", &tests, &err), BF_OK);
    for (const bf_json *test = bf_json_first(tests); test != NULL; test = bf_json_next(test)) {
        struct bf_sigv4_signed got = sign_test(arena, test);
        struct bf_http_header last = got.headers[got.header_count - 1];
        struct bf_sv canonical = bf_json_str(test, "canonical");
        if (!bf_sv_eq(got.canonical_request, canonical)) {
            fail_msg("case %zu\nours:\n" BF_SV_FMT "\nbotocore's:\n" BF_SV_FMT, count,
                     BF_SV_ARG(got.canonical_request), BF_SV_ARG(canonical));
        }
        assert_string_equal(last.name.ptr, "Authorization");
        assert_true(bf_sv_eq(last.value, bf_json_str(test, "authorization")));
        count++;
    }
    assert_true(count >= 100);
    bf_arena_destroy(&arena);
}

/* "Signature Version 4 test suite", get-vanilla, of the AWS documentation. */
static void the_published_example_has_its_published_signature(void **state)
{
    struct bf_arena *arena = bf_arena_new(1U << 20);
    const struct bf_sigv4_request request = {
        .method = "GET", .host = BF_SV("example.amazonaws.com"), .path = BF_SV("/")};
    const struct bf_aws_credentials credentials = {
        .key_id = BF_SV("AKIDEXAMPLE"),
        .secret = BF_SV("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
    const struct bf_sigv4_scope scope = {
        .region = BF_SV("us-east-1"), .service = "service", .time = 1440938160};
    struct bf_sigv4_signed out;
    (void)state;

    bf_sigv4_sign(arena, &request, &credentials, &scope, &out);
    assert_int_equal(out.header_count, 2);
    assert_string_equal(
        out.headers[1].value.ptr,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    bf_arena_destroy(&arena);
}

static void a_session_token_is_signed_and_a_missing_one_is_not_sent(void **state)
{
    struct bf_arena *arena = bf_arena_new(1U << 20);
    const struct bf_sigv4_request request = {
        .method = "GET", .host = BF_SV("h"), .path = BF_SV("/k")};
    struct bf_aws_credentials credentials = {
        .key_id = BF_SV("A"), .secret = BF_SV("S"), .token = BF_SV("T")};
    const struct bf_sigv4_scope scope = {.region = BF_SV("r"), .service = "s3", .time = 0};
    struct bf_sigv4_signed with;
    struct bf_sigv4_signed without;
    (void)state;

    bf_sigv4_sign(arena, &request, &credentials, &scope, &with);
    credentials.token = (struct bf_sv){0};
    bf_sigv4_sign(arena, &request, &credentials, &scope, &without);
    assert_int_equal(with.header_count, 4);
    assert_string_equal(with.headers[1].name.ptr, "X-Amz-Security-Token");
    assert_non_null(strstr(with.headers[3].value.ptr, "x-amz-security-token"));
    assert_int_equal(without.header_count, 3);
    assert_null(strstr(without.headers[2].value.ptr, "security"));
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_generated_request_is_signed_as_botocore_signs_it),
        cmocka_unit_test(the_published_example_has_its_published_signature),
        cmocka_unit_test(a_session_token_is_signed_and_a_missing_one_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

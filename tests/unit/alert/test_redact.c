#include <string.h>

#include "alert/redact.h"
#include "tests/support/cmocka_headers.h"

static int setup(void **state)
{
    *state = bf_arena_new((size_t)64 << 20U);
    return 0;
}

static int teardown(void **state)
{
    struct bf_arena *arena = *state;

    bf_arena_destroy(&arena);
    return 0;
}

static void every_kind_of_secret_is_taken_out_and_the_rest_stays(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"id AKIAIOSFODNN7EXAMPLE.", "id [redacted]."},
        {"ASIA0123456789ABCDEF end", "[redacted] end"},
        {"AKIAIOSFODN\nN7EXAMPLE tail", "[redacted] tail"},
        {"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
         "aws_secret_access_key = [redacted]"},
        {"AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjE/+=", "AWS_SESSION_TOKEN=[redacted]"},
        {"AWS_SECRET_ACCESS_KEY=\nwJalrXUtnFEMIK7MDENGbPxRfiCYEX\nnext",
         "AWS_SECRET_ACCESS_KEY=\n[redacted]\nnext"},
        {"{\"SecretAccessKey\": \"abc/def\", \"a\": 1}",
         "{\"SecretAccessKey\": \"[redacted]\", "
         "\"a\": 1}"},
        {"token xoxb-1234567890-abcdef", "token [redacted]"},
        {"xapp-1-A0123456789-abc", "[redacted]"},
        {"https://hooks.slack.com/services/T0/B0/XyZ done",
         "https://hooks.slack.com/services/[redacted] done"},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123 x", "[redacted] x"},
        {"ghp_0123456789abcdefghijABCDEFGHIJ012345", "[redacted]"},
        {"hf_abcdefghijklmnopqrstuvwxyz", "[redacted]"},
        {"sk-proj-abcdefghij0123456789", "[redacted]"},
        {"dapi0123456789abcdef0123456789abcdef", "[redacted]"},
        {"key AIzaSyA0123456789abcdefghijklmnopqrstuv", "key [redacted]"},
        {"Authorization: Bearer abc.DEF123-xyz", "Authorization: Bearer [redacted]"},
        {"authorization: Basic dXNlcjpwYXNz", "authorization: Basic [redacted]"},
        {"postgres://ml:p4ss@db:5432/x", "postgres://ml:[redacted]@db:5432/x"},
        {"https://h/k?X-Amz-Credential=AKIA%2Fx&X-Amz-Signature=0a1b&y=2",
         "https://h/k?X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]&y=2"},
        {"X-Amz-Security-Token=IQoJb3%2F&z", "X-Amz-Security-Token=[redacted]&z"},
        {"password: hunter2", "password: [redacted]"},
        {"{'password': 'a b', 'n': 1}", "{'password': '[redacted]', 'n': 1}"},
        {"--password hunter2 --lr 1", "--password [redacted] --lr 1"},
        {"db_password=\"q\\\"q\" x", "db_password=\"[redacted]\" x"},
        {"api_key=abc123,next", "api_key=[redacted],next"},
        {"MY_SECRET=x y", "MY_SECRET=[redacted] y"},
        {"-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\nafter",
         "[redacted]\nafter"},
        {"-----BEGIN EC PRIVATE KEY-----\nMIIabcMIIabcMIIabcMIIabc\nMIIabcMIIabcMIIabc12\nnot a "
         "key",
         "[redacted]\nnot a key"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bf_sv got = bf_redact(*state, bf_sv_of(cases[i].in));
        if (!bf_sv_is(got, cases[i].out)) {
            fail_msg("'%s' became '" BF_SV_FMT "'", cases[i].in, BF_SV_ARG(got));
        }
    }
}

static void what_only_looks_like_a_secret_stays(void **state)
{
    static const char *const keep[] = {
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "arn:aws:secretsmanager:us-west-2:123456789012:secret:slack-AbCdEf",
        "secret=arn:aws:secretsmanager:us-west-2:123456789012:secret:slack",
        "max_tokens=4096 eos_token=<eos> tokens_per_second: 12.5",
        "KeyError: 'token'",
        "basic authentication failed, bearer token expired",
        "AKIA is how key ids begin; MAKIAIOSFODNN7EXAMPLEX",
        "from sklearn import sk-learn-contrib",
        "https://host:8443/path http://a/b@c",
        "password is wrong",
        "token_id=5 token: 17",
        "ResourceLimitExceeded: limit 'ml.p3.2xlarge' is 0",
        "tokenizer=bert-base",
        "  File \"/opt/ml/code/secret.py\", line 3, in token",
        "-----BEGIN CERTIFICATE-----",
    };

    for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
        struct bf_sv got = bf_redact(*state, bf_sv_of(keep[i]));
        if (!bf_sv_is(got, keep[i])) {
            fail_msg("'%s' became '" BF_SV_FMT "'", keep[i], BF_SV_ARG(got));
        }
    }
}

static void redaction_of_redacted_text_changes_nothing(void **state)
{
    struct bf_sv once =
        bf_redact(*state, BF_SV("password=x1 AKIAIOSFODNN7EXAMPLE Bearer a1b2c3d4e"));

    assert_true(bf_sv_eq(bf_redact(*state, once), once));
}

static void hostile_text_takes_linear_time(void **state)
{
    enum { SIZE = 2 << 20 };
    static const char *const pieces[] = {"eyJaaaaaaaaaaaa.",
                                         "-----BEGIN PRIVATE KEY-----",
                                         "://a:",
                                         "password=",
                                         "AKIA",
                                         "--token ",
                                         "xoxb-"};
    struct bf_arena *arena = *state;

    /* A quadratic matcher would run for minutes here; the test's time limit catches it. */
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct bf_arena *own = bf_arena_new((size_t)64 << 20U);
        size_t n = strlen(pieces[i]);
        char *text = bf_arena_alloc(own, SIZE, 1);
        for (size_t at = 0; at + n <= SIZE; at += n) {
            memcpy(text + at, pieces[i], n);
        }
        (void)bf_redact(own, (struct bf_sv){.ptr = text, .len = SIZE});
        bf_arena_destroy(&own);
    }
    assert_non_null(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_secret_is_taken_out_and_the_rest_stays),
        cmocka_unit_test(what_only_looks_like_a_secret_stays),
        cmocka_unit_test(redaction_of_redacted_text_changes_nothing),
        cmocka_unit_test(hostile_text_takes_linear_time),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

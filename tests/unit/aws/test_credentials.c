/* Where the keys come from, on the fake world and a temporary directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/sagemaker.h"
#include "aws/sns.h"
#include "tests/support/fake_aws.h"

static struct bf_arena *arena;
static struct fake_http world;
static struct bf_aws_session *session;
static struct bf_aws aws;
static struct bf_err err;
static char directory[64];

static int begin(void **state)
{
    (void)state;
    arena = bf_arena_new(64U << 20);
    err = (struct bf_err){0};
    fake_http_init(&world, arena);
    (void)snprintf(directory, sizeof(directory), "/tmp/bf-credentials-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static void remove_file(const char *name)
{
    (void)unlink(bf_sv_printf(arena, "%s/%s", directory, name).ptr);
}

static int end(void **state)
{
    (void)state;
    remove_file("credentials");
    remove_file("config");
    remove_file("token");
    (void)rmdir(directory);
    bf_aws_session_free(&session);
    bf_arena_destroy(&arena);
    return 0;
}

/* Write a file and return "VARIABLE=path". */
static const char *file(const char *variable, const char *name, const char *text)
{
    const char *path = bf_sv_printf(arena, "%s/%s", directory, name).ptr;
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    (void)fputs(text, out);
    (void)fclose(out);
    return bf_sv_printf(arena, "%s=%s", variable, path).ptr;
}

static void use(const char *const *env)
{
    bf_aws_session_free(&session);
    session = bf_aws_session_new(&world.http, env);
    aws = fake_aws(session, arena);
}

static enum bf_code call(void)
{
    bf_json *out = NULL;
    return bf_sm_describe_pipeline(&aws, BF_SV("hello"), &out, &err);
}

/* The key that the last request was signed with. */
static struct bf_sv key_used(void)
{
    struct bf_sv text = fake_http_sent(&world.requests[world.count - 1], "Authorization");
    struct bf_sv rest = bf_sv_from(text, bf_sv_search(text, BF_SV("Credential=")) + 11);

    return bf_sv_slice(rest, 0, bf_sv_find(rest, '/'));
}

#define REGION  "AWS_REGION=us-west-2"
#define NO_HOME "HOME=/no/such/home"

static void the_environment_goes_first_and_an_empty_token_is_none(void **state)
{
    const char *const env[] = {REGION,
                               "AWS_ACCESS_KEY_ID=ENV",
                               "AWS_SECRET_ACCESS_KEY=s",
                               "AWS_SESSION_TOKEN=",
                               file("AWS_SHARED_CREDENTIALS_FILE", "credentials",
                                    "[default]\naws_access_key_id=FILE\n"
                                    "aws_secret_access_key=s\n"),
                               NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_true(bf_sv_is(key_used(), "ENV"));
    assert_int_equal(fake_http_sent(&world.requests[0], "X-Amz-Security-Token").len, 0);
}

static void half_a_key_in_the_environment_is_none(void **state)
{
    const char *const env[] = {REGION, NO_HOME, "AWS_ACCESS_KEY_ID=ENV",
                               "AWS_SECRET_ACCESS_KEY=", NULL};
    (void)state;
    use(env);
    assert_int_equal(call(), BF_EDENIED);
    assert_non_null(strstr(err.msg, "AWS_ACCESS_KEY_ID"));
    assert_int_equal(world.count, 0);
}

static void the_named_profile_is_found_in_either_file(void **state)
{
    const char *const env[] = {
        "AWS_PROFILE=work",
        file("AWS_SHARED_CREDENTIALS_FILE", "credentials",
             "# a comment\n[default]\naws_access_key_id = WRONG\naws_secret_access_key = s\n"
             "[work]\naws_access_key_id = RIGHT\n"
             "aws_secret_access_key = s=with=equals\naws_session_token = TOKEN\n"
             "[other]\naws_access_key_id = WRONG\n"),
        file("AWS_CONFIG_FILE", "config",
             "[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n"
             "s3 =\n  region = indented-is-nested\n"),
        NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", "api.sagemaker.eu-west-1.amazonaws.com", 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_true(bf_sv_is(key_used(), "RIGHT"));
    assert_true(bf_sv_is(fake_http_sent(&world.requests[0], "X-Amz-Security-Token"), "TOKEN"));
}

static void a_profile_with_a_role_says_what_to_do(void **state)
{
    const char *const env[] = {REGION, NO_HOME,
                               file("AWS_CONFIG_FILE", "config",
                                    "[default]\nrole_arn = arn:aws:iam::1:role/x\n"
                                    "source_profile = base\n"),
                               NULL};
    (void)state;
    use(env);
    assert_int_equal(call(), BF_EDENIED);
    assert_non_null(strstr(err.msg, "role_arn"));
    assert_non_null(strstr(err.msg, "credential_process"));
}

static void a_credential_process_is_run(void **state)
{
    const char *const env[] = {
        REGION,
        NO_HOME,
        "PATH=/usr/bin:/bin",
        "MARK=from-env",
        file("AWS_CONFIG_FILE", "config",
             "[default]\ncredential_process = printf "
             "'{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\","
             "\"SessionToken\":\"t\",\"Expiration\":\"2026-03-01T01:00:00Z\"}' \"$MARK\"\n"),
        NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_true(bf_sv_is(key_used(), "from-env"));
    assert_true(bf_sv_is(fake_http_sent(&world.requests[0], "X-Amz-Security-Token"), "t"));
}

static void a_credential_process_that_fails_is_told(void **state)
{
    static const char bad_time[] =
        "echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"Expiration\":\"tomorrow\"}'";
    static const char *const bad[] = {"exit 3", "echo nonsense", "echo '{\"Version\":1}'",
                                      "/no/such/program", bad_time};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        const char *text = bf_sv_printf(arena, "[default]\ncredential_process = %s\n", bad[i]).ptr;
        const char *const env[] = {REGION, NO_HOME, "PATH=/usr/bin:/bin",
                                   file("AWS_CONFIG_FILE", "config", text), NULL};
        use(env);
        assert_int_equal(call(), BF_EDENIED);
        assert_non_null(strstr(err.msg, "credential_process"));
    }
    assert_int_equal(world.count, 0);
}

static const char container_answer[] =
    "{\"AccessKeyId\":\"BOX\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
    "\"Expiration\":\"2026-03-01T01:00:00Z\"}";

static void a_container_asks_its_agent_with_the_token_of_the_file(void **state)
{
    const char *const env[] = {
        REGION, NO_HOME, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials",
        file("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "token", "secret-token\n"), NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "GET", "http://169.254.170.23/v1/credentials", 200, container_answer);
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_true(bf_sv_is(fake_http_sent(&world.requests[0], "Authorization"), "secret-token"));
    assert_true(bf_sv_is(key_used(), "BOX"));
    assert_int_equal(call(), BF_OK); /* they are kept */
    fake_http_done(&world);
}

static void the_relative_form_goes_to_the_ecs_agent(void **state)
{
    const char *const env[] = {REGION, NO_HOME,
                               "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/id", NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "GET", "http://169.254.170.2/v2/credentials/id", 200,
                     container_answer);
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_int_equal(fake_http_sent(&world.requests[0], "Authorization").len, 0);
}

static void an_agent_elsewhere_does_not_get_the_token_in_the_clear(void **state)
{
    static const char *const bad[] = {"http://evil.example.com/", "http://127.0.0.1.evil.com/",
                                      "http://169.254.170.231/", "ftp://127.0.0.1/"};
    (void)state;
    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        const char *const env[] = {
            REGION, NO_HOME, "AWS_CONTAINER_AUTHORIZATION_TOKEN=secret-token",
            bf_sv_printf(arena, "AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", bad[i]).ptr, NULL};
        use(env);
        assert_int_equal(call(), BF_EDENIED);
    }
    assert_int_equal(world.count, 0);
}

static void keys_are_renewed_five_minutes_before_they_end(void **state)
{
    const char *const env[] = {REGION, NO_HOME,
                               "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost:9/x", NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "GET", "localhost", 200, container_answer); /* good for an hour */
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    world.now_ms += INT64_C(54) * 60 * 1000;
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    world.now_ms += INT64_C(2) * 60 * 1000;
    fake_http_fail(&world, "GET", "localhost", BF_ENET); /* the old ones are still good */
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    world.now_ms += INT64_C(4) * 60 * 1000;
    fake_http_fail(&world, "GET", "localhost", BF_ENET); /* not any more */
    fake_http_fail(&world, "GET", "localhost", BF_ENET);
    fake_http_fail(&world, "GET", "localhost", BF_ENET);
    assert_int_equal(call(), BF_ENET);
    fake_http_done(&world);
}

static void expired_keys_are_fetched_again_once(void **state)
{
    const char *const env[] = {REGION, NO_HOME,
                               "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost:9/x", NULL};
    (void)state;
    use(env);
    fake_http_answer(&world, "GET", "localhost", 200, container_answer);
    fake_http_answer(&world, "POST", NULL, 400, "{\"__type\":\"ExpiredTokenException\"}");
    fake_http_answer(&world, "GET", "localhost", 200, container_answer);
    fake_http_answer(&world, "POST", NULL, 400, "{\"__type\":\"ExpiredTokenException\"}");
    assert_int_equal(call(), BF_EDENIED);
    fake_http_done(&world);
}

static void a_web_identity_becomes_keys_by_an_unsigned_call(void **state)
{
    const char *const env[] = {REGION, NO_HOME, "AWS_ROLE_ARN=arn:aws:iam::1:role/r",
                               file("AWS_WEB_IDENTITY_TOKEN_FILE", "token", "jwt.jwt.jwt\n"), NULL};
    (void)state;
    use(env);
    fake_http_answer(
        &world, "POST",
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole"
        "%2Fr&RoleSessionName=buzzflow&WebIdentityToken=jwt.jwt.jwt",
        200,
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>WEB</AccessKeyId>"
        "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2026-03-01T01:00:00Z</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
    fake_http_answer(&world, "POST", NULL, 200, "{}");
    assert_int_equal(call(), BF_OK);
    assert_int_equal(fake_http_sent(&world.requests[0], "Authorization").len, 0);
    assert_true(bf_sv_is(key_used(), "WEB"));
}

static void a_web_identity_without_its_token_is_denied(void **state)
{
    const char *const env[] = {REGION, NO_HOME, "AWS_ROLE_ARN=arn:r",
                               "AWS_WEB_IDENTITY_TOKEN_FILE=/no/such/token", NULL};
    (void)state;
    use(env);
    assert_int_equal(call(), BF_EDENIED);
    assert_non_null(strstr(err.msg, "/no/such/token"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_environment_goes_first_and_an_empty_token_is_none),
        TEST(half_a_key_in_the_environment_is_none),
        TEST(the_named_profile_is_found_in_either_file),
        TEST(a_profile_with_a_role_says_what_to_do),
        TEST(a_credential_process_is_run),
        TEST(a_credential_process_that_fails_is_told),
        TEST(a_container_asks_its_agent_with_the_token_of_the_file),
        TEST(the_relative_form_goes_to_the_ecs_agent),
        TEST(an_agent_elsewhere_does_not_get_the_token_in_the_clear),
        TEST(keys_are_renewed_five_minutes_before_they_end),
        TEST(expired_keys_are_fetched_again_once),
        TEST(a_web_identity_becomes_keys_by_an_unsigned_call),
        TEST(a_web_identity_without_its_token_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

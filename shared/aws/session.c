#include <stdlib.h>
#include <time.h>

#include "aws/internal.h"
#include "base/env.h"

enum {
    SESSION_BYTES = 16 * 1024 * 1024, /* the environment's copy and the region */
    KEY_BYTES = 1024 * 1024,
    MAX_VARIABLES = 10 * 1000,
};

const struct bf_aws_service bf_aws_sagemaker = {.id = "SAGEMAKER",
                                                .signing = "sagemaker",
                                                .host = "api.sagemaker",
                                                .target = "SageMaker",
                                                .json = "1.1"};
const struct bf_aws_service bf_aws_dynamodb = {.id = "DYNAMODB",
                                               .signing = "dynamodb",
                                               .host = "dynamodb",
                                               .target = "DynamoDB_20120810",
                                               .json = "1.0"};
const struct bf_aws_service bf_aws_logs = {.id = "CLOUDWATCH_LOGS",
                                           .signing = "logs",
                                           .host = "logs",
                                           .target = "Logs_20140328",
                                           .json = "1.1"};
const struct bf_aws_service bf_aws_sns = {
    .id = "SNS", .signing = "sns", .host = "sns", .version = "2010-03-31"};
const struct bf_aws_service bf_aws_sqs = {
    .id = "SQS", .signing = "sqs", .host = "sqs", .target = "AmazonSQS", .json = "1.0"};
const struct bf_aws_service bf_aws_scheduler = {
    .id = "SCHEDULER", .signing = "scheduler", .host = "scheduler"};
const struct bf_aws_service bf_aws_events = {.id = "EVENTBRIDGE",
                                             .signing = "events",
                                             .host = "events",
                                             .target = "AWSEvents",
                                             .json = "1.1"};
const struct bf_aws_service bf_aws_secrets = {.id = "SECRETS_MANAGER",
                                              .signing = "secretsmanager",
                                              .host = "secretsmanager",
                                              .target = "secretsmanager",
                                              .json = "1.1"};
const struct bf_aws_service bf_aws_ssm = {
    .id = "SSM", .signing = "ssm", .host = "ssm", .target = "AmazonSSM", .json = "1.1"};
const struct bf_aws_service bf_aws_sts = {
    .id = "STS", .signing = "sts", .host = "sts", .version = "2011-06-15"};
const struct bf_aws_service bf_aws_s3 = {.id = "S3", .signing = "s3", .host = "s3"};

static const char *const *copy_env(struct bf_arena *arena, const char *const *env)
{
    size_t count = 0;

    while (env != NULL && env[count] != NULL && count < MAX_VARIABLES) {
        count++;
    }
    const char **copy = bf_arena_alloc(arena, count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++) {
        copy[i] = bf_sv_z(arena, bf_sv_of(env[i]));
    }
    return copy;
}

struct bf_aws_session *bf_aws_session_new(struct bf_http *http, const char *const *env)
{
    struct bf_aws_session *session = calloc(1, sizeof(*session));

    if (session == NULL) {
        _Exit(71);
    }
    session->http = http;
    session->arena = bf_arena_new(SESSION_BYTES);
    session->keys = bf_arena_new(KEY_BYTES);
    session->env = copy_env(session->arena, env);
    return session;
}

void bf_aws_session_free(struct bf_aws_session **sessionp)
{
    if (*sessionp != NULL) {
        bf_arena_destroy(&(*sessionp)->arena);
        bf_arena_destroy(&(*sessionp)->keys);
        free(*sessionp);
        *sessionp = NULL;
    }
}

const char *bf_aws_env(const struct bf_aws *aws, const char *name)
{
    return bf_env_get(aws->session->env, name);
}

static struct bf_sv find_region(struct bf_aws *aws)
{
    const char *region = bf_aws_env(aws, "AWS_REGION");

    if (region == NULL) {
        region = bf_aws_env(aws, "AWS_DEFAULT_REGION");
    }
    return region == NULL ? bf_aws_profile(aws, "region") : bf_sv_of(region);
}

/* It becomes a part of host names: nothing but a label may be in it. */
static bool is_label(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
            return false;
        }
    }
    return text.len != 0 && text.len < 64;
}

enum bf_code bf_aws_region(const struct bf_aws *aws, struct bf_sv *out, struct bf_err *err)
{
    struct bf_aws_session *session = aws->session;

    if (!session->has_region) {
        struct bf_aws copy = *aws;
        session->region = bf_sv_dup(session->arena, find_region(&copy));
        session->has_region = true;
    }
    if (session->region.len == 0) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "no AWS region: set AWS_REGION, or 'region' in the profile");
    }
    if (!is_label(session->region)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "'" BF_SV_FMT "' is no AWS region; allowed are a-z, 0-9 and '-'",
                          BF_SV_ARG(session->region));
    }
    *out = session->region;
    return BF_OK;
}

int64_t bf_aws_time(const struct bf_aws *aws, bool *known)
{
    struct bf_http *http = aws->session->http;

    if (known != NULL) {
        *known = aws->session->has_time;
    }
    return (http->now_ms(http) + aws->session->skew_ms) / 1000;
}

int64_t bf_aws_left_ms(const struct bf_aws *aws)
{
    struct bf_http *http = aws->session->http;

    if (aws->deadline_ms == 0) {
        return INT64_MAX;
    }
    const int64_t left = aws->deadline_ms - http->now_ms(http);
    return left < 0 ? 0 : left;
}

void bf_aws_learn_time(struct bf_aws *aws, const struct bf_http_response *response)
{
    struct bf_http *http = aws->session->http;
    int64_t seconds = 0;

    if (bf_http_date(bf_http_header_of(response, "Date"), &seconds)) {
        aws->session->skew_ms = (seconds * 1000) - http->now_ms(http);
        aws->session->has_time = true;
    }
}

static const char *endpoint_variable(struct bf_aws *aws, const struct bf_aws_service *service)
{
    const char *ignore = bf_aws_env(aws, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

    if (ignore != NULL && strcmp(ignore, "true") == 0) {
        return NULL;
    }
    const char *name = bf_sv_printf(aws->arena, "AWS_ENDPOINT_URL_%s", service->id).ptr;
    const char *url = bf_aws_env(aws, name);
    return url == NULL ? bf_aws_env(aws, "AWS_ENDPOINT_URL") : url;
}

static enum bf_code parse_endpoint(const char *text, struct bf_aws_endpoint *out,
                                   struct bf_err *err)
{
    struct bf_sv url = bf_sv_of(text);
    const size_t colon = bf_sv_search(url, BF_SV("://"));
    struct bf_sv rest = bf_sv_from(url, colon + 3);

    out->scheme = bf_sv_slice(url, 0, colon);
    out->host = bf_sv_slice(rest, 0, bf_sv_find(rest, '/'));
    out->prefix = bf_sv_from(rest, out->host.len);
    while (bf_sv_ends(out->prefix, BF_SV("/"))) {
        out->prefix.len--;
    }
    if ((!bf_sv_is(out->scheme, "http") && !bf_sv_is(out->scheme, "https")) || out->host.len == 0 ||
        bf_sv_find(url, '?') != url.len || bf_sv_find(url, '@') != url.len) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "AWS_ENDPOINT_URL is '%s'; allowed is http(s)://HOST[:PORT][/PATH]",
                          text);
    }
    /* The Host header, and so the signature, does not have the scheme's own port. */
    struct bf_sv port = bf_sv_is(out->scheme, "http") ? BF_SV(":80") : BF_SV(":443");
    if (bf_sv_ends(out->host, port)) {
        out->host.len -= port.len;
    }
    return BF_OK;
}

enum bf_code bf_aws_endpoint_of(struct bf_aws *aws, const struct bf_aws_service *service,
                                struct bf_aws_endpoint *out, struct bf_err *err)
{
    const char *own = endpoint_variable(aws, service);
    struct bf_sv region = {0};

    *out = (struct bf_aws_endpoint){.scheme = BF_SV("https"), .own = own != NULL};
    if (own != NULL) {
        return parse_endpoint(own, out, err);
    }
    BF_TRY(bf_aws_region(aws, &region, err));
    const char *domain = bf_sv_starts(region, BF_SV("cn-")) ? "amazonaws.com.cn" : "amazonaws.com";
    out->host =
        bf_sv_printf(aws->arena, "%s." BF_SV_FMT ".%s", service->host, BF_SV_ARG(region), domain);
    return BF_OK;
}

static bool digits_at(struct bf_sv text, size_t from, size_t count, int *out)
{
    int value = 0;

    if (from + count > text.len) {
        return false;
    }
    for (size_t i = from; i < from + count; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = (value * 10) + (text.ptr[i] - '0');
    }
    *out = value;
    return true;
}

bool bf_aws_parse_time(struct bf_sv text, int64_t *out)
{
    struct tm tm = {0};
    struct bf_sv zone = bf_sv_from(text, 19);

    if (text.len < 20 || text.ptr[4] != '-' || text.ptr[7] != '-' || text.ptr[10] != 'T' ||
        text.ptr[13] != ':' || text.ptr[16] != ':' || !digits_at(text, 0, 4, &tm.tm_year) ||
        !digits_at(text, 5, 2, &tm.tm_mon) || !digits_at(text, 8, 2, &tm.tm_mday) ||
        !digits_at(text, 11, 2, &tm.tm_hour) || !digits_at(text, 14, 2, &tm.tm_min) ||
        !digits_at(text, 17, 2, &tm.tm_sec) || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60) {
        return false;
    }
    if (bf_sv_starts(zone, BF_SV("."))) {
        size_t i = 1;
        while (i < zone.len && zone.ptr[i] >= '0' && zone.ptr[i] <= '9') {
            i++;
        }
        zone = bf_sv_from(zone, i);
    }
    if (!bf_sv_is(zone, "Z") && !bf_sv_is(zone, "+00:00")) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *out = (int64_t)timegm(&tm);
    return true;
}

void bf_aws_add_time(bf_json *object, const char *name, int64_t seconds)
{
    (void)bf_json_add_i64(object, name, seconds);
}

void bf_aws_add_some(bf_json *object, const char *name, struct bf_sv text)
{
    if (text.len != 0) {
        (void)bf_json_add_str(object, name, text);
    }
}

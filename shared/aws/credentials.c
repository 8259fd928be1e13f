#include "aws/internal.h"

enum {
    RENEW_BEFORE_S = 5 * 60, /* a new set is fetched so long before the old one ends */
    LEAST_LEFT_S = 10,       /* an old one is used if fetching fails and so much is left */
};

static bool from_environment(struct bf_aws *aws, struct bf_aws_credentials *out)
{
    const char *id = bf_aws_env(aws, "AWS_ACCESS_KEY_ID");
    const char *secret = bf_aws_env(aws, "AWS_SECRET_ACCESS_KEY");

    if (id == NULL || secret == NULL) {
        return false;
    }
    *out = (struct bf_aws_credentials){.key_id = bf_sv_of(id),
                                       .secret = bf_sv_of(secret),
                                       .token = bf_sv_of(bf_aws_env(aws, "AWS_SESSION_TOKEN"))};
    return true;
}

static bool from_profile(struct bf_aws *aws, struct bf_aws_credentials *out)
{
    *out = (struct bf_aws_credentials){.key_id = bf_aws_profile(aws, "aws_access_key_id"),
                                       .secret = bf_aws_profile(aws, "aws_secret_access_key"),
                                       .token = bf_aws_profile(aws, "aws_session_token")};
    return out->key_id.len != 0 && out->secret.len != 0;
}

static enum bf_code none(struct bf_aws *aws, struct bf_err *err)
{
    const bool role = bf_aws_profile(aws, "role_arn").len != 0;
    const bool sso = bf_aws_profile(aws, "sso_session").len != 0 ||
                     bf_aws_profile(aws, "sso_start_url").len != 0;

    if (role || sso) {
        return bf_err_set(err, BF_EDENIED, BF_NOWHERE,
                          "the AWS profile uses %s, which is not supported: run "
                          "'eval \"$(aws configure export-credentials --format env)\"' first, or "
                          "set credential_process in the profile",
                          sso ? "single sign-on" : "role_arn");
    }
    return bf_err_set(err, BF_EDENIED, BF_NOWHERE,
                      "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                      "AWS_PROFILE, or run where a role is given");
}

/* The sources in the order of the AWS SDKs. */
static enum bf_code fetch(struct bf_aws *aws, struct bf_aws_credentials *out,
                          enum bf_aws_source *source, struct bf_err *err)
{
    *source = BF_AWS_STATIC;
    if (from_environment(aws, out)) {
        return BF_OK;
    }
    *source = BF_AWS_RENEWABLE;
    enum bf_code code = bf_aws_credentials_web(aws, out, err);
    if (code != BF_ENOTFOUND) {
        return code;
    }
    if (from_profile(aws, out)) {
        *source = BF_AWS_STATIC;
        return BF_OK;
    }
    struct bf_sv command = bf_aws_profile(aws, "credential_process");
    if (command.len != 0) {
        return bf_aws_credentials_process(aws, bf_sv_z(aws->arena, command), out, err);
    }
    code = bf_aws_credentials_container(aws, out, err);
    return code == BF_ENOTFOUND ? none(aws, err) : code;
}

static void keep(struct bf_aws_session *session, const struct bf_aws_credentials *fresh)
{
    bf_arena_reset(session->keys);
    session->credentials =
        (struct bf_aws_credentials){.key_id = bf_sv_dup(session->keys, fresh->key_id),
                                    .secret = bf_sv_dup(session->keys, fresh->secret),
                                    .token = bf_sv_dup(session->keys, fresh->token),
                                    .expires_at = fresh->expires_at};
}

static bool good_for(const struct bf_aws *aws, int64_t seconds)
{
    const struct bf_aws_session *session = aws->session;

    return session->source != BF_AWS_UNKNOWN &&
           (session->credentials.expires_at == 0 ||
            session->credentials.expires_at - bf_aws_time(aws, NULL) > seconds);
}

enum bf_code bf_aws_credentials_get(struct bf_aws *aws, struct bf_aws_credentials *out,
                                    struct bf_err *err)
{
    struct bf_aws_session *session = aws->session;
    struct bf_aws_credentials fresh = {0};
    struct bf_err failure = {0};
    enum bf_aws_source source = BF_AWS_UNKNOWN;

    if (!good_for(aws, RENEW_BEFORE_S)) {
        enum bf_code code = fetch(aws, &fresh, &source, &failure);
        if (code == BF_OK) {
            keep(session, &fresh);
            session->source = source;
        } else if (!good_for(aws, LEAST_LEFT_S)) {
            *err = failure;
            return code;
        }
    }
    *out = session->credentials;
    return BF_OK;
}

bool bf_aws_credentials_forget(struct bf_aws *aws)
{
    const bool renewable = aws->session->source == BF_AWS_RENEWABLE;

    if (renewable) {
        aws->session->source = BF_AWS_UNKNOWN;
    }
    return renewable;
}

enum bf_code bf_aws_credentials_parse(struct bf_aws *aws, struct bf_sv text, const char *token,
                                      struct bf_aws_credentials *out, struct bf_err *err)
{
    bf_json *json = NULL;
    struct bf_sv expires = {0};

    BF_TRY(bf_json_parse(aws->arena, text, NULL, &json, err));
    *out = (struct bf_aws_credentials){.token = bf_json_str(json, token)};
    BF_TRY(bf_json_need_str(json, "AccessKeyId", &out->key_id, err));
    BF_TRY(bf_json_need_str(json, "SecretAccessKey", &out->secret, err));
    expires = bf_json_str(json, "Expiration");
    if (expires.len != 0 && !bf_aws_parse_time(expires, &out->expires_at)) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE,
                          "Expiration is '" BF_SV_FMT
                          "'; allowed is an instant in UTC, such as "
                          "2026-03-01T00:00:00Z",
                          BF_SV_ARG(expires));
    }
    return BF_OK;
}

#include "cli/stack.h"

#include <unistd.h>

#include "aws/ssm.h"
#include "base/env.h"

void bf_cli_aws_open(struct bf_arena *arena, struct bf_cli_aws *out)
{
    const char *const *env = (const char *const *)environ;
    const struct bf_http_options options = bf_http_options_from(arena, env);

    out->http = bf_http_new(&options);
    out->aws = (struct bf_aws){.session = bf_aws_session_new(out->http, env), .arena = arena};
}

void bf_cli_aws_close(struct bf_cli_aws *aws)
{
    bf_aws_session_free(&aws->aws.session);
    bf_http_free(&aws->http);
}

enum bf_code bf_cli_stack_find(struct bf_cli_aws *aws, const char *environment,
                               struct bf_cli_stack *out, struct bf_err *err)
{
    struct bf_arena *arena = aws->aws.arena;
    struct bf_sv text = {0};
    bf_json *json = NULL;

    if (environment == NULL) {
        environment = bf_env_get((const char *const *)environ, "BUZZFLOW_ENVIRONMENT");
    }
    if (environment == NULL) {
        return bf_err_set(err, BF_EUSAGE, BF_NOWHERE,
                          "which stack? Give --environment, or set BUZZFLOW_ENVIRONMENT");
    }
    out->environment = bf_sv_of(environment);
    enum bf_code code =
        bf_ssm_get(&aws->aws, bf_sv_printf(arena, "/buzzflow/%s", environment), &text, err);
    if (code == BF_ENOTFOUND) {
        return bf_err_set(err, BF_ENOTFOUND, BF_NOWHERE,
                          "there is no stack for environment '%s' in this account and region: no "
                          "parameter /buzzflow/%s",
                          environment, environment);
    }
    BF_TRY(code);
    if (bf_json_parse(arena, text, NULL, &json, err) != BF_OK) {
        return bf_err_wrap(err, "parameter /buzzflow/%s", environment);
    }
    BF_TRY(bf_json_need_str(json, "bucket", &out->bucket, err));
    return bf_json_need_str(json, "table", &out->table, err);
}

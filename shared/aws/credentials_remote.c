/* Credentials that somebody else hands out: a role's token, a container's agent, a program. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/internal.h"
#include "aws/xml.h"

enum {
    MAX_TOKEN = 64 * 1024,
    MAX_ANSWER = 64 * 1024,
    AGENT_TIMEOUT_MS = 2000,
    PROCESS_TIMEOUT_MS = 60 * 1000,
};

static enum bf_code read_token(struct bf_aws *aws, const char *path, struct bf_sv *out,
                               struct bf_err *err)
{
    if (bf_aws_read_file(aws->arena, path, MAX_TOKEN, out, err) != BF_OK) {
        err->code = BF_EDENIED; /* BF_ENOTFOUND would mean: not configured */
        return bf_err_wrap(err, "no AWS credentials");
    }
    *out = bf_sv_trim(*out);
    return BF_OK;
}

enum bf_code bf_aws_credentials_web(struct bf_aws *aws, struct bf_aws_credentials *out,
                                    struct bf_err *err)
{
    const char *file = bf_aws_env(aws, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *role = bf_aws_env(aws, "AWS_ROLE_ARN");
    const char *name = bf_aws_env(aws, "AWS_ROLE_SESSION_NAME");
    struct bf_sv token = {0};
    struct bf_xml *xml = NULL;
    static const char at[] = "AssumeRoleWithWebIdentityResult/Credentials";

    if (file == NULL || role == NULL) {
        return bf_err_set(err, BF_ENOTFOUND, BF_NOWHERE, "no web identity");
    }
    BF_TRY(read_token(aws, file, &token, err));
    struct bf_buf form = bf_buf_new(aws->arena, (size_t)MAX_TOKEN * 4);
    bf_http_form(&form, BF_SV("RoleArn"), bf_sv_of(role));
    bf_http_form(&form, BF_SV("RoleSessionName"), bf_sv_of(name == NULL ? "buzzflow" : name));
    bf_http_form(&form, BF_SV("WebIdentityToken"), token);
    const struct bf_aws_request request = {.service = &bf_aws_sts,
                                           .operation = "AssumeRoleWithWebIdentity",
                                           .repeatable = true,
                                           .without_credentials = true};
    if (bf_aws_query_call(aws, &request, bf_buf_sv(&form), &xml, err) != BF_OK) {
        err->code = err->code == BF_ENOTFOUND ? BF_EDENIED : err->code;
        return bf_err_wrap(err, "no AWS credentials");
    }
    const struct bf_xml *c = bf_xml_get(xml, at);
    *out = (struct bf_aws_credentials){.key_id = bf_xml_text(c, "AccessKeyId"),
                                       .secret = bf_xml_text(c, "SecretAccessKey"),
                                       .token = bf_xml_text(c, "SessionToken")};
    if (out->key_id.len == 0 || out->secret.len == 0 ||
        !bf_aws_parse_time(bf_xml_text(c, "Expiration"), &out->expires_at)) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE, "sts answered without credentials");
    }
    return BF_OK;
}

/* Plain HTTP only to where the agents of ECS and EKS are: nobody else may learn the token. */
static bool may_ask(struct bf_sv url)
{
    static const char *const hosts[] = {"localhost",     "127.0.0.1",      "[::1]",
                                        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};

    if (bf_sv_starts(url, BF_SV("https://"))) {
        return true;
    }
    if (!bf_sv_starts(url, BF_SV("http://"))) {
        return false;
    }
    struct bf_sv rest = bf_sv_from(url, 7);
    for (size_t i = 0; i < BF_COUNTOF(hosts); i++) {
        struct bf_sv host = bf_sv_of(hosts[i]);
        const int after = rest.len > host.len ? rest.ptr[host.len] : '/';
        if (bf_sv_starts(rest, host) && (after == ':' || after == '/' || after == '?')) {
            return true;
        }
    }
    return false;
}

static enum bf_code container_token(struct bf_aws *aws, struct bf_sv *out, struct bf_err *err)
{
    const char *file = bf_aws_env(aws, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

    *out = bf_sv_of(bf_aws_env(aws, "AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    return file == NULL ? BF_OK : read_token(aws, file, out, err);
}

enum bf_code bf_aws_credentials_container(struct bf_aws *aws, struct bf_aws_credentials *out,
                                          struct bf_err *err)
{
    const char *relative = bf_aws_env(aws, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = bf_aws_env(aws, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct bf_http *http = aws->session->http;
    struct bf_http_response response = {0};
    struct bf_sv token = {0};

    if (relative == NULL && full == NULL) {
        return bf_err_set(err, BF_ENOTFOUND, BF_NOWHERE, "no container credentials");
    }
    struct bf_sv url = relative != NULL
                           ? bf_sv_printf(aws->arena, "http://169.254.170.2%s", relative)
                           : bf_sv_of(full);
    if (!may_ask(url)) {
        return bf_err_set(err, BF_EDENIED, BF_NOWHERE,
                          "AWS_CONTAINER_CREDENTIALS_FULL_URI is '" BF_SV_FMT
                          "'; allowed are https://, and http:// to loopback or the agent",
                          BF_SV_ARG(url));
    }
    BF_TRY(container_token(aws, &token, err));
    const struct bf_http_header header = {BF_SV("Authorization"), token};
    const struct bf_http_request request = {.method = "GET",
                                            .url = url,
                                            .headers = &header,
                                            .header_count = token.len != 0,
                                            .idempotent = true,
                                            .timeout_ms = AGENT_TIMEOUT_MS,
                                            .max_response = MAX_ANSWER};
    if (bf_http_send(http, aws->arena, &request, &response, err) != BF_OK) {
        return bf_err_wrap(err, "no AWS credentials from the container's agent");
    }
    if (response.status != 200) {
        return bf_err_set(err, response.status >= 500 ? BF_ESERVICE : BF_EDENIED, BF_NOWHERE,
                          "no AWS credentials: the container's agent answered %d", response.status);
    }
    return bf_aws_credentials_parse(aws, response.body, "Token", out, err);
}

/* Read ${fd} to its end, at most ${left_ms} in all. */
static enum bf_code drain(int fd, int64_t left_ms, struct bf_aws *aws, struct bf_buf *out,
                          struct bf_err *err)
{
    struct bf_http *http = aws->session->http;
    const int64_t end = http->now_ms(http) + left_ms;
    char piece[4096];

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        const int64_t left = end - http->now_ms(http);
        const int ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return bf_err_set(err, BF_ETIMEOUT, BF_NOWHERE, "credential_process did not end");
        }
        const ssize_t got = read(fd, piece, sizeof(piece));
        if (got <= 0) {
            return BF_OK;
        }
        bf_buf_add(out, (struct bf_sv){.ptr = piece, .len = (size_t)got});
        if (out->full) {
            return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                              "credential_process printed more than %d bytes", MAX_ANSWER);
        }
    }
}

static int start(struct bf_aws *aws, const char *command, int *out_fd, pid_t *pid)
{
    int ends[2];
    char shell[] = "sh";
    char flag[] = "-c";
    char *text = bf_arena_alloc(aws->arena, strlen(command) + 1, 1);
    char *argv[] = {shell, flag, text, NULL};
    posix_spawn_file_actions_t actions;
    char *const *env = NULL;

    memcpy(text, command, strlen(command) + 1);
    memcpy(&env, &aws->session->env, sizeof(env)); /* not written to; exec's old signature */
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return errno;
    }
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed == 0) {
        failed = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        failed = failed != 0 ? failed : posix_spawn(pid, "/bin/sh", &actions, NULL, argv, env);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(ends[1]);
    if (failed != 0) {
        (void)close(ends[0]);
    }
    *out_fd = ends[0];
    return failed;
}

enum bf_code bf_aws_credentials_process(struct bf_aws *aws, const char *command,
                                        struct bf_aws_credentials *out, struct bf_err *err)
{
    const int64_t left = bf_aws_left_ms(aws);
    struct bf_buf text = bf_buf_new(aws->arena, MAX_ANSWER);
    int fd = -1;
    int status = 0;
    pid_t pid = -1;

    const int failed = start(aws, command, &fd, &pid);
    if (failed != 0) {
        return bf_err_set(err, BF_EDENIED, BF_NOWHERE, "cannot run credential_process: errno %d",
                          failed);
    }
    enum bf_code code =
        drain(fd, left < PROCESS_TIMEOUT_MS ? left : PROCESS_TIMEOUT_MS, aws, &text, err);
    (void)close(fd);
    if (code != BF_OK) {
        (void)kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    BF_TRY(code);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return bf_err_set(err, BF_EDENIED, BF_NOWHERE,
                          "no AWS credentials: credential_process ended with status %d",
                          WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    if (bf_aws_credentials_parse(aws, bf_buf_sv(&text), "SessionToken", out, err) != BF_OK) {
        err->code = BF_EDENIED;
        return bf_err_wrap(err, "no AWS credentials: the output of credential_process");
    }
    return BF_OK;
}

#ifndef BF_AWS_INTERNAL_H
#define BF_AWS_INTERNAL_H

#include "aws/aws.h"
#include "aws/sigv4.h"

/* What the files of this library share and nobody else includes. */

enum bf_aws_source { BF_AWS_UNKNOWN, BF_AWS_STATIC, BF_AWS_RENEWABLE };

struct bf_aws_session {
    struct bf_http *http;
    struct bf_arena *arena; /* the environment's copy and what is found once */
    const char *const *env;
    bool has_time; /* an answer told the time */
    int64_t skew_ms;
    struct bf_arena *keys; /* the credentials at hand; emptied when they are replaced */
    struct bf_aws_credentials credentials;
    enum bf_aws_source source;
    bool has_region; /* looked for */
    struct bf_sv region;
};

/* ---- requests ---- */

struct bf_aws_request {
    const struct bf_aws_service *service;
    const char *operation;
    const char *method;
    struct bf_sv bucket; /* S3: becomes part of the host or of the path */
    struct bf_sv path;   /* raw, beginning with '/' */
    const struct bf_aws_param *query;
    size_t query_count;
    const struct bf_http_header *headers; /* beside those of the signature */
    size_t header_count;
    struct bf_sv body;
    bool repeatable;
    bool without_credentials; /* not signed (AssumeRoleWithWebIdentity) */
    bool error_in_200;        /* S3's copy answers 200 and an <Error> */
    size_t max_response;
};

/** With retries; BF_OK means a status of 2xx. */
BF_NODISCARD enum bf_code bf_aws_send(struct bf_aws *aws, const struct bf_aws_request *request,
                                      struct bf_http_response *out, struct bf_err *err);

/** The query protocol: ${form} is the body without Action and Version; *out is the XML root. */
struct bf_xml;
BF_NODISCARD enum bf_code bf_aws_query_call(struct bf_aws *aws,
                                            const struct bf_aws_request *request, struct bf_sv form,
                                            struct bf_xml **out, struct bf_err *err);

/* ---- what requests need ---- */

/** The environment variable, NULL when absent or empty. */
const char *bf_aws_env(const struct bf_aws *aws, const char *name);

/** Credentials that are valid for the next minutes, from wherever they come. */
BF_NODISCARD enum bf_code bf_aws_credentials_get(struct bf_aws *aws, struct bf_aws_credentials *out,
                                                 struct bf_err *err);
/** Forget what was fetched (the service says it has expired); false if it cannot be renewed. */
bool bf_aws_credentials_forget(struct bf_aws *aws);

/** Container and web identity; BF_ENOTFOUND when the environment names neither. */
BF_NODISCARD enum bf_code bf_aws_credentials_web(struct bf_aws *aws, struct bf_aws_credentials *out,
                                                 struct bf_err *err);
BF_NODISCARD enum bf_code bf_aws_credentials_container(struct bf_aws *aws,
                                                       struct bf_aws_credentials *out,
                                                       struct bf_err *err);
/** credential_process: run ${command} by the shell. */
BF_NODISCARD enum bf_code bf_aws_credentials_process(struct bf_aws *aws, const char *command,
                                                     struct bf_aws_credentials *out,
                                                     struct bf_err *err);
/** {"AccessKeyId","SecretAccessKey",${token},"Expiration"} of a process or a container. */
BF_NODISCARD enum bf_code bf_aws_credentials_parse(struct bf_aws *aws, struct bf_sv text,
                                                   const char *token,
                                                   struct bf_aws_credentials *out,
                                                   struct bf_err *err);

/** The setting ${name} of the profile in use in the shared files, or the empty view. */
struct bf_sv bf_aws_profile(struct bf_aws *aws, const char *name);

/** A small file, at most ${max} bytes; BF_ENOTFOUND, BF_EIO, BF_ETOOLARGE. */
BF_NODISCARD enum bf_code bf_aws_read_file(struct bf_arena *arena, const char *path, size_t max,
                                           struct bf_sv *out, struct bf_err *err);

/** Where a service is: "https://host", and a path before ours (without '/' at the end). */
struct bf_aws_endpoint {
    struct bf_sv scheme, host, prefix;
    bool own; /* set by the user: S3 buckets go into the path */
};
BF_NODISCARD enum bf_code bf_aws_endpoint_of(struct bf_aws *aws,
                                             const struct bf_aws_service *service,
                                             struct bf_aws_endpoint *out, struct bf_err *err);

/** "2026-03-01T00:00:00Z", with or without a fraction or "+00:00", as seconds since 1970. */
BF_NODISCARD bool bf_aws_parse_time(struct bf_sv text, int64_t *out);

/** Seconds since 1970 as AWS JSON wants a timestamp. */
void bf_aws_add_time(bf_json *object, const char *name, int64_t seconds);

/** Learn the service's time from an answer. */
void bf_aws_learn_time(struct bf_aws *aws, const struct bf_http_response *response);

/** Decode an answer that is no success into *err; returns its code. */
enum bf_code bf_aws_error(const struct bf_aws *aws, const struct bf_aws_request *request,
                          const struct bf_http_response *response, struct bf_err *err);

/** Add a member unless the text is empty. */
void bf_aws_add_some(bf_json *object, const char *name, struct bf_sv text);

extern const struct bf_aws_service bf_aws_sagemaker, bf_aws_dynamodb, bf_aws_logs, bf_aws_sns,
    bf_aws_sqs, bf_aws_scheduler, bf_aws_events, bf_aws_secrets, bf_aws_ssm, bf_aws_sts, bf_aws_s3;

#endif /* BF_AWS_INTERNAL_H */

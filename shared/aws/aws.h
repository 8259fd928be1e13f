#ifndef BF_AWS_AWS_H
#define BF_AWS_AWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"
#include "http/http.h"
#include "json/json.h"

/**
 * AWS by HTTP: endpoints, credentials, signatures (SigV4, our own), retries and errors.
 * One file per service on top of it: s3.h sagemaker.h dynamodb.h logs.h sns.h sqs.h
 * scheduler.h events.h secrets.h ssm.h sts.h.
 *
 * A session lives as long as the process (credentials, the service's time, endpoints); a
 * struct bf_aws is one invocation's use of it, and everything an answer holds lives in its arena:
 *
 *   struct bf_aws_session *session = bf_aws_session_new(http, environ);   // init
 *   struct bf_aws aws = {.session = session, .arena = arena, .log = &log, .deadline_ms = deadline};
 */
struct bf_aws_session;

struct bf_aws {
    struct bf_aws_session *session;
    struct bf_arena *arena;
    const struct bf_log *log; /* NULL: nothing is logged; each call is a line at debug level */
    int64_t deadline_ms;      /* ms since 1970 by the host's clock: no call outlives it; 0: none */
};

/**
 * Copies what it needs of ${env} ("NAME=value", NULL at the end); an empty variable is absent.
 *   region       AWS_REGION, AWS_DEFAULT_REGION, the profile's region
 *   endpoint     AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL (none of both with
 *                AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true), else the public host of the region
 *   credentials  environment; web identity (AWS_WEB_IDENTITY_TOKEN_FILE + AWS_ROLE_ARN); the
 *                profile AWS_PROFILE in the shared files (keys, or credential_process); container
 *                (AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, with a token or token file)
 * Nothing is read or called before the first request needs it. Never NULL.
 */
struct bf_aws_session *bf_aws_session_new(struct bf_http *http, const char *const *env);
void bf_aws_session_free(struct bf_aws_session **sessionp);

/** The region, or BF_EINVALID with what to set. */
BF_NODISCARD enum bf_code bf_aws_region(const struct bf_aws *aws, struct bf_sv *out,
                                        struct bf_err *err);

/**
 * Seconds since 1970 by the clock of the services: the host's, corrected by the Date header of
 * the newest answer. Before the first answer it is the host's own, and *known (may be NULL) false.
 */
int64_t bf_aws_time(const struct bf_aws *aws, bool *known);

/** Milliseconds until the deadline, never negative; INT64_MAX without one. */
int64_t bf_aws_left_ms(const struct bf_aws *aws);

/* ---- errors, of every call of every service ----
 *
 * err->reason is AWS's word ("ResourceNotFoundException", "NoSuchKey"), err->msg names service,
 * operation and AWS's message. By code:
 *   BF_ENOTFOUND   *NotFound*, NoSuchKey, NoSuchBucket, 404
 *   BF_EDENIED     AccessDenied*, credentials missing, unknown, expired; signature; 401, 403
 *   BF_ECONFLICT   ConditionalCheckFailed, Conflict, ResourceInUse, AlreadyExists, 409, 412
 *   BF_ETHROTTLED  *Throttl*, TooManyRequests, SlowDown, ...; retry_after when it was said
 *   BF_ESERVICE    5xx
 *   BF_EREFUSED    every other refusal: ValidationException, ResourceLimitExceeded, ...
 *   BF_ENET        the call was not sent;  BF_EAMBIGUOUS: it may have been carried out
 *   BF_ETIMEOUT    the deadline does not allow the call; it was not sent
 *   BF_ESYNTAX     the answer is not what the protocol says
 *
 * Up to 3 attempts, waits of (random, up to) 100 ms * 2^n, at most 5 s or what the service asks
 * for, never beyond the deadline: not sent and throttled always; 5xx and lost answers only for
 * calls that may be repeated (reads, deletes, replaces, and whatever carries a client token), so
 * that a lost answer of another call reaches the caller as BF_EAMBIGUOUS and he reads back.
 */

/* ---- generic calls: for operations that have no function of their own ---- */

struct bf_aws_service {
    const char *id;      /* "SAGEMAKER": as in AWS_ENDPOINT_URL_SAGEMAKER */
    const char *signing; /* "sagemaker": in the credential scope, and in messages */
    const char *host;    /* "api.sagemaker": before ".REGION.amazonaws.com" */
    const char *target;  /* JSON protocols: the part of X-Amz-Target before the dot */
    const char *json;    /* JSON protocols: "1.0" or "1.1" */
    const char *version; /* query protocol: "2010-03-31" */
};

struct bf_aws_operation {
    const struct bf_aws_service *service;
    const char *name; /* "DescribePipeline" */
    bool repeatable;  /* carrying it out twice is the same as once */
};

/**
 * AWS JSON 1.0 and 1.1. ${in} is an object; *out is the answer (an empty object for an empty
 * body); ${out} may be NULL. A member ClientRequestToken or ClientToken makes it repeatable.
 */
BF_NODISCARD enum bf_code bf_aws_json_call(struct bf_aws *aws,
                                           const struct bf_aws_operation *operation,
                                           const bf_json *in, bf_json **out, struct bf_err *err);

/**
 * The same operation page by page: the items of all answers' ${items} (an array member) in one
 * array, at most ${max}; ${token} is the name of the paging member, both ways ("NextToken").
 * ${in} gets that member. More pages than ${max} items stop the loop as well (empty pages).
 */
struct bf_aws_pages {
    const char *items, *token;
    size_t max;
};
BF_NODISCARD enum bf_code bf_aws_json_pages(struct bf_aws *aws,
                                            const struct bf_aws_operation *operation, bf_json *in,
                                            const struct bf_aws_pages *pages, bf_json **out,
                                            struct bf_err *err);

#endif /* BF_AWS_AWS_H */

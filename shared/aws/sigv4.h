#ifndef BF_AWS_SIGV4_H
#define BF_AWS_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"
#include "http/http.h"

/**
 * AWS Signature Version 4, written once and checked against botocore's signer
 * (tests/data/sigv4.json), because libcurl's own signs differently from version to version.
 * Source of the rules: "Create a signed AWS API request", AWS General Reference. Pure: the time
 * is an argument.
 */
struct bf_aws_credentials {
    struct bf_sv key_id, secret, token; /* token: empty for a user's own keys */
    int64_t expires_at;                 /* seconds since 1970; 0: not known to expire */
};

struct bf_sigv4_scope {
    struct bf_sv region;
    const char *service; /* signing name: "s3", "sagemaker" */
    int64_t time;        /* seconds since 1970 */
};

/** A query parameter, raw (not encoded). One without a value has an empty one: "?acl". */
struct bf_aws_param {
    struct bf_sv name, value;
};

struct bf_sigv4_request {
    const char *method;
    struct bf_sv host; /* as in the Host header: with the port unless it is the scheme's own */
    struct bf_sv path; /* as it is sent: percent-encoded once, beginning with '/' */
    const struct bf_aws_param *query;
    size_t query_count;
    const struct bf_http_header *headers; /* all of them get signed */
    size_t header_count;
    struct bf_sv body;
};

enum { BF_SIGV4_HEADERS = 4 };

/** What to add to the request: X-Amz-Date, then Authorization, and the others where due. */
struct bf_sigv4_signed {
    struct bf_http_header headers[BF_SIGV4_HEADERS];
    size_t header_count;
    struct bf_sv canonical_request; /* for tests and for messages about a refused signature */
};

/**
 * Sign. For the service "s3" the path is taken as it is and X-Amz-Content-Sha256 is added; for
 * every other one dot segments and empty segments are removed and the path is encoded once more.
 */
void bf_sigv4_sign(struct bf_arena *arena, const struct bf_sigv4_request *request,
                   const struct bf_aws_credentials *credentials, const struct bf_sigv4_scope *scope,
                   struct bf_sigv4_signed *out);

/** The query as it is signed and sent: encoded, sorted, "name=" without a value. No '?'. */
struct bf_sv bf_sigv4_query(struct bf_arena *arena, const struct bf_aws_param *query, size_t count);

/** "20260301T000000Z" */
struct bf_sv bf_sigv4_stamp(struct bf_arena *arena, int64_t time);

#endif /* BF_AWS_SIGV4_H */

#ifndef BF_AWS_S3_H
#define BF_AWS_S3_H

#include "aws/aws.h"

/** Where an object is. Keys are raw text (not URL-encoded), 1 to 1024 bytes. */
struct bf_s3_at {
    struct bf_sv bucket, key;
    struct bf_sv version_id; /* empty: the current one */
};

/** What S3 says about an object. Absent things are empty. */
struct bf_s3_object {
    struct bf_sv body; /* of bf_s3_get only */
    struct bf_sv etag; /* with its quotes, as S3 writes it */
    struct bf_sv version_id, content_type;
    int64_t size;
    int64_t last_modified;           /* seconds since 1970; 0: not said */
    struct bf_http_header *metadata; /* x-amz-meta-*: names in lower case, without the prefix */
    size_t metadata_count;
};

/** BF_ETOOLARGE when the object has more than ${max} bytes (at most 64 MiB); not read then. */
BF_NODISCARD enum bf_code bf_s3_get(struct bf_aws *aws, const struct bf_s3_at *at, size_t max,
                                    struct bf_s3_object *out, struct bf_err *err);

BF_NODISCARD enum bf_code bf_s3_head(struct bf_aws *aws, const struct bf_s3_at *at,
                                     struct bf_s3_object *out, struct bf_err *err);

struct bf_s3_put {
    struct bf_sv body;
    struct bf_sv content_type; /* empty: application/octet-stream */
    const struct bf_http_header *metadata;
    size_t metadata_count;
    bool only_if_new; /* If-None-Match: *; BF_ECONFLICT when the key exists */
};

/** ${out} (may be NULL) gets etag and version id. */
BF_NODISCARD enum bf_code bf_s3_put(struct bf_aws *aws, const struct bf_s3_at *at,
                                    const struct bf_s3_put *put, struct bf_s3_object *out,
                                    struct bf_err *err);

/** Server-side, at most 5 GB (S3's limit for one call). Metadata goes with it. */
BF_NODISCARD enum bf_code bf_s3_copy(struct bf_aws *aws, const struct bf_s3_at *from,
                                     const struct bf_s3_at *to, struct bf_err *err);

/** No error when it is not there. */
BF_NODISCARD enum bf_code bf_s3_delete(struct bf_aws *aws, const struct bf_s3_at *at,
                                       struct bf_err *err);

struct bf_s3_entry {
    struct bf_sv key, etag;
    int64_t size;
};

struct bf_s3_list {
    struct bf_s3_entry *entries; /* in the order of the keys' bytes */
    size_t count;
    bool more; /* there are further keys */
};

/** Keys that begin with ${prefix}, the first ${max} of them (ListObjectsV2, page by page). */
BF_NODISCARD enum bf_code bf_s3_list(struct bf_aws *aws, struct bf_sv bucket, struct bf_sv prefix,
                                     size_t max, struct bf_s3_list *out, struct bf_err *err);

/** Take "s3://bucket/key" apart; the key may be empty. False for anything else. */
BF_NODISCARD bool bf_s3_parse_uri(struct bf_sv uri, struct bf_s3_at *out);

#endif /* BF_AWS_S3_H */

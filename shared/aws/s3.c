#include "aws/s3.h"

#include "aws/internal.h"
#include "aws/xml.h"
#include "base/percent.h"

enum {
    MAX_OBJECT = 64 * 1024 * 1024,
    MAX_KEY = 1024,
    MAX_METADATA = 16,
    LIST_PAGE = 1000,
    MAX_XML_ANSWER = 4 * 1024 * 1024,
    META_PREFIX = 11, /* "x-amz-meta-" */
};

static enum bf_code check(const struct bf_s3_at *at, struct bf_err *err)
{
    for (size_t i = 0; i < at->bucket.len; i++) {
        const char c = at->bucket.ptr[i];
        /* It becomes part of a host name. Old buckets in us-east-1 may have capitals and '_'. */
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' &&
            c != '.' && c != '_') {
            return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                              "'" BF_SV_FMT "' is no name of a bucket", BF_SV_ARG(at->bucket));
        }
    }
    if (at->bucket.len == 0 || at->bucket.len > 255 || at->key.len == 0 || at->key.len > MAX_KEY) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "s3://" BF_SV_FMT "/" BF_SV_FMT
                          " is no place of an object: a bucket, and a key of 1 to %d bytes",
                          BF_SV_ARG(at->bucket), BF_SV_ARG(bf_sv_slice(at->key, 0, 100)), MAX_KEY);
    }
    return BF_OK;
}

static struct bf_sv key_path(struct bf_aws *aws, struct bf_sv key)
{
    return bf_sv_printf(aws->arena, "/" BF_SV_FMT, BF_SV_ARG(key));
}

static enum bf_code wrap(struct bf_err *err, const struct bf_s3_at *at)
{
    return bf_err_wrap(err, "s3://" BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(at->bucket),
                       BF_SV_ARG(bf_sv_slice(at->key, 0, 200)));
}

static bool is_metadata(const struct bf_http_header *header, struct bf_arena *arena,
                        struct bf_sv *name)
{
    char *lower = bf_arena_alloc(arena, header->name.len + 1, 1);

    for (size_t i = 0; i < header->name.len; i++) {
        const char c = header->name.ptr[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    *name = (struct bf_sv){.ptr = lower, .len = header->name.len};
    return bf_sv_starts(*name, BF_SV("x-amz-meta-"));
}

static void read_headers(struct bf_arena *arena, const struct bf_http_response *r,
                         struct bf_s3_object *out)
{
    *out = (struct bf_s3_object){
        .etag = bf_http_header_of(r, "ETag"),
        .version_id = bf_http_header_of(r, "x-amz-version-id"),
        .content_type = bf_http_header_of(r, "Content-Type"),
        .metadata = BF_NEW_N(arena, struct bf_http_header, r->header_count + 1),
    };
    (void)!bf_sv_i64(bf_http_header_of(r, "Content-Length"), 0, INT64_MAX, &out->size);
    (void)!bf_http_date(bf_http_header_of(r, "Last-Modified"), &out->last_modified);
    if (bf_sv_is(out->version_id, "null")) { /* the bucket is not versioned */
        out->version_id = (struct bf_sv){0};
    }
    for (size_t i = 0; i < r->header_count; i++) {
        struct bf_sv name = {0};
        if (is_metadata(&r->headers[i], arena, &name)) {
            out->metadata[out->metadata_count++] = (struct bf_http_header){
                .name = bf_sv_from(name, META_PREFIX), .value = r->headers[i].value};
        }
    }
}

/* GET, HEAD or DELETE of an object. */
static enum bf_code simple(struct bf_aws *aws, const char *method, const struct bf_s3_at *at,
                           size_t max, struct bf_http_response *response, struct bf_err *err)
{
    const struct bf_aws_param version = {BF_SV("versionId"), at->version_id};
    const bool head = strcmp(method, "HEAD") == 0;
    const bool get = strcmp(method, "GET") == 0;

    BF_TRY(check(at, err));
    const struct bf_aws_request request = {
        .service = &bf_aws_s3,
        .operation = head ? "HeadObject" : (get ? "GetObject" : "DeleteObject"),
        .method = method,
        .bucket = at->bucket,
        .path = key_path(aws, at->key),
        .query = &version,
        .query_count = at->version_id.len != 0,
        .repeatable = true,
        .max_response = max,
    };
    if (bf_aws_send(aws, &request, response, err) == BF_OK) {
        return BF_OK;
    }
    return wrap(err, at);
}

enum bf_code bf_s3_get(struct bf_aws *aws, const struct bf_s3_at *at, size_t max,
                       struct bf_s3_object *out, struct bf_err *err)
{
    struct bf_http_response response = {0};
    const size_t limit = max > MAX_OBJECT || max == 0 ? MAX_OBJECT : max;

    /* Room for an <Error>, so that a refusal of a small object is still read. */
    BF_TRY(simple(aws, "GET", at, limit < 4096 ? 4096 : limit, &response, err));
    if (response.body.len > limit) {
        (void)bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "%zu bytes; allowed are %zu",
                         response.body.len, limit);
        return wrap(err, at);
    }
    read_headers(aws->arena, &response, out);
    out->body = response.body;
    out->size = (int64_t)response.body.len;
    return BF_OK;
}

enum bf_code bf_s3_head(struct bf_aws *aws, const struct bf_s3_at *at, struct bf_s3_object *out,
                        struct bf_err *err)
{
    struct bf_http_response response = {0};

    BF_TRY(simple(aws, "HEAD", at, 0, &response, err));
    read_headers(aws->arena, &response, out);
    return BF_OK;
}

enum bf_code bf_s3_delete(struct bf_aws *aws, const struct bf_s3_at *at, struct bf_err *err)
{
    struct bf_http_response response = {0};

    return simple(aws, "DELETE", at, 0, &response, err);
}

enum bf_code bf_s3_put(struct bf_aws *aws, const struct bf_s3_at *at, const struct bf_s3_put *put,
                       struct bf_s3_object *out, struct bf_err *err)
{
    struct bf_http_header headers[MAX_METADATA + 2];
    struct bf_http_response response = {0};
    size_t count = 0;

    BF_TRY(check(at, err));
    if (put->metadata_count > MAX_METADATA || put->body.len > MAX_OBJECT) {
        (void)bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                         "%zu bytes and %zu metadata; allowed are %d and %d", put->body.len,
                         put->metadata_count, MAX_OBJECT, MAX_METADATA);
        return wrap(err, at);
    }
    headers[count++] = (struct bf_http_header){
        BF_SV("Content-Type"),
        put->content_type.len != 0 ? put->content_type : BF_SV("application/octet-stream")};
    for (size_t i = 0; i < put->metadata_count; i++) {
        headers[count++] = (struct bf_http_header){
            bf_sv_printf(aws->arena, "x-amz-meta-" BF_SV_FMT, BF_SV_ARG(put->metadata[i].name)),
            put->metadata[i].value};
    }
    if (put->only_if_new) {
        headers[count++] = (struct bf_http_header){BF_SV("If-None-Match"), BF_SV("*")};
    }
    const struct bf_aws_request request = {
        .service = &bf_aws_s3,
        .operation = "PutObject",
        .method = "PUT",
        .bucket = at->bucket,
        .path = key_path(aws, at->key),
        .headers = headers,
        .header_count = count,
        .body = put->body,
        /* A repeated conditional put would find its own object. */
        .repeatable = !put->only_if_new,
    };
    if (bf_aws_send(aws, &request, &response, err) != BF_OK) {
        return wrap(err, at);
    }
    if (out != NULL) {
        read_headers(aws->arena, &response, out);
        out->size = (int64_t)put->body.len;
    }
    return BF_OK;
}

enum bf_code bf_s3_copy(struct bf_aws *aws, const struct bf_s3_at *from, const struct bf_s3_at *to,
                        struct bf_err *err)
{
    struct bf_buf source = bf_buf_new(aws->arena, (size_t)MAX_KEY * 4);
    struct bf_http_response response = {0};

    BF_TRY(check(from, err));
    BF_TRY(check(to, err));
    bf_buf_addc(&source, '/');
    bf_http_encode(&source, from->bucket, false);
    bf_buf_addc(&source, '/');
    bf_http_encode(&source, from->key, true);
    if (from->version_id.len != 0) {
        bf_buf_addz(&source, "?versionId=");
        bf_http_encode(&source, from->version_id, false);
    }
    const struct bf_http_header header = {BF_SV("x-amz-copy-source"), bf_buf_sv(&source)};
    const struct bf_aws_request request = {.service = &bf_aws_s3,
                                           .operation = "CopyObject",
                                           .method = "PUT",
                                           .bucket = to->bucket,
                                           .path = key_path(aws, to->key),
                                           .headers = &header,
                                           .header_count = 1,
                                           .repeatable = true,
                                           .error_in_200 = true};
    if (bf_aws_send(aws, &request, &response, err) != BF_OK) {
        (void)wrap(err, to);
        return bf_err_wrap(err, "copy of s3://" BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(from->bucket),
                           BF_SV_ARG(bf_sv_slice(from->key, 0, 200)));
    }
    return BF_OK;
}

struct listing {
    struct bf_s3_list *out;
    size_t cap, max;
    struct bf_xml *page; /* the newest */
};

/* Keys come URL-encoded (encoding-type=url): XML 1.0 cannot hold every key. */
static enum bf_code add_entry(struct bf_arena *arena, const struct bf_xml *contents,
                              struct listing *l, struct bf_err *err)
{
    struct bf_s3_list *out = l->out;
    struct bf_s3_entry entry = {.etag = bf_xml_text(contents, "ETag")};

    if (!bf_percent_decode(arena, bf_xml_text(contents, "Key"), true, &entry.key) ||
        !bf_sv_i64(bf_xml_text(contents, "Size"), 0, INT64_MAX, &entry.size)) {
        return bf_err_set(err, BF_ESYNTAX, BF_NOWHERE,
                          "s3 ListObjectsV2: an entry without a key "
                          "or a size");
    }
    out->entries = bf_arena_grow(arena, out->entries, out->count, &l->cap, sizeof(*out->entries));
    out->entries[out->count++] = entry;
    return BF_OK;
}

static enum bf_code list_page(struct bf_aws *aws, const struct bf_aws_request *request,
                              struct listing *l, struct bf_err *err)
{
    struct bf_http_response response = {0};

    BF_TRY(bf_aws_send(aws, request, &response, err));
    BF_TRY(bf_xml_parse(aws->arena, response.body, &l->page, err));
    for (const struct bf_xml *node = l->page->first; node != NULL; node = node->next) {
        if (bf_sv_is(node->name, "Contents") && l->out->count < l->max) {
            BF_TRY(add_entry(aws->arena, node, l, err));
        }
    }
    return BF_OK;
}

enum bf_code bf_s3_list(struct bf_aws *aws, struct bf_sv bucket, struct bf_sv prefix, size_t max,
                        struct bf_s3_list *out, struct bf_err *err)
{
    const struct bf_s3_at at = {.bucket = bucket, .key = BF_SV("-")};
    struct bf_sv size = bf_sv_printf(aws->arena, "%zu", max < LIST_PAGE ? max : LIST_PAGE);
    struct bf_aws_param query[] = {{BF_SV("list-type"), BF_SV("2")},
                                   {BF_SV("encoding-type"), BF_SV("url")},
                                   {BF_SV("prefix"), prefix},
                                   {BF_SV("max-keys"), size},
                                   {BF_SV("continuation-token"), {0}}};
    struct bf_aws_request request = {.service = &bf_aws_s3,
                                     .operation = "ListObjectsV2",
                                     .method = "GET",
                                     .bucket = bucket,
                                     .path = BF_SV("/"),
                                     .query = query,
                                     .query_count = BF_COUNTOF(query) - 1,
                                     .repeatable = true,
                                     .max_response = MAX_XML_ANSWER};
    struct listing l = {.out = out, .max = max};

    *out = (struct bf_s3_list){0};
    BF_TRY(check(&at, err));
    while (out->count < max) {
        if (list_page(aws, &request, &l, err) != BF_OK) {
            return bf_err_wrap(err, "s3://" BF_SV_FMT "/" BF_SV_FMT, BF_SV_ARG(bucket),
                               BF_SV_ARG(prefix));
        }
        out->more = bf_sv_is(bf_xml_text(l.page, "IsTruncated"), "true");
        query[4].value = bf_xml_text(l.page, "NextContinuationToken");
        request.query_count = BF_COUNTOF(query);
        if (!out->more || query[4].value.len == 0) {
            break;
        }
    }
    return BF_OK;
}

bool bf_s3_parse_uri(struct bf_sv uri, struct bf_s3_at *out)
{
    if (!bf_sv_starts(uri, BF_SV("s3://"))) {
        return false;
    }
    struct bf_sv rest = bf_sv_from(uri, 5);
    const size_t slash = bf_sv_find(rest, '/');
    *out = (struct bf_s3_at){.bucket = bf_sv_slice(rest, 0, slash),
                             .key = bf_sv_from(rest, slash + 1)};
    return out->bucket.len != 0;
}

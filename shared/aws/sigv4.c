#include "aws/sigv4.h"

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "crypto/crypto.h"

enum { MAX_TEXT = 1024 * 1024 }; /* of a canonical request; URLs and headers are far shorter */

struct pair {
    struct bf_sv name, value;
};

static int by_name_and_value(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    const int order = bf_sv_cmp(x->name, y->name);

    return order != 0 ? order : bf_sv_cmp(x->value, y->value);
}

static struct bf_sv encoded(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf out = bf_buf_new(arena, MAX_TEXT);

    bf_http_encode(&out, text, false);
    return bf_buf_sv(&out);
}

struct bf_sv bf_sigv4_query(struct bf_arena *arena, const struct bf_aws_param *query, size_t count)
{
    struct pair *pairs = BF_NEW_N(arena, struct pair, count + 1);
    struct bf_buf out = bf_buf_new(arena, MAX_TEXT);

    for (size_t i = 0; i < count; i++) {
        pairs[i] = (struct pair){encoded(arena, query[i].name), encoded(arena, query[i].value)};
    }
    qsort(pairs, count, sizeof(*pairs), by_name_and_value);
    for (size_t i = 0; i < count; i++) {
        bf_buf_printf(&out, "%s" BF_SV_FMT "=" BF_SV_FMT, i == 0 ? "" : "&",
                      BF_SV_ARG(pairs[i].name), BF_SV_ARG(pairs[i].value));
    }
    return bf_buf_sv(&out);
}

struct bf_sv bf_sigv4_stamp(struct bf_arena *arena, int64_t time)
{
    const time_t seconds = (time_t)time;
    struct tm tm = {0};

    (void)gmtime_r(&seconds, &tm);
    return bf_sv_printf(arena, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The path without "." and empty segments, ".." taking the segment before it away. */
static struct bf_sv normalized(struct bf_arena *arena, struct bf_sv path)
{
    struct bf_sv *kept = BF_NEW_N(arena, struct bf_sv, path.len + 1);
    size_t count = 0;
    struct bf_sv rest = path;
    struct bf_buf out = bf_buf_new(arena, MAX_TEXT);

    while (rest.len != 0) {
        struct bf_sv segment = bf_sv_cut(&rest, '/');
        if (bf_sv_is(segment, "..")) {
            count -= count != 0;
        } else if (segment.len != 0 && !bf_sv_is(segment, ".")) {
            kept[count++] = segment;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bf_buf_printf(&out, "/" BF_SV_FMT, BF_SV_ARG(kept[i]));
    }
    if (count == 0 || bf_sv_ends(path, BF_SV("/"))) {
        bf_buf_addc(&out, '/');
    }
    return bf_buf_sv(&out);
}

static struct bf_sv canonical_path(struct bf_arena *arena, const struct bf_sigv4_request *request,
                                   bool s3)
{
    struct bf_buf out = bf_buf_new(arena, MAX_TEXT);

    if (s3) {
        return request->path;
    }
    bf_http_encode(&out, normalized(arena, request->path), true);
    return bf_buf_sv(&out);
}

static struct bf_sv lower(struct bf_arena *arena, struct bf_sv text)
{
    char *out = bf_arena_alloc(arena, text.len + 1, 1);

    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return (struct bf_sv){.ptr = out, .len = text.len};
}

/* Blanks at the ends gone, those inside one each. */
static struct bf_sv squeezed(struct bf_arena *arena, struct bf_sv text)
{
    char *out = bf_arena_alloc(arena, text.len + 1, 1);
    size_t len = 0;

    text = bf_sv_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        const char c = (char)(text.ptr[i] == '\t' ? ' ' : text.ptr[i]);
        if (c != ' ' || out[len - 1] != ' ') { /* the first one is no blank: trimmed */
            out[len++] = c;
        }
    }
    return (struct bf_sv){.ptr = out, .len = len};
}

/* Appends "name:value\n" of each name, repeated names joined by commas; names "a;b" to ${names}. */
static void canonical_headers(struct bf_buf *out, struct bf_buf *names, struct pair *pairs,
                              size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        bf_buf_printf(out, BF_SV_FMT ":" BF_SV_FMT, BF_SV_ARG(pairs[i].name),
                      BF_SV_ARG(pairs[i].value));
        while (next < count && bf_sv_eq(pairs[next].name, pairs[i].name)) {
            bf_buf_printf(out, "," BF_SV_FMT, BF_SV_ARG(pairs[next].value));
            next++;
        }
        bf_buf_addc(out, '\n');
        bf_buf_printf(names, "%s" BF_SV_FMT, names->len == 0 ? "" : ";", BF_SV_ARG(pairs[i].name));
        i = next;
    }
}

/* Sorted by name only: repeated headers keep the order in which they are sent. */
static void sort_by_name(struct pair *pairs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct pair one = pairs[i];
        size_t at = i;
        for (; at > 0 && bf_sv_cmp(pairs[at - 1].name, one.name) > 0; at--) {
            pairs[at] = pairs[at - 1];
        }
        pairs[at] = one;
    }
}

static void add(struct bf_sigv4_signed *out, const char *name, struct bf_sv value)
{
    out->headers[out->header_count++] =
        (struct bf_http_header){.name = bf_sv_of(name), .value = value};
}

static struct bf_sv signing_key(struct bf_arena *arena,
                                const struct bf_aws_credentials *credentials,
                                const struct bf_sigv4_scope *scope, struct bf_sv date)
{
    struct bf_sv first = bf_sv_printf(arena, "AWS4" BF_SV_FMT, BF_SV_ARG(credentials->secret));
    const struct bf_sv parts[] = {date, scope->region, bf_sv_of(scope->service),
                                  BF_SV("aws4_request")};
    struct bf_digest key = bf_hmac_sha256(first, parts[0]);

    for (size_t i = 1; i < BF_COUNTOF(parts); i++) {
        key = bf_hmac_sha256(bf_digest_sv(&key), parts[i]);
    }
    return bf_sv_dup(arena, bf_digest_sv(&key));
}

/* The request's headers, the ones added so far and Host, as pairs ready for canonical_headers. */
static struct pair *all_headers(struct bf_arena *arena, const struct bf_sigv4_request *request,
                                const struct bf_sigv4_signed *added, size_t *count)
{
    const size_t most = request->header_count + added->header_count + 1;
    struct pair *pairs = BF_NEW_N(arena, struct pair, most);
    size_t n = 0;

    pairs[n++] = (struct pair){BF_SV("host"), request->host};
    for (size_t i = 0; i < request->header_count; i++) {
        pairs[n++] = (struct pair){lower(arena, request->headers[i].name),
                                   squeezed(arena, request->headers[i].value)};
    }
    for (size_t i = 0; i < added->header_count; i++) {
        pairs[n++] = (struct pair){lower(arena, added->headers[i].name), added->headers[i].value};
    }
    sort_by_name(pairs, n);
    *count = n;
    return pairs;
}

void bf_sigv4_sign(struct bf_arena *arena, const struct bf_sigv4_request *request,
                   const struct bf_aws_credentials *credentials, const struct bf_sigv4_scope *scope,
                   struct bf_sigv4_signed *out)
{
    const bool s3 = strcmp(scope->service, "s3") == 0;
    const struct bf_sv payload = bf_sha256_hex(arena, request->body);
    const struct bf_sv stamp = bf_sigv4_stamp(arena, scope->time);
    const struct bf_sv date = bf_sv_slice(stamp, 0, 8);
    struct bf_buf canonical = bf_buf_new(arena, MAX_TEXT);
    struct bf_buf names = bf_buf_new(arena, MAX_TEXT);
    size_t count = 0;

    *out = (struct bf_sigv4_signed){0};
    add(out, "X-Amz-Date", stamp);
    if (credentials->token.len != 0) {
        add(out, "X-Amz-Security-Token", credentials->token);
    }
    if (s3) {
        add(out, "X-Amz-Content-Sha256", payload);
    }
    bf_buf_printf(&canonical, "%s\n" BF_SV_FMT "\n" BF_SV_FMT "\n", request->method,
                  BF_SV_ARG(canonical_path(arena, request, s3)),
                  BF_SV_ARG(bf_sigv4_query(arena, request->query, request->query_count)));
    struct pair *pairs = all_headers(arena, request, out, &count);
    canonical_headers(&canonical, &names, pairs, count);
    bf_buf_printf(&canonical, "\n" BF_SV_FMT "\n" BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&names)),
                  BF_SV_ARG(payload));
    out->canonical_request = bf_buf_sv(&canonical);

    struct bf_sv credential_scope =
        bf_sv_printf(arena, BF_SV_FMT "/" BF_SV_FMT "/%s/aws4_request", BF_SV_ARG(date),
                     BF_SV_ARG(scope->region), scope->service);
    struct bf_sv text = bf_sv_printf(
        arena, "AWS4-HMAC-SHA256\n" BF_SV_FMT "\n" BF_SV_FMT "\n" BF_SV_FMT, BF_SV_ARG(stamp),
        BF_SV_ARG(credential_scope), BF_SV_ARG(bf_sha256_hex(arena, out->canonical_request)));
    struct bf_digest signature = bf_hmac_sha256(signing_key(arena, credentials, scope, date), text);
    add(out, "Authorization",
        bf_sv_printf(arena,
                     "AWS4-HMAC-SHA256 Credential=" BF_SV_FMT "/" BF_SV_FMT
                     ", SignedHeaders=" BF_SV_FMT ", Signature=" BF_SV_FMT,
                     BF_SV_ARG(credentials->key_id), BF_SV_ARG(credential_scope),
                     BF_SV_ARG(bf_buf_sv(&names)), BF_SV_ARG(bf_digest_hex(arena, &signature))));
}

#ifndef BF_HTTP_HTTP_H
#define BF_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"

/**
 * The one door to the outer world: sending a request, the clock, and waiting.
 * AWS and Slack go through it and tests replace it (tests/support/fake_http.h),
 * so what is above it runs without network and without time passing.
 */
struct bf_http_header {
    struct bf_sv name, value;
};

enum {
    BF_HTTP_TIMEOUT_MS = 30 * 1000,
    BF_HTTP_CONNECT_MS = 3 * 1000,
    BF_HTTP_MAX_RESPONSE = 8 * 1024 * 1024,
    BF_HTTP_MAX_HEADERS = 100, /* of an answer; their text together at most 64 KiB */
};

struct bf_http_request {
    const char *method; /* "GET"; any token */
    struct bf_sv url;   /* absolute, http:// or https://, percent-encoded already */
    const struct bf_http_header *headers; /* Host and Content-Length come by themselves */
    size_t header_count;
    struct bf_sv body;
    /*
     * May be sent twice without harm. Only then is a request that met a dead kept-alive
     * connection sent again on a fresh one; with another request that is BF_EAMBIGUOUS.
     */
    bool idempotent;
    unsigned timeout_ms; /* for everything, connecting included; 0: BF_HTTP_TIMEOUT_MS */
    size_t max_response; /* bytes of the body; 0: BF_HTTP_MAX_RESPONSE */
};

/** An answer, whatever its status. All of it lives in the arena given to the call. */
struct bf_http_response {
    int status;
    struct bf_http_header *headers;
    size_t header_count;
    struct bf_sv body;
};

struct bf_http {
    /**
     * BF_OK for every complete answer, also of status 500. Otherwise
     *   BF_ENET       nothing was sent: the name, the connection or TLS failed
     *   BF_EAMBIGUOUS it was (or may have been) sent, and no whole answer came
     *   BF_ETOOLARGE  the answer is longer than max_response
     *   BF_EINVALID   the URL is none we send to (scheme, form)
     */
    enum bf_code (*send)(struct bf_http *self, struct bf_arena *arena,
                         const struct bf_http_request *request, struct bf_http_response *response,
                         struct bf_err *err);
    /** Milliseconds since 1970 by the host's clock. */
    int64_t (*now_ms)(struct bf_http *self);
    /** Return after ${ms} milliseconds. */
    void (*wait_ms)(struct bf_http *self, int64_t ms);
};

BF_NODISCARD static inline enum bf_code bf_http_send(struct bf_http *http, struct bf_arena *arena,
                                                     const struct bf_http_request *request,
                                                     struct bf_http_response *response,
                                                     struct bf_err *err)
{
    return http->send(http, arena, request, response, err);
}

/** The first header of that name (any case), or the empty view. */
struct bf_sv bf_http_header_of(const struct bf_http_response *response, const char *name);

/**
 * Seconds that "Retry-After" asks for, by number or by date (${now} in seconds);
 * 0 when there is no such header or it is not understood. At most 24 h.
 */
unsigned bf_http_retry_after(const struct bf_http_response *response, int64_t now);

/** An HTTP date, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7), as seconds since 1970. */
BF_NODISCARD bool bf_http_date(struct bf_sv text, int64_t *out);

/* ---- the real one ---- */

/** What the curl client takes from the environment. */
struct bf_http_options {
    const char *user_agent; /* NULL: "buzzflow/VERSION" */
    const char *ca_path;    /* directory of hashed certificates; NULL: the system's, by OpenSSL */
    const char *ca_file;    /* a PEM bundle instead; slow to load, for AWS_CA_BUNDLE only */
};

/**
 * The options of a process: ca_file from AWS_CA_BUNDLE; else ca_path from SSL_CERT_DIR,
 * $LAMBDA_TASK_ROOT/certs where that is a directory, /etc/ssl/certs. Text lives in the arena.
 */
struct bf_http_options bf_http_options_from(struct bf_arena *arena, const char *const *env);

/**
 * A client on one libcurl handle, for one thread. Kept-alive connections, given up after
 * 20 s idle (a Lambda that was frozen meets dead ones otherwise); HTTP and HTTPS only, no
 * redirects, no Expect; a proxy by http_proxy, https_proxy and no_proxy. A request that is not
 * idempotent always gets a fresh connection. SIGPIPE is ignored from here on. Never NULL.
 */
struct bf_http *bf_http_new(const struct bf_http_options *options);

/** Close the connections and set *httpp to NULL. *httpp may be NULL. */
void bf_http_free(struct bf_http **httpp);

/* ---- text of requests ---- */

/**
 * Append ${text} percent-encoded: everything but A-Z a-z 0-9 - . _ ~ becomes %XX with capital
 * hex digits (RFC 3986, AWS's UriEncode); '/' stays when ${keep_slash}.
 */
void bf_http_encode(struct bf_buf *out, struct bf_sv text, bool keep_slash);

/**
 * Append "name=value", after a '&' unless ${out} is empty: encoded as above, but a blank is '+'
 * (application/x-www-form-urlencoded).
 */
void bf_http_form(struct bf_buf *out, struct bf_sv name, struct bf_sv value);

#endif /* BF_HTTP_HTTP_H */

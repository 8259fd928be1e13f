#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/env.h"
#include "http/http.h"

enum {
    MAX_IDLE_S = 20,             /* see bf_http_new */
    MAX_HEADER_BYTES = 64 * 1024 /* of an answer */
};

struct client {
    struct bf_http http;
    CURL *easy;
    int64_t last_ms; /* end of the last exchange, by the wall clock */
    char user_agent[64];
    char ca_path[512], ca_file[512];
    char error[CURL_ERROR_SIZE];
};

/* One exchange under way: what the callbacks fill. */
struct exchange {
    struct bf_arena *arena;
    struct bf_http_response *response;
    struct bf_buf body;
    size_t header_cap, header_bytes;
    bool too_large;
};

static void must(bool ok)
{
    if (!ok) {
        (void)fputs("buzzflow: libcurl failed (out of memory?)\n", stderr);
        _Exit(71);
    }
}

/* NOLINTBEGIN(readability-non-const-parameter): the signatures are libcurl's */
static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct exchange *x = user;
    const size_t len = size * count;

    bf_buf_add(&x->body, (struct bf_sv){.ptr = data, .len = len});
    x->too_large = x->too_large || x->body.full;
    return x->too_large ? 0 : len; /* 0 ends the transfer */
}

static void add_header(struct exchange *x, struct bf_sv line)
{
    struct bf_http_response *r = x->response;
    const size_t colon = bf_sv_find(line, ':');

    if (colon == line.len) {
        return;
    }
    r->headers =
        bf_arena_grow(x->arena, r->headers, r->header_count, &x->header_cap, sizeof(*r->headers));
    r->headers[r->header_count++] = (struct bf_http_header){
        .name = bf_sv_dup(x->arena, bf_sv_slice(line, 0, colon)),
        .value = bf_sv_dup(x->arena, bf_sv_trim(bf_sv_from(line, colon + 1))),
    };
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct exchange *x = user;
    const size_t len = size * count;
    struct bf_sv line = bf_sv_trim((struct bf_sv){.ptr = data, .len = len});

    x->header_bytes += len;
    if (x->header_bytes > MAX_HEADER_BYTES || x->response->header_count >= BF_HTTP_MAX_HEADERS) {
        x->too_large = true;
        return 0;
    }
    if (bf_sv_starts(line, BF_SV("HTTP/"))) { /* a new answer: what was before was a 1xx */
        x->response->header_count = 0;
    } else {
        add_header(x, line);
    }
    return len;
}

/* NOLINTEND(readability-non-const-parameter) */

static bool plain(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r' || text.ptr[i] == '\n' || text.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

static bool sendable_url(struct bf_sv url)
{
    if (!bf_sv_starts(url, BF_SV("https://")) && !bf_sv_starts(url, BF_SV("http://"))) {
        return false;
    }
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.ptr[i] <= ' ' || (unsigned char)url.ptr[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(list, line);

    must(longer != NULL);
    return longer;
}

/* The headers as curl wants them; *out is the caller's to free. */
static enum bf_code make_headers(struct bf_arena *arena, const struct bf_http_request *request,
                                 struct curl_slist **out, struct bf_err *err)
{
    bool typed = false;

    *out = append(NULL, "Expect:"); /* curl would wait a second for a 100 above 1 MB */
    for (size_t i = 0; i < request->header_count; i++) {
        const struct bf_http_header *h = &request->headers[i];
        if (!plain(h->name) || !plain(h->value) || h->name.len == 0) {
            return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                              "a request header '" BF_SV_FMT "' with a line break or NUL",
                              BF_SV_ARG(h->name));
        }
        /* "Name;" is how curl sends a header without a value */
        struct bf_sv line = h->value.len == 0
                                ? bf_sv_printf(arena, BF_SV_FMT ";", BF_SV_ARG(h->name))
                                : bf_sv_printf(arena, BF_SV_FMT ": " BF_SV_FMT, BF_SV_ARG(h->name),
                                               BF_SV_ARG(h->value));
        *out = append(*out, line.ptr);
        typed = typed || (h->name.len == 12 && curl_strnequal(h->name.ptr, "Content-Type", 12));
    }
    if (!typed) { /* curl would call every body a form */
        *out = append(*out, "Content-Type:");
    }
    return BF_OK;
}

static void set_method(CURL *easy, const struct bf_http_request *request)
{
    const bool has_body = request->body.len != 0;
    const bool counts = has_body || strcmp(request->method, "POST") == 0 ||
                        strcmp(request->method, "PUT") == 0; /* Content-Length: 0 is due */

    if (counts) {
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, has_body ? request->body.ptr : "");
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    } else if (strcmp(request->method, "HEAD") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    /* NULL: the method that belongs to what was set above */
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                           strcmp(request->method, "HEAD") == 0 ? NULL : request->method);
}

/* Options that never change; the handle is used again for every request. */
static void set_always(struct client *c)
{
    CURL *easy = c->easy;

    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* S3 keys may hold "//" and "/../" */
    (void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)MAX_IDLE_S);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, c->user_agent);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, c->error);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    /* A bundle is parsed whole, 20 to 37 ms; of a hashed directory only what is needed is read. */
    if (c->ca_file[0] != '\0') {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, c->ca_file);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    } else if (c->ca_path[0] != '\0') {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, c->ca_path);
    }
}

static bool was_sent(CURL *easy)
{
    long bytes = 0;

    /* Counted from the first byte of the request on; errors of name, connection, TLS leave it 0. */
    (void)curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

static bool was_reused(CURL *easy)
{
    long connects = 1;

    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    return connects == 0;
}

static struct bf_sv host_of(struct bf_sv url)
{
    struct bf_sv rest = bf_sv_from(url, bf_sv_search(url, BF_SV("://")) + 3);

    return bf_sv_slice(rest, 0, bf_sv_find(rest, '/'));
}

static enum bf_code failed(const struct client *c, CURLcode code,
                           const struct bf_http_request *request, const struct exchange *x,
                           struct bf_err *err)
{
    const char *why = c->error[0] != '\0' ? c->error : curl_easy_strerror(code);
    struct bf_sv host = host_of(request->url);

    if (x->too_large) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE,
                          "the answer of " BF_SV_FMT
                          " is longer than %zu bytes (or its headers "
                          "are more than %d or %d bytes)",
                          BF_SV_ARG(host), x->body.max, BF_HTTP_MAX_HEADERS, MAX_HEADER_BYTES);
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "not a URL to send to: '" BF_SV_FMT "'",
                          BF_SV_ARG(request->url));
    }
    if (!was_sent(c->easy)) {
        return bf_err_set(err, BF_ENET, BF_NOWHERE, "cannot reach " BF_SV_FMT ": %s",
                          BF_SV_ARG(host), why);
    }
    return bf_err_set(err, BF_EAMBIGUOUS, BF_NOWHERE,
                      "no whole answer from " BF_SV_FMT " to a request that was sent: %s",
                      BF_SV_ARG(host), why);
}

static CURLcode perform(struct client *c, struct exchange *x, bool fresh)
{
    *x->response = (struct bf_http_response){0};
    x->header_cap = 0;
    x->header_bytes = 0;
    bf_buf_clear(&x->body);
    c->error[0] = '\0';
    (void)curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    return curl_easy_perform(c->easy);
}

static enum bf_code run(struct client *c, const struct bf_http_request *request, struct exchange *x,
                        struct bf_err *err)
{
    /*
     * libcurl itself sends a request again when a kept connection closes without a byte, a POST
     * too. So a request that must not arrive twice never goes over a kept connection. Nor does
     * any after a freeze, which the monotonic clock of MAXAGE_CONN may not have seen.
     */
    const int64_t idle = c->http.now_ms(&c->http) - c->last_ms;
    const bool fresh = !request->idempotent || idle < 0 || idle > (int64_t)MAX_IDLE_S * 1000;
    CURLcode code = perform(c, x, fresh);

    if (code != CURLE_OK && code != CURLE_OPERATION_TIMEDOUT && !x->too_large &&
        request->idempotent && was_reused(c->easy)) {
        code = perform(c, x, true);
    }
    c->last_ms = c->http.now_ms(&c->http);
    if (code != CURLE_OK) {
        return failed(c, code, request, x, err);
    }
    long status = 0;
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    x->response->status = (int)status;
    x->response->body = bf_buf_sv(&x->body);
    return BF_OK;
}

static enum bf_code curl_send(struct bf_http *self, struct bf_arena *arena,
                              const struct bf_http_request *request,
                              struct bf_http_response *response, struct bf_err *err)
{
    struct client *c = (struct client *)self;
    const size_t max = request->max_response == 0 ? BF_HTTP_MAX_RESPONSE : request->max_response;
    const long timeout = request->timeout_ms == 0 ? BF_HTTP_TIMEOUT_MS : (long)request->timeout_ms;
    struct exchange x = {.arena = arena, .response = response, .body = bf_buf_new(arena, max)};
    struct curl_slist *headers = NULL;

    if (!sendable_url(request->url)) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "not a URL to send to: '" BF_SV_FMT
                          "'; allowed are http:// and https://, percent-encoded",
                          BF_SV_ARG(request->url));
    }
    enum bf_code code = make_headers(arena, request, &headers, err);
    if (code == BF_OK) {
        set_method(c->easy, request);
        (void)curl_easy_setopt(c->easy, CURLOPT_URL, bf_sv_z(arena, request->url));
        (void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers);
        (void)curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, &x);
        (void)curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, &x);
        (void)curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, timeout);
        (void)curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS,
                               timeout < BF_HTTP_CONNECT_MS ? timeout : (long)BF_HTTP_CONNECT_MS);
        code = run(c, request, &x, err);
    }
    curl_slist_free_all(headers);
    (void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
    return code;
}

static int64_t clock_now_ms(struct bf_http *self)
{
    struct timespec now;

    (void)self;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

static void clock_wait_ms(struct bf_http *self, int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};

    (void)self;
    while (ms > 0 && nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

struct bf_http_options bf_http_options_from(struct bf_arena *arena, const char *const *env)
{
    struct bf_http_options options = {.ca_file = bf_env_get(env, "AWS_CA_BUNDLE"),
                                      .ca_path = bf_env_get(env, "SSL_CERT_DIR")};
    const char *task_root = bf_env_get(env, "LAMBDA_TASK_ROOT");
    struct stat info;

    if (options.ca_path == NULL && task_root != NULL) {
        const char *certs = bf_sv_printf(arena, "%s/certs", task_root).ptr;
        options.ca_path = stat(certs, &info) == 0 && S_ISDIR(info.st_mode) ? certs : NULL;
    }
    if (options.ca_path == NULL) {
        options.ca_path = "/etc/ssl/certs";
    }
    return options;
}

static void keep(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

struct bf_http *bf_http_new(const struct bf_http_options *options)
{
    struct client *c = calloc(1, sizeof(*c));

    must(c != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    c->easy = curl_easy_init();
    must(c->easy != NULL);
    /* With NOSIGNAL curl leaves SIGPIPE to us; TLS writes to a closed connection raise it. */
    (void)signal(SIGPIPE, SIG_IGN);
    c->http = (struct bf_http){.send = curl_send, .now_ms = clock_now_ms, .wait_ms = clock_wait_ms};
    keep(c->user_agent, sizeof(c->user_agent),
         options->user_agent == NULL ? "buzzflow/" BUZZFLOW_VERSION : options->user_agent);
    keep(c->ca_path, sizeof(c->ca_path), options->ca_path);
    keep(c->ca_file, sizeof(c->ca_file), options->ca_file);
    set_always(c);
    return &c->http;
}

void bf_http_free(struct bf_http **httpp)
{
    struct client *c = (struct client *)*httpp;

    if (c != NULL) {
        curl_easy_cleanup(c->easy);
        free(c);
        curl_global_cleanup();
        *httpp = NULL;
    }
}

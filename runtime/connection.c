#include "runtime/connection.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_TIMEOUT_MS = 2000, READ_STEP = 64 * 1024, URL_MAX = 256 };

struct connection {
    char url[URL_MAX];
    CURL *handle;
    curl_socket_t fd;
    bool open;
    struct text in;   /* as received; behind the head, an unchunked body stays here */
    struct text head; /* the head, cut into C strings */
    struct text body; /* a chunked body, put together */
    const char *why;
};

struct connection *connection_new(const char *host)
{
    struct connection *c = calloc(1, sizeof(*c));

    if (c != NULL) {
        c->in = text_new((size_t)REPLY_HEAD_MAX + REPLY_BODY_MAX);
        c->head = text_new(REPLY_HEAD_MAX + READ_STEP);
        c->body = text_new(REPLY_BODY_MAX);
        (void)snprintf(c->url, sizeof(c->url), "http://%s", host);
    }
    return c;
}

static void hang_up(struct connection *c)
{
    if (c->handle != NULL) {
        curl_easy_cleanup(c->handle);
        c->handle = NULL;
    }
    c->open = false;
}

void connection_free(struct connection *c)
{
    if (c != NULL) {
        hang_up(c);
        text_free(&c->in);
        text_free(&c->head);
        text_free(&c->body);
        free(c);
    }
}

static bool dial(struct connection *c)
{
    if (c->open) {
        return true;
    }
    hang_up(c); /* a handle of its own for each connection: curl must not offer us the dead one */
    c->handle = curl_easy_init();
    if (c->handle == NULL) {
        c->why = "libcurl has no memory";
        return false;
    }
    (void)curl_easy_setopt(c->handle, CURLOPT_URL, c->url);
    (void)curl_easy_setopt(c->handle, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(c->handle, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c->handle, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(c->handle, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c->handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    CURLcode code = curl_easy_perform(c->handle);
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(c->handle, CURLINFO_ACTIVESOCKET, &c->fd);
    }
    c->open = code == CURLE_OK && c->fd != CURL_SOCKET_BAD;
    c->why = c->open ? NULL : curl_easy_strerror(code);
    return c->open;
}

static void wait_for(const struct connection *c, short events)
{
    struct pollfd fd = {.fd = c->fd, .events = events};

    /* No timeout: "next" blocks for as long as no event comes, over freezes of the sandbox. */
    (void)poll(&fd, 1, -1);
}

static bool send_all(struct connection *c, const char *bytes, size_t len)
{
    while (len != 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(c->handle, bytes, len, &sent);
        if (code == CURLE_AGAIN) {
            wait_for(c, POLLOUT);
        } else if (code != CURLE_OK) {
            c->why = curl_easy_strerror(code);
            return false;
        }
        bytes += sent;
        len -= sent;
    }
    return true;
}

enum filled { FILLED, FILL_END, FILL_FAILED };

/* More bytes into ${in}. */
static enum filled fill(struct connection *c)
{
    size_t got = 0;

    if (!text_reserve(&c->in, READ_STEP)) {
        c->why = "the reply is too large";
        return FILL_FAILED;
    }
    for (;;) {
        CURLcode code = curl_easy_recv(c->handle, c->in.ptr + c->in.len, READ_STEP, &got);
        if (code == CURLE_AGAIN) {
            wait_for(c, POLLIN);
            continue;
        }
        if (code != CURLE_OK) {
            c->why = curl_easy_strerror(code);
            return FILL_FAILED;
        }
        c->in.len += got;
        c->in.ptr[c->in.len] = '\0';
        c->why = got == 0 ? "the Runtime API closed the connection" : NULL;
        return got == 0 ? FILL_END : FILLED;
    }
}

/* Forget the first ${n} bytes received. */
static void consume(struct connection *c, size_t n)
{
    memmove(c->in.ptr, c->in.ptr + n, c->in.len - n + 1);
    c->in.len -= n;
}

/* Moves the head out of ${in}: the headers must stay where they are while ${in} grows. */
static bool read_head(struct connection *c)
{
    size_t from = 0;

    text_clear(&c->head);
    for (;;) {
        char *end =
            c->in.len == 0 ? NULL : memmem(c->in.ptr + from, c->in.len - from, "\r\n\r\n", 4);
        if (end != NULL) {
            size_t len = (size_t)(end - c->in.ptr) + 4;
            bool fits = text_add(&c->head, c->in.ptr, len - 2);
            consume(c, len);
            c->why = fits ? NULL : "the head of the reply is too large";
            return fits;
        }
        if (c->in.len > REPLY_HEAD_MAX) {
            c->why = "the head of the reply is too large";
            return false;
        }
        from = c->in.len < 3 ? 0 : c->in.len - 3;
        if (fill(c) != FILLED) {
            return false;
        }
    }
}

static bool parse_header(struct connection *c, char *line, char *end, struct reply *reply)
{
    char *colon = memchr(line, ':', (size_t)(end - line));

    if (colon == NULL || *line == ' ' || *line == '\t') {
        c->why = "the reply has a malformed header";
        return false;
    }
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t");
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    *end = '\0';
    if (reply->header_count < REPLY_HEADERS_MAX) {
        reply->headers[reply->header_count++] = (struct reply_header){line, value};
    }
    return true;
}

static bool parse_head(struct connection *c, struct reply *reply)
{
    char *line = c->head.ptr;
    char *end = strstr(line, "\r\n");
    bool http = strncmp(line, "HTTP/1.", 7) == 0 && strlen(line) > 12 && line[8] == ' ';

    reply->status = http ? (int)strtol(line + 9, NULL, 10) : 0;
    if (end == NULL || reply->status < 100 || reply->status > 999) {
        c->why = "the reply is not HTTP/1.1";
        return false;
    }
    for (line = end + 2; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n");
        if (end == NULL) {
            c->why = "the reply has a malformed header";
            return false;
        }
        if (!parse_header(c, line, end, reply)) {
            return false;
        }
    }
    return true;
}

const char *reply_header(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++) {
        if (strcasecmp(reply->headers[i].name, name) == 0) {
            return reply->headers[i].value;
        }
    }
    return NULL;
}

/* A line of the chunked framing at ${at}, without its CRLF; its end is moved behind it. */
static bool chunk_line(struct connection *c, const size_t *at, size_t *len)
{
    for (;;) {
        const char *start = c->in.ptr + *at;
        const char *end = c->in.len == *at ? NULL : memmem(start, c->in.len - *at, "\r\n", 2);
        if (end != NULL) {
            *len = (size_t)(end - start);
            return true;
        }
        if (c->in.len - *at > REPLY_HEAD_MAX) {
            c->why = "a chunk of the reply has an endless header";
            return false;
        }
        if (fill(c) != FILLED) {
            return false;
        }
    }
}

static bool chunk_size(struct connection *c, size_t at, size_t len, size_t *size)
{
    size_t digits = strspn(c->in.ptr + at, "0123456789abcdefABCDEF");

    if (digits == 0 || digits > 8 || digits > len) {
        c->why = "a chunk of the reply has no size";
        return false;
    }
    *size = strtoul(c->in.ptr + at, NULL, 16); /* stops at an extension, ";name=value" */
    return true;
}

static bool read_chunked(struct connection *c, struct reply *reply)
{
    size_t at = 0;
    size_t len = 0;
    size_t size = 0;

    text_clear(&c->body);
    do {
        if (!chunk_line(c, &at, &len) || !chunk_size(c, at, len, &size)) {
            return false;
        }
        at += len + 2;
        while (size != 0 && c->in.len - at < size + 2) {
            if (fill(c) != FILLED) {
                return false;
            }
        }
        if (!text_add(&c->body, c->in.ptr + at, size)) {
            c->why = "the reply is too large";
            return false;
        }
        /* What was taken over is not needed again: memory stays within twice the body. */
        consume(c, at + (size == 0 ? 0 : size + 2));
        at = 0;
    } while (size != 0);
    do { /* trailers, up to the empty line */
        if (!chunk_line(c, &at, &len)) {
            return false;
        }
        at += len + 2;
    } while (len != 0);
    reply->body = (struct lambda_bytes){c->body.ptr, c->body.len};
    return true;
}

static bool parse_length(const char *text, size_t *len)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 10 || text[digits] != '\0') {
        return false;
    }
    *len = strtoul(text, NULL, 10);
    return *len <= REPLY_BODY_MAX;
}

static bool read_until_close(struct connection *c)
{
    enum filled got = FILLED;

    while (got == FILLED) {
        got = fill(c);
    }
    c->open = false;
    return got == FILL_END;
}

static bool read_counted(struct connection *c, size_t len)
{
    while (c->in.len < len) {
        if (fill(c) != FILLED) {
            return false;
        }
    }
    return text_reserve(&c->in, 0); /* an empty body needs its NUL too */
}

static bool read_body(struct connection *c, struct reply *reply)
{
    const char *encoding = reply_header(reply, "Transfer-Encoding");
    const char *length = reply_header(reply, "Content-Length");
    size_t len = 0;

    if (encoding != NULL && strcasecmp(encoding, "chunked") == 0) {
        return read_chunked(c, reply);
    }
    if (length == NULL) {
        if (!read_until_close(c)) {
            return false;
        }
        len = c->in.len;
    } else if (!parse_length(length, &len)) {
        c->why = "the reply has an impossible Content-Length";
        return false;
    } else if (!read_counted(c, len)) {
        return false;
    }
    c->in.ptr[len] = '\0';
    reply->body = (struct lambda_bytes){c->in.ptr, len};
    return true;
}

static bool read_reply(struct connection *c, struct reply *reply)
{
    do { /* 1xx replies come before the real one */
        *reply = (struct reply){0};
        if (!read_head(c) || !parse_head(c, reply)) {
            return false;
        }
    } while (reply->status < 200);
    return read_body(c, reply);
}

enum exchange connection_exchange(struct connection *c, const struct text *head,
                                  struct lambda_bytes body, struct reply *reply, const char **why)
{
    enum exchange result = EXCHANGE_OK;

    c->why = NULL;
    text_clear(&c->in); /* nothing is pipelined: what is left over belongs to a broken reply */
    if (!dial(c) || !send_all(c, head->ptr, head->len) || !send_all(c, body.ptr, body.len)) {
        result = EXCHANGE_NOT_SENT;
    } else if (!read_reply(c, reply)) {
        result = EXCHANGE_LOST;
    } else {
        const char *keep = reply_header(reply, "Connection");
        c->open = c->open && (keep == NULL || strcasecmp(keep, "close") != 0);
    }
    if (result != EXCHANGE_OK) {
        c->open = false;
    }
    if (why != NULL) {
        *why = c->why;
    }
    return result;
}

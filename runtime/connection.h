#ifndef LAMBDA_RUNTIME_CONNECTION_H
#define LAMBDA_RUNTIME_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/lambda_runtime.h"
#include "runtime/text.h"

/**
 * One kept HTTP/1.1 connection to the Runtime API. libcurl dials and moves the bytes
 * (CURLOPT_CONNECT_ONLY, no proxy); the framing is ours: it costs 10 us less per call than the
 * easy interface and keeps the event where it was received.
 */
struct connection;

/** ${host} is AWS_LAMBDA_RUNTIME_API, "address:port". Does not dial yet. NULL: no memory. */
struct connection *connection_new(const char *host);
void connection_free(struct connection *connection);

enum {
    REPLY_HEAD_MAX = 64 * 1024,
    REPLY_BODY_MAX = 16 * 1024 * 1024, /* the service's own limit is 6 MiB */
    REPLY_HEADERS_MAX = 64,
};

struct reply_header {
    const char *name, *value; /* value without surrounding blanks */
};

/** A reply; everything in it lives until the next exchange. */
struct reply {
    int status;
    size_t header_count;
    struct reply_header headers[REPLY_HEADERS_MAX];
    struct lambda_bytes body; /* followed by a NUL */
};

/** The value of a header, whatever the case of its name, or NULL. */
const char *reply_header(const struct reply *reply, const char *name);

enum exchange {
    EXCHANGE_OK,
    EXCHANGE_NOT_SENT, /* could not connect, or the connection broke before all was sent */
    EXCHANGE_LOST,     /* all was sent; no whole reply came */
};

/**
 * Send ${head} (request line and headers, with the empty line) and ${body}; wait for the reply
 * without any timeout. Connects first where needed. On failure the connection is closed, the next
 * exchange dials again, and ${why} (NULL allowed) has a static text.
 */
enum exchange connection_exchange(struct connection *connection, const struct text *head,
                                  struct lambda_bytes body, struct reply *reply, const char **why);

#endif /* LAMBDA_RUNTIME_CONNECTION_H */

#ifndef BF_TESTS_SUPPORT_FAKE_HTTP_H
#define BF_TESTS_SUPPORT_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "http/http.h"

/**
 * The outer world for unit tests: answers by a script, or by a function; records every request;
 * its clock moves only by waiting and by hand. Include <cmocka.h> before it.
 *
 *   struct fake_http world;
 *   fake_http_init(&world, arena);
 *   fake_http_answer(&world, "POST", "SageMaker.DescribePipeline", 200, "{...}");
 *   fake_http_fail(&world, "POST", "PutItem", BF_EAMBIGUOUS);     // the answer is lost
 *   ... code under test with &world.http ...
 *   fake_http_done(&world);                                       // the script was played to its
 * end
 */
struct fake_http_request {
    const char *method;
    struct bf_sv url, body;
    const struct bf_http_header *headers;
    size_t header_count;
    bool idempotent;
    unsigned timeout_ms;
};

struct fake_http_step {
    const char *method, *what; /* expected; NULL: anything */
    int status;                /* of the answer */
    struct bf_sv body;
    struct bf_http_header headers[8];
    size_t header_count;
    enum bf_code fails; /* not BF_OK: this instead of an answer */
};

enum { FAKE_HTTP_MAX = 512 };

struct fake_http {
    struct bf_http http; /* first: a bf_http * is a fake_http * */
    struct bf_arena *arena;
    int64_t now_ms;    /* 2026-03-01T00:00:00Z at the start */
    int64_t waited_ms; /* sum of all waits */
    struct fake_http_step script[FAKE_HTTP_MAX];
    size_t steps, at;
    struct fake_http_request requests[FAKE_HTTP_MAX];
    size_t count;
    /*
     * Instead of a script: fill ${answer} and return BF_OK, or set nothing and return the code of
     * a failure. Called when the script is at its end.
     */
    enum bf_code (*handle)(struct fake_http *world, const struct fake_http_request *request,
                           struct fake_http_step *answer);
    void *context; /* for handle */
};

void fake_http_init(struct fake_http *world, struct bf_arena *arena);

/**
 * The next request must have this method and contain ${what} in its URL, its X-Amz-Target or its
 * body (NULL: any); it gets this answer. Returns the step, to add headers to.
 */
struct fake_http_step *fake_http_answer(struct fake_http *world, const char *method,
                                        const char *what, int status, const char *body);

/** The next request fails with ${code}: BF_ENET (not sent), BF_EAMBIGUOUS (answer lost), ... */
struct fake_http_step *fake_http_fail(struct fake_http *world, const char *method, const char *what,
                                      enum bf_code code);

/** Add a header to the answer. */
void fake_http_header(struct fake_http_step *step, const char *name, const char *value);

/** Fails the test unless every step was used. */
void fake_http_done(const struct fake_http *world);

/** The header of a recorded request, any case; empty when absent. */
struct bf_sv fake_http_sent(const struct fake_http_request *request, const char *name);

/** Whether ${text} is in the URL, the X-Amz-Target or the body of the request. */
bool fake_http_has(const struct fake_http_request *request, const char *text);

#endif /* BF_TESTS_SUPPORT_FAKE_HTTP_H */

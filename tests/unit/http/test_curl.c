/*
 * The real client against a server on loopback: a child process that plays a script, one
 * connection after the other, and writes what it received into a pipe.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/http.h"

enum { MAX_REPLIES = 8 };

struct reply {
    const char *text;  /* what is sent; NULL: nothing */
    bool keeps;        /* the connection stays open for the next reply */
    unsigned delay_ms; /* before sending */
    bool elsewhere;    /* it stays open, but the next request is awaited on a new connection */
};

struct server {
    struct bf_arena *arena;
    struct bf_http *http;
    pid_t pid;
    int port, seen;
};

/* Read one request: to the blank line, and the body that Content-Length announces. */
static bool read_request(int fd, int seen)
{
    char text[65536];
    size_t len = 0;
    size_t want = SIZE_MAX;

    while (len < want && len < sizeof(text) - 1) {
        const ssize_t got = read(fd, text + len, sizeof(text) - 1 - len);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strstr(text, "Content-Length: ");
        if (end != NULL && want == SIZE_MAX) {
            want = (size_t)(end - text) + 4;
            want += length != NULL && length < end ? (size_t)strtoul(length + 16, NULL, 10) : 0;
        }
    }
    return write(seen, text, len) == (ssize_t)len && write(seen, "\n<<<\n", 5) == 5;
}

static void play(int listener, int seen, const struct reply *replies, size_t count)
{
    int fd = -1;

    for (size_t i = 0; i < count; i++) {
        if (fd < 0) {
            fd = accept(listener, NULL, NULL);
        }
        if (!read_request(fd, seen)) { /* a kept connection was not used again */
            (void)close(fd);
            fd = accept(listener, NULL, NULL);
            (void)read_request(fd, seen);
        }
        (void)usleep(replies[i].delay_ms * 1000);
        if (replies[i].text != NULL) {
            (void)!write(fd, replies[i].text, strlen(replies[i].text));
        }
        if (!replies[i].keeps) {
            (void)close(fd);
        }
        fd = replies[i].keeps && !replies[i].elsewhere ? fd : -1;
    }
    _exit(0);
}

static struct server start(const struct reply *replies, size_t count)
{
    struct server s = {.arena = bf_arena_new(64U << 20)};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int ends[2];

    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pipe(ends), 0);
    s.port = ntohs(at.sin_port);
    s.seen = ends[0];
    s.pid = fork();
    if (s.pid == 0) {
        (void)close(ends[0]);
        play(listener, ends[1], replies, count);
    }
    (void)close(ends[1]);
    (void)close(listener);
    s.http = bf_http_new(&(struct bf_http_options){0});
    return s;
}

/* Everything the server received; it must have ended. */
static struct bf_sv received(struct server *s)
{
    struct bf_buf text = bf_buf_new(s->arena, 1U << 20);
    char piece[4096];
    ssize_t got = 0;

    bf_http_free(&s->http);
    while ((got = read(s->seen, piece, sizeof(piece))) > 0) {
        bf_buf_add(&text, (struct bf_sv){piece, (size_t)got});
    }
    return bf_buf_sv(&text);
}

static void stop(struct server *s)
{
    bf_http_free(&s->http);
    (void)kill(s->pid, SIGKILL);
    (void)waitpid(s->pid, NULL, 0);
    (void)close(s->seen);
    bf_arena_destroy(&s->arena);
}

static enum bf_code send_to(struct server *s, struct bf_http_request request,
                            struct bf_http_response *response, struct bf_err *err)
{
    request.url =
        bf_sv_printf(s->arena, "http://127.0.0.1:%d" BF_SV_FMT, s->port, BF_SV_ARG(request.url));
    return bf_http_send(s->http, s->arena, &request, response, err);
}

static size_t count_of(struct bf_sv text, const char *part)
{
    size_t count = 0;
    size_t at = 0;

    while ((at = bf_sv_search(text, bf_sv_of(part))) < text.len) {
        text = bf_sv_from(text, at + 1);
        count++;
    }
    return count;
}

static void a_request_arrives_as_it_was_given(void **state)
{
    const struct reply replies[] = {
        {"HTTP/1.1 201 Created\r\nX-One: a\r\nx-two:  b c \r\n"
         "Content-Length: 3\r\n\r\nyes",
         true, 0, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, 0, false},
        {"HTTP/1.1 204 No Content\r\n\r\n", false, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_header headers[] = {{BF_SV("X-Amz-Target"), BF_SV("A.B")},
                                             {BF_SV("X-Empty"), BF_SV("")}};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s,
                             (struct bf_http_request){.method = "POST",
                                                      .url = BF_SV("/a//b/../c%20d?x=%2F"),
                                                      .headers = headers,
                                                      .header_count = 2,
                                                      .body = BF_SV("{\"a\":1}"),
                                                      .idempotent = true},
                             &r, &err),
                     BF_OK);
    assert_int_equal(r.status, 201);
    assert_true(bf_sv_is(r.body, "yes"));
    assert_true(bf_sv_is(bf_http_header_of(&r, "X-ONE"), "a"));
    assert_true(bf_sv_is(bf_http_header_of(&r, "X-Two"), "b c"));
    const struct bf_http_request put = {.method = "PUT", .url = BF_SV("/k"), .idempotent = true};
    assert_int_equal(send_to(&s, put, &r, &err), BF_OK);
    assert_int_equal(r.body.len, 0);
    const struct bf_http_request del = {.method = "DELETE", .url = BF_SV("/k"), .idempotent = true};
    assert_int_equal(send_to(&s, del, &r, &err), BF_OK);
    assert_int_equal(r.status, 204);

    struct bf_sv seen = received(&s);
    assert_true(
        bf_sv_starts(seen, BF_SV("POST /a//b/../c%20d?x=%2F HTTP/1.1\r\nHost: 127.0.0.1:")));
    assert_int_equal(count_of(seen, "X-Amz-Target: A.B\r\n"), 1);
    assert_int_equal(count_of(seen, "X-Empty:\r\n"), 1);
    assert_int_equal(count_of(seen, "User-Agent: buzzflow/"), 3);
    assert_int_equal(count_of(seen, "Content-Length: 7\r\n"), 1);
    assert_int_equal(count_of(seen, "\r\n\r\n{\"a\":1}"), 1);
    assert_int_equal(count_of(seen, "PUT /k HTTP/1.1"), 1);
    assert_int_equal(count_of(seen, "Content-Length: 0\r\n"), 1); /* of the PUT; DELETE has none */
    assert_int_equal(count_of(seen, "DELETE /k HTTP/1.1"), 1);
    assert_int_equal(count_of(seen, "Expect:"), 0);
    assert_int_equal(count_of(seen, "Content-Type:"), 0);
    stop(&s);
}

static void every_status_is_an_answer_and_no_redirect_is_followed(void **state)
{
    const struct reply replies[] = {
        {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", true, 0, false},
        {"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", true, 0, false},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
         false, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_request get = {.method = "GET", .url = BF_SV("/"), .idempotent = true};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(r.status, 500);
    assert_true(bf_sv_is(r.body, "oops"));
    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(r.status, 301);
    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(r.status, 200);
    assert_true(bf_sv_is(r.body, "abcde"));
    stop(&s);
}

static void a_head_has_no_body(void **state)
{
    const struct reply replies[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\nETag: \"x\"\r\n\r\n", false, 0, false}};
    struct server s = start(replies, 1);
    const struct bf_http_request head = {.method = "HEAD", .url = BF_SV("/k"), .idempotent = true};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, head, &r, &err), BF_OK);
    assert_int_equal(r.body.len, 0);
    assert_true(bf_sv_is(bf_http_header_of(&r, "Content-Length"), "4000000000"));
    stop(&s);
}

static void a_lost_answer_is_ambiguous(void **state)
{
    const struct reply replies[] = {
        {NULL, false, 0, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", false, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_request post = {.method = "POST", .url = BF_SV("/"), .body = BF_SV("x")};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, post, &r, &err), BF_EAMBIGUOUS);
    assert_non_null(strstr(err.msg, "127.0.0.1"));
    assert_int_equal(send_to(&s, post, &r, &err), BF_EAMBIGUOUS);
    assert_int_equal(count_of(received(&s), "POST / "), 2); /* each once, not again */
    stop(&s);
}

static void silence_ends_at_the_timeout(void **state)
{
    const struct reply replies[] = {{NULL, true, 5000, false}};
    struct server s = start(replies, 1);
    const struct bf_http_request get = {
        .method = "GET", .url = BF_SV("/"), .idempotent = true, .timeout_ms = 150};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    const int64_t began = s.http->now_ms(s.http);
    assert_int_equal(send_to(&s, get, &r, &err), BF_EAMBIGUOUS);
    const int64_t took = s.http->now_ms(s.http) - began;
    assert_true(took >= 140 && took < 3000);
    stop(&s);
}

static void where_nobody_listens_nothing_was_sent(void **state)
{
    struct server s = start(NULL, 0);
    const struct bf_http_request post = {.method = "POST", .url = BF_SV("/"), .body = BF_SV("x")};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    (void)waitpid(s.pid, NULL, 0);
    assert_int_equal(send_to(&s, post, &r, &err), BF_ENET);
    const struct bf_http_request nowhere = {.method = "GET",
                                            .url = BF_SV("http://no-such-host.invalid/")};
    assert_int_equal(bf_http_send(s.http, s.arena, &nowhere, &r, &err), BF_ENET);
    stop(&s);
}

static void an_answer_over_the_cap_is_refused(void **state)
{
    const struct reply replies[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", false, 0, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456", false, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_request get = {
        .method = "GET", .url = BF_SV("/"), .idempotent = true, .max_response = 5};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(r.body.len, 5);
    assert_int_equal(send_to(&s, get, &r, &err), BF_ETOOLARGE);
    stop(&s);
}

static void a_connection_is_used_again_for_what_may_be_repeated(void **state)
{
    const char *ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    /* The server answers the first request, takes the second and closes without a word; the third
     * reply is for the repeat on a new connection. */
    const struct reply replies[] = {
        {ok, true, 0, false}, {NULL, false, 0, false}, {ok, false, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_request get = {.method = "GET", .url = BF_SV("/"), .idempotent = true};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(count_of(received(&s), "GET / "), 3);
    stop(&s);
}

static void what_must_not_be_repeated_gets_a_connection_of_its_own(void **state)
{
    const char *ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    /* On a kept connection that closes, libcurl would send the POST again by itself. */
    const struct reply replies[] = {{ok, true, 0, true}, {ok, true, 0, false}};
    struct server s = start(replies, BF_COUNTOF(replies));
    const struct bf_http_request get = {.method = "GET", .url = BF_SV("/"), .idempotent = true};
    const struct bf_http_request post = {
        .method = "POST", .url = BF_SV("/"), .body = BF_SV("x"), .timeout_ms = 1000};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, get, &r, &err), BF_OK);
    assert_int_equal(send_to(&s, post, &r, &err), BF_OK);
    assert_int_equal(count_of(received(&s), "POST / "), 1);
    stop(&s);
}

static void what_is_no_url_is_refused(void **state)
{
    static const char *const bad[] = {"ftp://127.0.0.1/",  "file:///etc/passwd", "127.0.0.1/",
                                      "http://a b/",       "http://h/\r\nX: y",  "",
                                      "http://h/\xc3\xa9", "gopher://h/"};
    struct server s = start(NULL, 0);
    struct bf_http_response r = {0};
    (void)state;

    for (size_t i = 0; i < BF_COUNTOF(bad); i++) {
        const struct bf_http_request get = {.method = "GET", .url = bf_sv_of(bad[i])};
        struct bf_err err = {0};
        if (bf_http_send(s.http, s.arena, &get, &r, &err) != BF_EINVALID) {
            fail_msg("'%s' was not refused: %s", bad[i], err.msg);
        }
    }
    stop(&s);
}

static void a_header_cannot_bring_another(void **state)
{
    struct server s = start(NULL, 0);
    const struct bf_http_header header = {BF_SV("X-A"), BF_SV("b\r\nX-Evil: c")};
    const struct bf_http_request get = {
        .method = "GET", .url = BF_SV("/"), .headers = &header, .header_count = 1};
    struct bf_http_response r = {0};
    struct bf_err err = {0};
    (void)state;

    assert_int_equal(send_to(&s, get, &r, &err), BF_EINVALID);
    stop(&s);
}

static void certificates_come_from_where_the_environment_says(void **state)
{
    struct bf_arena *arena = bf_arena_new(1U << 20);
    const char *const lambda[] = {"LAMBDA_TASK_ROOT=/no/such/directory", NULL};
    const char *const own[] = {"SSL_CERT_DIR=/my/certs", "LAMBDA_TASK_ROOT=/x", NULL};
    const char *const bundle[] = {"AWS_CA_BUNDLE=/my/bundle.pem", "SSL_CERT_DIR=", NULL};
    (void)state;

    assert_string_equal(bf_http_options_from(arena, lambda).ca_path, "/etc/ssl/certs");
    assert_string_equal(bf_http_options_from(arena, own).ca_path, "/my/certs");
    assert_string_equal(bf_http_options_from(arena, bundle).ca_file, "/my/bundle.pem");
    assert_string_equal(bf_http_options_from(arena, bundle).ca_path, "/etc/ssl/certs");
    bf_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_given),
        cmocka_unit_test(every_status_is_an_answer_and_no_redirect_is_followed),
        cmocka_unit_test(a_head_has_no_body),
        cmocka_unit_test(a_lost_answer_is_ambiguous),
        cmocka_unit_test(silence_ends_at_the_timeout),
        cmocka_unit_test(where_nobody_listens_nothing_was_sent),
        cmocka_unit_test(an_answer_over_the_cap_is_refused),
        cmocka_unit_test(a_connection_is_used_again_for_what_may_be_repeated),
        cmocka_unit_test(what_must_not_be_repeated_gets_a_connection_of_its_own),
        cmocka_unit_test(what_is_no_url_is_refused),
        cmocka_unit_test(a_header_cannot_bring_another),
        cmocka_unit_test(certificates_come_from_where_the_environment_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

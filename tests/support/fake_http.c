/*
 * Linked with every test program, so it uses the base library and the header of http only.
 */
#include "fake_http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>

struct bf_sv fake_http_sent(const struct fake_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct bf_http_header *h = &request->headers[i];
        if (h->name.len == strlen(name) && strncasecmp(h->name.ptr, name, h->name.len) == 0) {
            return h->value;
        }
    }
    return (struct bf_sv){0};
}

static bool contains(struct bf_sv text, const char *part)
{
    return bf_sv_search(text, bf_sv_of(part)) < text.len || *part == '\0';
}

bool fake_http_has(const struct fake_http_request *request, const char *text)
{
    return contains(request->url, text) || contains(request->body, text) ||
           contains(fake_http_sent(request, "X-Amz-Target"), text);
}

static const struct fake_http_request *record(struct fake_http *world,
                                              const struct bf_http_request *request)
{
    struct bf_http_header *headers =
        BF_NEW_N(world->arena, struct bf_http_header, request->header_count + 1);

    if (world->count == FAKE_HTTP_MAX) {
        fail_msg("more than %d requests", FAKE_HTTP_MAX);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = bf_sv_dup(world->arena, request->headers[i].name);
        headers[i].value = bf_sv_dup(world->arena, request->headers[i].value);
    }
    struct fake_http_request *kept = &world->requests[world->count++];
    *kept = (struct fake_http_request){
        .method = bf_sv_z(world->arena, bf_sv_of(request->method)),
        .url = bf_sv_dup(world->arena, request->url),
        .body = bf_sv_dup(world->arena, request->body),
        .headers = headers,
        .header_count = request->header_count,
        .idempotent = request->idempotent,
        .timeout_ms = request->timeout_ms,
    };
    return kept;
}

static void check(const struct fake_http_step *step, const struct fake_http_request *request,
                  size_t at)
{
    const bool method = step->method == NULL || strcmp(step->method, request->method) == 0;

    if (!method || (step->what != NULL && !fake_http_has(request, step->what))) {
        fail_msg("request %zu: expected %s with '%s', got %s " BF_SV_FMT " " BF_SV_FMT
                 "\n" BF_SV_FMT,
                 at + 1, step->method == NULL ? "any" : step->method,
                 step->what == NULL ? "" : step->what, request->method, BF_SV_ARG(request->url),
                 BF_SV_ARG(fake_http_sent(request, "X-Amz-Target")), BF_SV_ARG(request->body));
    }
}

static struct fake_http_step next_step(struct fake_http *world,
                                       const struct fake_http_request *request)
{
    struct fake_http_step step = {.status = 200};

    if (world->at < world->steps) {
        step = world->script[world->at++];
        check(&step, request, world->count - 1);
    } else if (world->handle != NULL) {
        enum bf_code code = world->handle(world, request, &step);
        step.fails = code == BF_OK ? step.fails : code;
    } else {
        fail_msg("request %zu is not in the script: %s " BF_SV_FMT " " BF_SV_FMT "\n" BF_SV_FMT,
                 world->count, request->method, BF_SV_ARG(request->url),
                 BF_SV_ARG(fake_http_sent(request, "X-Amz-Target")), BF_SV_ARG(request->body));
    }
    return step;
}

static enum bf_code fake_send(struct bf_http *self, struct bf_arena *arena,
                              const struct bf_http_request *request,
                              struct bf_http_response *response, struct bf_err *err)
{
    struct fake_http *world = (struct fake_http *)self;
    struct fake_http_step step = next_step(world, record(world, request));
    const size_t max = request->max_response == 0 ? BF_HTTP_MAX_RESPONSE : request->max_response;

    if (step.fails != BF_OK) {
        return bf_err_set(err, step.fails, BF_NOWHERE, "fake: %s", bf_code_text(step.fails));
    }
    if (step.body.len > max) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "fake: answer of more than %zu bytes",
                          max);
    }
    *response = (struct bf_http_response){.status = step.status,
                                          .header_count = step.header_count,
                                          .body = bf_sv_dup(arena, step.body)};
    response->headers = BF_NEW_N(arena, struct bf_http_header, step.header_count + 1);
    for (size_t i = 0; i < step.header_count; i++) {
        response->headers[i].name = bf_sv_dup(arena, step.headers[i].name);
        response->headers[i].value = bf_sv_dup(arena, step.headers[i].value);
    }
    return BF_OK;
}

static int64_t fake_now(struct bf_http *self)
{
    return ((struct fake_http *)self)->now_ms;
}

static void fake_wait(struct bf_http *self, int64_t ms)
{
    struct fake_http *world = (struct fake_http *)self;

    world->now_ms += ms;
    world->waited_ms += ms;
}

void fake_http_init(struct fake_http *world, struct bf_arena *arena)
{
    memset(world, 0, sizeof(*world));
    world->http = (struct bf_http){.send = fake_send, .now_ms = fake_now, .wait_ms = fake_wait};
    world->arena = arena;
    world->now_ms = INT64_C(1772323200) * 1000; /* 2026-03-01T00:00:00Z */
}

static struct fake_http_step *add_step(struct fake_http *world, const char *method,
                                       const char *what)
{
    if (world->steps == FAKE_HTTP_MAX) {
        fail_msg("more than %d steps", FAKE_HTTP_MAX);
    }
    struct fake_http_step *step = &world->script[world->steps++];
    *step = (struct fake_http_step){.method = method, .what = what};
    return step;
}

struct fake_http_step *fake_http_answer(struct fake_http *world, const char *method,
                                        const char *what, int status, const char *body)
{
    struct fake_http_step *step = add_step(world, method, what);

    step->status = status;
    step->body = bf_sv_dup(world->arena, bf_sv_of(body));
    return step;
}

struct fake_http_step *fake_http_fail(struct fake_http *world, const char *method, const char *what,
                                      enum bf_code code)
{
    struct fake_http_step *step = add_step(world, method, what);

    step->fails = code;
    return step;
}

void fake_http_header(struct fake_http_step *step, const char *name, const char *value)
{
    if (step->header_count == BF_COUNTOF(step->headers)) {
        fail_msg("more than %zu headers", BF_COUNTOF(step->headers));
    }
    step->headers[step->header_count++] =
        (struct bf_http_header){.name = bf_sv_of(name), .value = bf_sv_of(value)};
}

void fake_http_done(const struct fake_http *world)
{
    if (world->at != world->steps) {
        const struct fake_http_step *step = &world->script[world->at];
        fail_msg("%zu of %zu steps were used; the next was to be %s with '%s'", world->at,
                 world->steps, step->method == NULL ? "any" : step->method,
                 step->what == NULL ? "" : step->what);
    }
}

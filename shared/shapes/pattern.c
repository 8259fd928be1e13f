/* The patterns of the table: PCRE2's, because they use look-around and Unicode classes. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "shapes/internal.h"

enum { PATTERN_STEPS = 200000 };

/* A pattern of the table, compiled at its first use. */
struct compiled {
    struct compiled *next;
    const char *pattern;
    pcre2_code *code;
    pcre2_match_data *match;
};

struct bf_shapes {
    struct bf_arena *arena;
    struct compiled *compiled;
    pcre2_match_context *limits;
};

static void free_patterns(void *ptr)
{
    struct bf_shapes *shapes = ptr;

    for (struct compiled *c = shapes->compiled; c != NULL; c = c->next) {
        pcre2_match_data_free(c->match);
        pcre2_code_free(c->code);
    }
    pcre2_match_context_free(shapes->limits);
}

struct bf_shapes *bf_shapes_new(struct bf_arena *arena)
{
    struct bf_shapes *shapes = BF_NEW(arena, struct bf_shapes);

    shapes->arena = arena;
    shapes->limits = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(shapes->limits, PATTERN_STEPS);
    bf_arena_defer(arena, free_patterns, shapes);
    return shapes;
}

struct bf_arena *bf_shapes_arena(struct bf_shapes *shapes)
{
    return shapes->arena;
}

static const struct compiled *compile(struct bf_shapes *shapes, const char *pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;

    for (struct compiled *c = shapes->compiled; c != NULL; c = c->next) {
        if (c->pattern == pattern) {
            return c;
        }
    }
    /* The model's patterns cover the whole text, with or without "^" and "$". */
    struct compiled *c = BF_NEW(shapes->arena, struct compiled);
    *c = (struct compiled){.next = shapes->compiled, .pattern = pattern};
    c->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL, &error,
                            &offset, NULL);
    c->match = c->code == NULL ? NULL : pcre2_match_data_create_from_pattern(c->code, NULL);
    shapes->compiled = c;
    return c;
}

bool bf_pattern_compiles(struct bf_shapes *shapes, const char *pattern)
{
    return compile(shapes, pattern)->code != NULL;
}

bool bf_pattern_matches(struct bf_shapes *shapes, const char *pattern, struct bf_sv text)
{
    const struct compiled *c = compile(shapes, pattern);

    if (c->code == NULL || c->match == NULL) {
        return true; /* a test compiles every pattern of the table */
    }
    int result = pcre2_match(c->code, (PCRE2_SPTR)(text.len == 0 ? "" : text.ptr), text.len, 0, 0,
                             c->match, shapes->limits);
    return result != PCRE2_ERROR_NOMATCH; /* out of steps: the service is the judge */
}

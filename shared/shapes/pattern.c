#include "shapes/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Matching without repeated repetition takes a few steps a byte, and gets them. */
enum { STEPS_LEAST = 200000, STEPS_A_BYTE = 16 };

struct compiled {
    struct compiled *next;
    const char *pattern;
    pcre2_code *code; /* NULL: it is no pattern */
    pcre2_match_data *match;
};

struct bf_patterns {
    struct bf_arena *arena;
    struct compiled *compiled;
    pcre2_match_context *limits;
};

static void free_patterns(void *ptr)
{
    struct bf_patterns *patterns = ptr;

    for (struct compiled *c = patterns->compiled; c != NULL; c = c->next) {
        pcre2_match_data_free(c->match);
        pcre2_code_free(c->code);
    }
    pcre2_match_context_free(patterns->limits);
}

struct bf_patterns *bf_patterns_new(struct bf_arena *arena)
{
    struct bf_patterns *patterns = BF_NEW(arena, struct bf_patterns);

    patterns->arena = arena;
    patterns->limits = pcre2_match_context_create(NULL);
    bf_arena_defer(arena, free_patterns, patterns);
    return patterns;
}

static const struct compiled *compile(struct bf_patterns *patterns, const char *pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;

    for (struct compiled *c = patterns->compiled; c != NULL; c = c->next) {
        if (c->pattern == pattern) {
            return c;
        }
    }
    struct compiled *c = BF_NEW(patterns->arena, struct compiled);
    *c = (struct compiled){.next = patterns->compiled, .pattern = pattern};
    c->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL, &error,
                            &offset, NULL);
    c->match = c->code == NULL ? NULL : pcre2_match_data_create(1, NULL);
    patterns->compiled = c;
    return c;
}

bool bf_pattern_compiles(struct bf_patterns *patterns, const char *pattern)
{
    return compile(patterns, pattern)->code != NULL;
}

bool bf_pattern_matches(struct bf_patterns *patterns, const char *pattern, struct bf_sv text)
{
    const struct compiled *c = compile(patterns, pattern);

    if (c->code == NULL || c->match == NULL) {
        return true; /* tests compile every pattern of the tables */
    }
    if (bf_sv_find(text, '\0') < text.len) {
        return false;
    }
    size_t steps = STEPS_LEAST + STEPS_A_BYTE * text.len;
    (void)pcre2_set_match_limit(patterns->limits,
                                steps > UINT32_MAX ? UINT32_MAX : (uint32_t)steps);
    int result = pcre2_match(c->code, (PCRE2_SPTR)(text.len == 0 ? "" : text.ptr), text.len, 0, 0,
                             c->match, patterns->limits);
    return result != PCRE2_ERROR_NOMATCH; /* out of steps: the service is the judge */
}

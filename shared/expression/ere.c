#include "expression/ere.h"

#include <regex.h>

enum { PATTERN_MAX = 512, REPEAT_MAX = 1000 };

struct bf_ere {
    regex_t compiled;
    bool grouped;
};

static void release(void *ptr)
{
    regfree(ptr);
}

/* The product of all upper bounds in braces: how large the compiled pattern may become. */
static bool repeats_bounded(struct bf_sv pattern)
{
    int64_t product = 1;

    for (size_t at = bf_sv_find(pattern, '{'); at < pattern.len;) {
        size_t close = at + bf_sv_find(bf_sv_from(pattern, at), '}');
        struct bf_sv high = bf_sv_slice(pattern, at + 1, close);
        struct bf_sv low = bf_sv_cut(&high, ',');
        int64_t times = 1;
        (void)(bf_sv_i64(high, 0, INT32_MAX, &times) || bf_sv_i64(low, 0, INT32_MAX, &times));
        product *= times > 1 ? times : 1;
        if (product > REPEAT_MAX) {
            return false;
        }
        at = close + bf_sv_find(bf_sv_from(pattern, close), '{');
    }
    return true;
}

static bool refers_back(struct bf_sv pattern)
{
    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if (pattern.ptr[i] == '\\') {
            char next = pattern.ptr[i + 1];
            if (next >= '1' && next <= '9') {
                return true;
            }
            i++;
        }
    }
    return false;
}

enum bf_code bf_ere_compile(struct bf_arena *arena, struct bf_sv pattern, const struct bf_ere **out,
                            struct bf_err *err)
{
    struct bf_sv shown = bf_sv_slice(pattern, 0, 64);
    const char *why = NULL;

    if (pattern.len > PATTERN_MAX) {
        why = "is longer than 512 bytes";
    } else if (!repeats_bounded(pattern)) {
        why = "repeats too often: the bounds in braces may multiply to 1000";
    } else if (refers_back(pattern)) {
        why = "has a back-reference, which is not part of extended regular expressions";
    } else if (bf_sv_find(pattern, '\0') < pattern.len) {
        why = "holds a NUL";
    }
    if (why != NULL) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE, "regular expression '" BF_SV_FMT "' %s",
                          BF_SV_ARG(shown), why);
    }
    struct bf_ere *ere = BF_NEW(arena, struct bf_ere);
    int code = regcomp(&ere->compiled, bf_sv_z(arena, pattern), REG_EXTENDED);
    if (code != 0) {
        char text[128];
        (void)regerror(code, &ere->compiled, text, sizeof(text));
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "regular expression '" BF_SV_FMT "' is not valid: %s", BF_SV_ARG(shown),
                          text);
    }
    bf_arena_defer(arena, release, &ere->compiled);
    ere->grouped = ere->compiled.re_nsub > 0;
    *out = ere;
    return BF_OK;
}

bool bf_ere_has_group(const struct bf_ere *ere)
{
    return ere->grouped;
}

bool bf_ere_find(const struct bf_ere *ere, struct bf_arena *arena, struct bf_sv text,
                 struct bf_sv *out)
{
    regmatch_t found[2];

    if (bf_sv_find(text, '\0') < text.len ||
        regexec(&ere->compiled, bf_sv_z(arena, text), BF_COUNTOF(found), found, 0) != 0) {
        return false;
    }
    const regmatch_t *group = &found[ere->grouped ? 1 : 0];
    *out = BF_SV("");
    if (group->rm_so >= 0) {
        *out = bf_sv_slice(text, (size_t)group->rm_so, (size_t)group->rm_eo);
    }
    return true;
}

/* Configuration interpolations, ${variables.x}, where run-time text stands: told by their look. */
#include "expression/expression.h"
#include "expression/tree.h"

static bool is_root(struct bf_sv name)
{
    return bf_sv_is(name, "schedule") || bf_sv_is(name, "run") || bf_sv_is(name, "last") ||
           bf_sv_is(name, "trigger");
}

/* Index of the first of ${chars}, or text.len. */
static size_t find_any(struct bf_sv text, const char *chars)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0' && strchr(chars, text.ptr[i]) != NULL) {
            return i;
        }
    }
    return text.len;
}

/* ${inside}: what follows "${". A nested ${ in the path makes it one that is computed. */
static bool is_configuration(struct bf_sv inside)
{
    inside = bf_sv_trim(bf_sv_slice(inside, 0, bf_sv_find(inside, '}')));
    struct bf_sv head = bf_sv_slice(inside, 0, find_any(inside, ":,\"' \t"));

    if (inside.len == 0) {
        return false;
    }
    if (inside.ptr[0] == '.' || inside.ptr[0] == '[') {
        return true;
    }
    if (head.len < inside.len && inside.ptr[head.len] == ':') {
        return bf_sv_starts(head, BF_SV("oc."));
    }
    return head.len == inside.len && !is_root(bf_sv_slice(head, 0, find_any(head, ".[")));
}

bool bf_expr_configuration(struct bf_sv text, size_t *column, struct bf_sv *what)
{
    size_t backslashes = 0;

    for (size_t i = 0; i + 1 < text.len; i++) {
        bool opens = text.ptr[i] == '$' && text.ptr[i + 1] == '{' && backslashes % 2 == 0;
        backslashes = text.ptr[i] == '\\' ? backslashes + 1 : 0;
        if (opens && is_configuration(bf_sv_from(text, i + 2))) {
            *column = bf_expr_column(text, i);
            *what = bf_sv_slice(text, i, i + bf_sv_find(bf_sv_from(text, i), '}') + 1);
            return true;
        }
    }
    return false;
}

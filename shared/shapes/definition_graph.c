#include "shapes/definition.h"

enum colour { WHITE, GREY, BLACK };

struct visit {
    struct definition *def;
    unsigned char *colour;
    int *stack; /* the path of the depth-first walk */
    size_t depth;
};

static void report_cycle(struct visit *v, int to)
{
    struct bf_buf text = bf_buf_new(v->def->arena, 512);
    size_t from = 0;

    while (from < v->depth && v->stack[from] != to) {
        from++;
    }
    for (size_t i = from; i < v->depth; i++) {
        bf_buf_printf(&text, BF_SV_FMT " -> ", BF_SV_ARG(v->def->steps[v->stack[i]].name));
    }
    const struct def_step *s = &v->def->steps[to];
    (void)DEF_REPORT(v->def, "definition.cycle", s->node, s->path,
                     "the steps wait for each other: %s" BF_SV_FMT, text.ptr, BF_SV_ARG(s->name));
}

/* What a step waits for, one after the other; a step of a branch waits for its condition as well.
 */
static int next_need(const struct def_step *s, size_t i)
{
    if (i < s->need_count) {
        return s->needs[i];
    }
    return i == s->need_count ? s->parent : NO_STEP;
}

/* Iterative: a chain of a thousand steps must not be a thousand frames. */
static void find_cycles(struct definition *def)
{
    size_t n = def->step_count;
    struct visit v = {.def = def,
                      .colour = bf_arena_alloc(def->arena, n + 1, 1),
                      .stack = BF_NEW_N(def->arena, int, n + 1)};
    size_t *at = BF_NEW_N(def->arena, size_t, n + 1);

    for (size_t start = 0; start < n; start++) {
        if (v.colour[start] != WHITE) {
            continue;
        }
        v.stack[0] = (int)start;
        at[0] = 0;
        v.depth = 1;
        v.colour[start] = GREY;
        while (v.depth != 0) {
            int top = v.stack[v.depth - 1];
            const struct def_step *s = &def->steps[top];
            size_t i = at[v.depth - 1]++;
            if (i > s->need_count) {
                v.colour[top] = BLACK;
                v.depth--;
                continue;
            }
            int need = next_need(s, i);
            if (need != NO_STEP && v.colour[need] == GREY) {
                report_cycle(&v, need);
            } else if (need != NO_STEP && v.colour[need] == WHITE) {
                v.colour[need] = GREY;
                v.stack[v.depth] = need;
                at[v.depth++] = 0;
            }
        }
    }
}

/* ---- branches ---- */

/* Bit 0: the step runs only with the "if" branch of condition i, bit 1: with the "else" branch. */
static void require_branches(const struct definition *def, int step, unsigned char *required)
{
    for (int s = step; s != NO_STEP && def->steps[s].parent != NO_STEP; s = def->steps[s].parent) {
        if (def_for_each_of(def, s) != NO_STEP) {
            continue; /* a body is no branch */
        }
        required[def->steps[s].parent] |= def->steps[s].in_else ? 2U : 1U;
    }
}

static bool is_inside(const struct definition *def, int step, int condition, bool in_else)
{
    for (int s = step; s != NO_STEP; s = def->steps[s].parent) {
        if (def->steps[s].parent == condition && def->steps[s].in_else == in_else) {
            return true;
        }
    }
    return false;
}

/* All that ${start} waits for, over other steps too, marked in ${seen}. */
static void mark_needs(const struct definition *def, size_t start, unsigned char *seen, int *todo)
{
    size_t count = 1;

    memset(seen, 0, def->step_count);
    todo[0] = (int)start;
    seen[start] = 1;
    while (count != 0) {
        const struct def_step *s = &def->steps[todo[--count]];
        for (size_t i = 0; i <= s->need_count; i++) {
            int need = next_need(s, i);
            if (need != NO_STEP && !seen[need]) {
                seen[need] = 1;
                todo[count++] = need;
            }
        }
    }
}

static void warn_one_branch(struct definition *def, size_t at)
{
    const struct def_step *s = &def->steps[at];

    for (size_t i = 0; i < s->need_count; i++) {
        const struct def_step *need = &def->steps[s->needs[i]];
        if (need->parent == NO_STEP || def_for_each_of(def, s->needs[i]) != NO_STEP ||
            is_inside(def, (int)at, need->parent, need->in_else)) {
            continue;
        }
        struct bf_finding *f = DEF_REPORT(def, "definition.branch", s->node, s->path,
                                          "the step '" BF_SV_FMT "' needs '" BF_SV_FMT
                                          "' inside of a branch: it runs only with that branch",
                                          BF_SV_ARG(s->name), BF_SV_ARG(need->name));
        if (f != NULL) {
            f->warning = true;
            f->hint = BF_SV("move it into the branch");
        }
    }
}

static void check_branches(struct definition *def)
{
    size_t n = def->step_count;
    unsigned char *seen = bf_arena_alloc(def->arena, n + 1, 1);
    unsigned char *required = bf_arena_alloc(def->arena, n + 1, 1);
    int *todo = BF_NEW_N(def->arena, int, n + 1);

    for (size_t at = 0; at < n; at++) {
        const struct def_step *s = &def->steps[at];
        bool never = false;
        mark_needs(def, at, seen, todo);
        memset(required, 0, n);
        for (size_t i = 0; i < n; i++) {
            if (seen[i]) {
                require_branches(def, (int)i, required);
            }
        }
        for (size_t i = 0; i < n && !never; i++) {
            never = required[i] == 3;
            if (never) {
                (void)DEF_REPORT(def, "definition.branch", s->node, s->path,
                                 "the step '" BF_SV_FMT
                                 "' can never run: it needs both branches of '" BF_SV_FMT "'",
                                 BF_SV_ARG(s->name), BF_SV_ARG(def->steps[i].name));
            }
        }
        if (!never) {
            warn_one_branch(def, at);
        }
    }
}

void def_check_graph(struct definition *def)
{
    size_t conditions = 0;

    find_cycles(def);
    for (size_t i = 0; i < def->step_count; i++) {
        conditions += def->steps[i].parent != NO_STEP;
    }
    if (conditions != 0) {
        check_branches(def);
    }
}

#include <stdlib.h>
#include <string.h>

#include "spec/check.h"
#include "spec/meant.h"

/*
 * What needs what: cycles, steps that can never run, steps that run with a branch only, steps that
 * nothing uses. A step of a branch needs the condition that holds it.
 */

struct edge {
    size_t to;
    struct bf_loc loc; /* line 0: the branch's condition */
};

struct node {
    struct edge *edges;
    size_t count, cap;
    size_t waiting;    /* needs that are not done (Kahn) */
    size_t *needed_by; /* nodes that need this one */
    size_t needed_count, needed_cap;
    size_t *branches; /* branches that must run: 2 * condition + (else ? 1 : 0), sorted */
    size_t branch_count;
    size_t parts; /* of the path of its model: see count_parts() */
    bool done, never, used;
    bool stuck; /* in a cycle that has been told */
};

struct graph {
    struct bf_check *check;
    struct node *nodes;
    size_t *ready; /* room for finish() */
    size_t *order; /* each after what it needs */
    size_t ordered, count;
    size_t walks; /* of break_cycle(): each marks its way with its own number */
};

/* Past this many branches a step's list is cut: a file of that kind has no reader anyway. */
enum { BRANCHES_MAX = 256 };

static struct bf_step *step_at(const struct graph *graph, size_t i)
{
    return graph->check->pipeline->steps[i];
}

static void add_edge(struct graph *graph, size_t from, size_t to, struct bf_loc loc)
{
    struct bf_arena *arena = graph->check->scratch;
    struct node *node = &graph->nodes[from], *other = &graph->nodes[to];
    node->edges = bf_arena_grow(arena, node->edges, node->count, &node->cap, sizeof(struct edge));
    node->edges[node->count++] = (struct edge){.to = to, .loc = loc};
    node->waiting++;
    other->needed_by = bf_arena_grow(arena, other->needed_by, other->needed_count,
                                     &other->needed_cap, sizeof(size_t));
    other->needed_by[other->needed_count++] = from;
}

static void build(struct graph *graph)
{
    const struct bf_check *check = graph->check;
    for (size_t i = 0; i < check->need_count; i++) {
        const struct bf_need *need = &check->needs[i];
        if (need->to->unchecked) {
            continue;
        }
        if (need->from == NULL) {
            graph->nodes[need->to->index].used = true;
            continue;
        }
        add_edge(graph, need->from->index, need->to->index, need->loc);
        graph->nodes[need->to->index].used = true;
    }
    for (size_t i = 0; i < graph->count; i++) {
        if (step_at(graph, i)->parent != NULL) {
            add_edge(graph, i, step_at(graph, i)->parent->index, BF_NOWHERE);
        }
    }
}

static void finish(struct graph *graph, size_t at)
{
    size_t *ready = graph->ready;
    size_t count = 0;
    ready[count++] = at;
    graph->nodes[at].done = true;
    while (count > 0) {
        size_t node = ready[--count];
        graph->order[graph->ordered++] = node;
        for (size_t i = 0; i < graph->nodes[node].needed_count; i++) {
            struct node *other = &graph->nodes[graph->nodes[node].needed_by[i]];
            other->waiting--;
            if (other->waiting == 0 && !other->done) {
                other->done = true;
                ready[count++] = (size_t)(other - graph->nodes);
            }
        }
    }
}

/* ---- cycles ---- */

static const struct edge *open_edge(const struct graph *graph, size_t at)
{
    for (size_t i = 0; i < graph->nodes[at].count; i++) {
        if (!graph->nodes[graph->nodes[at].edges[i].to].done) {
            return &graph->nodes[at].edges[i];
        }
    }
    return NULL;
}

static void report_cycle(struct graph *graph, size_t start)
{
    struct bf_check *check = graph->check;
    size_t first = start;
    const struct edge *edge = open_edge(graph, start);
    /* The member of the cycle that comes first in the file tells it. */
    for (size_t at = start; edge != NULL && edge->to != start; edge = open_edge(graph, at)) {
        at = edge->to;
        first = at < first ? at : first;
    }
    struct bf_buf path = bf_buf_new(check->scratch, 1500);
    struct bf_loc loc = BF_NOWHERE;
    size_t at = first;
    do {
        edge = open_edge(graph, at);
        if (edge == NULL) {
            break; /* never: what is stuck waits for something */
        }
        loc = loc.line == 0 ? edge->loc : loc;
        graph->nodes[at].stuck = true;
        bf_buf_printf(&path, "'" BF_SV_FMT "' needs ", BF_SV_ARG(step_at(graph, at)->name));
        at = edge->to;
    } while (at != first);
    bf_buf_printf(&path, "'" BF_SV_FMT "'", BF_SV_ARG(step_at(graph, first)->name));
    bf_diag(check->diags, BF_ERROR, "reference.cycle",
            loc.line == 0 ? step_at(graph, first)->loc : loc,
            "steps wait for each other: " BF_SV_FMT, BF_SV_ARG(bf_buf_sv(&path)));
}

/** From a node that is stuck, follow its needs until one comes again: that one is in a cycle. */
static void break_cycle(struct graph *graph, size_t stuck, size_t *mark)
{
    size_t at = stuck, stamp = ++graph->walks;
    while (mark[at] != stamp) {
        const struct edge *edge = open_edge(graph, at);
        mark[at] = stamp;
        at = edge == NULL ? at : edge->to;
    }
    report_cycle(graph, at);
    finish(graph, at);
}

static void sort_by_need(struct graph *graph)
{
    size_t *mark = BF_NEW_N(graph->check->scratch, size_t, graph->count + 1);
    for (size_t i = 0; i < graph->count; i++) {
        if (!graph->nodes[i].done && graph->nodes[i].waiting == 0) {
            finish(graph, i);
        }
    }
    for (size_t i = 0; i < graph->count; i++) {
        while (!graph->nodes[i].done) {
            break_cycle(graph, i, mark);
        }
    }
}

/* ---- branches ---- */

static size_t branch_id(const struct bf_step *step)
{
    return 2 * step->parent->index + (step->branch == BF_BRANCH_ELSE ? 1 : 0);
}

static void add_branch(struct graph *graph, struct node *node, size_t id)
{
    size_t at = 0;
    while (at < node->branch_count && node->branches[at] < id) {
        at++;
    }
    if (node->branch_count == BRANCHES_MAX ||
        (at < node->branch_count && node->branches[at] == id)) {
        return;
    }
    size_t *wider = BF_NEW_N(graph->check->scratch, size_t, node->branch_count + 1);
    for (size_t i = 0; i < node->branch_count; i++) {
        wider[i < at ? i : i + 1] = node->branches[i];
    }
    wider[at] = id;
    node->branches = wider;
    node->branch_count++;
}

/** The condition of which both branches must run; SIZE_MAX: none. */
static size_t conflict(const struct node *node)
{
    for (size_t i = 1; i < node->branch_count; i++) {
        if (node->branches[i] % 2 == 1 && node->branches[i - 1] + 1 == node->branches[i]) {
            return node->branches[i] / 2;
        }
    }
    return SIZE_MAX;
}

static bool inside(const struct bf_step *step, size_t id)
{
    for (const struct bf_step *at = step; at->parent != NULL; at = at->parent) {
        if (branch_id(at) == id) {
            return true;
        }
    }
    return false;
}

/** Whether ${step} is a condition around ${inner}: that is a cycle, and has been told. */
static bool holds(const struct bf_step *step, const struct bf_step *inner)
{
    const struct bf_step *at = inner->parent;
    while (at != NULL && at != step) {
        at = at->parent;
    }
    return at != NULL;
}

static void report_branch(struct graph *graph, size_t at, size_t condition, struct bf_loc loc)
{
    struct bf_check *check = graph->check;
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "reference.branch", loc,
                "step '" BF_SV_FMT "' can never run: it needs both branches of '" BF_SV_FMT "'",
                BF_SV_ARG(step_at(graph, at)->name), BF_SV_ARG(step_at(graph, condition)->name));
    bf_diag_note(check->diags, diag, step_at(graph, condition)->loc, "the condition is here");
    bf_diag_hint(check->diags, diag, "repeat what it needs in both branches");
}

static void warn_one_branch(struct graph *graph, size_t at, const struct edge *edge)
{
    struct bf_check *check = graph->check;
    const struct bf_step *step = step_at(graph, at), *needed = step_at(graph, edge->to);
    bool told = graph->nodes[at].stuck && graph->nodes[edge->to].stuck;
    if (told || edge->loc.line == 0 || needed->parent == NULL || inside(step, branch_id(needed)) ||
        holds(step, needed)) {
        return;
    }
    struct bf_diag *diag = bf_diag(
        check->diags, BF_WARNING, "reference.one_branch", edge->loc,
        "step '" BF_SV_FMT "' runs only when '" BF_SV_FMT "' runs, in a branch of '" BF_SV_FMT "'",
        BF_SV_ARG(step->name), BF_SV_ARG(needed->name), BF_SV_ARG(needed->parent->name));
    bf_diag_hint(check->diags, diag, "move it into the branch");
}

/** Take over what the needs of a step must have; report the need that makes it impossible. */
static void check_node(struct graph *graph, size_t at)
{
    struct node *node = &graph->nodes[at];
    for (const struct bf_step *step = step_at(graph, at); step->parent != NULL;
         step = step->parent) {
        add_branch(graph, node, branch_id(step));
    }
    /* The condition around it first: a need of its own is the better place for what is wrong. */
    for (size_t i = 0; i < node->count * 2; i++) {
        const struct edge *edge = &node->edges[i % node->count];
        const struct node *other = &graph->nodes[edge->to];
        if ((edge->loc.line == 0) != (i < node->count)) {
            continue;
        }
        node->never = node->never || other->never;
        for (size_t b = 0; b < other->branch_count; b++) {
            add_branch(graph, node, other->branches[b]);
        }
        size_t condition = conflict(node);
        if (condition != SIZE_MAX && !node->never) {
            struct bf_loc loc = edge->loc.line == 0 ? step_at(graph, at)->loc : edge->loc;
            report_branch(graph, at, condition, loc);
            node->never = true;
        }
    }
    for (size_t i = 0; i < node->count && !node->never; i++) {
        warn_one_branch(graph, at, &node->edges[i]);
    }
}

/* The path of a tuning job's model is written out where it is used: these grow with each other. */
enum { PARTS_MAX = 30 };

static void count_parts(struct graph *graph, size_t at)
{
    struct bf_check *check = graph->check;
    struct node *node = &graph->nodes[at];
    const struct bf_value *to = bf_step_get(step_at(graph, at), "output.to");
    bool parts = to != NULL && (to->kind == BF_VALUE_REFERENCE || to->kind == BF_VALUE_JOINED);
    node->parts = 3;
    for (size_t i = 0; parts && i < to->count && node->parts <= PARTS_MAX; i++) {
        struct bf_target target = {0};
        struct bf_mistake mistake;
        bool known =
            to->parts[i].ref != NULL && bf_reference_resolve(check->scratch, check->pipeline,
                                                             to->parts[i].ref, &target, &mistake);
        bool tuned = known && target.form == BF_TARGET_TUNED_MODEL;
        node->parts += tuned ? graph->nodes[target.step->index].parts : 1;
    }
    if (node->parts > PARTS_MAX) {
        struct bf_spot spot = {.value = to, .own = to, .loc = to->loc};
        bf_check_error(check, &spot, "spec.length",
                       "'output.to' has more than %d parts when the models in it are written out",
                       PARTS_MAX);
        node->parts = 3; /* told once */
    }
}

/** Of a step without a type nobody knows what it refers to. */
static bool has_untyped(const struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) {
        if (step_at(graph, i)->kind == BF_STEP_KINDS) {
            return true;
        }
    }
    return false;
}

static void note_unused(struct graph *graph)
{
    struct bf_check *check = graph->check;
    bool blind = check->blind || has_untyped(graph);
    for (size_t i = 0; i < graph->count && !blind; i++) {
        const struct bf_step *step = step_at(graph, i);
        const struct bf_value *outputs = bf_step_get(step, "outputs");
        bool silent = step->kind == BF_STEP_PROCESSING &&
                      (outputs == NULL || (outputs->kind == BF_VALUE_MAP && outputs->count == 0)) &&
                      !bf_field_is_misspelt(bf_fields_step, step->own, "outputs", step->kind);
        if (silent && !graph->nodes[i].used) {
            bf_diag(check->diags, BF_NOTE, "step.unused", step->loc,
                    "step '" BF_SV_FMT "' has no output and nothing refers to it",
                    BF_SV_ARG(step->name));
        }
    }
}

/** Those that were not checked are behind all others: nobody knows what they need. */
static size_t checked_steps(const struct bf_pipeline *pipeline)
{
    size_t count = pipeline->step_count;
    while (count > 0 && pipeline->steps[count - 1]->unchecked) {
        count--;
    }
    return count;
}

void bf_check_graph(struct bf_check *check)
{
    size_t count = checked_steps(check->pipeline);
    struct graph graph = {.check = check,
                          .count = count,
                          .nodes = BF_NEW_N(check->scratch, struct node, count + 1),
                          .ready = BF_NEW_N(check->scratch, size_t, count + 1),
                          .order = BF_NEW_N(check->scratch, size_t, count + 1)};
    build(&graph);
    sort_by_need(&graph);
    for (size_t i = 0; i < graph.ordered; i++) {
        check_node(&graph, graph.order[i]);
        count_parts(&graph, graph.order[i]);
    }
    note_unused(&graph);
}

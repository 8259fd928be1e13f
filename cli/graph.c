#include "cli/graph.h"

/* ---- edges ---- */

struct arrows {
    size_t *targets; /* per step: the steps it needs, each once */
    size_t *counts;
    size_t steps;
};

static bool has(const struct arrows *arrows, size_t from, size_t to)
{
    for (size_t i = 0; i < arrows->counts[from]; i++) {
        if (arrows->targets[from * arrows->steps + i] == to) {
            return true;
        }
    }
    return false;
}

/* A picture of more steps has no reader, and this table is square. */
enum { STEPS_MAX = 2000 };

static struct arrows arrows_of(struct bf_arena *arena, const struct bf_pipeline *pipeline)
{
    size_t steps = pipeline->step_count > STEPS_MAX ? STEPS_MAX : pipeline->step_count;
    struct arrows arrows = {.targets = BF_NEW_N(arena, size_t, steps * steps + 1),
                            .counts = BF_NEW_N(arena, size_t, steps + 1),
                            .steps = steps};
    for (size_t i = 0; i < pipeline->need_count; i++) {
        const struct bf_need *need = &pipeline->needs[i];
        if (need->from == NULL || need->from->index >= steps || need->to->index >= steps ||
            has(&arrows, need->from->index, need->to->index)) {
            continue;
        }
        size_t from = need->from->index;
        arrows.targets[from * steps + arrows.counts[from]++] = need->to->index;
    }
    return arrows;
}

static const char *branch_word(const struct bf_step *step)
{
    return step->branch == BF_BRANCH_THEN ? "then" : "else";
}

/* ---- Graphviz ---- */

void bf_graph_dot(struct bf_buf *out, const struct bf_pipeline *pipeline)
{
    struct arrows arrows = arrows_of(out->arena, pipeline);
    bf_buf_addz(out, "digraph ");
    bf_buf_json(out, pipeline->name);
    bf_buf_addz(out, " {\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < arrows.steps; i++) {
        const struct bf_step *step = pipeline->steps[i];
        bf_buf_addz(out, "  ");
        bf_buf_json(out, step->name);
        bf_buf_printf(out, " [label=\"" BF_SV_FMT "\\n%s\"%s];\n", BF_SV_ARG(step->name),
                      bf_step_kind_word(step->kind),
                      step->kind == BF_STEP_CONDITION ? ", shape=diamond" : "");
    }
    for (size_t i = 0; i < arrows.steps; i++) {
        const struct bf_step *step = pipeline->steps[i];
        for (size_t n = 0; n < arrows.counts[i]; n++) {
            bf_buf_addz(out, "  ");
            bf_buf_json(out, pipeline->steps[arrows.targets[i * arrows.steps + n]]->name);
            bf_buf_addz(out, " -> ");
            bf_buf_json(out, step->name);
            bf_buf_addz(out, ";\n");
        }
        if (step->parent != NULL) {
            bf_buf_addz(out, "  ");
            bf_buf_json(out, step->parent->name);
            bf_buf_addz(out, " -> ");
            bf_buf_json(out, step->name);
            bf_buf_printf(out, " [label=\"%s\", style=dashed];\n", branch_word(step));
        }
    }
    bf_buf_addz(out, "}\n");
}

/* ---- Mermaid ---- */

void bf_graph_mermaid(struct bf_buf *out, const struct bf_pipeline *pipeline)
{
    struct arrows arrows = arrows_of(out->arena, pipeline);
    bf_buf_addz(out, "flowchart TD\n");
    for (size_t i = 0; i < arrows.steps; i++) {
        const struct bf_step *step = pipeline->steps[i];
        bool condition = step->kind == BF_STEP_CONDITION;
        bf_buf_printf(out, "  s%zu%s\"" BF_SV_FMT "<br/>%s\"%s\n", i, condition ? "{" : "[",
                      BF_SV_ARG(step->name), bf_step_kind_word(step->kind), condition ? "}" : "]");
    }
    for (size_t i = 0; i < arrows.steps; i++) {
        const struct bf_step *step = pipeline->steps[i];
        for (size_t n = 0; n < arrows.counts[i]; n++) {
            bf_buf_printf(out, "  s%zu --> s%zu\n", arrows.targets[i * arrows.steps + n], i);
        }
        if (step->parent != NULL) {
            bf_buf_printf(out, "  s%zu -. %s .-> s%zu\n", step->parent->index, branch_word(step),
                          i);
        }
    }
}

/* ---- SVG ---- */

static const size_t BOX_WIDTH = 180, BOX_HEIGHT = 44, GAP_X = 30, GAP_Y = 50, MARGIN = 20;

struct layout {
    size_t *row, *column, *in_row; /* per step; per row */
    size_t rows, widest;
};

/** Rows: one below the lowest of what a step needs. There are no cycles in a checked pipeline. */
static struct layout lay_out(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                             const struct arrows *arrows)
{
    size_t steps = arrows->steps;
    struct layout layout = {.row = BF_NEW_N(arena, size_t, steps + 1),
                            .column = BF_NEW_N(arena, size_t, steps + 1),
                            .in_row = BF_NEW_N(arena, size_t, steps + 2)};
    bool moved = true;
    for (size_t round = 0; moved && round <= steps; round++) {
        moved = false;
        for (size_t i = 0; i < steps; i++) {
            const struct bf_step *parent = pipeline->steps[i]->parent;
            size_t row = parent == NULL ? 0 : layout.row[parent->index] + 1;
            for (size_t n = 0; n < arrows->counts[i]; n++) {
                size_t below = layout.row[arrows->targets[i * steps + n]] + 1;
                row = below > row ? below : row;
            }
            moved = moved || row != layout.row[i];
            layout.row[i] = row > steps ? steps : row;
        }
    }
    for (size_t i = 0; i < steps; i++) {
        layout.column[i] = layout.in_row[layout.row[i]]++;
        layout.rows = layout.row[i] + 1 > layout.rows ? layout.row[i] + 1 : layout.rows;
        layout.widest = layout.column[i] + 1 > layout.widest ? layout.column[i] + 1 : layout.widest;
    }
    return layout;
}

/** Whom a step waits for directly: what it needs, and the condition whose branch holds it. */
static size_t before(const struct bf_pipeline *pipeline, const struct arrows *arrows, size_t step,
                     size_t n)
{
    const struct bf_step *parent = pipeline->steps[step]->parent;
    if (n < arrows->counts[step]) {
        return arrows->targets[step * arrows->steps + n];
    }
    bool condition = n == arrows->counts[step] && parent != NULL && parent->index < arrows->steps;
    return condition ? parent->index : SIZE_MAX;
}

/** A square table: [step * steps + other] is true where step waits for other, over any others. */
static bool *waits_of(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                      const struct arrows *arrows, const struct layout *layout)
{
    size_t steps = arrows->steps;
    bool *waits = BF_NEW_N(arena, bool, steps *steps + 1);
    for (size_t row = 0; row < layout->rows; row++) {
        for (size_t i = 0; i < steps; i++) {
            size_t other = 0;
            for (size_t n = 0;
                 layout->row[i] == row && (other = before(pipeline, arrows, i, n)) != SIZE_MAX;
                 n++) {
                waits[i * steps + other] = true;
                for (size_t at = 0; at < steps; at++) {
                    waits[i * steps + at] |= waits[other * steps + at];
                }
            }
        }
    }
    return waits;
}

/** An arrow that others imply would run behind the box between its ends. */
static bool implied(const struct bf_pipeline *pipeline, const struct arrows *arrows,
                    const bool *waits, size_t from, size_t to)
{
    size_t other = 0;
    for (size_t n = 0; (other = before(pipeline, arrows, to, n)) != SIZE_MAX; n++) {
        if (other != from && waits[other * arrows->steps + from]) {
            return true;
        }
    }
    return false;
}

static size_t left_of(const struct layout *layout, size_t step)
{
    /* Every row is centred: half a box to the right for each box fewer than in the widest. */
    size_t missing = layout->widest - layout->in_row[layout->row[step]];
    return MARGIN + layout->column[step] * (BOX_WIDTH + GAP_X) + missing * (BOX_WIDTH + GAP_X) / 2;
}

static size_t top_of(const struct layout *layout, size_t step)
{
    return MARGIN + layout->row[step] * (BOX_HEIGHT + GAP_Y);
}

static void put_arrow(struct bf_buf *out, const struct layout *layout, size_t from, size_t to,
                      const char *label)
{
    size_t x1 = left_of(layout, from) + BOX_WIDTH / 2, y1 = top_of(layout, from) + BOX_HEIGHT;
    size_t x2 = left_of(layout, to) + BOX_WIDTH / 2, y2 = top_of(layout, to);
    size_t middle = (y1 + y2) / 2;
    bf_buf_printf(out,
                  "  <path d=\"M%zu %zu C%zu %zu %zu %zu %zu %zu\" fill=\"none\" stroke=\"#667\"%s "
                  "marker-end=\"url(#tip)\"/>\n",
                  x1, y1, x1, middle, x2, middle, x2, y2,
                  label != NULL ? " stroke-dasharray=\"5 4\"" : "");
    if (label != NULL) {
        bf_buf_printf(out,
                      "  <text x=\"%zu\" y=\"%zu\" text-anchor=\"middle\" font-size=\"10\" "
                      "fill=\"#667\">%s</text>\n",
                      x2 + 16, y2 - 8, label);
    }
}

/** As much of a name as a box holds; all of it is the box's title. */
static struct bf_sv shown(struct bf_arena *arena, struct bf_sv name)
{
    const size_t most = 23;
    return name.len <= most
               ? name
               : bf_sv_printf(arena, BF_SV_FMT "\u2026", BF_SV_ARG(bf_sv_slice(name, 0, most - 1)));
}

static const char *colour_of(const struct bf_step *step)
{
    switch (step->kind) {
    case BF_STEP_CONDITION:
        return "#fff3cd";
    case BF_STEP_FAIL:
        return "#f8d7da";
    case BF_STEP_TRAINING:
    case BF_STEP_TUNING:
        return "#d1e7dd";
    default:
        return "#e7f1ff";
    }
}

void bf_graph_svg(struct bf_buf *out, const struct bf_pipeline *pipeline)
{
    struct arrows arrows = arrows_of(out->arena, pipeline);
    struct layout layout = lay_out(out->arena, pipeline, &arrows);
    bool *waits = waits_of(out->arena, pipeline, &arrows, &layout);
    size_t width = 2 * MARGIN + layout.widest * (BOX_WIDTH + GAP_X) - GAP_X;
    size_t height = 2 * MARGIN + layout.rows * (BOX_HEIGHT + GAP_Y) - GAP_Y;
    bf_buf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
                  "viewBox=\"0 0 %zu %zu\" font-family=\"sans-serif\" font-size=\"13\">\n"
                  "  <title>" BF_SV_FMT
                  "</title>\n"
                  "  <defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
                  "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\">"
                  "<path d=\"M0 0L10 5L0 10z\" fill=\"#667\"/></marker></defs>\n",
                  width, height, width, height, BF_SV_ARG(pipeline->name));
    for (size_t i = 0; i < arrows.steps; i++) {
        for (size_t n = 0; n < arrows.counts[i]; n++) {
            size_t from = arrows.targets[i * arrows.steps + n];
            if (!implied(pipeline, &arrows, waits, from, i)) {
                put_arrow(out, &layout, from, i, NULL);
            }
        }
        const struct bf_step *step = pipeline->steps[i];
        if (step->parent != NULL && !implied(pipeline, &arrows, waits, step->parent->index, i)) {
            put_arrow(out, &layout, step->parent->index, i, branch_word(step));
        }
    }
    for (size_t i = 0; i < arrows.steps; i++) {
        const struct bf_step *step = pipeline->steps[i];
        size_t x = left_of(&layout, i), y = top_of(&layout, i);
        bf_buf_printf(out,
                      "  <g><title>" BF_SV_FMT
                      "</title><rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%zu\" rx=\"6\" "
                      "fill=\"%s\" stroke=\"#667\"/>",
                      BF_SV_ARG(step->name), x, y, BOX_WIDTH, BOX_HEIGHT, colour_of(step));
        bf_buf_printf(out,
                      "<text x=\"%zu\" y=\"%zu\" text-anchor=\"middle\">" BF_SV_FMT
                      "</text>"
                      "<text x=\"%zu\" y=\"%zu\" text-anchor=\"middle\" font-size=\"10\" "
                      "fill=\"#667\">%s</text></g>\n",
                      x + BOX_WIDTH / 2, y + 19, BF_SV_ARG(shown(out->arena, step->name)),
                      x + BOX_WIDTH / 2, y + 34, bf_step_kind_word(step->kind));
    }
    bf_buf_addz(out, "</svg>\n");
}

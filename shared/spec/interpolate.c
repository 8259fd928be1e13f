#include "spec/interpolate.h"

enum { MAX_DEPTH = 1200 };

bool bf_node_template(struct bf_interpolation *in, const struct bf_node *node,
                      struct bf_template *out)
{
    struct bf_grammar_error error = {0};
    struct bf_text_place place = bf_place_of_scalar(node->written);

    if (bf_grammar_text(in->scratch, node->written->text, &place, out, &error)) {
        return true;
    }
    struct bf_diag *diag = bf_complain(in, "interpolation.syntax", error.loc, "%s", error.message);
    if (error.column != 0 && error.column != error.loc.col) {
        bf_diag_note(in->diags, diag, BF_NOWHERE, "seen in column %u", error.column);
    }
    if (error.hint != NULL) {
        bf_diag_hint(in->diags, diag, "%s", error.hint);
    }
    return false;
}

static uint32_t add_size(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* NOLINTBEGIN(misc-no-recursion): in->depth is bounded, see bf_value_of */

static const struct bf_value *child_value(struct bf_interpolation *in, struct bf_node *node,
                                          size_t i)
{
    if (bf_node_made(node, i) == NULL && !bf_node_item(node, i)->open) {
        return bf_node_item(node, i);
    }
    return bf_value_of(in, bf_node_child(in->arena, node, i));
}

/* A map or list of the node's own children, to be changed. */
static struct bf_value *copy_container(struct bf_interpolation *in, const struct bf_node *node,
                                       struct bf_pair **pairs, const struct bf_value ***items)
{
    bool map = node->kind == BF_VALUE_MAP;
    struct bf_value *value =
        bf_new_value(in, map ? BF_VALUE_MAP : BF_VALUE_LIST, node->written->loc);

    value->count = node->count;
    if (map) {
        *pairs = BF_NEW_N(in->arena, struct bf_pair, node->count);
        memcpy(*pairs, node->pairs, node->count * sizeof(**pairs));
        value->pairs = *pairs;
    } else {
        *items = BF_NEW_N(in->arena, const struct bf_value *, node->count);
        memcpy(*items, node->written->items, node->count * sizeof(struct bf_value *));
        value->items = *items;
    }
    return value;
}

/* What is written, where nothing in it is merged or interpolated: then it needs no copy. */
static const struct bf_value *container(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_value *copy = NULL;
    struct bf_pair *pairs = NULL;
    const struct bf_value **items = NULL;
    uint32_t size = 1;

    if (!bf_node_is_unmerged(node)) {
        copy = copy_container(in, node, &pairs, &items);
    } else if (node->children == NULL && !node->written->open) {
        return node->written;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct bf_value *child = child_value(in, node, i);
        size = add_size(size, child->size);
        if (copy == NULL && child != bf_node_item(node, i)) {
            copy = copy_container(in, node, &pairs, &items);
        }
        if (pairs != NULL) {
            pairs[i].value = child;
        } else if (items != NULL) {
            items[i] = child;
        }
    }
    if (copy == NULL) {
        return node->written;
    }
    copy->size = size;
    return copy;
}

static void hint_layers(struct bf_interpolation *in, struct bf_diag *diag)
{
    bf_diag_hint(in->diags, diag, "%s",
                 in->vocabulary ? "an environment or the platform file may give it"
                                : "a file further to the right may give it");
}

static const struct bf_value *missing(struct bf_interpolation *in, const struct bf_node *node)
{
    struct bf_sv path = bf_node_path(in->scratch, node);
    struct bf_diag *diag = bf_complain(in, "interpolation.missing", node->written->loc,
                                       "'" BF_SV_FMT
                                       "' is mandatory ('?"
                                       "?"
                                       "?') and not given",
                                       BF_SV_ARG(path));

    hint_layers(in, diag);
    return bf_failed(in, node->written->loc);
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value */

static bool holds_missing(const struct bf_value *value)
{
    if (value->kind != BF_VALUE_LIST && value->kind != BF_VALUE_MAP) {
        return value->kind == BF_VALUE_STRING && bf_sv_is(value->text, "???");
    }
    for (size_t i = 0; i < value->count; i++) {
        bool map = value->kind == BF_VALUE_MAP;
        if (holds_missing(map ? value->pairs[i].value : value->items[i])) {
            return true;
        }
    }
    return false;
}

/* NOLINTEND(misc-no-recursion) */

const struct bf_value *bf_given(struct bf_interpolation *in, const struct bf_value *value,
                                struct bf_loc loc)
{
    if (!holds_missing(value)) {
        return value;
    }
    struct bf_diag *diag = bf_complain(in, "interpolation.missing", loc,
                                       "this gives '?"
                                       "?"
                                       "?': a mandatory value that is not given");
    hint_layers(in, diag);
    return bf_failed(in, loc);
}

/* The text of a node with "${" in it. */
static const struct bf_value *interpolated(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_frame frame = {.outer = in->frame, .node = node, .loc = node->written->loc};

    if (in->chain == BF_INTERPOLATION_CHAIN) {
        (void)bf_complain(in, "interpolation.cycle", node->written->loc,
                          "a chain of more than %d interpolations", BF_INTERPOLATION_CHAIN);
        return bf_failed(in, node->written->loc);
    }
    struct bf_template text = {0};
    if (!bf_node_template(in, node, &text)) {
        return bf_failed(in, node->written->loc);
    }
    in->frame = &frame;
    in->chain++;
    const struct bf_value *value = bf_template_value(in, node, &text, node->written->loc);
    if (value->kind == BF_VALUE_STRING) {
        value = bf_given(in, value, node->written->loc);
    }
    in->chain--;
    in->frame = frame.outer;
    return value;
}

static const struct bf_value *compute(struct bf_interpolation *in, struct bf_node *node)
{
    if (bf_node_is_missing(node)) {
        return missing(in, node);
    }
    if (node->raw && node->count == 0) {
        return node->written;
    }
    bf_node_expand(in, node);
    if (node->kind == BF_VALUE_MAP || node->kind == BF_VALUE_LIST) {
        return container(in, node);
    }
    return bf_node_is_interpolation(node) ? interpolated(in, node) : node->written;
}

const struct bf_value *bf_value_of(struct bf_interpolation *in, struct bf_node *node)
{
    if (node->state == BF_NODE_DONE) {
        return node->value;
    }
    if (node->state == BF_NODE_ACTIVE) {
        return bf_complain_cycle(in, node);
    }
    if (in->depth == MAX_DEPTH) {
        (void)bf_complain(in, "interpolation.cycle", node->written->loc,
                          "interpolations lead through more than %d levels", MAX_DEPTH);
        return bf_failed(in, node->written->loc);
    }
    struct bf_arena_mark mark = bf_arena_mark(in->scratch);
    node->state = BF_NODE_ACTIVE;
    in->depth++;
    node->value = compute(in, node);
    in->depth--;
    node->state = BF_NODE_DONE;
    bf_arena_rewind(in->scratch, mark);
    return node->value;
}

static bool path_of_keys(struct bf_interpolation *in, struct bf_node *node,
                         const struct bf_inter *inter, struct bf_key_path *out)
{
    if (!inter->has_nested_key) {
        struct bf_sv *keys = BF_NEW_N(in->scratch, struct bf_sv, inter->key_count);
        for (size_t i = 0; i < inter->key_count; i++) {
            keys[i] = bf_path_unescape(in->scratch, inter->keys[i].text);
        }
        *out = (struct bf_key_path){.dots = inter->dots, .keys = keys, .count = inter->key_count};
        return true;
    }
    struct bf_buf text = bf_buf_new(in->scratch, BF_DOCUMENT_MAX_TEXT);
    /* As OmegaConf does it: a key that comes from elsewhere may be a path itself. */
    bf_buf_fill(&text, '.', inter->dots);
    for (size_t i = 0; i < inter->key_count; i++) {
        const struct bf_inter_key *key = &inter->keys[i];
        struct bf_sv name = key->text;
        if (key->inter != NULL) {
            const struct bf_value *value = bf_inter_value(in, node, key->inter);
            if (value->kind == BF_VALUE_ERROR) {
                return false;
            }
            if (value->kind != BF_VALUE_STRING) {
                (void)bf_complain(in, "interpolation.type", key->inter->loc,
                                  bf_value_is_run_time(value)
                                      ? "a key must be known before the pipeline runs; this is %s"
                                      : "a key must be a string; this is %s",
                                  bf_value_kind_name(value));
                return false;
            }
            name = value->text;
        }
        bf_buf_addz(&text, key->bracket ? "[" : i == 0 ? "" : ".");
        bf_buf_add(&text, name);
        bf_buf_addz(&text, key->bracket ? "]" : "");
    }
    *out = bf_path_parse(in->scratch, bf_buf_sv(&text));
    return true;
}

const struct bf_value *bf_inter_value(struct bf_interpolation *in, struct bf_node *node,
                                      const struct bf_inter *inter)
{
    struct bf_key_path path = {0};

    if (in->frame != NULL) {
        in->frame->loc = inter->loc;
    }
    if (inter->is_call) {
        return bf_call_value(in, node, inter);
    }
    if (!path_of_keys(in, node, inter, &path)) {
        return bf_failed(in, inter->loc);
    }
    if (in->frame != NULL) {
        in->frame->loc = inter->loc;
    }
    struct bf_found found = bf_find_path(in, node, &path);
    if (found.result != BF_LOOKUP_FOUND) {
        return bf_report_path(in, inter->loc, &found);
    }
    return bf_read_target(in, inter->loc, found.target);
}

/* NOLINTEND(misc-no-recursion) */

#include "spec/interpolate.h"

#include "base/utf8.h"

/* A place on the way: a node, or a value inside of a call's answer. */
static struct bf_found fail(enum bf_lookup result, struct bf_reached where, struct bf_sv key)
{
    return (struct bf_found){.result = result, .target = where, .key = key};
}

static struct bf_found found_node(struct bf_node *node)
{
    return (struct bf_found){.result = BF_LOOKUP_FOUND, .target = {.node = node}};
}

static struct bf_found found_value(const struct bf_value *value)
{
    return (struct bf_found){.result =
                                 value->kind == BF_VALUE_ERROR ? BF_LOOKUP_FAILED : BF_LOOKUP_FOUND,
                             .target = {.value = value}};
}

/* The only interpolation of the node's text, if that is all of it and a path. */
static const struct bf_inter *whole_path(const struct bf_template *text)
{
    const struct bf_inter *inter = text->count == 1 ? text->pieces[0].inter : NULL;

    return inter == NULL || inter->is_call || inter->has_nested_key ? NULL : inter;
}

/* NOLINTBEGIN(misc-no-recursion): in->depth is bounded, see bf_value_of */

/* Where a text that is one path leads; false: it is none, and node->indirect remembers it. */
static bool find_whole(struct bf_interpolation *in, struct bf_node *node, struct bf_found *out)
{
    struct bf_arena_mark mark = bf_arena_mark(in->scratch);
    struct bf_template text = {0};
    const struct bf_inter *inter =
        !node->indirect && bf_node_template(in, node, &text) ? whole_path(&text) : NULL;

    node->indirect = inter == NULL;
    if (inter != NULL) {
        struct bf_sv *keys = BF_NEW_N(in->scratch, struct bf_sv, inter->key_count);
        struct bf_key_path path = {.dots = inter->dots, .keys = keys, .count = inter->key_count};
        for (size_t i = 0; i < inter->key_count; i++) {
            keys[i] = bf_path_unescape(in->scratch, inter->keys[i].text);
        }
        node->following = true;
        in->depth++;
        *out = bf_find_path(in, node, &path);
        in->depth--;
        node->following = false;
    }
    bf_arena_rewind(in->scratch, mark);
    return inter != NULL;
}

/*
 * Where the interpolation of ${node} leads, without computing what stands there: reading
 * ${a.x} through "a: ${b}" needs b.x and nothing else of b.
 */
static struct bf_found follow(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_found found = {0};

    if (node->target != NULL) {
        return found_node(node->target);
    }
    if (node->following) {
        (void)bf_complain_cycle(in, node);
        return fail(BF_LOOKUP_FAILED, (struct bf_reached){.node = node}, (struct bf_sv){0});
    }
    if (in->depth >= BF_INTERPOLATION_CHAIN * 2 || !find_whole(in, node, &found)) {
        return found_value(bf_value_of(in, node));
    }
    if (found.result == BF_LOOKUP_FOUND && found.target.node != NULL) {
        node->target = found.target.node;
        return found;
    }
    return found.result == BF_LOOKUP_FOUND ? found : found_value(bf_value_of(in, node));
}

/* What only a call can make has no place in the tree to go on from. */
static bool is_made(const struct bf_node *node)
{
    return node->kind == BF_VALUE_REFERENCE || node->kind == BF_VALUE_JOINED ||
           node->kind == BF_VALUE_ERROR;
}

struct bf_found bf_settle(struct bf_interpolation *in, struct bf_reached target)
{
    struct bf_found at = {.result = BF_LOOKUP_FOUND, .target = target};
    size_t links = 0;

    while (at.result == BF_LOOKUP_FOUND && at.target.node != NULL) {
        struct bf_node *node = at.target.node;
        bf_node_expand(in, node);
        if (!bf_node_is_interpolation(node)) {
            return is_made(node) ? found_value(node->written) : at;
        }
        if (++links > BF_INTERPOLATION_CHAIN) {
            return found_value(bf_value_of(in, node)); /* a cycle, or a chain too long */
        }
        at = follow(in, node);
    }
    return at;
}

/* [+-]?[0-9]+ with "_" between digits; false: no index at all. */
static bool parse_index(struct bf_sv key, size_t count, size_t *out, bool *in_range)
{
    size_t digits = key.len != 0 && (key.ptr[0] == '-' || key.ptr[0] == '+') ? 1 : 0;
    bool negative = digits == 1 && key.ptr[0] == '-';
    size_t value = 0, from = digits;

    for (; digits < key.len; digits++) {
        char c = key.ptr[digits];
        bool inner = digits > from && digits + 1 < key.len && key.ptr[digits - 1] != '_';
        if (c == '_' && inner) {
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        value = value > BF_YAML_MAX_BYTES ? value : value * 10 + (size_t)(c - '0');
    }
    *in_range = negative ? value <= count && value != 0 : value < count;
    if (negative && value == 0) {
        *in_range = count != 0;
    }
    *out = negative && value != 0 ? count - value : value;
    return key.len > from;
}

static struct bf_found step_list(struct bf_interpolation *in, struct bf_reached at, size_t count,
                                 struct bf_sv key)
{
    size_t index = 0;
    bool in_range = false;

    if (!parse_index(key, count, &index, &in_range)) {
        return fail(BF_LOOKUP_NO_INDEX, at, key);
    }
    if (!in_range) {
        return fail(BF_LOOKUP_NO_ITEM, at, key);
    }
    return at.node != NULL ? found_node(bf_node_child(in->arena, at.node, index))
                           : found_value(at.value->items[index]);
}

static struct bf_found step_node(struct bf_interpolation *in, struct bf_node *node,
                                 struct bf_sv key)
{
    struct bf_reached at = {.node = node};

    if (node->kind == BF_VALUE_LIST) {
        return step_list(in, at, node->count, key);
    }
    if (node->kind == BF_VALUE_MAP) {
        struct bf_node *child = bf_node_get(in->arena, node, key);
        return child == NULL ? fail(BF_LOOKUP_NO_KEY, at, key) : found_node(child);
    }
    return fail(bf_node_is_missing(node) ? BF_LOOKUP_MISSING : BF_LOOKUP_SCALAR, at, key);
}

static struct bf_found step_value(struct bf_interpolation *in, const struct bf_value *value,
                                  struct bf_sv key)
{
    struct bf_reached at = {.value = value};

    if (value->kind == BF_VALUE_LIST) {
        return step_list(in, at, value->count, key);
    }
    if (value->kind == BF_VALUE_MAP) {
        const struct bf_value *child = bf_value_get(value, key);
        return child == NULL ? fail(BF_LOOKUP_NO_KEY, at, key) : found_value(child);
    }
    return fail(BF_LOOKUP_SCALAR, at, key);
}

static struct bf_sv path_before(struct bf_interpolation *in, const struct bf_key_path *path,
                                size_t n)
{
    struct bf_buf text = bf_buf_new(in->scratch, 1024);

    for (size_t i = 0; i < n; i++) {
        bf_buf_addz(&text, i == 0 ? "" : ".");
        bf_buf_add(&text, path->keys[i]);
    }
    return bf_buf_sv(&text);
}

struct bf_found bf_find_path(struct bf_interpolation *in, struct bf_node *node,
                             const struct bf_key_path *path)
{
    struct bf_node *start = path->dots == 0 ? in->root : node;

    for (unsigned i = 0; i < path->dots && start != NULL; i++) {
        start = start->parent;
    }
    if (start == NULL) {
        return fail(BF_LOOKUP_ABOVE_ROOT, (struct bf_reached){.node = in->root},
                    path->count == 0 ? (struct bf_sv){0} : path->keys[0]);
    }
    struct bf_found at = found_node(start);
    for (size_t i = 0; i < path->count; i++) {
        if (at.target.node != NULL) {
            at.target.node->passed = true;
        }
        at = bf_settle(in, at.target);
        if (at.result != BF_LOOKUP_FOUND) {
            return at;
        }
        at = at.target.node != NULL ? step_node(in, at.target.node, path->keys[i])
                                    : step_value(in, at.target.value, path->keys[i]);
        if (at.result != BF_LOOKUP_FOUND) {
            at.before = path_before(in, path, i);
            return at;
        }
    }
    return at;
}

const struct bf_value *bf_read_target(struct bf_interpolation *in, struct bf_loc loc,
                                      struct bf_reached target)
{
    const struct bf_value *value = target.value;

    if (target.node != NULL) {
        target.node->whole = true;
        if (target.node->raw || target.node->holds_raw) {
            struct bf_sv path = bf_node_path(in->scratch, target.node);
            struct bf_diag *diag = bf_complain(in, "interpolation.type", loc,
                                               "'" BF_SV_FMT
                                               "' holds run-time text, which is known only when a "
                                               "schedule or trigger fires",
                                               BF_SV_ARG(path));
            bf_diag_hint(in->diags, diag, "%s",
                         "put the common value into 'variables' or into "
                         "the parameter's default");
            return bf_failed(in, loc);
        }
        value = bf_value_of(in, target.node);
    }
    if (value->kind == BF_VALUE_ERROR || !bf_count_expanded(in, loc, value->size)) {
        return bf_failed(in, loc);
    }
    return bf_value_at(in, value, loc, target.node);
}

/* ---- pending overlays ---- */

static bool is_joined(struct bf_interpolation *in, const struct bf_node *node)
{
    struct bf_arena_mark mark = bf_arena_mark(in->scratch);
    struct bf_template text = {0};
    bool joined = !bf_node_template(in, node, &text) || text.count != 1;

    bf_arena_rewind(in->scratch, mark);
    return joined;
}

/* What the interpolation stands for becomes the node's own content, if that is a map. */
static bool take_target(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_node *copy = NULL;
    struct bf_found found = {0};

    if (is_joined(in, node)) {
        return false; /* that is no map: the overlay replaces it, read or not */
    }
    if (!find_whole(in, node, &found)) {
        found = found_value(bf_value_of(in, node));
    }
    found = found.result == BF_LOOKUP_FOUND ? bf_settle(in, found.target) : found;
    if (found.result != BF_LOOKUP_FOUND) {
        return false;
    }
    if (found.target.node != NULL && found.target.node->kind == BF_VALUE_MAP) {
        if (!bf_count_expanded(in, node->written->loc, bf_node_size(found.target.node))) {
            return false;
        }
        copy = bf_node_clone(in->arena, node->parent, node->position, found.target.node);
    } else if (found.target.value != NULL && found.target.value->kind == BF_VALUE_MAP) {
        copy = bf_node_of_value(in->arena, node->parent, node->position, found.target.value);
    }
    if (copy == NULL) {
        return false;
    }
    node->pairs = copy->pairs;
    node->children = copy->children;
    node->count = copy->count;
    for (uint32_t i = 0; i < node->count; i++) {
        if (bf_node_made(node, i) != NULL) {
            node->children[i]->parent = node;
        }
    }
    return true;
}

void bf_node_expand(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_pending *pending = node->pending;
    struct bf_value *empty = NULL;

    if (pending == NULL || node->expanding) {
        return;
    }
    node->expanding = true;
    enum bf_node_state state = (enum bf_node_state)node->state;
    node->state = BF_NODE_NEW;
    (void)take_target(in, node);
    node->state = (uint8_t)state;
    node->value = NULL;
    node->pending = NULL;
    node->kind = BF_VALUE_MAP;
    node->index = NULL;
    node->target = NULL;
    empty = BF_NEW(in->arena, struct bf_value);
    *empty = (struct bf_value){.kind = BF_VALUE_MAP, .loc = node->written->loc, .size = 1};
    node->written = empty;
    for (; pending != NULL; pending = pending->next) {
        bf_node_merge(in->arena, node, pending->overlay);
    }
    node->expanding = false;
}

/* NOLINTEND(misc-no-recursion) */

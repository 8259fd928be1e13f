#include "spec/interpolate.h"

#include "base/utf8.h"

/* A place on the way: a node, or a value inside of a call's answer. */
static struct bf_found fail(enum bf_lookup result, struct bf_target where, struct bf_sv key)
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
static const struct bf_inter *whole_path(struct bf_interpolation *in, struct bf_node *node)
{
    const struct bf_template *text = bf_node_template(in, node);

    if (text == NULL || text->count != 1 || text->pieces[0].inter == NULL ||
        text->pieces[0].inter->is_call || text->pieces[0].inter->has_nested_key) {
        return NULL;
    }
    return text->pieces[0].inter;
}

/* NOLINTBEGIN(misc-no-recursion): in->depth is bounded, see bf_value_of */

static struct bf_found find_whole(struct bf_interpolation *in, struct bf_node *node,
                                  const struct bf_inter *inter)
{
    struct bf_sv *keys = BF_NEW_N(in->arena, struct bf_sv, inter->key_count);
    struct bf_path path = {.dots = inter->dots, .keys = keys, .count = inter->key_count};

    for (size_t i = 0; i < inter->key_count; i++) {
        keys[i] = bf_path_unescape(in->arena, inter->keys[i].text);
    }
    node->following = true;
    in->depth++;
    struct bf_found found = bf_find_path(in, node, &path);
    in->depth--;
    node->following = false;
    return found;
}

/*
 * Where the interpolation of ${node} leads, without computing what stands there: reading
 * ${a.x} through "a: ${b}" needs b.x and nothing else of b.
 */
static struct bf_found follow(struct bf_interpolation *in, struct bf_node *node)
{
    if (node->target != NULL) {
        return found_node(node->target);
    }
    if (node->following) {
        (void)bf_complain_cycle(in, node);
        return fail(BF_LOOKUP_FAILED, (struct bf_target){.node = node}, (struct bf_sv){0});
    }
    const struct bf_inter *inter = whole_path(in, node);
    if (inter == NULL || in->depth >= BF_INTERPOLATION_CHAIN * 2) {
        return found_value(bf_value_of(in, node));
    }
    struct bf_found found = find_whole(in, node, inter);
    if (found.result == BF_LOOKUP_FOUND && found.target.node != NULL) {
        node->target = found.target.node;
        return found;
    }
    return found.result == BF_LOOKUP_FOUND ? found : found_value(bf_value_of(in, node));
}

struct bf_found bf_settle(struct bf_interpolation *in, struct bf_target target)
{
    struct bf_found at = {.result = BF_LOOKUP_FOUND, .target = target};
    size_t links = 0;

    while (at.result == BF_LOOKUP_FOUND && at.target.node != NULL) {
        struct bf_node *node = at.target.node;
        bf_node_expand(in, node);
        if (!bf_node_is_interpolation(node)) {
            return node->yaml == NULL ? found_value(node->value) : at;
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

static struct bf_found step_list(struct bf_target at, size_t count, struct bf_sv key)
{
    size_t index = 0;
    bool in_range = false;

    if (!parse_index(key, count, &index, &in_range)) {
        return fail(BF_LOOKUP_NO_INDEX, at, key);
    }
    if (!in_range) {
        return fail(BF_LOOKUP_NO_ITEM, at, key);
    }
    return at.node != NULL ? found_node(at.node->entries[index].node)
                           : found_value(at.value->items[index]);
}

static struct bf_found step_node(struct bf_interpolation *in, struct bf_node *node,
                                 struct bf_sv key)
{
    struct bf_target at = {.node = node};

    if (node->kind == BF_YAML_LIST) {
        return step_list(at, node->count, key);
    }
    if (node->kind == BF_YAML_MAP) {
        struct bf_node *child = bf_node_get(in->arena, node, key);
        return child == NULL ? fail(BF_LOOKUP_NO_KEY, at, key) : found_node(child);
    }
    return fail(bf_node_is_missing(node) ? BF_LOOKUP_MISSING : BF_LOOKUP_SCALAR, at, key);
}

static struct bf_found step_value(const struct bf_value *value, struct bf_sv key)
{
    struct bf_target at = {.value = value};

    if (value->kind == BF_VALUE_LIST) {
        return step_list(at, value->count, key);
    }
    if (value->kind == BF_VALUE_MAP) {
        const struct bf_value *child = bf_value_get(value, key);
        return child == NULL ? fail(BF_LOOKUP_NO_KEY, at, key) : found_value(child);
    }
    return fail(BF_LOOKUP_SCALAR, at, key);
}

static struct bf_sv path_before(struct bf_interpolation *in, const struct bf_path *path, size_t n)
{
    struct bf_buf text = bf_buf_new(in->arena, 1024);

    for (size_t i = 0; i < n; i++) {
        bf_buf_addz(&text, i == 0 ? "" : ".");
        bf_buf_add(&text, path->keys[i]);
    }
    return bf_buf_sv(&text);
}

struct bf_found bf_find_path(struct bf_interpolation *in, struct bf_node *node,
                             const struct bf_path *path)
{
    struct bf_node *start = path->dots == 0 ? in->root : node;

    for (unsigned i = 0; i < path->dots && start != NULL; i++) {
        start = start->parent;
    }
    if (start == NULL) {
        return fail(BF_LOOKUP_ABOVE_ROOT, (struct bf_target){.node = in->root},
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
                                    : step_value(at.target.value, path->keys[i]);
        if (at.result != BF_LOOKUP_FOUND) {
            at.before = path_before(in, path, i);
            return at;
        }
    }
    return at;
}

const struct bf_value *bf_read_target(struct bf_interpolation *in, struct bf_loc loc,
                                      struct bf_target target)
{
    const struct bf_value *value = target.value;

    if (target.node != NULL) {
        target.node->whole = true;
        if (target.node->raw || target.node->holds_raw) {
            struct bf_sv path = bf_node_path(in->arena, target.node);
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

static size_t count_nodes(const struct bf_node *node)
{
    size_t n = 1;

    for (uint32_t i = 0; i < node->count; i++) {
        n += count_nodes(node->entries[i].node);
    }
    return n;
}

/* What the interpolation stands for becomes the node's own content, if that is a map. */
static bool take_target(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_node *copy = NULL;
    const struct bf_template *text = bf_node_template(in, node);

    if (text == NULL || text->count != 1) {
        return false; /* joined text is no map: the overlay replaces it, read or not */
    }
    const struct bf_inter *inter = whole_path(in, node);
    struct bf_found found =
        inter != NULL ? find_whole(in, node, inter) : found_value(bf_value_of(in, node));
    found = found.result == BF_LOOKUP_FOUND ? bf_settle(in, found.target) : found;
    if (found.result != BF_LOOKUP_FOUND) {
        return false;
    }
    if (found.target.node != NULL && found.target.node->kind == BF_YAML_MAP) {
        if (!bf_count_expanded(in, node->yaml->loc, count_nodes(found.target.node))) {
            return false;
        }
        copy = bf_node_clone(in->arena, node->parent, node->position, found.target.node);
    } else if (found.target.value != NULL && found.target.value->kind == BF_VALUE_MAP) {
        copy = bf_node_of_value(in->arena, node->parent, node->position, found.target.value);
    }
    if (copy == NULL) {
        return false;
    }
    node->entries = copy->entries;
    node->count = copy->count;
    node->cap = copy->cap;
    for (uint32_t i = 0; i < node->count; i++) {
        node->entries[i].node->parent = node;
    }
    return true;
}

void bf_node_expand(struct bf_interpolation *in, struct bf_node *node)
{
    struct bf_pending *pending = node->pending;
    struct bf_yaml *empty = NULL;

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
    node->kind = BF_YAML_MAP;
    node->index = NULL;
    node->target = NULL;
    empty = BF_NEW(in->arena, struct bf_yaml);
    *empty = (struct bf_yaml){.kind = BF_YAML_MAP, .loc = node->yaml->loc};
    node->yaml = empty;
    for (; pending != NULL; pending = pending->next) {
        bf_node_merge(in->arena, node, pending->overlay);
    }
    node->expanding = false;
}

/* NOLINTEND(misc-no-recursion) */

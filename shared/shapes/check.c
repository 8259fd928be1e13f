#include <stdarg.h>

#include "base/utf8.h"
#include "shapes/internal.h"
#include "shapes/shapes.h"

enum { PATH_MAX_BYTES = 2048, MESSAGE_MAX = 1024, SHOWN_MAX = 60 };

struct bf_shapes *bf_shapes_new(struct bf_arena *arena)
{
    struct bf_shapes *shapes = BF_NEW(arena, struct bf_shapes);

    *shapes = (struct bf_shapes){.arena = arena, .patterns = bf_patterns_new(arena)};
    return shapes;
}

const struct bf_shape *bf_shape_root(const char *name)
{
    for (size_t i = 0; i < bf_shape_root_count; i++) {
        if (strcmp(bf_shape_roots[i].name, name) == 0) {
            return &bf_shapes[bf_shape_roots[i].shape];
        }
    }
    return NULL;
}

const struct bf_member *bf_shape_member(const struct bf_shape *structure, struct bf_sv name)
{
    for (size_t i = 0; structure->kind == BF_SHAPE_STRUCTURE && i < structure->count; i++) {
        if (bf_sv_is(name, structure->members[i].name)) {
            return &structure->members[i];
        }
    }
    return NULL;
}

bool bf_is_expression(const bf_json *node)
{
    const bf_json *only = bf_json_first(node);

    if (bf_json_kind(node) != BF_JSON_OBJECT || only == NULL || bf_json_next(only) != NULL) {
        return false;
    }
    struct bf_sv key = bf_json_key(only);
    return bf_sv_is(key, "Get") || bf_sv_is(key, "Std:Join") || bf_sv_is(key, "Std:JsonGet");
}

struct bf_finding *bf_finding_add(struct bf_arena *arena, struct bf_findings *findings,
                                  const char *code, const bf_json *node, struct bf_sv path,
                                  const char *fmt, ...)
{
    va_list ap;

    if (findings->count++ >= BF_FINDINGS_MAX) {
        return NULL;
    }
    struct bf_finding *f = BF_NEW(arena, struct bf_finding);
    struct bf_buf message = bf_buf_new(arena, MESSAGE_MAX);
    va_start(ap, fmt);
    bf_buf_vprintf(&message, fmt, ap);
    va_end(ap);
    *f = (struct bf_finding){
        .code = code, .node = node, .path = bf_sv_dup(arena, path), .message = bf_buf_sv(&message)};
    if (findings->last == NULL) {
        findings->first = f;
    } else {
        findings->last->next = f;
    }
    findings->last = f;
    return f;
}

/* One run of bf_shape_check. */
struct check {
    struct bf_shapes *shapes;
    struct bf_arena *arena;
    const struct bf_shape_options *options;
    struct bf_findings *findings;
    struct bf_buf path;
};

#define REPORT(check, code, node, ...)                                                             \
    bf_finding_add((check)->arena, (check)->findings, (code), (node), bf_buf_sv(&(check)->path),   \
                   __VA_ARGS__)

static void suggest(struct check *c, struct bf_finding *f, struct bf_sv nearest)
{
    if (f != NULL && nearest.len != 0) {
        f->hint = bf_sv_printf(c->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

static size_t push_name(struct check *c, struct bf_sv name)
{
    size_t mark = c->path.len;

    if (mark != 0) {
        bf_buf_addc(&c->path, '.');
    }
    bf_buf_add(&c->path, name);
    return mark;
}

static void pop(struct check *c, size_t mark)
{
    c->path.len = mark;
    c->path.full = false;
    c->path.ptr[mark] = '\0';
}

static struct bf_sv shown(const bf_json *node)
{
    return bf_utf8_truncate(bf_json_text(node), SHOWN_MAX);
}

static const char *const kind_words[] = {
    [BF_SHAPE_STRUCTURE] = "an object", [BF_SHAPE_LIST] = "an array",
    [BF_SHAPE_MAP] = "an object",       [BF_SHAPE_STRING] = "a string",
    [BF_SHAPE_INTEGER] = "an integer",  [BF_SHAPE_NUMBER] = "a number",
    [BF_SHAPE_BOOLEAN] = "a boolean",   [BF_SHAPE_TIMESTAMP] = "a time",
};

static void wrong_kind(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    struct bf_finding *f =
        REPORT(c, "shape.type", node, "'" BF_SV_FMT "' must be %s, found %s",
               BF_SV_ARG(bf_buf_sv(&c->path)), kind_words[shape->kind],
               bf_is_expression(node) ? "an expression" : bf_json_kind_name(node));

    if (f != NULL && bf_json_kind(node) == BF_JSON_NULL) {
        f->hint = BF_SV("leave the member out: the service does not parse null");
    } else if (f != NULL && shape->kind == BF_SHAPE_STRING) {
        f->hint = BF_SV("write it in quotes");
    } else if (f != NULL && bf_is_expression(node)) {
        f->hint = BF_SV("an expression stands only where a single value stands");
    }
}

/* Numbers have no ${unit}. Sizes are whole; %.15g writes them and the bounds without a point. */
static void check_bounds(struct check *c, const bf_json *node, const struct bf_shape *shape,
                         double size, const char *unit)
{
    bool low = shape->has_min && size < shape->min;
    bool high = shape->has_max && size > shape->max;

    if (low || high) {
        (void)REPORT(c, unit[0] == '\0' ? "shape.range" : "shape.length", node,
                     "'" BF_SV_FMT "' has %s%.15g%s, %s %.15g is allowed",
                     BF_SV_ARG(bf_buf_sv(&c->path)), unit[0] == '\0' ? "the value " : "", size,
                     unit, low ? "at least" : "at most", low ? shape->min : shape->max);
    }
}

/* The list of the model ages: what looks like an instance type may be one. */
static bool is_instance_type(struct check *c, const struct bf_shape *shape, struct bf_sv text)
{
    static const char pattern[] = "ml\\.[a-z0-9\\-]{1,32}\\.[a-z0-9\\-]{1,32}";

    return bf_sv_ends(bf_sv_of(shape->name), BF_SV("InstanceType")) &&
           bf_pattern_matches(c->shapes->patterns, pattern, text);
}

static void check_words(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    struct bf_sv text = bf_json_text(node);
    struct bf_sv names[512];
    size_t n = 0;

    for (size_t i = 0; i < shape->count; i++) {
        if (bf_sv_is(text, shape->words[i])) {
            return;
        }
        if (n < BF_COUNTOF(names)) {
            names[n++] = bf_sv_of(shape->words[i]);
        }
    }
    if (is_instance_type(c, shape, text)) {
        struct bf_finding *unknown =
            REPORT(c, "definition.instance_type", node,
                   "'" BF_SV_FMT "' is '" BF_SV_FMT "', which this version does not know",
                   BF_SV_ARG(bf_buf_sv(&c->path)), BF_SV_ARG(shown(node)));
        suggest(c, unknown, bf_nearest(text, names, n));
        if (unknown != NULL) {
            unknown->warning = true;
        }
        return;
    }
    struct bf_buf allowed = bf_buf_new(c->arena, 300);
    for (size_t i = 0; i < n && !allowed.full; i++) {
        bf_buf_printf(&allowed, "%s" BF_SV_FMT, i == 0 ? "" : ", ", BF_SV_ARG(names[i]));
    }
    struct bf_finding *f =
        REPORT(c, "shape.enum", node, "'" BF_SV_FMT "' is '" BF_SV_FMT "', allowed: %s%s",
               BF_SV_ARG(bf_buf_sv(&c->path)), BF_SV_ARG(shown(node)), allowed.ptr,
               allowed.full ? ", ..." : "");
    suggest(c, f, bf_nearest(text, names, n));
}

static void check_string(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    struct bf_sv text = bf_json_text(node);

    if (shape->words != NULL) {
        check_words(c, node, shape);
        return;
    }
    check_bounds(c, node, shape, (double)bf_utf8_count(text), " characters");
    if (shape->pattern != NULL && !bf_pattern_matches(c->shapes->patterns, shape->pattern, text)) {
        (void)REPORT(c, "shape.pattern", node,
                     "'" BF_SV_FMT "' is '" BF_SV_FMT "', it must match %s",
                     BF_SV_ARG(bf_buf_sv(&c->path)), BF_SV_ARG(shown(node)), shape->pattern);
    }
}

static void check_number(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    int64_t ignored = 0;

    if (shape->kind == BF_SHAPE_INTEGER && !bf_json_i64(node, INT64_MIN, INT64_MAX, &ignored)) {
        wrong_kind(c, node, shape);
        return;
    }
    check_bounds(c, node, shape, bf_json_number(node), "");
}

static void check_value(struct check *c, const bf_json *node, const struct bf_shape *shape);

static void unknown_member(struct check *c, const bf_json *member, const struct bf_shape *shape)
{
    struct bf_sv names[256];
    size_t n = 0;

    for (size_t i = 0; i < shape->count && n < BF_COUNTOF(names); i++) {
        names[n++] = bf_sv_of(shape->members[i].name);
    }
    struct bf_finding *f =
        REPORT(c, "shape.unknown_member", member, "'" BF_SV_FMT "' is not a member of %s",
               BF_SV_ARG(bf_json_key(member)), shape->name);
    if (f != NULL) {
        f->at_key = true;
    }
    suggest(c, f, bf_nearest(bf_json_key(member), names, n));
}

/* ${names}: NULL-ended, or NULL. */
static bool is_one_of(const char *const *names, struct bf_sv name)
{
    for (; names != NULL && *names != NULL; names++) {
        if (bf_sv_is(name, *names)) {
            return true;
        }
    }
    return false;
}

static void report_missing(struct check *c, const bf_json *node, const struct bf_shape *shape,
                           const char *name)
{
    (void)REPORT(c, "shape.missing_member", node, "'%s' is missing in %s%s" BF_SV_FMT, name,
                 shape->name, c->path.len == 0 ? "" : ", ", BF_SV_ARG(bf_buf_sv(&c->path)));
}

static void check_missing(struct check *c, const bf_json *node, const struct bf_shape *shape,
                          bool root)
{
    const char *companion = c->options->plain ? NULL : bf_shape_companion(shape, node);

    if (companion != NULL) {
        report_missing(c, node, shape, companion);
    }
    for (size_t i = 0; i < shape->count; i++) {
        const struct bf_member *member = &shape->members[i];
        if (member->required && bf_json_get(node, member->name) == NULL &&
            !is_one_of(root ? c->options->not_needed : NULL, bf_sv_of(member->name))) {
            report_missing(c, node, shape, member->name);
        }
    }
}

/* One of several members is needed: by a union of the model, or by what its documentation says. */
static void check_choice(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    const struct bf_shape_choice *choice = c->options->plain ? NULL : bf_shape_choice(shape);
    struct bf_buf names = bf_buf_new(c->arena, 300);
    size_t count = choice == NULL ? shape->count : 0;
    size_t given = 0;

    if (choice == NULL && !shape->one) {
        return;
    }
    while (choice != NULL && choice->members[count] != NULL) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = choice == NULL ? shape->members[i].name : choice->members[i];
        bf_buf_printf(&names, "%s%s", i == 0 ? "" : ", ", name);
        given += bf_json_get(node, name) != NULL;
    }
    if (given == 0 || (given > 1 && (choice == NULL || choice->one))) {
        (void)REPORT(c, "shape.missing_member", node, "%s" BF_SV_FMT " needs %s of %s, found %zu",
                     c->path.len == 0 ? "the request" : "", BF_SV_ARG(bf_buf_sv(&c->path)),
                     choice == NULL || choice->one ? "exactly one" : "one", names.ptr, given);
    }
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value, at most BF_JSON_DEPTH levels */
static void check_structure(struct check *c, const bf_json *node, const struct bf_shape *shape,
                            bool root)
{
    const char *const *refused = c->options->plain ? NULL : bf_shape_refused(shape);

    for (const bf_json *m = bf_json_first(node); m != NULL; m = bf_json_next(m)) {
        const struct bf_member *member = bf_shape_member(shape, bf_json_key(m));
        size_t mark = push_name(c, bf_json_key(m));
        if (is_one_of(refused, bf_json_key(m))) {
            struct bf_finding *f =
                REPORT(c, "shape.refused", m, "'" BF_SV_FMT "' is refused in a pipeline",
                       BF_SV_ARG(bf_json_key(m)));
            if (f != NULL) {
                f->at_key = true;
                f->hint = BF_SV("leave the member out");
            }
        } else if (member == NULL) {
            unknown_member(c, m, shape);
        } else {
            check_value(c, m, &bf_shapes[member->shape]);
        }
        pop(c, mark);
    }
    check_missing(c, node, shape, root);
    check_choice(c, node, shape);
}

/* "*" in a list of types: the pipeline is created, the registration of the model may not like it.
 */
static bool is_star(struct check *c, const bf_json *item, const struct bf_shape *list)
{
    if (c->options->plain || !bf_sv_is(bf_json_text(item), "*") || !bf_shape_takes_star(list)) {
        return false;
    }
    struct bf_finding *f =
        REPORT(c, "shape.pattern", item,
               "'" BF_SV_FMT "' is '*': a pipeline takes it, a model package may not",
               BF_SV_ARG(bf_buf_sv(&c->path)));
    if (f != NULL) {
        f->warning = true;
        f->hint = BF_SV("list the types by name");
    }
    return true;
}

static void check_items(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    size_t index = 0;
    bool list = shape->kind == BF_SHAPE_LIST;

    check_bounds(c, node, shape, (double)bf_json_count(node), list ? " items" : " entries");
    for (const bf_json *x = bf_json_first(node); x != NULL; x = bf_json_next(x), index++) {
        size_t mark = c->path.len;
        if (list) {
            bf_buf_printf(&c->path, "[%zu]", index);
        } else {
            (void)push_name(c, bf_json_key(x));
        }
        if (!list) {
            const struct bf_shape *key = &bf_shapes[shape->key];
            struct bf_sv name = bf_json_key(x);
            check_bounds(c, x, key, (double)bf_utf8_count(name), " characters in its name");
            if (key->pattern != NULL &&
                !bf_pattern_matches(c->shapes->patterns, key->pattern, name)) {
                (void)REPORT(c, "shape.pattern", x, "the name '" BF_SV_FMT "' must match %s",
                             BF_SV_ARG(bf_utf8_truncate(name, SHOWN_MAX)), key->pattern);
            }
        }
        if (!list || !is_star(c, x, shape)) {
            check_value(c, x, &bf_shapes[shape->item]);
        }
        pop(c, mark);
    }
}

static enum bf_json_kind json_kind_of(uint8_t kind)
{
    static const enum bf_json_kind kinds[] = {
        [BF_SHAPE_STRUCTURE] = BF_JSON_OBJECT, [BF_SHAPE_LIST] = BF_JSON_ARRAY,
        [BF_SHAPE_MAP] = BF_JSON_OBJECT,       [BF_SHAPE_STRING] = BF_JSON_STRING,
        [BF_SHAPE_INTEGER] = BF_JSON_NUMBER,   [BF_SHAPE_NUMBER] = BF_JSON_NUMBER,
        [BF_SHAPE_BOOLEAN] = BF_JSON_BOOL,     [BF_SHAPE_TIMESTAMP] = BF_JSON_NUMBER,
    };
    return kinds[kind];
}

static void check_known_kind(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    switch ((enum bf_shape_kind)shape->kind) {
    case BF_SHAPE_STRUCTURE:
        check_structure(c, node, shape, false);
        break;
    case BF_SHAPE_LIST:
    case BF_SHAPE_MAP:
        check_items(c, node, shape);
        break;
    case BF_SHAPE_STRING:
        check_string(c, node, shape);
        break;
    case BF_SHAPE_INTEGER:
    case BF_SHAPE_NUMBER:
        check_number(c, node, shape);
        break;
    case BF_SHAPE_BOOLEAN:
    case BF_SHAPE_TIMESTAMP:
        break;
    }
}

/* An expression where a scalar stands: what it yields, as far as that is known before the run. */
static void check_expression(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    static const char *const words[] = {[BF_PROPERTY_STRING] = "a string",
                                        [BF_PROPERTY_INTEGER] = "an integer",
                                        [BF_PROPERTY_NUMBER] = "a number",
                                        [BF_PROPERTY_BOOLEAN] = "a boolean"};
    enum bf_property_kind kind = c->options->definition == NULL
                                     ? BF_PROPERTY_ANY
                                     : bf_expression_kind(c->options->definition, node);
    bool text = shape->kind == BF_SHAPE_STRING || shape->kind == BF_SHAPE_TIMESTAMP;
    bool fits = kind == BF_PROPERTY_ANY || (text && kind == BF_PROPERTY_STRING) ||
                (shape->kind == BF_SHAPE_BOOLEAN && kind == BF_PROPERTY_BOOLEAN) ||
                (shape->kind == BF_SHAPE_INTEGER && kind == BF_PROPERTY_INTEGER) ||
                (shape->kind == BF_SHAPE_NUMBER &&
                 (kind == BF_PROPERTY_INTEGER || kind == BF_PROPERTY_NUMBER));

    if (fits) {
        return;
    }
    struct bf_finding *f =
        REPORT(c, text ? "definition.wrap" : "shape.type", node,
               "'" BF_SV_FMT "' must be %s, the expression gives %s",
               BF_SV_ARG(bf_buf_sv(&c->path)), kind_words[shape->kind], words[kind]);
    if (f != NULL && text) { /* CreatePipeline takes it, the job may not */
        f->warning = true;
        f->hint = BF_SV("make it a string: {\"Std:Join\": {\"On\": \"\", \"Values\": [...]}}");
    }
}

static void check_value(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    bool scalar = shape->kind != BF_SHAPE_STRUCTURE && shape->kind != BF_SHAPE_LIST &&
                  shape->kind != BF_SHAPE_MAP;

    if (!c->options->plain && bf_is_expression(node)) {
        if (scalar) {
            check_expression(c, node, shape);
        } else {
            wrong_kind(c, node, shape);
        }
        return; /* what it refers to is the definition's matter */
    }
    bool text_time = shape->kind == BF_SHAPE_TIMESTAMP && bf_json_kind(node) == BF_JSON_STRING;
    if (bf_json_kind(node) != json_kind_of(shape->kind) && !text_time) {
        wrong_kind(c, node, shape);
        return;
    }
    check_known_kind(c, node, shape);
}
/* NOLINTEND(misc-no-recursion) */

void bf_shape_check(struct bf_shapes *shapes, const bf_json *value, const struct bf_shape *shape,
                    const struct bf_shape_options *options, struct bf_findings *findings)
{
    struct bf_arena *arena = shapes->arena;
    struct check c = {.shapes = shapes,
                      .arena = arena,
                      .options = options,
                      .findings = findings,
                      .path = bf_buf_new(arena, PATH_MAX_BYTES)};

    bf_buf_addz(&c.path, options->path == NULL ? "" : options->path);
    if (shape->kind == BF_SHAPE_STRUCTURE && bf_json_kind(value) == BF_JSON_OBJECT &&
        !bf_is_expression(value)) {
        check_structure(&c, value, shape, true);
    } else {
        check_value(&c, value, shape);
    }
}

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdarg.h>

#include "base/utf8.h"
#include "shapes/internal.h"
#include "shapes/shapes.h"

enum { PATH_MAX_BYTES = 2048, MESSAGE_MAX = 1024, PATTERN_STEPS = 200000, SHOWN_MAX = 60 };

/* A pattern of the table, compiled at its first use. */
struct compiled {
    struct compiled *next;
    const char *pattern;
    pcre2_code *code;
    pcre2_match_data *match;
};

struct bf_shapes {
    struct bf_arena *arena;
    struct compiled *compiled;
    pcre2_match_context *limits;
};

static void free_patterns(void *ptr)
{
    struct bf_shapes *shapes = ptr;

    for (struct compiled *c = shapes->compiled; c != NULL; c = c->next) {
        pcre2_match_data_free(c->match);
        pcre2_code_free(c->code);
    }
    pcre2_match_context_free(shapes->limits);
}

struct bf_shapes *bf_shapes_new(struct bf_arena *arena)
{
    struct bf_shapes *shapes = BF_NEW(arena, struct bf_shapes);

    shapes->arena = arena;
    shapes->limits = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(shapes->limits, PATTERN_STEPS);
    bf_arena_defer(arena, free_patterns, shapes);
    return shapes;
}

struct bf_arena *bf_shapes_arena(struct bf_shapes *shapes)
{
    return shapes->arena;
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
    const struct bf_shape_options *options;
    struct bf_findings *findings;
    struct bf_buf path;
};

#define REPORT(check, code, node, ...)                                                             \
    bf_finding_add((check)->shapes->arena, (check)->findings, (code), (node),                      \
                   bf_buf_sv(&(check)->path), __VA_ARGS__)

static void suggest(struct check *c, struct bf_finding *f, struct bf_sv nearest)
{
    if (f != NULL && nearest.len != 0) {
        f->hint =
            bf_sv_printf(c->shapes->arena, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

static size_t push_name(struct check *c, struct bf_sv name)
{
    size_t mark = c->path.len;

    bf_buf_printf(&c->path, "%s" BF_SV_FMT, mark == 0 ? "" : ".", BF_SV_ARG(name));
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
               BF_SV_ARG(bf_buf_sv(&c->path)), kind_words[shape->kind], bf_json_kind_name(node));

    if (f != NULL && bf_json_kind(node) == BF_JSON_NULL) {
        f->hint = BF_SV("leave the member out: the service does not parse null");
    } else if (f != NULL && shape->kind == BF_SHAPE_STRING &&
               (bf_json_kind(node) == BF_JSON_NUMBER || bf_json_kind(node) == BF_JSON_BOOL)) {
        f->hint = BF_SV("write it in quotes");
    } else if (f != NULL && bf_is_expression(node)) {
        f->hint = BF_SV("an expression stands only where a single value stands");
    }
}

static void check_bounds(struct check *c, const bf_json *node, const struct bf_shape *shape,
                         int64_t size, const char *unit)
{
    bool low = shape->has_min && size < shape->min;
    bool high = shape->has_max && size > shape->max;

    if (low || high) {
        (void)REPORT(c, unit[0] == '\0' ? "shape.range" : "shape.length", node,
                     "'" BF_SV_FMT "' has %s%lld%s, %s %lld is allowed",
                     BF_SV_ARG(bf_buf_sv(&c->path)), unit[0] == '\0' ? "the value " : "",
                     (long long)size, unit, low ? "at least" : "at most",
                     (long long)(low ? shape->min : shape->max));
    }
}

static const struct compiled *compile(struct bf_shapes *shapes, const char *pattern)
{
    int error = 0;
    PCRE2_SIZE offset = 0;

    for (struct compiled *c = shapes->compiled; c != NULL; c = c->next) {
        if (c->pattern == pattern) {
            return c;
        }
    }
    /* The model's patterns cover the whole text, with or without "^" and "$". */
    struct compiled *c = BF_NEW(shapes->arena, struct compiled);
    *c = (struct compiled){.next = shapes->compiled, .pattern = pattern};
    c->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL, &error,
                            &offset, NULL);
    c->match = c->code == NULL ? NULL : pcre2_match_data_create_from_pattern(c->code, NULL);
    shapes->compiled = c;
    return c;
}

bool bf_pattern_compiles(struct bf_shapes *shapes, const char *pattern)
{
    return compile(shapes, pattern)->code != NULL;
}

bool bf_pattern_matches(struct bf_shapes *shapes, const char *pattern, struct bf_sv text)
{
    const struct compiled *c = compile(shapes, pattern);

    if (c->code == NULL || c->match == NULL) {
        return true; /* a test compiles every pattern of the table */
    }
    int result = pcre2_match(c->code, (PCRE2_SPTR)(text.len == 0 ? "" : text.ptr), text.len, 0, 0,
                             c->match, shapes->limits);
    return result != PCRE2_ERROR_NOMATCH; /* out of steps: the service is the judge */
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
    if (bf_sv_ends(bf_sv_of(shape->name), BF_SV("InstanceType")) &&
        bf_sv_starts(text, BF_SV("ml."))) {
        return;
    }
    struct bf_buf allowed = bf_buf_new(c->shapes->arena, 300);
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
    check_bounds(c, node, shape, (int64_t)bf_utf8_count(text), " characters");
    if (shape->pattern != NULL && !bf_pattern_matches(c->shapes, shape->pattern, text)) {
        (void)REPORT(c, "shape.pattern", node,
                     "'" BF_SV_FMT "' is '" BF_SV_FMT "', it must match %s",
                     BF_SV_ARG(bf_buf_sv(&c->path)), BF_SV_ARG(shown(node)), shape->pattern);
    }
}

static void check_number(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    int64_t value = 0;
    double number = bf_json_number(node);

    if (shape->kind == BF_SHAPE_INTEGER) {
        if (!bf_json_i64(node, INT64_MIN, INT64_MAX, &value)) {
            wrong_kind(c, node, shape);
            return;
        }
        check_bounds(c, node, shape, value, "");
    } else if ((shape->has_min && number < (double)shape->min) ||
               (shape->has_max && number > (double)shape->max)) {
        (void)REPORT(c, "shape.range", node,
                     "'" BF_SV_FMT "' is " BF_SV_FMT ", outside of its range",
                     BF_SV_ARG(bf_buf_sv(&c->path)), BF_SV_ARG(shown(node)));
    }
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

/* Whether ${path}, "Containers[0].Mode", is ${member}, "Containers.Mode". */
static bool is_member(const char *path, const char *member)
{
    bool index = false;

    for (; *path != '\0'; path++) {
        index = *path == '[' || (index && *path != ']');
        if (index || *path == ']') {
            continue;
        }
        if (*path != *member) {
            return false;
        }
        member++;
    }
    return *member == '\0';
}

/* Whether the member that the path leads to is refused. */
static bool is_refused(const struct check *c)
{
    const char *const *refused = c->options->refused;
    size_t before = c->options->path == NULL ? 0 : strlen(c->options->path) + 1;

    for (; refused != NULL && *refused != NULL; refused++) {
        if (c->path.len > before && is_member(c->path.ptr + before, *refused)) {
            return true;
        }
    }
    return false;
}

static bool may_be_missing(const struct check *c, const char *name)
{
    const char *const *exempt = c->options->not_required;

    while (exempt != NULL && *exempt != NULL && strcmp(*exempt, name) != 0) {
        exempt++;
    }
    return exempt != NULL && *exempt != NULL;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value, at most 64 levels */
static void check_structure(struct check *c, const bf_json *node, const struct bf_shape *shape,
                            bool root)
{
    for (const bf_json *m = bf_json_first(node); m != NULL; m = bf_json_next(m)) {
        const struct bf_member *member = bf_shape_member(shape, bf_json_key(m));
        size_t mark = push_name(c, bf_json_key(m));
        if (is_refused(c)) {
            struct bf_finding *f =
                REPORT(c, "shape.refused", m, "'" BF_SV_FMT "' is refused in a pipeline",
                       BF_SV_ARG(bf_json_key(m)));
            if (f != NULL) {
                f->at_key = true;
            }
        } else if (member == NULL) {
            unknown_member(c, m, shape);
        } else {
            check_value(c, m, &bf_shapes[member->shape]);
        }
        pop(c, mark);
    }
    for (size_t i = 0; i < shape->count; i++) {
        const struct bf_member *member = &shape->members[i];
        bool exempt = root && may_be_missing(c, member->name);
        if (member->required && !exempt && bf_json_get(node, member->name) == NULL) {
            (void)REPORT(c, "shape.missing_member", node, "'%s' is missing in %s%s" BF_SV_FMT,
                         member->name, shape->name, c->path.len == 0 ? "" : ", ",
                         BF_SV_ARG(bf_buf_sv(&c->path)));
        }
    }
}

static void check_items(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    size_t index = 0;
    bool list = shape->kind == BF_SHAPE_LIST;

    check_bounds(c, node, shape, (int64_t)bf_json_count(node), list ? " items" : " entries");
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
            check_bounds(c, x, key, (int64_t)bf_utf8_count(name), " characters in its name");
            if (key->pattern != NULL && !bf_pattern_matches(c->shapes, key->pattern, name)) {
                (void)REPORT(c, "shape.pattern", x, "the name '" BF_SV_FMT "' must match %s",
                             BF_SV_ARG(bf_utf8_truncate(name, SHOWN_MAX)), key->pattern);
            }
        }
        check_value(c, x, &bf_shapes[shape->item]);
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

static void check_value(struct check *c, const bf_json *node, const struct bf_shape *shape)
{
    bool scalar = shape->kind != BF_SHAPE_STRUCTURE && shape->kind != BF_SHAPE_LIST &&
                  shape->kind != BF_SHAPE_MAP;

    if (!c->options->plain && bf_is_expression(node)) {
        if (!scalar) {
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
    struct check c = {.shapes = shapes,
                      .options = options,
                      .findings = findings,
                      .path = bf_buf_new(shapes->arena, PATH_MAX_BYTES)};

    bf_buf_addz(&c.path, options->path == NULL ? "" : options->path);
    if (shape->kind == BF_SHAPE_STRUCTURE && bf_json_kind(value) == BF_JSON_OBJECT &&
        !bf_is_expression(value)) {
        check_structure(&c, value, shape, true);
    } else {
        check_value(&c, value, shape);
    }
}

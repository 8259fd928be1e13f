#include <stdarg.h>

#include "base/utf8.h"
#include "spec/interpolate.h"

/* Behind so many diagnostics none gets a hint: they are not printed, and looking takes time. */
enum { MAX_NOTES = 12, HINTS_MAX = 2 * BF_DIAG_MAX };

struct bf_value *bf_new_value(struct bf_interpolation *in, enum bf_value_kind kind,
                              struct bf_loc loc)
{
    struct bf_value *value = BF_NEW(in->arena, struct bf_value);

    value->kind = kind;
    value->loc = loc;
    value->size = 1;
    return value;
}

struct bf_value *bf_new_string(struct bf_interpolation *in, struct bf_loc loc, struct bf_sv text)
{
    struct bf_value *value = bf_new_value(in, BF_VALUE_STRING, loc);

    value->text = text;
    return value;
}

const struct bf_value *bf_value_at(struct bf_interpolation *in, const struct bf_value *value,
                                   struct bf_loc loc, struct bf_node *from)
{
    struct bf_value *copy = bf_new_value(in, value->kind, loc);

    *copy = *value;
    copy->loc = loc;
    copy->open = copy->written = false;
    if (from != NULL && from->link == NULL) {
        struct bf_link *link = BF_NEW(in->arena, struct bf_link);
        link->next = value->chain;
        link->loc = value->loc;
        link->path = bf_node_path(in->arena, from);
        from->link = link;
    }
    copy->chain = from != NULL ? from->link : copy->chain;
    if (copy->kind == BF_VALUE_REFERENCE) {
        struct bf_reference *ref = BF_NEW(in->arena, struct bf_reference);
        struct bf_part *part = BF_NEW(in->arena, struct bf_part);
        *ref = *value->parts[0].ref;
        ref->loc = loc;
        ref->chain = copy->chain;
        part->ref = ref;
        copy->parts = part;
    }
    return copy;
}

bool bf_value_is_scalar(const struct bf_value *value)
{
    return value->kind <= BF_VALUE_STRING;
}

bool bf_value_is_run_time(const struct bf_value *value)
{
    return value->kind == BF_VALUE_REFERENCE || value->kind == BF_VALUE_JOINED;
}

const struct bf_value *bf_failed(struct bf_interpolation *in, struct bf_loc loc)
{
    return bf_new_value(in, BF_VALUE_ERROR, loc);
}

static bool same_place(struct bf_loc a, struct bf_loc b)
{
    return a.file == b.file && a.line == b.line && a.col == b.col;
}

static void note_frames(struct bf_interpolation *in, struct bf_diag *diag, struct bf_loc loc)
{
    unsigned notes = 0;

    for (const struct bf_frame *frame = in->frame; frame != NULL; frame = frame->outer) {
        if (same_place(frame->loc, loc)) {
            continue;
        }
        if (++notes > MAX_NOTES) {
            return;
        }
        struct bf_sv path = bf_node_path(in->scratch, frame->node);
        bf_diag_note(in->diags, diag, frame->loc, "reached from '" BF_SV_FMT "'", BF_SV_ARG(path));
    }
}

struct bf_diag *bf_complain(struct bf_interpolation *in, const char *code, struct bf_loc loc,
                            const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    struct bf_diag *diag = bf_diagv(in->diags, BF_ERROR, code, loc, fmt, ap);
    va_end(ap);
    note_frames(in, diag, loc);
    return diag;
}

static bool is_below(const struct bf_node *node, const struct bf_node *ancestor)
{
    while (node != NULL && node != ancestor) {
        node = node->parent;
    }
    return node != NULL;
}

const struct bf_value *bf_complain_cycle(struct bf_interpolation *in, const struct bf_node *node)
{
    const struct bf_frame *frame = in->frame;
    struct bf_loc loc = frame == NULL ? node->written->loc : frame->loc;
    struct bf_sv path = bf_node_path(in->scratch, node);
    struct bf_diag *diag =
        bf_diag(in->diags, BF_ERROR, "interpolation.cycle", loc,
                "a cycle: the value of '" BF_SV_FMT "' needs itself", BF_SV_ARG(path));

    for (unsigned notes = 0; frame != NULL && notes < MAX_NOTES; notes++) {
        struct bf_sv reader = bf_node_path(in->scratch, frame->node);
        bf_diag_note(in->diags, diag, frame->loc, "'" BF_SV_FMT "' reads here", BF_SV_ARG(reader));
        if (is_below(frame->node, node)) {
            break;
        }
        frame = frame->outer;
    }
    return bf_failed(in, loc);
}

bool bf_count_expanded(struct bf_interpolation *in, struct bf_loc loc, size_t n)
{
    if (in->too_large) {
        return false;
    }
    in->expanded += n;
    if (in->expanded <= BF_DOCUMENT_MAX_EXPANDED) {
        return true;
    }
    in->too_large = true;
    (void)bf_complain(in, "yaml.too_large", loc, "interpolations bring in more than %d values",
                      BF_DOCUMENT_MAX_EXPANDED);
    return false;
}

bool bf_count_text(struct bf_interpolation *in, struct bf_loc loc, size_t bytes)
{
    if (in->too_large) {
        return false;
    }
    in->text_bytes += bytes;
    if (bytes <= BF_DOCUMENT_MAX_TEXT && in->text_bytes <= BF_DOCUMENT_MAX_TEXTS) {
        return true;
    }
    in->too_large = in->text_bytes > BF_DOCUMENT_MAX_TEXTS;
    (void)bf_complain(in, "yaml.too_large", loc,
                      "interpolation makes a text of %zu bytes, or "
                      "more than %d altogether; allowed are %d a text",
                      bytes, BF_DOCUMENT_MAX_TEXTS, BF_DOCUMENT_MAX_TEXT);
    return false;
}

/* ---- paths that lead nowhere ---- */

struct keyed {
    struct bf_sv key;
    struct bf_loc loc;
};

static size_t key_count(struct bf_reached map)
{
    return map.node != NULL ? map.node->count : map.value->count;
}

static struct keyed key_at(struct bf_reached map, size_t i)
{
    if (map.node != NULL) {
        return (struct keyed){map.node->pairs[i].key, map.node->pairs[i].key_loc};
    }
    return (struct keyed){map.value->pairs[i].key, map.value->pairs[i].key_loc};
}

/* Bunch by bunch, each against the best one so far: a large map needs no memory. */
static struct keyed nearest_key(struct bf_reached map, struct bf_sv key)
{
    struct bf_sv names[64];
    struct keyed best = {0};
    size_t count = key_count(map);

    for (size_t from = 0; from < count; from += BF_COUNTOF(names) - 1) {
        size_t n = 1;
        names[0] = best.key;
        while (n < BF_COUNTOF(names) && from + n - 1 < count) {
            names[n] = key_at(map, from + n - 1).key;
            n++;
        }
        struct bf_sv near = bf_nearest(key, names, n);
        for (size_t i = 1; i < n && near.len != 0; i++) {
            if (names[i].ptr == near.ptr) {
                best = key_at(map, from + i - 1);
            }
        }
    }
    return best;
}

static void hint_nearest(struct bf_interpolation *in, struct bf_diag *diag,
                         const struct bf_found *found)
{
    if (bf_diags_total(in->diags) > HINTS_MAX) {
        return;
    }
    struct keyed near = nearest_key(found->target, found->key);
    if (near.key.len == 0) {
        return;
    }
    bool other = near.loc.file != NULL && diag->loc.file != NULL &&
                 strcmp(near.loc.file, diag->loc.file) != 0;
    bf_diag_hint(in->diags, diag, "did you mean '" BF_SV_FMT "' (%s%sline %u)?",
                 BF_SV_ARG(near.key), other ? near.loc.file : "", other ? ", " : "", near.loc.line);
}

static bool word_among(struct bf_sv word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (bf_sv_is(word, *words)) {
            return true;
        }
    }
    return false;
}

/* "${steps.train.model}", of a step that has written no 'model': what it will have when it runs. */
static bool hint_step(struct bf_interpolation *in, struct bf_diag *diag,
                      const struct bf_found *found)
{
    struct bf_sv rest =
        found->target.node == NULL ? BF_SV("") : bf_node_path(in->scratch, found->target.node);
    if (!bf_sv_is(bf_sv_cut(&rest, '.'), "steps") || rest.len == 0) {
        return false;
    }
    struct bf_sv step = bf_sv_cut(&rest, '.');
    static const char *const what[] = {"outputs", "model",   "models",  "metrics", "job",
                                       "output",  "package", "returns", "name",    NULL};
    static const char *const named[] = {"outputs", "metrics", "returns", NULL};
    if (rest.len > 0 || !word_among(found->key, what)) {
        return false;
    }
    const struct bf_node *type = bf_node_get(in->arena, found->target.node, BF_SV("type"));
    bool processing = type != NULL && type->kind == BF_VALUE_STRING &&
                      bf_sv_is(type->written->text, "processing");
    struct bf_sv word = found->key;
    if (processing && bf_sv_is(word, "output")) {
        word = BF_SV("outputs");
    }
    bf_diag_hint(in->diags, diag,
                 "that is what the file says; what the run gives is ${step:" BF_SV_FMT "." BF_SV_FMT
                 "%s}",
                 BF_SV_ARG(step), BF_SV_ARG(word), word_among(word, named) ? ".NAME" : "");
    return true;
}

static bool is_declared(struct bf_interpolation *in, struct bf_sv section, struct bf_sv key)
{
    struct bf_node *map = bf_node_get(in->arena, in->root, section);
    return map != NULL && map->kind == BF_VALUE_MAP && bf_node_get(in->arena, map, key) != NULL;
}

static void hint_no_key(struct bf_interpolation *in, struct bf_diag *diag,
                        const struct bf_found *found)
{
    static const char *const references[] = {"param", "step", "report", "execution", NULL};
    static const char *const parameters[] = {"params", "parameter", NULL};
    static const char *const run_time[] = {"schedule", "run", "last", "trigger", NULL};
    struct bf_sv key = found->key;

    if (hint_step(in, diag, found)) {
        return;
    }
    bool top = found->target.node == in->root;
    if (!top || !word_among(key, references)) {
        hint_nearest(in, diag, found);
    }
    if (diag->hint.len != 0 || !top) {
        return;
    }
    if (word_among(key, parameters)) {
        bf_diag_hint(in->diags, diag, "a parameter is read by ${param:NAME}");
    } else if (word_among(key, references)) {
        bf_diag_hint(in->diags, diag, "a run-time reference has a colon: ${" BF_SV_FMT ":...}",
                     BF_SV_ARG(key));
    } else if (word_among(key, run_time)) {
        bf_diag_hint(in->diags, diag,
                     "'" BF_SV_FMT "' is allowed only in parameters of schedules and triggers",
                     BF_SV_ARG(key));
    } else if (is_declared(in, BF_SV("variables"), key)) {
        bf_diag_hint(in->diags, diag, "did you mean ${variables." BF_SV_FMT "}?", BF_SV_ARG(key));
    } else if (is_declared(in, BF_SV("parameters"), key)) {
        bf_diag_hint(in->diags, diag, "did you mean ${param:" BF_SV_FMT "}?", BF_SV_ARG(key));
    } else if (is_declared(in, BF_SV("steps"), key)) {
        bf_diag_hint(in->diags, diag, "what a step gives is read by ${step:" BF_SV_FMT ".WHAT}",
                     BF_SV_ARG(key));
    }
}

static const struct bf_value *no_key(struct bf_interpolation *in, struct bf_loc loc,
                                     const struct bf_found *found)
{
    struct bf_sv where =
        found->target.node != NULL ? bf_node_path(in->scratch, found->target.node) : found->before;
    struct bf_diag *diag =
        where.len == 0
            ? bf_complain(in, "interpolation.key", loc, "no key '" BF_SV_FMT "' at the top level",
                          BF_SV_ARG(found->key))
            : bf_complain(in, "interpolation.key", loc, "no key '" BF_SV_FMT "' in '" BF_SV_FMT "'",
                          BF_SV_ARG(found->key), BF_SV_ARG(where));

    hint_no_key(in, diag, found);
    return bf_failed(in, loc);
}

/** The path so far; of a relative one without a key yet: where it starts. */
static struct bf_sv path_so_far(struct bf_interpolation *in, const struct bf_found *found)
{
    return found->before.len > 0 || found->target.node == NULL
               ? found->before
               : bf_node_path(in->scratch, found->target.node);
}

static const struct bf_value *no_item(struct bf_interpolation *in, struct bf_loc loc,
                                      const struct bf_found *found)
{
    struct bf_sv path = path_so_far(in, found);
    if (found->result == BF_LOOKUP_NO_INDEX) {
        (void)bf_complain(in, "interpolation.type", loc,
                          "'" BF_SV_FMT "' is a list and takes a number, not '" BF_SV_FMT "'",
                          BF_SV_ARG(path), BF_SV_ARG(found->key));
    } else {
        (void)bf_complain(in, "interpolation.key", loc,
                          "no item " BF_SV_FMT " in '" BF_SV_FMT
                          "', which has %zu (the first is 0)",
                          BF_SV_ARG(found->key), BF_SV_ARG(path), key_count(found->target));
    }
    return bf_failed(in, loc);
}

/* "${variables.x}" beside "vars:" is right; the misspelt field is reported as one. */
static bool is_misspelt(const struct bf_interpolation *in, const struct bf_found *found)
{
    bool misspelt = false;

    for (size_t i = 0; found->target.node == in->root && i < in->lost_count; i++) {
        misspelt = misspelt || bf_sv_is(found->key, in->lost[i]);
    }
    return misspelt;
}

const struct bf_value *bf_report_path(struct bf_interpolation *in, struct bf_loc loc,
                                      const struct bf_found *found)
{
    switch (found->result) {
    case BF_LOOKUP_NO_KEY:
        if (is_misspelt(in, found)) {
            in->silenced = true;
            return bf_failed(in, loc);
        }
        return no_key(in, loc, found);
    case BF_LOOKUP_NO_ITEM:
    case BF_LOOKUP_NO_INDEX:
        return no_item(in, loc, found);
    case BF_LOOKUP_ABOVE_ROOT:
        (void)bf_complain(in, "interpolation.key", loc, "more dots than there are levels above");
        return bf_failed(in, loc);
    case BF_LOOKUP_SCALAR: {
        const struct bf_value *value =
            found->target.node != NULL ? bf_value_of(in, found->target.node) : found->target.value;
        if (value->kind != BF_VALUE_ERROR) {
            (void)bf_complain(in, "interpolation.type", loc,
                              "'" BF_SV_FMT "' is %s and has no key '" BF_SV_FMT "'",
                              BF_SV_ARG(path_so_far(in, found)), bf_value_kind_name(value),
                              BF_SV_ARG(found->key));
        }
        return bf_failed(in, loc);
    }
    case BF_LOOKUP_MISSING:
        (void)bf_value_of(in, found->target.node); /* says that it is missing */
        return bf_failed(in, loc);
    default:
        return bf_failed(in, loc);
    }
}

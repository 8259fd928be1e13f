#include "spec/grow.h"
#include "spec/interpolate.h"

/* Text under construction out of literals and run-time references. */
struct joining {
    struct bf_part few[8];
    struct bf_part *parts;
    size_t count, cap;
    size_t references;
    size_t bytes;
    bool failed;
};

static void add_part(struct bf_interpolation *in, struct joining *join, struct bf_part part)
{
    if (part.ref == NULL && part.text.len == 0) {
        return;
    }
    join->parts = bf_grow(in->scratch, join->parts, join->count, &join->cap, sizeof(*join->parts));
    join->parts[join->count++] = part;
    join->references += part.ref != NULL ? 1 : 0;
    join->bytes += part.text.len;
}

/* The parts of a run-time value, which now stand at ${loc}. */
static void add_run_time(struct bf_interpolation *in, struct joining *join,
                         const struct bf_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        struct bf_part part = value->parts[i];
        if (part.ref != NULL) {
            struct bf_reference *ref = BF_NEW(in->arena, struct bf_reference);
            *ref = *part.ref;
            ref->loc = value->loc;
            ref->chain = value->chain;
            part.ref = ref;
        }
        add_part(in, join, part);
    }
}

static void add_inter(struct bf_interpolation *in, struct bf_node *node, struct joining *join,
                      const struct bf_inter *inter)
{
    const struct bf_value *value = bf_inter_value(in, node, inter);

    if (value->kind == BF_VALUE_ERROR) {
        join->failed = true;
    } else if (bf_value_is_run_time(value)) {
        /* Here a reference is a copy with its place: more than a value that is read. */
        join->failed = join->failed || !bf_count_expanded(in, inter->loc, 2 * (size_t)value->size);
        if (!join->failed) {
            add_run_time(in, join, value);
        }
    } else if (bf_value_is_scalar(value)) {
        add_part(in, join, (struct bf_part){.text = value->text});
    } else {
        struct bf_diag *diag = bf_complain(in, "interpolation.type", inter->loc,
                                           "%s cannot stand in a text", bf_value_kind_name(value));
        bf_diag_hint(in->diags, diag, "read one of its %s",
                     value->kind == BF_VALUE_MAP ? "keys" : "items");
        join->failed = true;
    }
}

static struct bf_sv joined_text(struct bf_interpolation *in, const struct bf_part *parts,
                                size_t count)
{
    size_t bytes = 0, at = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += parts[i].text.len;
    }
    char *text = bf_arena_alloc(in->arena, bytes + 1, 1);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + at, parts[i].text.ptr, parts[i].text.len);
        at += parts[i].text.len;
    }
    return (struct bf_sv){.ptr = text, .len = bytes};
}

/* Neighbouring literals become one part. */
static void merge_literals(struct bf_interpolation *in, struct joining *join)
{
    size_t kept = 0;

    for (size_t i = 0; i < join->count; kept++) {
        size_t end = i;
        while (end < join->count && join->parts[end].ref == NULL) {
            end++;
        }
        if (end - i > 1) {
            join->parts[kept] = (struct bf_part){.text = joined_text(in, join->parts + i, end - i)};
            i = end;
        } else {
            join->parts[kept] = join->parts[i++];
        }
    }
    join->count = kept;
}

const struct bf_value *bf_template_value(struct bf_interpolation *in, struct bf_node *node,
                                         const struct bf_template *text, struct bf_loc loc)
{
    struct joining join = {.cap = BF_COUNTOF(join.few)};

    join.parts = join.few;
    if (text->count == 1 && text->pieces[0].inter != NULL) {
        return bf_inter_value(in, node, text->pieces[0].inter);
    }
    for (size_t i = 0; i < text->count; i++) {
        const struct bf_template_piece *piece = &text->pieces[i];
        if (piece->inter != NULL) {
            add_inter(in, node, &join, piece->inter);
        } else {
            add_part(in, &join, (struct bf_part){.text = piece->text});
        }
    }
    if (join.failed || !bf_count_text(in, loc, join.bytes)) {
        return bf_failed(in, loc);
    }
    if (join.references == 0) {
        return bf_new_string(in, loc, joined_text(in, join.parts, join.count));
    }
    merge_literals(in, &join);
    struct bf_value *value = bf_new_value(in, BF_VALUE_JOINED, loc);
    value->parts = bf_keep(in->arena, join.parts, join.count, sizeof(*join.parts));
    value->count = (uint32_t)join.count;
    value->size = value->count;
    return value;
}

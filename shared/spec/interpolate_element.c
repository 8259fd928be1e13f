#include <stdlib.h>

#include "spec/interpolate.h"

/* ---- numbers of the argument grammar: "_" between digits, "inf", "nan" ---- */

static const char *without_underscores(struct bf_interpolation *in, struct bf_sv text)
{
    char *z = bf_arena_alloc(in->scratch, text.len + 1, 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_') {
            z[n++] = text.ptr[i];
        }
    }
    return z;
}

static const struct bf_value *number(struct bf_interpolation *in, struct bf_loc loc,
                                     const struct bf_element *element)
{
    bool is_int = element->kind == BF_ELEMENT_INT;
    struct bf_value *value = bf_new_value(in, is_int ? BF_VALUE_INT : BF_VALUE_FLOAT, loc);
    const char *z = without_underscores(in, element->text);
    int64_t integer = 0;

    value->text = element->text;
    value->wide = is_int && !bf_sv_i64(bf_sv_of(z), INT64_MIN, INT64_MAX, &integer);
    if (is_int && !value->wide) {
        value->integer = integer;
    } else {
        value->number = strtod(z, NULL);
    }
    return value;
}

static const struct bf_value *word(struct bf_interpolation *in, struct bf_loc loc,
                                   const struct bf_element *element)
{
    bool is_bool = element->kind == BF_ELEMENT_BOOL;
    struct bf_value *value = bf_new_value(in, is_bool ? BF_VALUE_BOOL : BF_VALUE_NULL, loc);

    if (is_bool) {
        value->boolean = element->text.ptr[0] == 't' || element->text.ptr[0] == 'T';
        value->text = value->boolean ? BF_SV("true") : BF_SV("false");
    } else {
        value->text = BF_SV("null");
    }
    return value;
}

static const struct bf_value *known_only_at_run_time(struct bf_interpolation *in,
                                                     const struct bf_inter *call)
{
    struct bf_diag *diag = bf_complain(in, "interpolation.type", call->loc,
                                       "an argument is known only when the pipeline runs");

    bf_diag_hint(in->diags, diag, "%s",
                 "${param:...}, ${step:...}, ${report:...} and ${execution:...} stand alone or in "
                 "text, never inside of another ${...}");
    return bf_failed(in, call->loc);
}

/* "'${x}'" is a string, whatever x is. */
static const struct bf_value *as_string(struct bf_interpolation *in, const struct bf_inter *call,
                                        const struct bf_value *value)
{
    if (value->kind == BF_VALUE_ERROR || value->kind == BF_VALUE_STRING) {
        return value;
    }
    if (!bf_value_is_scalar(value)) {
        (void)bf_complain(in, "interpolation.type", call->loc, "%s cannot stand in a text",
                          bf_value_kind_name(value));
        return bf_failed(in, call->loc);
    }
    return bf_new_string(in, call->loc, value->text);
}

static const struct bf_value *text(struct bf_interpolation *in, struct bf_node *node,
                                   const struct bf_inter *call, const struct bf_element *element)
{
    const struct bf_value *value = bf_template_value(in, node, &element->pieces, call->loc);

    if (in->frame != NULL) {
        in->frame->loc = call->loc; /* the pieces have moved it */
    }
    if (bf_value_is_run_time(value)) {
        return known_only_at_run_time(in, call);
    }
    return element->kind == BF_ELEMENT_QUOTED ? as_string(in, call, value) : value;
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_INTERPOLATION_NESTING levels */

static const struct bf_value *list(struct bf_interpolation *in, struct bf_node *node,
                                   const struct bf_inter *call, const struct bf_element *element)
{
    struct bf_value *value = bf_new_value(in, BF_VALUE_LIST, call->loc);
    const struct bf_value **items = BF_NEW_N(in->arena, const struct bf_value *, element->count);

    for (size_t i = 0; i < element->count; i++) {
        items[i] = bf_element_value(in, node, call, &element->items[i]);
        if (items[i]->kind == BF_VALUE_ERROR) {
            return items[i];
        }
        value->size += items[i]->size;
    }
    value->count = (uint32_t)element->count;
    value->items = items;
    return value;
}

static const struct bf_value *map(struct bf_interpolation *in, struct bf_node *node,
                                  const struct bf_inter *call, const struct bf_element *element)
{
    struct bf_value *value = bf_new_value(in, BF_VALUE_MAP, call->loc);
    struct bf_pair *pairs = BF_NEW_N(in->arena, struct bf_pair, element->count);
    struct bf_index index = {0};

    for (size_t i = 0; i < element->count; i++) {
        const struct bf_element_pair *from = &element->pairs[i];
        const struct bf_value *item = bf_element_value(in, node, call, &from->value);
        if (item->kind == BF_VALUE_ERROR) {
            return item;
        }
        size_t at =
            bf_index_find(in->scratch, &index, pairs, sizeof(*pairs), value->count, from->key);
        value->size += item->size;
        at = at == BF_INDEX_NONE ? value->count++ : at;
        pairs[at] = (struct bf_pair){
            .key = bf_sv_dup(in->arena, from->key), .key_loc = call->loc, .value = item};
    }
    value->pairs = pairs;
    return value;
}

const struct bf_value *bf_element_value(struct bf_interpolation *in, struct bf_node *node,
                                        const struct bf_inter *call,
                                        const struct bf_element *element)
{
    switch (element->kind) {
    case BF_ELEMENT_INT:
    case BF_ELEMENT_FLOAT:
        return number(in, call->loc, element);
    case BF_ELEMENT_BOOL:
    case BF_ELEMENT_NULL:
        return word(in, call->loc, element);
    case BF_ELEMENT_LIST:
        return list(in, node, call, element);
    case BF_ELEMENT_MAP:
        return map(in, node, call, element);
    default:
        return text(in, node, call, element);
    }
}

/* NOLINTEND(misc-no-recursion) */

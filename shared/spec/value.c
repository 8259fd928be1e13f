#include "spec/value.h"

void bf_value_note_chain(struct bf_diags *diags, struct bf_diag *diag, const struct bf_value *value)
{
    for (const struct bf_link *link = value->chain; link != NULL; link = link->next) {
        bf_diag_note(diags, diag, link->loc, "the value comes from '" BF_SV_FMT "'",
                     BF_SV_ARG(link->path));
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): a resolved tree has at most 1200 levels (interpolate.c) */
bool bf_value_holds_error(const struct bf_value *value)
{
    bool found = value->kind == BF_VALUE_ERROR;
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_LIST && !found; i++) {
        found = bf_value_holds_error(value->items[i]);
    }
    for (size_t i = 0; i < value->count && value->kind == BF_VALUE_MAP && !found; i++) {
        found = bf_value_holds_error(value->pairs[i].value);
    }
    return found;
}

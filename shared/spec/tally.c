#include "spec/load.h"

/* What counts as unused only when every environment says so. */

static struct bf_tally *tally_at(struct bf_loader *loader, struct bf_tallies *tallies,
                                 struct bf_sv name, struct bf_loc loc)
{
    size_t at = bf_index_find(loader->arena, &tallies->index, tallies->items,
                              sizeof *tallies->items, tallies->count, name);
    size_t last = BF_INDEX_NONE;
    while (at != BF_INDEX_NONE) {
        const struct bf_tally *tally = &tallies->items[at];
        if (tally->loc.line == loc.line && tally->loc.col == loc.col &&
            tally->loc.file == loc.file) {
            return &tallies->items[at];
        }
        last = at;
        at = tally->next == 0 ? BF_INDEX_NONE : tally->next - 1;
    }
    tallies->items = bf_arena_grow(loader->arena, tallies->items, tallies->count, &tallies->cap,
                                   sizeof *tallies->items);
    struct bf_tally *tally = &tallies->items[tallies->count++];
    /* The name may be a text of that environment, which ends before the tally. */
    *tally = (struct bf_tally){.name = bf_sv_dup(loader->arena, name), .loc = loc};
    if (last != BF_INDEX_NONE) {
        tallies->items[last].next = (uint32_t)tallies->count;
    }
    return tally;
}

void bf_tally_variables(struct bf_loader *loader, const struct bf_document *document,
                        const struct bf_value *root)
{
    const struct bf_unused *unused = NULL;
    size_t count = bf_document_unused_variables(document, &unused);
    for (size_t i = 0; i < count; i++) {
        tally_at(loader, &loader->variables, unused[i].name, unused[i].key_loc)->unused++;
    }
    const struct bf_value *variables = bf_object_get(root, "variables", NULL);
    for (size_t i = 0; variables != NULL && variables->kind == BF_VALUE_MAP && i < variables->count;
         i++) {
        const struct bf_pair *pair = &variables->pairs[i];
        tally_at(loader, &loader->variables, pair->key, pair->key_loc)->seen++;
    }
}

void bf_tally_parameters(struct bf_loader *loader, const struct bf_check *check)
{
    const struct bf_pipeline *pipeline = check->pipeline;
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        const struct bf_parameter *parameter = &pipeline->parameters[i];
        struct bf_tally *tally =
            tally_at(loader, &loader->parameters, parameter->name, parameter->loc);
        tally->seen++;
        tally->unused += check->parameter_used[i] || check->blind ? 0 : 1;
    }
}

void bf_tally_report(struct bf_loader *loader)
{
    for (size_t i = 0; i < loader->variables.count; i++) {
        const struct bf_tally *tally = &loader->variables.items[i];
        if (tally->seen > 0 && tally->seen == tally->unused) {
            bf_diag(loader->diags, BF_NOTE, "variables.unused", tally->loc,
                    "nothing reads the variable '" BF_SV_FMT "'", BF_SV_ARG(tally->name));
        }
    }
    for (size_t i = 0; i < loader->parameters.count; i++) {
        const struct bf_tally *tally = &loader->parameters.items[i];
        if (tally->seen > 0 && tally->seen == tally->unused) {
            bf_diag(loader->diags, BF_WARNING, "parameter.unused", tally->loc,
                    "nothing uses the parameter '" BF_SV_FMT "'", BF_SV_ARG(tally->name));
        }
    }
}

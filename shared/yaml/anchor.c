#include "base/utf8.h"
#include "yaml/build.h"
#include "yaml/tag.h"

void bf_yaml_wrong(struct bf_yaml_loader *loader, const char *code, struct bf_loc loc,
                   const char *message, const char *hint)
{
    struct bf_diag *diag = bf_diag(loader->diags, BF_ERROR, code, loc, "%s", message);

    if (hint != NULL) {
        bf_diag_hint(loader->diags, diag, "%s", hint);
    }
    loader->wrong = true;
}

static struct bf_sv view(const unsigned char *z)
{
    return bf_sv_of((const char *)z);
}

/* Position + 1 of the newest anchor of that name, 0: none. A name may be given anew. */
static size_t find_anchor(struct bf_yaml_loader *loader, struct bf_sv name)
{
    size_t at = bf_index_find(loader->arena, &loader->anchor_index, loader->anchors,
                              sizeof(*loader->anchors), loader->anchor_count, name);

    if (at == BF_INDEX_NONE) {
        return 0;
    }
    return loader->anchors[at].newer != 0 ? loader->anchors[at].newer : at + 1;
}

size_t bf_yaml_open_anchor(struct bf_yaml_loader *loader, const unsigned char *name)
{
    if (name == NULL) {
        return 0;
    }
    struct bf_sv key = bf_sv_dup(loader->arena, view(name));
    loader->anchors = bf_arena_grow(loader->arena, loader->anchors, loader->anchor_count,
                                    &loader->anchor_cap, sizeof(*loader->anchors));
    loader->anchors[loader->anchor_count++] =
        (struct bf_yaml_anchor){.name = key, .nodes = loader->nodes};
    size_t first = bf_index_find(loader->arena, &loader->anchor_index, loader->anchors,
                                 sizeof(*loader->anchors), loader->anchor_count, key);
    if (first != loader->anchor_count - 1) {
        loader->anchors[first].newer = loader->anchor_count;
    }
    return loader->anchor_count;
}

void bf_yaml_close_anchor(struct bf_yaml_loader *loader, size_t anchor, const struct bf_yaml *node)
{
    if (anchor != 0) {
        struct bf_yaml_anchor *entry = &loader->anchors[anchor - 1];
        entry->node = node;
        entry->nodes = loader->nodes - entry->nodes;
    }
}

static const struct bf_yaml *no_such_anchor(struct bf_yaml_loader *loader, struct bf_loc loc,
                                            struct bf_sv name)
{
    struct bf_diag *diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc,
                                   "no anchor '&" BF_SV_FMT "' above", BF_SV_ARG(name));

    loader->wrong = true;
    if (bf_diags_total(loader->diags) > BF_DIAG_MAX) {
        return bf_yaml_null(loader, loc); /* it will not be printed: no need to look further */
    }
    struct bf_sv *names = BF_NEW_N(loader->arena, struct bf_sv, loader->anchor_count + 1);
    for (size_t i = 0; i < loader->anchor_count; i++) {
        names[i] = loader->anchors[i].name;
    }
    struct bf_sv near = bf_nearest(name, names, loader->anchor_count);
    if (near.len != 0) {
        bf_diag_hint(loader->diags, diag, "did you mean '*" BF_SV_FMT "'?", BF_SV_ARG(near));
    } else {
        bf_diag_hint(loader->diags, diag, "%s", "put quotes around a text that begins with '*'");
    }
    return bf_yaml_null(loader, loc);
}

const struct bf_yaml *bf_yaml_read_alias(struct bf_yaml_loader *loader, const yaml_event_t *event)
{
    struct bf_loc loc = bf_yaml_span(loader, event->start_mark.index, event->end_mark.index);
    struct bf_sv name = view(event->data.alias.anchor);
    size_t anchor = find_anchor(loader, name);

    if (anchor == 0) {
        return no_such_anchor(loader, loc, bf_sv_dup(loader->arena, name));
    }
    const struct bf_yaml_anchor *entry = &loader->anchors[anchor - 1];
    if (entry->node == NULL) {
        bf_yaml_wrong(loader, "yaml.syntax", loc, "an alias inside of the node that it names",
                      NULL);
        return bf_yaml_null(loader, loc);
    }
    loader->nodes += entry->nodes;
    loader->alias_nodes += entry->nodes;
    if (loader->alias_nodes > BF_YAML_MAX_NODES) {
        bool first = loader->alias_nodes - entry->nodes <= BF_YAML_MAX_NODES;
        struct bf_sv text =
            bf_sv_printf(loader->arena, "aliases expand to more than %d nodes", BF_YAML_MAX_NODES);
        if (first) {
            bf_yaml_wrong(loader, "yaml.too_large", loc, text.ptr, NULL);
        }
        return NULL;
    }
    return entry->node;
}

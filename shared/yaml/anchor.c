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

/* The position of the anchor of that name, or BF_INDEX_NONE. */
static size_t find_anchor(struct bf_yaml_loader *loader, struct bf_sv name)
{
    return bf_index_find(loader->scratch, &loader->anchor_index, loader->anchors,
                         sizeof(*loader->anchors), loader->anchor_count, name);
}

static void twice(struct bf_yaml_loader *loader, struct bf_loc loc,
                  const struct bf_yaml_anchor *first)
{
    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc,
                "the anchor '&" BF_SV_FMT "' comes twice in one file", BF_SV_ARG(first->name));

    bf_diag_note(loader->diags, diag, first->loc, "the first one");
    bf_diag_hint(loader->diags, diag, "give this one a name of its own");
    loader->wrong = true;
}

size_t bf_yaml_open_anchor(struct bf_yaml_loader *loader, const unsigned char *name,
                           struct bf_loc loc)
{
    if (name == NULL) {
        return 0;
    }
    size_t first = find_anchor(loader, view(name));
    if (first != BF_INDEX_NONE) {
        twice(loader, loc, &loader->anchors[first]);
        return 0;
    }
    loader->anchors = bf_arena_grow(loader->scratch, loader->anchors, loader->anchor_count,
                                    &loader->anchor_cap, sizeof(*loader->anchors));
    loader->anchors[loader->anchor_count++] = (struct bf_yaml_anchor){
        .name = bf_sv_dup(loader->scratch, view(name)), .loc = loc, .nodes = loader->nodes};
    return loader->anchor_count;
}

void bf_yaml_close_anchor(struct bf_yaml_loader *loader, size_t anchor, const struct bf_value *node)
{
    if (anchor != 0) {
        struct bf_yaml_anchor *entry = &loader->anchors[anchor - 1];
        entry->node = node;
        entry->nodes = loader->nodes - entry->nodes;
    }
}

static const struct bf_value *no_such_anchor(struct bf_yaml_loader *loader, struct bf_loc loc,
                                             struct bf_sv name)
{
    struct bf_diag *diag = bf_diag(loader->diags, BF_ERROR, "yaml.syntax", loc,
                                   "no anchor '&" BF_SV_FMT "' above", BF_SV_ARG(name));

    loader->wrong = true;
    if (bf_diags_total(loader->diags) > BF_DIAG_MAX) {
        return bf_yaml_null(loader, loc); /* it will not be printed: no need to look further */
    }
    struct bf_sv *names = BF_NEW_N(loader->scratch, struct bf_sv, loader->anchor_count + 1);
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

const struct bf_value *bf_yaml_read_alias(struct bf_yaml_loader *loader, const yaml_event_t *event)
{
    struct bf_loc loc = bf_yaml_span(loader, event->start_mark.index, event->end_mark.index);
    struct bf_sv name = view(event->data.alias.anchor);
    size_t anchor = find_anchor(loader, name);

    if (anchor == BF_INDEX_NONE) {
        return no_such_anchor(loader, loc, bf_sv_dup(loader->scratch, name));
    }
    const struct bf_yaml_anchor *entry = &loader->anchors[anchor];
    if (entry->node == NULL) {
        bf_yaml_wrong(loader, "yaml.syntax", loc, "an alias inside of the node that it names",
                      "a value cannot hold itself: name another anchor");
        return bf_yaml_null(loader, loc);
    }
    loader->nodes += entry->nodes;
    loader->alias_nodes += entry->nodes;
    if (loader->alias_nodes > BF_YAML_MAX_NODES) {
        bool first = loader->alias_nodes - entry->nodes <= BF_YAML_MAX_NODES;
        struct bf_sv text = bf_sv_printf(loader->scratch, "aliases expand to more than %d nodes",
                                         BF_YAML_MAX_NODES);
        if (first) {
            bf_yaml_wrong(loader, "yaml.too_large", loc, text.ptr, NULL);
        }
        return NULL;
    }
    return entry->node;
}

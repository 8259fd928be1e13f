#include "yaml/tag.h"

#include "yaml/scalar.h"

static const struct {
    const char *name;
    enum bf_yaml_kind kind;
} core_tags[] = {
    {"str", BF_YAML_STRING}, {"int", BF_YAML_INT},   {"float", BF_YAML_FLOAT},
    {"bool", BF_YAML_BOOL},  {"null", BF_YAML_NULL}, {"seq", BF_YAML_LIST},
    {"map", BF_YAML_MAP},
};

static struct bf_diag *bad_tag(struct bf_yaml_loader *loader, const struct bf_yaml *node,
                               struct bf_sv message)
{
    loader->wrong = true;
    return bf_diag(loader->diags, BF_ERROR, "yaml.tag", node->loc, BF_SV_FMT, BF_SV_ARG(message));
}

const struct bf_yaml *bf_yaml_null(struct bf_yaml_loader *loader, struct bf_loc loc)
{
    struct bf_yaml *node = BF_NEW(loader->arena, struct bf_yaml);

    node->kind = BF_YAML_NULL;
    node->loc = loc;
    return node;
}

/* A scalar's text under a tag must be what the tag says; an integer is a float as well. */
static bool take_scalar(struct bf_yaml_loader *loader, struct bf_yaml *node, enum bf_yaml_kind kind)
{
    if (kind == BF_YAML_STRING || kind == BF_YAML_NULL) {
        node->kind = (uint8_t)kind;
        return true;
    }
    (void)bf_yaml_resolve_plain(loader->arena, node);
    if (kind == BF_YAML_FLOAT && node->kind == BF_YAML_INT) {
        node->kind = BF_YAML_FLOAT;
    }
    return node->kind == kind;
}

void bf_yaml_apply_tag(struct bf_yaml_loader *loader, struct bf_yaml *node, const char *tag)
{
    struct bf_sv core = BF_SV("tag:yaml.org,2002:");
    struct bf_sv name = bf_sv_of(tag);
    bool is_container = node->kind == BF_YAML_LIST || node->kind == BF_YAML_MAP;

    name = bf_sv_starts(name, core) ? bf_sv_from(name, core.len) : (struct bf_sv){0};
    for (size_t i = 0; i < BF_COUNTOF(core_tags); i++) {
        enum bf_yaml_kind kind = core_tags[i].kind;
        bool wants_container = kind == BF_YAML_LIST || kind == BF_YAML_MAP;
        if (!bf_sv_is(name, core_tags[i].name)) {
            continue;
        }
        if (is_container ? kind == node->kind
                         : !wants_container && take_scalar(loader, node, kind)) {
            return;
        }
        (void)bad_tag(
            loader, node,
            bf_sv_printf(loader->arena, "this is not what the tag '!!%s' says", core_tags[i].name));
        return;
    }
    struct bf_diag *diag =
        bad_tag(loader, node, bf_sv_printf(loader->arena, "the tag '%s' is not allowed", tag));
    bf_diag_hint(loader->diags, diag, "remove it; for text with a '!' put quotes around it");
    node->kind = is_container ? node->kind : BF_YAML_STRING;
}

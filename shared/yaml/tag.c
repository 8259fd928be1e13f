#include "yaml/tag.h"

#include "yaml/scalar.h"

static const struct {
    const char *name;
    enum bf_value_kind kind;
} core_tags[] = {
    {"str", BF_VALUE_STRING}, {"int", BF_VALUE_INT},   {"float", BF_VALUE_FLOAT},
    {"bool", BF_VALUE_BOOL},  {"null", BF_VALUE_NULL}, {"seq", BF_VALUE_LIST},
    {"map", BF_VALUE_MAP},
};

const struct bf_value *bf_yaml_null(struct bf_yaml_loader *loader, struct bf_loc loc)
{
    struct bf_value *node = BF_NEW(loader->arena, struct bf_value);

    *node = (struct bf_value){.kind = BF_VALUE_NULL, .text = BF_SV("null"), .loc = loc, .size = 1};
    return node;
}

/* A scalar's text under a tag must be what the tag says; an integer is a float as well. */
static bool take_scalar(struct bf_yaml_loader *loader, struct bf_value *node,
                        enum bf_value_kind kind)
{
    if (kind == BF_VALUE_STRING || kind == BF_VALUE_NULL) {
        node->kind = kind;
        return true;
    }
    (void)bf_yaml_resolve_plain(loader->scratch, node);
    if (kind == BF_VALUE_FLOAT && node->kind == BF_VALUE_INT) {
        node->number = bf_value_double(node);
        node->kind = BF_VALUE_FLOAT;
    }
    return node->kind == kind;
}

static void unknown_tag(struct bf_yaml_loader *loader, struct bf_loc loc, const char *prefix,
                        struct bf_sv name)
{
    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "yaml.tag", loc,
                "the tag '%s" BF_SV_FMT "' is not allowed", prefix, BF_SV_ARG(name));

    bf_diag_hint(loader->diags, diag, "remove it; for text with a '!' put quotes around it");
    loader->wrong = true;
}

void bf_yaml_apply_tag(struct bf_yaml_loader *loader, struct bf_value *node, const char *tag,
                       struct bf_loc loc)
{
    struct bf_sv core = BF_SV("tag:yaml.org,2002:");
    struct bf_sv name = bf_sv_of(tag);
    bool is_core = bf_sv_starts(name, core);
    bool is_container = node->kind == BF_VALUE_LIST || node->kind == BF_VALUE_MAP;

    name = bf_sv_from(name, is_core ? core.len : 0);
    for (size_t i = 0; i < BF_COUNTOF(core_tags) && is_core; i++) {
        enum bf_value_kind kind = core_tags[i].kind;
        bool wants_container = kind == BF_VALUE_LIST || kind == BF_VALUE_MAP;
        if (!bf_sv_is(name, core_tags[i].name)) {
            continue;
        }
        if (is_container ? kind == node->kind
                         : !wants_container && take_scalar(loader, node, kind)) {
            return;
        }
        (void)bf_diag(loader->diags, BF_ERROR, "yaml.tag", is_container ? loc : node->loc,
                      "this is not what the tag '!!%s' says", core_tags[i].name);
        loader->wrong = true;
        return;
    }
    unknown_tag(loader, loc, is_core ? "!!" : "", name);
    node->kind = is_container ? node->kind : BF_VALUE_STRING;
}

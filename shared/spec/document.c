#include "spec/document.h"

#include "spec/interpolate.h"
#include "spec/meant.h"

struct bf_document {
    struct bf_arena *arena;
    struct bf_node *root;
    const char *file; /* the pipeline file's name */
    bool vocabulary;
    struct bf_unused *unused;
    size_t unused_count;
};

static const struct bf_sv environments_key = {.ptr = "environments", .len = 12};

/* ---- loading ---- */

static const struct bf_value *empty_map(struct bf_arena *arena, const char *file)
{
    struct bf_value *yaml = BF_NEW(arena, struct bf_value);

    *yaml = (struct bf_value){
        .kind = BF_VALUE_MAP, .size = 1, .loc = {.file = file, .line = 1, .col = 1}};
    return yaml;
}

static struct bf_sv without_bom(struct bf_sv text)
{
    return bf_sv_starts(text, BF_SV("\xEF\xBB\xBF")) ? bf_sv_from(text, 3) : text;
}

/* Load one text, which becomes an empty map where it cannot be read or is no map. */
static bool load_map(struct bf_arena *arena, const struct bf_text *text, struct bf_diags *diags,
                     const struct bf_value **out)
{
    bf_diags_add_source(diags, text->name, without_bom(text->text));
    enum bf_code code = bf_yaml_load(arena, text->text, text->name, diags, out);
    if (*out != NULL && (*out)->kind == BF_VALUE_MAP) {
        return code == BF_OK;
    }
    if (*out != NULL) {
        struct bf_loc top = {.file = text->name, .line = 1, .col = 1};
        (void)bf_diag(diags, BF_ERROR, "spec.type", top, "the file must be a map; this is %s",
                      bf_value_kind_name(*out));
    }
    *out = empty_map(arena, text->name);
    return false;
}

static void add_environments(struct bf_arena *arena, const struct bf_value *file, bool platform,
                             struct bf_diags *diags, struct bf_sources *out)
{
    size_t cap = out->environment_count;

    for (size_t i = 0; file != NULL && i < file->count; i++) {
        const struct bf_value *map = file->pairs[i].value;
        if (!bf_sv_eq(file->pairs[i].key, environments_key) || map->kind == BF_VALUE_NULL) {
            continue;
        }
        if (map->kind != BF_VALUE_MAP) {
            struct bf_diag *diag =
                bf_diag(diags, BF_ERROR, "spec.type", file->pairs[i].key_loc,
                        "'environments' must be a map of environments; this is %s",
                        bf_value_kind_name(map));
            bf_hint_named(diags, diag, map);
            return;
        }
        if (map->count > BF_ENVIRONMENTS_MAX) {
            (void)bf_diag(diags, BF_ERROR, "spec.length", file->pairs[i].key_loc,
                          "'environments' takes at most %d entries, not %u", BF_ENVIRONMENTS_MAX,
                          map->count);
        }
        for (size_t e = 0; e < map->count && e < BF_ENVIRONMENTS_MAX; e++) {
            const struct bf_pair *pair = &map->pairs[e];
            const struct bf_value *overlay = pair->value;
            if (overlay->kind != BF_VALUE_MAP && overlay->kind != BF_VALUE_NULL) {
                (void)bf_diag(diags, BF_ERROR, "spec.type", pair->value->loc,
                              "an environment must be a map of fields; this is %s",
                              bf_value_kind_name(overlay));
            }
            overlay = overlay->kind == BF_VALUE_MAP ? overlay : empty_map(arena, overlay->loc.file);
            out->environments = bf_arena_grow(arena, out->environments, out->environment_count,
                                              &cap, sizeof(*out->environments));
            out->environments[out->environment_count++] =
                (struct bf_environment){.name = pair->key,
                                        .key_loc = pair->key_loc,
                                        .platform = platform,
                                        .overlay = overlay};
        }
    }
}

enum bf_code bf_sources_load(struct bf_arena *arena, const struct bf_text *platform,
                             const struct bf_text *file, struct bf_diags *diags,
                             struct bf_sources *out)
{
    bool good = true;

    *out = (struct bf_sources){0};
    if (platform != NULL) {
        good = load_map(arena, platform, diags, &out->platform);
    }
    good = load_map(arena, file, diags, &out->file) && good;
    add_environments(arena, out->platform, true, diags, out);
    add_environments(arena, out->file, false, diags, out);
    return good ? BF_OK : BF_EINVALID;
}

bool bf_sources_declare(const struct bf_sources *sources, struct bf_sv name)
{
    for (size_t i = 0; i < sources->environment_count; i++) {
        if (bf_sv_eq(sources->environments[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* ---- merging ---- */

/* What may not differ between environments is reported, and then counts as not written. */
static const struct bf_value *allowed(struct bf_arena *arena, const struct bf_value *overlay)
{
    struct bf_pair *pairs = BF_NEW_N(arena, struct bf_pair, overlay->count + 1);
    struct bf_value *rest = BF_NEW(arena, struct bf_value);

    *rest = *overlay;
    rest->pairs = pairs;
    rest->count = 0;
    for (uint32_t i = 0; i < overlay->count; i++) {
        if (!bf_top_is_base_only(overlay->pairs[i].key)) {
            pairs[rest->count++] = overlay->pairs[i];
        }
    }
    return rest->count == overlay->count ? overlay : rest;
}

struct bf_document *bf_document_compose(struct bf_arena *arena, const struct bf_sources *sources,
                                        struct bf_sv environment)
{
    struct bf_document *document = BF_NEW(arena, struct bf_document);
    const struct bf_value *lowest = sources->platform != NULL ? sources->platform : sources->file;

    document->arena = arena;
    document->vocabulary = true;
    document->file = sources->file->loc.file;
    document->root = bf_node_new(arena, NULL, 0, lowest);
    if (sources->platform != NULL) {
        bf_node_merge(arena, document->root, sources->file);
    }
    bf_node_remove(arena, document->root, environments_key);
    for (size_t i = 0; i < sources->environment_count; i++) {
        if (environment.len != 0 && bf_sv_eq(sources->environments[i].name, environment)) {
            bf_node_merge(arena, document->root, allowed(arena, sources->environments[i].overlay));
        }
    }
    return document;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may nest, BF_YAML_MAX_DEPTH levels */

static bool has_missing(const struct bf_value *written)
{
    if (!written->open || written->kind == BF_VALUE_STRING) {
        return written->open && bf_sv_is(written->text, "???");
    }
    for (size_t i = 0; i < written->count; i++) {
        if (has_missing(written->kind == BF_VALUE_MAP ? written->pairs[i].value
                                                      : written->items[i])) {
            return true;
        }
    }
    return false;
}

static bool node_has_missing(const struct bf_node *node)
{
    for (const struct bf_pending *p = node->pending; p != NULL; p = p->next) {
        if (has_missing(p->overlay)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct bf_node *child = bf_node_made(node, i);
        if (child != NULL ? node_has_missing(child) : has_missing(bf_node_item(node, i))) {
            return true;
        }
    }
    return bf_node_is_missing(node);
}

/* NOLINTEND(misc-no-recursion) */

bool bf_document_has_missing(const struct bf_document *document)
{
    return node_has_missing(document->root);
}

/* ---- set aside ---- */

static void set_aside(struct bf_interpolation *in, struct bf_node *parameters)
{
    /* "parameters: ${x}" under an overlay's map is that map: the interpolation is no text. */
    bf_node_expand(in, parameters);
    bf_node_set_aside(parameters);
    for (struct bf_node *up = parameters->parent; up != NULL; up = up->parent) {
        up->holds_raw = true;
    }
}

static void set_aside_in(struct bf_interpolation *in, struct bf_node *map)
{
    bf_node_expand(in, map);
    for (uint32_t i = 0; map->kind == BF_VALUE_MAP && i < map->count; i++) {
        struct bf_node *one = bf_node_child(in->arena, map, i);
        bf_node_expand(in, one);
        for (uint32_t k = 0; one->kind == BF_VALUE_MAP && k < one->count; k++) {
            struct bf_sv key = one->pairs[k].key;
            if (bf_sv_is(key, "parameters") || (in->vocabulary && bf_run_time_meant(key))) {
                set_aside(in, bf_node_child(in->arena, one, k));
            }
        }
    }
}

/* Also where the section's name is misspelt: what follows from that is no mistake of its own. */
static void set_run_time_aside(struct bf_interpolation *in)
{
    for (uint32_t i = 0; in->root->kind == BF_VALUE_MAP && i < in->root->count; i++) {
        struct bf_sv key = in->root->pairs[i].key;
        const char *meant = NULL;
        if (in->vocabulary && in->lost_count < BF_LOST_MAX) {
            meant = bf_top_meant(key);
        }
        if (meant != NULL) {
            key = bf_sv_of(meant);
            in->lost[in->lost_count++] = meant;
        }
        if (bf_sv_is(key, "schedules") || bf_sv_is(key, "triggers")) {
            set_aside_in(in, bf_node_child(in->arena, in->root, i));
        }
    }
}

/* ---- resolving ---- */

static void find_unused(struct bf_document *document)
{
    struct bf_node *map = bf_node_get(document->arena, document->root, BF_SV("variables"));
    size_t cap = 0;

    if (map == NULL || map->kind != BF_VALUE_MAP || map->whole) {
        return;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        const struct bf_pair *pair = &map->pairs[i];
        const struct bf_node *child = bf_node_made(map, i);
        if ((child != NULL && (child->passed || child->whole)) ||
            strcmp(pair->key_loc.file, document->file) != 0) {
            continue;
        }
        document->unused = bf_arena_grow(document->arena, document->unused, document->unused_count,
                                         &cap, sizeof(struct bf_unused));
        document->unused[document->unused_count++] =
            (struct bf_unused){.name = pair->key, .key_loc = pair->key_loc};
    }
}

enum bf_code bf_document_resolve(struct bf_document *document, const struct bf_variables *variables,
                                 struct bf_diags *diags, const struct bf_value **out)
{
    struct bf_arena *scratch = bf_arena_new(BF_INTERPOLATION_SCRATCH);
    struct bf_interpolation in = {.arena = document->arena,
                                  .scratch = scratch,
                                  .diags = diags,
                                  .variables = variables,
                                  .root = document->root,
                                  .vocabulary = document->vocabulary};
    size_t errors = bf_diags_count(diags, BF_ERROR);

    set_run_time_aside(&in);
    *out = bf_value_of(&in, document->root);
    find_unused(document);
    bf_arena_destroy(&scratch);
    return bf_diags_count(diags, BF_ERROR) == errors && !in.silenced ? BF_OK : BF_EINVALID;
}

size_t bf_document_unused_variables(const struct bf_document *document,
                                    const struct bf_unused **out)
{
    *out = document->unused;
    return document->unused_count;
}

/* ---- any YAML ---- */

static struct bf_node *merge_over(struct bf_arena *arena, struct bf_node *root,
                                  const struct bf_value *overlay)
{
    if (root != NULL && root->kind == BF_VALUE_MAP && overlay->kind == BF_VALUE_MAP) {
        bf_node_merge(arena, root, overlay);
        return root;
    }
    return bf_node_new(arena, NULL, 0, overlay); /* what is no map replaces everything */
}

static struct bf_node *merge_files(struct bf_arena *arena, const struct bf_value *const *files,
                                   size_t count)
{
    struct bf_node *root = NULL;

    for (size_t i = 0; i < count; i++) {
        root = merge_over(arena, root, files[i]);
    }
    return root;
}

static bool choose_environment(struct bf_interpolation *in, const struct bf_value *const *files,
                               size_t count, struct bf_sv name)
{
    bool declared = false;

    if (in->root->kind == BF_VALUE_MAP) {
        bf_node_remove(in->arena, in->root, environments_key);
    }
    for (size_t i = 0; i < count; i++) {
        const struct bf_value *overlay =
            bf_value_get(bf_value_get(files[i], environments_key), name);
        declared = declared || overlay != NULL;
        if (overlay != NULL && overlay->kind == BF_VALUE_MAP) {
            in->root = merge_over(in->arena, in->root, overlay);
        }
    }
    if (!declared) {
        (void)bf_diag(in->diags, BF_ERROR, "environment.unknown", BF_NOWHERE,
                      "no file declares the environment '" BF_SV_FMT "'", BF_SV_ARG(name));
        return false;
    }
    set_run_time_aside(in);
    return true;
}

static const struct bf_value *read_path(struct bf_interpolation *in, struct bf_sv path)
{
    struct bf_key_path keys = bf_path_parse(in->scratch, path);

    if (keys.count == 0) {
        return bf_value_of(in, in->root);
    }
    struct bf_found found = bf_find_path(in, in->root, &keys);
    if (found.result != BF_LOOKUP_FOUND) {
        return bf_report_path(in, BF_NOWHERE, &found);
    }
    return found.target.node != NULL ? bf_value_of(in, found.target.node) : found.target.value;
}

static bool load_files(struct bf_arena *arena, const struct bf_query *query, struct bf_diags *diags,
                       const struct bf_value **files)
{
    bool good = query->count != 0;

    for (size_t i = 0; i < query->count; i++) {
        const struct bf_text *text = &query->texts[i];
        bf_diags_add_source(diags, text->name, without_bom(text->text));
        good = bf_yaml_load(arena, text->text, text->name, diags, &files[i]) == BF_OK && good;
    }
    return good;
}

enum bf_code bf_resolve(struct bf_arena *arena, const struct bf_query *query,
                        const struct bf_variables *variables, struct bf_diags *diags,
                        const struct bf_value **out)
{
    const struct bf_value **files = BF_NEW_N(arena, const struct bf_value *, query->count + 1);
    struct bf_interpolation in = {.arena = arena, .diags = diags, .variables = variables};

    *out = bf_failed(&in, BF_NOWHERE);
    if (!load_files(arena, query, diags, files)) {
        return BF_EINVALID;
    }
    in.scratch = bf_arena_new(BF_INTERPOLATION_SCRATCH);
    in.root = merge_files(arena, files, query->count);
    if (query->environment.len == 0 ||
        choose_environment(&in, files, query->count, query->environment)) {
        *out = read_path(&in, query->path);
    }
    bf_arena_destroy(&in.scratch);
    return bf_diags_count(diags, BF_ERROR) == 0 ? BF_OK : BF_EINVALID;
}

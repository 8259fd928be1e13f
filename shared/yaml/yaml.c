#include "yaml/yaml.h"

#include "base/utf8.h"
#include "yaml/build.h"
#include "yaml/loader.h"

enum { SCRATCH_MAX = 1 << 28 };

static bool check_size_and_encoding(struct bf_yaml_loader *loader)
{
    struct bf_sv text = loader->text;

    if (text.len > BF_YAML_MAX_BYTES) {
        (void)bf_diag(loader->diags, BF_ERROR, "yaml.too_large",
                      (struct bf_loc){.file = loader->file, .line = 1, .col = 1},
                      "the file has %zu bytes, allowed are %d", text.len, BF_YAML_MAX_BYTES);
        return false;
    }
    size_t valid = bf_utf8_valid_prefix(text);
    size_t nul = bf_sv_find(text, '\0');
    size_t bad = valid < nul ? valid : nul;
    if (bad == text.len) {
        return true;
    }
    struct bf_sv before = bf_sv_slice(text, 0, bad);
    struct bf_loc loc = bf_yaml_cursor_to(loader, bf_utf8_count(before));
    struct bf_diag *diag =
        bad == valid
            ? bf_diag(loader->diags, BF_ERROR, "yaml.encoding", loc,
                      "the byte 0x%02x is not valid UTF-8", (unsigned)(unsigned char)text.ptr[bad])
            : bf_diag(loader->diags, BF_ERROR, "yaml.encoding", loc, "a NUL byte in the text");
    bf_diag_hint(loader->diags, diag, "%s", "save the file as UTF-8");
    return false;
}

/* The empty map that stands for an empty document. */
static const struct bf_value *empty_map(struct bf_yaml_loader *loader)
{
    struct bf_value *node = BF_NEW(loader->arena, struct bf_value);

    *node = (struct bf_value){
        .kind = BF_VALUE_MAP, .loc = {.file = loader->file, .line = 1, .col = 1}, .size = 1};
    return node;
}

/* Stream and document events around the one node. */
static const struct bf_value *read_stream(struct bf_yaml_loader *loader)
{
    const struct bf_value *root = NULL;
    yaml_event_t event;

    for (;;) {
        if (!bf_yaml_next_event(loader, &event)) {
            return NULL;
        }
        yaml_event_type_t type = event.type;
        size_t at = event.start_mark.index;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            return root == NULL || root->kind == BF_VALUE_NULL ? empty_map(loader) : root;
        }
        if (type != YAML_DOCUMENT_START_EVENT) {
            continue;
        }
        if (root != NULL) {
            struct bf_diag *diag =
                bf_diag(loader->diags, BF_ERROR, "yaml.syntax", bf_yaml_cursor_to(loader, at),
                        "a second document begins here");
            bf_diag_hint(loader->diags, diag, "%s", "a file holds one document: remove the '---'");
            loader->wrong = true;
            return root;
        }
        root = bf_yaml_read_node(loader, 0);
        if (root == NULL) {
            return NULL;
        }
    }
}

enum bf_code bf_yaml_load(struct bf_arena *arena, struct bf_sv text, const char *file,
                          struct bf_diags *diags, const struct bf_value **out)
{
    struct bf_yaml_loader loader = {.arena = arena, .diags = diags, .file = file, .text = text};

    *out = NULL;
    if (bf_sv_starts(text, BF_SV("\xEF\xBB\xBF"))) {
        loader.text = bf_sv_from(text, 3);
    }
    loader.cursor = (struct bf_yaml_cursor){.text = loader.text, .line = 1, .col = 1};
    if (!check_size_and_encoding(&loader)) {
        return BF_EINVALID;
    }
    if (yaml_parser_initialize(&loader.parser) == 0) {
        (void)bf_diag(diags, BF_ERROR, "yaml.too_large", (struct bf_loc){.file = file},
                      "out of memory");
        return BF_EINVALID;
    }
    yaml_parser_set_encoding(&loader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &loader.parser, (const unsigned char *)(loader.text.len == 0 ? "" : loader.text.ptr),
        loader.text.len);
    loader.scratch = bf_arena_new(SCRATCH_MAX);
    *out = read_stream(&loader);
    bf_arena_destroy(&loader.scratch);
    yaml_parser_delete(&loader.parser);
    return loader.wrong || *out == NULL ? BF_EINVALID : BF_OK;
}

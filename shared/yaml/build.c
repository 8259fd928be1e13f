#include "yaml/build.h"

#include "base/utf8.h"
#include "yaml/scalar.h"
#include "yaml/tag.h"

bool bf_yaml_next_event(struct bf_yaml_loader *loader, yaml_event_t *event)
{
    if (yaml_parser_parse(&loader->parser, event) == 0) {
        bf_yaml_report_parser(loader);
        return false;
    }
    return true;
}

/* ---- scalars ---- */

static enum bf_style style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return BF_STYLE_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return BF_STYLE_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return BF_STYLE_BLOCK;
    default:
        return BF_STYLE_PLAIN;
    }
}

static bool is_property(struct bf_sv text, size_t at)
{
    return at < text.len && (text.ptr[at] == '!' || text.ptr[at] == '&');
}

/* libyaml's start mark is that of the tag or anchor before the scalar: step over them. */
static size_t skip_properties(struct bf_sv text, size_t from, size_t to)
{
    while (from < to && is_property(text, from)) {
        while (from < to && strchr(" \t\r\n", text.ptr[from]) == NULL) {
            from++;
        }
        while (from < to && strchr(" \t\r\n", text.ptr[from]) != NULL) {
            from++;
        }
    }
    return from;
}

static void place_scalar(struct bf_yaml_loader *loader, struct bf_written *node,
                         const yaml_event_t *event)
{
    size_t start = event->start_mark.index, end = event->end_mark.index;

    (void)bf_yaml_cursor_to(loader, start);
    size_t from = loader->cursor.byte;
    if (is_property(loader->text, from)) { /* no scalar begins so */
        (void)bf_yaml_cursor_to(loader, end);
        size_t behind = skip_properties(loader->text, from, loader->cursor.byte);
        start += bf_utf8_count(bf_sv_slice(loader->text, from, behind));
        from = behind;
    }
    node->value.loc = bf_yaml_span(loader, start, end);
    node->source = bf_sv_slice(loader->text, from, loader->cursor.byte);
}

/* Most scalars stand in the file as they are: they need no copy. */
static struct bf_sv scalar_text(struct bf_yaml_loader *loader, const struct bf_written *node,
                                struct bf_sv value)
{
    enum bf_style style = node->value.style;

    if (value.len == 0) {
        return BF_SV("");
    }
    size_t quote = style == BF_STYLE_SINGLE || style == BF_STYLE_DOUBLE ? 1 : 0;
    struct bf_sv inner = bf_sv_slice(node->source, quote, quote + value.len);

    return bf_sv_eq(inner, value) ? inner : bf_sv_dup(loader->arena, value);
}

static void warn_surprise(struct bf_yaml_loader *loader, const struct bf_value *node,
                          enum bf_yaml_surprise surprise)
{
    static const char *const what[] = {
        [BF_YAML_WORD_IS_BOOL] = "is a boolean in YAML",
        [BF_YAML_OCTAL] = "is an octal number in YAML",
        [BF_YAML_SEXAGESIMAL] = "is a number in base 60 in YAML",
        [BF_YAML_LIKE_AN_ACCOUNT] = "is a number and looks like an account id",
    };

    if (surprise == BF_YAML_NO_SURPRISE || surprise == BF_YAML_NO_DIGITS) {
        return;
    }
    struct bf_diag *diag = bf_diag(loader->diags, BF_WARNING, "yaml.surprise", node->loc,
                                   "'" BF_SV_FMT "' %s", BF_SV_ARG(node->text), what[surprise]);
    if (surprise == BF_YAML_WORD_IS_BOOL) {
        bf_diag_hint(loader->diags, diag, "write %s, or put quotes around it for the text",
                     node->boolean ? "true" : "false");
    } else if (surprise == BF_YAML_LIKE_AN_ACCOUNT) {
        bf_diag_hint(loader->diags, diag, "put quotes around it: it is a name");
    } else {
        bf_diag_hint(loader->diags, diag,
                     "it is read as %.17g: write that, or put quotes around it for the text",
                     bf_value_double(node));
    }
}

/* "{cron: 0 9 ? * MON *}": PyYAML takes the "?" for the beginning of a key. */
static void check_flow_scalar(struct bf_yaml_loader *loader, const struct bf_value *node)
{
    if (loader->flow != 0 && node->style == BF_STYLE_PLAIN &&
        bf_sv_find(node->text, '?') != node->text.len) {
        bf_yaml_wrong(loader, "yaml.syntax", node->loc, "an unquoted '?' inside of {...} or [...]",
                      "put quotes around the value");
    }
}

/* "!" alone: resolve it as if it had no tag and no quotes (PyYAML). */
static bool is_non_specific(const char *tag)
{
    return strcmp(tag, "!") == 0;
}

/* Plain text that PyYAML gives a type of its own and then refuses as a value. */
static void check_refused(struct bf_yaml_loader *loader, const struct bf_value *node,
                          enum bf_yaml_surprise surprise)
{
    if (surprise == BF_YAML_NO_DIGITS) {
        bf_yaml_wrong(loader, "yaml.syntax", node->loc, "a number without digits",
                      "put quotes around the text");
    } else if (node->style == BF_STYLE_PLAIN && bf_sv_is(node->text, "<<")) {
        bf_yaml_wrong(loader, "yaml.syntax", node->loc, "'<<' merges only as a key",
                      "write '<<: *anchor', or put quotes around the text");
    } else if (node->style == BF_STYLE_PLAIN && bf_sv_is(node->text, "=")) {
        bf_yaml_wrong(loader, "yaml.syntax", node->loc, "a lone '=' is no value in YAML 1.1",
                      "put quotes around it");
    }
}

static void read_scalar(struct bf_yaml_loader *loader, const yaml_event_t *event, bool is_key,
                        struct bf_written *out)
{
    struct bf_value *node = &out->value;
    const char *tag = (const char *)event->data.scalar.tag;
    bool no_tag = tag == NULL || is_non_specific(tag);
    struct bf_sv value = {.ptr = (const char *)event->data.scalar.value,
                          .len = event->data.scalar.length};

    node->size = 1;
    node->style = style_of(event->data.scalar.style);
    place_scalar(loader, out, event);
    node->text = scalar_text(loader, out, value);
    check_flow_scalar(loader, node);
    if (!no_tag) {
        bf_yaml_apply_tag(loader, node, tag, bf_yaml_cursor_to(loader, event->start_mark.index));
    } else if (event->data.scalar.plain_implicit != 0 || tag != NULL) {
        enum bf_yaml_surprise surprise = bf_yaml_resolve_plain(loader->scratch, node);
        if (!is_key) {
            warn_surprise(loader, node, surprise);
            check_refused(loader, node, surprise);
        }
    } else {
        node->kind = BF_VALUE_STRING;
    }
}

/* The scalar as it stays: with its source only where a message may point inside of it. */
static const struct bf_value *keep_scalar(struct bf_yaml_loader *loader,
                                          const struct bf_written *scalar)
{
    struct bf_sv text = scalar->value.text;
    bool is_text = scalar->value.kind == BF_VALUE_STRING;

    if (is_text && bf_sv_search(text, BF_SV("${")) != text.len) {
        struct bf_written *written = BF_NEW(loader->arena, struct bf_written);
        *written = *scalar;
        written->value.open = true;
        written->value.written = true;
        return &written->value;
    }
    struct bf_value *value = BF_NEW(loader->arena, struct bf_value);
    *value = scalar->value;
    value->open = is_text && bf_sv_is(text, "???");
    if (value->kind == BF_VALUE_BOOL) {
        value->text = value->boolean ? BF_SV("true") : BF_SV("false");
    } else if (value->kind == BF_VALUE_NULL) {
        value->text = BF_SV("null");
    }
    return value;
}

/* ---- lists and maps ---- */

static bool too_deep(struct bf_yaml_loader *loader, size_t at, unsigned depth)
{
    if (depth < BF_YAML_MAX_DEPTH) {
        return false;
    }
    struct bf_sv text =
        bf_sv_printf(loader->arena, "maps and lists nest deeper than %d levels", BF_YAML_MAX_DEPTH);
    bf_yaml_wrong(loader, "yaml.too_large", bf_yaml_cursor_to(loader, at), text.ptr, NULL);
    return true;
}

/* NOLINTBEGIN(misc-no-recursion): at most BF_YAML_MAX_DEPTH levels */

static const struct bf_value *read_event(struct bf_yaml_loader *loader, yaml_event_t *event,
                                         unsigned depth);

static void push_item(struct bf_yaml_loader *loader, const struct bf_value *item)
{
    loader->items = bf_arena_grow(loader->scratch, loader->items, loader->item_count,
                                  &loader->item_cap, sizeof(struct bf_value *));
    loader->items[loader->item_count++] = item;
}

static void add_child(struct bf_value *node, const struct bf_value *child)
{
    node->count++;
    node->size += child->size; /* bounded: by the text, and by the nodes that aliases add */
    node->open = node->open || child->open;
}

/* Take the items from ${from} on off the stack: exactly as much memory as they need. */
static void pop_items(struct bf_yaml_loader *loader, struct bf_value *node, size_t from)
{
    size_t count = loader->item_count - from;
    const struct bf_value **items = BF_NEW_N(loader->arena, const struct bf_value *, count);

    for (size_t i = 0; i < count; i++) {
        items[i] = loader->items[from + i];
        add_child(node, items[i]);
    }
    node->items = items;
    loader->item_count = from;
}

static bool read_items(struct bf_yaml_loader *loader, struct bf_value *node, unsigned depth)
{
    size_t from = loader->item_count;
    yaml_event_t event;

    for (;;) {
        if (!bf_yaml_next_event(loader, &event)) {
            return false;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            pop_items(loader, node, from);
            return true;
        }
        const struct bf_value *item = read_event(loader, &event, depth + 1);
        if (item == NULL) {
            return false;
        }
        push_item(loader, item);
    }
}

static bool is_merge_key(const struct bf_value *key)
{
    return key->kind == BF_VALUE_STRING && key->style == BF_STYLE_PLAIN &&
           bf_sv_is(key->text, "<<");
}

static bool check_key(struct bf_yaml_loader *loader, const struct bf_value *key)
{
    if (key->kind == BF_VALUE_BOOL || key->kind == BF_VALUE_NULL) {
        struct bf_diag *diag =
            key->text.len == 0
                ? bf_diag(loader->diags, BF_ERROR, "yaml.key_type", key->loc, "a key is missing")
                : bf_diag(loader->diags, BF_ERROR, "yaml.key_type", key->loc,
                          "'" BF_SV_FMT "' as a key is %s in YAML", BF_SV_ARG(key->text),
                          bf_value_kind_name(key));
        if (key->text.len != 0) {
            bf_diag_hint(loader->diags, diag, "put quotes around it: \"" BF_SV_FMT "\"",
                         BF_SV_ARG(key->text));
        }
        loader->wrong = true;
        return false;
    }
    if (key->kind == BF_VALUE_LIST || key->kind == BF_VALUE_MAP) {
        struct bf_sv text =
            bf_sv_printf(loader->arena, "%s cannot be a key", bf_value_kind_name(key));
        bf_yaml_wrong(
            loader, "yaml.key_type", key->loc, text.ptr,
            key->kind == BF_VALUE_MAP
                ? "a key is a text; what other tools write as {{ x }} is ${...} here, and "
                  "a text in quotes"
                : "a key is a text");
        return false;
    }
    return true;
}

/* The pairs of one map while it is read: on the loader's stack from ${from} on. */
struct reading {
    size_t from;
    struct bf_index index;
    struct bf_yaml_pairs merged;
};

static void add_pair(struct bf_yaml_loader *loader, struct reading *reading,
                     const struct bf_value *key, const struct bf_value *value)
{
    struct bf_pair pair = {.key = key->text, .key_loc = key->loc, .value = value};
    const struct bf_pair *own = loader->pairs == NULL ? NULL : loader->pairs + reading->from;
    size_t at = bf_index_find(loader->scratch, &reading->index, own, sizeof(*own),
                              loader->pair_count - reading->from, pair.key);

    if (own == NULL || at == BF_INDEX_NONE) {
        loader->pairs = bf_arena_grow(loader->scratch, loader->pairs, loader->pair_count,
                                      &loader->pair_cap, sizeof(*loader->pairs));
        loader->pairs[loader->pair_count++] = pair;
        return;
    }
    struct bf_diag *diag =
        bf_diag(loader->diags, BF_ERROR, "yaml.duplicate_key", pair.key_loc,
                "the key '" BF_SV_FMT "' comes twice in one map", BF_SV_ARG(pair.key));
    bf_diag_note(loader->diags, diag, own[at].key_loc, "the first one");
    loader->wrong = true;
}

/* Merged pairs come first, in their order; a key of the map itself wins (PyYAML). */
static void finish_map(struct bf_yaml_loader *loader, struct bf_value *node,
                       struct reading *reading)
{
    size_t count = loader->pair_count - reading->from;
    struct bf_pair *pairs = NULL;

    for (size_t i = 0; i < count && reading->merged.count != 0; i++) {
        bf_yaml_put(loader, &reading->merged, loader->pairs[reading->from + i]);
    }
    const struct bf_pair *from = loader->pairs == NULL ? NULL : loader->pairs + reading->from;
    if (reading->merged.count != 0) {
        from = reading->merged.items;
        count = reading->merged.count;
    }
    pairs = BF_NEW_N(loader->arena, struct bf_pair, count);
    for (size_t i = 0; i < count && from != NULL; i++) {
        pairs[i] = from[i];
        add_child(node, pairs[i].value);
    }
    node->pairs = pairs;
    loader->pair_count = reading->from;
}

static const struct bf_value *read_key(struct bf_yaml_loader *loader, yaml_event_t *event,
                                       unsigned depth, struct bf_written *scalar);

static bool read_pairs(struct bf_yaml_loader *loader, struct bf_value *node, unsigned depth)
{
    struct reading reading = {.from = loader->pair_count};
    yaml_event_t event;

    for (;;) {
        if (!bf_yaml_next_event(loader, &event)) {
            return false;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            finish_map(loader, node, &reading);
            return true;
        }
        struct bf_written scalar = {0};
        const struct bf_value *key = read_key(loader, &event, depth + 1, &scalar);
        const struct bf_value *value = key == NULL ? NULL : bf_yaml_read_node(loader, depth + 1);
        if (value == NULL) {
            return false;
        }
        if (is_merge_key(key)) {
            bool none = value->kind == BF_VALUE_NULL && loader->wrong; /* an unknown anchor: said */
            if (!bf_yaml_merge_from(loader, &reading.merged, value) && !none) {
                bf_yaml_wrong(loader, "yaml.syntax", value->loc,
                              "'<<' takes a map or a list of maps",
                              "write '<<: *anchor', where the anchor names a map");
            }
        } else if (check_key(loader, key)) {
            add_pair(loader, &reading, key, value);
        }
    }
}

static const struct bf_value *read_container(struct bf_yaml_loader *loader,
                                             const yaml_event_t *event, unsigned depth)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const char *tag =
        (const char *)(map ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    bool flow = map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                    : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    struct bf_value *node = BF_NEW(loader->arena, struct bf_value);

    node->kind = map ? BF_VALUE_MAP : BF_VALUE_LIST;
    node->size = 1;
    node->loc = bf_yaml_cursor_to(loader, event->start_mark.index);
    if (tag != NULL && !is_non_specific(tag)) {
        bf_yaml_apply_tag(loader, node, tag, node->loc);
    }
    if (too_deep(loader, event->start_mark.index, depth)) {
        return NULL;
    }
    loader->flow += flow ? 1 : 0;
    bool done = map ? read_pairs(loader, node, depth) : read_items(loader, node, depth);
    loader->flow -= flow ? 1 : 0;
    return done ? node : NULL;
}

static const unsigned char *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

/* Takes the event over. */
static const struct bf_value *read_event(struct bf_yaml_loader *loader, yaml_event_t *event,
                                         unsigned depth)
{
    const struct bf_value *node = NULL;
    struct bf_written scalar = {0};

    if (event->type == YAML_ALIAS_EVENT) {
        node = bf_yaml_read_alias(loader, event);
        yaml_event_delete(event);
        return node;
    }
    struct bf_loc loc = bf_yaml_cursor_to(loader, event->start_mark.index);
    size_t anchor = bf_yaml_open_anchor(loader, anchor_of(event), loc);
    loader->nodes++;
    if (event->type == YAML_SCALAR_EVENT) {
        read_scalar(loader, event, false, &scalar);
        node = keep_scalar(loader, &scalar);
    } else {
        node = read_container(loader, event, depth);
    }
    yaml_event_delete(event);
    bf_yaml_close_anchor(loader, anchor, node);
    return node;
}

/* Of a key only the text stays, so ${scalar} is the caller's: it need not outlive the pair. */
static const struct bf_value *read_key(struct bf_yaml_loader *loader, yaml_event_t *event,
                                       unsigned depth, struct bf_written *scalar)
{
    if (event->type != YAML_SCALAR_EVENT) {
        return read_event(loader, event, depth);
    }
    struct bf_loc loc = bf_yaml_cursor_to(loader, event->start_mark.index);
    size_t anchor = bf_yaml_open_anchor(loader, anchor_of(event), loc);
    loader->nodes++;
    read_scalar(loader, event, true, scalar);
    yaml_event_delete(event);
    if (anchor != 0) {
        bf_yaml_close_anchor(loader, anchor, keep_scalar(loader, scalar));
    }
    return &scalar->value;
}

const struct bf_value *bf_yaml_read_node(struct bf_yaml_loader *loader, unsigned depth)
{
    yaml_event_t event;

    return bf_yaml_next_event(loader, &event) ? read_event(loader, &event, depth) : NULL;
}

/* NOLINTEND(misc-no-recursion) */

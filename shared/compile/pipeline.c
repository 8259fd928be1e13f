#include "compile/compile.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "crypto/crypto.h"
#include "spec/job.h"
#include "spec/value_print.h"

/* What stands beside the definition: members of CreatePipeline, tags, event patterns. */

enum { TAG_CHARACTERS = 256 };

static bool is_of_tags(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr(" _.:/=+-@", c) != NULL);
}

/**
 * A key of S3 and the name of a commit may be longer than a tag, and hold what the service takes in
 * none, such as "(": of ASCII that becomes "_".
 */
static struct bf_sv tag_value(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf out = bf_buf_new(arena, (size_t)TAG_CHARACTERS * 4);
    for (size_t at = 0, count = 0, length = 0; at < text.len && count < TAG_CHARACTERS; count++) {
        length = bf_utf8_next(bf_sv_from(text, at), NULL);
        if (length > 0 && is_of_tags(text.ptr[at])) {
            bf_buf_add(&out, bf_sv_slice(text, at, at + length));
        } else {
            bf_buf_addc(&out, '_');
        }
        at += length == 0 ? 1 : length;
    }
    return bf_buf_sv(&out);
}

static void add_tag(struct bf_arena *arena, bf_json *tags, const char *key, struct bf_sv value)
{
    if (value.len == 0) {
        return;
    }
    bf_json *tag = bf_json_add_object(tags, NULL);
    bf_json_add_str(tag, "Key", bf_sv_of(key));
    bf_json_add_str(tag, "Value", tag_value(arena, value));
}

bf_json *bf_pipeline_tags(struct bf_arena *arena, const struct bf_pipeline *pipeline,
                          const struct bf_origin *origin)
{
    bf_json *tags = bf_json_new_array(arena);
    for (size_t i = 0; pipeline->tags != NULL && i < pipeline->tags->count; i++) {
        const struct bf_pair *pair = &pipeline->tags->pairs[i];
        if (pair->value->kind != BF_VALUE_NULL) {
            bf_json *tag = bf_json_add_object(tags, NULL);
            bf_json_add_str(tag, "Key", pair->key);
            bf_json_add_str(tag, "Value", pair->value->text);
        }
    }
    add_tag(arena, tags, "buzzflow:project", pipeline->project);
    add_tag(arena, tags, "buzzflow:environment", origin->environment);
    add_tag(arena, tags, "buzzflow:source", origin->source);
    add_tag(arena, tags, "buzzflow:version", origin->version);
    add_tag(arena, tags, "buzzflow:commit", origin->commit);
    add_tag(arena, tags, "buzzflow:sha256", origin->sha256);
    return tags;
}

/* ---- the hash of the file ---- */

struct bf_sv bf_pipeline_sha256(struct bf_arena *arena, const struct bf_pipeline *pipeline)
{
    struct bf_buf buf = bf_buf_new(arena, 64 << 20);
    bf_value_print_compact(&buf, pipeline->root);
    return bf_sha256_hex(arena, bf_buf_sv(&buf));
}

/* ---- event patterns ---- */

/** Below "detail", the object that holds the last member of a dotted path. */
static bf_json *pattern_at(struct bf_arena *arena, bf_json *detail, struct bf_sv path)
{
    bf_json *at = detail;
    struct bf_sv rest = path;
    for (;;) {
        const char *name = bf_sv_z(arena, bf_sv_cut(&rest, '.'));
        bf_json *next = bf_json_get(at, name);
        if (rest.len == 0) {
            return next != NULL ? next : bf_json_add_array(at, name);
        }
        at = next != NULL ? next : bf_json_add_object(at, name);
    }
}

static void add_star(bf_json *array, struct bf_sv text)
{
    size_t star = bf_sv_find(text, '*');
    bf_json *match = bf_json_add_object(array, NULL);
    if (star == text.len - 1) {
        bf_json_add_str(match, "prefix", bf_sv_slice(text, 0, star));
    } else {
        bf_json_add_str(match, "wildcard", text);
    }
}

static void add_match(struct bf_arena *arena, bf_json *array, const struct bf_value *match)
{
    struct bf_sv text = match->text;
    if (match->kind == BF_VALUE_BOOL) {
        bf_json_add_bool(array, NULL, match->boolean);
    } else if (match->kind == BF_VALUE_INT || match->kind == BF_VALUE_FLOAT) {
        bf_json_add_number(array, NULL, bf_number_text(arena, match));
    } else if (text.len > 0 && text.ptr[0] == '!') {
        struct bf_sv rest = bf_sv_from(text, 1);
        bf_json *except = bf_json_add_object(array, NULL);
        if (bf_sv_find(rest, '*') < rest.len) {
            bf_json *nested = bf_json_add_object(except, "anything-but");
            bool prefix = bf_sv_find(rest, '*') == rest.len - 1;
            bf_json_add_str(nested, prefix ? "prefix" : "wildcard",
                            prefix ? bf_sv_slice(rest, 0, rest.len - 1) : rest);
        } else {
            bf_json_add_str(bf_json_add_array(except, "anything-but"), NULL, rest);
        }
    } else if (bf_sv_find(text, '*') < text.len) {
        add_star(array, text);
    } else {
        bf_json_add_str(array, NULL, text);
    }
}

bf_json *bf_event_pattern(struct bf_arena *arena, const struct bf_trigger_event *event)
{
    bf_json *pattern = bf_json_new_object(arena);
    bf_json_add_str(bf_json_add_array(pattern, "source"), NULL, event->source);
    bf_json_add_str(bf_json_add_array(pattern, "detail-type"), NULL, event->detail_type);
    if (event->state_path.len == 0 && event->where_count == 0) {
        return pattern;
    }
    bf_json *detail = bf_json_add_object(pattern, "detail");
    if (event->state_path.len > 0) {
        bf_json *states = pattern_at(arena, detail, event->state_path);
        for (size_t i = 0; i < 3 && event->states[i] != NULL; i++) {
            bf_json_add_str(states, NULL, bf_sv_of(event->states[i]));
        }
    }
    for (size_t i = 0; i < event->where_count; i++) {
        const struct bf_value *matches = event->where[i].matches;
        bf_json *array = pattern_at(arena, detail, event->where[i].path);
        bool list = matches->kind == BF_VALUE_LIST;
        for (size_t m = 0; m < (list ? matches->count : 1); m++) {
            add_match(arena, array, list ? matches->items[m] : matches);
        }
    }
    return pattern;
}

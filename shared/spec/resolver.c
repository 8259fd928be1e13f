#include <stdlib.h>

#include "base/utf8.h"
#include "spec/interpolate.h"

/** A call's arguments after evaluation. */
struct call {
    const struct bf_inter *inter;
    struct bf_node *node; /* where the call is written */
    const struct bf_value **args;
    size_t count;
};

typedef const struct bf_value *resolver_fn(struct bf_interpolation *in, const struct call *call);

static const struct bf_value *wrong_type(struct bf_interpolation *in, const struct call *call,
                                         const char *what, const struct bf_value *found)
{
    (void)bf_complain(in, "interpolation.type", call->inter->loc, "%s; this is %s", what,
                      bf_value_kind_name(found));
    return bf_failed(in, call->inter->loc);
}

static const struct bf_value *put(struct bf_interpolation *in, const struct call *call,
                                  const struct bf_value *value)
{
    return bf_value_at(in, value, call->inter->loc, NULL);
}

/* ---- oc.env ---- */

static const struct bf_value *env_default(struct bf_interpolation *in, const struct call *call)
{
    const struct bf_value *value = call->args[1];

    if (value->kind == BF_VALUE_NULL) {
        return put(in, call, value);
    }
    if (!bf_value_is_scalar(value)) {
        return wrong_type(in, call, "the default of oc.env is a single value", value);
    }
    return bf_new_string(in, call->inter->loc, value->text);
}

static const struct bf_value *resolve_env(struct bf_interpolation *in, const struct call *call)
{
    const struct bf_value *name = call->args[0];

    if (name->kind != BF_VALUE_STRING) {
        return wrong_type(in, call, "oc.env takes the name of a variable", name);
    }
    for (size_t i = 0; i < in->variables->count; i++) {
        if (bf_sv_eq(in->variables->items[i].name, name->text)) {
            return bf_new_string(in, call->inter->loc, in->variables->items[i].value);
        }
    }
    if (call->count == 2) {
        return env_default(in, call);
    }
    struct bf_diag *diag = bf_complain(in, "interpolation.env", call->inter->loc,
                                       "the variable '" BF_SV_FMT "' is not set or not allowed",
                                       BF_SV_ARG(name->text));
    bf_diag_hint(in->diags, diag, "add a default: ${oc.env:" BF_SV_FMT ",...}",
                 BF_SV_ARG(name->text));
    return bf_failed(in, call->inter->loc);
}

/* ---- oc.select, oc.deprecated, oc.dict.* ---- */

static bool find_argument(struct bf_interpolation *in, const struct call *call,
                          struct bf_found *found)
{
    const struct bf_value *key = call->args[0];

    if (key->kind != BF_VALUE_STRING) {
        (void)wrong_type(in, call, "a key is a string", key);
        return false;
    }
    struct bf_key_path path = bf_path_parse(in->scratch, key->text);
    *found = bf_find_path(in, call->node, &path);
    return found->result != BF_LOOKUP_FAILED;
}

static bool target_is_missing(struct bf_interpolation *in, struct bf_reached target)
{
    struct bf_found end = bf_settle(in, target);

    return end.result == BF_LOOKUP_MISSING ||
           (end.result == BF_LOOKUP_FOUND && end.target.node != NULL &&
            bf_node_is_missing(end.target.node));
}

static const struct bf_value *resolve_select(struct bf_interpolation *in, const struct call *call)
{
    struct bf_found found;

    if (!find_argument(in, call, &found)) {
        return bf_failed(in, call->inter->loc);
    }
    if (found.result == BF_LOOKUP_FOUND && !target_is_missing(in, found.target)) {
        return bf_read_target(in, call->inter->loc, found.target);
    }
    if (call->count == 2) {
        return put(in, call, call->args[1]);
    }
    struct bf_value *null = bf_new_value(in, BF_VALUE_NULL, call->inter->loc);
    null->text = BF_SV("null");
    return null;
}

static void add_name(struct bf_buf *out, struct bf_sv *rest, struct bf_sv variable,
                     struct bf_sv name)
{
    bf_buf_add(out, name);
    *rest = bf_sv_from(*rest, variable.len);
}

static struct bf_sv deprecation(struct bf_interpolation *in, const struct call *call,
                                struct bf_sv old, struct bf_sv new)
{
    struct bf_sv message = BF_SV("'$OLD_KEY' is deprecated; use '$NEW_KEY'");
    struct bf_buf text = bf_buf_new(in->arena, 4096);

    if (call->count == 2) {
        message = call->args[1]->text;
    }
    while (message.len != 0) {
        size_t dollar = bf_sv_find(message, '$');
        bf_buf_add(&text, bf_sv_slice(message, 0, dollar));
        message = bf_sv_from(message, dollar);
        if (bf_sv_starts(message, BF_SV("$OLD_KEY"))) {
            add_name(&text, &message, BF_SV("$OLD_KEY"), old);
        } else if (bf_sv_starts(message, BF_SV("$NEW_KEY"))) {
            add_name(&text, &message, BF_SV("$NEW_KEY"), new);
        } else if (message.len != 0) {
            bf_buf_addc(&text, '$');
            message = bf_sv_from(message, 1);
        }
    }
    return bf_buf_sv(&text);
}

static const struct bf_value *resolve_deprecated(struct bf_interpolation *in,
                                                 const struct call *call)
{
    struct bf_found found;

    if (call->count == 2 && call->args[1]->kind != BF_VALUE_STRING) {
        return wrong_type(in, call, "the message of oc.deprecated is a string", call->args[1]);
    }
    if (!find_argument(in, call, &found)) {
        return bf_failed(in, call->inter->loc);
    }
    if (found.result != BF_LOOKUP_FOUND) {
        return bf_report_path(in, call->inter->loc, &found);
    }
    struct bf_sv old = bf_node_path(in->arena, call->node);
    struct bf_sv new = found.target.node != NULL ? bf_node_path(in->arena, found.target.node)
                                                 : call->args[0]->text;
    struct bf_sv text = deprecation(in, call, old, new);
    (void)bf_diag(in->diags, BF_WARNING, "interpolation.deprecated", call->inter->loc, BF_SV_FMT,
                  BF_SV_ARG(text));
    return bf_read_target(in, call->inter->loc, found.target);
}

/* The map that the key names; false: reported. */
static bool find_map(struct bf_interpolation *in, const struct call *call, struct bf_found *found)
{
    if (!find_argument(in, call, found)) {
        return false;
    }
    if (found->result == BF_LOOKUP_FOUND) {
        *found = bf_settle(in, found->target);
    }
    if (found->result != BF_LOOKUP_FOUND) {
        (void)bf_report_path(in, call->inter->loc, found);
        return false;
    }
    struct bf_node *node = found->target.node;
    if (node != NULL ? node->kind == BF_VALUE_MAP : found->target.value->kind == BF_VALUE_MAP) {
        return true;
    }
    /* A list is not read for its kind: the call may stand in it. */
    bool list = node != NULL && node->kind == BF_VALUE_LIST;
    const struct bf_value *value =
        list ? bf_new_value(in, BF_VALUE_LIST, call->inter->loc) : found->target.value;
    if (node != NULL && !list) {
        value = bf_value_of(in, node);
    }
    if (value->kind != BF_VALUE_ERROR) {
        (void)wrong_type(in, call, "oc.dict takes the key of a map", value);
    }
    return false;
}

static const struct bf_value *resolve_keys(struct bf_interpolation *in, const struct call *call)
{
    struct bf_found found;

    if (!find_map(in, call, &found)) {
        return bf_failed(in, call->inter->loc);
    }
    const struct bf_node *node = found.target.node;
    size_t count = node != NULL ? node->count : found.target.value->count;
    const struct bf_value **items = BF_NEW_N(in->arena, const struct bf_value *, count);
    for (size_t i = 0; i < count; i++) {
        struct bf_sv key = node != NULL ? node->pairs[i].key : found.target.value->pairs[i].key;
        items[i] = bf_new_string(in, call->inter->loc, key);
    }
    struct bf_value *list = bf_new_value(in, BF_VALUE_LIST, call->inter->loc);
    list->items = items;
    list->count = (uint32_t)count;
    list->size = (uint32_t)count + 1;
    return bf_count_expanded(in, call->inter->loc, list->size) ? list
                                                               : bf_failed(in, call->inter->loc);
}

static const struct bf_value *resolve_values(struct bf_interpolation *in, const struct call *call)
{
    struct bf_found found;

    if (!find_map(in, call, &found)) {
        return bf_failed(in, call->inter->loc);
    }
    size_t count = found.target.node != NULL ? found.target.node->count : found.target.value->count;
    const struct bf_value **items = BF_NEW_N(in->arena, const struct bf_value *, count);
    struct bf_value *list = bf_new_value(in, BF_VALUE_LIST, call->inter->loc);
    for (size_t i = 0; i < count; i++) {
        struct bf_reached item = {0};
        if (found.target.node != NULL) {
            item.node = bf_node_child(in->arena, found.target.node, i);
        } else {
            item.value = found.target.value->pairs[i].value;
        }
        items[i] = bf_read_target(in, call->inter->loc, item);
        list->size += items[i]->size;
    }
    list->items = items;
    list->count = (uint32_t)count;
    return list;
}

/* ---- oc.decode, oc.create ---- */

static const struct bf_value *resolve_decode(struct bf_interpolation *in, const struct call *call)
{
    const struct bf_value *text = call->args[0];
    struct bf_text_place place = bf_place_fixed(call->inter->loc);
    struct bf_grammar_error error = {0};
    struct bf_element element = {0};

    if (text->kind == BF_VALUE_NULL) {
        return put(in, call, text);
    }
    if (text->kind != BF_VALUE_STRING) {
        return wrong_type(in, call, "oc.decode takes a string", text);
    }
    if (!bf_grammar_element(in->scratch, text->text, &place, &element, &error)) {
        struct bf_diag *diag =
            bf_complain(in, "interpolation.syntax", call->inter->loc,
                        "oc.decode cannot read '" BF_SV_FMT "': %s",
                        BF_SV_ARG(bf_utf8_truncate(text->text, 200)), error.message);
        if (error.hint != NULL) {
            bf_diag_hint(in->diags, diag, "%s", error.hint);
        }
        return bf_failed(in, call->inter->loc);
    }
    if (in->depth >= BF_INTERPOLATION_CHAIN) {
        (void)bf_complain(in, "interpolation.cycle", call->inter->loc,
                          "oc.decode calls itself more than %d times", BF_INTERPOLATION_CHAIN);
        return bf_failed(in, call->inter->loc);
    }
    in->depth++;
    const struct bf_value *value = bf_element_value(in, call->node, call->inter, &element);
    in->depth--;
    return value;
}

static const struct bf_value *resolve_create(struct bf_interpolation *in, const struct call *call)
{
    const struct bf_value *value = call->args[0];

    if (value->kind != BF_VALUE_MAP && value->kind != BF_VALUE_LIST) {
        return wrong_type(in, call, "oc.create takes a map or a list", value);
    }
    struct bf_node *made =
        bf_node_of_value(in->arena, call->node->parent, call->node->position, value);
    return put(in, call, bf_value_of(in, made));
}

/* ---- run-time references ---- */

static const struct bf_value *reference(struct bf_interpolation *in, const struct call *call,
                                        enum bf_reference_kind kind)
{
    struct bf_reference *ref = BF_NEW(in->arena, struct bf_reference);
    struct bf_part *part = BF_NEW(in->arena, struct bf_part);
    const struct bf_value *argument = call->args[0];

    if (!bf_value_is_scalar(argument)) {
        return wrong_type(in, call, "a run-time reference takes a name", argument);
    }
    *ref = (struct bf_reference){.kind = kind, .argument = argument->text, .loc = call->inter->loc};
    part->ref = ref;
    struct bf_value *value = bf_new_value(in, BF_VALUE_REFERENCE, call->inter->loc);
    value->parts = part;
    value->count = 1;
    return value;
}

static const struct bf_value *resolve_param(struct bf_interpolation *in, const struct call *call)
{
    return reference(in, call, BF_REF_PARAM);
}

static const struct bf_value *resolve_step(struct bf_interpolation *in, const struct call *call)
{
    return reference(in, call, BF_REF_STEP);
}

static const struct bf_value *resolve_report(struct bf_interpolation *in, const struct call *call)
{
    return reference(in, call, BF_REF_REPORT);
}

static const struct bf_value *resolve_execution(struct bf_interpolation *in,
                                                const struct call *call)
{
    return reference(in, call, BF_REF_EXECUTION);
}

/* ---- the table ---- */

static const struct resolver {
    const char *name;
    size_t least, most; /* arguments */
    resolver_fn *call;
} resolvers[] = {
    {"oc.env", 1, 2, resolve_env},
    {"oc.select", 1, 2, resolve_select},
    {"oc.decode", 1, 1, resolve_decode},
    {"oc.create", 1, 1, resolve_create},
    {"oc.dict.keys", 1, 1, resolve_keys},
    {"oc.dict.values", 1, 1, resolve_values},
    {"oc.deprecated", 1, 2, resolve_deprecated},
    {"param", 1, 1, resolve_param},
    {"step", 1, 1, resolve_step},
    {"report", 1, 1, resolve_report},
    {"execution", 1, 1, resolve_execution},
};

/* Known to the run-time text of schedules and triggers only. */
static const char *const run_time_only[] = {
    "date",    "date.in", "date.of",   "dates",        "diff",         "default", "if",
    "eq",      "in",      "add",       "sub",          "mul",          "extract", "lower",
    "replace", "ssm",     "s3.latest", "model.latest", "pipeline.last"};

/* "${a:b}" may be meant as a key. */
static bool hint_key(struct bf_interpolation *in, struct bf_diag *diag,
                     const struct bf_inter *inter)
{
    struct bf_sv key = bf_sv_slice(inter->source, 2, inter->source.len - 1);

    if (bf_node_get(in->arena, in->root, key) == NULL) {
        return false;
    }
    bf_diag_hint(in->diags, diag,
                 "the key '" BF_SV_FMT "' is read by ${oc.select:\"" BF_SV_FMT "\"}",
                 BF_SV_ARG(key), BF_SV_ARG(key));
    return true;
}

static const struct bf_value *unknown(struct bf_interpolation *in, const struct bf_inter *inter,
                                      struct bf_sv name)
{
    struct bf_sv names[BF_COUNTOF(resolvers)];
    struct bf_diag *diag = bf_complain(in, "interpolation.resolver", inter->loc,
                                       "no resolver '" BF_SV_FMT "'", BF_SV_ARG(name));

    for (size_t i = 0; i < BF_COUNTOF(run_time_only); i++) {
        if (bf_sv_is(name, run_time_only[i])) {
            bf_diag_hint(in->diags, diag,
                         "'" BF_SV_FMT "' is allowed only in parameters of schedules and triggers",
                         BF_SV_ARG(name));
            return bf_failed(in, inter->loc);
        }
    }
    for (size_t i = 0; i < BF_COUNTOF(resolvers); i++) {
        names[i] = bf_sv_of(resolvers[i].name);
    }
    struct bf_sv near = bf_nearest(name, names, BF_COUNTOF(names));
    struct bf_sv full = bf_sv_printf(in->scratch, "oc." BF_SV_FMT, BF_SV_ARG(name));
    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        near = bf_sv_eq(names[i], full) ? names[i] : near; /* "env" of OmegaConf 1 */
    }
    if (!hint_key(in, diag, inter) && near.len != 0) {
        bf_diag_hint(in->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(near));
    }
    return bf_failed(in, inter->loc);
}

static const struct resolver *find_resolver(struct bf_sv name)
{
    for (size_t i = 0; i < BF_COUNTOF(resolvers); i++) {
        if (bf_sv_is(name, resolvers[i].name)) {
            return &resolvers[i];
        }
    }
    return NULL;
}

/* The parts of the name with dots between them; false: reported. */
static bool call_name(struct bf_interpolation *in, struct bf_node *node,
                      const struct bf_inter *inter, struct bf_sv *out)
{
    if (!inter->has_nested_key) { /* the parts stand side by side in the text */
        const struct bf_inter_key *last = &inter->keys[inter->key_count - 1];
        out->ptr = inter->keys[0].text.ptr;
        out->len = (size_t)(last->text.ptr - out->ptr) + last->text.len;
        return true;
    }
    struct bf_buf name = bf_buf_new(in->scratch, 1024);
    for (size_t i = 0; i < inter->key_count; i++) {
        const struct bf_inter_key *key = &inter->keys[i];
        struct bf_sv part = key->text;
        if (key->inter != NULL) {
            const struct bf_value *value = bf_inter_value(in, node, key->inter);
            if (value->kind != BF_VALUE_STRING && value->kind != BF_VALUE_ERROR) {
                (void)bf_complain(in, "interpolation.type", key->inter->loc,
                                  "the name of a resolver is a string; this is %s",
                                  bf_value_kind_name(value));
            }
            if (value->kind != BF_VALUE_STRING) {
                return false;
            }
            part = value->text;
        }
        bf_buf_addz(&name, i == 0 ? "" : ".");
        bf_buf_add(&name, part);
    }
    *out = bf_buf_sv(&name);
    return true;
}

static bool read_arguments(struct bf_interpolation *in, struct call *call)
{
    bool good = true;

    call->args = BF_NEW_N(in->scratch, const struct bf_value *, call->count);
    for (size_t i = 0; i < call->count; i++) {
        call->args[i] = bf_element_value(in, call->node, call->inter, &call->inter->arguments[i]);
        good = good && call->args[i]->kind != BF_VALUE_ERROR;
    }
    return good;
}

static const struct bf_value *wrong_count(struct bf_interpolation *in, const struct call *call,
                                          const struct resolver *resolver)
{
    const char *range = resolver->most == 1 ? "1 argument" : "1 or 2 arguments";
    struct bf_diag *diag =
        bf_complain(in, "interpolation.type", call->inter->loc, "'%s' takes %s, not %zu",
                    resolver->name, range, call->count);

    if (call->count > resolver->most) {
        bf_diag_hint(in->diags, diag, "%s", "put quotes around an argument with a comma");
    }
    return bf_failed(in, call->inter->loc);
}

const struct bf_value *bf_call_value(struct bf_interpolation *in, struct bf_node *node,
                                     const struct bf_inter *inter)
{
    struct call call = {.inter = inter, .node = node, .count = inter->argument_count};
    struct bf_sv name;

    if (!call_name(in, node, inter, &name)) {
        return bf_failed(in, inter->loc);
    }
    /* Before the name is looked at: all mistakes are told at once, those of arguments too. */
    bool good = read_arguments(in, &call);
    if (in->frame != NULL) {
        in->frame->loc = inter->loc;
    }
    const struct resolver *resolver = find_resolver(name);
    if (resolver == NULL) {
        return unknown(in, inter, name);
    }
    if (call.count < resolver->least || call.count > resolver->most) {
        return wrong_count(in, &call, resolver);
    }
    return good ? bf_given(in, resolver->call(in, &call), inter->loc) : bf_failed(in, inter->loc);
}

#include "base/utf8.h"
#include "spec/check.h"

/* The conditions of a condition step. */

static const char *const operators[] = {"eq", "ne", "gt", "ge", "lt", "le", "in"};
static const char *const names[] = {"left", "eq", "ne", "gt", "ge", "lt", "le", "in", "not", "any"};

static const struct bf_field one = {.kind = BF_KIND_CONDITION};
static const struct bf_field several = {
    .kind = BF_KIND_LIST, .min = 1, .item = BF_ITEM(.kind = BF_KIND_CONDITION)};

static bool ordering(const char *name)
{
    return name[0] == 'g' || name[0] == 'l';
}

/* ---- operands ---- */

/** What a value is when it is compared; ANY: not known before the run. */
static enum bf_yield yield_of(struct bf_check *check, const struct bf_value *value)
{
    struct bf_target target = {.yield = BF_YIELD_ANY};
    struct bf_mistake mistake;
    struct bf_arena_mark mark = bf_arena_mark(check->scratch);
    bool known = false;
    switch (value->kind) {
    case BF_VALUE_BOOL:
        return BF_YIELD_BOOLEAN;
    case BF_VALUE_INT:
    case BF_VALUE_FLOAT:
        return BF_YIELD_NUMBER;
    case BF_VALUE_STRING:
    case BF_VALUE_JOINED:
        return BF_YIELD_STRING;
    case BF_VALUE_REFERENCE:
        known = bf_reference_resolve(check->scratch, check->pipeline, value->parts[0].ref, &target,
                                     &mistake);
        bf_arena_rewind(check->scratch, mark);
        if (!known) {
            return BF_YIELD_ANY;
        }
        return target.yield == BF_YIELD_INTEGER ? BF_YIELD_NUMBER : target.yield;
    default:
        return BF_YIELD_ANY;
    }
}

static bool is_literal(const struct bf_value *value)
{
    return value->kind == BF_VALUE_BOOL || value->kind == BF_VALUE_INT ||
           value->kind == BF_VALUE_FLOAT || value->kind == BF_VALUE_STRING;
}

static const struct bf_field file_fields[] = {
    {.name = "file",
     .kind = BF_KIND_URI,
     .flags = BF_REQUIRED | BF_REF,
     .doc = "A JSON file in S3 that is no report"},
    {.name = "path",
     .kind = BF_KIND_STRING,
     .flags = BF_REQUIRED,
     .min = 1,
     .max = 1024,
     .doc = "JSONPath of the value in it"},
    {0},
};

static const struct bf_field values = {
    .kind = BF_KIND_LIST,
    .min = 1,
    .item = BF_ITEM(.kind = BF_KIND_SCALAR, .flags = BF_REF | BF_NATIVE,
                    .alt = BF_ITEM(.kind = BF_KIND_OBJECT, .fields = file_fields))};

static void check_operand(struct bf_check *check, const struct bf_spot *spot)
{
    static const struct bf_field scalar = {.kind = BF_KIND_SCALAR, .flags = BF_REF | BF_NATIVE};
    static const struct bf_field file = {.kind = BF_KIND_OBJECT, .fields = file_fields};
    bf_check_value(check, spot->value->kind == BF_VALUE_MAP ? &file : &scalar, spot);
}

/* ---- one comparison ---- */

static const char *yield_name(enum bf_yield yield)
{
    return yield == BF_YIELD_BOOLEAN  ? "a boolean"
           : yield == BF_YIELD_NUMBER ? "a number"
                                      : "a string";
}

static void check_types(struct bf_check *check, const struct bf_spot *spot, const char *operation,
                        const struct bf_value *left, const struct bf_value *right)
{
    enum bf_yield a = yield_of(check, left), b = yield_of(check, right);
    if (ordering(operation) && (a == BF_YIELD_BOOLEAN || b == BF_YIELD_BOOLEAN)) {
        bf_diag(check->diags, BF_ERROR, "condition.type", spot->loc,
                "a boolean is neither greater nor less than anything: use 'eq' or 'ne'");
        return;
    }
    if (a != BF_YIELD_ANY && b != BF_YIELD_ANY && a != b) {
        bf_diag(check->diags, BF_ERROR, "condition.type", spot->loc,
                "%s cannot be compared with %s", yield_name(a), yield_name(b));
    }
}

static void warn_constant(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_diag *diag = bf_diag(check->diags, BF_WARNING, "condition.constant", spot->loc,
                                   "this condition compares two literals: it never changes");
    bf_diag_hint(check->diags, diag, "one side should be a reference, such as ${report:...}");
}

static void check_in(struct bf_check *check, const struct bf_spot *spot, const struct bf_spot *left,
                     const struct bf_spot *list)
{
    bf_check_value(check, &values, list);
    bool constant = is_literal(left->value);
    for (size_t i = 0; list->value->kind == BF_VALUE_LIST && i < list->value->count; i++) {
        check_types(check, spot, "in", left->value, list->value->items[i]);
        constant = constant && is_literal(list->value->items[i]);
    }
    if (constant && list->value->kind == BF_VALUE_LIST) {
        warn_constant(check, spot);
    }
}

static void check_comparison(struct bf_check *check, const struct bf_spot *spot,
                             const char *operation)
{
    struct bf_spot left = bf_spot_at(spot, "left"), right = bf_spot_at(spot, operation);
    if (left.value == NULL) {
        bf_diag(check->diags, BF_ERROR, "spec.missing_field", spot->loc,
                "a comparison needs the field 'left'");
        return;
    }
    check_operand(check, &left);
    if (operation[0] == 'i') {
        check_in(check, spot, &left, &right);
        return;
    }
    check_operand(check, &right);
    check_types(check, spot, operation, left.value, right.value);
    if (is_literal(left.value) && is_literal(right.value)) {
        warn_constant(check, spot);
    }
}

/* ---- conditions ---- */

/* As other languages write them: "gte" is as near to "gt" as to "ge". */
static const struct {
    const char *word, *here;
} elsewhere[] = {{"gte", "ge"}, {"lte", "le"}, {"neq", "ne"}, {"==", "eq"},     {"!=", "ne"},
                 {">", "gt"},   {">=", "ge"},  {"<", "lt"},   {"<=", "le"},     {"equals", "eq"},
                 {"or", "any"}, {"min", "ge"}, {"max", "le"}, {"value", "left"}};

static void unknown_key(struct bf_check *check, const struct bf_pair *pair)
{
    struct bf_sv words[BF_COUNTOF(names)];
    for (size_t i = 0; i < BF_COUNTOF(names); i++) {
        words[i] = bf_sv_of(names[i]);
    }
    struct bf_sv nearest = bf_nearest(pair->key, words, BF_COUNTOF(words));
    for (size_t i = 0; i < BF_COUNTOF(elsewhere); i++) {
        nearest = bf_sv_is(pair->key, elsewhere[i].word) ? bf_sv_of(elsewhere[i].here) : nearest;
    }
    struct bf_diag *diag =
        bf_diag(check->diags, BF_ERROR, "condition.operator", pair->key_loc,
                "'" BF_SV_FMT "' is no operator; there are: eq ne gt ge lt le in not any",
                BF_SV_ARG(pair->key));
    if (nearest.len > 0) {
        bf_diag_hint(check->diags, diag, "did you mean '" BF_SV_FMT "'?", BF_SV_ARG(nearest));
    }
}

static bool keys_known(struct bf_check *check, const struct bf_spot *spot)
{
    bool known = true;
    for (size_t i = 0; i < spot->value->count; i++) {
        bool found = false;
        for (size_t n = 0; n < BF_COUNTOF(names); n++) {
            found = found || bf_sv_is(spot->value->pairs[i].key, names[n]);
        }
        if (!found) {
            unknown_key(check, &spot->value->pairs[i]);
            bf_mark_references(check, spot->value);
            known = false;
        }
    }
    return known;
}

static bool stands_alone(struct bf_check *check, const struct bf_spot *spot, const char *name)
{
    for (size_t i = 0; i < spot->value->count; i++) {
        const struct bf_pair *pair = &spot->value->pairs[i];
        if (!bf_sv_is(pair->key, name) && pair->value->kind != BF_VALUE_NULL) {
            bf_diag(check->diags, BF_ERROR, "condition.operator", spot->loc,
                    "'%s' stands alone; '" BF_SV_FMT "' is beside it", name, BF_SV_ARG(pair->key));
            return false;
        }
    }
    return true;
}

static const char *only_operator(struct bf_check *check, const struct bf_spot *spot)
{
    const char *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < BF_COUNTOF(operators); i++) {
        if (bf_spot_at(spot, operators[i]).value != NULL) {
            found = operators[i];
            count++;
        }
    }
    if (count != 1) {
        bf_diag(check->diags, BF_ERROR, "condition.operator", spot->loc,
                "a condition has exactly one of eq ne gt ge lt le in, or is {not: ...} or "
                "{any: [...]}; this one has %zu",
                count);
        return NULL;
    }
    return found;
}

void bf_check_condition(struct bf_check *check, const struct bf_spot *spot)
{
    struct bf_spot not = bf_spot_at(spot, "not"), any = bf_spot_at(spot, "any");
    if (!keys_known(check, spot)) {
        return;
    }
    if (not .value != NULL) {
        if (stands_alone(check, spot, "not")) {
            bf_check_value(check, &one, &not );
        }
        return;
    }
    if (any.value != NULL) {
        if (stands_alone(check, spot, "any")) {
            bf_check_value(check, &several, &any);
        }
        return;
    }
    const char *operation = only_operator(check, spot);
    if (operation != NULL) {
        check_comparison(check, spot, operation);
    }
}

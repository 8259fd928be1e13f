#include "spec/check.h"

/* Expressions in SageMaker's own words, in raw parts. */

/** "Parameters.X", "Steps.S.PATH" of a Get that is written out, as the reference it stands for. */
static bool read_get(struct bf_arena *arena, struct bf_sv path, struct bf_reference *ref)
{
    struct bf_sv rest = path;
    struct bf_sv root = bf_sv_cut(&rest, '.');
    if (bf_sv_is(root, "Parameters")) {
        ref->kind = BF_REF_PARAM;
        ref->argument = rest;
        return true;
    }
    struct bf_sv step = bf_sv_cut(&rest, '.');
    if (!bf_sv_is(root, "Steps") || rest.len == 0) {
        return false; /* of the run, or wrong: the check of the definition tells */
    }
    bool report = bf_sv_starts(rest, BF_SV("PropertyFiles."));
    ref->kind = report ? BF_REF_REPORT : BF_REF_STEP;
    ref->argument =
        report ? bf_sv_printf(arena, BF_SV_FMT "." BF_SV_FMT ".x", BF_SV_ARG(step),
                              BF_SV_ARG(bf_sv_from(rest, sizeof "PropertyFiles." - 1)))
               : bf_sv_printf(arena, BF_SV_FMT ".@" BF_SV_FMT, BF_SV_ARG(step), BF_SV_ARG(rest));
    return true;
}

void bf_check_get(struct bf_check *check, const struct bf_spot *spot)
{
    const struct bf_value *value = spot->value;
    const struct bf_value *get = bf_value_get(value, BF_SV("Get"));
    struct bf_reference ref = {0};
    if (value->kind == BF_VALUE_MAP && value->count == 1 && get != NULL &&
        get->kind == BF_VALUE_STRING && read_get(check->scratch, get->text, &ref)) {
        ref.loc = get->loc;
        struct bf_part part = {.ref = &ref};
        struct bf_value stands = {
            .kind = BF_VALUE_REFERENCE, .loc = get->loc, .parts = &part, .count = 1};
        struct bf_spot at = *spot;
        at.value = &stands;
        bf_check_references(check, &at, BF_YIELD_STRING);
    }
}

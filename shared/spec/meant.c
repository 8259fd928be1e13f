#include "spec/meant.h"

#include "base/utf8.h"
#include "spec/field.h"

/* What a key that is no field was probably meant to be. */

enum { LOOKED_AT = 100, NAMES_MAX = 128 };

/* Words of other tools, and of SageMaker's SDK where its API has another one. */
static const struct {
    const char *theirs, *ours;
} elsewhere[] = {
    {"params", "parameters"},
    {"param", "parameters"},
    {"vars", "variables"},
    {"var", "variables"},
    {"envs", "environments"},
    {"stages", "environments"},
    {"tasks", "steps"},
    {"notifications", "alerts"},
    {"notify", "alerts"},
    {"channel", "slack"},
    {"channels", "inputs"},
    {"args", "arguments"},
    {"environment", "env"},
    {"needs", "depends_on"},
    {"requires", "depends_on"},
    {"dependencies", "depends_on"},
    {"hyperparams", "hyperparameters"},
    {"instance", "instance_type"},
    {"machine_type", "instance_type"},
    {"instances", "count"},
    {"volume_size", "volume_gb"},
    {"disk_gb", "volume_gb"},
    {"max_run", "timeout"},
    {"max_runtime", "timeout"},
    {"retries", "retry"},
    {"retry_policies", "retry"},
    {"max_retries", "attempts"},
    {"container", "image"},
    {"img", "image"},
    {"command", "entrypoint"},
    {"script", "entrypoint"},
    {"source_dir", "source"},
    {"uri", "from"},
    {"source", "from"},
    {"destination", "to"},
    {"security_groups", "security_group_ids"},
    {"choices", "enum"},
    {"value", "default"},
    {"schedule", "cron"},
    {"expression", "cron"},
    {"schedule_expression", "cron"},
    {"schedule_interval", "cron"},
    {"tz", "timezone"},
    {"conditions", "if"},
    {"model_package_group", "group"},
};

static char folded(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t letter(struct bf_sv text, size_t at)
{
    while (at < text.len && (text.ptr[at] == '_' || text.ptr[at] == '-')) {
        at++;
    }
    return at;
}

/** "InstanceType", "instance-type" and "instance_type". */
static bool same_letters(struct bf_sv a, struct bf_sv b)
{
    size_t i = letter(a, 0), j = letter(b, 0);
    while (i < a.len && j < b.len && folded(a.ptr[i]) == folded(b.ptr[j])) {
        i = letter(a, i + 1);
        j = letter(b, j + 1);
    }
    return i == a.len && j == b.len && a.len > 0 && b.len > 0;
}

/** "nmae" and "name": two neighbours have changed places. */
static bool swapped(struct bf_sv a, struct bf_sv b)
{
    size_t at = 0;
    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at]) {
        at++;
    }
    return a.len == b.len && a.len > 2 && at + 2 <= a.len && a.ptr[at] == b.ptr[at + 1] &&
           a.ptr[at + 1] == b.ptr[at] && bf_sv_eq(bf_sv_from(a, at + 2), bf_sv_from(b, at + 2));
}

/** The member of the request that the field becomes: "VolumeSizeInGB". */
static bool is_member(const struct bf_field *field, struct bf_sv key, enum bf_step_kind kind)
{
    const char *path = bf_field_path(field, kind);
    struct bf_sv rest = bf_sv_of(path == NULL ? "" : path), last = {0};
    while (rest.len > 0) {
        last = bf_sv_cut(&rest, '.');
    }
    return same_letters(last, key);
}

static bool is_theirs(const struct bf_field *field, struct bf_sv key)
{
    for (size_t i = 0; i < BF_COUNTOF(elsewhere); i++) {
        if (bf_sv_is(key, elsewhere[i].theirs) &&
            bf_sv_is(bf_sv_of(field->name), elsewhere[i].ours)) {
            return true;
        }
    }
    return false;
}

const struct bf_field *bf_field_meant(const struct bf_field *fields, struct bf_sv key,
                                      enum bf_step_kind kind)
{
    struct bf_sv names[NAMES_MAX];
    size_t count = 0;
    const struct bf_field *other = NULL;
    for (const struct bf_field *field = fields; field->name != NULL && count < NAMES_MAX;
         field = bf_field_next(field)) {
        if (!bf_field_knows(field, kind)) {
            continue;
        }
        struct bf_sv name = names[count++] = bf_sv_of(field->name);
        if (same_letters(name, key) || swapped(name, key)) {
            return field;
        }
        if (other == NULL && (is_theirs(field, key) || is_member(field, key, kind))) {
            other = field;
        }
    }
    struct bf_sv nearest = bf_nearest(key, names, count);
    return nearest.len == 0 ? other : bf_field_find(fields, nearest, kind);
}

const struct bf_field *bf_field_around(const struct bf_field *fields, struct bf_sv key,
                                       enum bf_step_kind kind, const struct bf_field **inner)
{
    const struct bf_field *outer = NULL;
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        if (field->fields == NULL || !bf_field_knows(field, kind)) {
            continue;
        }
        const struct bf_field *exact = bf_field_find(field->fields, key, kind);
        if (exact != NULL) {
            *inner = exact;
            return field;
        }
        const struct bf_field *near = bf_field_meant(field->fields, key, kind);
        if (outer == NULL && near != NULL) {
            *inner = near;
            outer = field;
        }
    }
    return outer;
}

bool bf_field_is_misspelt(const struct bf_field *fields, const struct bf_value *map,
                          const char *name, enum bf_step_kind kind)
{
    bool is_map = map != NULL && map->kind == BF_VALUE_MAP;
    for (size_t i = 0, unknown = 0; is_map && i < map->count && unknown < LOOKED_AT; i++) {
        struct bf_sv key = map->pairs[i].key;
        if (bf_field_find(fields, key, kind) != NULL) {
            continue;
        }
        /* "instance_type:ml.m5.large": no blank */
        const struct bf_field *inner = NULL, *meant = bf_field_meant(fields, key, kind);
        meant = meant == NULL
                    ? bf_field_find(fields, bf_sv_slice(key, 0, bf_sv_find(key, ':')), kind)
                    : meant;
        meant = meant == NULL ? bf_field_around(fields, key, kind, &inner) : meant;
        if (meant != NULL && bf_sv_is(bf_sv_of(meant->name), name)) {
            return true;
        }
        unknown++;
    }
    return false;
}

const char *bf_top_meant(struct bf_sv key)
{
    bool known = bf_field_find(bf_fields_top, key, BF_STEP_KINDS) != NULL;
    const struct bf_field *meant = known ? NULL : bf_field_meant(bf_fields_top, key, BF_STEP_KINDS);
    return meant == NULL ? NULL : meant->name;
}

bool bf_top_is_base_only(struct bf_sv key)
{
    const struct bf_field *field = bf_field_find(bf_fields_top, key, BF_STEP_KINDS);
    return field != NULL && (field->flags & BF_BASE_ONLY) != 0;
}

bool bf_run_time_meant(struct bf_sv key)
{
    if (bf_field_find(bf_fields_schedule, key, BF_STEP_KINDS) != NULL ||
        bf_field_find(bf_fields_trigger, key, BF_STEP_KINDS) != NULL) {
        return false;
    }
    const struct bf_field *meant = bf_field_meant(bf_fields_schedule, key, BF_STEP_KINDS);
    return meant != NULL && bf_sv_is(bf_sv_of(meant->name), "parameters");
}

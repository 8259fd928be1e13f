#include <string.h>

#include "base/buf.h"
#include "spec/check.h"
#include "spec/job.h"
#include "spec/rules.h"

/* The reference page of the language, out of the field table. */

enum { PAGE_MAX = 1 << 20, DEFAULTS_MAX = 32 };

static const char *kind_name(const struct bf_field *field)
{
    static const char *const names[] = {
        [BF_KIND_STRING] = "string",
        [BF_KIND_INT] = "int",
        [BF_KIND_NUMBER] = "number",
        [BF_KIND_BOOL] = "bool",
        [BF_KIND_SCALAR] = "scalar",
        [BF_KIND_DURATION] = "duration",
        [BF_KIND_URI] = "uri",
        [BF_KIND_SOURCE] = "source",
        [BF_KIND_LOCATION] = "uri or `./path`",
        [BF_KIND_WORD] = "word",
        [BF_KIND_LIST] = "list",
        [BF_KIND_MAP] = "map",
        [BF_KIND_OBJECT] = "map",
        [BF_KIND_ANY] = "any YAML",
        [BF_KIND_STEPS] = "map name -> step",
        [BF_KIND_DEFAULTS] = "map",
        [BF_KIND_RUNTIME] = "map parameter -> run-time text",
        [BF_KIND_CONDITION] = "condition",
        [BF_KIND_LITERAL] = "scalar",
        [BF_KIND_NULL] = "only null",
    };
    return names[field->kind];
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the field table */
static void put_kind(struct bf_buf *out, const struct bf_field *field)
{
    if (field->kind == BF_KIND_WORD) {
        bf_buf_addz(out, "word");
        for (const struct bf_word *word = field->words; word->word != NULL; word++) {
            bf_buf_printf(out, " `%s`", word->word);
        }
    } else if (field->kind == BF_KIND_LIST || field->kind == BF_KIND_MAP) {
        bool choice = field->item->alt != NULL || field->item->shorthand != NULL;
        bf_buf_printf(out, "%s of %s", kind_name(field), choice ? "(" : "");
        put_kind(out, field->item);
        bf_buf_addz(out, choice ? ")" : "");
    } else {
        bf_buf_addz(out, kind_name(field));
    }
    bf_buf_addz(out, (field->flags & BF_REF) != 0 ? "*" : "");
    bf_buf_addz(out, (field->flags & BF_OR_FALSE) != 0 ? " or false" : "");
    if (field->alt != NULL) {
        bf_buf_addz(out, ", or ");
        put_kind(out, field->alt);
    }
    if (field->shorthand != NULL) {
        bf_buf_printf(out, ", or its `%s`", field->shorthand);
    }
}

static void put_limits(struct bf_buf *out, const struct bf_field *field)
{
    bool duration = field->kind == BF_KIND_DURATION;
    bool open = field->max >= INT32_MAX;
    if (field->min == 0 && field->max == 0) {
        return;
    }
    bf_buf_addz(out, out->len > 0 && out->ptr[out->len - 1] != ' ' ? "; " : "");
    if (duration) {
        bf_buf_add(out, bf_duration_text(out->arena, field->min));
        bf_buf_addz(out, " to ");
        bf_buf_add(out, bf_duration_text(out->arena, field->max));
    } else if (field->min == field->max) {
        bf_buf_printf(out, "%lld", (long long)field->min);
    } else if (field->min == 0 && !open) {
        bf_buf_printf(out, "at most %lld", (long long)field->max);
    } else if (open || field->max == 0) {
        bf_buf_printf(out, "at least %lld", (long long)field->min);
    } else {
        bf_buf_printf(out, "%lld to %lld", (long long)field->min, (long long)field->max);
    }
    bool count = field->kind == BF_KIND_LIST || field->kind == BF_KIND_MAP;
    bf_buf_addz(out, field->kind == BF_KIND_STRING || field->kind == BF_KIND_SCALAR ? " characters"
                     : count                                                        ? " entries"
                                                                                    : "");
}

static void put_escaped(struct bf_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        bf_buf_addz(out, *c == '|' ? "\\" : "");
        bf_buf_addc(out, *c);
    }
}

static void put_types(struct bf_buf *out, bf_step_set set)
{
    const char *before = "";
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        if ((set & ((bf_step_set)1 << kind)) != 0) {
            bf_buf_printf(out, "%s%s", before, bf_step_kind_word((enum bf_step_kind)kind));
            before = ", ";
        }
    }
}

static bool same_for_all(const struct bf_field *field)
{
    return field->to != NULL && field->to[0].steps == ~(bf_step_set)0;
}

static void put_members(struct bf_buf *out, const struct bf_field *field, bf_step_set within)
{
    const char *before = "";
    for (const struct bf_path *to = field->to; to != NULL && to->path != NULL; to++) {
        const char *path = to->path[0] == '@' ? to->path + 1 : to->path;
        if ((to->steps & within) == 0) {
            continue;
        }
        bf_buf_addz(out, before);
        before = "; ";
        bf_buf_printf(out, "`%s`", path[0] == '\0' ? "Arguments" : path);
        if (!same_for_all(field)) {
            bf_buf_addz(out, " (");
            put_types(out, to->steps);
            bf_buf_addz(out, ")");
        }
    }
}

/** ${within}: the types that the map around it is for. */
static void put_row(struct bf_buf *out, const struct bf_field *field, const char *prefix,
                    bool typed, bf_step_set within)
{
    bf_buf_printf(out, "| `%s%s` | ", prefix, field->name);
    struct bf_buf kind = bf_buf_new(out->arena, 2000);
    put_kind(&kind, field);
    put_limits(&kind, field);
    if (field->like != NULL) {
        bf_buf_printf(&kind, "; %s", field->like);
    }
    put_escaped(out, bf_sv_z(out->arena, bf_buf_sv(&kind)));
    bf_buf_addz(out, " | ");
    if ((field->flags & BF_REQUIRED) != 0) {
        bf_buf_addz(out, "**required**");
    } else if (field->fallback != NULL) {
        bf_buf_printf(out, "%s%s%s", field->fallback[0] == '\0' ? "" : "`", field->fallback,
                      field->fallback[0] == '\0' ? "empty" : "`");
    }
    bf_buf_addz(out, " | ");
    if (typed) {
        bool some = field->steps != 0 && (within & ~field->steps) != 0; /* not all of those */
        put_types(out, some ? field->steps & within : 0);
        bf_buf_addz(out, field->steps == 0 && prefix[0] == '\0' ? "all" : "");
        bf_buf_addz(out, " | ");
    }
    put_escaped(out, field->doc == NULL ? "" : field->doc);
    bf_buf_addz(out, " | ");
    put_members(out, field, within);
    bf_buf_addz(out, " |\n");
}

static void put_header(struct bf_buf *out, bool typed)
{
    bf_buf_printf(out,
                  "| field | kind | default | %swhat it is | becomes |\n|---|---|---|%s---|---|\n",
                  typed ? "step types | " : "", typed ? "---|" : "");
}

#define ANY_TYPE (~(bf_step_set)0)

/** The fields of a map, and below them those of the maps in it. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the field table */
static void put_rows(struct bf_buf *out, const struct bf_field *fields, const char *prefix,
                     bool typed, bf_step_set within)
{
    for (const struct bf_field *field = fields; field->name != NULL; field = bf_field_next(field)) {
        bf_step_set types = field->steps == 0 ? within : field->steps & within;
        if (types == 0) {
            continue;
        }
        put_row(out, field, prefix, typed, within);
        const struct bf_field *inner = field->fields;
        const char *between = ".";
        if (inner == NULL && field->item != NULL && field->item->fields != NULL) {
            inner = field->item->fields;
            between = field->kind == BF_KIND_LIST ? "[]." : ".<name>.";
        }
        if (inner == NULL && field->alt != NULL && field->alt->fields != NULL) {
            inner = field->alt->fields;
        }
        if (inner != NULL) {
            struct bf_sv longer = bf_sv_printf(out->arena, "%s%s%s", prefix, field->name, between);
            put_rows(out, inner, longer.ptr, typed, types);
        }
    }
}

static const char intro[] =
    "# The fields of a pipeline file\n"
    "\n"
    "<!-- Generated by `buzzflow schema --format markdown` out of the field table in shared/spec. "
    "-->\n"
    "\n"
    "Every field that a pipeline file may have, in version 1 of the language. How to begin: "
    "[writing-specs.md](writing-specs.md); what a message means: [errors.md](errors.md).\n"
    "\n"
    "A kind with a star (`string*`) may also be a run-time reference, such as `${param:NAME}` or\n"
    "`${step:STEP.WHAT}`. A *duration* is digits and `s m h d w`, largest first: `1h30m`. A "
    "*scalar* "
    "is a string,\n"
    "number or boolean and becomes a string as it is written. A *uri* is `s3://bucket/key`. A "
    "*source* is a path\n"
    "beside the file, or `s3://...`. null is as if a field were not written. *becomes* is the "
    "member "
    "of SageMaker's\n"
    "request; a field without one is for buzzflow, or makes more than one member.\n";

/** The names of top-level fields with ${flag}. */
static void put_top(struct bf_buf *out, unsigned flag)
{
    const char *before = "";
    for (const struct bf_field *field = bf_fields_top; field->name != NULL; field++) {
        if ((field->flags & flag) != 0) {
            bf_buf_printf(out, "%s`%s`", before, field->name);
            before = ", ";
        }
    }
}

static void put_layers(struct bf_buf *out)
{
    bf_buf_addz(out, "\nIn a platform file may stand: ");
    put_top(out, BF_PLATFORM);
    bf_buf_addz(out, ". An overlay in `environments` may hold every field but ");
    put_top(out, BF_BASE_ONLY);
    bf_buf_addz(out, ".\n");
}

/** Which fields may stand in "defaults", and which step types take them from there. */
static void put_defaults(struct bf_buf *out)
{
    bf_buf_addz(out,
                "\n## Defaults\n\n`defaults` is merged under every step that takes the field, "
                "maps key by key; the step's own word wins, and null on a step drops one.\n\n"
                "| field | taken by |\n|---|---|\n");
    bf_step_set taken[DEFAULTS_MAX] = {0};
    const char *names[DEFAULTS_MAX] = {0};
    size_t count = 0;
    for (const struct bf_field *field = bf_fields_step; field->name != NULL;
         field = bf_field_next(field)) {
        size_t at = 0;
        while (at < count && strcmp(names[at], field->name) != 0) {
            at++;
        }
        if ((field->flags & BF_DEFAULTS) == 0 || at == BF_COUNTOF(names)) {
            continue;
        }
        count = at == count ? count + 1 : count;
        names[at] = field->name;
        taken[at] |= field->heirs == 0 ? field->steps : field->heirs;
    }
    for (size_t i = 0; i < count; i++) {
        bf_buf_printf(out, "| `%s` | ", names[i]);
        put_types(out, taken[i]);
        bf_buf_addz(out, " |\n");
    }
}

/** Which errors a step type can retry. */
static void put_retries(struct bf_buf *out)
{
    const struct bf_field *errors = bf_field_find(bf_fields_retry, BF_SV("errors"), BF_STEP_KINDS);
    const struct bf_field *retry = bf_field_find(bf_fields_step, BF_SV("retry"), BF_STEP_KINDS);
    bf_buf_addz(out,
                "\n## Errors that can be retried\n\nFrom `defaults` a step takes what it "
                "supports; on the step itself another error is a mistake.\n\n"
                "| `retry[].errors` | step types |\n|---|---|\n");
    for (const struct bf_word *word = errors->item->words; word->word != NULL; word++) {
        bf_step_set set = 0;
        for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
            bool can = bf_field_knows(retry, (enum bf_step_kind)kind) &&
                       bf_retry_supported((enum bf_step_kind)kind, bf_sv_of(word->word));
            set |= can ? (bf_step_set)1 << kind : 0;
        }
        bf_buf_printf(out, "| `%s` | ", word->word);
        put_types(out, set);
        bf_buf_addz(out, " |\n");
    }
}

static const char conditions[] =
    "\n## Conditions\n"
    "\n"
    "An item of `if`, all of which must hold. A value is a literal, a reference, or "
    "`{file: s3://..., path: auc}`: a value in a\n"
    "JSON file that is no report.\n"
    "\n"
    "| written | holds when |\n|---|---|\n"
    "| `{left: V, eq: V}`, `ne` | both are equal; are not |\n"
    "| `{left: V, gt: V}`, `ge`, `lt`, `le` | left is greater; at least; less; at most |\n"
    "| `{left: V, in: [V, V]}` | left is one of them |\n"
    "| `{not: C}` | the condition C does not hold |\n"
    "| `{any: [C, C]}` | one of the conditions holds |\n";

static const char references[] =
    "\n## References\n"
    "\n"
    "What is known when the pipeline runs. It may stand where a kind has a star; "
    "[writing-specs.md](writing-specs.md) says when to use which.\n"
    "\n"
    "| written | is |\n|---|---|\n"
    "| `${param:NAME}` | the parameter |\n"
    "| `${execution:id}`, `arn`, `pipeline`, `pipeline_arn`, `start`, `now` | the run, the "
    "pipeline, the start of the run, the time of the step |\n"
    "| `${report:STEP.REPORT.PATH}` | a value in the JSON file of a report |\n"
    "| `${step:STEP.outputs.NAME}`, `exit_message` | of processing |\n"
    "| `${step:STEP.model}`, `metrics.NAME`, `output`, `job` | of training |\n"
    "| `${step:STEP.model}`, `models.K`, `job`, `jobs.K` | of tuning: the best, or the one of rank "
    "K from 0 |\n"
    "| `${step:STEP.output}` | of transform |\n"
    "| `${step:STEP.name}`, `data` | of model |\n"
    "| `${step:STEP.package}`, `version` | of register |\n"
    "| `${step:STEP.returns.NAME}` | of lambda and callback |\n"
    "| `${step:STEP.outcome}` | of condition |\n"
    "| `${step:STEP.constraints}`, `statistics`, `baseline_constraints`, `baseline_statistics` | "
    "of "
    "quality_check; of clarify_check without the statistics |\n"
    "| `${step:STEP.cluster}` | of emr |\n"
    "| `${step:STEP.name}` | of endpoint_config and endpoint |\n"
    "| `${step:\"STEP.@PATH\"}` | any member of the step's Describe answer, and of raw steps |\n";

static void put_events(struct bf_buf *out)
{
    bf_buf_addz(out, "\n## Events of triggers\n\nAny other: `{source: ..., detail_type: ...}`.\n");
    for (size_t i = 0; bf_trigger_event_name(i) != NULL; i++) {
        bf_buf_printf(out, "%s`%s`", i == 0 ? "\n" : ", ", bf_trigger_event_name(i));
    }
    bf_buf_addz(out, "\n");
}

struct bf_sv bf_spec_reference(struct bf_arena *arena)
{
    struct bf_buf out = bf_buf_new(arena, PAGE_MAX);
    bf_buf_addz(&out, intro);
    bf_buf_addz(&out, "\n## Top level\n\n");
    put_header(&out, false);
    put_rows(&out, bf_fields_top, "", false, ANY_TYPE);
    put_layers(&out);
    bf_buf_addz(&out, "\n## Steps\n\n`type` decides which fields a step has.\n\n");
    bf_buf_addz(&out, "| `type` | SageMaker's Type | its fields |\n|---|---|---|\n");
    for (unsigned kind = 0; kind < BF_STEP_KINDS; kind++) {
        bf_buf_printf(&out, "| `%s` | %s |", bf_step_kind_word((enum bf_step_kind)kind),
                      bf_step_kind_api((enum bf_step_kind)kind));
        for (const struct bf_field *field = bf_fields_step; field->name != NULL;
             field = bf_field_next(field)) {
            if (field->steps != 0 && bf_field_knows(field, (enum bf_step_kind)kind)) {
                bf_buf_printf(&out, " %s", field->name);
            }
        }
        bf_buf_addz(&out, " |\n");
    }
    bf_buf_addz(&out, "\n");
    put_header(&out, true);
    put_rows(&out, bf_fields_step, "", true, ANY_TYPE);
    put_defaults(&out);
    put_retries(&out);
    bf_buf_addz(&out, conditions);
    bf_buf_addz(&out, references);
    put_events(&out);
    return bf_buf_sv(&out);
}

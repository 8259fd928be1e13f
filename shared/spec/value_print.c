#include "spec/value_print.h"

#include "spec/job.h"

/* ---- numbers ---- */

struct bf_sv bf_value_number(struct bf_arena *arena, const struct bf_value *value)
{
    struct bf_sv text = bf_number_text(arena, value);
    bool whole = value->kind == BF_VALUE_FLOAT;

    for (size_t i = bf_sv_starts(text, BF_SV("-")) ? 1 : 0; i < text.len && whole; i++) {
        whole = text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    /* "8." stays no integer, and "-0." keeps its sign, for readers that tell the two apart. */
    return whole ? bf_sv_printf(arena, BF_SV_FMT ".0", BF_SV_ARG(text)) : text;
}

/* ---- JSON ---- */

struct printer {
    struct bf_buf *out;
    bool pretty;
    unsigned depth;
};

static void new_line(const struct printer *printer)
{
    if (printer->pretty) {
        bf_buf_addc(printer->out, '\n');
        bf_buf_fill(printer->out, ' ', (size_t)printer->depth * 2);
    }
}

static void open(struct printer *printer, const char *bracket)
{
    bf_buf_addz(printer->out, bracket);
    printer->depth++;
    new_line(printer);
}

static void next(struct printer *printer)
{
    bf_buf_addz(printer->out, ",");
    new_line(printer);
}

static void close(struct printer *printer, const char *bracket)
{
    printer->depth--;
    new_line(printer);
    bf_buf_addz(printer->out, bracket);
}

static void member(struct printer *printer, struct bf_sv key)
{
    bf_buf_json(printer->out, key);
    bf_buf_addz(printer->out, printer->pretty ? ": " : ":");
}

static void print_get(struct printer *printer, struct bf_sv path)
{
    open(printer, "{");
    member(printer, BF_SV("Get"));
    bf_buf_json(printer->out, path);
    close(printer, "}");
}

static struct bf_sv execution_path(struct bf_arena *arena, struct bf_sv what)
{
    static const char *const paths[][2] = {
        {"id", "PipelineExecutionId"}, {"arn", "PipelineExecutionArn"},
        {"pipeline", "PipelineName"},  {"pipeline_arn", "PipelineArn"},
        {"start", "StartDateTime"},    {"now", "CurrentDateTime"},
    };

    for (size_t i = 0; i < BF_COUNTOF(paths); i++) {
        if (bf_sv_is(what, paths[i][0])) {
            return bf_sv_printf(arena, "Execution.%s", paths[i][1]);
        }
    }
    return bf_sv_printf(arena, "Execution." BF_SV_FMT, BF_SV_ARG(what));
}

static void print_report(struct printer *printer, struct bf_sv argument)
{
    struct bf_sv rest = argument;
    struct bf_sv step = bf_sv_cut(&rest, '.');
    struct bf_sv report = bf_sv_cut(&rest, '.');

    open(printer, "{");
    member(printer, BF_SV("Std:JsonGet"));
    open(printer, "{");
    member(printer, BF_SV("PropertyFile"));
    print_get(printer,
              bf_sv_printf(printer->out->arena, "Steps." BF_SV_FMT ".PropertyFiles." BF_SV_FMT,
                           BF_SV_ARG(step), BF_SV_ARG(report)));
    next(printer);
    member(printer, BF_SV("Path"));
    bf_buf_json(printer->out, rest);
    close(printer, "}");
    close(printer, "}");
}

static void print_reference(struct printer *printer, const struct bf_reference *ref)
{
    struct bf_arena *arena = printer->out->arena;

    switch (ref->kind) {
    case BF_REF_PARAM:
        print_get(printer, bf_sv_printf(arena, "Parameters." BF_SV_FMT, BF_SV_ARG(ref->argument)));
        break;
    case BF_REF_STEP:
        print_get(printer, bf_sv_printf(arena, "Steps." BF_SV_FMT, BF_SV_ARG(ref->argument)));
        break;
    case BF_REF_REPORT:
        print_report(printer, ref->argument);
        break;
    case BF_REF_EXECUTION:
        print_get(printer, execution_path(arena, ref->argument));
        break;
    }
}

static void print_joined(struct printer *printer, const struct bf_value *value)
{
    open(printer, "{");
    member(printer, BF_SV("Std:Join"));
    open(printer, "{");
    member(printer, BF_SV("On"));
    bf_buf_addz(printer->out, "\"\"");
    next(printer);
    member(printer, BF_SV("Values"));
    open(printer, "[");
    for (size_t i = 0; i < value->count; i++) {
        if (i != 0) {
            next(printer);
        }
        if (value->parts[i].ref != NULL) {
            print_reference(printer, value->parts[i].ref);
        } else {
            bf_buf_json(printer->out, value->parts[i].text);
        }
    }
    close(printer, "]");
    close(printer, "}");
    close(printer, "}");
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the value */

static void print_value(struct printer *printer, const struct bf_value *value);

static void print_container(struct printer *printer, const struct bf_value *value)
{
    bool map = value->kind == BF_VALUE_MAP;

    if (value->count == 0) {
        bf_buf_addz(printer->out, map ? "{}" : "[]");
        return;
    }
    open(printer, map ? "{" : "[");
    for (size_t i = 0; i < value->count; i++) {
        if (i != 0) {
            next(printer);
        }
        if (map) {
            member(printer, value->pairs[i].key);
        }
        print_value(printer, map ? value->pairs[i].value : value->items[i]);
    }
    close(printer, map ? "}" : "]");
}

static void print_value(struct printer *printer, const struct bf_value *value)
{
    switch (value->kind) {
    case BF_VALUE_BOOL:
        bf_buf_add(printer->out, value->text);
        break;
    case BF_VALUE_INT:
    case BF_VALUE_FLOAT:
        if (bf_number_finite(value)) {
            bf_buf_add(printer->out, bf_value_number(printer->out->arena, value));
        } else {
            bf_buf_json(printer->out, value->text);
        }
        break;
    case BF_VALUE_STRING:
        bf_buf_json(printer->out, value->text);
        break;
    case BF_VALUE_REFERENCE:
        print_reference(printer, value->parts[0].ref);
        break;
    case BF_VALUE_JOINED:
        print_joined(printer, value);
        break;
    case BF_VALUE_LIST:
    case BF_VALUE_MAP:
        print_container(printer, value);
        break;
    default:
        bf_buf_addz(printer->out, "null");
        break;
    }
}

/* NOLINTEND(misc-no-recursion) */

void bf_value_print_json(struct bf_buf *out, const struct bf_value *value)
{
    struct printer printer = {.out = out, .pretty = true};

    print_value(&printer, value);
    bf_buf_addc(out, '\n');
}

void bf_value_print_compact(struct bf_buf *out, const struct bf_value *value)
{
    struct printer printer = {.out = out};

    print_value(&printer, value);
}

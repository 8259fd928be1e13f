#include "spec/value_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- numbers ---- */

static size_t skip_digits(struct bf_sv text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9') {
        at++;
    }
    return at;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool is_json_number(struct bf_sv text)
{
    size_t from = text.len != 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t at = skip_digits(text, from);

    if (at == from || (text.ptr[from] == '0' && at - from > 1)) {
        return false;
    }
    if (at < text.len && text.ptr[at] == '.') {
        from = at + 1;
        at = skip_digits(text, from);
        if (at == from) {
            return false;
        }
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        at += at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-') ? 1 : 0;
        from = at;
        at = skip_digits(text, from);
        if (at == from) {
            return false;
        }
    }
    return at == text.len;
}

static struct bf_sv shortest(struct bf_arena *arena, double number)
{
    struct bf_sv text = {0};

    for (int precision = 1; precision <= 17; precision++) {
        text = bf_sv_printf(arena, "%.*g", precision, number);
        if (strtod(text.ptr, NULL) == number) {
            break;
        }
    }
    return text;
}

/* "1_000" and "+5": the digits alone, which no double could hold where they are many. */
static struct bf_sv digits_only(struct bf_arena *arena, struct bf_sv text)
{
    struct bf_buf out = bf_buf_new(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_' && text.ptr[i] != '+') {
            bf_buf_addc(&out, text.ptr[i]);
        }
    }
    return bf_buf_sv(&out);
}

struct bf_sv bf_value_number(struct bf_arena *arena, const struct bf_value *value)
{
    if (is_json_number(value->text)) {
        return value->text;
    }
    if (value->kind == BF_VALUE_INT) {
        struct bf_sv digits = digits_only(arena, value->text);
        if (value->wide && is_json_number(digits)) {
            return digits;
        }
        if (!value->wide) {
            return bf_sv_printf(arena, "%lld", (long long)value->integer);
        }
    }
    struct bf_sv text = shortest(arena, bf_value_double(value));
    bool whole = skip_digits(text, text.ptr[0] == '-' ? 1 : 0) == text.len;
    /* "8." stays no integer, and "-0." keeps its sign, for readers that tell the two apart. */
    return whole && value->kind == BF_VALUE_FLOAT
               ? bf_sv_printf(arena, BF_SV_FMT ".0", BF_SV_ARG(text))
               : text;
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
        if (isfinite(bf_value_double(value)) || value->kind == BF_VALUE_INT) {
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

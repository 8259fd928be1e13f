#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/sv.h"

/* ---- lines ---- */

/* at java.base/java.lang.Integer.parseInt(Integer.java:668) */
bool bf_java_frame(struct bf_sv trimmed, struct bf_code_place *out)
{
    if (!bf_begins(trimmed, "at ") || trimmed.ptr[trimmed.len - 1] != ')') {
        return false;
    }
    struct bf_sv rest = bf_sv_from(trimmed, 3);
    size_t open = bf_sv_find(rest, '(');
    struct bf_sv function = bf_sv_slice(rest, 0, open);
    if (open == rest.len || bf_has(function, " ") || !bf_has(function, ".")) {
        return false;
    }
    struct bf_sv inside = bf_sv_slice(rest, open + 1, rest.len - 1);
    size_t colon = bf_sv_find(inside, ':');
    int64_t line = 0;
    if (colon == inside.len || !bf_sv_i64(bf_sv_from(inside, colon + 1), 0, INT32_MAX, &line)) {
        line = 0;
    }
    *out = (struct bf_code_place){
        .file = bf_sv_slice(inside, 0, colon), .function = function, .line = line};
    return true;
}

static bool class_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '.';
}

static struct bf_sv last_part(struct bf_sv name)
{
    size_t at = name.len;

    while (at != 0 && name.ptr[at - 1] != '.' && name.ptr[at - 1] != '$') {
        at--;
    }
    return bf_sv_from(name, at);
}

bool bf_java_header(struct bf_sv trimmed, struct bf_sv *name, struct bf_sv *message)
{
    if (bf_begins(trimmed, "Exception in thread \"")) {
        trimmed = bf_after(bf_sv_from(trimmed, 21), "\" ");
    } else if (bf_begins(trimmed, ": ")) { /* py4j: "An error occurred while calling o1.x.\n: " */
        trimmed = bf_sv_from(trimmed, 2);
    }
    size_t n = 0;
    while (class_char(bf_at(trimmed, n))) {
        n++;
    }
    *name = bf_sv_slice(trimmed, 0, n);
    struct bf_sv rest = bf_sv_from(trimmed, n), simple = last_part(*name);
    if (simple.len == 0 || simple.len == name->len || simple.ptr[0] < 'A' || simple.ptr[0] > 'Z' ||
        (rest.len != 0 && rest.ptr[0] != ':')) {
        return false;
    }
    *message = bf_sv_trim(bf_sv_from(rest, 1));
    return bf_finishes(simple, "Exception") || bf_finishes(simple, "Error") ||
           bf_finishes(simple, "Throwable") || bf_finishes(simple, "Failure") || rest.len > 1;
}

bool bf_java_is_user(struct bf_sv function)
{
    static const char *const foreign[] = {"java.",
                                          "javax.",
                                          "jdk.",
                                          "sun.",
                                          "com.sun.",
                                          "scala.",
                                          "kotlin.",
                                          "org.apache.",
                                          "akka.",
                                          "io.netty.",
                                          "com.amazonaws",
                                          "software.amazon.",
                                          "com.fasterxml.",
                                          "com.google.",
                                          "org.eclipse.",
                                          "org.codehaus.",
                                          "py4j.",
                                          "org.springframework.",
                                          "org.slf4j.",
                                          "com.esotericsoftware.",
                                          "ml.dmlc.",
                                          "jakarta.",
                                          "groovy.",
                                          "org.json4s.",
                                          "com.databricks.",
                                          "org.hibernate.",
                                          "org.junit.",
                                          "net.razorvine.",
                                          "io.delta.",
                                          "com.twitter."};
    size_t slash = bf_sv_find(function, '/');

    if (slash != function.len) { /* java.base/java.lang..., app//com.acme... */
        struct bf_sv module = bf_sv_slice(function, 0, slash);
        if (bf_begins(module, "java.") || bf_begins(module, "jdk.")) {
            return false;
        }
        while (slash < function.len && function.ptr[slash] == '/') {
            slash++;
        }
        function = bf_sv_from(function, slash);
    }
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (bf_begins(function, foreign[i])) {
            return false;
        }
    }
    return true;
}

/* ---- the state ---- */

static size_t indent_of(struct bf_sv line)
{
    return line.len - bf_ltrim(line).len;
}

static void add_frame(struct bf_machine *m, const struct bf_code_place *place)
{
    m->java_total++;
    /* The first frames are the deepest: when the ring is full, the rest is of no interest. */
    if (m->cur->frames.count < BF_CAUSE_FRAMES) {
        bf_frames_add(&m->cur->frames, place,
                      bf_java_is_user(place->function) && bf_has(place->file, "."));
    }
}

static void start(struct bf_machine *m, struct bf_sv name, struct bf_sv message, bool logged)
{
    struct bf_kept_frame *outer = NULL;

    if (m->has_last && m->last->program == m->program &&
        bf_has(bf_capped_sv(&m->last->exception), "Py4J")) {
        outer = bf_frames_user(&m->last->frames, false);
    }
    bf_machine_begin(m, logged);
    m->cur->java = true;
    m->java_total = m->parent_total = 0;
    m->state = BF_IN_JAVA;
    m->suppressed = false;
    m->indent = SIZE_MAX;
    m->message_lines = 0;
    bf_capped_set(&m->cur->exception, name);
    bf_capped_set(&m->cur->message, message);
    if (outer != NULL) {
        bf_capped_set(&m->cur->outer_file, bf_capped_sv(&outer->file));
        m->cur->outer_line = outer->line;
    }
}

bool bf_machine_java_start(struct bf_machine *m, struct bf_sv trimmed)
{
    struct bf_code_place place = {0};
    struct bf_sv name = {0}, message = {0};

    if (bf_begins(trimmed, "Caused by: ") &&
        bf_java_header(bf_sv_from(trimmed, 11), &name, &message)) {
        start(m, name, message, false);
        return true;
    }
    if (m->java_head_age == 0 || !bf_java_frame(trimmed, &place) ||
        !bf_java_header(bf_capped_sv(&m->java_head), &name, &message)) {
        return false;
    }
    /* A head that a logger wrote has the logger's line before it. */
    start(m, name, message, bf_line_is_record(bf_capped_sv(&m->prev)));
    m->java_head_age = 0;
    add_frame(m, &place);
    return true;
}

static void caused_by(struct bf_machine *m, struct bf_sv name, struct bf_sv message)
{
    bf_capped_add(&m->cur->cause, bf_capped_sv(&m->cur->exception));
    bf_capped_add(&m->cur->cause, BF_SV(": "));
    bf_capped_add(&m->cur->cause, bf_capped_sv(&m->cur->message));
    bf_capped_add(&m->cur->cause, BF_SV("\n"));
    bf_capped_set(&m->cur->exception, name);
    bf_capped_set(&m->cur->message, message);
    bf_frames_copy(&m->cur->worker, &m->cur->frames); /* "... n more" means their end */
    m->parent_total = m->java_total;
    m->java_total = 0;
    m->cur->frames.count = 0;
    m->suppressed = false;
    m->indent = SIZE_MAX;
    m->message_lines = 0;
}

/* "... 2 more": the last frames of the enclosing trace are this one's too. */
static void frames_in_common(struct bf_machine *m, struct bf_sv t)
{
    struct bf_sv number = bf_sv_from(t, 4);
    int64_t more = 0;

    if (m->suppressed || !bf_finishes(t, " more") ||
        !bf_sv_i64(bf_sv_slice(number, 0, bf_sv_find(number, ' ')), 0, INT32_MAX, &more) ||
        (size_t)more > m->parent_total) {
        return;
    }
    for (size_t i = m->parent_total - (size_t)more; i < m->cur->worker.count; i++) {
        const struct bf_kept_frame *from = &m->cur->worker.items[i];
        struct bf_code_place place = {.file = bf_capped_sv(&from->file),
                                      .function = bf_capped_sv(&from->function),
                                      .line = from->line};
        add_frame(m, &place);
    }
    m->java_total = m->parent_total > m->java_total ? m->parent_total : m->java_total;
}

bool bf_machine_java_line(struct bf_machine *m, struct bf_sv line)
{
    struct bf_sv t = bf_ltrim(line), name = {0}, message = {0};
    struct bf_code_place place = {0};
    size_t indent = indent_of(line);

    if (t.len == 0) {
        m->blank = true;
        return true;
    }
    if (bf_java_frame(t, &place)) {
        if (m->indent == SIZE_MAX) {
            m->indent = indent;
        }
        if (!m->suppressed && indent <= m->indent) {
            add_frame(m, &place);
        }
        return true;
    }
    if (bf_begins(t, "... ")) {
        frames_in_common(m, t);
        return true;
    }
    if (bf_begins(t, "Driver stacktrace")) {
        return true;
    }
    if (bf_begins(t, "Suppressed: ")) {
        m->suppressed = true;
        return true;
    }
    if (bf_begins(t, "Caused by: ")) {
        bool nested = indent != 0 && m->suppressed;
        if (bf_py_header(t) != SIZE_MAX) {
            return false; /* a Python worker's traceback inside */
        }
        if (!nested && bf_java_header(bf_sv_from(t, 11), &name, &message)) {
            caused_by(m, name, message);
        }
        return true;
    }
    if (m->cur->frames.count == 0 && !m->blank && m->message_lines < 10 &&
        bf_py_header(t) == SIZE_MAX && !bf_line_is_toolkit(line)) {
        bf_capped_add(&m->cur->message, BF_SV("\n"));
        bf_capped_add(&m->cur->message, bf_sv_trim(t));
        m->message_lines++;
        return true;
    }
    return false;
}

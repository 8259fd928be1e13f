#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/cause_parts.h"
#include "base/sv.h"

size_t bf_py_header(struct bf_sv line)
{
    static const char header[] = "Traceback (most recent call last)";

    if (!bf_has(line, header)) {
        return SIZE_MAX;
    }
    struct bf_sv rest = bf_sv_trim(bf_after(line, header));
    if (rest.len > 1 || (rest.len == 1 && rest.ptr[0] != ':')) {
        return SIZE_MAX; /* somebody talks about tracebacks */
    }
    const char *hit = memmem(line.ptr, line.len, header, sizeof(header) - 1);
    return (size_t)(hit - line.ptr);
}

/* File "x.py", line 3, in f   and faulthandler's   File "x.py", line 3 in f */
bool bf_py_frame(struct bf_sv trimmed, struct bf_code_place *out)
{
    size_t end = 0;

    if (!bf_begins(trimmed, "File \"")) {
        return false;
    }
    struct bf_sv rest = bf_sv_from(trimmed, 6);
    const char *hit = rest.ptr == NULL ? NULL : memmem(rest.ptr, rest.len, "\", line ", 8);
    if (hit == NULL) {
        return false;
    }
    end = (size_t)(hit - rest.ptr);
    struct bf_sv file = bf_sv_slice(rest, 0, end), number = bf_sv_from(rest, end + 8);
    size_t n = 0;
    while (n < number.len && number.ptr[n] >= '0' && number.ptr[n] <= '9') {
        n++;
    }
    struct bf_sv tail = bf_sv_from(number, n);
    int64_t line = 0;
    if (!bf_sv_i64(bf_sv_slice(number, 0, n), 0, INT32_MAX, &line) ||
        (tail.len != 0 && tail.ptr[0] != ',' && tail.ptr[0] != ' ')) {
        return false;
    }
    struct bf_sv function = bf_after(tail, "in ");
    *out = (struct bf_code_place){.file = file, .function = bf_sv_trim(function), .line = line};
    return true;
}

bool bf_py_carets(struct bf_sv trimmed)
{
    bool any = false;

    for (size_t i = 0; i < trimmed.len; i++) {
        if (trimmed.ptr[i] != '~' && trimmed.ptr[i] != '^' && trimmed.ptr[i] != ' ') {
            return false;
        }
        any = any || trimmed.ptr[i] != ' ';
    }
    return any;
}

static bool ident_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool ident(char c)
{
    return ident_start(c) || (c >= '0' && c <= '9');
}

/* Length of a dotted name at the start of ${text}, and where its last part begins. "<locals>" is
 * a part that classes of functions have. 0: none. */
static size_t dotted(struct bf_sv text, size_t *last)
{
    size_t i = 0;

    *last = 0;
    while (i < text.len) {
        if (bf_begins(bf_sv_from(text, i), "<locals>")) {
            i += 8;
        } else if (ident_start(text.ptr[i])) {
            while (i < text.len && ident(text.ptr[i])) {
                i++;
            }
        } else {
            return 0;
        }
        if (i >= text.len || text.ptr[i] != '.') {
            return i;
        }
        i++;
        *last = i;
    }
    return 0;
}

static bool named_like_one(struct bf_sv last)
{
    static const char *const ends[] = {
        "Error",    "Exception", "Warning", "Interrupt", "Exit",    "Iteration", "Timeout",
        "Failure",  "Fault",     "error",   "exception", "timeout", "NotFound",  "Group",
        "Failed",   "Invalid",   "Abort",   "Denied",    "Empty",   "Full",      "Rejected",
        "Exceeded", "Expired",   "Missing", "Cancelled"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (bf_finishes(last, ends[i])) {
            return true;
        }
    }
    return false;
}

/* Words that stand alone on a line, or before a colon, and are no exceptions. */
static bool is_plain_word(struct bf_sv name)
{
    static const char *const words[] = {"Killed", "Aborted", "Terminated", "Done",    "Finished",
                                        "Error",  "Failed",  "Warning",    "INFO",    "WARNING",
                                        "ERROR",  "DEBUG",   "CRITICAL",   "Usage",   "Epoch",
                                        "Step",   "Loss",    "Accuracy",   "Message", "Arguments",
                                        "Hangup", "WARN",    "FATAL",      "TRACE",   "Exception"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (bf_sv_is(name, words[i])) {
            return true;
        }
    }
    return false;
}

enum bf_strength bf_py_exception(struct bf_sv trimmed, struct bf_sv *name, struct bf_sv *message)
{
    size_t last = 0;
    size_t n = dotted(trimmed, &last);

    if (n == 0 || n > 200) {
        return BF_NO;
    }
    struct bf_sv rest = bf_sv_from(trimmed, n);
    if (rest.len != 0 && !bf_begins(rest, ": ") && !bf_sv_is(rest, ":")) {
        return BF_NO;
    }
    *name = bf_sv_slice(trimmed, 0, n);
    *message = bf_sv_from(rest, rest.len < 2 ? rest.len : 2);
    struct bf_sv simple = bf_sv_from(*name, last);
    bool capital = bf_at(simple, 0) >= 'A' && bf_at(simple, 0) <= 'Z';
    if (is_plain_word(*name)) {
        /* "Exception: text" is one below a frame, and so is "Warning: text". */
        bool maybe = bf_sv_is(*name, "Exception") || (bf_sv_is(*name, "Warning") && rest.len != 0);
        return maybe ? BF_WEAK : BF_NO;
    }
    if (named_like_one(simple) && (capital || last != 0)) {
        return BF_STRONG;
    }
    if (last != 0 && capital && rest.len != 0) {
        return BF_STRONG;
    }
    return capital || last != 0 || rest.len != 0 || named_like_one(simple) ? BF_WEAK : BF_NO;
}

static bool has_any(struct bf_sv text, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (bf_has(text, *list)) {
            return true;
        }
    }
    return false;
}

static bool ends_any(struct bf_sv text, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (bf_finishes(text, *list)) {
            return true;
        }
    }
    return false;
}

bool bf_py_is_user(struct bf_sv file)
{
    static const char *const foreign[] = {"/site-packages/",
                                          "/dist-packages/",
                                          "/lib/python3",
                                          "/lib/python2",
                                          "/lib64/python",
                                          "python311.zip",
                                          "/var/runtime/",
                                          "/var/lang/",
                                          "/opt/python/",
                                          "pyspark.zip/",
                                          "/py4j-",
                                          "py4j/",
                                          "/pyspark/",
                                          "sagemaker_training/",
                                          "/pypy3",
                                          "/.pyenv/",
                                          NULL};
    static const char *const compiled[] = {".pyx", ".pxi", ".pxd", ".cpp", ".cc", ".c",
                                           ".h",   ".cu",  ".hpp", ".cxx", NULL};

    if (file.len == 0 || has_any(file, foreign)) {
        return false;
    }
    if (file.ptr[0] == '<') { /* <frozen importlib._bootstrap>, <decorator-gen-3>, <string> */
        return bf_sv_is(file, "<string>") || bf_sv_is(file, "<stdin>") ||
               bf_begins(file, "<ipython-input") || bf_begins(file, "<cell");
    }
    if (ends_any(file, compiled)) {
        return file.ptr[0] == '/';
    }
    /* Console scripts: /usr/local/bin/torchrun. A user's own script ends in .py. */
    return bf_finishes(file, ".py") || !bf_has(file, "/bin/");
}

bool bf_py_is_launcher(struct bf_sv file)
{
    static const char *const launchers[] = {"torch/distributed/run.py",
                                            "torch/distributed/launch",
                                            "torch/distributed/elastic/",
                                            "accelerate/commands/",
                                            "deepspeed/launcher/",
                                            "horovod/runner/",
                                            "horovod/spark/",
                                            "sagemaker_training/",
                                            "sagemaker_containers/",
                                            "smdistributed/",
                                            "smddpmprun",
                                            "bin/torchrun",
                                            "bin/accelerate",
                                            "bin/deepspeed",
                                            "bin/train",
                                            NULL};

    return has_any(file, launchers);
}

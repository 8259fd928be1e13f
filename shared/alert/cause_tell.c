#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/sv.h"

/* ---- the filter ---- */

/* A part of every word below (and of the forms that cause_scan.c looks for), in lower case. */
static const char *const hints[] = {
    "exit",      "return",       "kill",           "oom-",       "oomk",
    "memory",    "signal",       "fatal",          "segm",       "core dumped",
    "caught",    "sigs",         "stack smashing", "free()",     "double free",
    "malloc()",  "corrupted",    "abort",          "bus error",  "illegal",
    "terminate", "floating",     "error",          "cannot",     "can't",
    "not found", "no such",      "denied",         "directory",  "unbound",
    "no module", "no space",     "timed out",      "maxruntime", "limit",
    "capacity",  "s3 objects",   "authorized",     "calling",    "mpi_",
    "mpir",      "primary job",  "process name",   "warn",       "resource_tracker",
    "torch",     "nccl",         "processgroup",   "extension",  "requestid",
    "exception", "ignored",      "atexit",         "retrieved",  "callback",
    "traceback", "sagemaker",    "most recent",    "-----begin", "could not",
    "unable",    "requirements", "invalid",        "usage",      "caused by",
    "file \"",   "rank ",        "command \"",     "reporting",  "unhandled",
    "critical",  "suppressed",   "driver"};

static uint32_t slot_of(uint32_t window)
{
    return (window * 2654435761U) >> 16U;
}

static uint32_t shifted(uint32_t window, char c)
{
    return (window << 8U) | ((unsigned char)c | 0x20U);
}

struct bf_filter *bf_filter_new(struct bf_arena *arena)
{
    struct bf_filter *filter = BF_NEW(arena, struct bf_filter);

    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        uint32_t window = 0;
        for (size_t k = 0; k < 4 && hints[i][k] != '\0'; k++) {
            window = shifted(window, hints[i][k]);
        }
        uint32_t slot = slot_of(window);
        filter->bits[slot / 64] |= UINT64_C(1) << (slot % 64);
    }
    return filter;
}

bool bf_filter_hits(const struct bf_filter *filter, struct bf_sv line)
{
    uint32_t window = 0;

    for (size_t i = 0; i < line.len; i++) {
        window = shifted(window, line.ptr[i]);
        uint32_t slot = slot_of(window);
        if (i >= 3 && (filter->bits[slot / 64] >> (slot % 64) & 1U) != 0) {
            return true;
        }
    }
    return line.len < 4;
}

/* ---- exit codes and signals ---- */

/* Class of an exit code as shells, Python and Docker write it; UNKNOWN: an ordinary failure. */
static enum bf_cause_class class_of_exit(int64_t code)
{
    int64_t sig = code < 0 ? -code : code > 128 ? code - 128 : 0;

    switch (sig) {
    case 9: /* KILL: on these machines that is the kernel's out-of-memory killer */
        return BF_CAUSE_OUT_OF_MEMORY;
    case 1:
    case 2:
    case 15:
        return BF_CAUSE_KILLED;
    case 4:
    case 6:
    case 7:
    case 8:
    case 11:
        return BF_CAUSE_SIGNAL;
    default:
        return BF_CAUSE_UNKNOWN;
    }
}

static bool number_after(struct bf_sv line, const char *words, int64_t *out)
{
    struct bf_sv rest = bf_ltrim(bf_after(line, words));
    size_t n = rest.len != 0 && rest.ptr[0] == '-' ? 1 : 0;

    while (n < rest.len && n < 8 && rest.ptr[n] >= '0' && rest.ptr[n] <= '9') {
        n++;
    }
    return bf_sv_i64(bf_sv_slice(rest, 0, n), -1000, 1000, out);
}

static bool tells_exit(struct bf_sv line, struct bf_telling *out)
{
    static const char *const forms[] = {
        "ExitCode ",    "exitcode  :",   "exitcode: ",        "exitcode:",          "exit code: ",
        "exit code ",   "exit status ",  "exited with code ", "exited on signal ",  "return code ",
        "returncode: ", "Exit status: ", "exit status: ",     "exit_code: ",        "exit_code=",
        "Exit Code: ",  "Exit code:",    "returncode ",       "exited with signal "};
    int64_t code = 0;

    if (!bf_has_nocase(line, "exit") && !bf_has_nocase(line, "return")) {
        return false;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (!number_after(line, forms[i], &code)) {
            continue;
        }
        bool is_signal = bf_has(bf_sv_of(forms[i]), "signal");
        out->class = class_of_exit(is_signal ? -code : code);
        out->hard = true;
        return out->class != BF_CAUSE_UNKNOWN;
    }
    return false;
}

/* mpirun noticed that process rank 3 with PID 0 on node algo-2 exited on signal 9 (Killed). */
static void rank_of(struct bf_sv line, struct bf_telling *out)
{
    struct bf_sv rest = bf_after(line, "process rank ");
    size_t n = 0;

    while (n < rest.len && n < 9 && rest.ptr[n] >= '0' && rest.ptr[n] <= '9') {
        n++;
    }
    out->rank = bf_sv_slice(rest, 0, n);
}

static bool tells_signal(struct bf_sv line, struct bf_telling *out)
{
    static const struct {
        const char *text;
        enum bf_cause_class class;
    } forms[] = {
        {"Out of memory: Killed process", BF_CAUSE_OUT_OF_MEMORY},
        {"Memory cgroup out of memory", BF_CAUSE_OUT_OF_MEMORY},
        {"oom-kill", BF_CAUSE_OUT_OF_MEMORY},
        {"OOMKilled", BF_CAUSE_OUT_OF_MEMORY},
        {"invoked oom-killer", BF_CAUSE_OUT_OF_MEMORY},
        {"error: signal: killed", BF_CAUSE_OUT_OF_MEMORY},
        {"Signal 9 (SIGKILL)", BF_CAUSE_OUT_OF_MEMORY},
        {"Signal 15 (SIGTERM)", BF_CAUSE_KILLED},
        {"Signal 11 (SIGSEGV)", BF_CAUSE_SIGNAL},
        {"Signal 6 (SIGABRT)", BF_CAUSE_SIGNAL},
        {"Signal 7 (SIGBUS)", BF_CAUSE_SIGNAL},
        {"Fatal Python error:", BF_CAUSE_SIGNAL},
        {"Segmentation fault", BF_CAUSE_SIGNAL},
        {"segmentation fault", BF_CAUSE_SIGNAL},
        {"(core dumped)", BF_CAUSE_SIGNAL},
        {"Process received signal", BF_CAUSE_SIGNAL},
        {"Caught signal 11", BF_CAUSE_SIGNAL},
        {"SIGSEGV (0x", BF_CAUSE_SIGNAL},
        {"stack smashing detected", BF_CAUSE_SIGNAL},
        {"free(): invalid", BF_CAUSE_SIGNAL},
        {"double free or corruption", BF_CAUSE_SIGNAL},
        {"malloc(): ", BF_CAUSE_SIGNAL},
        {"corrupted size vs. prev_size", BF_CAUSE_SIGNAL},
    };
    static const struct {
        const char *word;
        enum bf_cause_class class;
    } alone[] = {
        {"Killed", BF_CAUSE_OUT_OF_MEMORY},      {"Aborted", BF_CAUSE_SIGNAL},
        {"Bus error", BF_CAUSE_SIGNAL},          {"Illegal instruction", BF_CAUSE_SIGNAL},
        {"Terminated", BF_CAUSE_KILLED},         {"Floating point exception", BF_CAUSE_SIGNAL},
        {"Segmentation fault", BF_CAUSE_SIGNAL},
    };

    out->hard = true;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (bf_has(line, forms[i].text)) {
            out->class = forms[i].class;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
        struct bf_sv word = bf_sv_of(alone[i].word);
        /* Alone, or as bash puts it: "run.sh: line 5:    12 Killed       python train.py" */
        struct bf_sv trimmed = bf_sv_trim(line);
        struct bf_sv job = bf_ltrim(bf_after(bf_after(trimmed, ": line "), ":"));
        size_t digits = 0;
        while (digits < job.len && job.ptr[digits] >= '0' && job.ptr[digits] <= '9') {
            digits++;
        }
        if (bf_sv_eq(trimmed, word) ||
            (digits != 0 && bf_sv_starts(bf_ltrim(bf_sv_from(job, digits)), word))) {
            out->class = alone[i].class;
            return true;
        }
    }
    return false;
}

/* ---- shells, pip, argparse, command line tools ---- */

static bool any_of(struct bf_sv line, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (bf_has(line, *list)) {
            return true;
        }
    }
    return false;
}

static bool tells_soft(struct bf_sv line, struct bf_telling *out)
{
    static const char *const tools[] = {"ERROR: Could not find a version",
                                        "ERROR: No matching distribution",
                                        "ERROR: Could not open requirements",
                                        "ERROR: Cannot install ",
                                        "ERROR: ResolutionImpossible",
                                        "ERROR: Failed building wheel",
                                        "ERROR: Could not build wheels",
                                        "ERROR: Failed to build",
                                        "ERROR: Could not install packages",
                                        "error: subprocess-exited-with-error",
                                        "error: metadata-generation-failed",
                                        "ERROR: Invalid requirement",
                                        "ERROR: Package ",
                                        "ERROR: Ignored the following",
                                        NULL};
    static const char *const shells[] = {": command not found",
                                         "can't open file '",
                                         ": cannot execute",
                                         ": No such file or directory",
                                         ": Permission denied",
                                         ": Is a directory",
                                         ": syntax error near",
                                         ": unbound variable",
                                         "exec format error",
                                         "error while loading shared libraries",
                                         NULL};
    struct bf_sv t = bf_ltrim(line);

    out->hard = false;
    if (any_of(t, tools)) {
        out->class = BF_CAUSE_DEPENDENCY_MISSING;
        return true;
    }
    if (bf_has(t, ": No module named ") && t.ptr[0] == '/') { /* python -m missing */
        out->class = BF_CAUSE_DEPENDENCY_MISSING;
        return true;
    }
    if (any_of(t, shells) || (bf_finishes(t, ": not found") && bf_has(t, "sh: "))) {
        out->class = bf_cause_classify((struct bf_sv){0}, t);
        if (out->class == BF_CAUSE_UNKNOWN) {
            bool lost = bf_finishes(t, ": not found") || bf_has(t, "exec format");
            out->class = lost ? BF_CAUSE_DEPENDENCY_MISSING : BF_CAUSE_USER_CODE;
        }
        return true;
    }
    /* train.py: error: argument --lr: ...   (argparse);   Error: Invalid value for ... (click) */
    struct bf_sv program = bf_sv_slice(t, 0, bf_sv_find(t, ':'));
    if (program.len != 0 && !bf_has(program, " ") &&
        bf_begins(bf_sv_from(t, program.len), ": error: ")) {
        out->class = bf_cause_classify((struct bf_sv){0}, t);
        out->class = out->class == BF_CAUSE_UNKNOWN ? BF_CAUSE_USER_CODE : out->class;
        return true;
    }
    static const char *const starts[] = {"Error: ",     "ERROR: ",       "error: ",
                                         "fatal: ",     "fatal error: ", "FATAL: ",
                                         "FATAL Flags", "[ERROR] ",      "An error occurred (",
                                         "E: "};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (bf_begins(t, starts[i])) {
            out->class = bf_cause_classify((struct bf_sv){0}, t);
            out->class = out->class == BF_CAUSE_UNKNOWN ? BF_CAUSE_USER_CODE : out->class;
            return true;
        }
    }
    return false;
}

/* The services' own sentences need no "error:" in front of them. */
static bool tells_service(struct bf_sv line, struct bf_telling *out)
{
    static const char *const forms[] = {"No space left on device",
                                        "Task timed out after",
                                        "MaxRuntimeExceeded",
                                        "ResourceLimitExceeded",
                                        "account-level service limit",
                                        "Unable to provision requested ML compute capacity",
                                        "InsufficientInstanceCapacity",
                                        "CapacityError:",
                                        "We encountered an internal error",
                                        "instance type with more memory",
                                        "No S3 objects found under",
                                        "CUDA out of memory",
                                        "is not authorized to perform",
                                        "when calling the HeadObject operation",
                                        "when calling the GetObject operation",
                                        NULL};

    if (!any_of(line, forms)) {
        return false;
    }
    out->hard = false;
    out->class = bf_cause_classify((struct bf_sv){0}, line);
    return out->class != BF_CAUSE_UNKNOWN;
}

bool bf_line_tells(struct bf_sv line, struct bf_telling *out)
{
    *out = (struct bf_telling){0};
    if (tells_exit(line, out) || tells_signal(line, out)) {
        rank_of(line, out);
        return true;
    }
    return tells_soft(line, out) || tells_service(line, out);
}

/* ---- other kinds of lines ---- */

bool bf_line_is_toolkit(struct bf_sv line)
{
    return bf_has(line, "sagemaker-training-toolkit") || bf_has(line, "sagemaker-containers") ||
           bf_begins(line, "ExitCode ") || bf_begins(line, "ErrorMessage \"") ||
           bf_begins(line, "Command \"") || bf_has(line, "Reporting training FAILURE") ||
           bf_has(line, "Reporting training SUCCESS");
}

static bool is_ruler(struct bf_sv t)
{
    size_t n = 0;

    while (n < t.len &&
           (t.ptr[n] == '-' || t.ptr[n] == '=' || t.ptr[n] == '*' || t.ptr[n] == '#')) {
        n++;
    }
    return n == t.len;
}

bool bf_line_is_noise(struct bf_sv line)
{
    static const char *const words[] = {"MPI_ABORT was invoked",
                                        "with errorcode ",
                                        "Primary job  terminated",
                                        "Primary job terminated",
                                        "mpirun detected",
                                        "mpirun noticed",
                                        "Process name: [[",
                                        "Exit code:  ",
                                        "Warning: ",
                                        "warnings.warn(",
                                        "resource_tracker",
                                        "torch.distributed.elastic",
                                        "torch/distributed/",
                                        "NCCL INFO",
                                        "NCCL WARN",
                                        "ProcessGroupNCCL",
                                        "Extension modules:",
                                        "END RequestId",
                                        "REPORT RequestId",
                                        NULL};
    struct bf_sv t = bf_sv_trim(line);

    return is_ruler(t) || any_of(t, words);
}

bool bf_line_is_record(struct bf_sv line)
{
    static const char *const words[] = {"ERROR",     "WARNING",     "CRITICAL", "WARN", "FATAL",
                                        "\"error\"", "level=error", " ERR ",    NULL};

    return any_of(line, words) && !bf_line_is_toolkit(line);
}

bool bf_line_sounds_bad(struct bf_sv line)
{
    static const char *const words[] = {
        "error",   "fail",       "fatal",      "cannot",  "can't",     "could not", "unable",
        "denied",  "not found",  "invalid",    "abort",   "unable",    "refused",   "giving up",
        "gave up", "mismatch",   "exceed",     "timeout", "timed out", "corrupt",   "too many",
        "too few", "not enough", "unexpected", "wrong",   "missing",   "critical",  "exception"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (bf_has_nocase(line, words[i])) {
            return true;
        }
    }
    return false;
}

bool bf_line_announces_noise(struct bf_sv line)
{
    static const char *const words[] = {"Exception ignored in",
                                        "Exception ignored on",
                                        "Exception ignored while",
                                        "Error in atexit",
                                        "Error in sys.exitfunc",
                                        "--- Logging error ---",
                                        "Task exception was never retrieved",
                                        "Future exception was never retrieved",
                                        "Exception in callback",
                                        "Unhandled exception in thread started by",
                                        NULL};

    return any_of(line, words);
}

/* ---- exceptions that are not the cause ---- */

int bf_echo(struct bf_sv exception, struct bf_sv message)
{
    static const char *const certain[] = {"NCCL",
                                          "ncclSystemError",
                                          "ncclRemoteError",
                                          "ncclInternalError",
                                          "ncclUnhandledCudaError",
                                          "ProcessGroup",
                                          "DistBackendError",
                                          "DistNetworkError",
                                          "DistStoreError",
                                          "HorovodInternalError",
                                          "HostsUpdatedInterrupt",
                                          "TCPStore",
                                          "c10d",
                                          "gloo/transport",
                                          "[Rank ",
                                          "Watchdog caught collective",
                                          "monitoredBarrier",
                                          "Horovod has been shut down",
                                          "store->get",
                                          NULL};
    static const char *const perhaps[] = {"onnection closed",
                                          "onnection reset",
                                          "peer closed",
                                          "closed by peer",
                                          "reset by peer",
                                          "roken pipe",
                                          "onnection refused",
                                          "onnection aborted",
                                          "Remote end closed",
                                          "Socket Timeout",
                                          "Timed out waiting for clients",
                                          "Process was terminated",
                                          NULL};
    static const char *const names[] = {"BrokenPipeError",
                                        "ConnectionResetError",
                                        "ConnectionAbortedError",
                                        "ConnectionRefusedError",
                                        "EOFError",
                                        "BrokenProcessPool",
                                        NULL};

    if (any_of(exception, certain) || any_of(message, certain)) {
        return 2;
    }
    return any_of(exception, names) || any_of(message, perhaps) ? 1 : 0;
}

bool bf_is_wrapper(struct bf_sv exception, struct bf_sv message)
{
    static const char *const names[] = {"ExecuteUserScriptError", "ChildFailedError",
                                        "Py4JJavaError",          "AlgorithmError",
                                        "SparkUserAppException",  NULL};

    return any_of(exception, names) ||
           (bf_has(exception, "SparkException") && bf_has(message, "Job aborted")) ||
           (bf_has(exception, "SparkException") && bf_has(message, "Task failed while"));
}

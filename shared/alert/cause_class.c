#include <stdbool.h>
#include <stddef.h>

#include "alert/cause.h"
#include "alert/cause_parts.h"
#include "base/sv.h"

/*
 * One table from words to classes, read from top to bottom: the first hit is the class, so the
 * special stands before the general. NAME words are looked for in the exception's name, TEXT
 * words in its message (or the telling line), BOTH in either.
 */
enum where { NAME, TEXT, BOTH };

struct word {
    enum where where;
    const char *text;
    enum bf_cause_class class;
};

static const struct word words[] = {
    /* GPU memory */
    {BOTH, "CUDA out of memory", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {BOTH, "HIP out of memory", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {BOTH, "MPS backend out of memory", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {NAME, "cuda.OutOfMemoryError", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {NAME, "torch.OutOfMemoryError", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {NAME, "CudaOutOfMemoryError", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {NAME, "CUDARuntimeError: cudaErrorMemoryAllocation", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "cudaErrorMemoryAllocation", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "CUDA error: out of memory", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "CUDNN_STATUS_ALLOC_FAILED", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "CUBLAS_STATUS_ALLOC_FAILED", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "OOM when allocating tensor", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "RESOURCE_EXHAUSTED: Out of memory", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "Tried to allocate", BF_CAUSE_GPU_OUT_OF_MEMORY},
    {TEXT, "CUDA_ERROR_OUT_OF_MEMORY", BF_CAUSE_GPU_OUT_OF_MEMORY},
    /* memory */
    {NAME, "MemoryError", BF_CAUSE_OUT_OF_MEMORY},
    {NAME, "OutOfMemoryError", BF_CAUSE_OUT_OF_MEMORY},
    {NAME, "TerminatedWorkerError", BF_CAUSE_OUT_OF_MEMORY},
    {NAME, "BrokenProcessPool", BF_CAUSE_OUT_OF_MEMORY},
    {NAME, "bad_alloc", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "std::bad_alloc", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "java.lang.OutOfMemoryError", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "GC overhead limit exceeded", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Java heap space", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Cannot allocate memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "can't allocate memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Unable to allocate ", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "not enough memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Out of memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "out of memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "OutOfMemory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "instance type with more memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Insufficient memory", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "killed by signal: Killed", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "SIGKILL", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "exit status 137", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "Container killed by YARN for exceeding", BF_CAUSE_OUT_OF_MEMORY},
    /* disk */
    {TEXT, "No space left on device", BF_CAUSE_DISK_FULL},
    {TEXT, "Disk quota exceeded", BF_CAUSE_DISK_FULL},
    {TEXT, "[Errno 28]", BF_CAUSE_DISK_FULL},
    {TEXT, "ENOSPC", BF_CAUSE_DISK_FULL},
    {TEXT, "insufficient shared memory (shm)", BF_CAUSE_OUT_OF_MEMORY},
    {TEXT, "volume is full", BF_CAUSE_DISK_FULL},
    {TEXT, "not enough disk space", BF_CAUSE_DISK_FULL},
    {TEXT, "Insufficient disk space", BF_CAUSE_DISK_FULL},
    /* S3 */
    {BOTH, "NoSuchKey", BF_CAUSE_MISSING_S3_KEY},
    {BOTH, "NoSuchBucket", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "(404) when calling the HeadObject", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "(404) when calling the GetObject", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "(404) when calling the HeadBucket", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "The specified key does not exist", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "Path does not exist: s3", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "No S3 objects found under", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "Failed to download data. Cannot download s3", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "No such file or directory: 's3:", BF_CAUSE_MISSING_S3_KEY},
    {TEXT, "Path does not exist in bucket", BF_CAUSE_MISSING_S3_KEY},
    /* quota, capacity */
    {BOTH, "ResourceLimitExceeded", BF_CAUSE_QUOTA},
    {BOTH, "ServiceQuotaExceeded", BF_CAUSE_QUOTA},
    {TEXT, "account-level service limit", BF_CAUSE_QUOTA},
    {BOTH, "LimitExceeded", BF_CAUSE_QUOTA},
    {BOTH, "Throttling", BF_CAUSE_QUOTA},
    {BOTH, "TooManyRequests", BF_CAUSE_QUOTA},
    {TEXT, "Rate exceeded", BF_CAUSE_QUOTA},
    {TEXT, "(SlowDown)", BF_CAUSE_QUOTA},
    {BOTH, "InsufficientInstanceCapacity", BF_CAUSE_CAPACITY},
    {BOTH, "InsufficientCapacity", BF_CAUSE_CAPACITY},
    {BOTH, "CapacityError", BF_CAUSE_CAPACITY},
    {TEXT, "Unable to provision requested ML compute capacity", BF_CAUSE_CAPACITY},
    {TEXT, "insufficient capacity", BF_CAUSE_CAPACITY},
    /* permission */
    {BOTH, "AccessDenied", BF_CAUSE_ACCESS_DENIED},
    {BOTH, "UnauthorizedOperation", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "is not authorized to perform", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "not authorized to perform", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "(403) when calling", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "(Forbidden) when calling", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "Access Denied", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "Access denied", BF_CAUSE_ACCESS_DENIED},
    {NAME, "NoCredentialsError", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "Unable to locate credentials", BF_CAUSE_ACCESS_DENIED},
    {NAME, "CredentialRetrievalError", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "ExpiredToken", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "InvalidClientTokenId", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "UnrecognizedClient", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "SignatureDoesNotMatch", BF_CAUSE_ACCESS_DENIED},
    {NAME, "GatedRepoError", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "403 Client Error", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "401 Client Error", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "HTTP Error 403", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "HTTP Error 401", BF_CAUSE_ACCESS_DENIED},
    {NAME, "AuthorizationException", BF_CAUSE_ACCESS_DENIED},
    {TEXT, "kms:Decrypt", BF_CAUSE_ACCESS_DENIED},
    /* dependencies */
    {NAME, "ModuleNotFoundError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "ImportModuleError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "ImportError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "DistributionNotFound", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "PackageNotFoundError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "VersionConflict", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "ClassNotFoundException", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "NoClassDefFoundError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "NoSuchMethodError", BF_CAUSE_DEPENDENCY_MISSING},
    {NAME, "UnsatisfiedLinkError", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "No module named ", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "cannot open shared object file", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "No matching distribution found", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "Could not find a version that satisfies", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "Could not open requirements file", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "ResolutionImpossible", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "subprocess-exited-with-error", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "Failed building wheel for", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "Failed to build installable wheels", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "metadata-generation-failed", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "Could not install packages due to", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "command not found", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "PackagesNotFoundError", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "pip3 install", BF_CAUSE_DEPENDENCY_MISSING},
    {TEXT, "version `GLIBC", BF_CAUSE_DEPENDENCY_MISSING},
    /* time */
    {BOTH, "MaxRuntimeExceeded", BF_CAUSE_TIMEOUT},
    {BOTH, "MaxWaitTimeExceeded", BF_CAUSE_TIMEOUT},
    {TEXT, "exceeded the maximum runtime", BF_CAUSE_TIMEOUT},
    {TEXT, "Task timed out after", BF_CAUSE_TIMEOUT},
    {NAME, "TimeoutExpired", BF_CAUSE_TIMEOUT},
    {NAME, "TimeoutError", BF_CAUSE_TIMEOUT},
    {NAME, "Timeout", BF_CAUSE_TIMEOUT},
    {NAME, "socket.timeout", BF_CAUSE_TIMEOUT},
    {TEXT, "timed out", BF_CAUSE_TIMEOUT},
    /* the platform's own */
    {BOTH, "InternalServerError", BF_CAUSE_PLATFORM},
    {BOTH, "InternalServiceException", BF_CAUSE_PLATFORM},
    {BOTH, "InternalFailure", BF_CAUSE_PLATFORM},
    {BOTH, "ServiceUnavailable", BF_CAUSE_PLATFORM},
    {TEXT, "We encountered an internal error", BF_CAUSE_PLATFORM},
    {TEXT, "(InternalError) when calling", BF_CAUSE_PLATFORM},
    {TEXT, "(500) when calling", BF_CAUSE_PLATFORM},
    {TEXT, "(503) when calling", BF_CAUSE_PLATFORM},
    {TEXT, "CannotStartContainerError", BF_CAUSE_PLATFORM},
    {TEXT, "NodeFailure", BF_CAUSE_PLATFORM},
    {TEXT, "uncorrectable ECC error", BF_CAUSE_PLATFORM},
    {TEXT, "GPU has fallen off the bus", BF_CAUSE_PLATFORM},
    /* ended from outside */
    {NAME, "KeyboardInterrupt", BF_CAUSE_KILLED},
    {TEXT, "SIGTERM", BF_CAUSE_KILLED},
    {TEXT, "Spot interruption", BF_CAUSE_KILLED},
    {TEXT, "SpotInterruption", BF_CAUSE_KILLED},
    {TEXT, "SIGSEGV", BF_CAUSE_SIGNAL},
    {TEXT, "SIGABRT", BF_CAUSE_SIGNAL},
    {TEXT, "SIGBUS", BF_CAUSE_SIGNAL},
    {TEXT, "SIGFPE", BF_CAUSE_SIGNAL},
    {TEXT, "SIGILL", BF_CAUSE_SIGNAL},
    {TEXT, "Segmentation fault", BF_CAUSE_SIGNAL},
    /* data */
    {NAME, "pandas.errors.", BF_CAUSE_DATA_ERROR},
    {NAME, "ParserError", BF_CAUSE_DATA_ERROR},
    {NAME, "JSONDecodeError", BF_CAUSE_DATA_ERROR},
    {NAME, "UnicodeDecodeError", BF_CAUSE_DATA_ERROR},
    {NAME, "FileNotFoundError", BF_CAUSE_DATA_ERROR},
    {NAME, "FileNotFoundException", BF_CAUSE_DATA_ERROR},
    {NAME, "NumberFormatException", BF_CAUSE_DATA_ERROR},
    {NAME, "DateTimeParseException", BF_CAUSE_DATA_ERROR},
    {NAME, "JsonParseException", BF_CAUSE_DATA_ERROR},
    {NAME, "MalformedInputException", BF_CAUSE_DATA_ERROR},
    {NAME, "pyarrow.lib.Arrow", BF_CAUSE_DATA_ERROR},
    {NAME, "ArrowInvalid", BF_CAUSE_DATA_ERROR},
    {NAME, "_csv.Error", BF_CAUSE_DATA_ERROR},
    {NAME, "pandera.errors.", BF_CAUSE_DATA_ERROR},
    {NAME, "SchemaError", BF_CAUSE_DATA_ERROR},
    {NAME, "BadZipFile", BF_CAUSE_DATA_ERROR},
    {NAME, "BadGzipFile", BF_CAUSE_DATA_ERROR},
    {NAME, "tarfile.ReadError", BF_CAUSE_DATA_ERROR},
    {NAME, "UnidentifiedImageError", BF_CAUSE_DATA_ERROR},
    {NAME, "ParseError", BF_CAUSE_DATA_ERROR},
    {NAME, "lxml.etree.XMLSyntaxError", BF_CAUSE_DATA_ERROR},
    {NAME, "DataError", BF_CAUSE_DATA_ERROR},
    {NAME, "DataLossError", BF_CAUSE_DATA_ERROR},
    {TEXT, "Input contains NaN", BF_CAUSE_DATA_ERROR},
    {TEXT, "contains NaN", BF_CAUSE_DATA_ERROR},
    {TEXT, "Input contains infinity", BF_CAUSE_DATA_ERROR},
    {TEXT, "Found array with 0 sample(s)", BF_CAUSE_DATA_ERROR},
    {TEXT, "Found input variables with inconsistent numbers of samples", BF_CAUSE_DATA_ERROR},
    {TEXT, "could not convert string to float", BF_CAUSE_DATA_ERROR},
    {TEXT, "Parquet magic bytes not found", BF_CAUSE_DATA_ERROR},
    {TEXT, "Not a gzipped file", BF_CAUSE_DATA_ERROR},
    {TEXT, "not in index", BF_CAUSE_DATA_ERROR},
    {TEXT, "Usecols do not match columns", BF_CAUSE_DATA_ERROR},
};

static bool hit(const struct word *word, struct bf_sv exception, struct bf_sv message)
{
    switch (word->where) {
    case NAME:
        return bf_has(exception, word->text);
    case TEXT:
        return bf_has(message, word->text);
    default:
        return bf_has(exception, word->text) || bf_has(message, word->text);
    }
}

enum bf_cause_class bf_cause_classify(struct bf_sv exception, struct bf_sv message)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (hit(&words[i], exception, message)) {
            return words[i].class;
        }
    }
    return BF_CAUSE_UNKNOWN;
}

struct advice {
    const char *name, *say;
    bool retryable;
};

static const struct advice advices[] = {
    [BF_CAUSE_UNKNOWN] = {"unknown", "", false},
    [BF_CAUSE_USER_CODE] = {"user_code", "", false},
    [BF_CAUSE_OUT_OF_MEMORY] = {"out_of_memory",
                                "The machine ran out of memory: use a larger instance type, or "
                                "less data per instance.",
                                false},
    [BF_CAUSE_GPU_OUT_OF_MEMORY] = {"gpu_out_of_memory",
                                    "The GPU ran out of memory: use a smaller batch, gradient "
                                    "accumulation, or a larger GPU.",
                                    false},
    [BF_CAUSE_DISK_FULL] = {"disk_full",
                            "The disk is full: raise the volume size of the step, or write less.",
                            false},
    [BF_CAUSE_DEPENDENCY_MISSING] = {"dependency_missing",
                                     "A package, module or command is missing in the container: "
                                     "add it to the requirements or the image.",
                                     false},
    [BF_CAUSE_DATA_ERROR] = {"data_error",
                             "The input does not have the expected form: look at the data of this "
                             "run before the code.",
                             false},
    [BF_CAUSE_ACCESS_DENIED] = {"access_denied",
                                "The role of the step lacks a permission: the message names the "
                                "action and, mostly, the resource.",
                                false},
    [BF_CAUSE_MISSING_S3_KEY] = {"missing_s3_key",
                                 "The object is not in S3: check the key, and whether the upstream "
                                 "job wrote it.",
                                 false},
    [BF_CAUSE_TIMEOUT] = {"timeout", "It took too long: raise the limit, or find the slow part.",
                          false},
    [BF_CAUSE_CAPACITY] = {"capacity",
                           "AWS has no machine of this type free here right now: retry, or use "
                           "another instance type or zone.",
                           true},
    [BF_CAUSE_QUOTA] = {"quota",
                        "A limit of the account is reached: the message says which. Wait for "
                        "other jobs, or ask for more in Service Quotas.",
                        true},
    [BF_CAUSE_PLATFORM] = {"platform", "An error inside AWS, not yours: retry the run.", true},
    [BF_CAUSE_KILLED] = {"killed",
                         "The process was told to end (stop, time limit, or a reclaimed spot "
                         "instance).",
                         true},
    [BF_CAUSE_SIGNAL] = {"signal",
                         "The process crashed in native code: look at compiled dependencies and "
                         "their versions.",
                         false},
};

static const struct advice *advice_of(enum bf_cause_class class)
{
    size_t n = sizeof(advices) / sizeof(advices[0]);

    return &advices[(size_t) class < n ? (size_t) class : 0];
}

const char *bf_cause_class_name(enum bf_cause_class class)
{
    return advice_of(class)->name;
}

const char *bf_cause_advice(enum bf_cause_class class)
{
    return advice_of(class)->say;
}

bool bf_cause_retryable(enum bf_cause_class class)
{
    return advice_of(class)->retryable;
}

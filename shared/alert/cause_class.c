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
    const char *text;
    enum where where;
    enum bf_cause_class class;
};

static const struct word words[] = {
    /* GPU memory */
    {"CUDA out of memory", BOTH, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"HIP out of memory", BOTH, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"MPS backend out of memory", BOTH, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"cuda.OutOfMemoryError", NAME, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"torch.OutOfMemoryError", NAME, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CudaOutOfMemoryError", NAME, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CUDARuntimeError: cudaErrorMemoryAllocation", NAME, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"cudaErrorMemoryAllocation", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CUDA error: out of memory", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CUDNN_STATUS_ALLOC_FAILED", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CUBLAS_STATUS_ALLOC_FAILED", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"OOM when allocating tensor", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"RESOURCE_EXHAUSTED: Out of memory", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"Tried to allocate", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    {"CUDA_ERROR_OUT_OF_MEMORY", TEXT, BF_CAUSE_GPU_OUT_OF_MEMORY},
    /* memory */
    {"MemoryError", NAME, BF_CAUSE_OUT_OF_MEMORY},
    {"OutOfMemoryError", NAME, BF_CAUSE_OUT_OF_MEMORY},
    {"TerminatedWorkerError", NAME, BF_CAUSE_OUT_OF_MEMORY},
    {"BrokenProcessPool", NAME, BF_CAUSE_OUT_OF_MEMORY},
    {"bad_alloc", NAME, BF_CAUSE_OUT_OF_MEMORY},
    {"std::bad_alloc", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"java.lang.OutOfMemoryError", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"GC overhead limit exceeded", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Java heap space", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Cannot allocate memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"can't allocate memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Unable to allocate ", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"not enough memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Out of memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"out of memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"OutOfMemory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"instance type with more memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Insufficient memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"killed by signal: Killed", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"SIGKILL", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"exit status 137", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Exit status: 137", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"exit code 137", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"exited with code 137", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"out of shared memory", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"Container killed by YARN for exceeding", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    /* disk */
    {"No space left on device", TEXT, BF_CAUSE_DISK_FULL},
    {"Disk quota exceeded", TEXT, BF_CAUSE_DISK_FULL},
    {"[Errno 28]", TEXT, BF_CAUSE_DISK_FULL},
    {"ENOSPC", TEXT, BF_CAUSE_DISK_FULL},
    {"insufficient shared memory (shm)", TEXT, BF_CAUSE_OUT_OF_MEMORY},
    {"volume is full", TEXT, BF_CAUSE_DISK_FULL},
    {"not enough disk space", TEXT, BF_CAUSE_DISK_FULL},
    {"Insufficient disk space", TEXT, BF_CAUSE_DISK_FULL},
    /* S3 */
    {"NoSuchKey", BOTH, BF_CAUSE_MISSING_S3_KEY},
    {"NoSuchBucket", BOTH, BF_CAUSE_MISSING_S3_KEY},
    {"(404) when calling the HeadObject", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"(404) when calling the GetObject", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"(404) when calling the HeadBucket", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"The specified key does not exist", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"Path does not exist: s3", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"No S3 objects found under", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"Failed to download data. Cannot download s3", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"No such file or directory: 's3:", TEXT, BF_CAUSE_MISSING_S3_KEY},
    {"Path does not exist in bucket", TEXT, BF_CAUSE_MISSING_S3_KEY},
    /* quota, capacity */
    {"ResourceLimitExceeded", BOTH, BF_CAUSE_QUOTA},
    {"ServiceQuotaExceeded", BOTH, BF_CAUSE_QUOTA},
    {"account-level service limit", TEXT, BF_CAUSE_QUOTA},
    {"LimitExceeded", BOTH, BF_CAUSE_QUOTA},
    {"Throttling", BOTH, BF_CAUSE_QUOTA},
    {"TooManyRequests", BOTH, BF_CAUSE_QUOTA},
    {"Rate exceeded", TEXT, BF_CAUSE_QUOTA},
    {"(SlowDown)", TEXT, BF_CAUSE_QUOTA},
    {"InsufficientInstanceCapacity", BOTH, BF_CAUSE_CAPACITY},
    {"InsufficientCapacity", BOTH, BF_CAUSE_CAPACITY},
    {"CapacityError", BOTH, BF_CAUSE_CAPACITY},
    {"Unable to provision requested ML compute capacity", TEXT, BF_CAUSE_CAPACITY},
    {"insufficient capacity", TEXT, BF_CAUSE_CAPACITY},
    /* permission */
    {"AccessDenied", BOTH, BF_CAUSE_ACCESS_DENIED},
    {"UnauthorizedOperation", BOTH, BF_CAUSE_ACCESS_DENIED},
    {"is not authorized to perform", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"not authorized to perform", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"(403) when calling", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"(Forbidden) when calling", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"Access Denied", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"Access denied", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"NoCredentialsError", NAME, BF_CAUSE_ACCESS_DENIED},
    {"Unable to locate credentials", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"CredentialRetrievalError", NAME, BF_CAUSE_ACCESS_DENIED},
    {"ExpiredToken", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"InvalidClientTokenId", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"UnrecognizedClient", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"SignatureDoesNotMatch", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"GatedRepoError", NAME, BF_CAUSE_ACCESS_DENIED},
    {"403 Client Error", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"401 Client Error", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"HTTP Error 403", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"HTTP Error 401", TEXT, BF_CAUSE_ACCESS_DENIED},
    {"AuthorizationException", NAME, BF_CAUSE_ACCESS_DENIED},
    {"kms:Decrypt", TEXT, BF_CAUSE_ACCESS_DENIED},
    /* dependencies */
    {"ModuleNotFoundError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"ImportModuleError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"ImportError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"DistributionNotFound", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"PackageNotFoundError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"VersionConflict", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"ClassNotFoundException", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"NoClassDefFoundError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"NoSuchMethodError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"UnsatisfiedLinkError", NAME, BF_CAUSE_DEPENDENCY_MISSING},
    {"No module named ", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"cannot open shared object file", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"No matching distribution found", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"Could not find a version that satisfies", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"Could not open requirements file", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"ResolutionImpossible", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"subprocess-exited-with-error", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"Failed building wheel for", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"Failed to build installable wheels", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"metadata-generation-failed", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"Could not install packages due to", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"command not found", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"PackagesNotFoundError", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"pip3 install", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    {"version `GLIBC", TEXT, BF_CAUSE_DEPENDENCY_MISSING},
    /* time */
    {"MaxRuntimeExceeded", BOTH, BF_CAUSE_TIMEOUT},
    {"MaxWaitTimeExceeded", BOTH, BF_CAUSE_TIMEOUT},
    {"exceeded the maximum runtime", TEXT, BF_CAUSE_TIMEOUT},
    {"Task timed out after", TEXT, BF_CAUSE_TIMEOUT},
    {"TimeoutExpired", NAME, BF_CAUSE_TIMEOUT},
    {"TimeoutError", NAME, BF_CAUSE_TIMEOUT},
    {"Timeout", NAME, BF_CAUSE_TIMEOUT},
    {"socket.timeout", NAME, BF_CAUSE_TIMEOUT},
    {"timed out", TEXT, BF_CAUSE_TIMEOUT},
    /* the platform's own */
    {"InternalServerError", BOTH, BF_CAUSE_PLATFORM},
    {"InternalServiceException", BOTH, BF_CAUSE_PLATFORM},
    {"InternalFailure", BOTH, BF_CAUSE_PLATFORM},
    {"ServiceUnavailable", BOTH, BF_CAUSE_PLATFORM},
    {"We encountered an internal error", TEXT, BF_CAUSE_PLATFORM},
    {"(InternalError) when calling", TEXT, BF_CAUSE_PLATFORM},
    {"(500) when calling", TEXT, BF_CAUSE_PLATFORM},
    {"(503) when calling", TEXT, BF_CAUSE_PLATFORM},
    {"CannotStartContainerError", TEXT, BF_CAUSE_PLATFORM},
    {"NodeFailure", TEXT, BF_CAUSE_PLATFORM},
    {"uncorrectable ECC error", TEXT, BF_CAUSE_PLATFORM},
    {"GPU has fallen off the bus", TEXT, BF_CAUSE_PLATFORM},
    /* ended from outside */
    {"KeyboardInterrupt", NAME, BF_CAUSE_KILLED},
    {"SIGTERM", TEXT, BF_CAUSE_KILLED},
    {"Spot interruption", TEXT, BF_CAUSE_KILLED},
    {"SpotInterruption", TEXT, BF_CAUSE_KILLED},
    {"SIGSEGV", TEXT, BF_CAUSE_SIGNAL},
    {"SIGABRT", TEXT, BF_CAUSE_SIGNAL},
    {"SIGBUS", TEXT, BF_CAUSE_SIGNAL},
    {"SIGFPE", TEXT, BF_CAUSE_SIGNAL},
    {"SIGILL", TEXT, BF_CAUSE_SIGNAL},
    {"Segmentation fault", TEXT, BF_CAUSE_SIGNAL},
    /* data */
    {"pandas.errors.", NAME, BF_CAUSE_DATA_ERROR},
    {"ParserError", NAME, BF_CAUSE_DATA_ERROR},
    {"JSONDecodeError", NAME, BF_CAUSE_DATA_ERROR},
    {"UnicodeDecodeError", NAME, BF_CAUSE_DATA_ERROR},
    {"FileNotFoundError", NAME, BF_CAUSE_DATA_ERROR},
    {"FileNotFoundException", NAME, BF_CAUSE_DATA_ERROR},
    {"NumberFormatException", NAME, BF_CAUSE_DATA_ERROR},
    {"DateTimeParseException", NAME, BF_CAUSE_DATA_ERROR},
    {"JsonParseException", NAME, BF_CAUSE_DATA_ERROR},
    {"MalformedInputException", NAME, BF_CAUSE_DATA_ERROR},
    {"pyarrow.lib.Arrow", NAME, BF_CAUSE_DATA_ERROR},
    {"ArrowInvalid", NAME, BF_CAUSE_DATA_ERROR},
    {"_csv.Error", NAME, BF_CAUSE_DATA_ERROR},
    {"pandera.errors.", NAME, BF_CAUSE_DATA_ERROR},
    {"SchemaError", NAME, BF_CAUSE_DATA_ERROR},
    {"BadZipFile", NAME, BF_CAUSE_DATA_ERROR},
    {"BadGzipFile", NAME, BF_CAUSE_DATA_ERROR},
    {"tarfile.ReadError", NAME, BF_CAUSE_DATA_ERROR},
    {"UnidentifiedImageError", NAME, BF_CAUSE_DATA_ERROR},
    {"ParseError", NAME, BF_CAUSE_DATA_ERROR},
    {"lxml.etree.XMLSyntaxError", NAME, BF_CAUSE_DATA_ERROR},
    {"DataError", NAME, BF_CAUSE_DATA_ERROR},
    {"DataLossError", NAME, BF_CAUSE_DATA_ERROR},
    {"Input contains NaN", TEXT, BF_CAUSE_DATA_ERROR},
    {"contains NaN", TEXT, BF_CAUSE_DATA_ERROR},
    {"Input contains infinity", TEXT, BF_CAUSE_DATA_ERROR},
    {"Found array with 0 sample(s)", TEXT, BF_CAUSE_DATA_ERROR},
    {"Found input variables with inconsistent numbers of samples", TEXT, BF_CAUSE_DATA_ERROR},
    {"could not convert string to float", TEXT, BF_CAUSE_DATA_ERROR},
    {"Parquet magic bytes not found", TEXT, BF_CAUSE_DATA_ERROR},
    {"Not a gzipped file", TEXT, BF_CAUSE_DATA_ERROR},
    {"not in index", TEXT, BF_CAUSE_DATA_ERROR},
    {"Usecols do not match columns", TEXT, BF_CAUSE_DATA_ERROR},
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

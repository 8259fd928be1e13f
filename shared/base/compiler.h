#ifndef BF_BASE_COMPILER_H
#define BF_BASE_COMPILER_H

#define BF_NODISCARD       __attribute__((warn_unused_result))
#define BF_NORETURN        __attribute__((noreturn))
#define BF_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#define BF_NONNULL_RETURN  __attribute__((returns_nonnull))
#define BF_COUNTOF(a)      (sizeof(a) / sizeof((a)[0]))

#endif /* BF_BASE_COMPILER_H */

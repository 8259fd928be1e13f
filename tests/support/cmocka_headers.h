#ifndef TEST_CMOCKA_HEADERS_H
#define TEST_CMOCKA_HEADERS_H

/* cmocka.h wants these four before it: */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#endif /* TEST_CMOCKA_HEADERS_H */

// tests/unit/test.h: cmocka, after the headers that must precede it (a formatter must not sort these).
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#endif

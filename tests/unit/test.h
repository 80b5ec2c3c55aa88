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

#include <stdbool.h>
#include <stdlib.h>

/** Runs the test in an emulator of another processor? Its times say nothing then (debian/rules of contrib/debian). */
static inline bool test_is_emulated(void)
{
    const char *emulator = getenv("AMP_EMULATOR");

    return emulator != NULL && emulator[0] != '\0';
}

#endif

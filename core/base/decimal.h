// core/base/decimal.h: numbers in decimal without printf(), for what is written for each message or connection, in a
// handler of signals, or after fork().
// Thread: any; pure.
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_DIGITS 20 // of UINT64_MAX

/** Writes the digits of a number, without NUL. @param out  has room for them: DECIMAL_DIGITS at most
 *  @return the position behind the last digit */
static inline char *decimal_write(char *out, uint64_t number)
{
    char reversed[DECIMAL_DIGITS];
    size_t count = 0;

    do
        reversed[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0)
        *out++ = reversed[--count];
    return out;
}

#endif

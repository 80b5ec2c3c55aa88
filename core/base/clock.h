// core/base/clock.h: monotonic and wall clock. Thread: any.
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/** Milliseconds of CLOCK_MONOTONIC: for deadlines; setting the system's clock does not affect it. */
uint64_t clock_ms(void);
/** The same in microseconds: for measuring. */
uint64_t clock_us(void);
/** Seconds and microseconds of the wall clock, for `Timestamp:` headers, the log, and ends of certificates only. */
void clock_wall(int64_t *seconds, int32_t *microseconds);

#endif

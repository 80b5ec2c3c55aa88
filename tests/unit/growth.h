// tests/unit/growth.h: work that grows no faster than its input. A time that is compared with a limit depends on the
// machine, and on what else runs there; one that is compared with another time of the same run does not.
#ifndef UNIT_GROWTH_H
#define UNIT_GROWTH_H

#include "unit/test.h"

#include <inttypes.h>
#include <time.h>

#define GROWTH_LEAST_TRIES 3 // the first one finds heap and caches empty
#define GROWTH_MOST_TRIES 20
#define GROWTH_FACTOR 40

/** Does the work once. @return the processor time that this thread took for it, in nanoseconds */
static inline uint64_t growth_time(void (*work)(const void *input), const void *input)
{
    struct timespec begin, end;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    work(input);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + (uint64_t)end.tv_nsec - (uint64_t)begin.tv_nsec;
}

/** Asserts that `work` takes less than 40 times as long for ten times the input: 10 times is linear, 100 quadratic.
 *  Both are tried in turn, and the least time of each counts, as other programs can only make one longer (they spoil
 *  the caches). Tries end as soon as the assertion holds, but not before the third.
 *  @param work  borrows the input, must leave it as it was, and may assert what becomes of it
 *  @param large  ten times as much as `small` of the same */
static inline void assert_linear(void (*work)(const void *input), const void *small, const void *large)
{
    uint64_t least_small = UINT64_MAX, least_large = UINT64_MAX;

    for (int tries = 0; tries < GROWTH_MOST_TRIES; tries++) {
        uint64_t time_small = growth_time(work, small), time_large = growth_time(work, large);
        least_small = time_small < least_small ? time_small : least_small;
        least_large = time_large < least_large ? time_large : least_large;
        if (tries + 1 >= GROWTH_LEAST_TRIES && least_large / GROWTH_FACTOR < least_small)
            return;
    }
    fail_msg("%" PRIu64 " ns, but %" PRIu64 " ns for ten times the input", least_small, least_large);
}

#endif

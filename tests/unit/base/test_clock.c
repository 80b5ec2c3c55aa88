// tests/unit/base/test_clock.c: the clocks go forward and agree with the system's.
#include "base/clock.h"
#include "unit/test.h"

#include <time.h>

static void monotonic_never_goes_back(void **state)
{
    (void)state;
    uint64_t last = clock_ms();
    for (int i = 0; i < 10000; i++) {
        uint64_t now = clock_ms();
        assert_true(now >= last);
        last = now;
    }
}

static void monotonic_counts_milliseconds(void **state)
{
    (void)state;
    uint64_t start = clock_ms();
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_true(clock_ms() - start >= 19);
}

static void wall_is_the_time_of_day(void **state)
{
    (void)state;
    int64_t seconds = 0;
    int32_t microseconds = -1;
    clock_wall(&seconds, &microseconds);
    assert_in_range(microseconds, 0, 999999);
    assert_true(seconds <= time(NULL) && seconds > time(NULL) - 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_never_goes_back),
        cmocka_unit_test(monotonic_counts_milliseconds),
        cmocka_unit_test(wall_is_the_time_of_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// tests/unit/script/limits_test.h: scripts that are malicious, or loop by mistake.
#ifndef UNIT_LIMITS_TEST_H
#define UNIT_LIMITS_TEST_H

#include "unit/script/script_test.h"

#define EVENT "Event: Test\r\nChannel: SIP/100-1\r\n\r\n"
#define LIMIT_MS 20

static struct script_watchdog *watchdog;

/** Skips the test under the thread sanitizer, which delays signals while Lua runs: nothing would be stopped. */
static inline void needs_time_limit(void)
{
#if defined(__SANITIZE_THREAD__)
    skip();
#endif
}

#endif

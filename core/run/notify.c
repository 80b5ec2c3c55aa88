// core/run/notify.c: see notify.h.
#include "run/notify.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef AMP_WITH_SYSTEMD
#include <systemd/sd-daemon.h>
#include <time.h>

static bool silent; // another process is the service now

static bool tell(const char *text, const int *fds, unsigned count)
{
    int result = silent ? 0 : sd_pid_notify_with_fds(0, 0, text, fds, count);

    if (result < 0)
        log_debug(NULL, "service manager not told reason=\"%s\"", strerror(-result));
    return result > 0;
}

static uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t notify_watchdog_us(void)
{
    uint64_t period_us;

    return sd_watchdog_enabled(0, &period_us) > 0 ? period_us : 0;
}

static void fall_silent(void)
{
    silent = true;
}
#else
static bool tell(const char *text, const int *fds, unsigned count)
{
    (void)text;
    (void)fds;
    (void)count;
    return false;
}

static uint64_t monotonic_us(void)
{
    return 0;
}

uint64_t notify_watchdog_us(void)
{
    return 0;
}

static void fall_silent(void)
{
}
#endif

void notify_ready(const char *status)
{
    char text[256];

    snprintf(text, sizeof text, "READY=1\nMAINPID=%ld\nSTATUS=%.150s", (long)getpid(), status);
    tell(text, NULL, 0);
}

void notify_reloading(void)
{
    char text[96];

    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading", monotonic_us());
    tell(text, NULL, 0);
}

void notify_stopping(const char *status)
{
    char text[256];

    snprintf(text, sizeof text, "STOPPING=1\nSTATUS=%.150s", status);
    tell(text, NULL, 0);
}

void notify_successor(pid_t pid)
{
    char text[64];

    snprintf(text, sizeof text, "MAINPID=%ld", (long)pid);
    tell(text, NULL, 0);
    fall_silent();
}

void notify_alive(void)
{
    tell("WATCHDOG=1", NULL, 0);
}

bool notify_store(int fd, const char *name)
{
    char text[320];

    snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%.255s", name);
    return tell(text, &fd, 1);
}

void notify_forget(const char *name)
{
    char text[320];

    snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%.255s", name);
    tell(text, NULL, 0);
}

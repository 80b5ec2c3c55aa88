// core/run/notify.c: see notify.h.
#include "run/notify.h"

#include "base/log.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 1000 // how long a service manager that does not read may delay us

#ifdef AMP_WITH_SYSTEMD
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>

// Global: a process has one service manager. True after another process has become the service; written by the hub's
// thread.
static bool silent;

/** Does the service manager's socket accept another message, now or within `wait_ms`? Its queue is short (10 messages
 *  by default), and sd_notify() waits for room without a limit. If this cannot be found out, the answer is yes, and
 *  sd_notify() reports the error. */
static bool has_room(int wait_ms)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path != NULL ? strlen(path) : 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (length < 2 || length > sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return true;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return true;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') // an abstract name
        address.sun_path[0] = '\0';
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    bool room =
        connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0 ||
        poll(&writable, 1, wait_ms) != 0;
    close(fd);
    return room;
}

/** @param wait_ms  the longest time that a manager that does not read may delay the hub */
static bool tell_within(int wait_ms, const char *text, const int *fds, unsigned count)
{
    if (silent)
        return false;
    if (!has_room(wait_ms)) {
        LOG_AT(wait_ms > 0 ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, NULL,
               "service manager not told reason=\"it does not read\"");
        return false;
    }
    int result = sd_pid_notify_with_fds(0, 0, text, fds, count);
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
static bool tell_within(int wait_ms, const char *text, const int *fds, unsigned count)
{
    (void)wait_ms;
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

/** Sends a message that is sent once only: it may wait a moment for room. */
static bool notify_tell(const char *text, const int *fds, unsigned count)
{
    return tell_within(WAIT_MS, text, fds, count);
}

void notify_ready(const char *status)
{
    char text[256];

    snprintf(text, sizeof text, "READY=1\nMAINPID=%ld\nSTATUS=%.150s", (long)getpid(), status);
    notify_tell(text, NULL, 0);
}

void notify_reloading(void)
{
    char text[96];

    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reloading", monotonic_us());
    notify_tell(text, NULL, 0);
}

void notify_stopping(const char *status)
{
    char text[256];

    snprintf(text, sizeof text, "STOPPING=1\nSTATUS=%.150s", status);
    notify_tell(text, NULL, 0);
}

void notify_new_process(pid_t pid)
{
    char text[64];

    snprintf(text, sizeof text, "MAINPID=%ld", (long)pid);
    notify_tell(text, NULL, 0);
    fall_silent();
}

void notify_alive(void)
{
    tell_within(0, "WATCHDOG=1", NULL, 0); // the next message follows soon
}

bool notify_store(int fd, const char *name)
{
    char text[320];

    snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%.255s", name);
    return notify_tell(text, &fd, 1);
}

void notify_forget(const char *name)
{
    char text[320];

    snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%.255s", name);
    notify_tell(text, NULL, 0);
}

// core/run/notify.h: what the service manager is told, by the protocol of sd_notify(3). Built without libsystemd, or
// started by nobody who listens (no NOTIFY_SOCKET), nothing happens.  Thread: the hub's.
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** The program serves: READY=1, MAINPID and STATUS. Also ends notify_reloading(). */
void notify_ready(const char *status);
/** A reload begins: RELOADING=1 with MONOTONIC_USEC. */
void notify_reloading(void);
/** The end begins: STOPPING=1. */
void notify_stopping(const char *status);
/** Another process goes on as the service: MAINPID. Afterwards nothing is told any more by this one. */
void notify_successor(pid_t pid);
/** Hub and workers turn: WATCHDOG=1. */
void notify_alive(void);
/** How often notify_alive() is waited for, in microseconds: WatchdogSec of the unit. 0: it is not. */
uint64_t notify_watchdog_us(void);
/** Has the service manager keep a listening socket over a restart: FDSTORE=1 with FDNAME. @return false: it does not */
bool notify_store(int fd, const char *name);
/** … and no longer. */
void notify_forget(const char *name);

#endif

// core/run/notify.h: notifies the service manager, by the protocol of sd_notify(3). Without libsystemd, or without a
// NOTIFY_SOCKET, nothing happens. A manager that does not read is waited for a second at most, then the message is
// given up and the log says so.  Thread: the hub's.
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** The program serves: READY=1, MAINPID and STATUS. Also ends notify_reloading(). */
void notify_ready(const char *status);
/** A reload begins: RELOADING=1 with MONOTONIC_USEC. */
void notify_reloading(void);
/** A drain begins: STOPPING=1. */
void notify_stopping(const char *status);
/** Another process takes over the service: MAINPID. Afterwards this process sends no notifications. */
void notify_new_process(pid_t pid);
/** The loops of hub and workers respond: WATCHDOG=1. */
void notify_alive(void);
/** The interval in which the service manager expects notify_alive(), in microseconds: WatchdogSec of the unit. 0: there
 *  is no watchdog. */
uint64_t notify_watchdog_us(void);
/** Asks the service manager to keep a listening socket across a restart: FDSTORE=1 with FDNAME. @return false: it does
 *  not */
bool notify_store(int fd, const char *name);
/** Asks the service manager to drop a socket that it keeps: FDSTOREREMOVE=1. */
void notify_forget(const char *name);

#endif

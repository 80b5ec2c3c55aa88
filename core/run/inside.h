// core/run/inside.h: the inside of `struct service`, for the files of this room only.  Thread: the hub's.
#ifndef RUN_INSIDE_H
#define RUN_INSIDE_H

#include "hub/hub.h"
#include "run/service.h"

#include <stdbool.h>
#include <stdint.h>

struct event;
struct loader;
struct reload;
struct takeover;
struct watchdog;

/** The orderly end comes in steps; each has a limit, so that nobody can hold it up. drain.c is its only writer. */
enum drain_state {
    DRAIN_NONE,    // the proxy serves
    DRAIN_ANSWERS, // answers to the actions in flight are waited for
    DRAIN_CLIENTS, // these were given up; clients are told and closed
    DRAIN_SERVERS  // servers are logged off
};

struct drain {
    enum drain_state state;
    struct event *tick;                                   // while the end goes on, NULL before
    uint64_t answers_by_ms, clients_by_ms, servers_by_ms; // limits of the steps, clock_ms()
    size_t drained_workers;                               // whose last session is gone
};

/** Why the loop ended; decides on the exit code. */
enum service_end { SERVICE_ENDED, SERVICE_KILLED, SERVICE_FAILED };

struct service {
    struct hub *hub;
    struct config *started;    // the configuration of the start: what needs a restart is as it says. One reference
    bool log_is_fixed;         // by an option: a reload leaves target and level
    struct takeover *takeover; // lent
    struct loader *loader;
    struct reload *reload;     // the one that is under way, NULL: none
    struct watchdog *watchdog; // NULL: nobody waits for signs of life
    struct event *term, *interrupt, *hangup, *upgrade;
    struct event *await;     // as a successor: until the servers are there; NULL: not waiting
    uint64_t await_until_ms; // clock_ms()
    struct drain drain;
    bool handed_over; // another process goes on with the service
    enum service_end end;
};

#endif

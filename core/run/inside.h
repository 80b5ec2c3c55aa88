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

/** A drain has steps; each has a time limit, so that no client or server can block it. drain.c is the only writer. */
enum drain_state {
    DRAIN_NONE,    // the proxy serves
    DRAIN_ANSWERS, // waits for answers to the actions in flight
    DRAIN_CLIENTS, // gives up these actions; informs and closes clients
    DRAIN_SERVERS  // logs off from the servers
};

struct drain {
    enum drain_state state;
    struct event *tick;                                   // while draining, NULL before
    uint64_t answers_by_ms, clients_by_ms, servers_by_ms; // limits of the steps, clock_ms()
    size_t drained_workers;                               // workers without sessions
    bool exports_end;                                     // exports get no more events
};

/** Why the loop ended; decides on the exit code. */
enum service_end { SERVICE_ENDED, SERVICE_KILLED, SERVICE_FAILED };

struct service {
    struct hub *hub;
    struct config *started;    // the configuration of the start, for settings that need a restart. One reference
    bool log_is_fixed;         // by an option: a reload keeps target and level
    struct takeover *takeover; // lent
    struct loader *loader;
    struct reload *reload;     // the one in progress, NULL: none
    struct watchdog *watchdog; // NULL: the service manager has no watchdog for us
    struct event *term, *interrupt, *hangup, *upgrade;
    struct event *await;     // a new process waits for its servers with this timer; NULL: it does not wait
    uint64_t await_until_ms; // clock_ms()
    bool wants_past;         // it is to have the kept feeds of the earlier process
    bool asked_for_past;     // and has asked for them
    struct drain drain;
    bool handed_over; // another process has taken over
    enum service_end end;
};

#endif

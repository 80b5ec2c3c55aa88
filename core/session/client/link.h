// core/session/client/link.h: what a worker provides for its sessions. The sessions know nothing of servers: asks go to
// the hub through the link.  Thread: the worker's, for all functions.
#ifndef SESSION_CLIENT_LINK_H
#define SESSION_CLIENT_LINK_H

#include "auth/failures.h"
#include "base/metrics.h"
#include "config/config.h"
#include "letters/letters.h"
#include "plugin/registry.h"
#include "session/directory.h"

struct check;
struct revocations;
struct kept_shared;
struct script_shared;
struct script_watchdog;
struct session;
struct session_keys;
struct session_request;

/** What the worker provides. */
struct sessions_link {
    /** Sends an ask to the hub. Takes one reference. */
    void (*ask)(void *context, struct ask *ask);
    /** Tells the number of sessions, and of those that receive all answers (`autofilter: off`), when one changes. */
    void (*changed)(void *context, size_t sessions, size_t promiscuous);
    /** Says whether anything here needs events (struct audience), when that changes. If a login changes it, this comes
     *  before the answer to the login. */
    void (*audience)(void *context, bool present);
    /** After sessions_drain(): the last session has ended. */
    void (*drained)(void *context);
    void *context;
    /** Sends a session (taken) to another worker, which gives it to move_arrive(). */
    void (*move)(void *context, uint32_t worker, struct session *session);
    /** Sends a command to the hub (taken). It comes back through sessions_command_done(). */
    void (*command)(void *context, struct command *command);
    /** Sends a secret to be checked (taken). It comes back through sessions_checked(). */
    void (*verify)(void *context, struct check *check);
    /** Sends a request or its answer (taken) to the worker of the receiver, which gives it to sessions_take_request().
     */
    void (*request)(void *context, struct session_request *request);
    /** Sends messages of an export to the hub (taken). They come back through sessions_take_shipment(). */
    void (*shipment)(void *context, struct shipment *shipment);
    /** Ends the session with that number if it has not logged in, because another session has got its place. */
    void (*displace)(void *context, uint64_t id);
    // shared by all workers; lent, outlive the sessions:
    struct failures *failures;
    struct revocations *revocations;
    struct directory *directory;
    struct session_limits *limits;
    struct kept_shared *kept;
    struct session_keys *keys;
    struct script_watchdog *watchdog;
    struct script_shared *shared;
    struct metrics *metrics;
    /** Writes the report `name` about the whole program (amp_session_report() of astmanproxy/plugin.h). */
    enum amp_report (*report)(void *reporter, const char *name, bool with_pbx,
                              void (*write)(void *context, const char *bytes, size_t length), void *context);
    void *reporter;
};

#endif

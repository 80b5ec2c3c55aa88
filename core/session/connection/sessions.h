// core/session/connection/sessions.h: all client sessions of one worker, their feeds, and what comes from the hub for
// them. Knows nothing of servers: asks go out through the link, batches come in.  Thread: the worker's, all of it.
#ifndef SESSION_CONNECTION_SESSIONS_H
#define SESSION_CONNECTION_SESSIONS_H

#include "auth/failures.h"
#include "base/metrics.h"
#include "config/config.h"
#include "letters/letters.h"
#include "plugin/registry.h"
#include "session/directory.h"

struct check;
struct event_base;
struct script_shared;
struct script_watchdog;
struct scripts;
struct sessions;

/** What the worker gives. */
struct sessions_link {
    /** Sends an ask to the hub; takes the reference that was made for it. */
    void (*ask)(void *context, struct ask *ask);
    /** The number of sessions, or of those that want everybody's answers (autofilter off), has changed. */
    void (*changed)(void *context, size_t sessions, size_t promiscuous);
    /** After sessions_drain(): the last session is gone. */
    void (*drained)(void *context);
    void *context;
    /** Sends a command to the hub (taken); it comes back by sessions_command_done(). */
    void (*command)(void *context, struct command *command);
    /** Sends a secret to be checked (taken); it comes back by sessions_checked(). */
    void (*verify)(void *context, struct check *check);
    struct failures *failures;        // of all workers; lent, outlives the sessions
    struct directory *directory;      // the same
    struct session_limits *limits;    // the same
    struct script_watchdog *watchdog; // the same
    struct script_shared *shared;     // the same
    struct metrics *metrics;          // the same
    /** The report `name` on the whole program (astmanproxy/plugin.h: amp_session_report). */
    enum amp_report (*report)(void *reporter, const char *name,
                              void (*write)(void *context, const char *bytes, size_t length), void *context);
    void *reporter;
};

/** Without scripts until sessions_reconfigure().
 *  @param worker  this worker's index, as it stands in asks
 *  @param config  one reference is taken
 *  @param registry  lent, outlives the sessions */
struct sessions *sessions_create(struct event_base *base, uint32_t worker, struct config *config,
                                 const struct registry *registry, const struct sessions_link *link);
/** Closes what is left and frees. */
void sessions_destroy(struct sessions *sessions);
/** A new client. Takes the descriptor; the letter stays the caller's. */
void sessions_accept(struct sessions *sessions, const struct accepted *accepted);
/** Puts the entries of a batch (lent) into feeds and answers. Call sessions_flush() after the last one. */
void sessions_deliver(struct sessions *sessions, const struct batch *batch);
/** Writes what was delivered to whoever has room, and ends sessions that are over. */
void sessions_flush(struct sessions *sessions);
/** After all letters of a turn: what scripts do in between. */
void sessions_rest(struct sessions *sessions);
/** The servers' state has changed. Takes `state`. */
void sessions_set_state(struct sessions *sessions, struct servers_state *state);
/** A command is done. The letter stays the caller's. */
void sessions_command_done(struct sessions *sessions, const struct command *command);
/** A secret was checked. The letter stays the caller's. */
void sessions_checked(struct sessions *sessions, const struct check *check);
/** Loads the scripts of `config` for these sessions and changes nothing. Thread: any. @return NULL with `err` */
struct scripts *sessions_prepare(struct sessions *sessions, const struct config *config, struct error *err);
/** Changes over to `config` (one reference is taken) and its scripts (taken). Sessions stay: each has the rights and
 *  filters that its user has now; one whose user is gone ends. */
void sessions_reconfigure(struct sessions *sessions, struct config *config, struct scripts *scripts);
/** Ends the session of that number without a word, if it is one of these. @param idle  only one that has not logged in,
 *  nor is about to */
void sessions_close_session(struct sessions *sessions, uint64_t id, bool idle);
/** The proxy goes down: new actions are answered by an Error. Each client whose actions are answered is told (`Event:
 *  ProxyShutdown`, if it hears of such events, and `ProxyMessage: Proxy Shutting Down`) and closed once that was
 * written: a thousand a second, or as fast as it takes to have told all by `close_by_ms`. `drained` follows. */
void sessions_drain(struct sessions *sessions, uint64_t close_by_ms);

#endif

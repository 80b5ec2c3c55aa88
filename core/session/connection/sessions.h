// core/session/connection/sessions.h: all client sessions of one worker, as the worker sees them: what other rooms call
// of this one.  Thread: the worker's, for all functions.
#ifndef SESSION_CONNECTION_SESSIONS_H
#define SESSION_CONNECTION_SESSIONS_H

#include "session/client/link.h"

struct calls;
struct event_base;
struct scripts;
struct sessions;

/** Makes the set of a worker's sessions. It has no scripts until sessions_reconfigure().
 *  @param worker  this worker's index, as in asks
 *  @param config  one reference is taken
 *  @param registry  lent, outlives the sessions */
struct sessions *sessions_create(struct event_base *base, uint32_t worker, struct config *config,
                                 const struct registry *registry, const struct sessions_link *link);
/** Ends the sessions that are left, and frees everything. */
void sessions_destroy(struct sessions *sessions);
/** Opens a session for a new client. Takes the descriptor; the letter stays the caller's. */
void sessions_accept(struct sessions *sessions, const struct accepted *accepted);
/** Writes what was delivered to the clients that can take it, and frees sessions that have ended. */
void sessions_flush(struct sessions *sessions);
/** Called after all letters of a turn: runs the scripts' periodic work. */
void sessions_rest(struct sessions *sessions);
/** Sets the new state of the servers. Takes `state`. */
void sessions_set_state(struct sessions *sessions, struct servers_state *state);
/** Called when a command is done. The letter stays the caller's. */
void sessions_command_done(struct sessions *sessions, struct command *command);
/** Handles a request (taken) to one of these sessions, or the answer to a request of one of them. */
void sessions_take_request(struct sessions *sessions, struct session_request *request);
/** After sessions_drain(): exports get no more events, and end when what waits is posted. */
void sessions_end_exports(struct sessions *sessions);
/** Handles messages of an export that the hub has published, or not. The letter stays the caller's. */
void sessions_take_shipment(struct sessions *sessions, const struct shipment *shipment);
/** Called when a secret was checked. The letter stays the caller's. */
void sessions_checked(struct sessions *sessions, const struct check *check);
/** Loads the scripts of `config` for these sessions, without using them yet. Thread: any. @return NULL: `err` is set */
struct scripts *sessions_prepare(struct sessions *sessions, const struct config *config, struct error *err);
/** Changes over to `config` (one reference is taken) and its scripts (taken). Sessions stay, with the rights and
 *  filters that their users have in `config`; a session whose user was removed ends. */
void sessions_reconfigure(struct sessions *sessions, struct config *config, struct scripts *scripts);
/** Returns the rules of calls that sessions_reconfigure() has replaced. The caller frees them by calls_destroy(), on
 *  any thread: with many users that takes long. NULL: there are none. */
struct calls *sessions_take_replaced(struct sessions *sessions);
/** Ends the session with that number, if it belongs to this worker, without a message to its client.
 *  @param idle  only if it has not logged in and no secret of it is being checked */
void sessions_close_session(struct sessions *sessions, uint64_t id, bool idle);
/** Ends the sessions whose tokens have ended or were revoked. Call it every second. */
void sessions_check_tokens(struct sessions *sessions);
/** Ends all sessions in order because the proxy goes down. New actions are answered by an Error. Each client whose
 *  actions are answered is sent `Event: ProxyShutdown` (if its event mask includes it) and `ProxyMessage: Proxy
 *  Shutting Down`, and is then closed: a thousand clients per second, or more if all could not be told by `close_by_ms`
 *  otherwise. The link's drained() follows. */
void sessions_drain(struct sessions *sessions, uint64_t close_by_ms);

#endif

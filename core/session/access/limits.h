// core/session/access/limits.h: counts sessions: all, those of one address, of one user, and those without a login.
// The number of connections without a login is limited, in all and for each address. When a limit is reached, a new
// connection replaces an idle one: the oldest of the address that has the most. If none is idle, the new one waits.
// Thread: any; one lock, which is taken only when a session opens, logs in or out, or ends.
#ifndef SESSION_ACCESS_LIMITS_H
#define SESSION_ACCESS_LIMITS_H

#include "config/config.h"

#define SESSION_LIMITS_CONTROL 32    // connections of the control socket at once
#define SESSION_LIMITS_GRACE_MS 1000 // a connection counts as busy for so long after it was opened

struct session_limits;

enum session_limits_answer {
    SESSION_LIMITS_ENTERED, // counted until session_limits_leave()
    SESSION_LIMITS_WAIT,    // not counted; there may be room soon
    SESSION_LIMITS_REFUSED  // not counted; there is no room
};

/** Details of the answer. */
struct session_limits_place {
    uint64_t displaced; // SESSION_LIMITS_ENTERED: the session that the caller must end, not counted any more; 0: none
    const char *reason; // SESSION_LIMITS_WAIT, SESSION_LIMITS_REFUSED: which limit is reached
};

/** Makes the counts, all 0. */
struct session_limits *session_limits_create(void);
/** Frees the counts. `limits` may be NULL. */
void session_limits_destroy(struct session_limits *limits);
/** Returns a session number that no other session of this process has. */
uint64_t session_limits_next_id(struct session_limits *limits);
/** Counts a new connection, if there is room.
 *  @param id  number of its session, not 0
 *  @param address  as printed, "192.0.2.7:5038"; all addresses of one IPv6 network (/64) count as one. NULL: a
 *                  balancer's, to which the limits of one address do not apply */
enum session_limits_answer session_limits_enter(struct session_limits *limits, uint64_t id, const char *address,
                                                const struct config *config, uint64_t now_ms,
                                                struct session_limits_place *place);
/** Counts a connection of the control socket, which no limit keeps out. When there are SESSION_LIMITS_CONTROL of them,
 *  the oldest makes room, so that connections that are never closed keep nobody out.
 *  @return the session that the caller must end, not counted any more; 0: none */
uint64_t session_limits_enter_control(struct session_limits *limits, uint64_t id);
/** Counts a session for another address from now on, if that has room. It cannot wait.
 *  @param address  as for session_limits_enter() */
enum session_limits_answer session_limits_move(struct session_limits *limits, uint64_t id, const char *address,
                                               const struct config *config, uint64_t now_ms,
                                               struct session_limits_place *place);
/** Stops to count a session, as it ends. */
void session_limits_leave(struct session_limits *limits, uint64_t id);
/** Counts a login. @param user  NULL: the session has none
 *  @return the user's name, lent until session_limits_log_out(); NULL: none */
const char *session_limits_log_in(struct session_limits *limits, uint64_t id, const char *user);
/** Counts the end of a login. @param user  as in session_limits_log_in() */
void session_limits_log_out(struct session_limits *limits, uint64_t id, const char *user, uint64_t now_ms);
/** Sets whether a secret of the session is being checked. Such a session is not idle. */
void session_limits_set_busy(struct session_limits *limits, uint64_t id, bool busy);
/** Has the user as many sessions as allowed? @param limit  0: any number */
bool session_limits_is_full(struct session_limits *limits, const char *user, uint64_t limit);

#endif

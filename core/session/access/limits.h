// core/session/access/limits.h: how many are here: in all, of one address, without a login, of one user.
// Connections without a login are held short: in all and for each address. Where there are too many, a newcomer takes
// the place of one that has been idle: the oldest one of the address that has most. Where all are busy it waits.
// Thread: any; one lock, taken only when a session comes, logs in or out, or goes.
#ifndef SESSION_ACCESS_LIMITS_H
#define SESSION_ACCESS_LIMITS_H

#include "config/config.h"

#define CROWD_GRACE_MS 1000 // a connection is not idle before it has had that long to log in

struct session_limits;

enum session_limits_answer {
    CROWD_COMES,  // counted until session_limits_leave()
    CROWD_WAITS,  // there may be room soon; it was not counted
    CROWD_REFUSED // there is no room; it was not counted
};

struct session_limits_place {
    uint64_t displaced; // CROWD_COMES: the session that is to go for it, 0: none. It counts as gone already
    const char *reason; // CROWD_WAITS, CROWD_REFUSED: why there is no room
};

struct session_limits *session_limits_create(void);
void session_limits_destroy(struct session_limits *limits);
/** A connection has come. @param id  of its session, not 0  @param address  as printed, "192.0.2.7:5038"; of an IPv6
 *  address the network (/64) counts */
enum session_limits_answer session_limits_enter(struct session_limits *limits, uint64_t id, const char *address,
                                                const struct config *config, uint64_t now_ms,
                                                struct session_limits_place *place);
void session_limits_leave(struct session_limits *limits, uint64_t id);
/** A session has logged in, or out again. @param user  NULL: it has none */
void session_limits_log_in(struct session_limits *limits, uint64_t id, const char *user);
void session_limits_log_out(struct session_limits *limits, uint64_t id, const char *user, uint64_t now_ms);
/** Its secret is being checked, or no longer: it is not idle meanwhile. */
void session_limits_set_busy(struct session_limits *limits, uint64_t id, bool busy);
/** Has the user as many sessions as he may have? @param limit  0: any number */
bool session_limits_is_full(struct session_limits *limits, const char *user, uint64_t limit);

#endif

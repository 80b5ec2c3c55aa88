// core/session/access/limits.h: how many are here: in all, of one address, without a login, of one user.
// Thread: any; one lock, taken only when a session comes, logs in or out, or goes.
#ifndef SESSION_ACCESS_LIMITS_H
#define SESSION_ACCESS_LIMITS_H

#include "config/config.h"

struct crowd;

struct crowd *crowd_create(void);
void crowd_destroy(struct crowd *crowd);
/** A connection has come. @param address  as printed, "192.0.2.7:5038"; of an IPv6 address the network (/64) counts
 *  @return why there is no room for it, then it was not counted; NULL: counted until crowd_leave() */
const char *crowd_enter(struct crowd *crowd, const char *address, const struct config *config);
void crowd_leave(struct crowd *crowd, const char *address);
/** A session that has logged in, or out again. @param user  NULL: it has none */
void crowd_log_in(struct crowd *crowd, const char *user);
void crowd_log_out(struct crowd *crowd, const char *user);
/** Has the user as many sessions as he may have? @param limit  0: any number */
bool crowd_is_full(struct crowd *crowd, const char *user, uint64_t limit);

#endif

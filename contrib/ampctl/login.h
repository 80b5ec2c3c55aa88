// contrib/ampctl/login.h: Login as a user, by challenge where the secret could be overheard. Thread: main's.
#ifndef AMPCTL_LOGIN_H
#define AMPCTL_LOGIN_H

#include "connection.h"
#include "exit.h"
#include "secret.h"

/** May the proxy have refused the answer to a challenge because it has only a hash of the secret, and could the secret
 *  itself be sent without being overheard? That needs another connection: a failed Login is the last of its own. */
bool login_has_another_way(const struct connection *connection, const struct secret *secret);
/** Logs in, without events. Where others may listen the secret itself is never sent: a challenge is answered
 *  (Asterisk main/manager.c: authenticate), or, if the proxy has only a hash of it, it is refused here.
 *  @param other_way  a challenge was answered in vain: sends the secret, if login_has_another_way()
 *  @return CTL_OK; CTL_REFUSED by the proxy or CTL_LOST, with `err` set */
enum ctl_exit login_as(struct connection *connection, const char *user, const struct secret *secret, bool other_way,
                       uint64_t timeout_ms, struct error *err);

#endif

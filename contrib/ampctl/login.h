// contrib/ampctl/login.h: Login as a user, by challenge where the secret could be overheard. Thread: main's.
#ifndef AMPCTL_LOGIN_H
#define AMPCTL_LOGIN_H

#include "connection.h"
#include "exit.h"
#include "secret.h"

/** After a refused answer to a challenge: may the proxy have only a hash of the secret, and is the connection safe
 *  enough to send the secret itself? This needs another connection, because the proxy closes one after
 *  a failed Login. */
bool login_has_another_way(const struct connection *connection, const struct secret *secret);
/** Logs in, without events. Over a connection that others could read, the secret itself is never sent: a challenge is
 *  answered (Asterisk main/manager.c: authenticate), or, if the proxy has only a hash of it, the login fails here.
 *  @param other_way  sends the secret after a refused answer to a challenge, if login_has_another_way()
 *  @return CTL_OK; CTL_REFUSED by the proxy or CTL_LOST, with `err` set */
enum ctl_exit login_as(struct connection *connection, const char *user, const struct secret *secret, bool other_way,
                       uint64_t timeout_ms, struct error *err);

/** Logs in by the ProxyKey, which is sent only over a connection that others cannot read. @return as login_as() */
enum ctl_exit login_by_key(struct connection *connection, const struct secret *key, uint64_t timeout_ms,
                           struct error *err);

#endif

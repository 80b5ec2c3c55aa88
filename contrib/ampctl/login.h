// contrib/ampctl/login.h: Login as a user, by challenge where the secret could be overheard. Thread: main's.
#ifndef AMPCTL_LOGIN_H
#define AMPCTL_LOGIN_H

#include "connection.h"
#include "exit.h"
#include "secret.h"

/** Logs in, without events. Where others may listen the secret itself is never sent: a challenge is answered
 *  (Asterisk main/manager.c: authenticate), or, if the proxy has only a hash of it, it is refused here.
 *  @return CTL_OK, or CTL_LOST with `err` set */
enum ctl_exit login_as(struct connection *connection, const char *user, const struct secret *secret,
                       uint64_t timeout_ms, struct error *err);

#endif

// core/session/access/address.h: the client's address, where a balancer passes on requests (X-Forwarded-For). Only this
// file changes the address of an open session. Rules, limits, failed logins, log, audit log and scripts all take the
// address from the session.  Thread: the session's worker.
#ifndef SESSION_ACCESS_ADDRESS_H
#define SESSION_ACCESS_ADDRESS_H

#include "session/client/session.h"

/** See amp_session_client() of astmanproxy/plugin.h. @param forwarded  values of X-Forwarded-For; empty: none */
enum amp_client address_name_client(struct session *session, struct span forwarded);

#endif

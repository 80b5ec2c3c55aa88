// core/session/access/address.h: for whom the requests of a balancer's connection are (X-Forwarded-For). The one place
// that changes the address of a session after its opening. Everything that asks where a client comes from asks the
// session: rules, limits, failures, log, audit, scripts.  Thread: the session's worker.
#ifndef SESSION_ACCESS_ADDRESS_H
#define SESSION_ACCESS_ADDRESS_H

#include "session/client/session.h"

/** See amp_session_client() of astmanproxy/plugin.h. @param forwarded  values of X-Forwarded-For; empty: none */
enum amp_client address_name_client(struct session *session, struct span forwarded);

#endif

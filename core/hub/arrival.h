// core/hub/arrival.h: a new connection of a balancer (listen.trust) may begin with a PROXY header, which names the
// client. Its first bytes are awaited; only then is the connection admitted or refused.  Thread: the hub's.
#ifndef HUB_ARRIVAL_H
#define HUB_ARRIVAL_H

#include "hub/inside.h"

/** Returns the client of a connection from `address`, before a header is read. */
struct newcomer newcomer_of(const struct listen_config *listen, const char *address);
/** Awaits the first bytes of a connection, then calls hub_let_in(), or closes it if they are an invalid header.
 *  @param fd  taken */
void arrival_begin(struct listening *listening, int fd, const struct newcomer *who);
/** Admits the connections whose header has come, and closes the others. */
void arrival_settle_all(struct hub *hub);

#endif

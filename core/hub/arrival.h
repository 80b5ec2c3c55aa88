// core/hub/arrival.h: new connections of balancers (listen.trust) whose first bytes are awaited, as they may be a PROXY
// header that says for whom the connection is. Nothing else is decided about them before. Thread: the hub's.
#ifndef HUB_ARRIVAL_H
#define HUB_ARRIVAL_H

#include "hub/inside.h"

/** Says who connects from `address`, as far as that is known without a header. */
struct newcomer newcomer_of(const struct listen_config *listen, const char *address);
/** Awaits the header of a connection, then lets its client in (hub_let_in()), or refuses the connection.
 *  @param fd  taken */
void arrival_begin(struct listening *listening, int fd, const struct newcomer *who);
/** Lets in those whose header has come, and closes the others. */
void arrival_settle_all(struct hub *hub);

#endif

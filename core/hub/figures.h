// core/hub/figures.h: has figures of the servers kept (pbx/) while a listener has `pbx_metrics`: passes events in, and
// asks a server that is up for its channels and queues, once.  Thread: the hub's.
#ifndef HUB_FIGURES_H
#define HUB_FIGURES_H

#include "hub/inside.h"

struct answer_part;

/** Begins or ends to keep figures, as `config` says. Servers that are up are asked. */
void figures_configure(struct hub *hub, const struct config *config);
/** Takes an event into account; asks a server that has come up. Only if hub->pbx is not NULL. @param message  lent */
void figures_see(struct hub *hub, const struct message *message);
/** Takes a part of an answer to such a question. */
void figures_take(struct hub *hub, const struct answer_part *part);

#endif

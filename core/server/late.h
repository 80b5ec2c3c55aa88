// core/server/late.h: the messages that may still come for an exchange whose answer is complete. Thread: the hub's.
#ifndef SERVER_LATE_H
#define SERVER_LATE_H

#include "base/log.h"
#include "base/metrics.h"
#include "server/exchange.h"

/** Sets how many messages may still come after the answer, which is complete now. */
void late_begin(struct exchange *exchange);
/** May this message still be passed on? It has the exchange's ActionID, and no Privilege if it is an event. Counts it
 *  if so. */
bool late_takes(struct exchange *exchange, const struct message *message);
/** Drops a message (taken) that may not be passed on. Counts it, and logs the first one of an exchange. */
void late_drop(struct exchange *exchange, struct message *message, struct metrics_server *metrics,
               const struct log_context *log);

#endif

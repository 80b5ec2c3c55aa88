// core/server/late.h: what may still come for an exchange whose answer is complete. Thread: the hub's.
#ifndef SERVER_LATE_H
#define SERVER_LATE_H

#include "base/log.h"
#include "base/metrics.h"
#include "server/exchange.h"

/** The answer is complete: says how much may come behind it. */
void late_begin(struct exchange *exchange);
/** May this message, which carries the exchange's ActionID (and no Privilege, if it is an event), still be passed on?
 *  Counts it if so. */
bool late_takes(struct exchange *exchange, const struct message *message);
/** Drops a message that may not: counted, and logged once for each exchange. Takes it. */
void late_drop(struct exchange *exchange, struct message *message, struct metrics_server *metrics,
               const struct log_context *log);

#endif

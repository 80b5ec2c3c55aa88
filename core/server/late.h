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
/** Is the answer complete and can no message come after it? Then the exchange need not be kept. */
bool late_is_over(const struct exchange *exchange);
/** Notes that a broadcast event with the exchange's ActionID has come. */
void late_note_raised(struct exchange *exchange);
/** Drops a message (taken) that may not be passed on. Counts it, and logs the first one of an exchange. */
void late_drop(struct exchange *exchange, struct message *message, struct metrics_server *metrics,
               const struct log_context *log);

/** Drops a message (taken) with an ActionID of the proxy whose exchange is not kept any more. Counts it, and logs the
 *  first of several in a row with the same ActionID. */
void late_drop_gone(struct exchanges *exchanges, struct message *message, struct metrics_server *metrics,
                    const struct log_context *log);

#endif

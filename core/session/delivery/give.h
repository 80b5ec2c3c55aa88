// core/session/delivery/give.h: sends a message to one session alone.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_GIVE_H
#define SESSION_DELIVERY_GIVE_H

#include "session/client/session.h"

/** Sends a message (taken) to this session alone: encoded in its format, or passed to its protocol with an amp_delivery
 *  of these values. A session that has ended is given nothing. */
void session_give(struct session *session, struct message *message, enum amp_delivery_kind kind, bool final,
                  enum amp_reason reason);
/** session_give() of an answer that is one message and not an error of the proxy. */
void session_send(struct session *session, struct message *message);

#endif

// core/session/delivery/plain_answer.h: an answer that the asker gets as the server sent it, but for the ActionID.
// Thread: the session's worker.
#ifndef SESSION_DELIVERY_PLAIN_ANSWER_H
#define SESSION_DELIVERY_PLAIN_ANSWER_H

#include "letters/letters.h"
#include "session/client/session.h"

/** Does the session get the messages of this answer as they are, but for the ActionID? */
bool plain_answer_is_for(const struct session *session, const struct ask *ask);
/** Writes the answer's own bytes to the session, with the client's ActionID in place of the proxy's, and makes no copy
 *  of the message.
 *  @return false: nothing was written, because a script, a rule or the session's format must see the message */
bool plain_answer_write(struct session *session, const struct entry *entry, enum amp_delivery_kind kind);

#endif

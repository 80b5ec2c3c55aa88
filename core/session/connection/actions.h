// core/session/connection/actions.h: handles a message of a client: answers it, refuses it, or asks a server.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_ACTIONS_H
#define SESSION_CONNECTION_ACTIONS_H

#include "session/connection/session.h"

/** Handles one message. @return false: it must wait until earlier actions are answered, and nothing was done */
bool actions_dispatch(struct session *session, struct held *held);
/** Judges the session's unanswered actions again, after its rights or rules have changed. What it may not send any more
 *  and still waits for its server is not sent. */
void actions_judge_again(struct session *session);
/** Starts an answer to a proxy action: `ProxyResponse: KIND`, and the ActionID of `request` if it had one. */
void actions_begin_proxy(struct message_builder *answer, const struct message *request, const char *kind);
/** Starts an answer: `Response: KIND`, and the ActionID of `request` if it had one. */
void actions_begin(struct message_builder *answer, const struct message *request, const char *kind);
/** Makes an answer `Response: Error` / `Message: text`. @return one reference */
struct message *actions_error(const struct message *request, const char *text);
/** Answers with actions_error(). */
void actions_refuse(struct session *session, const struct message *request, enum amp_reason reason, const char *text);
/** Answers `Response: KIND` / `Message: text`. */
void actions_answer(struct session *session, const struct message *request, const char *kind, const char *text);

#endif

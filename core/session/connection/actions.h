// core/session/connection/actions.h: what a session does with a message of its client.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_ACTIONS_H
#define SESSION_CONNECTION_ACTIONS_H

#include "session/connection/session.h"

/** Acts upon one message. @return false if it must wait for the answers to earlier ones; then nothing was done */
bool actions_dispatch(struct session *session, struct held *held);
/** Starts an answer to a proxy action: `ProxyResponse: KIND`, and the ActionID. */
void actions_begin_proxy(struct message_builder *answer, const struct message *request, const char *kind);
/** Starts an answer: `Response: KIND`, and the ActionID of `request` if that had one. */
void actions_begin(struct message_builder *answer, const struct message *request, const char *kind);
/** `Response: Error` / `Message: text`; the caller's. */
struct message *actions_error(const struct message *request, const char *text);
/** Answers with actions_error(). */
void actions_refuse(struct session *session, const struct message *request, enum amp_reason reason, const char *text);
/** Answers `Response: KIND` / `Message: text`. */
void actions_answer(struct session *session, const struct message *request, const char *kind, const char *text);

#endif

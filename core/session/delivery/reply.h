// core/session/delivery/reply.h: the proxy's own answers to actions.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_REPLY_H
#define SESSION_DELIVERY_REPLY_H

#include "session/client/session.h"

/** Starts an answer to a proxy action: `ProxyResponse: KIND`, and the ActionID of `request` if it had one. */
void reply_begin_proxy(struct message_builder *answer, const struct message *request, const char *kind);
/** Starts an answer: `Response: KIND`, and the ActionID of `request` if it had one. */
void reply_begin(struct message_builder *answer, const struct message *request, const char *kind);
/** Makes an answer `Response: Error` / `Message: text`. @return one reference */
struct message *reply_error(const struct message *request, const char *text);
/** Answers with reply_error(). */
void reply_refuse(struct session *session, const struct message *request, enum amp_reason reason, const char *text);
/** Answers `Response: KIND` / `Message: text`. */
void reply_text(struct session *session, const struct message *request, const char *kind, const char *text);

#endif

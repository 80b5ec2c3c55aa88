// core/server/answers.h: which action a message from Asterisk answers, and when an answer is complete.
// Thread: the hub's.
#ifndef SERVER_ANSWERS_H
#define SERVER_ANSWERS_H

#include "server/exchange.h"

struct server;

/** Handles a response (taken) from the server `from` to the exchange: one with the exchange's ActionID, or one without
 *  ActionID that can belong to no other exchange. This and the two functions below free an exchange that is answered
 *  and for which nothing can come late. */
void answers_response(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from);
/** Does the same for an event (taken). */
void answers_event(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from);
/** Handles an event (taken) of another node that an action of this one has raised, and that all sessions may see. */
void answers_raised(struct servers *servers, struct exchange *exchange, struct message *message);
/** Handles a part (its message is taken) of the answer that another node has received from the server: what it is, is
 *  told and not found out. @param over  nothing can come after it. Frees the exchange if nothing can come late. */
void answers_part(struct servers *servers, struct exchange *exchange, struct answer_part part, bool over);
/** Ends a list in which an Error came and after that nothing for BROKEN_LIST_MS. Frees the exchange if nothing can come
 *  late for it. */
void answers_cut(struct servers *servers, struct exchange *exchange, const char *server);
/** Handles raw text (taken), neither response nor event: a part of the answer to an action that is answered by text. */
void answers_text(struct servers *servers, struct exchange *exchange, struct message *message);
/** Is the exchange answered by raw text? Only the answer to the next action shows where such a text ends. */
bool answers_is_text(const struct exchange *exchange);
/** Notes that Asterisk has answered `exchange`, so that the exchanges before it on its lane get no more answers in
 *  turn. */
void answers_pass(struct servers *servers, struct exchange *exchange);
/** Ends an unanswered exchange with an Error that has `text`, or with the completion of a list that had begun. Does
 *  nothing if the exchange is answered. The exchange stays in the table as given up: the caller destroys it, or leaves
 *  it so that messages that still come for it are dropped. */
void answers_fail(struct servers *servers, struct exchange *exchange, const char *server, enum amp_reason reason,
                  const char *text);
/** Answers an ask for which there is no exchange with an Error. */
void answers_refuse(struct servers *servers, struct ask *ask, enum amp_reason reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** Begins the `Event: …Complete` that ends the list of an action, with `EventList: how`. The caller may add headers. */
void answers_begin_completion(struct message_builder *builder, const struct ask *ask, const struct action_info *info,
                              const char *how, uint32_t items);

#endif

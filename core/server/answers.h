// core/server/answers.h: what a message from Asterisk is the answer to, and when an answer is complete.
// Thread: the hub's.
#ifndef SERVER_ANSWERS_H
#define SERVER_ANSWERS_H

#include "server/exchange.h"

struct server;

/** A response of `from` that carries the exchange's ActionID, or none where only that one can be meant;
 * taken. */
void answers_response(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from);
/** The same of an event. */
void answers_event(struct servers *servers, struct exchange *exchange, struct message *message, struct server *from);
/** Ends a list that has said Error, and nothing since. */
void answers_cut(struct servers *servers, struct exchange *exchange, const char *server);
/** Text that is neither, as part of the answer to an action that is answered so; taken. */
void answers_text(struct servers *servers, struct exchange *exchange, struct message *message);
/** Is the exchange answered by raw text, whose end only the answer to the next action tells? */
bool answers_is_text(const struct exchange *exchange);
/** Asterisk has answered `exchange`: what was sent before it on its lane gets no more answers in turn. */
void answers_pass(struct servers *servers, struct exchange *exchange);
/** Ends an unanswered exchange ourselves (nothing if it is answered): an Error with `text`, or the completion of a list
 * that had begun. The exchange stays, given up; the caller destroys it or lets what still comes be dropped. */
void answers_fail(struct servers *servers, struct exchange *exchange, const char *server, enum amp_reason reason,
                  const char *text);
/** Answers an ask that never was an exchange. */
void answers_refuse(struct servers *servers, struct ask *ask, enum amp_reason reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** The `Event: …Complete` that an action's list ends with, as `EventList: how`. The caller goes on adding headers. */
void answers_begin_completion(struct message_builder *builder, const struct ask *ask, const struct action_info *info,
                              const char *how, uint32_t items);

#endif

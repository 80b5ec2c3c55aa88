// plugins/http/answer.h: makes the body of a response from the messages of an answer.
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "exchange.h"

/** Is the message the Error by which an action was answered? */
bool answer_is_error(const struct amp_message *message, const struct amp_delivery *delivery);
/** Adds a message to the body, and sends the body so far if it is large. */
void answer_add(struct connection *connection, const struct amp_message *message, const struct amp_delivery *delivery);
/** Does `message`, which was added last, complete the answer? */
bool answer_is_complete(struct connection *connection, const struct amp_message *message,
                        const struct amp_delivery *delivery);
/** Sends the rest of the body and ends the answer. */
void answer_finish(struct connection *connection);

#endif

// plugins/http/answer.h: the messages of an answer become the body of a response.
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "exchange.h"

/** Is the message the Error that an action was answered with? */
bool answer_is_error(const struct amp_message *message, const struct amp_delivery *delivery);
/** Adds a message to the body; sends what there is if the body grows long. */
void answer_add(struct connection *connection, const struct amp_message *message, const struct amp_delivery *delivery);
/** Does `message`, which was added last, end the answer that the request waits for? */
bool answer_is_complete(struct connection *connection, const struct amp_message *message,
                        const struct amp_delivery *delivery);
/** Sends what has come and ends the answer. */
void answer_finish(struct connection *connection);

#endif

// contrib/ampctl/request.h: an action and its answer. Thread: main's.
#ifndef AMPCTL_REQUEST_H
#define AMPCTL_REQUEST_H

#include "connection.h"
#include "exit.h"

#define REQUEST_ID 48

/** Makes an ActionID that cannot be guessed. */
void request_id(char id[REQUEST_ID]);
/** Begins an action. @param kind  "Action" or "ProxyAction"
 *  @param id  its ActionID */
void request_begin(struct message_builder *builder, const char *kind, const char *name, const char *id);
/** Sends the action. */
void request_send(struct connection *connection, struct message_builder *builder);
/** Waits for the first message with that ActionID; others are dropped.
 *  @return one reference; NULL: the connection was lost, or the time limit reached, and `err` is set */
struct message *request_answer(struct connection *connection, const char *id, uint64_t timeout_ms, struct error *err);
/** Sends what was built with `id` and waits for a response that is no Error.
 *  @param answer  set to it, the caller's; NULL: not wanted
 *  @return CTL_OK; else `err` is set: CTL_LOST, or CTL_REFUSED with the proxy's text */
enum ctl_exit request_ask(struct connection *connection, struct message_builder *builder, const char *id,
                          uint64_t timeout_ms, struct message **answer, struct error *err);
/** request_ask() of a proxy action without arguments, or with one. @param name  of the argument; NULL: none */
enum ctl_exit request_proxy(struct connection *connection, const char *action, const char *name, const char *value,
                            uint64_t timeout_ms, struct message **answer, struct error *err);
/** request_ask() of an action whose answer is a list of events. @param visit  called with each of them, lent
 *  @param last  set to the event that ends the list, the caller's; NULL: not wanted */
enum ctl_exit request_list(struct connection *connection, struct message_builder *builder, const char *id,
                           uint64_t timeout_ms, void (*visit)(void *context, const struct message *event),
                           void *context, struct message **last, struct error *err);
/** Checks a response. @return CTL_OK, or CTL_REFUSED with `err` set to the proxy's text */
enum ctl_exit request_judge(const struct message *response, struct error *err);
/** Was the action refused for lack of rights? The text is part of the protocol, as it is Asterisk's. */
bool request_is_denied(const struct message *response);
/** Is it a refusal: `Response` or `ProxyResponse` with `Error` or `Failure`? */
bool request_is_error(const struct message *message);
/** Is it a response (and not an event of its answer)? */
bool request_is_response(const struct message *message);

#endif

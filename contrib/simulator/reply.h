// reply.h: writing answers: one response, or a list. The text is built in session->reply and written as a whole
// message.
#pragma once
#include "session.h"

/** Begins a response: `Response: KIND` and the ActionID of the running action, if it has one. */
void reply_start(struct session *session, const char *kind);

/** Adds one line; the line end is added. */
void reply_line(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Adds `ActionID: …`, if the running action has one. */
void reply_action_id(struct session *session);

/** Ends a message and writes it. */
void reply_end(struct session *session);

/** Whole responses with one text. */
void reply_success(struct session *session, const char *message);
void reply_error(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A list: its response, the start of an item (ended by reply_end), the start of the completion (likewise). */
void reply_list(struct session *session, const char *message);
void reply_item(struct session *session, const char *event);
void reply_complete(struct session *session, const char *event, size_t items);

// plugins/http/ajam.h: AJAM, Asterisk's own HTTP manager, at a connection: a request becomes a letter to the session
// that its cookie or digest identifies (ajam_session.h), and the session's answer becomes the response. Contract:
// Asterisk main/manager.c, generic_http_callback() and auth_http_callback().
#ifndef HTTP_AJAM_H
#define HTTP_AJAM_H

#include "connection.h"

/** What a connection keeps of an AJAM request while it waits for the answer. */
struct ajam_call;

/** Looks at the head of a request, before its body. @return false: it was refused (too long) */
bool ajam_admit(struct connection *connection);
/** Answers the request, now or later, if it is one for AJAM. @return false: it is not */
bool ajam_serve(struct connection *connection);
/** Sends the response when the session has answered. @param answer  as in ajam_session.h; no bytes: the session has
 * ended */
void ajam_answer(struct connection *connection, struct amp_bytes answer);
/** Called when the time of the request is over: answers 504, or the delayed 401 for a wrong digest. */
void ajam_expire(struct connection *connection);
/** Answers by a page with that status, without the session's answer, and closes the connection after it. */
void ajam_give_up(struct connection *connection, int status, const char *reason);
/** Answers a request for AJAM whose method is none that AJAM knows. @return false: it is not for AJAM */
bool ajam_refuse_method(struct connection *connection);
/** Answers a request for a path below the prefix that is none of AJAM's, nor a file. @return false: it is not below */
bool ajam_refuse_path(struct connection *connection);
void ajam_call_destroy(struct ajam_call *call);

#endif

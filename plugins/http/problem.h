// plugins/http/problem.h: Errors of the proxy as RFC 9457 says: `application/problem+json`, with the members of the AMI
// message in it, so a program that reads those needs no change.
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "connection.h"
#include "media.h"

#define PROBLEM_CONTENT MEDIA_PROBLEM "; charset=utf-8"

/** Does the client get problems: does it accept them, or are its answers JSON? The request may be read in part only. */
bool problem_is_wanted(const struct connection *connection);
/** Writes the problem of an Error that came as a message. Each key is written once: headers of the same name are an
 *  array; those named as a member of every problem, or not in UTF-8, are left out. @param code  see amp_error_code() */
void problem_of_message(struct buffer *out, int status, const char *code, const struct amp_message *message);
/** Writes the problem of an Error of the plugin. @param id  the ActionID; empty: none */
void problem_of_text(struct buffer *out, int status, const char *message, struct amp_bytes id);

#endif

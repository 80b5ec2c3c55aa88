// plugins/http/response.h: the status line and the headers of an answer. No text from AMI or from the client is written
// into a header line.
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "connection.h"

#include <time.h>

#define RESPONSE_DATE_SIZE 32

/** How the end of the body is marked. */
enum response_framing {
    RESPONSE_LENGTH,   // Content-Length
    RESPONSE_CHUNKED,  // or, for HTTP/1.0, by closing
    RESPONSE_UNTIL_END // by closing
};

struct response {
    int status;
    const char *type;  // MIME type, NULL: there is no body
    const char *cache; // Cache-Control; NULL: no-store
    const char *extra; // more header lines, each with its CR LF; NULL: none
    enum response_framing framing;
    size_t length; // for RESPONSE_LENGTH
};

/** Writes a head. Decides whether the connection is kept: see connection->keep. */
void response_head(struct connection *connection, const struct response *response);
/** Writes a complete answer (no body for HEAD) and goes on to the next request. */
void response_send(struct connection *connection, const struct response *response, struct amp_bytes body);
/** Answers by an Error of the plugin, as a problem (problem.h) or as text, with the ActionID in the request's fields.
 *  @param extra  see struct response */
void response_error(struct connection *connection, int status, const char *message, const char *extra);
/** Returns the header lines for a status (401, 405, 429, 503 …) of an answer to this connection's
 *  request; NULL: none. */
const char *response_extra(const struct connection *connection, int status);
/** Returns the text of a status; lent for ever. */
const char *response_status_text(int status);
/** Writes one chunk of a body. */
void response_chunk(struct connection *connection, struct amp_bytes bytes);
/** Writes the end of a body in chunks. */
void response_chunk_end(struct connection *connection);
/** Writes the MIME type of a message of `format`, or of a list of them, with its character set. */
void response_type(const struct amp_plugin *format, bool is_list, char *text, size_t size);
/** Writes a date in the form of HTTP. */
void response_date(time_t time, char text[RESPONSE_DATE_SIZE]);

#endif

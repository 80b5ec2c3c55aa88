// plugins/http/ajam_response.h: the responses of AJAM, byte for byte as Asterisk's HTTP server writes them.
#ifndef HTTP_AJAM_RESPONSE_H
#define HTTP_AJAM_RESPONSE_H

#include "ajam_nonce.h"
#include "ajam_path.h"
#include "connection.h"

/** What a connection keeps of an AJAM request while it waits for the answer. */
struct ajam_call {
    struct ajam_path path;
    struct amp_key key; // of the session that has the request, and that the answer names
    char *dest, *object;
    bool is_head, is_old;    // HEAD; HTTP/1.0
    bool refused;            // its digest is wrong: the answer is only delayed
    struct ajam_nonce nonce; // of a right digest
    struct buffer digest;    // … which the session is told, see ajam_session.h
};

/** Answers with a small page. */
void ajam_page(struct connection *connection, int status, const char *title, const char *text);
/** Answers 401 with a challenge. @param nonce  for the client's next try; NULL: a new one
 *  @param stale  the digest was right, but for another nonce: the client need not ask its user */
void ajam_challenge(struct connection *connection, const char *nonce, bool stale);
/** Answers with AMI text in the format of the path, with the session's cookie where there is one. */
void ajam_send_text(struct connection *connection, struct amp_bytes text);
/** Answers with an Error of AMI. */
void ajam_send_error(struct connection *connection, struct amp_bytes id, const char *message);

#endif

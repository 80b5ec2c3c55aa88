// plugins/http/ajam_session.h: a session of AJAM: it lives without a connection, takes the requests of any connection
// that has its id, and collects the events that WaitEvent fetches.  Thread: the session's worker.
#ifndef HTTP_AJAM_SESSION_H
#define HTTP_AJAM_SESSION_H

#include "client.h"

/** The first byte of a request to a session: what must be true of it. Then come name, NUL, value, NUL of each field. */
enum ajam_need {
    AJAM_NEEDS_NOTHING = 'n',
    AJAM_NEEDS_DIGEST = 'd', // user, method, uri, nonce, nc, cnonce and response of its digest, which is right, come
                             // first, each with a NUL behind it
    AJAM_NEEDS_LOGIN = 'l'   // it came by GET and acts: refused without a login, even if none is required
};

/** The first byte of an answer. */
enum ajam_answer {
    AJAM_ANSWERS = 'a',    // AMI text follows
    AJAM_CHALLENGES = 'c', // the digest has another nonce: the session's follows; nothing follows: another user
    AJAM_REFUSES = 'r'     // nothing follows: AJAM_NEEDS_LOGIN was not true
};

/** Makes the state of a session without a connection (open_detached() of struct amp_protocol). @return NULL: no memory
 */
void *ajam_session_open(struct amp_session *session);
/** The functions of struct amp_protocol whose names they end in, for a client that is an AJAM session. close() frees
 *  the state. */
void ajam_session_close(struct client *client);
void ajam_session_message(struct client *client, const struct amp_message *message,
                          const struct amp_delivery *delivery);
void ajam_session_timer(struct client *client);
void ajam_session_leave(struct client *client, bool now);
/** The functions request() and collected() of struct amp_protocol. */
void ajam_session_request(void *state, struct amp_request *request, struct amp_bytes bytes);
void ajam_session_collected(void *state);

#endif

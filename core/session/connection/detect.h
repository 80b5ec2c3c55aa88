// core/session/connection/detect.h: what does the client speak? First whether it encrypts (`tls: optional`: a TLS
// record begins with 0x16), then which plugin its first bytes belong to (`input: auto`). A client that says nothing
// waits for a banner, and gets the standard one after `detect_timeout`: who speaks last, as browsers do on connections
// that they keep in reserve, needs a listener whose format has no banner.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_DETECT_H
#define SESSION_CONNECTION_DETECT_H

#include "session/connection/session.h"

/** The session was opened: its listener says where to begin. */
void detect_start(struct session *session);
/** It is known whether the client encrypts: goes on to what it speaks. */
void detect_begin(struct session *session);
/** The socket is readable and it is not known yet whether the client encrypts: looks at the first byte.
 *  @return true: it does not, and the bytes may be read */
bool detect_is_plain(struct session *session);
/** Looks at all that the client has sent so far. @param ended  it will send no more
 *  @return true: session->format.input is known */
bool detect_format(struct session *session, const char *bytes, size_t length, bool ended);
/** The same for a client that was silent for `detect_timeout`, so that it was taken for one of AMI and given the
 * banner. What is no protocol can still be read; HTTP and TLS cannot: the log says so, and the session ends.
 *  @return true: session->format.input is what it speaks */
bool detect_late(struct session *session, const char *bytes, size_t length, bool ended);
/** Looks at the first bytes of a client for what its listener does not speak: TLS where `tls: off`, another format than
 *  `input:` says. The log says so, and the session ends: it would wait for an answer for ever.
 *  @return true: nothing is wrong with them */
bool detect_first(struct session *session, const char *bytes, size_t length);
/** The client has been silent for too long. */
void detect_expire(struct session *session);

#endif

// core/session/connection/detect.h: detects what a client speaks: first whether it encrypts (`tls: optional`: a TLS
// record begins with 0x16), then which plugin recognises its first bytes (`input: auto`). A client that sends nothing
// may be waiting for a banner, and is sent the standard one after `detect_timeout`. A browser may open a connection and
// send its request much later: it needs a listener whose format has no banner.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_DETECT_H
#define SESSION_CONNECTION_DETECT_H

#include "session/client/session.h"

/** Starts the detection of a session that was just opened, as its listener's `tls` and `input` say. */
void detect_start(struct session *session);
/** Starts to detect the format, once it is known whether the client encrypts. */
void detect_begin(struct session *session);
/** Looks at the first byte of a readable socket if it is not known yet whether the client encrypts.
 *  @return true: the client does not encrypt, and the bytes may be read */
bool detect_is_plain(struct session *session);
/** Looks at all bytes that the client has sent so far. @param ended  it will send no more
 *  @return true: session->format.input is known */
bool detect_format(struct session *session, const char *bytes, size_t length, bool ended);
/** Looks at the first bytes of a client that sent nothing for `detect_timeout`, and so was taken for an AMI client and
 *  sent the banner. Another format can still be served. TLS, or a protocol such as HTTP, cannot, as the banner was
 *  sent: the log says so, and the session ends.
 *  @return true: session->format.input is what the client speaks */
bool detect_late(struct session *session, const char *bytes, size_t length, bool ended);
/** Checks whether the first bytes are something that the listener does not accept: TLS with `tls: off`, or another
 *  format than that of `input:`. If so the log says it, and the session ends, as the client would wait for ever.
 *  @return true: the bytes may be decoded */
bool detect_first(struct session *session, const char *bytes, size_t length);
/** Called when the client has sent nothing for `detect_timeout`, or a handshake takes too long. */
void detect_expire(struct session *session);

#endif

// core/session/connection/formats.h: begins and ends formats and protocols.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_FORMATS_H
#define SESSION_CONNECTION_FORMATS_H

#include "session/client/session.h"

/** Sets the format or protocol that the client speaks from now on. */
void formats_speak(struct session *session, const struct amp_plugin *plugin);
/** Closes the decoder or protocol of the session. Actions that a protocol has held back
 *  (amp_session_hold()) are dropped. */
void formats_end(struct session *session);

#endif

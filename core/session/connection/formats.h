// core/session/connection/formats.h: begins and ends formats; the formats and autofilter that a client may change.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_FORMATS_H
#define SESSION_CONNECTION_FORMATS_H

#include "session/connection/session.h"

/** Sets the format in which the session is written to, from the answer to the current action on.
 *  @param name  in any case
 *  @return false: no plugin of that name that can encode is loaded */
bool formats_set_output(struct session *session, const char *name);
/** Sets the format in which the client's next message is read. @param name  in any case
 *  @return false: no plugin of that name that can decode is loaded, or the session uses a protocol */
bool formats_set_input(struct session *session, const char *name);
/** Closes the decoder or protocol of the session. Actions that it still hands in are dropped. */
void formats_end(struct session *session);
/** Sets autofilter, and forgets the ActionID that `autofilter: on` had stored. */
void formats_set_autofilter(struct session *session, enum autofilter autofilter);
/** Sets whether messages carry ids for a client that may come back (delivery/resume.h), and tells the client its place.
 *  @return false: the configuration keeps nothing, or the session's protocol has decided otherwise */
bool formats_set_resume(struct session *session, bool on);

#endif

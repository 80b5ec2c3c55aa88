// core/session/connection/formats.h: what a client speaks, and may change of how it is served: formats and autofilter.
// Thread: the session's worker.
#ifndef SESSION_CONNECTION_FORMATS_H
#define SESSION_CONNECTION_FORMATS_H

#include "session/connection/session.h"

/** What is written from now on, this turn's answer included. Names without regard to case.
 *  @return false: no loaded plugin of that name writes */
bool formats_set_output(struct session *session, const char *name);
/** What is read from the next message on. @return false: none of that name reads, or the session's protocol is fixed */
bool formats_set_input(struct session *session, const char *name);
/** The decoder or protocol that is at work ends; it may hand in nothing more. */
void formats_end(struct session *session);
/** Forgets the ActionID that was stored. */
void formats_set_autofilter(struct session *session, enum autofilter autofilter);

#endif

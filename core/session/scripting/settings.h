// core/session/scripting/settings.h: what scripts may change of a session: its formats, autofilter, ids.
// Thread: the session's worker.
#ifndef SESSION_SCRIPTING_SETTINGS_H
#define SESSION_SCRIPTING_SETTINGS_H

#include "session/client/session.h"

/** Sets the format in which the session is written to, from the answer to the current action on.
 *  @param name  in any case
 *  @return false: no plugin of that name that can encode is loaded */
bool settings_set_output(struct session *session, const char *name);
/** Sets the format in which the client's next message is read. @param name  in any case
 *  @return false: no plugin of that name that can decode is loaded, or the session uses a protocol */
bool settings_set_input(struct session *session, const char *name);
/** Sets autofilter, and forgets the ActionID that `autofilter: on` had stored. */
void settings_set_autofilter(struct session *session, enum autofilter autofilter);
/** Sets whether messages carry ids for a client that may come back (delivery/resume.h), and tells the client its place.
 *  @return false: the configuration keeps nothing, or the session's protocol has decided otherwise */
bool settings_set_resume(struct session *session, bool on);

#endif

// core/session/connection/exporting.h: the exports of a worker (`exports:`): each has a session of its own, without a
// connection, that is logged in as the export's user.  Thread: the worker's.
#ifndef SESSION_CONNECTION_EXPORTING_H
#define SESSION_CONNECTION_EXPORTING_H

#include "session/client/session.h"

/** Begins, changes and ends exports, after the sessions were changed over to sessions->config. */
void exporting_reconfigure(struct sessions *sessions);
/** session_flush() of a session that is exported: passes on what it was sent. */
void exporting_flush(struct session *session);
/** Called when such a session ends: clears session->exported and the feeds' pointers to it, and ends its export. What
 *  waits is lost, unless another process has it. If the configuration still has the export, it begins again. */
void exporting_ended(struct session *session);
/** The proxy exits: exports get no more events, and what waits is posted at once. */
void exporting_drain(struct sessions *sessions);
/** Waits something to be posted: of the session's export, or (NULL) of one that the configuration does not have any
 *  more? */
bool exporting_is_busy(const struct sessions *sessions, const struct session *session);
/** Tells the export what became of its messages on the bus. */
void exporting_take_shipment(struct sessions *sessions, const struct shipment *shipment);
/** Frees all exports, at the end of the program. */
void exporting_fini(struct sessions *sessions);

#endif

// core/session/client/count.h: what a session adds to the metrics of its worker.  Thread: the session's worker.
#ifndef SESSION_CLIENT_COUNT_H
#define SESSION_CLIENT_COUNT_H

#include "session/client/session.h"

/** Counts the bytes that wait to be written to the session now. @param written  the kernel has just been offered some:
 *  counts what it holds, too, by a system call */
void count_backlog(struct session *session, uint64_t bytes, bool written);
/** Counts the end of the session. */
void count_end(struct session *session, enum session_end_reason reason);
/** Counts an action that was answered. */
void count_answer(struct session *session, enum amp_reason reason);
/** Returns the counter of events that were sent to sessions in that format (or passed to that protocol). */
struct metric *count_of_events(struct sessions *sessions, const struct amp_plugin *format);

#endif

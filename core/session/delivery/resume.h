// core/session/delivery/resume.h: a session goes on where an earlier connection of its client was lost. The client says
// so with the id of the last message that it has received; the session then reads the same feed (kept.h) from there.
//
// What comes back are the messages of the feed, byte for byte. Answers, and the ActionID in events that the client's
// own actions raised, belong to the connection that asked, and do not come back.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_RESUME_H
#define SESSION_DELIVERY_RESUME_H

#include "base/span.h"
#include "plugin/host.h"
#include "session/delivery/resume_id.h"

#include <stdbool.h>

#define RESUME_HEADER "ResumeID" // of messages, RESUME_HEADER_IDS

struct message;
struct session;
struct sessions;
struct view_feed;

/** Of a session that has ids or comes back. Others have none, which saves memory of idle sessions. */
struct session_resume {
    enum resume_ids ids;
    uint32_t worker;     // while it goes to that one (connection/move.h)
    amp_id_frame *frame; // around each message; NULL: none, with RESUME_HEADER_IDS
    char *id;            // what the client has received last, as it says; NULL: it says nothing, or that was settled
    uint64_t told;       // number of the kept feed (struct kept_feed) of which it was told an id; 0: none
    uint64_t until_ms;   // until then it is no slow client for what it has missed; 0: it missed nothing
};

/** Returns the session's, to be read; all zero if it has none. Lent until the session has one of its own or ends. */
const struct session_resume *resume_of(const struct session *session);
/** Returns the session's, to be changed; made if it has none. */
struct session_resume *resume_make(struct session *session);
/** The client says what it has received last (copied; empty: it says nothing). Settled when the session is logged in
 *  and is sent a stream. */
void resume_ask(struct session *session, struct span id);
/** Is what the client has missed kept by another worker? @param worker  set to it */
bool resume_is_elsewhere(const struct session *session, struct span id, uint32_t *worker);
/** Messages for the session carry ids from now on; its feed is another one then. @param frame  may be NULL */
void resume_begin_ids(struct session *session, enum resume_ids ids, amp_id_frame *frame);
/** Does the session wait for resume_settle() before it reads a feed? */
bool resume_is_pending(const struct session *session);
/** Handles what resume_ask() was told, if the session is ready for that: the session is told how it went, and reads on.
 *  Otherwise, a session with ids that has come to another kept feed is told the id of its place. Call it after what
 *  changes the session's feed. @return it goes on where it was */
bool resume_settle(struct session *session);
/** Is a backlog of the session's what it has just asked for by coming back? */
bool resume_excuses(const struct session *session);
void resume_fini(struct session *session);

#endif

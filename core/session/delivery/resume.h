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

/** The data of a session whose messages carry ids, or whose client comes back. Other sessions have none, which saves
 *  memory. */
struct session_resume {
    enum resume_ids ids;
    uint32_t worker;     // index of the worker that the session goes to (connection/move.h)
    bool listening;      // while it goes: its protocol receives every event (sessions_listen())
    amp_id_frame *frame; // around each message; NULL: none, with RESUME_HEADER_IDS
    char *id; // what the client has received last, as it says; NULL: it said nothing, or resume_settle() has handled it
    uint64_t told;     // number of the kept feed (struct kept_feed) of which the client knows an id; 0: none
    uint64_t until_ms; // clock_ms() until which what it has missed is no backlog; 0: it resumed nothing
};

/** Returns the session's data, to read them; all zero if it has none. Lent until resume_make() or the session's end. */
const struct session_resume *resume_of(const struct session *session);
/** Returns the session's data, to change them, and makes them if it has none. Lent until the session's end. */
struct session_resume *resume_make(struct session *session);
/** Stores what the client says that it has received last. resume_settle() handles it when the session is logged in and
 *  receives encoded bytes.
 *  @param id  copied; empty: the client says nothing */
void resume_ask(struct session *session, struct span id);
/** Must the session go to another worker, which keeps what a client with this `id` has missed? Never while the proxy
 *  goes down, and never without a connection: the key of such a session (session/keys.h) leads to where it began. It
 *  goes before its Login is judged: only ids with this process's epoch count, and only who was logged in is told one.
 *  @param worker  set to that worker's index if so */
bool resume_is_elsewhere(const struct session *session, struct span id, uint32_t *worker);
/** Sets how messages for the session carry ids from now on, which moves the session to another feed.
 *  @param frame  NULL: none */
void resume_begin_ids(struct session *session, enum resume_ids ids, amp_id_frame *frame);
/** Does the session wait for resume_settle() before it reads a feed? */
bool resume_is_pending(const struct session *session);
/** Handles the id of resume_ask() if the session is logged in and receives encoded bytes: sends `Event: Resumed` and
 * what was missed, or `Event: EventsSkipped`. Without such an id, a session that has come to another kept feed is sent
 * the id of its place (`Event: ResumePoint`). Call it after each change of the session's feed.
 *  @return true: the session goes on where the earlier connection was lost */
bool resume_settle(struct session *session);
/** May the session still be reading what it has missed, so that this does not count as backlog? */
bool resume_excuses(const struct session *session);
/** Frees the session's data. Does nothing if it has none. */
void resume_fini(struct session *session);

#endif

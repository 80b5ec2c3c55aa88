// core/session/connection/set.h: the inside of `struct sessions`, for the files of this room only.
#ifndef SESSION_CONNECTION_SET_H
#define SESSION_CONNECTION_SET_H

#include "session/connection/session.h"
#include "session/scripting/states.h"

#include <pthread.h>

/** A feed of this worker: who may see what, in which format. */
struct view_feed {
    struct feed feed;
    struct view_feed *next;
    struct view *view;             // NULL: unfiltered
    struct event_filters *filters; // of its sessions, one reference; NULL: none
    const struct amp_plugin *format;
    amp_frame *frame;         // NULL: none
    uint32_t mask;            // event classes, the user's rights taken into account
    bool everything;          // autofilter off: foreign ActionIDs and other clients' answers too
    bool grew;                // since the last flush
    struct list_head readers; // sessions, by links.feed
    uint64_t reader_count;
    struct metric *events; // of the format, handed to sessions
};

struct sessions {
    struct event_base *base;
    struct handles handles; // of the sessions that have not ended
    struct map by_id;       // the same
    uint32_t worker;
    struct config *config;
    const struct registry *registry;
    struct sessions_link link;
    struct metrics_worker *metrics; // this worker's
    struct servers_state *state;    // never NULL; changed with the lock, which other threads read it with
    pthread_mutex_t state_lock;
    struct script_states scripts;
    struct view_verdicts verdicts;
    struct list_head script_asks;  // questions of scripts in flight, by of_session
    struct command *commands;      // of scripts, at the hub
    struct list_head judged_calls; // of proxy actions, which their session's filters judge
    uint64_t script_ask_count;
    struct event *script_timer;
    uint64_t script_due_ms;       // what script_timer is set to, UINT64_MAX: it is not
    struct directory_entry shown; // to a script
    char shown_ip[LISTENER_ADDRESS_SIZE];
    struct list_head all, timed, dirty, dead; // sessions, by the link of that name (of the dead: links.all)
    size_t count, promiscuous;
    bool delivering;     // goes through the feeds: one that has lost its last reader goes when that is over
    uint64_t started_ms; // when the worker was made, which is when the proxy started
    uint64_t events;     // that the hub has passed on, for Stats: as many for each worker
    struct view_feed *feeds;
    struct event *tick;
    bool ticking;
    struct event *drain;                 // NULL: the proxy is not going down
    uint64_t close_by_ms;                // by then all have been told
    bool drained;                        // the last session is gone, and that was said
    struct list_head waiting, listening; // sessions, by the link of that name
    struct amp_output scratch;           // of the encoder
    struct message *encoded; // what scratch holds, one reference (so no other has its address); NULL: nothing. In
    const struct amp_plugin *encoded_format;
    struct amp_output before, after;     // of the last own_frame()
    struct session *framing;             // whose own_frame() is running; NULL: none
    bool own_frames;                     // some session has used a protocol with own_frame()
    struct amp_output framed;            // what scratch holds, in
    amp_frame *framed_by;                // NULL: nothing
    bool encoding_broken, framed_broken; // of scratch, of framed
    bool encoding_failed; // what was encoded last: the plugin wrote what makes no sense, there are no bytes
    char read_buffer[64 * 1024];
};

/** The session whose link `name` is `node` (not NULL). */
#define SESSION_AT(node, name) LIST_OBJECT(node, struct session, links.name)

/** The session of that handle, NULL: it has ended. Lent for now: who keeps something keeps the handle. */
struct session *sessions_find(const struct sessions *sessions, struct handle handle);
#define ENCODING_FAILED "encode() or a frame wrote too many bytes, or none that are there"

/** The bytes of `message` in `format`, inside `frame` (NULL: none); valid until the next call. Remembers the last, so
 *  asking again costs nothing. None, and `encoding_failed`, if the plugin wrote beyond all measure. @param serial  of
 * the message, for the frame */
struct span sessions_encode(struct sessions *sessions, const struct message *message, const struct amp_plugin *format,
                            amp_frame *frame, uint64_t serial);
/** Lets go of what sessions_encode() remembers. The bytes that it gave stay. */
void sessions_forget_encoded(struct sessions *sessions);
/** The feed for what the session is, made if there is none. @param everything  other clients' answers too */
struct view_feed *sessions_feed(const struct session *session, uint32_t mask, bool everything);
/** Nobody goes through the feeds any more (`delivering`): those that nobody reads any more go. */
void sessions_end_delivery(struct sessions *sessions);
/** The feed's format failed with a message: who reads it would miss something and not know. Their sessions end. */
void sessions_end_readers(struct view_feed *feed);
/** Puts a session on a feed (NULL: none), frees the old one if it was the last reader. */
void sessions_move(struct session *session, struct view_feed *feed);
/** Marks the session for the flush at the end of the turn. */
void sessions_mark_dirty(struct session *session);
/** Has the tick look at the session if it has a deadline or a timer, and no longer if it has none. */
void sessions_watch(struct session *session);
/** Is it a protocol's that is told of every event as a message? */
bool sessions_is_listening(const struct session *session);
/** Puts a protocol's session among those that are told of every event, or takes it out. */
void sessions_listen(struct session *session, bool on);
/** Events that were handed to sessions in that format (of a protocol: that are given messages). */
struct metric *sessions_events(struct sessions *sessions, const struct amp_plugin *format);
/** Reports counts to the worker. */
void sessions_count_changed(struct sessions *sessions);

#endif

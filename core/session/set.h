// core/session/set.h: the inside of `struct sessions`, for the files of this room only.
#ifndef SESSION_SET_H
#define SESSION_SET_H

#include "session/session.h"

/** A feed of this worker: who may see what, in which format. */
struct view_feed {
    struct feed feed;
    struct view_feed *next;
    const struct amp_plugin *format;
    uint32_t mask;           // event classes, the user's rights taken into account
    bool everything;         // autofilter off: foreign ActionIDs and other clients' answers too
    bool grew;               // since the last flush
    struct session *readers; // list by feed_next
};

struct sessions {
    struct event_base *base;
    uint32_t worker;
    struct config *config;
    const struct registry *registry;
    struct sessions_link link;
    struct servers_state state;
    struct session *all, *timed, *dirty, *dead;
    size_t count, promiscuous;
    struct view_feed *feeds;
    struct event *tick;
    bool ticking, stopping;
    struct amp_output scratch;     // of the encoder
    const struct message *encoded; // what scratch holds, in
    const struct amp_plugin *encoded_format;
    char read_buffer[64 * 1024];
};

/** The bytes of `message` in `format`; valid until the next call. Remembers the last, so asking again costs nothing. */
struct span sessions_encode(struct sessions *sessions, const struct message *message, const struct amp_plugin *format);
/** Forgets what sessions_encode() remembers: the message may go now. */
void sessions_forget_encoded(struct sessions *sessions);
/** The feed for that combination, made if there is none. */
struct view_feed *sessions_feed(struct sessions *sessions, const struct amp_plugin *format, uint32_t mask,
                                bool everything);
/** Puts a session on a feed (NULL: none), frees the old one if it was the last reader. */
void sessions_move(struct session *session, struct view_feed *feed);
/** Marks the session for the flush at the end of the turn. */
void sessions_mark_dirty(struct session *session);
/** Starts the tick if a session has a deadline. */
void sessions_watch(struct session *session);
void sessions_unwatch(struct session *session);
/** Reports counts to the worker. */
void sessions_count_changed(struct sessions *sessions);

#endif

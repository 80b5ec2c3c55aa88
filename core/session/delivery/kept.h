// core/session/delivery/kept.h: feeds that keep their past for clients that come back (`resume:`). A feed is kept if
// its sessions asked for ids; it belongs to one user, and lives on for `resume.keep` after its last session.  Thread:
// the worker's; struct kept_shared any.
#ifndef SESSION_DELIVERY_KEPT_H
#define SESSION_DELIVERY_KEPT_H

#include "session/delivery/feed_past.h"
#include "session/delivery/resume_id.h"

struct config;
struct event;
struct message;
struct session;
struct sessions;
struct user_config;
struct view_feed;

/** What the workers share. */
struct kept_shared;
/** @param workers  how many there are */
struct kept_shared *kept_shared_create(uint32_t workers);
void kept_shared_destroy(struct kept_shared *shared);
uint32_t kept_workers(const struct kept_shared *shared);
/** The part of ids that tells this process from others. Lent. */
const char *kept_epoch(const struct kept_shared *shared);

/** What makes a feed a kept one. */
struct kept_feed {
    char tag[RESUME_TAG_SIZE];
    uint64_t number;  // among those of this worker, from 1
    char *user;       // whose it is; NULL: of who has no user
    uint64_t left_ms; // when its last session left; 0: it has one
    bool changed;     // its user's rules are others by now: it goes with its last session
};

/** Those of one worker. */
struct kept {
    struct kept_shared *shared; // lent
    struct feed_keeping keeping;
    uint32_t count;      // kept feeds
    uint64_t numbered;   // that there ever were
    struct event *timer; // while there are any
    bool timing;
    struct kept_tag *gone; // of feeds whose user's rules have changed; while somebody may come back to them
};

void kept_init(struct sessions *sessions);
void kept_fini(struct sessions *sessions);

/** Is the session to read a feed that is kept: has it asked for ids, and does the configuration say so? */
bool kept_is_wanted(const struct session *session);
/** Is a feed of the right view, mask and format the right one for the session in this respect, too? */
bool kept_suits(const struct view_feed *feed, const struct session *session);
/** A new feed of the session's becomes a kept one. */
void kept_begin(struct view_feed *feed, const struct session *session);
/** It is freed. Nothing if it is none. */
void kept_end(struct sessions *sessions, struct view_feed *feed);
/** A session has come to the feed. */
void kept_enter(struct view_feed *feed);
/** The last session has left the feed. @return false: the feed is not kept, or not any more, and goes, too */
bool kept_stays(struct sessions *sessions, struct view_feed *feed);
/** Writes the id of message `number` of a kept feed. @return `text` */
struct span kept_id(const struct sessions *sessions, const struct view_feed *feed, uint64_t number,
                    char text[RESUME_ID_SIZE]);
/** The feed of that tag; NULL: there is none. @param changed  set if there was one, and its user's rules have changed
 */
struct view_feed *kept_find(const struct sessions *sessions, const char *tag, bool *changed);

/** What is appended from now on comes now. */
void kept_note_time(struct sessions *sessions);
/** Drops what is too much: the oldest first. */
void kept_trim(struct sessions *sessions);
/** Drops what is too old as well, and feeds to which nobody has come back. */
void kept_expire(struct sessions *sessions);
/** Another configuration is in use: feeds of users whose rules are the same go on with their new views, before any
 *  session looks for its feed. The others go once their sessions have left them.
 *  @param before  the earlier configuration */
void kept_reconfigure(struct sessions *sessions, const struct config *before);

#endif

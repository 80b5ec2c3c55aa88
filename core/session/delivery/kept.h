// core/session/delivery/kept.h: feeds that keep their past for clients that reconnect (`resume:`). A feed is kept if
// its sessions have asked for ids. It belongs to one user, and stays for `resume.keep` after its last session has left.
// Thread: the worker's; struct kept_shared any.
#ifndef SESSION_DELIVERY_KEPT_H
#define SESSION_DELIVERY_KEPT_H

#include "session/client/set.h"

/** Data that the workers share. */
struct kept_shared;
/** Makes the shared data. @param workers  number of workers */
struct kept_shared *kept_shared_create(uint32_t workers);
/** Frees the shared data, after all workers have ended. */
void kept_shared_destroy(struct kept_shared *shared);
/** Returns the number of workers. */
uint32_t kept_workers(const struct kept_shared *shared);
/** Returns the part of ids that identifies this process and those that it took over from. Lent. */
const char *kept_epoch(const struct kept_shared *shared);
/** Goes on with the ids of an earlier process. Thread: the hub's, before there are sessions. @param workers  of the
 *  earlier process */
void kept_succeed(struct kept_shared *shared, const char *epoch, uint32_t workers);
/** Returns the number of workers that ids name. */
uint32_t kept_id_workers(const struct kept_shared *shared);
/** Returns how much memory the messages take that wait while another process takes over. Thread: any. */
size_t kept_held_bytes(const struct kept_shared *shared);
/** Returns the index of the worker that has the feeds of ids that name worker `named`. */
uint32_t kept_worker_of(const struct kept_shared *shared, uint32_t named);

/** Prepares the kept feeds of a worker. */
void kept_init(struct sessions *sessions);
/** Frees their data. */
void kept_fini(struct sessions *sessions);

/** Must the session read a kept feed: has it asked for ids, and does the configuration allow it? */
bool kept_is_wanted(const struct session *session);
/** May the session read `feed`, which has the right view, mask and format? A session for which kept_is_wanted() needs a
 *  kept feed of its own user; any other session a feed that is not kept. */
bool kept_suits(const struct view_feed *feed, const struct session *session);
/** Makes a new feed of the session a kept one. */
void kept_begin(struct view_feed *feed, const struct session *session);
/** Makes a new feed one that an earlier process has kept, without its past. @param user  NULL: of sessions without one
 *  @param worker  that its ids name */
void kept_begin_inherited(struct sessions *sessions, struct view_feed *feed, const char *tag, const char *user,
                          uint32_t worker);
/** Frees the data of a kept feed, which is being freed. Does nothing for other feeds. */
void kept_end(struct sessions *sessions, struct view_feed *feed);
/** Called when a session has entered the feed. */
void kept_enter(struct sessions *sessions, struct view_feed *feed);
/** Called when the last session has left the feed. @return false: it is not kept (any more), and must be freed */
bool kept_stays(struct sessions *sessions, struct view_feed *feed);
/** Writes the id of message `number` of a kept feed. @return `text` */
struct span kept_id(const struct view_feed *feed, uint64_t number, char text[RESUME_ID_SIZE]);
/** Finds the feed with that tag. @param changed  set if there was one whose user's rules have changed @return NULL:
 *  there is none */
struct view_feed *kept_find(const struct sessions *sessions, const char *tag, bool *changed);

/** Notes that what the feed with that tag has sent is another view now: who comes back to it is told so. */
void kept_note_gone(struct sessions *sessions, const char *tag);
/** Does the feed belong to the user (NULL: to sessions without one)? */
bool kept_is_of_user(const struct kept_feed *kept, const struct user_config *user);

/** Sets the time of the messages that are appended next. */
void kept_note_time(struct sessions *sessions);
/** Drops the oldest messages until the memory for kept messages is within its limit. */
void kept_trim(struct sessions *sessions);
/** Drops messages and feeds without sessions that are older than `resume.keep`, then calls kept_trim(). */
void kept_expire(struct sessions *sessions);
/** Changes over to another configuration, before sessions choose their feeds: feeds of users with unchanged rules get
 *  their new views. The others are freed when their sessions have left them.
 *  @param before  the earlier configuration */
void kept_reconfigure(struct sessions *sessions, const struct config *before);

#endif

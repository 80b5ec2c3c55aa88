// core/session/delivery/feeds.h: the feeds of a worker, and which of them a session reads.  Thread: the worker's.
#ifndef SESSION_DELIVERY_FEEDS_H
#define SESSION_DELIVERY_FEEDS_H

#include "session/client/set.h"

/** Finds or makes the feed for the session's view, filters, format and frame.
 *  @param everything  with other clients' answers and ActionIDs (`autofilter: off`) */
struct view_feed *feeds_find(const struct session *session, uint32_t mask, bool everything);
/** Is it the feed, or one like it, that feeds_find() returns? */
bool feeds_suits(const struct view_feed *feed, const struct session *session, uint32_t mask, bool everything);
/** Makes an empty feed of that format. The caller sets what it is for. */
struct view_feed *feeds_add(struct sessions *sessions, const struct amp_plugin *format);
/** Moves a session to a feed (NULL: to none), and frees the old feed if the session was its last reader. */
void feeds_move(struct session *session, struct view_feed *feed);
/** Puts the session on a kept feed, behind message `number`, which is kept (feed_past_enter()). */
void feeds_move_behind(struct session *session, struct view_feed *feed, uint64_t number);
/** Frees a feed that no session reads. */
void feeds_destroy(struct sessions *sessions, struct view_feed *feed);
/** Ends the walk through the feeds (`delivering`), and frees those without readers. */
void feeds_end_delivery(struct sessions *sessions);
/** Ends the sessions that read the feed, because its format failed to encode a message: they would miss it without
 *  noticing. */
void feeds_end_readers(struct view_feed *feed);
/** Notes that something was appended to the feed. */
static inline void feeds_grew(struct sessions *sessions, struct view_feed *feed)
{
    if (feed->grew)
        return;
    feed->grew = true;
    if (!list_has(&sessions->grown, &feed->grown))
        list_add_last(&sessions->grown, &feed->grown);
}
/** Marks the readers of feeds that grew for the flush. A reader whose connection takes no bytes now is marked, too,
 *  because its backlog may have grown past the limit. */
void feeds_mark_readers(struct sessions *sessions);
/** Returns the feed that the session's login, event mask and autofilter require, and makes it if there is none. @return
 *  NULL: the session gets no events */
struct view_feed *feeds_wanted(struct session *session);
/** Puts the session on the feed that its login, event mask and autofilter require. */
void feeds_choose(struct session *session);

#endif

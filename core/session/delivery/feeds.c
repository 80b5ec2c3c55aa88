// core/session/delivery/feeds.c: see feeds.h.
#include "session/delivery/feeds.h"

#include "ami/event_filter.h"
#include "base/memory.h"
#include "session/client/count.h"
#include "session/delivery/encode.h"
#include "session/delivery/kept.h"
#include "session/delivery/resume.h"
#include "session/delivery/shared.h"

#include <stdlib.h>

bool feeds_suits(const struct view_feed *feed, const struct session *session, uint32_t mask, bool everything)
{
    const struct session_resume *resume = resume_of(session);

    return feed->view == session->view && feed->format == session->format.output &&
           feed->frame == session->format.frame && feed->ids == resume->ids && feed->id_frame == resume->frame &&
           feed->exported == session->exported && kept_suits(feed, session) && feed->mask == mask &&
           feed->everything == everything && event_filters_equal(feed->filters, session->events.filters);
}

struct view_feed *feeds_add(struct sessions *sessions, const struct amp_plugin *format)
{
    struct view_feed *feed = memory_zero(1, sizeof *feed);

    feed_init(&feed->feed);
    feed->format = format;
    feed->events = count_of_events(sessions, format);
    feed->next = sessions->feeds;
    sessions->feeds = feed;
    return feed;
}

struct view_feed *feeds_find(const struct session *session, uint32_t mask, bool everything)
{
    struct sessions *sessions = session->sessions;
    struct view_feed *found = sessions->feeds;
    const struct session_resume *resume = resume_of(session);

    while (found != NULL && !feeds_suits(found, session, mask, everything))
        found = found->next;
    if (found == NULL) {
        found = feeds_add(sessions, session->format.output);
        found->view = session->view;
        found->filters = event_filters_ref(session->events.filters);
        found->frame = session->format.frame;
        found->ids = resume->ids;
        found->id_frame = resume->frame;
        found->mask = mask;
        found->everything = everything;
        found->exported = session->exported;
        kept_begin(found, session);
        if (found->ids == RESUME_NO_IDS && found->exported == NULL)
            found->shared = shared_enter(sessions, found->format, found->frame);
    }
    return found;
}

void feeds_destroy(struct sessions *sessions, struct view_feed *feed)
{
    struct view_feed **link = &sessions->feeds;

    while (*link != feed)
        link = &(*link)->next;
    *link = feed->next;
    list_remove(&sessions->grown, &feed->grown);
    kept_end(sessions, feed);
    shared_leave(sessions, feed->shared);
    feed_fini(&feed->feed);
    event_filters_unref(feed->filters);
    free(feed);
}

void feeds_end_delivery(struct sessions *sessions)
{
    struct view_feed *next;

    sessions->delivering = false;
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = next) {
        next = feed->next;
        if (feed->readers.first == NULL && !kept_stays(sessions, feed))
            feeds_destroy(sessions, feed);
    }
}

void feeds_end_readers(struct view_feed *feed)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &feed->readers);
    while ((node = list_step(&walk)) != NULL)
        session_plugin_failed(SESSION_AT(node, feed), feed->format, ENCODING_FAILED);
}

static void leave_feed(struct session *session)
{
    struct view_feed *feed = session->view_feed;

    list_remove(&feed->readers, &session->links.feed);
    session->view_feed = NULL;
    feed->reader_count--;
    session->sessions->promiscuous -= feed->everything;
    if (feed->readers.first == NULL && !session->sessions->delivering && !kept_stays(session->sessions, feed))
        feeds_destroy(session->sessions, feed);
}

static void enter_feed(struct session *session, struct view_feed *feed)
{
    session->view_feed = feed;
    list_add_first(&feed->readers, &session->links.feed);
    feed->reader_count++;
    if (feed->kept != NULL && feed->kept->only_reader != session->id)
        feed->kept->only_reader = 0;
    kept_enter(session->sessions, feed);
    session->sessions->promiscuous += feed->everything;
}

/** A client that changes what it wants again and again would leave many kept feeds behind, and each event would be
 *  appended to all of them. It is told the id of its place in the present one (ResumePoint). */
static void leave_few_behind(const struct session *session)
{
    struct sessions *sessions = session->sessions;
    struct view_feed *oldest = NULL;
    uint32_t count = 0;

    if (sessions->delivering || sessions->kept.state != KEPT_LIVE)
        return;
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept == NULL || feed->kept->only_reader != session->id || feed->readers.first != NULL)
            continue;
        count++;
        if (oldest == NULL || feed->kept->left_ms <= oldest->kept->left_ms) // the newest is first in the list
            oldest = feed;
    }
    if (count > KEPT_LEFT_BEHIND)
        feeds_destroy(sessions, oldest);
}

/** Moves a session to a feed. @param number  of the message in a kept feed behind which it reads on; NULL: at the end
 */
static void feeds_put(struct session *session, struct view_feed *feed, const uint64_t *number)
{
    if (session_is_dead(session))
        feed_leave(&session->output.cursor); // unread bytes need not be copied
    else if (number != NULL)
        output_go_back(&session->output, &feed->feed, *number);
    else
        output_change_feed(&session->output, feed == NULL ? NULL : &feed->feed);
    if (session->view_feed != NULL)
        leave_feed(session);
    if (feed != NULL)
        enter_feed(session, feed);
    if (feed != NULL && feed->kept != NULL)
        leave_few_behind(session);
    sessions_count_changed(session->sessions);
}

void feeds_move(struct session *session, struct view_feed *feed)
{
    if (session->view_feed != feed)
        feeds_put(session, feed, NULL);
}

void feeds_move_behind(struct session *session, struct view_feed *feed, uint64_t number)
{
    feeds_put(session, feed, &number);
}

void feeds_mark_readers(struct sessions *sessions)
{
    for (struct list_node *grown = sessions->grown.first; grown != NULL; grown = grown->next) {
        struct view_feed *feed = LIST_OBJECT(grown, struct view_feed, grown);
        feed->grew = false;
        for (struct list_node *node = feed->readers.first; node != NULL; node = node->next)
            sessions_mark_dirty(SESSION_AT(node, feed));
    }
}

struct view_feed *feeds_wanted(struct session *session)
{
    uint32_t mask = session->events.mask & session->read;
    // a session that collects is given its answers whatever its autofilter
    enum autofilter autofilter = session->format.collecting ? AUTOFILTER_UNIQUE : session->events.autofilter;

    if (!session->authenticated || session_is_ending(session) || session->format.input == NULL ||
        !session_is_encoded(session))
        return NULL;
    if (autofilter == AUTOFILTER_OFF && session->read != 0) // else it may see nothing but its own answers
        return feeds_find(session, mask, true);
    if (mask != 0 && (autofilter == AUTOFILTER_UNIQUE || session->events.last_id == NULL))
        return feeds_find(session, mask, false);
    return NULL;
}

void feeds_choose(struct session *session)
{
    feeds_move(session, resume_is_pending(session) ? NULL : feeds_wanted(session));
}

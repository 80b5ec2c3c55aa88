// core/session/delivery/replay.c: see replay.h.
#include "session/delivery/replay.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/feeds.h"
#include "session/delivery/give.h"
#include "session/delivery/handover.h"
#include "session/delivery/own_frame.h"

/** Returns the earlier message that revelation `index` shows to a view (one reference); NULL: it shows none, or the
 *  mask, the view's filters or `filters` hide it. */
static struct message *replay_copy(const struct sessions *sessions, struct view *view, struct event_filters *filters,
                                   uint32_t mask, size_t index)
{
    struct message *message = NULL;

    if (view != NULL && view->rule != VIEW_NO_RULE)
        message = calls_reveal(sessions->verdicts.calls, index, view->rule);
    if (message == NULL || !event_class_visible(message->classes, mask))
        return NULL;
    message = view->is_stateful ? view_replayed(view, index) : view_replay(view, message);
    if (message == NULL || event_filters_pass(filters, message))
        return message;
    message_unref(message);
    return NULL;
}

static void replay_to_feed(struct sessions *sessions, struct view_feed *feed, size_t index, uint64_t serial)
{
    struct message *message = replay_copy(sessions, feed->view, feed->filters, feed->mask, index);

    if (message == NULL)
        return;
    if ((feed->kept != NULL || feed->exported != NULL) && handover_withholds(sessions, feed, message, serial)) {
        message_unref(message);
        return;
    }
    struct span bytes = encode_next(sessions, feed, message, serial);
    if (sessions->encoding_failed)
        feeds_end_readers(feed);
    if (bytes.length > 0) {
        feed_append(&feed->feed, bytes.bytes, bytes.length);
        own_frame_readers(sessions, feed, message, serial, bytes, NULL);
        feeds_grew(sessions, feed);
        metric_add(feed->events, feed->reader_count);
    }
    encode_forget(sessions);
    message_unref(message);
}

static void replay_to_listener(struct session *session, size_t index)
{
    struct message *message = NULL;

    if (session->authenticated)
        message = replay_copy(session->sessions, session->view, session->events.filters,
                              session->events.mask & session->read, index);
    if (message != NULL)
        session_give(session, message, AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
}

void replay_revealed(struct sessions *sessions, uint64_t serial)
{
    const struct calls *calls = sessions->verdicts.calls;
    struct list_walk walk;
    struct list_node *node;

    for (size_t i = 0; i < calls_revealed(calls); i++) {
        for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next)
            replay_to_feed(sessions, feed, i, serial);
        list_begin(&walk, &sessions->listening);
        while ((node = list_step(&walk)) != NULL)
            replay_to_listener(SESSION_AT(node, listening), i);
    }
}

void replay_note_channel(struct sessions *sessions, const struct entry *entry)
{
    if (sessions->verdicts.calls == NULL)
        return;
    calls_list(sessions->verdicts.calls, entry->part.message, entry->part.final, clock_ms());
    if (sessions->verdicts.stateful_count > 0)
        view_replay_stateful(&sessions->verdicts);
    replay_revealed(sessions, entry->serial);
}

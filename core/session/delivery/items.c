// core/session/delivery/items.c: see items.h. Whether the asker takes items was found out when they asked; by now
// another configuration, another format or a session that sees everything may want messages.
#include "session/delivery/items.h"

#include "ami/parser.h"
#include "session/client/set.h"
#include "session/delivery/feeds.h"
#include "session/delivery/handover.h"
#include "session/delivery/plain_answer.h"

/** Is there a feed of this worker that shows everything, also answers to others? */
static bool somebody_sees_all(const struct sessions *sessions)
{
    const struct view_feed *feed = sessions->feeds;

    while (feed != NULL && !feed->everything)
        feed = feed->next;
    return feed != NULL;
}

/** Makes messages of the items again, and delivers each of them. */
static void give_each(struct sessions *sessions, const struct entry *entry, items_give *give)
{
    struct span wire = message_wire(entry->part.message);
    struct parser *parser = parser_create(NULL);
    struct message *message;
    size_t room;

    memcpy(parser_reserve(parser, wire.length, &room), wire.bytes, wire.length);
    parser_commit(parser, wire.length);
    for (uint32_t i = 1; (message = parser_next(parser)) != NULL; i++) {
        struct entry one = *entry;
        message->from_server = true; // may be set, as nobody else has a reference yet
        one.part = (struct answer_part){.message = message, .kind = entry->part.kind};
        one.serial = entry->serial - entry->part.items + i;
        give(sessions, &one);
        message_unref(message);
    }
    parser_destroy(parser);
}

void items_deliver(struct sessions *sessions, const struct entry *entry, items_give *give)
{
    struct ask *ask = entry->ask;
    bool is_own = ask->worker == sessions->worker && !ask->over;
    struct session *asker = is_own ? sessions_find(sessions, ask->session) : NULL;

    if (somebody_sees_all(sessions) ||
        (asker != NULL && (asker->events.autofilter == AUTOFILTER_ON || !plain_answer_is_for(asker, ask)))) {
        give_each(sessions, entry, give);
    } else if (asker != NULL && !session_is_dead(asker)) {
        handover_note_given(asker, entry->serial);
        output_add_items(&asker->output, entry->part.message, entry->part.longest);
        sessions_mark_dirty(asker);
    }
}

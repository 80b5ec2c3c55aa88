// core/session/delivery/items.h: many items of a list that came at once.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_ITEMS_H
#define SESSION_DELIVERY_ITEMS_H

#include "letters/letters.h"
#include "session/client/session.h"

/** Delivers one message. @param entry  borrowed */
typedef void items_give(struct sessions *sessions, const struct entry *entry);

/** Delivers an entry with items: their bytes to the asker as they are; or, if somebody must see the messages, each of
 *  them by `give`. */
void items_deliver(struct sessions *sessions, const struct entry *entry, items_give *give);

#endif

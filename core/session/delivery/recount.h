// core/session/delivery/recount.h: corrects the number of items at the end of a list if filters withheld some of them.
// Thread: the session's worker.
#ifndef SESSION_DELIVERY_RECOUNT_H
#define SESSION_DELIVERY_RECOUNT_H

#include "letters/letters.h"

/** If `message` (lent) ends a list of which the session was not shown all items, makes a copy with the number of items
 *  that the session was shown. @return one reference, to `message` or to the copy */
struct message *recount_items(struct message *message, const struct entry *entry);

#endif

// core/session/delivery/recount.h: the end of a list says how many items there were: as many as its reader was given.
#ifndef SESSION_DELIVERY_RECOUNT_H
#define SESSION_DELIVERY_RECOUNT_H

#include "letters/letters.h"

/** `message` (lent), or a copy with the number of items less those that were withheld from the asker, if it ends a list
 * of which some were. @return one reference */
struct message *recount_items(struct message *message, const struct entry *entry);

#endif

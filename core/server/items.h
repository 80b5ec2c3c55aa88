// core/server/items.h: items of a list that go to their asker many at once. The first one that has a name goes alone,
// as every message does; what is decided for it holds for those that begin alike and follow it, if their asker takes
// them so and nobody shares the answer.  Thread: the hub's.
#ifndef SERVER_ITEMS_H
#define SERVER_ITEMS_H

#include "server/lane.h"

/** Notes an item of a list, which is not its end: others like it may follow. */
void items_note(struct exchange *exchange, const struct message *item);
/** Takes the items that come next on a lane whose `listing` has an exchange. @return were there any? */
bool items_take(struct lane *lane);

#endif

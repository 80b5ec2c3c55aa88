// core/server/items.h: items of a list that go to their asker many at once. The first item goes alone, as every message
// does. Those that follow it directly, and are events of the same name, are treated as it was and need no look of their
// own. This is for answers that one asker alone gets, and only if it takes items so.  Thread: the hub's.
#ifndef SERVER_ITEMS_H
#define SERVER_ITEMS_H

#include "server/lane.h"

/** Notes an item (not the end) of a list: others like it may follow. */
void items_note(struct exchange *exchange, const struct message *item);
/** Takes the items that come next on a lane whose `listing` has an exchange. @return were there any? */
bool items_take(struct lane *lane);

#endif

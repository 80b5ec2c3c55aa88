// core/server/merge.h: `Server: *`: one action that is sent to all servers that are up, and their answers as one
// answer. Thread: the hub's.
//
// Lists become one list: one response, the items of all servers (with their `Server:`), and one completion whose
// ListItems is the sum. Single responses become a list, too: each is an item `Event: <Action>Response` with all its
// headers (of an Originate with `Async:` it is `OriginateQueued`, because its OriginateResponse is another event). What
// comes after a server's answer, like its OriginateResponse, is passed on as it comes, with its `Server:`.
#ifndef SERVER_MERGE_H
#define SERVER_MERGE_H

#include "server/exchange.h"

struct merge;

/** Makes a merge, which is counted: the caller has the first reference, and each of its exchanges has one.
 *  @param expected  number of its exchanges, > 0; the final message of the last one completes the answer */
struct merge *merge_create(struct ask *ask, uint32_t expected);
/** Adds a reference. @return `merge` */
struct merge *merge_ref(struct merge *merge);
/** Releases a reference. `merge` may be NULL. */
void merge_unref(struct merge *merge);
/** Handles one message (taken) of the answer to one of its exchanges. */
void merge_take(struct servers *servers, struct exchange *exchange, struct answer_part part);

#endif

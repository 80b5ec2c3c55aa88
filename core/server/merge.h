// core/server/merge.h: `Server: *`: one action asked of all servers that are up, answered as one. Thread: the hub's.
//
// A list's answers become one response, the items of each (with their `Server:`), one completion whose ListItems is the
// sum. Single responses become a list too: each as an item `Event: <Action>Response` with all its headers.
#ifndef SERVER_MERGE_H
#define SERVER_MERGE_H

#include "server/exchange.h"

struct merge;

/** Counted: each of its exchanges has a reference, the caller has the first.
 *  @param expected  exchanges that will be part of it, > 0; with the last of their finals it is over */
struct merge *merge_create(struct ask *ask, uint32_t expected);
/** One more reference. @return `merge` */
struct merge *merge_ref(struct merge *merge);
/** NULL is fine. */
void merge_unref(struct merge *merge);
/** One message of the answer of one of its exchanges; taken. */
void merge_take(struct servers *servers, struct exchange *exchange, struct answer_part part);

#endif

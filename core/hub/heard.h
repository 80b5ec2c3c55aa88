// core/hub/heard.h: what a process has heard from the servers: a multiset of message texts. Two processes that are
// logged in to the same servers hear the same, perhaps in another order.  Thread: the hub's.
#ifndef HUB_HEARD_H
#define HUB_HEARD_H

#include "ami/fingerprint.h"

/** A message that was heard. */
struct heard_message {
    struct fingerprint text;
    uint64_t note;  // the caller's: when it came, or its serial number
    uint32_t taken; // heard_take(): of the first one with this text, how many of them are taken
};

struct heard {
    struct heard_message *messages;
    size_t count, capacity, left; // `left`: those that are not taken
    bool overflowed;              // there were more than are kept
};

/** Adds a message. */
void heard_add(struct heard *heard, const struct fingerprint *text, uint64_t note);
/** Prepares for heard_take(). Nothing may be added any more. */
void heard_sort(struct heard *heard);
/** Takes one message with that text. @return false: there is none, or no more */
bool heard_take(struct heard *heard, const struct fingerprint *text);
/** Frees the memory; the multiset is empty. */
void heard_clear(struct heard *heard);

#endif

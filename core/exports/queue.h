// core/exports/queue.h: messages that wait to be delivered, in order, in bounded memory. The first ones may be under
// way: these stay until their delivery has succeeded or failed. When there is no room, the oldest of the others are
// dropped and counted; a message that tells of them comes in their place.  Thread: one owner's.
#ifndef EXPORTS_QUEUE_H
#define EXPORTS_QUEUE_H

#include "base/list.h"
#include "base/span.h"

#include <stdint.h>

/** What is known of a message besides its bytes. It is copied as it is to a process that takes over. */
struct export_head {
    uint64_t number;    // that its id ends with
    uint64_t queued_ms; // clock_ms()
    uint64_t skipped;   // dropped messages that it tells of; 0: it is a message of the stream
    uint32_t length;    // of its bytes
    uint32_t server_length, event_length;
};

/** A message with its head. Behind it: server, event, bytes. */
struct export_message {
    struct list_node node;
    struct export_head head;
    char text[];
};

/** All zero but `limit`: empty. */
struct export_queue {
    struct list_head messages; // of struct export_message, oldest first
    size_t count, bytes;
    size_t limit;                     // bytes
    size_t under_way;                 // messages, from the first one on
    struct list_node *last_under_way; // of these, so that a full queue is not searched for each message; NULL: none
    uint64_t dropped;                 // messages of the stream that were dropped and that no message tells of yet
    struct list_node *before_dropped; // message before their place; NULL: it is before all others
};

/** Makes a message, with room for its texts behind the head. */
struct export_message *export_message_create(const struct export_head *head);
/** Returns the message's bytes in its format. Lent. */
struct span export_message_bytes(const struct export_message *message);
/** Returns the name of the server that it came from; empty: none. Lent. */
struct span export_message_server(const struct export_message *message);
/** Returns the name of the event; empty: none. Lent. */
struct span export_message_event(const struct export_message *message);

/** Frees all messages. */
void export_queue_fini(struct export_queue *queue);
/** Adds a message (taken), and drops the oldest ones if there is no room. @return how many messages of the stream were
 *  dropped */
uint64_t export_queue_add(struct export_queue *queue, struct export_message *message);
/** Inserts a message (taken) where others were dropped, which tells their number. None may be under way. */
void export_queue_tell(struct export_queue *queue, struct export_message *message);
/** Drops what was queued before `before_ms` and is not under way. @return as export_queue_add() */
uint64_t export_queue_expire(struct export_queue *queue, uint64_t before_ms);
/** Returns the first message; NULL: there is none. Lent. */
struct export_message *export_queue_first(const struct export_queue *queue);
/** Marks the first messages as under way: at most `count`, with at most `bytes` together, but at least one. None may be
 *  under way before. @return how many */
size_t export_queue_begin(struct export_queue *queue, size_t count, size_t bytes);
/** Nothing is under way any more: removes the first `over` messages of those that were; the others wait again. */
void export_queue_end(struct export_queue *queue, size_t over);

#endif

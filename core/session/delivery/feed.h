// core/session/delivery/feed.h: the byte log of one view × format × event mask, read by many cursors.
//
//   0 ─── freed ─── first ─── wanted by some cursor ─── end        positions are absolute: they never move or wrap
//
// A message is encoded and appended once; a session holds only a cursor. Memory is kept from the slowest cursor on.
// What other feeds show, too, may lie in a block that all of them refer to (feed_block.h). Thread: the worker that owns
// it, no other.
#ifndef SESSION_DELIVERY_FEED_H
#define SESSION_DELIVERY_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct feed_block;
struct feed_chunk;
struct feed_past;

struct feed {
    struct feed_chunk *first, *last;
    uint64_t end;
    size_t fresh;           // bytes in blocks that were appended since feed_settle()
    struct feed_past *past; // what is kept of it (feed_past.h); NULL: only what some cursor has still to read
};

/** A reader's position in a feed. All zero: the cursor is on no feed. */
struct feed_cursor {
    struct feed *feed;
    struct feed_chunk *chunk; // the chunk that holds `position` (or ends at it)
    uint64_t position;
};

/** Makes an empty feed that keeps no past. */
void feed_init(struct feed *feed);
/** Frees the feed's memory. No cursor may be on it any more. */
void feed_fini(struct feed *feed);
/** Appends one whole message. */
void feed_append(struct feed *feed, const char *bytes, size_t length);
/** Appends message `index` of the block: mostly as a reference, sometimes as a copy. */
void feed_append_shared(struct feed *feed, struct feed_block *block, uint32_t index);
/** Ends a turn of the loop: gives back what was read.
 *  @param is_read  all cursors are at the end
 *  @param shared  bytes that were written to blocks in this turn: if the feed shows few of them, and they are not read,
 *    it takes copies of its own */
void feed_settle(struct feed *feed, bool is_read, size_t shared);

/** Puts a cursor, which must be on no feed, at the end of `feed`. It reads what is appended from now on. */
void feed_enter(struct feed *feed, struct feed_cursor *cursor);
/** Takes the cursor off its feed, which may free bytes that only this cursor had not read. Does nothing if the cursor
 *  is on no feed. */
void feed_leave(struct feed_cursor *cursor);
/** Describes unread bytes up to position `limit` (absolute, <= end) as pieces, without copying.
 *  @return number of pieces (0: nothing unread before `limit`); valid until the next feed_append() or advance */
int feed_peek(const struct feed_cursor *cursor, uint64_t limit, struct iovec *pieces, int count);
/** Moves the cursor forward by `bytes`, which must not exceed the unread bytes. */
void feed_advance(struct feed_cursor *cursor, uint64_t bytes);
/** Returns the bytes from the cursor to the end of the current message; 0: the cursor is at a message's first byte. */
size_t feed_rest_of_message(const struct feed_cursor *cursor);
/** Returns the number of messages that begin at or after the cursor's position. */
uint64_t feed_unread_messages(const struct feed_cursor *cursor);

#endif

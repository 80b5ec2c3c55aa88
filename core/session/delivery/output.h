// core/session/delivery/output.h: the bytes that one session is sent: its feed's messages, and between them its own
// answers. An answer carries the feed position at which it arrived and is written when the cursor reaches that
// position, so answers and events keep the order in which the server sent them.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_OUTPUT_H
#define SESSION_DELIVERY_OUTPUT_H

#include "base/span.h"
#include "net/transport.h"
#include "session/delivery/feed.h"

struct message;
struct output_piece;

struct output {
    struct feed_cursor cursor;
    struct output_piece *first, *last; // private bytes, by position
    size_t private_bytes, frame_bytes; // bytes of answers and of frames that are not yet written
    bool in_frame;                     // the frame's bytes before a message are written, those after it not yet all
    size_t largest;                    // longest private addition since the output was last empty
    uint64_t granted;                  // bytes of the feed up to this position are no backlog
};

enum output_result { OUTPUT_DRAINED, OUTPUT_WAITING, OUTPUT_FAILED };

/** Frees the private bytes and leaves the feed. */
void output_fini(struct output *output);
/** Adds private bytes (copied) after everything that the session was given so far. */
void output_add(struct output *output, const char *bytes, size_t length);
/** Adds several pieces of private bytes (copied), as output_add() does with one. */
void output_add_pieces(struct output *output, const struct span *pieces, int count);
/** Adds the pieces as output_add_pieces() does, but refers to the last one, if it is large, in place of a copy. That
 *  one is part of the bytes of `message`, to which the output takes a reference of its own until it is written. */
void output_add_message(struct output *output, struct message *message, const struct span *pieces, int count);
/** Adds the block of parser_items(), to which the output takes a reference. @param longest  bytes of the longest item
 */
void output_add_items(struct output *output, struct message *items, size_t longest);
/** Adds private bytes (copied) in place of the feed's last message, which has `replaced` bytes: the session receives a
 *  copy that differs from what other readers of the feed receive. That message must be the last thing that the session
 *  was given, and must have no frame in this session. */
void output_replace(struct output *output, const char *bytes, size_t length, size_t replaced);
/** Puts private bytes before and after the feed's last message, which has `length` bytes. Nothing may have been added
 *  to the output since that message was appended. */
void output_frame(struct output *output, struct span before, struct span after, size_t length);
/** Moves the session to the end of another feed (NULL: to none). Unread bytes of the old feed are copied, and are
 *  written first. */
void output_change_feed(struct output *output, struct feed *feed);
/** Moves the session to a place in the past of another feed, behind message `number`, which is kept
 *  (feed_past_enter()). What was given to the session until now is written first. What it reads of the past does not
 *  count as backlog. */
void output_go_back(struct output *output, struct feed *feed, uint64_t number);
/** Writes as much as the transport takes. @return OUTPUT_WAITING: TRANSPORT_WRITABLE will follow */
enum output_result output_flush(struct output *output, struct transport *transport);
/** Is there nothing to write or to take? */
bool output_is_empty(const struct output *output);
/** Hands all that waits to `write`, in order, instead of writing it. */
void output_take(struct output *output, void (*write)(void *context, const char *bytes, size_t length), void *context);
/** Returns the bytes that wait to be written, without the one largest answer: a client that asked for megabytes is not
 *  slow because it receives them. */
uint64_t output_backlog(const struct output *output);
/** Applies the slow-client rule `skip`: drops the unread messages of the feed, with their frames, except a message that
 *  is partly written.
 *  @return number of messages dropped */
uint64_t output_skip(struct output *output);

#endif

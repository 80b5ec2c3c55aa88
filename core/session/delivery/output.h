// core/session/delivery/output.h: what one session is sent: its feed, and between the feed's messages its own answers.
// An answer carries the feed position at which it arrived and is written when the cursor gets there, so answers and
// events keep the order in which the server sent them.  Thread: the session's worker.
#ifndef SESSION_DELIVERY_OUTPUT_H
#define SESSION_DELIVERY_OUTPUT_H

#include "base/span.h"
#include "net/transport.h"
#include "session/delivery/feed.h"

struct output_piece;

struct output {
    struct feed_cursor cursor;
    struct output_piece *first, *last; // private bytes, by position
    size_t private_bytes, frame_bytes; // not yet written: of answers, of frames
    bool in_frame;                     // bytes in front of a framed message are written, those behind it are not all
    size_t largest;                    // longest private addition since the session had read everything
};

enum output_result { OUTPUT_DRAINED, OUTPUT_WAITING, OUTPUT_FAILED };

/** Frees private bytes and leaves the feed. */
void output_fini(struct output *output);
/** Adds private bytes (copied) behind everything that the session was given so far. */
void output_add(struct output *output, const char *bytes, size_t length);
/** output_add() in place of the `replaced` bytes of the feed's message that was appended last: a session's own copy of
 *  a message that others get in another form. The feed must have been given that message after all else; this session
 * has no frame around it. */
void output_replace(struct output *output, const char *bytes, size_t length, size_t replaced);
/** Puts bytes of the session's own in front of and behind the `length` bytes of the feed's message that was appended
 *  last. The output must have been given nothing since. */
void output_frame(struct output *output, struct span before, struct span after, size_t length);
/** Moves the session to another feed (NULL: none), after all that it may still read of the old one. */
void output_change_feed(struct output *output, struct feed *feed);
/** Writes as much as the transport takes. @return OUTPUT_WAITING: TRANSPORT_WRITABLE will follow */
enum output_result output_flush(struct output *output, struct transport *transport);
/** Bytes that wait to be written, but for the one largest answer: a client that asked for megabytes is not slow because
 *  it is given them. */
uint64_t output_backlog(const struct output *output);
/** The rule `skip`: gives up what is unread of the feed, with its frames, but for the message that is being written.
 *  @return number of messages given up */
uint64_t output_skip(struct output *output);

#endif

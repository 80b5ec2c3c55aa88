// core/ami/assemble.h: how a message comes into being: one block, filled by its maker, then looked through once.
// For ami/ only: everybody else parses or builds. Thread: any.
#ifndef AMI_ASSEMBLE_H
#define AMI_ASSEMBLE_H

#include "ami/message.h"

/** How what a parser has read must be put together. */
enum assemble_shape {
    ASSEMBLE_LINES,    // as it came
    ASSEMBLE_UNTIDY,   // values may end in a LF, the last lines in another end than the first
    ASSEMBLE_FOLLOWS,  // the last header is the text of a Follows, its marker included
    ASSEMBLE_UNMARKED, // … without it
};

/** Memory for a message with one reference: the caller fills in all headers and bytes, then calls assemble_finish().
 *  @param byte_count  < 2^32, which the caller has checked */
struct message *assemble_begin(uint32_t header_count, size_t byte_count);
/** Where the wire bytes of a message that is being made go. */
char *assemble_bytes(struct message *message);
/** Finds out what the message is: kind, classes, ActionID, flags. It is immutable from here on. */
void assemble_finish(struct message *message);
/** The message of these headers and wire bytes, finished. */
struct message *assemble_copy(const struct header *headers, uint32_t count, struct span wire);
/** The same, received from a peer: whichever header comes first of Event and Response decides what it is. */
struct message *assemble_received(const struct header *headers, uint32_t count, struct span wire);
/** The same, of a server, with `Server: NAME` (empty: none) behind the last header, or in front of the text of a
 * Follows. Loose LFs at the ends of values go, and the last header and the blank line end as the first line does; a
 * text without its marker gets it. */
struct message *assemble_named(const struct header *headers, uint32_t count, struct span wire, struct span name,
                               enum assemble_shape shape);
/** Header of the line `content` (without its end) that stands at `start`. A colon behind a raw LF is part of a text. */
struct header assemble_header(struct span content, uint32_t start);
/** Bytes at the front of an action's value that Asterisk skips: all up to 0x20 but CR, LF and NUL, which are never
 * blanks. Of what it sends itself one blank behind the colon is the separator, and all else is value. */
size_t assemble_blanks(struct span value);

#endif

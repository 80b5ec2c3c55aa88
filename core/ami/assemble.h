// core/ami/assemble.h: how a message comes into being: one block, filled by its maker, then looked through once.
// For ami/ only: everybody else parses or builds. Thread: any.
#ifndef AMI_ASSEMBLE_H
#define AMI_ASSEMBLE_H

#include "ami/message.h"

#define FOLLOWS_MARKER "--END COMMAND--"
#define FOLLOWS_MARKER_BYTES (sizeof FOLLOWS_MARKER - 1)

/** Memory for a message with one reference: the caller fills in all headers and bytes, then calls assemble_finish().
 *  @param byte_count  < 2^32, which the caller has checked */
struct message *assemble_begin(uint32_t header_count, size_t byte_count);
/** Where the wire bytes of a message that is being made go. */
char *assemble_bytes(struct message *message);
/** Finds out what the message is: kind, classes, ActionID, flags. It is immutable from here on. */
void assemble_finish(struct message *message);
/** The message of these headers and wire bytes, finished. */
struct message *assemble_copy(const struct header *headers, uint32_t count, struct span wire);
/** The same, of a server's message, with `Server: NAME` behind the last header, or in front of the text of a Follows
 * (its last header). */
struct message *assemble_named(const struct header *headers, uint32_t count, struct span wire, struct span name,
                               bool is_follows);
/** Takes loose LFs off the ends of the lines of a message whose lines end in CR LF, in place, and changes the headers
 *  to suit. A line of nothing else goes: it would read as a blank one. @return the new length of the wire bytes */
size_t assemble_tidy(struct header *headers, uint32_t *count, char *bytes);
/** Header of the line `content` (without its end) that stands at `start`. A colon behind a raw LF is part of a text. */
struct header assemble_header(struct span content, uint32_t start);
/** Bytes at the front of a value that Asterisk skips: all up to 0x20 but CR, LF and NUL, which are never blanks. */
size_t assemble_blanks(struct span value);

#endif

// core/ami/writer.h: writes actions for servers; there is no other way for a client's headers to a server. Refuses what
// would break the framing of the shared connection (Asterisk main/manager.c: get_input, AST_MAX_MANHEADERS).
// Thread: any; pure.
#ifndef AMI_WRITER_H
#define AMI_WRITER_H

#include "ami/message.h"

#define WRITER_LINE_BYTES 1022 // longest line that Asterisk reads, without CR LF
#define WRITER_HEADERS 128     // most lines of a message that Asterisk reads
#define WRITER_ID_BYTES 64     // longest ActionID that no handler of Asterisk truncates

enum writer_result {
    WRITER_OK,
    WRITER_NO_ACTION,      // no non-empty `Action` header
    WRITER_LINE_TOO_LONG,  // Asterisk: "Failed to parse message: line too long"
    WRITER_TOO_MANY_LINES, // Asterisk: "Too many lines in message or allocation failure"
    WRITER_FORBIDDEN_BYTES // CR, LF or NUL in a value; an empty name, or one with blanks, control characters or a colon
};

/** May these headers be sent to a server as a message, with the proxy's ActionID? The length and number of ActionID,
 *  Server and ProxyKey headers do not matter, because writer_wire() leaves all of them out. */
enum writer_result writer_check(const struct message *action);
/** Returns Asterisk's text for a refusal ("Missing action in request", …). */
const char *writer_text(enum writer_result result);
/** Bytes for a server. All zero: empty. */
struct writer_buffer {
    char *bytes;
    size_t length, capacity;
};
/** Appends the bytes to send to `out`: `Action: …` (the first one that is not empty), `ActionID: id`, then the other
 *  headers in their order as `Name: value`, and a blank line. Only after writer_check() has returned WRITER_OK. */
void writer_wire(struct writer_buffer *out, const struct message *action, struct span id);
/** Frees the bytes of a buffer. */
void writer_buffer_fini(struct writer_buffer *out);

#endif

// core/ami/writer.h: the one way for a client's headers to a server. Refuses what would break the framing for
// everybody on the shared connection (Asterisk main/manager.c: get_input, AST_MAX_MANHEADERS). Thread: any; pure.
#ifndef AMI_WRITER_H
#define AMI_WRITER_H

#include "ami/message.h"

#define WRITER_LINE_BYTES 1022 // longest line that Asterisk reads, without CR LF
#define WRITER_HEADERS 128     // most lines of a message that Asterisk reads
#define WRITER_ID_BYTES 64     // longest ActionID that no handler of Asterisk cuts

enum writer_result {
    WRITER_OK,
    WRITER_NO_ACTION,      // no non-empty `Action` header
    WRITER_LINE_TOO_LONG,  // Asterisk: "Failed to parse message: line too long"
    WRITER_TOO_MANY_LINES, // Asterisk: "Too many lines in message or allocation failure"
    WRITER_FORBIDDEN_BYTES // CR, LF or NUL in a value; a name that is empty or has blanks, controls or a colon
};

/** May these headers go to a server as a message, the proxy's ActionID included? ActionID, Server and ProxyKey headers
 *  are not counted or judged by length: they are not forwarded (writer_wire() leaves out every one of them). */
enum writer_result writer_check(const struct message *action);
/** Asterisk's own words for a refusal ("Missing action in request", …). */
const char *writer_text(enum writer_result result);
/** The bytes to send: `Action: …` first (the first non-empty one), `ActionID: id` second, then the other headers in
 *  their order as `Name: value`, blank line. Only after writer_check() said WRITER_OK. Appends to `out`. */
struct writer_buffer {
    char *bytes;
    size_t length, capacity;
};
void writer_wire(struct writer_buffer *out, const struct message *action, struct span id);
/** Frees the bytes of a buffer. */
void writer_buffer_fini(struct writer_buffer *out);

#endif

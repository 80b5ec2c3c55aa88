// core/ami/splice.h: makes a copy of a message with some headers changed, added or left out. Unchanged lines are copied
// in runs. Thread: any; pure.
#ifndef AMI_SPLICE_H
#define AMI_SPLICE_H

#include "ami/message.h"

/** The contents of the copy. A header's `start` and `value` are offsets into the original's wire bytes; an offset of
 *  `byte_count` or more continues into `texts`. A header whose value is in the original is copied with its line. */
struct splice {
    const struct message *original; // NULL: all headers are in `texts`
    const struct header *headers;   // those of the original in its order; its first header, if it stays, is first
    uint32_t count;
    const char *texts;
    size_t text_bytes;
    bool noted; // a header that is splice_is_noted() has changed, or the place of the ActionID may have
};

/** Does a header of this name set a field of `struct message`, apart from the first header? */
bool splice_is_noted(struct span name);
/** Makes the message. New lines have the line end of the original's first line. The caller owns it. */
struct message *splice_build(const struct splice *splice);

/** Writes a line `name: value` with its end. */
struct splice_line {
    struct span name, value, end;
};

/** Makes a copy in which one line (NULL: none) replaces `removed` headers from header `index` on. The other bytes are
 *  the same. The caller owns it. */
struct message *splice_line(const struct message *original, uint32_t index, uint32_t removed,
                            const struct splice_line *line);
/** Returns the end of the line of a header: CR LF or LF. */
struct span splice_line_end(const char *bytes, const struct header *header);
/** Returns the end of the first line; of a message without headers that of the blank line. */
struct span splice_first_end(const struct message *message);

#endif

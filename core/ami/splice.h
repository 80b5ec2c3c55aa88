// core/ami/splice.h: a copy of a message with some headers changed, added or left out: what stays is copied in runs of
// whole lines, as it is. Thread: any; pure.
#ifndef AMI_SPLICE_H
#define AMI_SPLICE_H

#include "ami/message.h"

/** What the copy consists of. A header's `start` and `value` count on from the original's wire bytes into `texts`: what
 *  is below its `byte_count` stands there, the rest in `texts`. A header whose value stands in the original is taken
 *  over with its line. */
struct splice {
    const struct message *original; // NULL: all stands in `texts`
    const struct header *headers;   // those of the original that stay come in its order, the first one in front
    uint32_t count;
    const char *texts;
    size_t text_bytes;
    bool noted; // a header that splice_is_noted() was touched, or the ActionID's place may have changed
};

/** Does a header of this name say something about its message, beside the first one? */
bool splice_is_noted(struct span name);
/** Makes the message; new lines end as the original's first one does. The caller owns it. */
struct message *splice_build(const struct splice *splice);

#endif

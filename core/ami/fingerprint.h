// core/ami/fingerprint.h: a short digest by which two processes find out whether they mean the same: an event that both
// have heard, a view that both know. Whoever can write events cannot make two with the same one.  Thread: any.
#ifndef AMI_FINGERPRINT_H
#define AMI_FINGERPRINT_H

#include "ami/message.h"

struct fingerprint {
    unsigned char bytes[16];
};

/** Returns the fingerprint of the bytes. */
struct fingerprint fingerprint_of(struct span bytes);
/** Returns the fingerprint of a message from a server as all its clients get it: without an ActionID. */
struct fingerprint fingerprint_of_message(const struct message *message);
/** Returns <0, 0 or >0: an order for sorting. */
int fingerprint_compare(const struct fingerprint *a, const struct fingerprint *b);

#endif

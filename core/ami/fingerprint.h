// core/ami/fingerprint.h: a short digest. Two processes compare digests to see whether both have heard an event, or
// know a view. Nobody can make two events with the same digest.  Thread: any.
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
/** Compares two fingerprints, for sorting: <0, 0 or >0. */
int fingerprint_compare(const struct fingerprint *a, const struct fingerprint *b);

#endif

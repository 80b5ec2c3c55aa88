// core/ami/reread.h: a message of another proxy's parser or builder becomes the same message again, of its wire bytes,
// whose number is known: where it ends is not guessed a second time.  Thread: its owner's.
#ifndef AMI_REREAD_H
#define AMI_REREAD_H

#include "ami/message.h"

struct reread;

/** Makes a reader. */
struct reread *reread_create(void);
/** Frees a reader. It may be NULL. */
void reread_destroy(struct reread *reread);
/** Makes the message whose message_wire() is `wire`. The caller owns it.
 *  @param from_server  it came from an Asterisk; false: the other proxy made it itself
 *  @return NULL: the bytes are not exactly one message */
struct message *reread_message(struct reread *reread, struct span wire, bool from_server);

#endif
